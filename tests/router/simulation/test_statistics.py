"""Means with their errors: the error covers what it says, on a series whose mean is known."""

from __future__ import annotations

import random

import pytest

from router.simulation import statistics
from router.simulation.play import play
from tests.router.simulation.models import group, kind, model


def lindley(seed: int, load: float, count: int) -> list[float]:
    """Waits at a single agent (M/M/1), by Lindley's recursion; a tenth more before them is not counted."""
    chance, wait, waits = random.Random(seed), 0.0, []
    for number in range(count + count // 10):
        if number >= count // 10:
            waits.append(wait)
        wait = max(0.0, wait + chance.expovariate(1.0) - chance.expovariate(load))
    return waits


def covered(waits: list[float], exact: float) -> bool:
    error = statistics.batch_error(waits)
    found = statistics.mean(waits)
    assert error is not None
    assert found is not None
    return abs(found - exact) <= 2 * error


def test_two_errors_cover_the_mean_of_a_busy_agent() -> None:
    """90 to 99 % of 200 seeds."""
    hits = sum(covered(lindley(seed, 0.8, 10_000), 4.0) for seed in range(200))
    assert 180 <= hits <= 198


@pytest.mark.parametrize(("load", "count"), [(0.9, 5_000), (0.5, 2_000)])
def test_nor_does_a_busy_spell_hide_it(load: float, count: int) -> None:
    """A short run, whose waits hang together for a tenth of it, and one whose batches are independent."""
    hits = sum(covered(lindley(seed, load, count), load / (1 - load)) for seed in range(200))
    assert 178 <= hits <= 198


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_two_errors_cover_the_mean_of_the_engine() -> None:
    hits = 0
    for seed in range(200):
        found = play(model(60_000, [kind("a", 0.8)], [group("s")], seed=seed))[0].overall
        hits += abs((found.mean_wait or 0) - 4.0) <= 2 * (found.mean_wait_se or 0)
    print(f"{hits} of 200 within two errors")
    assert 180 <= hits <= 198


def test_the_error_of_independent_values_is_the_usual_one() -> None:
    chance = random.Random(3)
    values = [chance.gauss(10.0, 2.0) for _ in range(40_000)]
    assert statistics.batch_error(values) == pytest.approx(2.0 / 200, rel=0.5)


def test_the_error_counts_dependence() -> None:
    """Each value a hundred times over says no more than once."""
    chance = random.Random(4)
    values = [value for _ in range(2_000) for value in [chance.random()] * 100]
    alone = statistics.batch_error(values[::100])
    together = statistics.batch_error(values)
    assert alone is not None
    assert together == pytest.approx(alone, rel=0.2)


def test_too_little_has_no_error_and_nothing_has_no_mean() -> None:
    assert statistics.batch_error([1.0] * 79) is None
    assert statistics.batch_error([1.0] * 80) == 0.0
    assert statistics.mean([]) is None
    assert statistics.quantile([], 0.5) is None


def test_quantiles_are_values_that_occurred() -> None:
    values = [float(number) for number in range(1, 101)]
    assert statistics.quantile(values, 0.5) == 50.0
    assert statistics.quantile(values, 0.99) == 99.0
    assert statistics.quantile(values, 0.0) == 1.0
    assert statistics.quantile([7.0], 0.95) == 7.0


def test_fairness() -> None:
    assert statistics.jain([3.0, 3.0, 3.0]) == 1.0
    assert statistics.jain([1.0, 0.0, 0.0, 0.0]) == 0.25
    assert statistics.jain([0.0, 0.0]) == 1.0
