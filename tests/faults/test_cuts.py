"""Sockets cut at random under load: every agent's log is what they may see, in order, without gap or repeat, also across a restart."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import aiohttp
import pytest

from inbox.policy import person_of, sees
from stream import reads
from stream.journal import recorded
from stream.store import open_store
from stream.store.program import fetch
from tests.floor.house import House, crew
from tests.floor.people import Person, online
from tests.floor.senders import Customers


async def cut_at_random(
    folder: Path, agents: int, conversations: int, seconds: float, senders: int = 16
) -> tuple[int, int]:
    """Run a house, cut lines all the time; (frames, resumes). Fails on the first log that is not right."""
    house = House(crew(folder, agents, teams=max(1, agents // 10)))
    await house.prepare()
    await house.start()
    chance = random.Random(3)
    people = [Person(house.url, login, token) for login, token in house.tokens.items()]
    customers = Customers(house.port, senders, conversations)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await online(house.url, people, session)
        customers.start()
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            for person in chance.sample(people, max(1, agents // 20)):
                person.cut()
            await asyncio.sleep(chance.uniform(0.02, 0.2))
        await customers.stop()
        await asyncio.sleep(2.0)
        for person in people:
            await person.stop()
    house.stop()
    await _judge(house, people)
    return sum(len(person.log) for person in people), sum(person.resumes for person in people)


async def _judge(house: House, people: list[Person]) -> None:
    store = open_store(house.store_url)
    await store.open()
    try:
        agents = {agent.id: agent for agent in await reads.agents(store)}
        rows = await store.read(fetch("journal_after", 0, 10**7))
    finally:
        await store.close()
    events = [recorded(*row) for row in rows]
    for person in people:
        assert person.faults == [], person.faults[:3]
        assert not person.told_to_start_over, f"{person.login} had to start over: {person.told_to_start_over}"
        who = person_of(person.login, "agent", agents, everything=False)
        first = person.log[0]
        visible = [
            r.n for r in events
            if r.n > first and r.scope is not None and (sees(who, r.scope) or (r.scope.was is not None and sees(who, r.scope.was)))
        ]  # fmt: skip
        missing = set(visible) - set(person.log)
        assert not missing, f"{person.login} never saw {sorted(missing)[:5]} of {len(visible)}"
        assert person.log == sorted(set(person.log))


@pytest.mark.timeout(120)
async def test_cut_sockets_lose_and_repeat_nothing(tmp_path: Path) -> None:
    frames, resumes = await cut_at_random(tmp_path, agents=50, conversations=200, seconds=6.0)
    assert frames > 1000
    assert resumes > 50


@pytest.mark.soak
@pytest.mark.alone
@pytest.mark.timeout(600)
async def test_cut_sockets_lose_and_repeat_nothing_for_long(tmp_path: Path) -> None:
    """Few senders: who is cut again while catching up must not fall 10,000 events behind, for then a new snapshot is right."""
    frames, resumes = await cut_at_random(tmp_path, agents=500, conversations=2_000, seconds=90.0, senders=3)
    print(f'{{"soak": "cuts", "agents": 500, "frames": {frames}, "resumes": {resumes}, "faults": 0}}')
    assert resumes > 1000
