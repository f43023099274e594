"""The open sockets of one channel in this process: counted, found by visitor, told what hints say, closed together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from connectors.webchat.codec import Hint


@dataclass(frozen=True, eq=False)
class Seat:
    """One socket, as the others see it. `hang_up` ends it with a close code and a reason; `hear` gives it a hint (None: look)."""

    hang_up: Callable[[int, str], None]
    hear: Callable[[Hint | None], None]


class Sockets:
    """Bounded as a whole by refusing, per visitor by closing the oldest."""

    def __init__(self, most: int, per_visitor: int) -> None:
        self._most = most
        self._per_visitor = per_visitor
        self._open: set[Seat] = set()
        self._by_visitor: dict[str, list[Seat]] = {}
        self._closing = False
        self._empty = asyncio.Event()

    @property
    def full(self) -> bool:
        """Whether the channel has as many sockets as it may, or is about to close."""
        return self._closing or len(self._open) >= self._most

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, seat: Seat) -> None:
        """Count a socket that nobody has introduced themselves on yet."""
        self._open.add(seat)

    def introduce(self, key: str, seat: Seat) -> None:
        """Note whose it is; the visitor's oldest socket is closed when that makes one too many."""
        theirs = self._by_visitor.setdefault(key, [])
        theirs.append(seat)
        if len(theirs) > self._per_visitor:
            theirs.pop(0).hang_up(4009, "too many windows")

    def leave(self, key: str, seat: Seat) -> None:
        """Forget a socket that is gone."""
        self._open.discard(seat)
        theirs = self._by_visitor.get(key, [])
        if seat in theirs:
            theirs.remove(seat)
        if not theirs:
            self._by_visitor.pop(key, None)
        if not self._open:
            self._empty.set()

    def tell(self, hint: Hint | None) -> None:
        """Give a hint to its visitor's sockets; when hints may have been lost (None), let everybody look."""
        if hint is not None:
            for seat in tuple(self._by_visitor.get(hint.key, ())):
                seat.hear(hint)
            return
        for seats in tuple(self._by_visitor.values()):
            for seat in tuple(seats):
                seat.hear(None)

    async def close(self, seconds: float) -> None:
        """Let nobody in any more, ask every socket to come back later, and wait for them at most this long."""
        self._closing = True
        for seat in tuple(self._open):
            seat.hang_up(4000, "the server restarts")
        if self._open:
            self._empty.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._empty.wait()
