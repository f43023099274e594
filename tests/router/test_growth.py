"""What the router's bench relies on: nothing stays in memory of conversations that come and go; the obvious router decides the same."""

from __future__ import annotations

import pytest

from tests.bench.router import growth, naive


def nothing_stays(events: int) -> dict[str, float]:
    """`events` events, and as many again."""
    found = growth(events)
    assert found["entries"] < 2_500, found
    assert found["timers"] <= found["entries"] + 2 * 4_096, found
    assert found["blocks_after"] <= found["blocks_before"] * 1.02, found
    return found


def test_nothing_stays_of_what_is_over() -> None:
    nothing_stays(20_000)


def test_the_bench_compares_with_a_router_that_decides_the_same() -> None:
    assert naive(300, 40)["waiting"] > 200


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_nothing_stays_of_ten_million_events() -> None:
    """Not even half a percent of a few thousand conversations: the other five million leave as many blocks as the first."""
    found = nothing_stays(5_000_000)
    print(found)
    assert found["blocks_after"] <= found["blocks_before"] + 500, found
