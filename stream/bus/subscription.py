"""A reader's bounded place on a bus: both drivers hand hints to these."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

LIMIT = 10_000
LOST = ("", b"")
"""Handed out when hints may have been lost: look at the store."""


class Subscription:
    """Hints for one reader. Past `LIMIT` waiting ones the oldest goes and the reader is told so."""

    def __init__(self, topics: tuple[str, ...]) -> None:
        self.topics = frozenset(topics)
        self._waiting: deque[tuple[str, bytes]] = deque(maxlen=LIMIT)
        self._wake = asyncio.Event()
        self._closed = False
        self._lost = False

    def put(self, topic: str, payload: bytes) -> None:
        """Hand over a hint without waiting."""
        if len(self._waiting) == LIMIT:
            self._lost = True
        self._waiting.append((topic, payload))
        self._wake.set()

    def end(self) -> None:
        """No more hints."""
        self._closed = True
        self._wake.set()

    async def read(self) -> AsyncIterator[tuple[str, bytes]]:
        """The hints as they come, until `end`."""
        while True:
            if self._lost:
                self._lost = False
                yield LOST
            while self._waiting:
                yield self._waiting.popleft()
            if self._closed:
                return
            self._wake.clear()
            await self._wake.wait()
