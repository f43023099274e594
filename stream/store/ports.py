"""The seam to a database. A driver runs programs (`stream.store.program`); it knows SQL and transactions, nothing of Parley."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol, TypeVar

from stream.store.program import Program

T = TypeVar("T")


class StoreError(Exception):
    """The database did not do it. The sentence says what and what to do; nothing of the transaction was kept."""


class Unavailable(StoreError):
    """Not reachable, full disk, locked for too long: try again later."""


class Conflict(StoreError):
    """A unique key or check of the schema refused the rows."""


class TooNew(StoreError):
    """The database was made by a newer program."""


FEW = 64
"""Rows that are read by their keys without going to a thread."""


class Store(Protocol):
    """One database. Chosen by URL (`stream.store.open_store`): `sqlite:///path` or `postgresql://...`."""

    @property
    def dialect(self) -> Literal["sqlite", "postgres"]:
        """Whose SQL it speaks, for the few statements that cannot be one text (full text search)."""

    async def open(self) -> None:
        """Connect and bring the schema up to date. Raises `TooNew` when the database was made by a newer program."""

    async def close(self) -> None:
        """Finish what runs, then let go."""

    async def read(self, program: Program[T]) -> T:
        """Run a program that only reads, on a consistent snapshot, beside the writer."""

    async def peek(self, program: Program[T]) -> T:
        """The same for a program that reads a few rows by their keys. It may run on the loop: a hand-over to a thread costs more than it does."""

    async def write(self, program: Program[T]) -> T:
        """Run a program in one durable transaction; an exception inside it rolls everything back."""

    async def backup(self, target: Path) -> None:
        """Write a consistent copy of the database into the folder `target` while it is in use."""


async def read_by_keys(store: Store, program: Program[T], keys: int) -> T:
    """Run a program that reads so many rows by their keys, where that is cheaper."""
    return await (store.peek(program) if keys <= FEW else store.read(program))
