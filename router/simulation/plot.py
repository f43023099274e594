"""A run as a picture: for each class how many still wait after a while, and how busy each group of agents is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import floor, log10

from router.simulation import statistics
from router.simulation.drawing import Box, Picture, Shape, Stroke, Word
from router.simulation.model import Model
from router.simulation.report import Report
from router.simulation.tally import SERVED, Tally

WIDTH, HEIGHT = 960, 420
LEFT, TOP, ACROSS, DOWN = 60.0, 60.0, 520.0, 300.0
BARS, LONG = 680.0, 180.0
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f00", "#000000")
POINTS = 160
MOST_BARS = 15
GREY = "#bbbbbb"


def plot(model: Model, report: Report, tally: Tally) -> Picture:
    """Waits on the left, agents on the right. The first classes and groups are drawn; how many more there are is said."""
    shapes: list[Shape] = [Word(LEFT, 26, _title(report), 14)]
    shapes += curves(_waits(model, tally))
    shapes += bars([(name, load.utilisation) for name, load in report.agents.items()])
    return Picture(WIDTH, HEIGHT, shapes)


def _title(report: Report) -> str:
    found = report.overall
    wait = "nobody was served" if found.mean_wait is None else f"mean wait {found.mean_wait:.3g} min"
    level = "" if found.sl_20s is None else f", {found.sl_20s:.1%} served within 20 s"
    return f"{found.arrivals:,} arrivals: {wait}{level}"


def _waits(model: Model, tally: Tally) -> dict[str, list[float]]:
    """The sorted waits of those served, by class."""
    waits: list[list[float]] = [[] for _ in model.kinds]
    for row, wait in enumerate(tally.waits):
        if tally.fates[row] == SERVED:
            waits[tally.kinds[row]].append(wait)
    return {kind.name: sorted(each) for kind, each in zip(model.kinds, waits, strict=True)}


def curves(waits: Mapping[str, list[float]]) -> list[Shape]:
    """How many still wait after a while, a curve for each name; waits are sorted, in minutes."""
    longest = max((statistics.quantile(each, 0.995) or 0.0 for each in waits.values()), default=0.0) or 1.0
    shapes = _axes(longest)
    for index, (name, each) in enumerate(list(waits.items())[: len(COLOURS)]):
        shapes += _curve(each, longest, COLOURS[index])
        shapes.append(
            Word(LEFT + ACROSS - 8, TOP + 16 + 16 * index, name, anchor="end", colour=COLOURS[index])
        )
    more = len(waits) - len(COLOURS)
    if more > 0:
        shapes.append(Word(LEFT + ACROSS - 8, TOP + 16 + 16 * len(COLOURS), f"and {more} more", anchor="end"))
    return shapes


def _curve(waits: list[float], longest: float, colour: str) -> list[Shape]:
    if not waits:
        return []
    points = []
    for number in range(POINTS + 1):
        share = number / POINTS
        still = 1 - bisect_right(waits, share * longest) / len(waits)
        points.append((LEFT + share * ACROSS, TOP + DOWN * (1 - still)))
    return [Stroke(points, colour, 2.0)]


def _axes(longest: float) -> list[Shape]:
    shapes: list[Shape] = [Word(LEFT, TOP - 10, "still waiting after so many minutes (of those served)")]
    for number in range(5):
        share = number / 4
        height = TOP + DOWN * (1 - share)
        shapes.append(Stroke([(LEFT, height), (LEFT + ACROSS, height)], GREY))
        shapes.append(Word(LEFT - 6, height + 4, f"{share:.0%}", anchor="end"))
    step = _step(longest)
    number = 0
    while number * step <= longest * 1.0001:
        across = LEFT + ACROSS * number * step / longest
        shapes.append(Stroke([(across, TOP + DOWN), (across, TOP + DOWN + 5)], GREY))
        shapes.append(Word(across, TOP + DOWN + 20, f"{number * step:g}", anchor="middle"))
        number += 1
    return shapes


def _step(longest: float) -> float:
    """A round distance that gives four to ten marks."""
    rough = longest / 8
    size = 10.0 ** floor(log10(rough))
    return float(next(round(size * times, 12) for times in (1, 2, 5, 10) if size * times >= rough))


def bars(loads: Sequence[tuple[str, float]], title: str = "utilisation") -> list[Shape]:
    """Shares of what was possible, a bar for each."""
    shapes: list[Shape] = [Word(BARS, TOP - 10, title)]
    for number, (name, used) in enumerate(loads[:MOST_BARS]):
        top = TOP + 20 * number
        shapes += [
            Word(BARS - 8, top + 12, name[:12], anchor="end"),
            Box(BARS, top, LONG, 15, "#eeeeee"),
            Box(BARS, top, LONG * min(1.0, used), 15, COLOURS[0]),
            Word(BARS + LONG + 8, top + 12, f"{used:.1%}"),
        ]
    if len(loads) > MOST_BARS:
        shapes.append(Word(BARS, TOP + 20 * MOST_BARS + 12, f"and {len(loads) - MOST_BARS} more"))
    return shapes
