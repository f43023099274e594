"""Erasing a person: everything that was said with them, their names and addresses, the raw input that it came in, and dead letters.

Events stay: they carry ids only. So do the digests by which addresses, deliveries and conversations are known again. The journal is
read once from its beginning, in pages, because old profiles and old texts are only named there. Files go with the next sweep
(`sweep.py`), search entries with the erased content. What cannot be read for certain (a dead letter) is matched by the addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

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
    """Erase a contact and those merged into it. Raises `LookupError`, `ValueError` when it was merged itself, `StoreError`.

    Harmless when it is done again, and to be done again when it was interrupted.
    """
    contact = await reads.contact(journal.store, ident)
    if contact is None:
        raise LookupError(f"there is no contact {ident}")
    if contact.merged_into:
        raise ValueError(f"it was merged into {contact.merged_into}: erase that one, or undo the merge first")
    identities = await reads.identities_of(journal.store, ident)
    trace = Trace(await _family(journal, ident), [row.id for row in identities])
    addresses = await journal.contents([row.address for row in identities])
    marks = mark_of([row.value for row in addresses.values() if isinstance(row, AddressContent)])
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
            raise ValueError(result.sentence)
    return Erasure(len(contents), forgotten, letters)


async def _family(journal: Journal, ident: str) -> list[str]:
    """The contact and all that were merged into it, at whatever depth."""
    found = [ident]
    for one in found:
        found += [row.id for row in await reads.contacts_merged_into(journal.store, one)]
    return found


def mark_of(values: Iterable[str]) -> re.Pattern[bytes] | None:
    """What finds these addresses in raw bytes, as whole words; None when there is none that could."""
    words = [re.escape(value.encode()) for value in values if len(value) >= SHORTEST]
    if not words:
        return None
    return re.compile(rb"(?<![0-9A-Za-z])(?:" + b"|".join(words) + rb")(?![0-9A-Za-z])", re.IGNORECASE)


async def _forget_raw(journal: Journal, trace: Trace, marks: re.Pattern[bytes] | None) -> int:
    gone, after = 0, raw.BEGIN
    refs = trace.messages | trace.identities
    while page := await raw.page_of(journal.store, after):
        mine = [one for one in page if one.ref in refs]
        for one in page:
            if marks and one.raw and one.ref.startswith("dead_"):
                said = await reads.raw_input(journal.store, one.channel, one.source_key)
                mine += [one] if said and marks.search(said) else []
        gone += await raw.forget(journal.store, mine)
        after = (page[-1].channel, page[-1].source_key)
    return gone


async def _drop_letters(journal: Journal, trace: Trace, marks: re.Pattern[bytes] | None) -> int:
    gone, before = 0, "~"
    while page := await list_dead(journal.store, before=before, limit=LETTERS):
        for letter in page:
            whole = await show_dead(journal.store, letter.id)
            said = (whole.raw or b"") + letter.error.encode() if whole else b""
            if letter.ref in trace.messages or (marks and marks.search(said)):
                await drop_dead(journal.store, letter.id)
                gone += 1
        before = page[-1].id
    return gone
