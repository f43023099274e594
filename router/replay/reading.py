"""The journal read for a replay, page by page and twice: once for how long everything took, once to play it under both plans. Reads only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import cast

import msgspec

from router.inputs import Colleague, Item
from router.loading import facts, find
from router.mirror import Said
from router.plan import Plan
from router.replay.playing import Playing
from router.replay.survey import Survey
from stream import events as ev
from stream import reads
from stream.fold import fold_row
from stream.journal import recorded
from stream.model import Conversation, Identity
from stream.store.ports import Store
from stream.store.program import fetch

PAGE = 2_000


class Side(msgspec.Struct, frozen=True):
    """A plan and its team."""

    plan: Plan
    team: tuple[Colleague, ...]


async def surveyed(store: Store, since: float) -> tuple[Survey, int, int]:
    """What was recorded from `since` seconds ago until now, and the numbers between which it lies. Raises `TooMany`, `StoreError`."""
    head = (await store.read(fetch("head")))[0][0]
    now = (await store.read(fetch("database_now")))[0][0]
    first = await _first(store, now - since, head)
    begins = await _at(store, first, head)
    survey = Survey(max(now - since, begins if begins is not None else now))
    async for page in _pages(store, first, head):
        survey.tell(page)
    survey.close()
    return survey, first, head


async def replay(store: Store, sides: tuple[Side, Side], since: float) -> tuple[Survey, list[Playing]]:
    """What was recorded from `since` seconds ago until now, played under both plans. Raises `TooMany`, `StoreError`."""
    survey, first, head = await surveyed(store, since)
    players = [Playing(side.plan, side.team, survey) for side in sides]
    feeder = _Feeder(store, survey, players)
    await feeder.begin()
    async for page in _pages(store, first, head):
        await feeder.feed(page)
    for player in players:
        player.close()
    return survey, players


async def _at(store: Store, after: int, head: int) -> float | None:
    """The time of the first event after a number."""
    rows = await store.read(fetch("journal_after", after, 1)) if after < head else ()
    return float(rows[0][1]) if rows else None


async def _first(store: Store, moment: float, head: int) -> int:
    """The number after which everything is as young as that."""
    low, high = 0, head
    while low < high:
        middle = (low + high) // 2
        at = await _at(store, middle, head)
        if at is None or at >= moment:
            high = middle
        else:
            low = middle + 1
    return low


async def _pages(store: Store, after: int, head: int) -> AsyncIterator[list[ev.Recorded]]:
    while after < head:
        rows = await store.read(fetch("journal_after", after, min(PAGE, head - after)))
        page = [recorded(n, at, body, None) for n, at, body, _ in rows if n <= head]
        if not page:
            return
        yield page
        after = page[-1].n
        await asyncio.sleep(0)


class _Coming(msgspec.Struct):
    """A conversation that has come and whose first message is looked for."""

    index: int
    row: Conversation | None
    said: Said | None = None
    at: float = 0.0


class _Feeder:
    """The second reading: arrivals with their facts, and who was there, in their order."""

    def __init__(self, store: Store, survey: Survey, players: list[Playing]) -> None:
        self._store, self._survey, self._players = store, survey, players
        self._names = frozenset[str]().union(*(player.plan.rules.reads for player in players))
        self._coming: dict[str, _Coming] = {}
        self._count = 0
        self._early = {index for index, _ in survey.waiting} | {one.index for one in survey.held}
        self._contents = partial(reads.contents, store)

    async def begin(self) -> None:
        """Who was online when the recording begins, and what was there already."""
        status = {row.id: str(row.status) for row in await reads.agents(self._store)} | self._survey.status
        online = [ident for ident, one in status.items() if one == "online"]
        for player in self._players:
            player.begin(online, self._survey.held)
        known = await reads.conversations(self._store, [ident for _, ident in self._survey.waiting])
        there = {
            ident: _Coming(index, known[ident], Said(known[ident].preview), self._survey.start)
            for index, ident in self._survey.waiting
            if ident in known
        }
        await self._arrive(there)

    async def feed(self, page: list[ev.Recorded]) -> None:
        """The next events."""
        ready: dict[str, _Coming] = {}
        changes: list[tuple[float, ev.AgentStatusChanged]] = []
        for one in page:
            event, kind = one.event, type(one.event)
            if kind is ev.ConversationStarted or kind is ev.ConversationReopened:
                self._comes(cast("ev.ConversationStarted", event), one.at)
            elif kind is ev.MessageReceived or kind is ev.ReplyQueued:
                message = cast("ev.MessageReceived", event)
                coming = self._coming.get(message.conversation)
                if coming is not None:
                    coming.said, coming.at = Said(message.content, message.automatic), one.at
                    # one that comes twice within a page is a conversation of its own each time
                    ready[f"{message.conversation}/{coming.index}"] = self._coming.pop(message.conversation)
            elif kind is ev.ConversationResolved:
                self._coming.pop(cast("ev.ConversationResolved", event).conversation, None)
            elif kind is ev.AgentStatusChanged:
                changes.append((one.at, cast("ev.AgentStatusChanged", event)))
        await self._arrive(ready, changes)

    def _comes(self, event: ev.ConversationStarted | ev.ConversationReopened, at: float) -> None:
        """Numbers are given as the survey gave them."""
        if isinstance(event, ev.ConversationStarted) and event.spam:
            return
        while self._count in self._early:
            self._count += 1
        row = None
        if isinstance(event, ev.ConversationStarted):
            row = cast("Conversation", fold_row(("conversation", event.conversation), None, event, at))
        self._coming[event.conversation] = _Coming(self._count, row)
        self._count += 1

    async def _arrive(
        self, ready: dict[str, _Coming], changes: Iterable[tuple[float, ev.AgentStatusChanged]] = ()
    ) -> None:
        again = [key.partition("/")[0] for key, one in ready.items() if one.row is None]
        stored = await reads.conversations(self._store, again)
        rows: dict[str, Conversation] = {}
        for key, one in ready.items():
            row = one.row or stored.get(key.partition("/")[0])
            if row is not None:
                rows[key] = row
        said = {key: one.said for key, one in ready.items() if one.said is not None}
        found = await find(self._store, self._contents, self._names, rows, said)
        people = await reads.identities(self._store, [row.identity for row in rows.values()])
        there = [(one.at, key, one) for key, one in ready.items() if key in rows]
        waiting = iter(sorted(changes, key=lambda change: change[0]))
        change = next(waiting, None)
        for at, key, one in sorted(there, key=lambda one: one[0]):
            while change is not None and change[0] <= at:
                self._status(*change)
                change = next(waiting, None)
            told = msgspec.structs.replace(found, rows={rows[key].id: rows[key]})
            given = facts(rows[key], said[key], told, at)
            item = _item(rows[key], people)
            for player in self._players:
                player.arrive(one.index, rows[key].id, item, given)
        while change is not None:
            self._status(*change)
            change = next(waiting, None)

    def _status(self, at: float, event: ev.AgentStatusChanged) -> None:
        for player in self._players:
            player.set_status(event.agent, event.status, at)


def _item(row: Conversation, people: dict[str, Identity]) -> Item:
    """A conversation as it comes; what became of it later is not told."""
    who = people.get(row.identity)
    return Item(id=row.id, channel=row.channel, connector=row.connector, contact=who.contact if who else "")
