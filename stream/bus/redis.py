"""The Bus over Redis: pub/sub for hints, one script for rate buckets. Everything in it may be lost at any moment."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from stream.bus.bucket import take as take_locally
from stream.bus.bucket import trimmed
from stream.bus.memory import MAX_BUCKETS
from stream.bus.subscription import LOST, Subscription

PREFIX = "parley:"
RECONNECT_SECONDS = 0.5
_TAKE = """
local now = redis.call('TIME'); local t = tonumber(now[1]) + tonumber(now[2]) / 1e6
local count, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local interval = seconds / count
local start = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), t)
local wait = start - t - (seconds - interval)
if wait > 1e-9 then return tostring(wait) end
redis.call('SET', KEYS[1], string.format('%.6f', start + interval), 'PX', math.ceil((start + interval - t) * 1000) + 1000)
return '0'
"""


class RedisBus:
    """See `stream.bus.ports.Bus`. While Redis is away, publishing does nothing and buckets are kept in this process."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, socket_connect_timeout=3.0, health_check_interval=15)
        self._readers: set[Subscription] = set()
        self._topics: set[str] = set()
        self._pubsub: Any = None
        self._task: asyncio.Task[None] | None = None
        self._waiting: list[tuple[str, bytes]] = []
        self._flush: asyncio.Task[None] | None = None
        self._fallback: dict[str, float] = {}
        self._script = self._redis.register_script(_TAKE)
        self.connected = False
        self._closing = False
        self._subscribing = asyncio.Lock()

    async def open(self) -> None:
        """See the port. Redis may come later: the listener keeps trying."""
        self._task = asyncio.get_running_loop().create_task(self._listen())

    async def close(self) -> None:
        """See the port."""
        for reader in list(self._readers):
            reader.end()
        self._closing = True
        for task in (self._task, self._flush):
            while task is not None and not task.done():
                # Again: the driver may take a cancellation for the end of one of its own time-outs.
                task.cancel()
                await asyncio.wait({task}, timeout=0.2)
        with contextlib.suppress(RedisError, OSError):
            await self._redis.aclose()

    async def publish(self, topic: str, payload: bytes) -> None:
        """See the port. Hints that come while one round trip is under way share the next."""
        if len(self._waiting) < 10_000:
            self._waiting.append((topic, payload))
        if self._flush is None or self._flush.done():
            self._flush = asyncio.get_running_loop().create_task(self._send_waiting())

    async def _send_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                pipe = self._redis.pipeline(transaction=False)
                for topic, payload in batch:
                    pipe.publish(PREFIX + topic, payload)
                await pipe.execute()
            except (RedisError, OSError):
                return

    async def subscribe(self, *topics: str) -> AsyncIterator[tuple[str, bytes]]:
        """See the port."""
        reader = Subscription(topics)
        self._readers.add(reader)
        fresh = [topic for topic in topics if topic not in self._topics]
        self._topics.update(topics)
        if fresh:
            # One at a time: two who subscribe while it connects would each connect, and one of them in vain.
            async with self._subscribing:
                if self._pubsub is not None:
                    with contextlib.suppress(RedisError, OSError):
                        await self._pubsub.subscribe(*(PREFIX + topic for topic in fresh))
        try:
            async for hint in reader.read():
                yield hint
        finally:
            self._readers.discard(reader)

    async def _listen(self) -> None:
        while not self._closing:
            try:
                await self._listen_once()
            except (RedisError, OSError):
                self.connected = False
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen_once(self) -> None:
        pubsub: Any = self._redis.pubsub(ignore_subscribe_messages=True)
        try:
            async with self._subscribing:
                await pubsub.subscribe(PREFIX, *(PREFIX + topic for topic in self._topics))
                self._pubsub = pubsub
            self.connected = True
            for reader in self._readers:
                reader.put(*LOST)
            while not self._closing:
                message = await pubsub.get_message(timeout=5.0)
                if message is not None:
                    self._hand_out(message["channel"].decode()[len(PREFIX) :], message["data"])
        finally:
            async with self._subscribing:
                self._pubsub = None
                with contextlib.suppress(RedisError, OSError):
                    await pubsub.aclose()

    def _hand_out(self, topic: str, payload: bytes) -> None:
        for reader in self._readers:
            if topic in reader.topics:
                reader.put(topic, payload)

    async def take(self, key: str, count: int, seconds: float) -> float:
        """See the port."""
        try:
            return float(await self._script(keys=[f"{PREFIX}bucket:{key}"], args=[count, seconds]))
        except (RedisError, OSError):
            now = asyncio.get_running_loop().time()
            if len(self._fallback) >= MAX_BUCKETS:
                self._fallback = trimmed(self._fallback, now, MAX_BUCKETS)
            self._fallback[key], wait = take_locally(self._fallback.get(key, 0.0), now, count, seconds)
            return wait
