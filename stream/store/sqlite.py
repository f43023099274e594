"""The Store over one SQLite file: WAL, `synchronous=FULL`, one writer thread, a few reader threads.

FULL costs 17 % against NORMAL once commits are grouped, and NORMAL loses acknowledged messages at a power cut.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from stream.store.ports import Conflict, StoreError, TooNew, Unavailable
from stream.store.program import Many, Program, Rows, Step
from stream.store.statements import filled, migrations, queries

T = TypeVar("T")
READERS = 3
BUSY_SECONDS = 5.0
_json = msgspec.json.encode


class SqliteStore:
    """See `stream.store.ports.Store`. `path` is the database file; its folder must exist and be on a local disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sql = queries("sqlite")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    @property
    def dialect(self) -> Literal["sqlite", "postgres"]:
        """See the port."""
        return "sqlite"

    async def open(self) -> None:
        """See the port."""
        await self._in(self._writer, self._migrate)

    async def close(self) -> None:
        """See the port."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, lambda: self._readers.shutdown(wait=True))
        await loop.run_in_executor(None, lambda: self._writer.shutdown(wait=True))
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    async def read(self, program: Program[T]) -> T:
        """See the port."""
        return await self._in(self._readers, lambda: self._transaction(program, "BEGIN"))

    async def write(self, program: Program[T]) -> T:
        """See the port."""
        return await self._in(self._writer, lambda: self._transaction(program, "BEGIN IMMEDIATE"))

    async def backup(self, target: Path) -> None:
        """See the port."""
        await self._in(self._readers, lambda: self._copy(target / "parley.db"))

    async def _in(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            future = asyncio.get_running_loop().run_in_executor(pool, work)
        except RuntimeError as error:
            raise Unavailable("The store is closed.") from error
        return await future

    # below: on a worker thread

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self.path,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=512,
            )
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error as error:
            raise Unavailable(
                f"SQLite cannot open {self.path}: {error}. Check that the folder exists and is writable."
            ) from error
        connection.execute("PRAGMA synchronous = FULL")
        # A page that many groups change is copied into the database once per checkpoint: fewer are cheaper, and longer (15 ms at 16 MB).
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -16000")
        connection.execute("PRAGMA temp_store = MEMORY")
        with self._lock:
            self._connections.append(connection)
        return connection

    def _transaction(self, program: Program[T], begin: str) -> T:
        connection = self._connection()
        try:
            connection.execute(begin)
            result = self._drive(connection, program)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo(connection)
            raise translate(error) from error
        except BaseException:
            self._undo(connection)
            raise
        return result

    def _drive(self, connection: sqlite3.Connection, program: Program[T]) -> T:
        try:
            step = next(program)
            while True:
                step = program.send(self._run(connection, step))
        except StopIteration as stop:
            result: T = stop.value
            return result

    def _run(self, connection: sqlite3.Connection, step: Step) -> Rows:
        sql = self._sql[step.name]
        if isinstance(step, Many):
            connection.executemany(sql, step.rows)
            return []
        params = [_json(value).decode() if type(value) is list else value for value in step.params]
        return connection.execute(sql, params).fetchall()

    @staticmethod
    def _undo(connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.execute("ROLLBACK")

    def _copy(self, target: Path) -> None:
        with sqlite3.connect(target) as copy:
            self._connection().backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file: no -wal beside it for whoever reads it
        copy.close()

    def _migrate(self) -> None:
        connection = self._connection()
        steps = migrations("sqlite")
        current: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if current > len(steps):
            raise TooNew(
                f"{self.path} has schema {current}; this program knows up to {len(steps)}. Start the newer Parley, or restore a backup."
            )
        for step in steps[current:]:
            try:
                connection.execute("BEGIN IMMEDIATE")
                for statement in step.statements:
                    connection.execute(filled(statement))
                connection.execute(f"PRAGMA user_version = {step.number}")
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._undo(connection)
                raise StoreError(
                    f"Migration {step.number} ({step.name}) failed on {self.path}: {error}"
                ) from error


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
