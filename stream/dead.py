"""Dead letters: what could not be taken in or sent out, kept whole until a person looks."""

from __future__ import annotations

import msgspec

from stream.decide.draft import DeadLetter
from stream.store.ports import Store
from stream.store.program import Many, Program, Sql, execute


async def list_dead(store: Store, *, before: str = "~", limit: int = 100) -> list[DeadLetter]:
    """The newest first, without their raw bytes; `before` is the last id of the former page."""
    return await store.read(_letters("dead_list", before, limit))


async def show_dead(store: Store, ident: str) -> DeadLetter | None:
    """One, with its raw bytes."""
    found = await store.read(_letters("dead_show", ident))
    return found[0] if found else None


async def drop_dead(store: Store, ident: str) -> None:
    """Forget one (it was replayed, or a person decided so)."""
    await store.write(_letters("dead_drop", ident))


async def forget_source(store: Store, letter: DeadLetter) -> None:
    """Let what a letter was made of be taken in under the letter's own deduplication key; a key that stands for a message stays."""
    await store.write(_letters("dead_source_forget", letter.channel, letter.ref, letter.id))


async def keep_dead(store: Store, letter: DeadLetter) -> None:
    """Keep one that belongs to no command."""
    await store.write(execute(Many("save_dead", [msgspec.structs.astuple(letter)])))


async def count_dead(store: Store) -> int:
    """How many there are."""
    return await store.read(_count())


def _letters(name: str, *params: object) -> Program[list[DeadLetter]]:
    rows = yield Sql(name, params)
    return [DeadLetter(**dict(zip(DeadLetter.__struct_fields__, row, strict=True))) for row in rows]


def _count() -> Program[int]:
    rows = yield Sql("dead_count")
    count: int = rows[0][0]
    return count
