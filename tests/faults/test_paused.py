"""Two router processes over one PostgreSQL, and the one that leads is stopped for longer than its lease and goes on: it changes nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from stream import events as ev
from stream import reads
from stream.journal import recorded
from stream.leases import holder
from stream.store import open_store
from stream.store.ports import Store
from stream.store.program import fetch
from tests.bench.load import Poster, signed_request
from tests.floor.house import SECRET, House, crew, free_port
from tests.floor.people import Person, online

PATIENCE = 60.0


async def until(true: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.05)


async def write(port: int, first: int, count: int) -> None:
    """So many new conversations."""
    line = (await asyncio.get_running_loop().create_connection(Poster, "127.0.0.1", port))[1]
    for number in range(first, first + count):
        assert await line.post(signed_request("/hooks/shop", SECRET, f"m{number}", f"c{number}")) // 100 == 2


async def judge(store: Store) -> Counter[str]:
    """How often each conversation was queued, offered and accepted; every one exactly once."""
    seen: Counter[str] = Counter()
    after = 0
    while rows := await store.read(fetch("journal_after", after, 1_000)):
        for one in (recorded(*row) for row in rows):
            after = one.n
            if isinstance(one.event, ev.ConversationQueued | ev.OfferMade | ev.ConversationAssigned):
                seen[f"{type(one.event).__name__} {one.event.conversation}"] += 1
    assert not {key: count for key, count in seen.items() if count != 1}
    return Counter(key.split()[0] for key in seen)


@pytest.mark.soak
@pytest.mark.timeout(300)
async def test_a_leader_that_was_stopped_and_goes_on_decides_nothing(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    house = House(crew(tmp_path / "house", 4, store=postgres_url, bus=redis_url))
    await house.prepare()
    store = open_store(postgres_url)
    await store.open()
    try:
        house.spawn("inbox", "connectors", port=house.port)
        first = house.spawn("router", port=free_port())
        await house.ready(house.url)
        people = [Person(house.url, login, token) for login, token in house.tokens.items()]
        async with aiohttp.ClientSession() as session:
            await online(house.url, people, session)
        await write(house.port, 0, 20)
        await until(lambda: sum(len(one.accepted) for one in people) == 20)
        led = await holder(store, "router")
        house.spawn("router", port=free_port())
        await asyncio.sleep(2.0)
        os.kill(first.pid, signal.SIGSTOP)
        await write(house.port, 20, 20)
        await until(lambda: sum(len(one.accepted) for one in people) == 40)
        os.kill(first.pid, signal.SIGCONT)
        await write(house.port, 40, 20)
        await until(lambda: sum(len(one.accepted) for one in people) == 60)
        leads = await holder(store, "router")
        assert led is not None
        assert leads is not None
        assert leads.epoch > led.epoch
        await until(lambda: "stepped_down" in house.log())
        while sum(row.load for row in await reads.agents(store)) < 60:
            await asyncio.sleep(0.05)
        for person in people:
            await person.stop()
        assert await judge(store) == {"ConversationQueued": 60, "OfferMade": 60, "ConversationAssigned": 60}
        assert sum(row.load for row in await reads.agents(store)) == 60
    finally:
        await store.close()
        house.kill()
