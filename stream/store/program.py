"""Database work without I/O: a program is a generator that yields statements and receives their rows.

The same program runs on every driver: SQLite drives it synchronously in its writer thread, PostgreSQL with awaits on the loop. So a
transaction's logic is written once, and a test can drive it with a dictionary. Statements are named; their text is in `queries/*.sql`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
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


def drive(program: Program[T], run: Callable[[Step], Rows]) -> T:
    """Run `program` to its end, its statements by `run`; what it answers."""
    try:
        step = next(program)
        while True:
            step = program.send(run(step))
    except StopIteration as stop:
        result: T = stop.value
        return result


async def drive_awaiting(program: Program[T], run: Callable[[Step], Awaitable[Rows]]) -> T:
    """The same where a statement is waited for."""
    try:
        step = next(program)
        while True:
            step = program.send(await run(step))
    except StopIteration as stop:
        result: T = stop.value
        return result
