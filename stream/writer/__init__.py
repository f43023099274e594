"""Who writes: the one place that appends commands and keeps the search index.

Over PostgreSQL that is this process, statement by statement. Over SQLite it is a process of its own, as a database server would be: the
interpreter's lock is then not shared between deciding and answering, and two cores do the work of two. Arrows: wire <- child, process.
"""

from __future__ import annotations

from pathlib import Path

from stream.store import open_store
from stream.store.ports import Store
from stream.writer.here import WriterHere
from stream.writer.ports import Writer


def open_writing(url: str) -> tuple[Store, Writer]:
    """The store of `url` for a process that serves, and who writes to it. Neither is opened yet. Raises `ValueError` like `open_store`."""
    if url.startswith("sqlite:///"):
        from stream.writer.process import SqliteProcess

        both = SqliteProcess(Path(url.removeprefix("sqlite:///")))
        return both, both
    store = open_store(url)
    return store, WriterHere(store)
