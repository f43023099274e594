"""Database work without I/O: a program is a generator that yields statements and receives their rows.

The same program runs on every driver: SQLite drives it synchronously in its writer thread, PostgreSQL with awaits on the loop. So a
transaction's logic is written once, and a test can drive it with a dictionary. Statements are named; their text is in `queries/*.sql`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, TypeVar

import msgspec

Rows = list[tuple[Any, ...]]
T = TypeVar("T")


class Sql(msgspec.Struct, frozen=True):
    """Run the statement called `name` with `params`; the program receives its rows (empty for statements that return none)."""

    name: str
    params: tuple[Any, ...] = ()


class Many(msgspec.Struct, frozen=True):
    """Run the statement called `name` once for every row of `rows`; the program receives an empty list."""

    name: str
    rows: Sequence[tuple[Any, ...]]


Step = Sql | Many
Program = Generator[Step, Rows, T]


def fetch(name: str, *params: Any) -> Program[Rows]:
    """A program of one statement: its rows."""
    rows = yield Sql(name, params)
    return rows


def execute(*steps: Step) -> Program[None]:
    """A program that runs `steps` in one transaction."""
    for step in steps:  # noqa: UP028  # the driver sends rows in; `yield from` would hand them to a tuple's iterator
        yield step
