"""kill -9 at random moments under load: nothing acknowledged is lost or doubled, order is kept, nobody loses their conversations."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from pathlib import Path

import aiohttp
import msgspec
import pytest

from stream import events as ev
from stream import reads
from stream.journal import recorded
from stream.store import open_store
from stream.store.ports import Store
from stream.store.program import fetch
from tests.floor.house import House, crew
from tests.floor.people import Person, online
from tests.floor.senders import Customers


class Told(msgspec.Struct, kw_only=True):
    """What a run of kills came to."""

    kills: int
    acked: int
    redelivered: int
    lost: int
    doubled: int
    out_of_order: int
    over_capacity: int
    drifted: int
    hand_backs: int
    frames: int
    frame_faults: list[str]
    restart_p50_s: float
    restart_max_s: float
    seconds: float


async def run_of_kills(folder: Path, kills: int, agents: int, conversations: int, senders: int = 48) -> Told:
    """Load, kill, restart, `kills` times; then judge by what the drivers saw and what the database has."""
    started = time.perf_counter()
    house = House(crew(folder, agents, teams=max(1, agents // 10)))
    await house.prepare()
    chance = random.Random(kills)
    restarts = [await house.start()]
    people = [Person(house.url, login, token) for login, token in house.tokens.items()]
    customers = Customers(house.port, senders, conversations)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await online(house.url, people, session)
        customers.start()
        await _all_assigned(people, conversations)
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(0.05, 1.0))
            house.kill()
            restarts.append(await house.start())
        await asyncio.sleep(1.0)
        await customers.stop()
        await asyncio.sleep(1.0)
        for person in people:
            await person.stop()
    house.stop()
    restarts.sort()
    store = open_store(house.store_url)
    await store.open()
    try:
        return await _judge(store, customers, people, kills, restarts, time.perf_counter() - started)
    finally:
        await store.close()


async def _all_assigned(people: list[Person], conversations: int) -> None:
    for _ in range(600):
        if len(set().union(*(person.accepted for person in people))) >= conversations:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("not every conversation reached an agent")


async def _judge(
    store: Store,
    customers: Customers,
    people: list[Person],
    kills: int,
    restarts: list[float],
    seconds: float,
) -> Told:
    kept = await _kept(store)
    stored = Counter(ident for idents in kept.values() for ident in idents)
    wrong_order = sum(
        kept[c] != sorted(kept[c], key=lambda ident: int(ident.rpartition(".")[2])) for c in kept
    )
    acked = [ident for idents in customers.acked.values() for ident in idents]
    agents = await reads.agents(store)
    held = await _held(store)
    return Told(
        kills=kills,
        acked=len(acked),
        redelivered=customers.repeated,
        lost=sum(ident not in stored for ident in acked),
        doubled=sum(count > 1 for count in stored.values()),
        out_of_order=wrong_order,
        over_capacity=sum(agent.load > agent.capacity for agent in agents),
        drifted=sum(agent.load != held[agent.id] for agent in agents),
        hand_backs=await _hand_backs(store),
        frames=sum(len(person.log) for person in people),
        frame_faults=[fault for person in people for fault in person.faults],
        restart_p50_s=round(restarts[len(restarts) // 2], 2),
        restart_max_s=round(restarts[-1], 2),
        seconds=round(seconds, 1),
    )


async def _kept(store: Store) -> dict[str, list[str]]:
    """The message ids of every conversation, in the order of their seq."""
    kept: dict[str, list[str]] = defaultdict(list)
    after = ""
    while True:
        page = await reads.unresolved(store, after)
        if not page:
            return kept
        after = page[-1].id
        for row in page:
            for message in await reads.messages(store, row.id, limit=10**6):
                if message.direction == "in":
                    kept[row.id].append(message.source_key.removeprefix("msg:"))


async def _held(store: Store) -> Counter[str]:
    held: Counter[str] = Counter()
    after = ""
    while page := await reads.unresolved(store, after):
        after = page[-1].id
        for row in page:
            if row.offer is not None:
                held[row.offer.agent] += row.offer.units
            elif row.status == "open" and row.assignee:
                held[row.assignee] += row.units
    return held


async def _hand_backs(store: Store) -> int:
    found = 0
    after = 0
    while rows := await store.read(fetch("journal_after", after, 5000)):
        after = rows[-1][0]
        events = [recorded(*row).event for row in rows]
        found += sum(isinstance(event, ev.ConversationQueued) and bool(event.released) for event in events)
    return found


def assert_nothing_lost(told: Told) -> None:
    """Every promise at once."""
    assert told.acked > 0
    assert told.lost == told.doubled == told.out_of_order == 0, told
    assert told.over_capacity == told.drifted == told.hand_backs == 0, told
    assert told.frame_faults == [], told


@pytest.mark.timeout(180)
async def test_nothing_is_lost_by_ten_kills(tmp_path: Path) -> None:
    assert_nothing_lost(await run_of_kills(tmp_path, kills=10, agents=20, conversations=200))


@pytest.mark.soak
@pytest.mark.alone
@pytest.mark.timeout(1800)
async def test_nothing_is_lost_by_a_hundred_kills(tmp_path: Path) -> None:
    told = await run_of_kills(tmp_path, kills=100, agents=200, conversations=2_000)
    print(msgspec.json.encode(told).decode())
    assert_nothing_lost(told)
