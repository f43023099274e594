"""Customers who never give up: each sends its messages in order, again and again until acknowledged, and repeats a tenth of them."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import defaultdict

from tests.bench.load import Poster, signed_request
from tests.floor.house import SECRET


class Customers:
    """`count` senders on a connection each; sender `i` writes to its own conversations only, one message at a time.

    `pause`: seconds between a sender's messages. `begin`: the number of its first.
    """

    def __init__(
        self, port: int, count: int, conversations: int, seed: int = 1, *, pause: float = 0.0, begin: int = 0
    ) -> None:
        self.port = port
        self.pause, self.begin = pause, begin
        self.acked: dict[str, list[str]] = defaultdict(list)
        self.repeated = 0
        self.answers: dict[int, int] = defaultdict(int)
        self.stopping = False
        self._tasks: list[asyncio.Task[None]] = []
        self._chance = random.Random(seed)
        self._share = [[f"c{c}" for c in range(conversations) if c % count == i] for i in range(count)]

    def start(self) -> None:
        """Begin."""
        self._tasks = [asyncio.create_task(self._send(own)) for own in self._share]

    async def stop(self) -> None:
        """Finish what is under way (each message is still sent until it is acknowledged)."""
        self.stopping = True
        await asyncio.wait_for(asyncio.gather(*self._tasks), 60)

    @property
    def total(self) -> int:
        """How many messages were acknowledged."""
        return sum(len(idents) for idents in self.acked.values())

    async def _send(self, own: list[str]) -> None:
        line = _Line(self.port)
        number = self.begin
        while not self.stopping:
            conversation = own[number % len(own)]
            ident = f"{conversation}.{number}"
            number += 1
            await self._until_acked(line, conversation, ident)
            self.acked[conversation].append(ident)
            if self._chance.random() < 0.1:
                self.repeated += 1
                await self._until_acked(line, conversation, ident)
            if self.pause:
                await asyncio.sleep(self.pause)
        line.close()

    async def _until_acked(self, line: _Line, conversation: str, ident: str) -> None:
        while True:
            status = await line.post(signed_request("/hooks/shop", SECRET, ident, conversation))
            self.answers[status] += 1
            if status // 100 == 2:
                return
            await asyncio.sleep(0.02 + self._chance.random() * 0.05)


class _Line:
    """A connection that is made again whenever it breaks; 0 stands for no answer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._poster: Poster | None = None

    async def post(self, request: bytes) -> int:
        try:
            if self._poster is None:
                loop = asyncio.get_running_loop()
                self._poster = (await loop.create_connection(Poster, "127.0.0.1", self._port))[1]
            return await asyncio.wait_for(self._poster.post(request), 10)
        except (OSError, TimeoutError):
            self.close()
            return 0

    def close(self) -> None:
        if self._poster is not None:
            with contextlib.suppress(OSError):
                self._poster.close()
            self._poster = None
