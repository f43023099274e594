"""Staff as a picture: for each hour a column of the agents of every class."""

from __future__ import annotations

from collections.abc import Mapping

from router.simulation.drawing import Box, Picture, Shape, Stroke, Word
from router.simulation.plot import COLOURS, DOWN, GREY, HEIGHT, LEFT, TOP, WIDTH
from router.simulation.staffing import Hour

ACROSS = 640.0
MOST_NAMES = 24
"""Hours whose name is written below; of more, one in so many."""


def plot(found: Mapping[str, Hour]) -> Picture:
    """The first classes have colours of their own, the others one together."""
    names = list(dict.fromkeys(name for hour in found.values() for name in hour.classes))
    most = max((hour.total for hour in found.values()), default=0) or 1
    shapes: list[Shape] = [Word(LEFT, 26, f"agents at work, at most {most}", 14)]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        height = TOP + DOWN * (1 - share)
        shapes += [
            Stroke([(LEFT, height), (LEFT + ACROSS, height)], GREY),
            Word(LEFT - 6, height + 4, f"{most * share:g}", anchor="end"),
        ]
    width = ACROSS / max(1, len(found))
    for number, (name, hour) in enumerate(found.items()):
        left, base = LEFT + number * width, TOP + DOWN
        for at, one in enumerate(names):
            team = hour.classes.get(one)
            tall = DOWN * team.agents / most if team is not None else 0.0
            base -= tall
            shapes.append(Box(left + width * 0.1, base, width * 0.8, tall, _colour(at)))
        if number % (1 + len(found) // MOST_NAMES) == 0:
            shapes.append(Word(left + width / 2, TOP + DOWN + 18, name, 9, "middle"))
    for at, name in enumerate(names[: len(COLOURS)]):
        shapes.append(Word(LEFT + ACROSS + 20, TOP + 16 + 18 * at, name, colour=_colour(at)))
    if len(names) > len(COLOURS):
        more = f"and {len(names) - len(COLOURS)} more"
        shapes.append(Word(LEFT + ACROSS + 20, TOP + 16 + 18 * len(COLOURS), more))
    return Picture(WIDTH, HEIGHT, shapes)


def _colour(at: int) -> str:
    return COLOURS[at] if at < len(COLOURS) else GREY
