"""A picture as a list of strokes, boxes and words, before anybody decides on a format. `svg` writes them as text, `png` as points."""

from __future__ import annotations

from typing import Literal

import msgspec

Point = tuple[float, float]


class Stroke(msgspec.Struct, frozen=True):
    """A line through points."""

    points: list[Point]
    colour: str
    width: float = 1.0


class Box(msgspec.Struct, frozen=True):
    """A filled rectangle."""

    left: float
    top: float
    width: float
    height: float
    colour: str


class Word(msgspec.Struct, frozen=True):
    """A text on its base line."""

    left: float
    base: float
    text: str
    size: float = 12.0
    anchor: Literal["start", "middle", "end"] = "start"
    colour: str = "#222222"


Shape = Stroke | Box | Word


class Picture(msgspec.Struct, frozen=True):
    """Shapes, later ones over earlier ones, on white."""

    width: int
    height: int
    shapes: list[Shape]
