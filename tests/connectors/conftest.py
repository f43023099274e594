"""Ground for the connectors' tests: a real journal on SQLite, a bus, blobs, and hosts that run channels on them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stream.blobs import open_blobs
from stream.bus import open_bus
from stream.journal import Journal
from stream.store import open_store
from tests.connectors.ground import Ground


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    """An empty installation."""
    store = open_store(f"sqlite:///{tmp_path}/parley.db")
    bus = open_bus("memory:")
    await store.open()
    await bus.open()
    journal = Journal(store, bus)
    await journal.open()
    yield Ground(journal, open_blobs(f"file://{tmp_path}/blobs"))
    await journal.close()
    await bus.close()
    await store.close()
