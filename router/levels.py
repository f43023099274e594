"""Service levels as pure arithmetic: what the clocks of a conversation say at a moment, and what follows from that. No engine, no store.

A target's clock counts the seconds for which it may count: within the hours, while it is our turn, and while nothing sleeps. Its chain is
a list of marks on that clock: at risk, late, and later steps. What has been said and done comes as turns, each at its own moment, so a
router that was away works out the same as one that was there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from router.hours import Hours
from stream.fold.level import ENDED, ended
from stream.model import ServiceLevel, Target, TargetName

replace = msgspec.structs.replace
REPLIES: frozenset[TargetName] = frozenset({"first_reply", "next_reply"})
MANY_TURNS = 8
"""So many turns are taken in even when they change no clock."""

Reached = Literal["at_risk", "breached", "escalated"]


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from a mark: `boost` seconds and a `priority` for its place in line, tags, and whom to `tell`.

    Another `queue` or `team`, with `need` alone; with `take` also from the agent who has it.
    """

    boost: float = 0.0
    priority: int = 0
    tags: tuple[str, ...] = ()
    queue: str = ""
    team: str = ""
    need: tuple[str, ...] = ()
    take: bool = False
    tell: tuple[str, ...] = ()


class Mark(msgspec.Struct, frozen=True):
    """Once a target's clock has come to `seconds`."""

    seconds: float
    reached: Reached
    deed: Deed = Deed()


class Promise(msgspec.Struct, frozen=True):
    """A target: so many seconds, and what happens on the way in the order of the marks."""

    within: float
    marks: tuple[Mark, ...]


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """A service level of the file. `hours` None: those of the conversation's queue, if `pauses` has closed at all."""

    name: str
    promises: Mapping[TargetName, Promise]
    hours: Hours | None = None
    pauses: frozenset[str] = frozenset({"closed", "customer"})


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a conversation when its clocks begin: when it was opened, and when each side last spoke (0: never)."""

    opened_at: float
    asked_at: float
    answered_at: float
    asleep: bool = False


class Next(msgspec.Struct, frozen=True):
    """The mark that a target comes to at `at`."""

    at: float
    target: Target
    mark: Mark


class Clock:
    """Counts within hours (None: always)."""

    def __init__(self, hours: Hours | None) -> None:
        self._hours = hours

    def between(self, start: float, end: float) -> float:
        """How many seconds count."""
        if end <= start:
            return 0.0
        return end - start if self._hours is None else self._hours.between(start, end)

    def after(self, at: float, length: float) -> float:
        """When `length` more seconds have counted; 0 when they never will."""
        if length <= 0 or self._hours is None:
            return at + max(0.0, length)
        return self._hours.after(at, length) or 0.0


class Running:
    """The clocks of one conversation while turns are taken in. `level` are the terms, `clock` the hours."""

    def __init__(self, level: Level, clock: Clock, known: ServiceLevel) -> None:
        self._level, self._clock = level, clock
        self.targets = {target.name: target for target in known.targets}
        self.owed, self.asleep = known.owed, known.asleep

    def take_in(self, at: float, what: str) -> None:
        """A turn."""
        owed, asleep = self.owed, self.asleep
        if what in {"customer", "agent"}:
            self.owed = what == "customer"
        else:
            self.asleep = what == "snoozed"
        if what == "customer" and not owed:
            self.begin("next_reply" if REPLIES & self.targets.keys() else "first_reply", at)
        if what == "agent" and owed:
            for name in sorted(REPLIES & self.targets.keys()):
                self.targets[name] = ended(self.targets[name], at)
        if (owed, asleep) != (self.owed, self.asleep):
            self.turn(at)

    def begin(self, name: TargetName, at: float) -> None:
        """Another round of a target, if it is promised."""
        promise = self._level.promises.get(name)
        if promise is None:
            return
        known = self.targets.get(name)
        fresh = Target(name=name, within=promise.within, round=known.round + 1 if known else 1)
        self.targets[name] = self._go_on(fresh, at) if self._counts(name) else fresh

    def turn(self, at: float) -> None:
        """Stop the clocks that do not count from `at` on, start those that do."""
        for name, target in self.targets.items():
            if target.state in ENDED or bool(target.since) == self._counts(name):
                continue
            self.targets[name] = self._go_on(target, at) if self._counts(name) else self._stop(target, at)

    def change(self, at: float, clock: Clock, terms: Level) -> None:
        """Other terms, other hours, or both, from `at` on: what has counted stays counted."""
        another, before = terms.name != self._level.name, self.targets
        stopped = {name: self._stop(one, at) if one.since else one for name, one in before.items()}
        self._level, self._clock, self.targets = terms, clock, {}
        for name, target in stopped.items():
            promise = terms.promises.get(name)
            if target.state in ENDED:
                self.targets[name] = target
            elif promise is not None:
                renewed = replace(target, within=promise.within)
                if another:
                    renewed = replace(renewed, state="running", round=target.round + 1, mark=0.0)
                self.targets[name] = self._go_on(renewed, at) if self._counts(name) else renewed

    def _counts(self, name: str) -> bool:
        if self.asleep and "snoozed" in self._level.pauses:
            return False
        return name in REPLIES or self.owed or "customer" not in self._level.pauses

    def _go_on(self, target: Target, at: float) -> Target:
        late = target.state == "breached"
        due = target.due_at if late else self._clock.after(at, target.within - target.spent)
        return replace(target, since=at, due_at=due)

    def _stop(self, target: Target, at: float) -> Target:
        spent = target.spent + self._clock.between(target.since, at)
        return replace(
            target, spent=spent, since=0.0, due_at=target.due_at if target.state == "breached" else 0.0
        )


def opened(level: Level, clock: Clock, queue: str, case: Case) -> ServiceLevel:
    """The clocks of a conversation that has none yet."""
    owed = case.asked_at > case.answered_at
    answered = case.answered_at >= case.opened_at and case.answered_at > 0
    running = Running(level, clock, ServiceLevel(name=level.name, owed=owed, asleep=case.asleep))
    if owed:
        running.begin(
            "next_reply" if answered else "first_reply", case.asked_at if answered else case.opened_at
        )
    running.begin("resolution", case.opened_at)
    return _kept(running, ServiceLevel(name=level.name, queue=queue))


def joined(level: Level, clock: Clock, known: ServiceLevel, case: Case) -> ServiceLevel:
    """`known` (settled) with what is promised by now and has no clock yet, counted as if it had been promised from the beginning."""
    running = {target.name for target in known.targets if target.state not in ENDED}
    known_to = {target.name for target in known.targets}
    missing = level.promises.keys() - known_to - (REPLIES if running & REPLIES else frozenset())
    if not missing:
        return known
    fresh = opened(level, clock, known.queue, case).targets
    begun = tuple(one for one in fresh if one.name in missing)
    targets = sorted((*known.targets, *begun), key=lambda one: one.name)
    return replace(known, targets=tuple(targets)) if begun else known


def settled(level: Level, clock: Clock, known: ServiceLevel) -> ServiceLevel:
    """`known` with its turns taken in."""
    running = Running(level, clock, known)
    for at, what in known.turns:
        running.take_in(at, what)
    return _kept(running, known)


def changed(
    old: Level, before: Clock, new: Level, clock: Clock, known: ServiceLevel, queue: str, at: float
) -> ServiceLevel:
    """`known` (settled) under other terms or in another queue from `at` on."""
    running = Running(old, before, known)
    running.change(at, clock, new)
    return _kept(running, replace(known, name=new.name, queue=queue, moved=False))


def _kept(running: Running, known: ServiceLevel) -> ServiceLevel:
    targets = tuple(running.targets[name] for name in sorted(running.targets))
    return replace(known, targets=targets, owed=running.owed, asleep=running.asleep)


def outdated(level: Level, clock: Clock, known: ServiceLevel) -> bool:
    """Whether a running target is due at another moment by these terms and hours than it was told to be."""
    for target in known.targets:
        if target.since and target.state in {"running", "at_risk"}:
            promise = level.promises.get(target.name)
            if promise is None or promise.within != target.within:
                return True
            if clock.after(target.since, target.within - target.spent) != target.due_at:
                return True
    return False


def coming(level: Level, clock: Clock, known: ServiceLevel) -> Next | None:
    """The next mark that any clock comes to if nothing happens before."""
    found: list[Next] = []
    for target in known.targets:
        promise = level.promises.get(target.name)
        mark = _next_mark(promise, target) if promise is not None else None
        if mark is not None and target.since:
            at = clock.after(target.since, mark.seconds - target.spent)
            found += [Next(at, target, mark)] if at else []
    return min(found, key=lambda one: (one.at, one.mark.seconds, one.target.name), default=None)


def _next_mark(promise: Promise, target: Target) -> Mark | None:
    if target.state in ENDED:
        return None
    been = {"at_risk": {"at_risk"}, "breached": {"at_risk", "breached"}}.get(target.state, set())
    return next((one for one in promise.marks if one.seconds > target.mark and one.reached not in been), None)


def due(known: ServiceLevel | None) -> float:
    """When the first of its targets is due; 0 when none is."""
    if known is None:
        return 0.0
    moments = [one.due_at for one in known.targets if one.due_at and one.state not in ENDED]
    return min(moments, default=0.0)


def outcomes(before: ServiceLevel | None, after: ServiceLevel | None) -> list[tuple[str, str]]:
    """Which targets were met or missed between two states, as (target, met or missed), each once."""
    known = {(one.name, one.round): one.state for one in before.targets} if before else {}
    found: list[tuple[str, str]] = []
    for target in after.targets if after else ():
        was = known.get((target.name, target.round), "running")
        if target.state == "met" and was not in ENDED:
            found.append((target.name, "met"))
        elif target.state in {"breached", "missed"} and was not in {"breached", *ENDED}:
            found.append((target.name, "missed"))
    return found
