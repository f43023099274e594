"""Erasing a person: everything that was said with them, their names and addresses, the raw input that it came in, and dead letters.

Events stay: they carry ids only. So do the digests by which addresses, deliveries and conversations are known again. The journal is
read once from its beginning, in pages, because old profiles and old texts are only named there. Files go with the next sweep
(`sweep.py`), search entries with the erased content. A dead letter is theirs when it holds one of their addresses, or came in the very
bytes of a message of theirs (one request with several messages).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from hashlib import sha256

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream import raw, reads
from stream.dead import drop_dead, list_dead, show_dead
from stream.decide.bounds import MAX_ERASED
from stream.ids import new_token
from stream.journal import READ_PAGE, Journal
from stream.model import AddressContent, Author

CONTENT_FIELDS = ("content", "profile", "address", "about", "explain")
SHORTEST = 5
"""A shorter address is no mark of a person."""
LETTERS = 200


class NotErased(Exception):
    """It cannot be done so; the sentence says why."""


class Erasure(msgspec.Struct, frozen=True):
    """How much went: content rows, raw inputs, dead letters."""

    contents: int
    raw: int
    letters: int


class Trace:
    """What belongs to a person, found by hearing every event in order. Pure."""

    def __init__(self, contacts: Iterable[str], identities: Iterable[str]) -> None:
        self.contacts = set(contacts)
        self.identities = set(identities)
        self.conversations: set[str] = set()
        self.messages: set[str] = set()
        self.contents: set[str] = set()

    def hear(self, event: ev.AnyEvent) -> None:
        """Note the contents that `event` names, if it is about this person."""
        if isinstance(event, ev.ConversationStarted) and event.identity in self.identities:
            self.conversations.add(event.conversation)
        if not self._mine(event):
            return
        if isinstance(event, ev.MessageReceived | ev.ReplyQueued | ev.NoteAdded):
            self.messages.add(event.message)
        self.contents.update(name for field in CONTENT_FIELDS if (name := getattr(event, field, "")))

    def _mine(self, event: ev.AnyEvent) -> bool:
        if isinstance(event, ev.ConversationEvent):
            return event.conversation in self.conversations
        if isinstance(event, ev.IdentityAdded):
            return event.identity in self.identities
        return getattr(event, "contact", "") in self.contacts


async def erase_contact(journal: Journal, ident: str, by: Author, reason: str = "") -> Erasure:
    """Erase a contact and those merged into it. Raises `LookupError`, `NotErased`, `StoreError`.

    Harmless when it is done again, and to be done again when it was interrupted.
    """
    contact = await reads.contact(journal.store, ident)
    if contact is None:
        raise LookupError(f"there is no contact {ident}")
    if contact.merged_into:
        raise NotErased(f"it was merged into {contact.merged_into}: erase that one, or undo the merge first")
    identities = await reads.identities_of(journal.store, ident)
    trace = Trace(await _family(journal, ident), [row.id for row in identities])
    addresses = await journal.contents([row.address for row in identities])
    marks = Marks([row.value for row in addresses.values() if isinstance(row, AddressContent)])
    after = 0
    while page := await journal.read(after, READ_PAGE):
        for recorded in page:
            trace.hear(recorded.event)
        after = page[-1].n
    forgotten = await _forget_raw(journal, trace, marks)
    letters = await _drop_letters(journal, trace, marks)
    contents = sorted(trace.contents)
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


async def _family(journal: Journal, ident: str) -> list[str]:
    """The contact and all that were merged into it, at whatever depth."""
    found = [ident]
    for one in found:
        found += [row.id for row in await reads.contacts_merged_into(journal.store, one)]
    return found


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


async def _inputs(journal: Journal) -> AsyncIterator[list[raw.Input]]:
    after = raw.BEGIN
    while page := await raw.page_of(journal.store, after):
        yield page
        after = (page[-1].channel, page[-1].source_key)


async def _forget_raw(journal: Journal, trace: Trace, marks: Marks) -> int:
    """First find out which bytes are theirs, then drop them: an interrupted erasure finds as much again.

    Messages of one request have its bytes once, with the first of them: without any of their own, all that was kept in the same
    moment goes.
    """
    mine: list[raw.Input] = []
    dead: list[raw.Input] = []
    refs = trace.messages | trace.identities
    async for page in _inputs(journal):
        mine += [one for one in page if one.raw and one.ref in refs]
        dead += [one for one in page if one.raw and one.ref.startswith("dead_")]
    together: set[tuple[str, float]] = set()
    for one in mine:
        said = await reads.raw_input(journal.store, one.channel, one.source_key)
        if said:
            marks.learn(said)
        else:
            together.add((one.channel, one.at))
    if together:
        async for page in _inputs(journal):
            mine += [one for one in page if one.raw and (one.channel, one.at) in together]
    for one in dead:
        if marks.on(await reads.raw_input(journal.store, one.channel, one.source_key) or b""):
            mine.append(one)
    return await raw.forget(journal.store, list(dict.fromkeys(mine)))


async def _drop_letters(journal: Journal, trace: Trace, marks: Marks) -> int:
    gone, before = 0, "~"
    while page := await list_dead(journal.store, before=before, limit=LETTERS):
        for letter in page:
            whole = await show_dead(journal.store, letter.id)
            if whole is None:
                continue
            theirs = marks.on(whole.raw or b"") or marks.on(letter.error.encode())
            if theirs or letter.ref in trace.messages:
                await drop_dead(journal.store, letter.id)
                gone += 1
        before = page[-1].id
    return gone
