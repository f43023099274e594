"""Erasing a person: everything that was said with them, their names and addresses, the raw input that it came in, and dead letters.

Events stay: they carry ids only, once a provider's answers and agents' grounds are taken out of them. So do the digests by which
addresses, deliveries and conversations are known again. What is theirs is found by keys (`tracing.py`). Files go with the next sweep
(`sweep.py`), search entries with the erased content. A dead letter, or input that matched nobody, is theirs when it holds one of their
addresses, or came in the very bytes of a message of theirs (one request with several messages).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

import msgspec

from stream import commands as cmd
from stream import raw, reads
from stream.dead import drop_dead, list_dead, show_dead
from stream.decide.bounds import MAX_ERASED
from stream.ids import new_token
from stream.journal import Journal
from stream.model import AddressContent, Author, Message
from stream.saving import json_text
from stream.store.program import Many, Program, Sql, execute
from stream.tracing import Trace, inputs_of, nobodys, parts, together, trace, wordless

SHORTEST = 5
"""A shorter address is no mark of a person."""
LETTERS = 200
_message = msgspec.json.Decoder(Message).decode


class NotErased(Exception):
    """It cannot be done so; the sentence says why."""


class Erasure(msgspec.Struct, frozen=True):
    """How much went: content rows, raw inputs, dead letters."""

    contents: int
    raw: int
    letters: int


async def erase_contact(journal: Journal, ident: str, by: Author, reason: str = "") -> Erasure:
    """Erase a contact and those merged into it. Raises `LookupError`, `NotErased`, `StoreError`.

    Harmless when it is done again, and to be done again when it was interrupted.
    """
    contact = await reads.contact(journal.store, ident)
    if contact is None:
        raise LookupError(f"there is no contact {ident}")
    if contact.merged_into:
        raise NotErased(f"it was merged into {contact.merged_into}: erase that one, or undo the merge first")
    found = await trace(journal.store, contact)
    addresses = await journal.contents([row.address for row in found.identities])
    marks = Marks([row.value for row in addresses.values() if isinstance(row, AddressContent)])
    forgotten = await _forget_raw(journal, found, marks)
    letters = await _drop_letters(journal, found, marks)
    await _silence(journal, found)
    contents = sorted(found.contents)
    for start in range(0, len(contents), MAX_ERASED):
        command = cmd.EraseContent(
            token=new_token(),
            workspace=contact.workspace,
            contents=tuple(contents[start : start + MAX_ERASED]),
            by=by,
            reason=reason,
        )
        result = await journal.submit(command)
        if isinstance(result, cmd.Refused):
            raise NotErased(result.sentence)
    return Erasure(len(contents), forgotten, letters)


class Marks:
    """What tells that raw bytes are a person's: an address as a whole word, or bytes that were theirs for certain."""

    def __init__(self, values: Iterable[str]) -> None:
        words = [re.escape(value.encode()) for value in values if len(value) >= SHORTEST]
        told = rb"(?<![0-9A-Za-z])(?:" + b"|".join(words) + rb")(?![0-9A-Za-z])"
        self._words = re.compile(told, re.IGNORECASE) if words else None
        self._theirs: set[bytes] = set()

    def learn(self, said: bytes) -> None:
        """These bytes are theirs."""
        if said:
            self._theirs.add(sha256(said).digest())

    def on(self, said: bytes) -> bool:
        """Whether these are."""
        return bool(self._words and self._words.search(said)) or sha256(said).digest() in self._theirs


async def _forget_raw(journal: Journal, found: Trace, marks: Marks) -> int:
    """First find out which bytes are theirs, then drop them: an interrupted erasure finds as much again.

    Messages of one request have its bytes once, with the first of them: without any of their own, all that was kept in the same
    moment goes.
    """
    store = journal.store
    mine = [one for one in await inputs_of(store, found) if one.raw]
    moments: dict[tuple[str, float], raw.Input] = {}
    for one in mine:
        said = await reads.raw_input(store, one.channel, one.source_key)
        if said:
            marks.learn(said)
        else:
            moments[one.channel, one.at] = one
    for one in moments.values():
        mine += [other for other in await together(store, one) if other.raw]
    for owner in (raw.DEAD, raw.NOBODY):
        async for one in nobodys(store, owner):
            if marks.on(await reads.raw_input(store, one.channel, one.source_key) or b""):
                mine.append(one)
    keys = [(channel, key) for channel, some in found.keys.items() for key in some]
    await store.write(execute(Many("media_drop", keys)))
    return await raw.forget(store, list(dict.fromkeys(mine)))


async def _drop_letters(journal: Journal, found: Trace, marks: Marks) -> int:
    gone, before = 0, "~"
    while page := await list_dead(journal.store, before=before, limit=LETTERS):
        for letter in page:
            whole = await show_dead(journal.store, letter.id)
            if whole is None:
                continue
            theirs = marks.on(whole.raw or b"") or marks.on(letter.error.encode())
            if theirs or letter.ref in found.messages:
                await drop_dead(journal.store, letter.id)
                gone += 1
        before = page[-1].id
    return gone


async def _silence(journal: Journal, found: Trace) -> None:
    """Take a provider's answers and agents' grounds out of events and messages that stay."""
    for start in range(0, len(found.worded), LETTERS):
        some = found.worded[start : start + LETTERS]
        rows = [(one.n, json_text(wordless(one.event))) for one in some]
        await journal.store.write(execute(Many("journal_redact", rows)))
    for idents in parts(found.failed):
        await journal.store.write(_forget_errors(idents))


def _forget_errors(idents: list[str]) -> Program[None]:
    """Behind the head row's lock, so that no append writes an older row over it."""
    yield Sql("head_lock")
    rows = yield Sql("load_message", (idents,))
    quiet = [(ident, msgspec.structs.replace(_message(body), error="")) for ident, body in rows]
    yield Many("change_message", [(ident, json_text(row)) for ident, row in quiet])
