"""The bus in memory: its buckets are bounded. What it shares with Redis is in the contract suite."""

from __future__ import annotations

import pytest

from stream.bus import memory, open_bus
from stream.bus.memory import MemoryBus


async def test_buckets_that_are_full_again_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_BUCKETS", 100)
    bus = MemoryBus()
    for number in range(1_000):
        assert await bus.take(f"k{number}", 1, 0.0001) == 0.0
    assert len(bus._buckets) <= 101


async def test_however_many_wait_the_buckets_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_BUCKETS", 100)
    bus = MemoryBus()
    for number in range(1_000):
        await bus.take(f"k{number}", 1, 1_000.0)
        assert len(bus._buckets) <= 100


async def test_a_bucket_that_is_empty_is_kept_while_others_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "MAX_BUCKETS", 100)
    bus = MemoryBus()
    await bus.take("mine", 1, 1_000.0)
    for number in range(500):
        await bus.take(f"k{number}", 1, 0.0001)
    assert await bus.take("mine", 1, 1_000.0) > 900


@pytest.mark.parametrize("url", ["kafka://x", "", "memory-ish:"])
def test_a_bus_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ValueError, match="is not a bus that Parley knows"):
        open_bus(url)
