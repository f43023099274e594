"""The section `service_levels` of `routing.yaml` checked and compiled: targets, when they are at risk, and the chain of what follows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import get_args

from router import ruling
from router.hours import Hours
from router.levels import Deed, Level, Mark, Promise, Reached
from router.routing import DeedEntry, Known, LevelEntry, Path
from router.sections import Notes
from stream.model import TargetName

_SHARE = re.compile(r"(\d+(?:\.\d+)?)%")
_ORDER: tuple[Reached, ...] = ("breached", "at_risk", "escalated")
"""What two things at one moment are called."""
Step = tuple[DeedEntry, float, Deed]
"""A step as it is written, how long after its moment it comes, and what it does."""
TARGETS: tuple[TargetName, ...] = get_args(TargetName)


def level(
    notes: Notes,
    path: Path,
    name: str,
    entry: LevelEntry,
    hours: Mapping[str, Hours],
    steps: Sequence[Step],
) -> Level:
    """A service level. `steps` are those of its chain, checked before."""
    if entry.hours:
        notes.one_of((*path, "hours"), "hours", entry.hours, hours)
        if "closed" not in entry.pause:
            notes.note((*path, "hours"), "these hours do nothing: `pause` does not say closed")
    promises: dict[TargetName, Promise] = {}
    for target in TARGETS:
        text = getattr(entry, target)
        if text:
            within = notes.length((*path, target), text, least=1.0)
            promises[target] = Promise(within, _marks(notes, path, entry, target, within, steps))
    if not promises:
        notes.note(path, "promises nothing: add first_reply, next_reply or resolution", key=True)
    for index, written in enumerate(entry.then):
        for place, target in enumerate(written.of):
            if not getattr(entry, target):
                notes.note((*path, "then", index, "of", place), f"this level promises no {target}")
    return Level(name=name, promises=promises, hours=hours.get(entry.hours), pauses=frozenset(entry.pause))


def _marks(
    notes: Notes, path: Path, entry: LevelEntry, target: TargetName, within: float, steps: Sequence[Step]
) -> tuple[Mark, ...]:
    """Everything on the way of one target, in order; what falls on one moment is one mark."""
    risk = _at_risk(notes, (*path, "at_risk"), entry.at_risk, target, within)
    bases = {"at_risk": risk, "breached": within}
    found: list[tuple[float, Reached, Deed]] = [(risk, "at_risk", Deed()), (within, "breached", Deed())]
    for step, later, deed in steps:
        if not step.of or target in step.of:
            found.append((bases[step.when] + later, "escalated" if later else step.when, deed))
    found.sort(key=lambda one: one[0])
    return tuple(_mark(seconds, list(group)) for seconds, group in groupby(found, key=lambda one: one[0]))


def _mark(seconds: float, group: list[tuple[float, Reached, Deed]]) -> Mark:
    deeds = [deed for _, _, deed in group]
    moves = [deed for deed in deeds if deed.queue or deed.team] or [Deed()]
    return Mark(
        seconds,
        min((reached for _, reached, _ in group), key=_ORDER.index),
        Deed(
            boost=sum(deed.boost for deed in deeds),
            priority=max(deed.priority for deed in deeds),
            tags=tuple(dict.fromkeys(tag for deed in deeds for tag in deed.tags)),
            queue=moves[-1].queue,
            team=moves[-1].team,
            need=moves[-1].need,
            take=moves[-1].take,
            tell=tuple(dict.fromkeys(who for deed in deeds for who in deed.tell)),
        ),
    )


def _at_risk(notes: Notes, path: Path, text: str, target: str, within: float) -> float:
    share = _SHARE.fullmatch(text.strip())
    if share is not None:
        if not 0 < float(share[1]) < 100:
            notes.note(path, f"at risk after {text} of the target is not before it: write a share below 100%")
        return within * float(share[1]) / 100
    before = notes.length(path, text, least=1.0)
    if before >= within:
        notes.note(path, f"{text} before it is due is before it begins: {target} may take {within:g} s")
    return within - before


def step(
    notes: Notes,
    path: Path,
    entry: DeedEntry,
    skills: Mapping[str, int],
    known: Known,
    queues: Iterable[str],
    tags: Iterable[str],
) -> Step:
    """One step of a chain."""
    if entry.queue:
        notes.one_of((*path, "queue"), "queue", entry.queue, queues)
    if entry.team:
        notes.one_of((*path, "team"), "team", entry.team, known.teams)
    for index, tag in enumerate(entry.tags):
        notes.one_of((*path, "tags", index), "tag", tag, tags)
    notes.between((*path, "priority"), entry.priority, 0, 9)
    for name, given in (("need", entry.need), ("take", entry.take)):
        if given and not (entry.queue or entry.team):
            notes.note(
                (*path, name), f"`{name}` says how it goes to another queue or team: name one", key=True
            )
    for index, who in enumerate(entry.notify):
        _whom(notes, (*path, "notify", index), who, known)
    found = Deed(
        boost=notes.length((*path, "boost"), entry.boost),
        priority=entry.priority,
        tags=tuple(entry.tags),
        queue=entry.queue,
        team=entry.team,
        need=tuple(str(one) for one in ruling.need(notes, path, entry.need, skills, known)),
        take=entry.take,
        tell=tuple(entry.notify),
    )
    if found == Deed():
        notes.note(path, "nothing follows here: add boost, priority, tags, queue, team or notify", key=True)
    return entry, notes.length((*path, "after"), entry.after), found


def _whom(notes: Notes, path: Path, who: str, known: Known) -> None:
    kind, colon, name = who.partition(":")
    if colon and kind == "team":
        notes.one_of(path, "team", name, known.teams)
    elif colon and kind == "agent":
        if known.agents:
            notes.one_of(path, "agent", name, known.agents)
    else:
        notes.one_of(path, "receiver", who, ("assignee", "supervisors"))
