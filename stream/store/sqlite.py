"""The Store over one SQLite file: WAL, `synchronous=FULL`, one writer thread, a few reader threads.

FULL costs 17 % against NORMAL once commits are grouped, and NORMAL loses acknowledged messages at a power cut.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeVar

from stream.store.ports import Unavailable
from stream.store.program import Program
from stream.store.sqlite_file import SqliteFile

T = TypeVar("T")
READERS = 3
NEAR_SECONDS = 0.2


class SqliteStore:
    """See `stream.store.ports.Store`. `path` is the database file; its folder must exist and be on a local disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._local = threading.local()
        self._files: list[SqliteFile] = []
        self._lock = threading.Lock()
        self._near: SqliteFile | None = None

    @property
    def dialect(self) -> Literal["sqlite", "postgres"]:
        """See the port."""
        return "sqlite"

    async def open(self) -> None:
        """See the port."""
        await self._in(self._writer, lambda: self._file().migrate())

    async def close(self) -> None:
        """See the port."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, lambda: self._readers.shutdown(wait=True))
        await loop.run_in_executor(None, lambda: self._writer.shutdown(wait=True))
        for file in self._files:
            file.close()
        self._files.clear()
        self._near = None

    async def read(self, program: Program[T]) -> T:
        """See the port."""
        return await self._in(self._readers, lambda: self._file().transaction(program, "BEGIN"))

    async def write(self, program: Program[T]) -> T:
        """See the port."""
        return await self._in(self._writer, lambda: self._file().transaction(program, "BEGIN IMMEDIATE"))

    async def peek(self, program: Program[T]) -> T:
        """See the port. On the loop: a reader of a WAL waits for no writer, and a few pages are in memory or one read away."""
        if self._near is None:
            self._near = await self._in(self._readers, lambda: SqliteFile(self.path, wait=NEAR_SECONDS))
            self._files.append(self._near)
        return self._near.transaction(program, "BEGIN")

    async def backup(self, target: Path) -> None:
        """See the port."""
        await self._in(self._readers, lambda: self._file().copy(target / "parley.db"))

    async def _in(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            future = asyncio.get_running_loop().run_in_executor(pool, work)
        except RuntimeError as error:
            raise Unavailable("The store is closed.") from error
        return await future

    def _file(self) -> SqliteFile:
        """Give this worker thread's connection."""
        file: SqliteFile | None = getattr(self._local, "file", None)
        if file is None:
            file = self._local.file = SqliteFile(self.path)
            with self._lock:
                self._files.append(file)
        return file
