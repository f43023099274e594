"""Pictures and tables of a run, also of one that has nothing to show."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from router.simulation.model import Model
from router.simulation.play import play
from router.simulation.plot import plot
from router.simulation.svg import svg
from router.simulation.table import lines
from tests.router.simulation.models import group, kind, model

BUSY = model(600, [kind("a & b", 2.0), kind("c", 1.0)], [group("s", 4)])
NOTHING = model(60, [kind("a", 1.0, "x")], [group("s")])
MANY = model(800, [kind(f"k{at}", 0.2) for at in range(12)], [group(f"g{at}") for at in range(20)])


def words(played: Model) -> list[str]:
    report, tally = play(played)
    drawn = ElementTree.fromstring(svg(plot(played, report, tally)))
    return [element.text or "" for element in drawn.iter("{http://www.w3.org/2000/svg}text")]


def test_classes_and_groups_are_named() -> None:
    said = words(BUSY)
    assert {"a & b", "c", "s", "0%", "100%"} <= set(said)
    assert said[0].startswith("540 arrivals: mean wait ")


def test_what_does_not_fit_is_counted() -> None:
    assert [text for text in words(MANY) if text.startswith("and ")] == ["and 4 more", "and 5 more"]


def test_nothing_served_is_drawn_too() -> None:
    assert words(NOTHING)[0] == "54 arrivals: nobody was served"
    assert lines(play(NOTHING)[0])[1].split()[5:10] == ["-"] * 5


def test_curves_fall_and_stay_within_the_frame() -> None:
    report, tally = play(BUSY)
    curves = [shape for shape in plot(BUSY, report, tally).shapes if getattr(shape, "width", 0) == 2.0]
    assert len(curves) == 2
    for curve in curves:
        heights = [height for _, height in curve.points]  # type: ignore[union-attr]  # only strokes are two wide
        assert heights == sorted(heights)
        assert heights[0] >= 60.0
        assert heights[-1] <= 360.0


def test_a_table_is_aligned() -> None:
    told = lines(play(BUSY)[0])
    assert len({len(line) for line in told[:4]}) == 1
    assert told[3].startswith("all")


@pytest.mark.parametrize("longest", [0.003, 1.0, 7.3, 1_000.0])
def test_marks_are_round(longest: float) -> None:
    from router.simulation.plot import _step

    assert 4 <= longest / _step(longest) <= 10
