"""The same model played by a page of obvious code: nothing indexed, every list looked through at every event. Only chance is shared.

Slow, and only for what a model can say without the engine: orders, steps, skills, weights, shared speed, patience, places.
"""

from __future__ import annotations

from math import inf
from typing import Any

from router.needs import canonical
from router.simulation.chance import Stream
from router.simulation.model import Group, Kind, Model


class Person:
    """A customer: what is left to do, and since when they wait."""

    def __init__(self, number: int, kind: Kind, arrived: float, work: float, patience: float) -> None:
        self.number, self.kind, self.arrived = number, kind, arrived
        self.left, self.gives_up = work, arrived + patience
        self.wait: float | None = None
        self.fate = "waiting"


class Clerk:
    """An agent."""

    def __init__(self, number: int, name: str, group: Group) -> None:
        self.number, self.name, self.group = number, name, group
        self.busy: list[Person] = []
        self.idle_since = 0.0

    def free(self) -> int:
        return self.group.units - sum(person.kind.weight for person in self.busy)

    def pace(self) -> float:
        if self.group.speed is None:
            return 1.0
        return self.group.speed[len(self.busy) - 1] / len(self.busy)

    def rank(self, pick: tuple[str, ...]) -> tuple[Any, ...]:
        values = {"longest_idle": self.idle_since, "spare": -self.free(), "fullest": self.free()}
        return (*(values[word] for word in pick), self.name)


class Office:
    """One run; afterwards `people` have their waits and fates, in the order of arrival."""

    def __init__(self, model: Model) -> None:
        self.model, self.now = model, 0.0
        self.streams = [Stream(model, kind) for kind in model.kinds]
        self.next = [stream.gap() for stream in self.streams]
        names = [
            (f"{group.name}-{each:05d}" if group.count > 1 else group.name, group)
            for group in model.groups
            for each in range(group.count)
        ]
        self.clerks = [Clerk(number, *each) for number, each in enumerate(names)]
        self.people: list[Person] = []
        self.line: list[Person] = []

    def play(self) -> Office:
        """Others still come for as long as one of the counted arrivals waits."""
        counted = self.model.arrivals
        while len(self.people) < counted or any(person.number < counted for person in self.line):
            self._forward()
            self._match()
            self._turn_away()
        return self

    def _forward(self) -> None:
        """To whatever happens next."""
        arrival = min(self.next)
        leaving = min((person.gives_up for person in self.line), default=inf)
        step = min((at for person in self.line for at in self._steps(person) if at > self.now), default=inf)
        done = [
            (self.now + person.left / clerk.pace(), number, clerk, person)
            for number, clerk in enumerate(self.clerks)
            for person in clerk.busy
        ]
        first = min(done, key=lambda each: each[:2], default=None)
        then = min(arrival, leaving, step, first[0] if first else inf)
        for clerk in self.clerks:
            for person in clerk.busy:
                person.left -= (then - self.now) * clerk.pace()
        self.now = then
        if first is not None and then == first[0]:
            first[2].busy.remove(first[3])
            first[2].idle_since = then
        elif then == leaving:
            person = min(self.line, key=lambda each: each.gives_up)
            person.fate = "abandoned"
            self.line.remove(person)
        elif then == arrival:
            self._arrive(self.next.index(arrival))

    def _arrive(self, index: int) -> None:
        kind, stream = self.model.kinds[index], self.streams[index]
        self.next[index] += stream.gap()
        patience = stream.patience() if kind.patience else inf
        person = Person(len(self.people), kind, self.now, stream.work(), patience)
        self.people.append(person)
        self.line.append(person)

    @staticmethod
    def _steps(person: Person) -> list[float]:
        return [person.arrived + step.after / 60 for step in person.kind.steps]

    def _fits(self, person: Person, clerk: Clerk) -> bool:
        begun = [
            step
            for step, at in zip(person.kind.steps, self._steps(person), strict=True)
            if at <= self.now or not step.after
        ]
        skills = clerk.group.skills
        able = all(skills.get(need.skill, 0) >= need.level for need in canonical(begun[-1].need))
        team = begun[-1].team
        return able and clerk.free() >= person.kind.weight and (not team or team in clerk.group.teams)

    def _place(self, person: Person) -> tuple[float, float, int]:
        kind, since = person.kind, person.arrived
        first, second = {
            "strict": (float(-kind.priority), since),
            "fifo": (0.0, since),
            "head_start": (0.0, since - kind.boost),
            "due": (0.0, since + kind.target),
            "ageing": (0.0, -kind.slope * (self.now - since)),
        }[self.model.order]
        return (first, second, person.number)

    def _match(self) -> None:
        for person in sorted(self.line, key=self._place):
            able = [clerk for clerk in self.clerks if self._fits(person, clerk)]
            if able:
                clerk = min(able, key=lambda each: each.rank(self.model.pick))
                clerk.busy.append(person)
                clerk.idle_since = self.now
                person.wait, person.fate = self.now - person.arrived, "served"
                self.line.remove(person)

    def _turn_away(self) -> None:
        if self.model.places is not None and len(self.line) > self.model.places:
            person = self.line.pop()
            person.fate = "blocked"
