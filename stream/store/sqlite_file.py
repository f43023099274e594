"""One SQLite file, driven in the thread that calls: connections, transactions, programs, errors put into our words.

Blocking, for a worker thread or a process of its own; the async side is `sqlite.py`, the process `stream/writer`.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from stream.store.ports import Conflict, StoreError, TooNew, Unavailable
from stream.store.program import Many, Program, Rows, Step, drive
from stream.store.statements import filled, migrations, queries

T = TypeVar("T")
BUSY_SECONDS = 5.0
_json = msgspec.json.encode


class SqliteFile:
    """One connection to the database at `path`, whose folder must exist and be on a local disk; `wait` in seconds. Raises `StoreError` and its kinds."""

    def __init__(self, path: Path, wait: float = BUSY_SECONDS) -> None:
        self.path = path
        self._sql = queries("sqlite")
        self.connection = connect(path, wait)

    def transaction(self, program: Program[T], begin: str) -> T:
        """Run `program` between `begin` and COMMIT; whatever it raises undoes everything."""
        try:
            with translated():
                self.begin(begin)
                result = drive(program, self.run)
                self.end(commit=True)
        except BaseException:
            self.undo()
            raise
        return result

    def begin(self, begin: str) -> None:
        """Begin a transaction, unless one is open."""
        if not self.connection.in_transaction:
            self.connection.execute(begin)

    def end(self, *, commit: bool) -> None:
        """Keep or undo what is open; nothing is open afterwards."""
        if self.connection.in_transaction:
            self.connection.execute("COMMIT" if commit else "ROLLBACK")

    def run(self, step: Step) -> Rows:
        """One statement; its rows."""
        sql = self._sql[step.name]
        if isinstance(step, Many):
            self.connection.executemany(sql, step.rows)
            return []
        params = [_json(value).decode() if type(value) is list else value for value in step.params]
        return self.connection.execute(sql, params).fetchall()

    def undo(self) -> None:
        """Roll back what is open, if anything is."""
        self.end(commit=False)

    def copy(self, target: Path) -> None:
        """Write a consistent copy, as one file."""
        with sqlite3.connect(target) as copy:
            self.connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file: no -wal beside it for whoever reads it
        copy.close()

    def migrate(self) -> None:
        """Bring the schema up to date. Raises `TooNew`."""
        steps = migrations("sqlite")
        current: int = self.connection.execute("PRAGMA user_version").fetchone()[0]
        if current > len(steps):
            raise TooNew(
                f"{self.path} has schema {current}; this program knows up to {len(steps)}. Start the newer Parley, or restore a backup."
            )
        for step in steps[current:]:
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                for statement in step.statements:
                    self.connection.execute(filled(statement))
                self.connection.execute(f"PRAGMA user_version = {step.number}")
                self.connection.execute("COMMIT")
            except sqlite3.Error as error:
                self.undo()
                raise StoreError(
                    f"Migration {step.number} ({step.name}) failed on {self.path}: {error}"
                ) from error

    def close(self) -> None:
        """Let go."""
        self.connection.close()


def connect(path: Path, wait: float) -> sqlite3.Connection:
    """A connection with our settings that waits for a lock at most `wait` seconds. Raises `Unavailable`."""
    try:
        connection = sqlite3.connect(
            path, timeout=wait, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise Unavailable(
            f"SQLite cannot open {path}: {error}. Check that the folder exists and is writable."
        ) from error
    connection.execute("PRAGMA synchronous = FULL")
    # A page that many groups change is copied into the database once per checkpoint: fewer are cheaper, and longer (15 ms at 16 MB).
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Let SQLite's errors leave as ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error) from error


def translate(error: sqlite3.Error) -> StoreError:
    """SQLite's error as one of ours: what the caller can do about it."""
    if isinstance(error, sqlite3.IntegrityError):
        return Conflict(f"The database refused the rows: {error}")
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL"):
        return Unavailable("The disk is full: nothing was kept. Free some space; Parley goes on by itself.")
    if name.startswith(
        ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")
    ):
        return Unavailable(f"The database does not answer ({name}): {error}")
    return StoreError(f"SQLite: {error}")
