"""The Bus inside one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from stream.bus.bucket import take, trimmed
from stream.bus.subscription import Subscription

MAX_BUCKETS = 100_000


class MemoryBus:
    """See `stream.bus.ports.Bus`."""

    def __init__(self) -> None:
        self._readers: set[Subscription] = set()
        self._buckets: dict[str, float] = {}

    async def open(self) -> None:
        """See the port."""

    async def close(self) -> None:
        """See the port."""
        for reader in list(self._readers):
            reader.end()

    async def publish(self, topic: str, payload: bytes) -> None:
        """See the port."""
        for reader in self._readers:
            if topic in reader.topics:
                reader.put(topic, payload)

    async def subscribe(self, *topics: str) -> AsyncIterator[tuple[str, bytes]]:
        """See the port."""
        reader = Subscription(topics)
        self._readers.add(reader)
        try:
            async for hint in reader.read():
                yield hint
        finally:
            self._readers.discard(reader)

    async def take(self, key: str, count: int, seconds: float) -> float:
        """See the port."""
        now = asyncio.get_running_loop().time()
        if len(self._buckets) >= MAX_BUCKETS:
            self._buckets = trimmed(self._buckets, now, MAX_BUCKETS)
        self._buckets[key], wait = take(self._buckets.get(key, 0.0), now, count, seconds)
        return wait
