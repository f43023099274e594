"""SQLite's writer as a process of its own: what it answers, what becomes of it, and what its server is told."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvloop

from stream import commands as cmd
from stream import reads
from stream.bus import open_bus
from stream.journal import Journal
from stream.store.ports import StoreError, TooNew, Unavailable
from stream.store.program import Many, Program, Sql, execute, fetch
from stream.writer import process, wire
from stream.writer.process import SqliteProcess
from tests.making import committed, message


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteProcess]:
    """Give an open store with its writer."""
    opened = SqliteProcess(tmp_path / "x.db")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def journal(store: SqliteProcess) -> AsyncIterator[Journal]:
    """Give a journal that writes by it."""
    opened = Journal(store, open_bus("memory:"), store)
    await opened.open()
    yield opened
    await opened.close()


def gone(pid: int) -> bool:
    """Whether no process has this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_a_program_that_fails_here_is_undone_there(store: SqliteProcess) -> None:
    def broken() -> Program[None]:
        yield Sql("save_checkpoint", ("c", "k", "v"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.write(broken())
    assert await reads.checkpoints(store, "c") == {}
    await store.write(execute(Many("save_checkpoint", [("c", "k", "v"), ("c", "l", "w")])))
    assert await reads.checkpoints(store, "c") == {"k": "v", "l": "w"}


async def test_a_caller_who_is_cancelled_leaves_nothing_open(store: SqliteProcess) -> None:
    reached = asyncio.Event()

    def slow() -> Program[None]:
        yield Sql("save_checkpoint", ("c", "k", "v"))
        reached.set()
        yield Sql("save_checkpoint", ("c", "l", "w"))

    caller = asyncio.create_task(store.write(slow()))
    await reached.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await store.write(execute(Sql("save_checkpoint", ("c", "m", "x"))))
    assert await reads.checkpoints(store, "c") == {"k": "v", "l": "w", "m": "x"}


async def test_a_statement_that_fails_says_so_and_the_next_one_works(store: SqliteProcess) -> None:
    with pytest.raises(StoreError, match=r"bind|Incorrect number"):
        await store.write(execute(Sql("save_checkpoint", ("c",))))
    assert await store.write(fetch("head"))


async def test_a_writer_that_is_killed_is_replaced_and_nothing_acknowledged_is_lost(
    journal: Journal, store: SqliteProcess
) -> None:
    await committed(journal, message("a", "1"))
    first = store.pid
    work = [asyncio.create_task(journal.submit(message(f"v{n}", f"m{n}"))) for n in range(400)]
    await asyncio.sleep(0.01)
    os.kill(first, signal.SIGKILL)
    results = await asyncio.gather(*work, return_exceptions=True)
    kept = [n for n, result in enumerate(results) if isinstance(result, cmd.Committed)]
    failed = [n for n, result in enumerate(results) if isinstance(result, Unavailable)]
    assert len(kept) + len(failed) == 400
    assert failed
    await asyncio.sleep(0.6)
    again = [await journal.submit(message(f"v{n}", f"m{n}")) for n in range(400)]
    assert {type(again[n]) for n in kept} == {cmd.Duplicate} or not kept
    assert all(isinstance(result, cmd.Committed | cmd.Duplicate) for result in again)
    assert len(await reads.unresolved(store, limit=1_000)) == 401
    assert store.pid != first
    assert [r.n for r in await journal.read(0, 10_000)] == list(range(1, journal.head + 1))


async def test_a_writer_that_cannot_be_kept_alive_is_not_tried_without_pause(store: SqliteProcess) -> None:
    os.kill(store.pid, signal.SIGKILL)
    store.path = store.path.parent / "nowhere" / "x.db"
    with pytest.raises(Unavailable):
        await store.write(fetch("head"))
    with pytest.raises(Unavailable):
        await store.write(fetch("head"))
    started = store.pid
    with pytest.raises(Unavailable, match="in a moment"):
        await store.write(fetch("head"))
    assert store.pid == started


async def test_a_writer_that_is_stuck_is_killed_and_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LOOK_SECONDS", 0.05)
    store = SqliteProcess(tmp_path / "x.db")
    await store.open()
    first = store.pid
    await asyncio.sleep(0.05 * process.LOOKS * 2)
    await store.write(fetch("head"))
    assert store.pid == first  # one that has nothing to do is not stuck
    os.kill(first, signal.SIGSTOP)
    async with asyncio.timeout(20):
        with pytest.raises(Unavailable):
            await store.append([message("a", "1")], 1.0)
        done = await store.append([message("a", "1")], 1.0)
    assert [type(result) for result in done.results] == [cmd.Committed]
    assert gone(first)
    await store.close()


async def _said(store: SqliteProcess) -> str:
    try:
        await store.append([message("a", "1")], 1.0)
    except Unavailable as error:
        return str(error)
    return ""


async def test_a_database_that_is_moved_away_takes_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What were kept in it would be lost, and a new writer would begin an empty one."""
    monkeypatch.setattr(process, "LOOK_SECONDS", 0.05)
    store = SqliteProcess(tmp_path / "x.db")
    await store.open()
    await store.append([message("c", "0")], 1.0)
    store.path.rename(tmp_path / "away.db")
    async with asyncio.timeout(20):
        while "moved or replaced" not in await _said(store):
            await asyncio.sleep(0.05)
    assert not store.path.exists()
    (tmp_path / "away.db").rename(store.path)
    await asyncio.sleep(process.AGAIN_SECONDS)
    await store.append([message("b", "2")], 1.0)
    await store.close()


async def test_a_writer_that_cannot_be_started_is_tried_again_later(
    store: SqliteProcess, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks is told to come again: it is no fault of what they asked."""
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        os.kill(store.pid, signal.SIGKILL)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await journal.submit(message("a", "1"))
    await asyncio.sleep(process.AGAIN_SECONDS)
    await committed(journal, message("a", "1"))


def test_a_writer_that_is_open_before_this_process_looks_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawn = asyncio.create_subprocess_exec

    async def and_stall(*args: Any, **more: Any) -> asyncio.subprocess.Process:
        child = await spawn(*args, **more)
        time.sleep(2.0)  # noqa: ASYNC251  # the whole process stands still, as on a busy machine
        return child

    async def opened() -> None:
        monkeypatch.setattr("asyncio.create_subprocess_exec", and_stall)
        store = SqliteProcess(tmp_path / "p.db")
        await store.open()
        await store.close()

    uvloop.run(opened())


async def test_it_goes_when_its_store_is_closed(tmp_path: Path) -> None:
    store = SqliteProcess(tmp_path / "x.db")
    await store.open()
    pid = store.pid
    assert not gone(pid)
    await store.close()
    assert gone(pid)
    with pytest.raises(Unavailable, match="closed"):
        await store.write(fetch("head"))


async def test_it_goes_when_its_server_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom stream.writer.process import SqliteProcess\n"
        "async def main():\n    store = SqliteProcess(Path(sys.argv[1]))\n    await store.open()\n"
        "    print(store.pid, flush=True)\n    await asyncio.sleep(60)\nasyncio.run(main())\n"
    )
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(tmp_path / "x.db"), stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    pid = int(await server.stdout.readline())
    server.kill()
    await server.wait()
    async with asyncio.timeout(30):
        while not _ended(pid):
            await asyncio.sleep(0.01)


def _ended(pid: int) -> bool:
    """Gone, or only its entry is left because nobody has asked for it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


async def test_signals_for_everybody_are_not_for_it(store: SqliteProcess) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(store.pid, number)
    assert await store.write(fetch("head"))


async def test_a_newer_database_is_refused_with_its_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    store = SqliteProcess(path)
    with pytest.raises(TooNew, match="has schema 999"):
        await store.open()
    await store.close()


async def test_a_large_message_goes_over_whole(journal: Journal, store: SqliteProcess) -> None:
    raw = bytes(range(256)) * 40_000
    await committed(journal, message("a", "1", raw=raw, channel="post"))
    assert await reads.raw_input(store, "post", "1") == raw


def test_an_unknown_exception_is_a_defect_and_says_what_it_was() -> None:
    failed = wire.answer(wire.frame(wire.failed_of(KeyError("x")))[wire.LENGTH.size :])
    assert isinstance(failed, wire.Failed)
    error = wire.error_of(failed)
    assert type(error) is wire.Defect
    assert "KeyError" in str(error)


def test_an_answer_that_cannot_be_read_may_have_been_kept() -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        process.Line.said(b"\xc1")


async def test_what_cannot_be_said_leaves_the_line_as_it_was(journal: Journal) -> None:
    results = await asyncio.gather(
        *(journal.submit(message(f"v{n}", source)) for n, source in enumerate(["a", "bad\ud800", "b"])),
        return_exceptions=True,
    )
    assert [type(result).__name__ for result in results] == ["Committed", "StoreError", "Committed"]
    assert isinstance(await journal.submit(message("v9", "c")), cmd.Committed)
