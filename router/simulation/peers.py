"""How others give out work, as far as their code was read, to compare with: pushed at arrival, or by a sweep on a timer.

push_least_open   at arrival, to the agent with the fewest open conversations, whoever has room or not; it waits at that agent
push_round_robin  at arrival, to the next agent in turn who fits; it waits at that agent
tick              it waits in one line per class; on every tick the classes are looked at one by one, and what fits goes to the
                  agent with the fewest open conversations

An agent works on as many at once as their units hold. Skills count, orders and steps do not; who waits is served oldest first.
"""

from __future__ import annotations

from collections import deque
from math import floor

from router.needs import Need, wants
from router.simulation.customers import Customer, Worker
from router.simulation.model import Group, Kind, Model
from router.simulation.ports import Starts


class Desk:
    """An agent: units taken, how many conversations are theirs (waiting ones too), and who waits for them."""

    __slots__ = ("line", "open", "taken", "turn", "worker")

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.taken = 0
        self.open = 0
        self.turn = worker.index
        self.line: deque[Customer] = deque()

    def room(self, kind: Kind) -> bool:
        """Whether one of these fits now."""
        return self.taken + kind.weight <= self.worker.group.units


def able(model: Model, desks: list[Desk]) -> list[list[Desk]]:
    """Per class the agents who can ever serve it."""
    return [[desk for desk in desks if _fits(kind, desk.worker.group)] for kind in model.kinds]


def _fits(kind: Kind, group: Group) -> bool:
    asked = wants(kind.need)
    fits = all(_has(group, need) for need in asked.every) and not any(
        _has(group, need) for need in asked.none
    )
    any_of = all(any(_has(group, need) for need in some) for some in asked.some)
    return fits and any_of and kind.weight <= group.units


def _has(group: Group, need: Need) -> bool:
    if need.kind == "skill":
        return group.skills.get(need.skill, 0) >= need.level
    return need.skill in (group.teams if need.kind == "team" else (group.name,))


class Pushing:
    """Both kinds of push: whoever is chosen at arrival keeps the customer, however long others are idle."""

    def __init__(self, model: Model, workers: list[Worker]) -> None:
        self._desks = [Desk(worker) for worker in workers]
        self._able = able(model, self._desks)
        self._least = model.router == "push_least_open"
        self._turns = len(workers)
        self._at: dict[Customer, Desk] = {}

    def arrive(self, customer: Customer, now: float) -> Starts:  # noqa: ARG002  # one signature for every router
        """Chosen now and for ever."""
        able_desks = self._able[customer.index]
        if not able_desks:
            return []
        desk = min(able_desks, key=self._rank)
        self._turns += 1
        desk.turn = self._turns
        desk.open += 1
        desk.line.append(customer)
        self._at[customer] = desk
        return self._next(desk)

    def _rank(self, desk: Desk) -> tuple[int, int]:
        return (desk.open if self._least else 0, desk.turn)

    def leave(self, customer: Customer, now: float) -> None:  # noqa: ARG002  # the same
        """Their place is the agent's no longer."""
        desk = self._at.pop(customer, None)
        if desk is not None:
            desk.open -= 1
            desk.line.remove(customer)

    def finish(self, customer: Customer, now: float) -> Starts:  # noqa: ARG002  # the same
        """The next of this agent's own line."""
        desk = self._at.pop(customer)
        desk.open -= 1
        desk.taken -= customer.kind.weight
        return self._next(desk)

    @staticmethod
    def _next(desk: Desk) -> Starts:
        starts: Starts = []
        while desk.line and desk.room(desk.line[0].kind):
            customer = desk.line.popleft()
            desk.taken += customer.kind.weight
            starts.append((customer, desk.worker))
        return starts

    def due(self) -> float | None:
        """Nothing happens by itself."""
        return None

    def wake(self, now: float) -> Starts:  # noqa: ARG002  # the same
        """Never."""
        return []


class Sweeping:
    """The timer: between its ticks nobody gets anything, and who has room waits as well."""

    def __init__(self, model: Model, workers: list[Worker]) -> None:
        self._desks = [Desk(worker) for worker in workers]
        self._able = able(model, self._desks)
        self._lines: list[deque[Customer]] = [deque() for _ in model.kinds]
        self._of = {desk.worker.ident: desk for desk in self._desks}
        self._tick, self._take = model.tick, model.take
        self._last = 0
        self._news = False
        self._turns = len(workers)
        self._now = 0.0

    def arrive(self, customer: Customer, now: float) -> Starts:
        """It waits for the next tick at least."""
        self._now = now
        self._lines[customer.index].append(customer)
        self._news = True
        return []

    def leave(self, customer: Customer, now: float) -> None:
        """Out of the line."""
        self._now = now
        self._lines[customer.index].remove(customer)

    def finish(self, customer: Customer, now: float) -> Starts:
        """Room, but nobody looks before the next tick."""
        self._now = now
        assert customer.agent is not None
        desk = self._of[customer.agent.ident]
        desk.open -= 1
        desk.taken -= customer.kind.weight
        self._news = True
        return []

    def due(self) -> float | None:
        """The next tick, if it can give out anything that the last one could not."""
        if not self._news or not any(self._lines):
            return None
        return max(self._last, floor(self._now / self._tick)) * self._tick + self._tick

    def wake(self, now: float) -> Starts:
        """One tick."""
        self._now = now
        self._last = round(now / self._tick)
        self._news = False
        starts: Starts = []
        for index, line in enumerate(self._lines):
            taken = self._serve(index, line)
            self._news |= bool(line) and len(taken) == self._take
            starts += taken
        return starts

    def _serve(self, index: int, line: deque[Customer]) -> Starts:
        starts: Starts = []
        while line and (self._take is None or len(starts) < self._take):
            free = [desk for desk in self._able[index] if desk.room(line[0].kind)]
            if not free:
                break
            desk = min(free, key=lambda one: (one.open, one.turn))
            self._turns += 1
            desk.turn = self._turns
            desk.open += 1
            desk.taken += line[0].kind.weight
            starts.append((line.popleft(), desk.worker))
        return starts
