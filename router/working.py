"""The sections of `routing.yaml` about when and how much agents work: shifts, breaks, ramps. Checked and compiled."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from router import hours as clocks
from router import plan
from router.routing import HoursEntry, Known, Path, RampEntry, ShiftEntry
from router.sections import Notes, hours

MOST_STEPS = 100


def shift(
    notes: Notes, path: Path, name: str, entry: ShiftEntry, known: Known, times: Mapping[str, clocks.Hours], zone: ZoneInfo
) -> plan.Shift:  # fmt: skip
    """A shift: the hours that it names, its breaks on the same clocks, and whose it is."""
    notes.one_of((*path, "hours"), "hours", entry.hours, times)
    own = times.get(entry.hours)
    for index, team in enumerate(entry.teams):
        notes.one_of((*path, "teams", index), "team", team, known.teams)
    if known.agents:
        for index, agent in enumerate(entry.agents):
            notes.one_of((*path, "agents", index), "agent", agent, known.agents)
    if not entry.agents and not entry.teams:
        notes.note(path, "nobody works in this shift: name agents or teams", key=True)
    clock = own.zone if own is not None else zone
    pauses = hours(notes, path, HoursEntry(week=entry.breaks), clock, key="breaks") if entry.breaks else None
    return plan.Shift(
        name=name,
        hours=own or clocks.Hours(zone, ((),) * 7),
        breaks=pauses,
        agents=frozenset(entry.agents),
        teams=frozenset(entry.teams),
    )


def ramp(notes: Notes, path: Path, entry: RampEntry, zone: ZoneInfo) -> plan.Ramp:
    """The first weeks of somebody new."""
    try:
        begins = clocks.moment(entry.begins, zone)
    except ValueError:
        notes.note((*path, "begins"), f'"{entry.begins}" is not a day: write it as 2026-03-01')
        begins = 0.0
    if not 1 <= len(entry.units) <= MOST_STEPS:
        notes.note((*path, "units"), f"1 to {MOST_STEPS} numbers")
    for index, units in enumerate(entry.units):
        notes.between((*path, "units", index), units, 0, 10_000)
    every = notes.length((*path, "every"), entry.every, least=60.0)
    return plan.Ramp(begins=begins, units=tuple(entry.units) or (0,), every=every)
