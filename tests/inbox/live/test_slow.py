"""Clients that do not read: they are closed with a resumable code, nobody waits for them, and they miss nothing in the end."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from inbox.ports import Limits
from tests.inbox.live.client import client, types
from tests.inbox.world import World, open_world, serve

LIMITS = Limits(queue_frames=200, queue_bytes=1_000_000)


def _connections(world: World) -> int:
    assert world.server is not None
    assert world.server.runner is not None
    assert world.server.runner.server is not None
    return len(world.server.runner.server.connections)


async def test_a_client_that_does_not_read_is_closed_and_resumes(tmp_path: Path) -> None:
    async with open_world(tmp_path, settings={"limits": LIMITS}) as world, serve(world):
        await world.configure_roomy()
        conversation = await world.assigned("ada")
        await world.note(conversation, "ada", "bob")
        async with client(world, "ada") as ada, client(world, "bob") as bob:
            await bob.send(t="open", conversation=conversation)
            await bob.until(lambda frame: frame["t"] == "viewing")
            bob.stop_reading()
            hub = world.parts.hub
            sent, slowest = 0, 0.0
            async with asyncio.timeout(60):
                while any(seat.login == "bob" for seat in hub.seats):
                    start = time.perf_counter()
                    await world.message("c1", "x" * 150_000)
                    await ada.event("message.received")
                    slowest = max(slowest, time.perf_counter() - start)
                    sent += 1
                    held = sum(seat.bytes for seat in hub.seats)
                    assert held <= 2 * LIMITS.queue_bytes
            assert sent > 3
            assert slowest < 2.0
            async with asyncio.timeout(20):  # nor does it keep its connection
                while _connections(world) > 1:
                    await asyncio.sleep(0.05)
            await bob.cut()
            resumed = await bob.resume(conversation)
            assert resumed["t"] == "resumed"
            assert types(bob.log).count("message.received") == sent
