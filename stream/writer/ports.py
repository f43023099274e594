"""The seam to whoever writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from stream.append import Appended
from stream.commands import Command


class Writer(Protocol):
    """Runs the two programs that are worth a process of their own. Both raise `StoreError` and its kinds, like a store.

    `group` commands go into a group at most; `depth` groups may be asked for before the first is answered; they are decided and answered in the order in which they were asked for.
    """

    depth: int
    group: int

    async def append(self, commands: Sequence[Command], now: float) -> Appended:
        """Decide and keep `commands` in one transaction; `now` in seconds since the epoch."""

    async def index(self, limit: int) -> int:
        """Put the next events, at most `limit`, into the search index; the number up to which it stands."""
