"""The stream, opened for a test that needs no more of it than its journal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stream.bus import open_bus
from stream.journal import Journal
from stream.store import open_store


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    """Give a journal over an empty SQLite file."""
    store, bus = open_store(f"sqlite:///{tmp_path}/parley.db"), open_bus("memory:")
    await store.open()
    await bus.open()
    opened = Journal(store, bus)
    await opened.open()
    yield opened
    await opened.close()
    await bus.close()
    await store.close()
