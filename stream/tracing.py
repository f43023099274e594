"""What belongs to a person, found by keys: from their contact to their conversations, what was said there, and the input that it came in.

Reads only, and only rows of theirs, however long the journal is. What is done with it is `erasing.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence

import msgspec

from stream import events as ev
from stream import reads
from stream.model import Contact, Conversation, Identity, Message
from stream.raw import Input
from stream.store.ports import Store
from stream.store.program import fetch

PAGE = 500
NEAR = 5_000
"""So far apart are at most the numbers of events that one group appends."""
CONTENT_FIELDS = ("content", "profile", "address", "about", "explain", "preview")
WORDS = ("error", "reason")
"""What others may have written freely into an event: a provider's answer, an agent's grounds."""
_decode = msgspec.json.Decoder(ev.AnyEvent).decode


class Trace:
    """What belongs to a person. `keys` are deduplication keys of their messages by channel, `worded` their events with free words."""

    def __init__(self) -> None:
        self.identities: list[Identity] = []
        self.contents: set[str] = set()
        self.messages: set[str] = set()
        self.failed: set[str] = set()
        self.keys: dict[str, set[str]] = defaultdict(set)
        self.worded: list[ev.Recorded] = []

    def name(self, row: object) -> None:
        """Note the contents that a row or an event names."""
        self.contents.update(name for field in CONTENT_FIELDS if (name := getattr(row, field, "")))

    def said(self, channel: str, row: Message) -> None:
        """Note a message of a conversation of theirs."""
        self.name(row)
        self.messages.add(row.id)
        if row.error:
            self.failed.add(row.id)
        if row.source_key:
            self.keys[channel].add(row.source_key)

    def hear(self, recorded: ev.Recorded) -> None:
        """Note an event of a conversation of theirs."""
        self.name(recorded.event)
        if wordless(recorded.event) is not recorded.event:
            self.worded.append(recorded)


def wordless(event: ev.AnyEvent) -> ev.AnyEvent:
    """An event without what others wrote freely into it; the very same when there is nothing."""
    said = {field: "" for field in WORDS if getattr(event, field, "")}
    return msgspec.structs.replace(event, **said) if said else event


async def trace(store: Store, contact: Contact) -> Trace:
    """Everything of a contact and of those merged into it. Raises `StoreError`."""
    found = Trace()
    family = await _family(store, contact)
    found.identities = await reads.identities_of(store, contact.id)
    for row in (*family, *found.identities):
        found.name(row)
    owners = [row.id for row in family]
    async for conversation in _conversations(store, [row.id for row in found.identities]):
        owners.append(conversation.id)
        await _hear_all(store, found, conversation)
    for some in parts(owners):
        found.contents.update(row[0] for row in await store.read(fetch("past", some)))
    return found


async def _family(store: Store, contact: Contact) -> list[Contact]:
    """The contact and all that were merged into it, at whatever depth."""
    found = [contact]
    for one in found:
        found += await reads.contacts_merged_into(store, one.id)
    return found


async def _conversations(store: Store, identities: Sequence[str]) -> AsyncIterator[Conversation]:
    before = "~"
    while page := await reads.conversations_of(store, identities, before, PAGE):
        for row in page:
            yield row
        before = page[-1].id


async def _hear_all(store: Store, found: Trace, conversation: Conversation) -> None:
    found.name(conversation)
    before, after = 2**53, 0
    while page := await reads.messages(store, conversation.id, before, PAGE):
        for row in page:
            found.said(conversation.channel, row)
        before = page[0].seq
    while events := await reads.events_of(store, conversation.id, after, PAGE):
        for one in events:
            found.hear(one)
        after = events[-1].n


# --- input -------------------------------------------------------------------------------------------------------


async def inputs_of(store: Store, found: Trace) -> list[Input]:
    """The deliveries that their messages came in, and those about their messages and addresses (edits, receipts, what was not taken in)."""
    rows: list[Input] = []
    for channel, keys in found.keys.items():
        rows += await under(store, channel, keys)
    refs = [*found.messages, *(row.id for row in found.identities)]
    for some in parts(refs):
        rows += [Input(*row) for row in await store.read(fetch("inputs_of", some))]
    return list(dict.fromkeys(rows))


async def under(store: Store, channel: str, keys: Iterable[str]) -> list[Input]:
    """The deliveries of these keys."""
    rows: list[Input] = []
    for some in parts(keys):
        rows += [Input(*row) for row in await store.read(fetch("inputs_under", channel, some))]
    return rows


async def together(store: Store, one: Input) -> list[Input]:
    """What came in the same moment on the same channel: messages by their events, the rest by the moment."""
    rows = await store.read(fetch("journal_moment", one.n - NEAR, one.n + NEAR, one.at))
    heard = [event for (body,) in rows if isinstance(event := _decode(body), ev.MessageReceived)]
    there = await reads.conversations(store, list({event.conversation for event in heard}))
    keys = {
        event.source_key
        for event in heard
        if (row := there.get(event.conversation)) is not None and row.channel == one.channel
    }
    others = [Input(*row) for row in await store.read(fetch("inputs_at", one.channel, one.at))]
    return [row for row in await under(store, one.channel, keys) if row.at == one.at] + others


async def nobodys(store: Store, owner: str) -> AsyncIterator[Input]:
    """Dead letters (`raw.DEAD`), or what matched nobody (""), as long as its bytes are there."""
    after = ("", "")
    while page := [Input(*row) for row in await store.read(fetch("inputs_nobodys", owner, *after, PAGE))]:
        for one in page:
            if one.raw:
                yield one
        after = (page[-1].channel, page[-1].source_key)


def parts(keys: Iterable[str]) -> list[list[str]]:
    """In lists that a statement takes."""
    every = list(keys)
    return [every[start : start + PAGE] for start in range(0, len(every), PAGE)]
