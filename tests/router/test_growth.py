"""Memory of the engine does not grow with what it has decided: the same conversations come and go, and nothing of them stays."""

from __future__ import annotations

import pytest

from tests.bench.router import growth


def nothing_stays(events: int) -> None:
    found = growth(events)
    assert found["entries"] < 2_500, found
    assert found["timers"] <= found["entries"] + 2 * 4_096, found
    assert found["blocks_after"] <= found["blocks_before"] * 1.02, found


def test_nothing_stays_of_what_is_over() -> None:
    nothing_stays(8_000)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_nothing_stays_of_a_million_events() -> None:
    nothing_stays(500_000)
