"""A model as written to a model as played, with everything that is wrong at its place. Steps and requirements are read as in routing.yaml."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from router import routing, ruling, sections
from router.names import nearest
from router.needs import wants
from router.picking import WORDS
from router.routing import Path, Problem
from router.rules import Step
from router.simulation.entries import AgentEntry, ClassEntry, ModelEntry, TickEntry
from router.simulation.model import Group, Kind, Model
from router.simulation.play import ROUTERS

MOST_AGENTS = 20_000
MOST_CLASSES = 1_000
ARRIVALS = 200_000


class Checked:
    """The notes of one model, and the names that its agents give."""

    def __init__(self, entry: ModelEntry) -> None:
        self.entry = entry
        self.notes = sections.Notes()
        self.skills = {skill: sections.HIGHEST_LEVEL for agent in entry.agents for skill in agent.skills}
        self.teams = frozenset(team for agent in entry.agents for team in agent.teams)
        self.stepped = False

    def minutes(self, path: Path, length: float | str) -> float:
        """A number is minutes already."""
        return self.notes.length(path, length) / 60.0 if isinstance(length, str) else length


def check(entry: ModelEntry) -> tuple[Model | None, list[Problem]]:
    """The model, or None and all problems."""
    checked = Checked(entry)
    notes = checked.notes
    groups = tuple(_group(checked, ("agents", index), one) for index, one in enumerate(entry.agents))
    kinds = tuple(_kind(checked, ("classes", index), one) for index, one in enumerate(entry.classes))
    _whole(checked, kinds, groups)
    router, tick, take = _router(checked)
    for index, word in enumerate(entry.pick):
        notes.one_of(("pick", index), "way to choose", word, WORDS)
    arrivals = 0 if entry.minutes is not None else entry.arrivals or ARRIVALS
    model = Model(
        seed=entry.seed,
        arrivals=arrivals,
        minutes=entry.minutes or 0.0,
        warmup=entry.warmup,
        kinds=kinds,
        groups=groups,
        order=entry.order,
        pick=entry.pick,
        places=entry.places,
        router=router,
        tick=tick,
        take=take,
        distribution=entry.distribution,
    )
    return (None if notes.problems else model), notes.problems


def _whole(checked: Checked, kinds: Sequence[Kind], groups: Sequence[Group]) -> None:
    """What no class or group can be blamed for."""
    entry, notes = checked.entry, checked.notes
    _once(notes, "classes", [kind.name for kind in kinds])
    _once(notes, "agents", [group.name for group in groups])
    if entry.arrivals is not None and entry.minutes is not None:
        notes.note(("minutes",), "write either arrivals or minutes", key=True)
    if entry.minutes is None and entry.warmup >= (entry.arrivals or ARRIVALS):
        notes.note(("warmup",), f"of {entry.arrivals or ARRIVALS} arrivals nothing would be counted")
    coming = (entry.minutes or 0.0) * sum(kind.rate for kind in kinds)
    if 0 < coming <= entry.warmup:
        said = f"in {entry.minutes:g} minutes some {coming:.0f} come: nothing would be counted"
        notes.note(("warmup",), said)
    if kinds and not any(kind.rate for kind in kinds):
        notes.note(("classes",), "nobody ever comes: every rate is 0", key=True)
    if not kinds or not groups:
        notes.note(("agents",) if kinds else ("classes",), "at least one", key=True)
    if entry.steps and not checked.stepped:
        notes.note(("steps",), "no class needs what these steps begin with", key=True)
    if len(kinds) > MOST_CLASSES:
        notes.note(("classes",), f"at most {MOST_CLASSES} classes", key=True)
    if sum(group.count for group in groups) > MOST_AGENTS:
        notes.note(("agents",), f"at most {MOST_AGENTS} agents", key=True)


def _once(notes: sections.Notes, section: str, names: list[str]) -> None:
    for index, name in enumerate(names):
        if not name.strip():
            notes.note((section, index, "name"), "a name has at least one letter")
        elif name in names[:index]:
            notes.note((section, index, "name"), f'"{name}" stands here twice')


def _group(checked: Checked, path: Path, entry: AgentEntry) -> Group:
    notes = checked.notes
    for skill, level in entry.skills.items():
        notes.names((*path, "skills"), [skill])
        notes.between((*path, "skills", skill), level, 1, sections.HIGHEST_LEVEL)
    lightest = min((one.weight for one in checked.entry.classes), default=1)
    most = entry.units // lightest
    if entry.speed is not None and len(entry.speed) < most:
        said = f"{entry.units} units hold up to {most} at once: say the total speed for each, 1 to {most}"
        notes.note((*path, "speed"), said)
    return Group(
        name=entry.name,
        count=entry.count,
        skills=entry.skills,
        teams=entry.teams,
        units=entry.units,
        speed=entry.speed,
    )


def _kind(checked: Checked, path: Path, entry: ClassEntry) -> Kind:
    notes = checked.notes
    need = tuple(str(one) for one in ruling.need(notes, path, list(entry.need), checked.skills))
    if checked.entry.agents and entry.weight > max(agent.units for agent in checked.entry.agents):
        notes.note((*path, "weight"), f"a weight of {entry.weight} fits into no agent's units")
    return Kind(
        name=entry.name,
        rate=entry.rate,
        steps=_steps(checked, path, entry, need),
        patience=entry.patience or 0.0,
        service=entry.service,
        priority=entry.priority,
        boost=checked.minutes((*path, "boost"), entry.boost),
        slope=entry.slope,
        weight=entry.weight,
        target=checked.minutes((*path, "target"), entry.target),
    )


def _steps(checked: Checked, path: Path, entry: ClassEntry, need: tuple[str, ...]) -> tuple[Step, ...]:
    """The class's own steps, else the model's if they begin with what the class needs; an empty first need is the class's."""
    notes = checked.notes
    entries, at = (entry.steps, path) if entry.steps else (checked.entry.steps, ())
    if not entries:
        return (Step(need=need),)
    first = entries[0]
    if need and not first.need:
        entries = (msgspec.structs.replace(first, need=list(need)), *entries[1:])
    elif need and wants(tuple(first.need)) != wants(need):
        if entry.steps:
            notes.note((*path, "need"), "the first step needs something else: leave this out", key=True)
        return (Step(need=need),)
    checked.stepped = True
    rule = routing.RuleEntry(name=entry.name, queue="all", steps=list(entries))
    return ruling.steps(notes, at, rule, checked.skills, routing.Known(teams=checked.teams))


def _router(checked: Checked) -> tuple[str, float, int | None]:
    wanted = checked.entry.router
    if isinstance(wanted, TickEntry):
        tick = checked.minutes(("router", "tick"), wanted.tick)
        if tick <= 0:
            checked.notes.note(("router", "tick"), "a tick is longer than nothing")
        return "tick", tick, wanted.take
    if wanted not in ROUTERS:
        said = f'unknown router "{wanted}"; one of {", ".join(ROUTERS)} or {{tick: 5s}}'
        checked.notes.note(("router",), said, nearest(wanted, ROUTERS))
    return wanted, 0.0, None
