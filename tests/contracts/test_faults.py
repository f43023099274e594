"""What must hold when the database fails under load: what was acknowledged is there, nothing half kept, and it goes on by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from stream import commands as cmd
from stream import reads
from stream.append import append
from stream.bus import open_bus
from stream.ids import new_token
from stream.journal import Journal
from stream.store import open_store
from stream.store.ports import Store, StoreError, Unavailable
from stream.store.program import Program, Sql, fetch
from stream.store.sqlite import SqliteStore
from stream.store.statements import queries
from tests.making import committed, message
from tests.servers.needed import skipping_when_missing
from tests.servers.postgres import Cluster, postgres_cluster

# --- a full disk -----------------------------------------------------------------------------------------------------------


async def pragma(store: SqliteStore, text: str) -> int:
    """Run a pragma on the writer's connection."""
    result: int = await store._in(store._writer, lambda: store._file().connection.execute(text).fetchone()[0])
    return result


async def test_a_full_disk_is_told_to_every_caller_and_keeps_nothing_half(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "full.db")
    await store.open()
    journal = Journal(store, open_bus("memory:"))
    await journal.open()
    first = [await committed(journal, message(f"v{n}", f"m{n}", "x" * 2000)) for n in range(20)]
    head = journal.head
    await pragma(store, f"PRAGMA max_page_count = {await pragma(store, 'PRAGMA page_count') + 5}")
    group = [journal.submit(message(f"w{n}", f"full{n}", "x" * 2000)) for n in range(64)]
    results = await asyncio.gather(*group, return_exceptions=True)
    assert {type(result) for result in results} == {Unavailable}
    assert "disk is full" in str(results[0])
    assert (await store.read(fetch("head")))[0][0] == journal.head == head
    assert len(await reads.unresolved(store)) == 20
    small = await journal.submit(message("v0", "small", "y"))
    assert isinstance(small, cmd.Committed)
    await pragma(store, "PRAGMA max_page_count = 1000000")
    again = await asyncio.gather(*(journal.submit(message(f"w{n}", f"full{n}", "x")) for n in range(64)))
    assert all(isinstance(result, cmd.Committed) for result in again)
    assert isinstance(await journal.submit(message("v0", "m0")), cmd.Duplicate)
    assert [r.n for r in await journal.read(0)] == list(range(1, journal.head + 1))
    assert first[-1].n == head
    await journal.close()
    await store.close()


# --- the classic late-commit gap ---------------------------------------------------------------------------------------------

SLEEP = {
    "postgres": "SELECT 1 FROM (SELECT pg_sleep(0.7)) AS slept",
    "sqlite": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3000000) SELECT COUNT(*) FROM c",
}


def _late(command: cmd.Command) -> Program[Any]:
    """An append that has taken its numbers and commits only after a while."""
    result = yield from append([command], time.time())
    yield Sql("sleep")
    return result


async def _read_on(store: Store, seen: list[int]) -> None:
    """Everything after the last number that was seen, again and again: what every follower does."""
    while True:
        await _read_once(store, seen)
        await asyncio.sleep(0.005)


async def _read_once(store: Store, seen: list[int]) -> None:
    rows = await store.read(fetch("journal_after", seen[-1] if seen else 0, 1_000))
    seen.extend(row[0] for row in rows)


@pytest.mark.parametrize("numbering", ["head row", "sequence"])
async def test_a_reader_skips_no_late_commit(
    store_url: str, numbering: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first to take numbers commits last. With a sequence (the control) the reader loses events; with the head row it does not."""
    stores: list[Any] = [open_store(store_url), open_store(store_url)]
    for store in stores:
        await store.open()
        monkeypatch.setitem(queries(store.dialect), "sleep", SLEEP[store.dialect])
    if numbering == "sequence" and stores[0].dialect == "sqlite":
        for store in stores:
            await store.close()
        return  # SQLite has one writer at a time whatever the numbering
    if numbering == "sequence":
        for store in stores:
            store._sql = dict(store._sql)
        await stores[0].write(_wrong_numbers(stores))
    seen: list[int] = []
    reader = asyncio.create_task(_read_on(stores[0], seen))
    late = asyncio.create_task(stores[0].write(_late(message("slow", "m1"))))
    await asyncio.sleep(0.25)
    await stores[1].write(append([message("fast", "m2")], time.time()))
    await late
    reader.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reader
    await _read_once(stores[0], seen)
    everything = [row[0] for row in await stores[0].read(fetch("journal_after", 0, 1_000))]
    assert len(everything) == 8
    assert (seen == everything) == (numbering == "head row")
    for store in stores:
        await store.close()


def _wrong_numbers(stores: list[Any]) -> Program[None]:
    """Give out numbers by a sequence, as many a queue in a database does."""
    for store in stores:
        store._sql |= {
            "make_sequence": "CREATE SEQUENCE wrong",
            "head_lock": "SELECT nextval('wrong') * 1000",
            "head_move": "SELECT $1::bigint",
        }
    yield Sql("make_sequence")


# --- the server killed under load ------------------------------------------------------------------------------------------


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Give a PostgreSQL that the test starts and kills itself."""
    with contextlib.ExitStack() as stack, skipping_when_missing():
        yield stack.enter_context(postgres_cluster())


class Driver:
    """Sends messages without end and remembers which were acknowledged: the oracle."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.acked: dict[str, int] = {}
        self.failed = 0

    async def run(self, who: str) -> None:
        """One customer; after an error the same message again, as a provider would."""
        while True:
            key = f"{who}:{new_token()}"
            while key not in self.acked:
                try:
                    result = await self.journal.submit(message(who, key))
                except StoreError:
                    self.failed += 1
                    await asyncio.sleep(0.02)
                else:
                    assert isinstance(result, cmd.Committed | cmd.Duplicate), result
                    self.acked[key] = result.n


@contextlib.asynccontextmanager
async def driven(url: str) -> AsyncIterator[tuple[Driver, list[int]]]:
    """A journal on `url` with twenty customers who write, and a follower."""
    store = open_store(url)
    await store.open()
    journal = Journal(store, open_bus("memory:"))
    await journal.open()
    driver, seen = Driver(journal), list[int]()

    async def follow() -> None:
        async for batch in journal.follow(0):
            seen.extend(recorded.n for recorded in batch)

    tasks = [asyncio.create_task(driver.run(f"v{n}")) for n in range(20)]
    tasks.append(asyncio.create_task(follow()))
    try:
        yield driver, seen
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await journal.close()
        await store.close()


async def _kill_again_and_again(cluster: Cluster, times: int) -> None:
    with cluster.running() as server:
        context = driven(server.url)
        driver, seen = await context.__aenter__()
        await _until(lambda: len(driver.acked) > 50)
        os.killpg(server.pid, signal.SIGKILL)
    for round_ in range(times):
        with cluster.running() as server:
            before = len(driver.acked)
            await _until(lambda: len(driver.acked) > before + 50, seconds=10)  # noqa: B023  # read at once
            if round_ < times - 1:
                os.killpg(server.pid, signal.SIGKILL)
            else:
                await _judge(driver, seen)
                await context.__aexit__(None, None, None)


async def _until(true: Any, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not go on in time"
        await asyncio.sleep(0.01)


async def _judge(driver: Driver, seen: list[int]) -> None:
    """Everything acknowledged is there once under its number; the follower saw everything once, in order."""
    acked = dict(driver.acked)
    journal = driver.journal
    received: dict[str, int] = {}
    after = 0
    while page := await journal.store.read(fetch("journal_after", after, 1_000)):
        assert [row[0] for row in page] == list(range(after + 1, after + 1 + len(page)))
        after = page[-1][0]
        for n, _at, body, _scope in page:
            if '"message.received"' in body:
                key = body.split('"source_key":"')[1].split('"')[0]
                assert key not in received
                received[key] = n
    assert acked.items() <= received.items()
    assert driver.failed
    await _until(lambda: seen and seen[-1] >= after, seconds=5)
    assert seen == list(range(1, len(seen) + 1))


async def test_what_postgresql_acknowledged_survives_kill_9(cluster: Cluster) -> None:
    await _kill_again_and_again(cluster, 3)


@pytest.mark.soak
@pytest.mark.alone
@pytest.mark.timeout(1800)
async def test_what_postgresql_acknowledged_survives_kill_9_fifty_times(cluster: Cluster) -> None:
    await _kill_again_and_again(cluster, 50)
