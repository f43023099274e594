"""SQLite's own: durable settings, one writer beside readers, errors as callers know them, a copy while it is written."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from stream import reads
from stream.store import open_store
from stream.store.ports import Conflict, StoreError, Unavailable
from stream.store.program import Many, Program, Sql, execute, fetch
from stream.store.sqlite import SqliteStore
from stream.store.sqlite_file import translate


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "x.db")
    await opened.open()
    yield opened
    await opened.close()


async def asked(store: SqliteStore, text: str) -> Any:
    """What the writer's connection says."""
    return await store._in(store._writer, lambda: store._file().connection.execute(text).fetchone()[0])


async def test_a_commit_is_on_the_disk_before_it_counts(store: SqliteStore) -> None:
    """FULL in WAL: the log is flushed at every commit. NORMAL would lose acknowledged messages at a power cut."""
    assert await asked(store, "PRAGMA journal_mode") == "wal"
    assert await asked(store, "PRAGMA synchronous") == 2
    assert await asked(store, "PRAGMA foreign_keys") == 1


async def test_readers_see_one_state_while_the_writer_goes_on(store: SqliteStore) -> None:
    point = threading.Event()
    go_on = threading.Event()

    def slow() -> Program[list[int]]:
        first = yield Sql("checkpoints", ("c",))
        point.set()
        go_on.wait(10)
        second = yield Sql("checkpoints", ("c",))
        return [len(first), len(second)]

    reading = asyncio.create_task(store.read(slow()))
    while not point.is_set():
        await asyncio.sleep(0.005)
    await store.write(execute(Sql("save_checkpoint", ("c", "k", "v"))))
    assert await reads.checkpoints(store, "c") == {"k": "v"}
    go_on.set()
    assert await reading == [0, 0]


async def test_lists_go_in_as_json_and_bytes_come_out(store: SqliteStore) -> None:
    await store.write(execute(Many("save_content", [("a", "{}"), ("b", "{}")])))
    assert len(await store.read(fetch("contents", ["a", "b", 'c"'] * 200))) == 2
    row = ("w", "k", 1, "r", 0.0, b"\x00\xff")
    await store.write(execute(Sql("save_inbound", row)))
    assert await reads.raw_input(store, "w", "k") == b"\x00\xff"


async def test_a_lock_that_lasts_is_to_be_tried_later(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(store, "PRAGMA busy_timeout = 50")
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="SQLITE_BUSY"):
        await store.write(execute(Sql("save_checkpoint", ("c", "k", "v"))))
    other.execute("ROLLBACK")
    other.close()
    await store.write(execute(Sql("save_checkpoint", ("c", "k", "v"))))


async def test_a_program_that_fails_leaves_the_connection_usable(store: SqliteStore) -> None:
    with pytest.raises(KeyError):
        await store.write(execute(Sql("no_such_statement")))
    with pytest.raises(Conflict):
        await store.write(execute(Many("save_content", [("a", "{}"), ("a", "{}")])))
    await store.write(execute(Many("save_content", [("a", "{}")])))


async def test_a_copy_while_it_is_written_is_whole(store: SqliteStore, tmp_path: Path) -> None:
    async def write() -> None:
        for number in range(200):
            await store.write(execute(Many("save_content", [(f"{number}.{n}", "x" * 500) for n in range(5)])))

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.02)
    folder = tmp_path / "copy"
    folder.mkdir()  # a test waits for nobody
    await store.backup(folder)
    await writing
    with sqlite3.connect(folder / "parley.db") as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert copy.execute("SELECT COUNT(*) % 5 FROM content").fetchone()[0] == 0
    copy.close()


async def test_a_closed_store_says_so(store: SqliteStore) -> None:
    await store.close()
    with pytest.raises(Unavailable, match="closed"):
        await store.read(fetch("head"))
    with pytest.raises(Unavailable, match="closed"):
        await store.write(execute(Sql("head_move", (1,))))
    await store.close()


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"no database at all " * 100)  # a test waits for nobody
    store = SqliteStore(path)
    with pytest.raises(StoreError, match="not a database"):
        await store.open()
    await store.close()


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("SQLITE_FULL", Unavailable, "disk is full"),
        ("SQLITE_IOERR_FSYNC", Unavailable, "SQLITE_IOERR_FSYNC"),
        ("SQLITE_BUSY", Unavailable, "does not answer"),
        ("SQLITE_READONLY_DBMOVED", Unavailable, "does not answer"),
        ("SQLITE_ERROR", StoreError, "SQLite: x"),
        ("", StoreError, "SQLite: x"),
    ],
)
def test_errors_say_what_to_do(name: str, kind: type[Exception], words: str) -> None:
    error = sqlite3.OperationalError("x")
    if name:
        error.sqlite_errorname = name
    translated = translate(error)
    assert type(translated) is kind
    assert words in str(translated)
    assert type(translate(sqlite3.IntegrityError("x"))) is Conflict


@pytest.mark.parametrize("url", ["mysql://x", "sqlite:x.db", "x.db", ""])
def test_a_store_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ValueError, match="is not a store that Parley knows"):
        open_store(url)


async def test_a_few_rows_are_read_on_the_loop_and_are_the_newest(store: SqliteStore) -> None:
    for value in ("1", "2"):
        await store.write(execute(Sql("save_checkpoint", ("c", "k", value))))
        assert await store.peek(fetch("checkpoints", "c")) == [("k", value)]
    await store.close()
    with pytest.raises(Unavailable, match="closed"):
        await store.peek(fetch("head"))
