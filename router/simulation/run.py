"""The run: one heap of what happens next, in virtual time. Customers come, wait, give up, are served; the router says by whom.

After the last counted arrival others, uncounted, still come for as long as a counted customer waits (within limits): nobody is
served sooner because the day is over.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from math import inf
from typing import Any

from router.simulation.chance import Stream
from router.simulation.customers import Customer, Worker
from router.simulation.model import Model
from router.simulation.ports import Router, Starts
from router.simulation.tally import ABANDONED, BLOCKED, SERVED, Tally

AFTERWARDS = 0.1
"""At most this share of the counted arrivals comes after them, ..."""
FEW = 1_000
"""... and at least so many may."""

Happen = Callable[[float, Any], None]


class Run:
    """One run of a model; `play` may be called once."""

    def __init__(self, model: Model, workers: list[Worker], router: Router) -> None:
        self.model = model
        self.router = router
        self.tally = Tally(model, workers)
        self.waiting = 0
        self._streams = [Stream(model, kind) for kind in model.kinds]
        self._events: list[tuple[float, int, Happen, Any]] = []
        self._made = 0

    def play(self) -> Tally:
        """From the first arrival until every counted customer was served or has left, or never will be."""
        for index, kind in enumerate(self.model.kinds):
            if kind.rate:
                self._at(self._streams[index].gap(), self._arrive, index)
        if self.model.minutes:
            self._at(self.model.minutes, self._close, None)
        events, tally, due_of = self._events, self.tally, self.router.due
        while tally.open or tally.end == inf:
            due = due_of()
            if due is not None and (not events or due <= events[0][0]):
                self._begin(self.router.wake(due), due)
            elif events:
                now, _, happen, what = heappop(events)
                happen(now, what)
            else:
                break
        tally.rest()
        return tally

    def _at(self, when: float, happen: Happen, what: Any) -> None:
        self._made += 1
        heappush(self._events, (when, self._made, happen, what))

    def _close(self, now: float, _: None) -> None:
        self.tally.close(now)

    # --- customers ---------------------------------------------------------------------------------------------

    def _arrive(self, now: float, index: int) -> None:
        tally, stream, kind = self.tally, self._streams[index], self.model.kinds[index]
        if tally.late > max(FEW, AFTERWARDS * len(tally.waits)):
            return
        self._at(now + stream.gap(), self._arrive, index)
        customer = Customer(f"c{tally.came:09d}", index, kind, now, stream.work())
        patience = stream.patience() if kind.patience else inf
        tally.arrived(customer, now)
        self.waiting += 1
        self._begin(self.router.arrive(customer, now), now)
        if customer.began >= 0:
            return
        if self.model.places is not None and self.waiting > self.model.places:
            self._leave(customer, now, BLOCKED)
        elif patience < inf:
            self._at(now + patience, self._give_up, customer)

    def _give_up(self, now: float, customer: Customer) -> None:
        if customer.began < 0:
            self._leave(customer, now, ABANDONED)

    def _leave(self, customer: Customer, now: float, fate: int) -> None:
        self.waiting -= 1
        self.tally.waited(customer, now, fate)
        self.router.leave(customer, now)

    # --- work --------------------------------------------------------------------------------------------------

    def _begin(self, starts: Starts, now: float) -> None:
        for customer, worker in starts:
            customer.began, customer.agent = now, worker
            self.waiting -= 1
            self.tally.waited(customer, now, SERVED)
            if worker.group.speed is None:
                self._at(now + customer.work, self._finish, customer)
            else:
                worker.advance(now)
                worker.running[customer] = customer.work
                self._expect(worker)

    def _expect(self, worker: Worker) -> None:
        """Speeds have changed: another one is the first to be finished, or at another time."""
        worker.stamp += 1
        found = worker.next_done()
        if found is not None:
            self._at(found[0], self._shared, (worker, worker.stamp, found[1]))

    def _shared(self, now: float, what: tuple[Worker, int, Customer]) -> None:
        worker, stamp, customer = what
        if stamp != worker.stamp:
            return
        worker.advance(now)
        del worker.running[customer]
        self._expect(worker)
        self._finish(now, customer)

    def _finish(self, now: float, customer: Customer) -> None:
        self.tally.worked(customer, now)
        self._begin(self.router.finish(customer, now), now)
