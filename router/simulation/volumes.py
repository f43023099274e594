"""What `parley staff` is given: volumes per hour and class, and the service level that is wanted; as written, and checked."""

from __future__ import annotations

from typing import Annotated

import msgspec

from router.routing import Entry, Problem
from router.sections import Notes
from router.simulation.entries import Length, NotNegative, Positive
from router.simulation.staffing import Demand, Volumes

MOST_HOURS = 24 * 7
MOST_DEMANDS = 100
MOST_AT_ONCE = 5_000
"""Agents who would be busy all the time: more than this in one class is a slip of the pen."""


class TargetEntry(Entry, frozen=True, kw_only=True):
    """`share` of everybody who comes (0.8: four of five) is served `within` so long."""

    within: Length = "20s"
    share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.8


class DemandEntry(Entry, frozen=True, kw_only=True):
    """A class: arrivals per hour, by names of hours (`09:00`); mean service in minutes; `patience` as in a model.

    `at_once`: how many of them an agent has who does nothing else.
    """

    name: str
    hours: dict[str, NotNegative]
    service: Positive = 1.0
    patience: NotNegative | None = None
    at_once: Annotated[int, msgspec.Meta(ge=1, le=20)] = 1


class VolumesEntry(Entry, frozen=True, kw_only=True):
    """The whole file. `skills` is how many each agent has; `judge` how many arrivals are played per hour (0: the formula alone)."""

    target: TargetEntry = TargetEntry()
    skills: Annotated[int, msgspec.Meta(ge=1, le=MOST_DEMANDS)] = 1
    judge: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 20_000
    seed: int = 1
    classes: tuple[DemandEntry, ...]


def check_volumes(entry: VolumesEntry) -> tuple[Volumes | None, list[Problem]]:
    """The volumes, or None and all problems."""
    notes = Notes()
    within = entry.target.within
    if isinstance(within, str):
        within = notes.length(("target", "within"), within) / 60.0
    if not entry.classes:
        notes.note(("classes",), "at least one", key=True)
    if len(entry.classes) > MOST_DEMANDS:
        notes.note(("classes",), f"at most {MOST_DEMANDS} classes", key=True)
    if len({hour for one in entry.classes for hour in one.hours}) > MOST_HOURS:
        notes.note(("classes",), f"at most {MOST_HOURS} hours", key=True)
    if entry.skills > 1 and not entry.judge:
        notes.note(("judge",), "no formula knows agents with several skills: let the simulation judge")
    for index, one in enumerate(entry.classes):
        _class(notes, index, one, [other.name for other in entry.classes[:index]])
    demands = tuple(
        Demand(
            name=one.name,
            service=one.service,
            patience=one.patience or 0.0,
            hours=one.hours,
            at_once=one.at_once,
        )
        for one in entry.classes
    )
    volumes = Volumes(
        within=within,
        share=entry.target.share,
        skills=entry.skills,
        judge=entry.judge,
        seed=entry.seed,
        demands=demands,
    )
    return (None if notes.problems else volumes), notes.problems


def _class(notes: Notes, index: int, entry: DemandEntry, before: list[str]) -> None:
    notes.names(("classes", index, "name"), [entry.name])
    if entry.name in before:
        notes.note(("classes", index, "name"), f'"{entry.name}" stands here twice')
    for hour, count in entry.hours.items():
        if count * entry.service / 60.0 / entry.at_once > MOST_AT_ONCE:
            said = f"that is work for more than {MOST_AT_ONCE} agents"
            notes.note(("classes", index, "hours", hour), said)
