"""Search: normalised words of messages, subjects, contacts and addresses, fed by a follower of the journal in batches.

Never in the acknowledging transaction: at most `LAG_SECONDS` behind, with an own cursor, so that it can be rebuilt at any time. What is
indexed, and as which words, is `indexing.py`.
"""

from __future__ import annotations

import asyncio

import msgspec

from stream import reads
from stream.indexing import CURSOR, words
from stream.journal import Journal, Trimmed
from stream.model import DEFAULT_WORKSPACE
from stream.store.ports import Store, StoreError
from stream.store.program import Program, Sql, fetch
from stream.visibility import Visibility

LAG_SECONDS = 0.5
BATCH = 400
MAX_WORDS = 12


class Hit(msgspec.Struct, frozen=True):
    """One found thing; `id` is the cursor. `ref` is a message, conversation, contact or identity id by `kind`."""

    id: int
    kind: str
    ref: str
    conversation: str
    contact: str


def match(query: str, dialect: str) -> str:
    """A query as the database's match expression: every word must be there, the last one may be a beginning. Empty for no words."""
    found = words(query)[:MAX_WORDS]
    if dialect == "sqlite":
        return " AND ".join(f'"{word}"*' for word in found)
    return " & ".join(f"{word}:*" for word in found)


async def search(
    store: Store,
    query: str,
    visible_to: Visibility,
    *,
    before: int = 2**62,
    limit: int = 30,
    workspace: str = DEFAULT_WORKSPACE,
) -> list[Hit]:
    """The newest things that have all words of `query` (as beginnings of words) and that `visible_to` may see."""
    expression = match(query, store.dialect)
    if not expression:
        return []
    rows = await store.read(fetch("search_find", *visible_to.params(), workspace, expression, before, limit))
    return [Hit(*row) for row in rows]


class SearchFollower:
    """Keeps the index up with the journal. One per deployment is enough; several do no harm."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.indexed = 0

    async def run(self) -> None:
        """Follow until cancelled. A database that is away is tried again."""
        while True:
            try:
                await self._follow()
            except StoreError:
                await asyncio.sleep(1.0)
            else:
                return

    async def _follow(self) -> None:
        self.indexed = await self._journal.writer.index(BATCH)
        async for _batch in self._journal.follow(self.indexed):
            await asyncio.sleep(LAG_SECONDS / 2)
            while self.indexed < self._journal.head:
                self.indexed = await self._journal.writer.index(BATCH)

    async def rebuild(self) -> None:
        """Forget the index; the follower makes it anew from the journal. Raises `Trimmed` when that no longer has everything."""
        first = await reads.first_number(self._journal.store)
        if first > 1:
            raise Trimmed(f"The journal begins at {first}: an index made from it would lack what was before.")
        await self._journal.store.write(_clear())


def _clear() -> Program[None]:
    yield Sql("search_clear")
    yield Sql("search_clear_docs")
    yield Sql("save_checkpoint", (*CURSOR, "0"))
