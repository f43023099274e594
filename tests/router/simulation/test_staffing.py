"""Agents per hour and class: the formula, the judge, and helping out."""

from __future__ import annotations

from typing import Any

import pytest

from router.simulation import erlang
from router.simulation.drawing import Box, Word
from router.simulation.staff_plot import plot
from router.simulation.staffing import Demand, Volumes, staff


def volumes(*demands: Demand, **more: Any) -> Volumes:
    known: dict[str, Any] = {"within": 1 / 3, "share": 0.8, "skills": 1, "judge": 4_000, "seed": 1, **more}
    return Volumes(demands=demands, **known)


def demand(
    name: str, service: float = 4.0, patience: float = 0.5, at_once: int = 1, **hours: float
) -> Demand:
    return Demand(name=name, service=service, patience=patience, hours=hours, at_once=at_once)


A = demand("a", h9=40, h10=90)
B = demand("b", service=6.0, h10=60, h11=0)


def test_every_hour_has_what_its_classes_need() -> None:
    found = staff(volumes(A, B, judge=0))
    assert list(found) == ["h9", "h10", "h11"]
    assert found["h10"].classes["a"].agents == erlang.needed(1.5, 4.0, 0.5, 1 / 3, 0.8)
    assert found["h10"].total == sum(team.agents for team in found["h10"].classes.values())
    assert list(found["h9"].classes) == ["a"]
    assert found["h11"].total == 0


def test_the_judge_agrees_with_the_formula() -> None:
    told, judged = staff(volumes(A, B, judge=0)), staff(volumes(A, B))
    for hour, found in told.items():
        assert judged[hour].total - found.total in {0, 1}
        for name, team in found.classes.items():
            assert judged[hour].classes[name].level == pytest.approx(team.level, abs=0.05)


def test_the_judge_puts_the_formula_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erlang, "needed", lambda *_: 2)
    team = staff(volumes(A, judge=1_500))["h9"].classes["a"]
    assert team.erlang == 2
    assert team.agents > 2
    assert team.level >= 0.79


def test_agents_who_help_out_are_fewer() -> None:
    classes = [demand(name, h9=30) for name in "abc"]
    alone, shared = staff(volumes(*classes))["h9"], staff(volumes(*classes, skills=2))["h9"]
    assert shared.total < alone.total
    assert all(team.level >= 0.8 for team in shared.classes.values())


def test_large_teams_that_help_out_are_no_fewer_than_one_pool() -> None:
    """All of them do everything, so Erlang C is exact; a run that begins in an empty house, or is short, would do with a few less."""
    classes = [demand(name, service=10.0, patience=0.0, h9=600) for name in "ab"]
    found = staff(volumes(*classes, skills=2, judge=500))["h9"]
    assert erlang.needed(20.0, 10.0, 0.0, 1 / 3, 0.8) == 213
    assert 213 <= found.total <= 216


def test_the_judge_begins_with_a_full_house() -> None:
    """Some wait, also in a run that is over before an empty house would be full."""
    asked = volumes(demand("a", service=30.0, patience=0.0, h9=200), judge=400, share=0.5)
    team = staff(asked)["h9"].classes["a"]
    assert team.agents == team.erlang == 105
    assert team.level < 0.9


def test_who_does_several_at_once_is_so_many() -> None:
    """The judge says so too, also where agents have both kinds of work."""
    one, three = demand("a", h9=300), demand("a", at_once=3, h9=300)
    alone = staff(volumes(one, judge=0))["h9"].total
    judged = staff(volumes(three))["h9"].classes["a"]
    assert judged.erlang == -(-alone // 3)
    assert judged.level >= 0.79
    shared = staff(volumes(three, demand("b", at_once=2, h9=100), skills=2))["h9"]
    assert shared.total <= judged.agents + erlang.needed(100 / 60, 4.0, 0.5, 1 / 3, 0.8)
    assert all(team.level >= 0.8 for team in shared.classes.values())


def test_it_is_drawn_hour_by_hour() -> None:
    hours = {f"h{hour}": 6.0 for hour in range(30)}
    many = [Demand(name=f"k{at}", service=4.0, patience=0.5, hours=hours) for at in range(10)]
    drawn = plot(staff(volumes(*many, judge=0)))
    said = [shape.text for shape in drawn.shapes if isinstance(shape, Word)]
    assert {"k0", "k7", "and 2 more", "h0", "h28"} <= set(said)
    assert "k8" not in said
    boxes = [shape for shape in drawn.shapes if isinstance(shape, Box)]
    assert len(boxes) == 300
    assert all(60.0 <= box.top <= 360.0 for box in boxes)
    assert plot({}).shapes
