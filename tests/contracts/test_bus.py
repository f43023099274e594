"""The bus in memory and on Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import redis

from stream.bus import open_bus
from stream.bus.ports import Bus
from stream.bus.subscription import LIMIT, LOST, Subscription


async def _first(hints: AsyncIterator[tuple[str, bytes]], topic: str) -> bytes:
    async for name, payload in hints:
        if name == topic:
            return payload
    raise AssertionError("the bus ended")


async def test_every_subscriber_of_a_topic_hears_a_hint(bus: Bus) -> None:
    readers = [asyncio.create_task(_first(bus.subscribe("typing", "x"), "typing")) for _ in range(3)]
    for _ in range(600):
        await asyncio.sleep(0.05)
        await bus.publish("other", b"no")
        await bus.publish("typing", b"yes")
        if all(reader.done() for reader in readers):
            break
    assert [await asyncio.wait_for(reader, 30) for reader in readers] == [b"yes"] * 3


async def test_a_bucket_gives_its_count_and_then_says_how_long_to_wait(bus: Bus) -> None:
    waits = [await bus.take("k", 3, 3000.0) for _ in range(4)]
    assert waits[:3] == [0.0, 0.0, 0.0]
    assert 900.0 < waits[3] <= 1000.0
    assert await bus.take("other", 3, 3000.0) == 0.0


async def test_a_bucket_fills_again(bus: Bus) -> None:
    assert await bus.take("k", 1, 1.5) == 0.0
    wait = await bus.take("k", 1, 1.5)
    assert 0.0 < wait <= 1.5
    await asyncio.sleep(wait + 0.02)
    assert await bus.take("k", 1, 1.5) == 0.0


async def test_closing_ends_the_readers(bus: Bus) -> None:
    reader = asyncio.create_task(_drain(bus.subscribe("typing")))
    await asyncio.sleep(0.05)
    await bus.close()
    await asyncio.wait_for(reader, 30)


async def _drain(hints: AsyncIterator[tuple[str, bytes]]) -> None:
    async for _ in hints:
        pass


async def test_a_slow_reader_loses_the_oldest_and_is_told() -> None:
    reader = Subscription(("t",))
    for number in range(LIMIT + 50):
        reader.put("t", str(number).encode())
    reader.end()
    got = [hint async for hint in reader.read()]
    assert len(got) == LIMIT + 1
    assert got[0] == LOST
    assert got[-1] == ("t", str(LIMIT + 49).encode())


async def test_without_redis_nothing_fails(redis_url: str) -> None:
    away = open_bus("redis://127.0.0.1:1/0")
    await away.open()
    await away.publish("typing", b"lost")
    assert await away.take("k", 1, 10.0) == 0.0
    assert await away.take("k", 1, 10.0) > 9.0
    await away.close()


async def test_a_redis_that_lost_its_connections_is_found_again(redis_url: str) -> None:
    bus = open_bus(redis_url)
    await bus.open()
    hints = bus.subscribe("typing")
    lost = asyncio.create_task(_first(hints, ""))
    await asyncio.sleep(0.3)
    with redis.Redis.from_url(redis_url) as client:
        client.client_kill_filter(_type="pubsub")
    await asyncio.wait_for(lost, 30)
    heard = asyncio.create_task(_first(bus.subscribe("typing"), "typing"))
    for _ in range(100):
        await bus.publish("typing", b"again")
        await asyncio.sleep(0.05)
        if heard.done():
            break
    assert await asyncio.wait_for(heard, 30) == b"again"
    await bus.close()
