"""Service levels by formula, against the textbook and against the chain of states."""

from __future__ import annotations

import pytest

from router.simulation import erlang
from tests.router.simulation import theory


@pytest.mark.parametrize(
    ("agents", "load", "within"), [(1, 0.8, 1.0), (14, 10.0, 20 / 180), (90, 84.0, 0.1), (10, 9.0, 0.0)]
)
def test_without_impatience_it_is_erlang_c(agents: int, load: float, within: float) -> None:
    exact = theory.level_c(agents, load, within)
    assert erlang.level(agents, load, 1.0, 0.0, within) == pytest.approx(exact, rel=1e-5)


@pytest.mark.parametrize(
    ("agents", "rate", "patience"), [(10, 10.0, 0.5), (10, 12.0, 0.5), (100, 105.0, 0.5), (3, 9.0, 2.0)]
)
def test_with_time_enough_all_but_the_impatient_are_served(agents: int, rate: float, patience: float) -> None:
    """And at once those who need not wait."""
    exact = theory.finite(agents, rate, patience)
    assert erlang.level(agents, rate, 1.0, patience, 1e3) == pytest.approx(1 - exact["p_abandon"], rel=1e-5)
    assert erlang.level(agents, rate, 1.0, patience, 0.0) == pytest.approx(1 - exact["p_wait"], rel=1e-5)


@pytest.mark.parametrize("agents", [1, 5, 10, 20, 40])
def test_so_it_is_where_far_too_many_come(agents: int) -> None:
    """The density is then next to nothing near zero and has its peak far away."""
    exact = theory.finite(agents, 43.4, 0.5)
    assert erlang.level(agents, 43.4, 1.0, 0.5, 1e3) == pytest.approx(1 - exact["p_abandon"], rel=1e-5)
    assert erlang.level(agents, 43.4, 1.0, 0.5, 0.0) == pytest.approx(
        1 - exact["p_wait"], rel=1e-4, abs=1e-12
    )
    assert erlang.needed(43.4, 1.0, 0.5, 0.1, 0.8) > 40


def test_nobody_serves_nobody_and_nothing_needs_nobody() -> None:
    assert erlang.level(0, 1.0, 1.0, 0.5, 1.0) == 0.0
    assert erlang.level(3, 0.0, 1.0, 0.5, 1.0) == 1.0
    assert erlang.level(2, 2.0, 1.0, 0.0, 9.0) == 0.0, "without end"
    assert erlang.needed(0.0, 1.0, 0.0, 1.0, 0.8) == 0


@pytest.mark.parametrize("patience", [0.0, 0.5])
def test_what_is_needed_is_the_least_that_is_enough(patience: float) -> None:
    for rate in (0.05, 1.0, 7.3, 140.0):
        agents = erlang.needed(rate, 3.0, patience, 1 / 3, 0.8)
        assert erlang.level(agents, rate, 3.0, patience, 1 / 3) >= 0.8
        assert erlang.level(agents - 1, rate, 3.0, patience, 1 / 3) < 0.8


def test_it_is_bounded() -> None:
    assert erlang.needed(1e6, 1.0, 0.0, 1.0, 0.8) == erlang.MOST
