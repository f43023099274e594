"""A desk for the service's tests: a real store, journal and bus, and the router over them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stream.bus import open_bus
from stream.store import open_store
from tests.router.desk import Desk, Stumbling
from tests.router.live import Live


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'parley.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def desk(store_url: str) -> AsyncIterator[Desk]:
    """Give a desk whose router leads, with Ann (German, billing), Ben (technical) and Cid (nothing special)."""
    store, bus = open_store(store_url), open_bus("memory:")
    await store.open()
    await bus.open()
    journal = Stumbling(store, bus)
    await journal.open()
    opened = Desk(journal, store, bus)
    await opened.hire()
    yield opened
    await opened.close()
    await journal.close()
    await bus.close()
    await store.close()


@pytest.fixture
async def live(tmp_path: Path) -> AsyncIterator[Live]:
    """Give a desk at noon on a Wednesday; its routing comes with the case."""
    store, bus = open_store(f"sqlite:///{tmp_path / 'parley.db'}"), open_bus("memory:")
    await store.open()
    await bus.open()
    journal = Stumbling(store, bus, clock=lambda: opened.now)
    await journal.open()
    opened = Live(journal, store, bus)
    yield opened
    await opened.close()
    await journal.close()
    await bus.close()
    await store.close()
