"""/readyz looks at writing too: a locked or a removed database makes a real server not ready, with the reason."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from config import pulse
from config.pulse import Pulse
from stream import reads
from stream.journal import Journal
from tests.config.served import Served, served


def until(server: Served, status: int, seconds: float = 40.0) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while True:
        found, body = server.ask("/readyz")
        if found == status:
            return dict(body["checks"])
        assert time.monotonic() < end, (found, body)
        time.sleep(0.1)


def test_a_server_that_cannot_write_is_not_ready_and_says_why(tmp_path: Path) -> None:
    with served("--demo", "--data", tmp_path / "data", "--port", "0") as server:
        assert until(server, 200)["writing"] == {"ok": True, "detail": ""}
        with contextlib.closing(
            sqlite3.connect(tmp_path / "data" / "parley.db", isolation_level=None)
        ) as other:
            other.execute("BEGIN IMMEDIATE")
            checks = until(server, 503)
        assert checks["database"]["ok"] is True
        assert "the database has not taken a write for" in checks["writing"]["detail"]


async def test_a_lock_that_stays_is_said_and_over_when_it_goes(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked of the writer twice meanwhile."""
    monkeypatch.setattr(pulse, "STUCK", 0.3)
    monkeypatch.setattr(pulse, "PATIENCE", 0.1)
    monkeypatch.setattr(pulse, "AGAIN", 0.0)
    beat = Pulse(journal.store, time.monotonic)
    assert (await beat.check()).ok
    path = tmp_path / "parley.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    said = [await beat.check() for _ in range(2)]
    while said[-1].ok:
        said.append(await beat.check())
    assert "the database has not taken a write for" in said[-1].detail
    assert said[0].ok
    other.execute("ROLLBACK")
    other.close()
    while not (await beat.check()).ok:
        await asyncio.sleep(0.01)
    await beat.close()


async def test_whoever_asks_often_causes_no_more_writes(journal: Journal) -> None:
    now = 1_000.0
    beat = Pulse(journal.store, lambda: now)

    async def written() -> str:
        return (await reads.checkpoints(journal.store, pulse.PLACE[0])).get(pulse.PLACE[1], "")

    for later in (0.0, 1.0, pulse.AGAIN - 0.1):
        now = 1_000.0 + later
        assert (await beat.check()).ok
        assert await written() == "1000"
    now = 1_000.0 + pulse.AGAIN
    assert (await beat.check()).ok
    assert await written() == f"{now:.0f}"
    await beat.close()
