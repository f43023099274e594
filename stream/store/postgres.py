"""The Store over PostgreSQL by asyncpg: one connection writes for this process, a small pool reads.

Group commits make one writer enough; other processes write beside it, and the journal's head row orders them all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import asyncpg

from stream.store.ports import Conflict, StoreError, TooNew, Unavailable
from stream.store.program import Many, Program, Rows, Step, drive_awaiting
from stream.store.statements import filled, migrations, queries

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]

T = TypeVar("T")
READERS = 4
WRITERS = 3
CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 30.0
MIGRATION_LOCK = 8141000
_SETTINGS = {
    "synchronous_commit": "on",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    "jit": "off",
}


class PostgresStore:
    """See `stream.store.ports.Store`. `url` is a libpq URL; the database exists, the schema is made on `open`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._sql = queries("postgres")
        self._pools: dict[str, Pool] = {}

    @property
    def dialect(self) -> Literal["sqlite", "postgres"]:
        """See the port."""
        return "postgres"

    async def open(self) -> None:
        """See the port."""
        try:
            self._pools["read"] = await self._pool(READERS)
            self._pools["write"] = await self._pool(WRITERS)
        except (OSError, asyncpg.PostgresError, TimeoutError) as error:
            await self.close()
            raise Unavailable(
                f"PostgreSQL cannot be reached: {error}. Check the store URL and that the server runs."
            ) from error
        async with self._pools["write"].acquire() as connection:
            await self._migrate(cast("Connection", connection))

    async def _pool(self, size: int) -> Pool:
        return await asyncpg.create_pool(
            self.url,
            min_size=1,
            max_size=size,
            timeout=CONNECT_SECONDS,
            command_timeout=COMMAND_SECONDS,
            server_settings=_SETTINGS,
            max_inactive_connection_lifetime=0,
        )

    async def close(self) -> None:
        """See the port."""
        for pool in self._pools.values():
            try:
                await asyncio.wait_for(pool.close(), 5.0)
            except TimeoutError:
                pool.terminate()
        self._pools.clear()

    async def read(self, program: Program[T]) -> T:
        """See the port."""
        return await self._run("read", program, {"isolation": "repeatable_read", "readonly": True})

    async def peek(self, program: Program[T]) -> T:
        """See the port. A server's rows are a round trip away in any case."""
        return await self.read(program)

    async def write(self, program: Program[T]) -> T:
        """See the port."""
        return await self._run("write", program, {"isolation": "read_committed"})

    async def backup(self, target: Path) -> None:
        """See the port: `pg_dump` in the custom format. Needs the client tools of PostgreSQL on the path."""
        await self._tool("pg_dump", "--format=custom", f"--file={target / 'parley.dump'}", self.url)

    async def _tool(self, *command: str) -> None:
        try:
            process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        except FileNotFoundError as error:
            raise StoreError(
                f"{command[0]} is not installed: install PostgreSQL's client tools (postgresql-client)."
            ) from error
        _, errors = await process.communicate()
        if process.returncode:
            raise StoreError(f"{command[0]} failed: {errors.decode(errors='replace').strip()}")

    async def _run(self, pool: str, program: Program[T], mode: dict[str, Any]) -> T:
        async def in_transaction(connection: Connection) -> T:
            async with connection.transaction(**mode):
                return await drive_awaiting(program, partial(self._step, connection))

        return await self._with(pool, in_transaction)

    async def _with(self, pool: str, work: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            async with self._pools[pool].acquire(timeout=CONNECT_SECONDS) as connection:
                return await work(cast("Connection", connection))
        except KeyError as error:
            raise Unavailable("The store is closed.") from error
        except asyncpg.PostgresError as error:
            raise translate(error) from error
        except (OSError, TimeoutError, asyncpg.InterfaceError) as error:
            raise Unavailable(f"PostgreSQL does not answer: {error}") from error

    async def _step(self, connection: Connection, step: Step) -> Rows:
        sql = self._sql[step.name]
        if isinstance(step, Many):
            await connection.executemany(sql, step.rows)
            return []
        return [tuple(row) for row in await connection.fetch(sql, *step.params)]

    async def _migrate(self, connection: Connection) -> None:
        steps = migrations("postgres")
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)
            await connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_version (number BIGINT PRIMARY KEY, name TEXT NOT NULL)"
            )
            current = await connection.fetchval("SELECT COALESCE(MAX(number), 0) FROM schema_version")
            if current > len(steps):
                raise TooNew(
                    f"The database has schema {current}; this program knows up to {len(steps)}. Start the newer Parley."
                )
            for step in steps[current:]:
                try:
                    for statement in step.statements:
                        await connection.execute(filled(statement))
                except asyncpg.PostgresError as error:
                    raise StoreError(f"Migration {step.number} ({step.name}) failed: {error}") from error
                await connection.execute(
                    "INSERT INTO schema_version (number, name) VALUES ($1, $2)", step.number, step.name
                )


def translate(error: asyncpg.PostgresError) -> StoreError:
    """PostgreSQL's error as one of ours, by its class (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
    state = error.sqlstate or ""
    if state == "53100":
        return Unavailable(
            "The database's disk is full: nothing was kept. Free some space; Parley goes on by itself."
        )
    if state.startswith(("08", "53", "57", "58", "40", "55")):
        return Unavailable(f"PostgreSQL does not take it now ({state}): {error}")
    if state.startswith(("22", "23")):
        return Conflict(f"The database refused the rows: {error}")
    return StoreError(f"PostgreSQL ({state}): {error}")
