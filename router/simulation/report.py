"""What a run comes to: one object with `overall`, `classes` and `agents`, by the names that are documented in docs/routing.md."""

from __future__ import annotations

from array import array
from bisect import bisect_right

import msgspec

from router.simulation import statistics
from router.simulation.model import Model
from router.simulation.tally import ABANDONED, BLOCKED, SERVED, Tally

QUICK = 20 / 60
MINUTE = 1.0


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Of all customers or of a class. Waits in minutes, of those served, zero included; None where there was nothing to measure.

    `waiting` customers were never served nor left. `p_wait`, `p_abandon` and `p_blocked` are shares of all arrivals; `sl_20s` and
    `sl_60s` of those served or gone.
    """

    arrivals: int
    served: int
    abandoned: int
    blocked: int
    waiting: int
    mean_wait: float | None
    mean_wait_se: float | None
    p50_wait: float | None
    p95_wait: float | None
    p99_wait: float | None
    sl_20s: float | None
    sl_60s: float | None
    p_wait: float | None
    p_abandon: float | None
    p_blocked: float | None
    mean_queue: float


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """Of a group of agents: the share of their units that was taken, and how evenly among them (Jain's index)."""

    utilisation: float
    jain: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole."""

    overall: Figures
    classes: dict[str, Figures]
    agents: dict[str, Load]


def report(model: Model, tally: Tally) -> Report:
    """Work it all out."""
    length = tally.end - tally.start
    everybody = range(len(tally.waits))
    each: list[list[int]] = [[] for _ in model.kinds]
    for row in everybody:
        each[tally.kinds[row]].append(row)
    return Report(
        overall=_figures(tally, everybody, sum(tally.queued), length),
        classes={
            kind.name: _figures(tally, each[index], tally.queued[index], length)
            for index, kind in enumerate(model.kinds)
        },
        agents=_loads(model, tally, length),
    )


def _figures(tally: Tally, rows: range | list[int], queued: float, length: float) -> Figures:
    fates, waits = tally.fates, tally.waits
    counts = [0, 0, 0, 0]
    for row in rows:
        counts[fates[row]] += 1
    served = array("d", (waits[row] for row in rows if fates[row] == SERVED))
    ordered = sorted(served)
    at_once = _up_to(ordered, 0.0)
    ended = counts[SERVED] + counts[ABANDONED]
    return Figures(
        arrivals=len(rows),
        served=counts[SERVED],
        abandoned=counts[ABANDONED],
        blocked=counts[BLOCKED],
        waiting=counts[0],
        mean_wait=statistics.mean(served),
        mean_wait_se=statistics.batch_error(served),
        p50_wait=statistics.quantile(ordered, 0.5),
        p95_wait=statistics.quantile(ordered, 0.95),
        p99_wait=statistics.quantile(ordered, 0.99),
        sl_20s=_share(_up_to(ordered, QUICK), ended),
        sl_60s=_share(_up_to(ordered, MINUTE), ended),
        p_wait=_share(len(rows) - counts[BLOCKED] - at_once, len(rows)),
        p_abandon=_share(counts[ABANDONED], len(rows)),
        p_blocked=_share(counts[BLOCKED], len(rows)),
        mean_queue=queued / length if length > 0 else 0.0,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _up_to(ordered: list[float], limit: float) -> int:
    return bisect_right(ordered, limit)


def _loads(model: Model, tally: Tally, length: float) -> dict[str, Load]:
    found: dict[str, Load] = {}
    first = 0
    for group in model.groups:
        busy = tally.busy[first : first + group.count]
        first += group.count
        units = length * group.units * group.count
        found[group.name] = Load(
            utilisation=sum(busy) / units if units > 0 else 0.0, jain=statistics.jain(busy)
        )
    return found
