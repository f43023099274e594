"""What a run asks of a router: who begins what. `serving.Serving` is the engine; `peers` has the algorithms of others."""

from __future__ import annotations

from typing import Protocol

from router.simulation.customers import Customer, Worker

Starts = list[tuple[Customer, Worker]]
"""Who begins to be served now, and by whom."""


class Router(Protocol):
    """All times in minutes of virtual time, never going back."""

    def arrive(self, customer: Customer, now: float) -> Starts:
        """A customer comes; who is not among those who begin, waits."""

    def leave(self, customer: Customer, now: float) -> None:
        """A waiting customer gives up, or is turned away."""

    def finish(self, customer: Customer, now: float) -> Starts:
        """A conversation is over; its agent has room."""

    def due(self) -> float | None:
        """When the router wants to be woken next."""

    def wake(self, now: float) -> Starts:
        """The time of `due` has come."""
