"""Tells customers what an agent has read, on channels that can show it. Hints made from the journal: never kept, lost without harm.

Which channels can, their connectors declare (`Capabilities.read_out`); how far an agent has read is the stream's.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping

from connectors.destination import Destination, destination_of
from stream import events as ev
from stream import reads
from stream.journal import Journal
from stream.model import Conversation

LOOK_BACK = 200
"""A mark below the newest messages of a thread is not told any more: those after it are read, or will be."""
MAX_AT_ONCE = 16
MARK_SECONDS = 10.0

Mark = Callable[[Destination, int], Awaitable[None]]
"""Shows a customer that an agent has read up to a journal number."""


class ReadMarks:
    """One per process. `ways` gives, by channel, how each of those here shows it (looked at anew each time)."""

    def __init__(self, journal: Journal, ways: Callable[[], Mapping[str, Mark]]) -> None:
        self._journal = journal
        self._ways = ways
        self._free = asyncio.Semaphore(MAX_AT_ONCE)

    async def run(self) -> None:
        """Carry what is read from now on to the customers, until cancelled."""
        async for batch in self._journal.follow(self._journal.head):
            ways = self._ways()
            read = {
                recorded.event.conversation: recorded.event.seq
                for recorded in batch
                if ways and isinstance(recorded.event, ev.ConversationRead)
            }
            if read:
                await asyncio.gather(*(self._mark(ident, seq, ways) for ident, seq in read.items()))

    async def _mark(self, ident: str, seq: int, ways: Mapping[str, Mark]) -> None:
        """One process of several tells it: the one that gets the bucket's token."""
        async with self._free:
            with contextlib.suppress(
                Exception
            ):  # a mark that cannot be shown is no loss, whatever the reason
                row = await reads.conversation(self._journal.store, ident)
                way = ways.get(row.channel) if row else None
                if row is None or way is None:
                    return
                n = await self._number(row, seq)
                destination = await destination_of(self._journal, ident) if n else None
                if destination and await self._journal.bus.take(f"read:{ident}:{seq}", 1, 1.0) == 0.0:
                    async with asyncio.timeout(MARK_SECONDS):
                        await way(destination, n)

    async def _number(self, row: Conversation, seq: int) -> int:
        """The journal number of message `seq`, or of the newest one before it; 0 when it is too far back."""
        page = await reads.history(self._journal.store, row.channel, row.key, -1, LOOK_BACK)
        return max((n for n, one in page if one.conversation == row.id and one.seq <= seq), default=0)
