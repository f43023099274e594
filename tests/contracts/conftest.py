"""Every test here runs on each implementation of its seam: SQLite and PostgreSQL, memory and Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stream.bus import open_bus
from stream.bus.ports import Bus
from stream.journal import Journal
from stream.store import open_store
from stream.store.ports import Store
from stream.writer import open_writing
from stream.writer.ports import Writer


@pytest.fixture(params=["sqlite", "sqlite with a writer", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    """Say which store it is."""
    return str(request.param)


@pytest.fixture
def store_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty store."""
    if kind.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'parley.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def writing(kind: str, store_url: str) -> tuple[Store, Writer | None]:
    """Give a store that is not open yet, and who writes to it."""
    if kind == "sqlite with a writer":
        return open_writing(store_url)
    return open_store(store_url), None


@pytest.fixture
async def store(writing: tuple[Store, Writer | None]) -> AsyncIterator[Store]:
    """Give an open store."""
    opened, _writer = writing
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture(params=["memory", "redis"])
def bus_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a bus."""
    return "memory:" if request.param == "memory" else str(request.getfixturevalue("redis_url"))


@pytest.fixture
async def bus(bus_url: str) -> AsyncIterator[Bus]:
    """Give an open bus."""
    opened = open_bus(bus_url)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def journal(store: Store, writing: tuple[Store, Writer | None]) -> AsyncIterator[Journal]:
    """Give a journal over the store, with a bus in memory."""
    bus = open_bus("memory:")
    await bus.open()
    opened = Journal(store, bus, writing[1])
    await opened.open()
    yield opened
    await opened.close()
    await bus.close()
