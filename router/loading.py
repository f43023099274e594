"""Reading what routing needs from the store: everything at the start, and the facts that rules ask for. Reads only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from router.inputs import ItemArrived
from router.mirror import Mirror, Said
from router.plan import Plan
from router.rules import Facts
from stream import reads
from stream.journal import Journal
from stream.model import (
    AddressContent,
    Content,
    Conversation,
    ConversationContent,
    Identity,
    MessageContent,
    PersonContent,
)
from stream.store.ports import Store

PAGE = 500


async def load(mirror: Mirror, store: Store, workspace: str) -> None:
    """Agents and all unresolved conversations, page by page, with their contacts."""
    mirror.agents = {agent.id: agent for agent in await reads.agents(store, workspace)}
    after = ""
    while True:
        page = await reads.unresolved(store, after, PAGE)
        mirror.put(row for row in page if row.workspace == workspace)
        await name_contacts(mirror, store, sorted({row.identity for row in page} - mirror.contacts.keys()))
        if len(page) < PAGE:
            return
        after = page[-1].id
        await asyncio.sleep(0)


async def name_contacts(mirror: Mirror, store: Store, identities: Sequence[str]) -> None:
    """Find the contacts of these identities; one that is not there has none."""
    for start in range(0, len(identities), PAGE):
        page = identities[start : start + PAGE]
        found = await reads.identities(store, page)
        mirror.contacts |= {ident: found[ident].contact if ident in found else "" for ident in page}


class Found(msgspec.Struct, frozen=True):
    """What was read for some conversations: their rows, identities and contents, and the profile contents by identity."""

    rows: Mapping[str, Conversation]
    identities: Mapping[str, Identity]
    contents: Mapping[str, Content]
    profiles: Mapping[str, str]


class Reader:
    """Collects the facts of conversations that wait for their rules, in as few reads as possible."""

    def __init__(self, journal: Journal, store: Store, mirror: Mirror) -> None:
        self._journal, self._store, self._mirror = journal, store, mirror

    async def arrivals(self, plan: Plan, now: float) -> list[ItemArrived]:
        """Inputs for every unplaced conversation whose first message is there."""
        waiting = {ident: said for ident, said in self._mirror.unplaced.items() if said is not None}
        if not waiting:
            return []
        found = await self._read(plan, waiting)
        arrived: list[ItemArrived] = []
        for ident, said in waiting.items():
            row = self._mirror.rows.get(ident)
            if row is None or self._mirror.unplaced.get(ident) != said:
                continue
            del self._mirror.unplaced[ident]
            arrived.append(ItemArrived(self._mirror.item(row), facts(row, said, found, now)))
        return arrived

    async def again(self, plan: Plan, idents: Sequence[str], now: float) -> list[ItemArrived]:
        """Inputs for waiting items whose queue is no longer there: the rules look at them once more."""
        rows = [row for ident in idents if (row := self._mirror.rows.get(ident)) is not None]
        said = {row.id: Said("") for row in rows}
        found = await self._read(plan, said)
        empty = {"queue": "", "team": "", "rule": "", "need": (), "opened": ()}
        return [
            ItemArrived(
                msgspec.structs.replace(self._mirror.item(row), **empty), facts(row, said[row.id], found, now)
            )
            for row in rows
        ]

    async def _read(self, plan: Plan, said: Mapping[str, Said]) -> Found:
        """Only what the rules read; most of it is in memory already."""
        rows = {ident: self._mirror.rows[ident] for ident in said if ident in self._mirror.rows}
        rows |= await reads.conversations(
            self._store, [ident for ident, one in said.items() if not one.content]
        )
        return await find(self._store, self._journal.contents, plan.rules.reads, rows, said)


async def find(
    store: Store,
    contents: Callable[[list[str]], Awaitable[Mapping[str, Content]]],
    names: frozenset[str],
    rows: Mapping[str, Conversation],
    said: Mapping[str, Said],
) -> Found:
    """What rules that read `names` may ask about these conversations."""
    wanted = [said[ident].content or row.preview for ident, row in rows.items()] + [
        row.about for row in rows.values()
    ]
    people = any(name.startswith("contact.") for name in names)
    identities: dict[str, Identity] = {}
    profiles: dict[str, str] = {}
    if people or names & {"address", "domain", "verified"}:
        identities = await reads.identities(store, [row.identity for row in rows.values()])
        wanted += [identity.address for identity in identities.values()]
    if people:
        found = await reads.contacts(store, [identity.contact for identity in identities.values()])
        profiles = {
            ident: found[one.contact].profile for ident, one in identities.items() if one.contact in found
        }
        wanted += profiles.values()
    return Found(rows, identities, await contents([ident for ident in wanted if ident]), profiles)


def facts(row: Conversation, said: Said, found: Found, now: float) -> Facts:
    """What the rules may ask about a conversation."""
    stored = found.rows.get(row.id, row)
    message, about = found.contents.get(said.content or stored.preview), found.contents.get(row.about)
    identity = found.identities.get(row.identity)
    address = found.contents.get(identity.address) if identity else None
    profile = found.contents.get(found.profiles.get(row.identity, ""))
    spoken = message if isinstance(message, MessageContent) else MessageContent()
    subject = about.subject if isinstance(about, ConversationContent) else ""
    return Facts(
        at=now,
        channel=row.channel,
        connector=row.connector,
        language=row.language,
        text=spoken.text,
        subject=spoken.subject or subject,
        address=address.value if isinstance(address, AddressContent) else "",
        verified=identity.verified if identity else "channel",
        returning=bool(row.previous or row.last_agent),
        automatic=said.automatic,
        attachments=len(spoken.attachments),
        tags=row.tags,
        attributes=profile.attributes if isinstance(profile, PersonContent) else {},
    )
