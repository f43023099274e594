"""What is too old or too many goes; the rest stays. On SQLite here; the statements are the same on PostgreSQL (contract suite)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stream import retention
from stream.retention import DAY, Purged, Retention, keep_clean, purge
from stream.store import open_store
from stream.store.ports import Store, Unavailable
from stream.store.program import Many, Program, execute, fetch

NOW = 1_000 * DAY


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    await opened.open()
    parked = [("w", f"p{age}", "read", "", NOW - age * DAY, 0) for age in range(20)]
    dead = [(f"dead_{500 - age:03}", "w", "r", "in", "e", NOW - age * DAY, b"") for age in range(200)]
    await opened.write(execute(Many("save_parked", parked), Many("save_dead", dead)))
    yield opened
    await opened.close()


async def counts(store: Store) -> tuple[int, int]:
    parked = [await store.read(fetch("load_parked", "w", [f"p{age}" for age in range(20)]))]
    return len(parked[0]), int((await store.read(fetch("dead_count")))[0][0])


async def test_what_is_older_than_the_limits_goes(store: Store) -> None:
    assert await purge(store, NOW) == Purged(12, 109)
    assert await counts(store) == (8, 91)
    assert await purge(store, NOW) == Purged(0, 0)


async def test_of_what_is_too_many_the_newest_stay(store: Store) -> None:
    limits = Retention(parked=3, dead=5)
    assert await purge(store, NOW, limits) == Purged(17, 195)
    assert await counts(store) == (3, 5)
    letters = await store.read(fetch("dead_list", "~", 10))
    assert [row[0] for row in letters] == [f"dead_{500 - age:03}" for age in range(5)]


async def test_it_goes_on_when_the_database_was_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "EVERY_SECONDS", 0.01)
    real, calls = store.write, 0

    async def sometimes(program: Program[Purged]) -> Purged:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise Unavailable("away")
        return await real(program)

    monkeypatch.setattr(store, "write", sometimes)
    task = asyncio.create_task(keep_clean(store, lambda: NOW))
    while calls < 3:
        await asyncio.sleep(0.01)
    task.cancel()
    assert await counts(store) == (8, 91)


async def test_raw_input_goes_by_age_only_where_that_is_asked_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "EVERY_SECONDS", 0.01)
    await store.write(execute(Many("save_inbound", [("w", "k", 1, "msg_1", NOW - 91 * DAY, b"raw")])))

    async def left_after(limits: Retention) -> object:
        task = asyncio.create_task(keep_clean(store, lambda: NOW, limits))
        await asyncio.sleep(0.2)
        task.cancel()
        return (await store.read(fetch("raw_input", "w", "k")))[0][0]

    assert await left_after(Retention()) == b"raw"
    assert await left_after(Retention(raw_seconds=90 * DAY)) is None
