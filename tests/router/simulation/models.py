"""Models for the tests, short to write."""

from __future__ import annotations

from typing import Any

from router.rules import Step
from router.simulation.model import Group, Kind, Model


def kind(name: str, rate: float, need: str = "", **more: Any) -> Kind:
    """A class that needs the skills named by the letters of `need`."""
    return Kind(name=name, rate=rate, steps=(Step(need=tuple(need)),), **more)


def group(name: str, count: int = 1, skills: str = "", **more: Any) -> Group:
    """Agents with the skills named by the letters of `skills`."""
    return Group(name=name, count=count, skills=dict.fromkeys(skills, 5), **more)


def model(arrivals: int, kinds: list[Kind], groups: list[Group], **more: Any) -> Model:
    """A tenth of the arrivals is for warming up."""
    known = {"seed": 1, "warmup": arrivals // 10, **more}
    return Model(arrivals=arrivals, kinds=tuple(kinds), groups=tuple(groups), **known)


def chain(skills: str, rate: float) -> tuple[list[Kind], list[Group]]:
    """Agent and class per skill; each agent also has the next skill, the last one the first."""
    kinds = [kind(skill, rate, skill) for skill in skills]
    round_and_round = skills + skills[0]
    return kinds, [group(f"s{at}", 1, round_and_round[at : at + 2]) for at in range(len(skills))]
