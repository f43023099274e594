"""The same customers without the engine, wait by wait, and so many more of them: for exact figures whose error takes millions to come down.

The engine plays the first 200,000 of each model and gives every one of them the same wait.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from router.simulation import statistics
from router.simulation.model import Model
from router.simulation.tally import ABANDONED, BLOCKED, SERVED, Tally
from tests.router.simulation import lines, recursion

FARTHER = {
    "pool of 1, 0.8": 4_500_000, "pool of 2, 1.6": 5_500_000, "pool of 5, 4": 9_000_000, "pool of 10, 8": 12_500_000,
    "pool of 10, 9": 25_000_000, "pool of 50, 45": 65_000_000, "pool of 90, 84": 135_000_000, "pool of 100, 95": 300_000_000,
    "call centre": 28_000_000, "one skill each": 52_000_000,
    "impatient 10, 10, 0.5": 3_500_000, "impatient 10, 12, 0.5": 3_000_000, "impatient 50, 55, 0.5": 8_000_000,
    "impatient 100, 105, 0.5": 20_000_000, "impatient 100, 100, 2": 23_000_000, "90 and 30 places": 60_000_000,
    "90 and 30 places, less": 66_000_000, "90 and 30 places, more": 13_000_000,
    "strict": 70_000_000, "fifo": 70_000_000, "slope 2": 70_000_000, "slope 5": 70_000_000, "three strict classes": 32_000_000,
    "N": 4_800_000, "N of two and two": 8_500_000, "N, one twice as fast": 2_800_000, "W": 8_200_000, "M": 6_600_000,
    "chain of 4": 4_000_000, "chain of 6": 5_500_000, "chain of 6, fuller": 17_000_000,
    "chats that are servers": 8_400_000,
}  # fmt: skip
"""So many arrivals until the error of the mean is 0.6 %."""
ROUNDED = 1e-6
"""Minutes: a shared speed rounds otherwise than a time of service."""


def told(model: Model) -> Iterator[list[array[float]]]:
    """Block by block what became of each class's customers: waits, and for who left or was blocked what `recursion` writes."""
    if len(model.kinds) == 1:
        for block in recursion.outcomes(model):
            yield [block]
        return
    for kinds, waits in lines.waits(model):
        each = [array("d") for _ in model.kinds]
        for kind, wait in zip(kinds, waits, strict=True):
            each[kind].append(wait)
        yield each


def same(model: Model, tally: Tally) -> bool:
    """Whether the engine's customers met with exactly that. Who still waits when the last one comes is told by the engine alone."""
    engine = [array("d") for _ in model.kinds]
    instead = {ABANDONED: recursion.LEFT, BLOCKED: recursion.BLOCKED}
    for kind, fate, wait in zip(tally.kinds, tally.fates, tally.waits, strict=True):
        engine[kind].append(wait if fate == SERVED else instead[fate])
    alone = [array("d") for _ in model.kinds]
    for block in told(model):
        for mine, more in zip(alone, block, strict=True):
            mine.extend(more)
    missing = sum(map(len, engine)) - sum(map(len, alone))
    return 0 <= missing < max(200, len(tally.waits) // 50) and all(
        abs(one - two) < ROUNDED
        for mine, others in zip(engine, alone, strict=True)
        for one, two in zip(mine, others, strict=False)
    )


def figures(model: Model) -> dict[str, tuple[float, float]]:
    """By class and field the figure, and the relative error of the class's mean wait."""
    sums = [_Sum() for _ in model.kinds]
    for block in told(model):
        for sum_of, outcomes in zip(sums, block, strict=True):
            sum_of.add(outcomes)
    names = ["all"] if len(sums) == 1 else [kind.name for kind in model.kinds]
    return {
        f"{name}.{field}": (value, sum_of.error())
        for name, sum_of in zip(names, sums, strict=True)
        for field, value in sum_of.shares().items()
    }


class _Sum:
    """Counts of a class, and the mean waits of its blocks."""

    def __init__(self) -> None:
        self.came = self.left = self.blocked = self.waited = self.served = 0
        self.whole = 0.0
        self.means: list[float] = []

    def add(self, outcomes: array[float]) -> None:
        served = [one for one in outcomes if one >= 0]
        left = outcomes.count(recursion.LEFT)
        self.came += len(outcomes)
        self.left += left
        self.blocked += len(outcomes) - len(served) - left
        self.waited += len(served) - served.count(0.0) + left
        self.served += len(served)
        self.whole += sum(served)
        if served:
            self.means.append(sum(served) / len(served))

    def shares(self) -> dict[str, float]:
        return {
            "mean_wait": self.whole / self.served,
            "p_wait": self.waited / self.came,
            "p_abandon": self.left / self.came,
            "p_blocked": self.blocked / self.came,
        }

    def error(self) -> float:
        return (statistics.batch_error(self.means) or 1.0) * self.served / self.whole
