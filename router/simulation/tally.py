"""What happened in a run, counted as it happens: a row per counted customer, and time shares within the window that is counted.

The window begins with the last arrival of the warm-up (or at 0) and ends with the last counted arrival. How numbers are made of
this lives in `statistics` and `report`.
"""

from __future__ import annotations

from array import array
from math import inf

from router.simulation.customers import Customer, Worker
from router.simulation.model import Model

WAITING, SERVED, ABANDONED, BLOCKED = range(4)


class Tally:
    """`waits` (minutes), `fates` and `kinds` (index of the class) have a row per counted arrival.

    `queued` are customer-minutes of waiting per class, `busy` unit-minutes per agent, both within the window `start` to `end`.
    `open` counted customers wait at the moment; `late` have come after the window.
    """

    def __init__(self, model: Model, workers: list[Worker]) -> None:
        self.model = model
        self.waits = array("d")
        self.fates = bytearray()
        self.kinds = array("H")
        self.queued = [0.0] * len(model.kinds)
        self.busy = [0.0] * len(workers)
        self.start = inf if model.warmup else 0.0
        self.end = inf
        self.open = 0
        self.came = 0
        self.late = 0
        self._waiting: dict[Customer, None] = {}
        self._working: dict[Customer, None] = {}

    def arrived(self, customer: Customer, now: float) -> None:
        """Count an arrival, unless it belongs to the warm-up or comes after the window."""
        self.came += 1
        self._waiting[customer] = None
        if self.end < inf:
            self.late += 1
            return
        if self.came > self.model.warmup:
            customer.place = len(self.waits)
            self.waits.append(0.0)
            self.fates.append(WAITING)
            self.kinds.append(customer.index)
            self.open += 1
        elif self.came == self.model.warmup:
            self.start = now
        if self.came == self.model.arrivals:
            self.end = now

    def close(self, now: float) -> None:
        """The window ends by the clock."""
        self.end = now
        self.start = min(self.start, now)

    def waited(self, customer: Customer, now: float, fate: int) -> None:
        """A customer waits no longer."""
        del self._waiting[customer]
        if customer.place >= 0:
            self.waits[customer.place] = now - customer.arrived
            self.fates[customer.place] = fate
            self.open -= 1
        if now > self.start:
            self.queued[customer.index] += self._within(customer.arrived, now)
        if fate == SERVED:
            self._working[customer] = None

    def worked(self, customer: Customer, now: float) -> None:
        """A conversation is over."""
        del self._working[customer]
        if now > self.start and customer.agent is not None:
            self.busy[customer.agent.index] += self._within(customer.began, now) * customer.kind.weight

    def rest(self) -> None:
        """The run is over: count what is under way as far as it lies in the window."""
        for customer in self._waiting:
            self.queued[customer.index] += self._within(customer.arrived, self.end)
        for customer in list(self._working):
            self.worked(customer, self.end)

    def _within(self, since: float, until: float) -> float:
        """How much of a stretch of time lies in the window."""
        return max(0.0, min(until, self.end) - max(since, self.start))
