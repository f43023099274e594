"""Numbers out of what was counted: means with their error, quantiles, fairness. Plain arithmetic on sequences."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, fsum, sqrt

BATCHES = 64
FEW = 20
"""Batches where there is too little for 64."""
LEAST = 4
"""Observations that a batch has at least."""
STRONGEST = 0.85
NOISE = 1.04
DOUBT = 0.8
"""The error is an estimate too, too low most often when the mean is. So much more, and so much for what dependence is left, makes two of it
cover 95 of 100 means; a run that a busy spell fills by a tenth, 90 (measured)."""


def mean(values: Sequence[float]) -> float | None:
    """The mean; None of nothing."""
    return fsum(values) / len(values) if values else None


def batch_error(values: Sequence[float]) -> float | None:
    """The standard error of the mean of values that depend on their neighbours; None of too few of them.

    Batch means (Law, Simulation Modeling and Analysis, 9.5.3), corrected for what dependence the means of neighbouring batches still
    show, as of an autoregressive series of order 1: without it, intervals of busy queues cover too little.
    """
    count = BATCHES if len(values) >= LEAST * BATCHES else FEW
    return _error(values, count) if len(values) >= LEAST * count else None


def _error(values: Sequence[float], count: int) -> float:
    size = len(values) / count
    cuts = [round(number * size) for number in range(count + 1)]
    means = [fsum(values[low:high]) / (high - low) for low, high in pairwise(cuts)]
    middle = fsum(means) / count
    apart = [one - middle for one in means]
    squares = fsum(one * one for one in apart)
    if not squares:
        return 0.0
    tied = fsum(one * two for one, two in pairwise(apart)) / squares
    tied = min(STRONGEST, max(0.0, tied + (1 + 4 * tied) / count))
    return (NOISE + DOUBT * tied) * sqrt(squares / (count - 1) / count * (1 + tied) / (1 - tied))


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The least value that at least `share` of the sorted values do not exceed; None of nothing."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


def jain(loads: Sequence[float]) -> float:
    """Jain's index of fairness: 1 when all are equal, 1/n when one has everything."""
    squares = fsum(load * load for load in loads)
    return fsum(loads) ** 2 / (len(loads) * squares) if squares else 1.0
