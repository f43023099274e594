"""The write-ahead log beside the writer: it is moved while commits go on, begins again, and does not grow without end."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream.store.program import Many, execute
from stream.store.sqlite_file import SqliteFile
from stream.writer import checkpoints
from stream.writer.checkpoints import Checkpoints

PAGE = "x" * 3_000


@pytest.fixture
def file(tmp_path: Path) -> Iterator[SqliteFile]:
    """Give an open database."""
    opened = SqliteFile(tmp_path / "x.db")
    opened.migrate()
    yield opened
    opened.close()


def commit(file: SqliteFile, number: int) -> None:
    """Write ten pages."""
    rows = [(f"c{number}", f"k{row}", PAGE) for row in range(10)]
    file.transaction(execute(Many("save_checkpoint", rows)), "BEGIN IMMEDIATE")


def logged(file: SqliteFile) -> int:
    """Give the log's size in bytes."""
    return Path(f"{file.path}-wal").stat().st_size


def test_the_log_stays_short_however_much_is_written(
    file: SqliteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "COMMITS", 16)
    moving = Checkpoints(file)
    for number in range(600):
        commit(file, number)
        moving.look()
        time.sleep(0.0005)  # another thread's turn
    moving.close()
    written = 600 * 10 * len(PAGE)
    assert logged(file) < written / 4
    with sqlite3.connect(f"file:{file.path}?immutable=1", uri=True) as moved:  # the database file alone
        assert moved.execute("SELECT COUNT(*) FROM checkpoint").fetchone()[0] > 4_000
    moved.close()


def test_without_it_the_log_would_grow(file: SqliteFile) -> None:
    file.connection.execute("PRAGMA wal_autocheckpoint = 0")
    for number in range(100):
        commit(file, number)
    assert logged(file) > 100 * 10 * len(PAGE)


def test_a_reader_who_stays_long_only_puts_it_off(file: SqliteFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "COMMITS", 4)
    moving = Checkpoints(file)
    reader = SqliteFile(file.path)
    reader.begin("BEGIN")
    before = reader.connection.execute("SELECT COUNT(*) FROM checkpoint").fetchone()[0]
    for number in range(50):
        commit(file, number)
        moving.look()
        time.sleep(0.001)
    assert reader.connection.execute("SELECT COUNT(*) FROM checkpoint").fetchone()[0] == before == 0
    reader.end(commit=True)
    assert reader.connection.execute("SELECT COUNT(*) FROM checkpoint").fetchone()[0] == 500
    reader.close()
    moving.close()


def test_a_log_that_cannot_be_moved_fails_no_commit(
    file: SqliteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was committed before would be told as not kept, and done twice."""
    monkeypatch.setattr(checkpoints, "COMMITS", 1)
    moving = Checkpoints(file)

    def refuse(action: int, *_rest: object) -> int:
        return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_PRAGMA else sqlite3.SQLITE_OK

    file.connection.set_authorizer(refuse)
    with pytest.raises(sqlite3.Error):
        file.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    commit(file, 1)
    moving.look()
    assert moving._moved.wait(5)
    moving.look()
    assert not moving._moved.is_set()
    moving.close()


def test_closing_ends_the_thread(file: SqliteFile) -> None:
    moving = Checkpoints(file)
    moving.close()
    assert not moving._thread.is_alive()


def test_closing_in_the_middle_of_a_checkpoint_ends_it_too(
    file: SqliteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "COMMITS", 1)
    for number in range(100):
        moving = Checkpoints(file)
        commit(file, number)
        moving.look()
        time.sleep(number / 20_000)  # now before, now in, now after it
        moving._over.set()
        moving._asked.set()
        moving._thread.join(5.0)
        assert not moving._thread.is_alive()
