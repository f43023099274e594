"""The seam to a bus: hints between processes. Losing it costs latency, never a message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class Bus(Protocol):
    """Chosen by URL (`stream.bus.open_bus`): `memory:` or `redis://...`."""

    async def open(self) -> None:
        """Connect."""

    async def close(self) -> None:
        """End every subscription and let go."""

    async def publish(self, topic: str, payload: bytes) -> None:
        """Tell every subscriber of `topic`, in every process, at most once. Never raises: a lost hint is a lost hint."""

    def subscribe(self, *topics: str) -> AsyncIterator[tuple[str, bytes]]:
        """Hints from now on, as (topic, payload).

        A reader that falls behind by 10,000 loses the oldest. A payload of `b""` on topic `""` says that hints may have been lost
        (reconnected): look at the store.
        """

    async def take(self, key: str, count: int, seconds: float) -> float:
        """Take one token of the bucket `key` that holds `count` per `seconds`; 0.0 when there was one, else seconds until there is."""
