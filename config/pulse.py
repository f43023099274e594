"""Whether this process can write: for /readyz. A few bytes through the very writer that commits, seldom, and never two at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from inbox.ports import Check
from stream.store.ports import Store, StoreError
from stream.store.program import Many, execute

AGAIN = 2.0
"""Seconds that an answer holds: whoever asks more often causes no more writes."""
PATIENCE = 1.0
"""Seconds that one who asks waits for it."""
STUCK = 3.0
"""Seconds without an answer, then it is said to be stuck. A busy house's writer answers within a tenth of one."""
PLACE = ("@ready", "written")


class Pulse:
    """`clock` counts seconds, as the loop's does."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store, self._clock = store, clock
        self._task: asyncio.Task[Check] | None = None
        self._begun = 0.0

    async def check(self) -> Check:
        """Not ok while the last write failed (with its reason), or has not been answered for `STUCK` seconds."""
        now = self._clock()
        if self._task is None or (self._task.done() and now - self._begun >= AGAIN):
            self._begun = now
            self._task = asyncio.get_running_loop().create_task(self._beat(), name="pulse")
        await asyncio.wait({self._task}, timeout=PATIENCE)
        if self._task.done():
            return self._task.result()
        waited = self._clock() - self._begun
        return Check(ok=waited < STUCK, detail=f"the database has not taken a write for {waited:.0f} s")

    async def _beat(self) -> Check:
        try:
            await self._store.write(execute(Many("save_checkpoint", [(*PLACE, f"{self._clock():.0f}")])))
        except StoreError as error:
            return Check(ok=False, detail=str(error))
        return Check(ok=True)

    async def close(self) -> None:
        """Wait for nothing more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
