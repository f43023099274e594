"""Chance, in one independent stream per class and purpose: the same customers come, wait and ask for the same whoever routes them.

So two runs with one seed differ only by what is compared. The generator is Python's Mersenne Twister, seeded by a text.
"""

from __future__ import annotations

from random import Random

from router.simulation.model import Kind, Model


class Stream:
    """What one class draws. The seed names class and purpose, so that another class changes nothing here."""

    __slots__ = ("_arrivals", "_fixed", "_kind", "_patience", "_service")

    def __init__(self, model: Model, kind: Kind) -> None:
        self._kind = kind
        self._fixed = model.distribution == "deterministic"
        self._arrivals, self._service, self._patience = (
            Random(f"{model.seed}/{kind.name}/{purpose}")  # noqa: S311  # chance to count with, not to keep secrets
            for purpose in ("arrivals", "service", "patience")
        )

    def gap(self) -> float:
        """Minutes until the next arrival."""
        return self._arrivals.expovariate(self._kind.rate)

    def work(self) -> float:
        """Minutes of service at speed 1."""
        return self._kind.service if self._fixed else self._service.expovariate(1.0 / self._kind.service)

    def patience(self) -> float:
        """Minutes that the customer is ready to wait."""
        return self._patience.expovariate(self._kind.patience)
