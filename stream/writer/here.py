"""Writing in this process, through the store."""

from __future__ import annotations

from collections.abc import Sequence

from stream.append import Appended, append
from stream.commands import Command
from stream.indexing import index
from stream.store.ports import Store


class WriterHere:
    """See `stream.writer.ports.Writer`. One group at a time: a second one could overtake it in the database."""

    depth = 1
    group = 256

    def __init__(self, store: Store) -> None:
        self._store = store

    async def append(self, commands: Sequence[Command], now: float) -> Appended:
        """See the port."""
        return await self._store.write(append(commands, now))

    async def index(self, limit: int) -> int:
        """See the port."""
        return await self._store.write(index(self._store.dialect, limit))
