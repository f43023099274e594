"""Service levels by formula: one pool of equal agents, Poisson arrivals, exponential service, exponential patience or none (Erlang A and C).

The virtual wait has density proportional to exp(rate * (1 - e^(-patience x)) / patience - agents * x / service) (Baccelli and
Hebuterne 1981; Zeltyn and Mandelbaum 2005).
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, expm1, inf, log

POINTS = 2_000
"""Intervals of an integral; the integrands are smooth."""
FAR = 40.0
"""Where e^-x counts as nothing."""
MOST = 10_000


def level(agents: int, rate: float, service: float, patience: float, within: float) -> float:
    """The share of arrivals that is served within so many minutes. `patience` is the rate of giving up, 0 for never."""
    if not rate:
        return 1.0
    if not agents:
        return 0.0
    drain = agents / service
    if not patience and rate >= drain:
        return 0.0

    def grown(wait: float) -> float:
        """The exponent of the density."""
        came = rate * wait if not patience else -rate * expm1(-patience * wait) / patience
        return came - drain * wait

    peak = _peak(rate, drain, patience)
    top = max(0.0, grown(peak))
    idle = _idle(agents, rate * service) * exp(-top)
    end = _end(grown, peak, top)
    waiting = rate * _integral(lambda wait: exp(grown(wait) - top), end)
    served = rate * _integral(lambda wait: exp(grown(wait) - top - patience * wait), min(within, end))
    return (idle + served) / (idle + waiting)


def needed(rate: float, service: float, patience: float, within: float, share: float) -> int:
    """The least number of agents that serves this share in time; at most `MOST`."""
    low, high = 0, 1
    while level(high, rate, service, patience, within) < share and high < MOST:
        low, high = high, min(MOST, high * 2)
    while high - low > 1:
        middle = (low + high) // 2
        if level(middle, rate, service, patience, within) < share:
            low = middle
        else:
            high = middle
    return high if rate else 0


def _idle(agents: int, load: float) -> float:
    """The weight of all states with somebody free, against the one with one free."""
    total = 1.0
    for number in range(1, agents):
        total = 1.0 + total * number / load
    return total


def _peak(rate: float, drain: float, patience: float) -> float:
    """Where the density is highest: where as many come and stay as are served."""
    return log(rate / drain) / patience if patience and rate > drain else 0.0


def _end(grown: Callable[[float], float], peak: float, top: float) -> float:
    """Where the density has died away, beyond its peak: before it, it may be next to nothing too."""
    end = max(peak, 1e-6)
    while grown(end) - top > -FAR and end < inf:
        end *= 1.5
    return end


def _integral(of: Callable[[float], float], end: float) -> float:
    """From 0 to `end`, by Simpson's rule."""
    step = end / POINTS
    inner = sum((4 if number % 2 else 2) * of(number * step) for number in range(1, POINTS))
    return (of(0.0) + inner + of(end)) * step / 3
