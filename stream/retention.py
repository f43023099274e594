"""What the stream forgets by itself: receipts that matched no message, dead letters, and, where asked for, old raw input and events (`trimming.py`).

Files that nothing points to are swept in the same turn (`sweep.py`). Everything else is kept: deduplication keys (a mailbox may be read again after years), and the state.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import msgspec

from stream.blobs import Blobs
from stream.raw import forget_old
from stream.store.ports import Store, StoreError
from stream.store.program import Program, Sql
from stream.sweep import sweep
from stream.trimming import HeldUp, held_up, trim

DAY = 86_400.0
EVERY_SECONDS = 3_600.0


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """For how long (seconds) and how many: whichever is less. `raw_seconds`, `journal_seconds` 0: raw input, the journal are kept."""

    parked_seconds: float = 7 * DAY
    parked: int = 100_000
    raw_seconds: float = 0.0
    journal_seconds: float = 0.0
    dead_seconds: float = 90 * DAY
    dead: int = 10_000


DEFAULT = Retention()


class Purged(msgspec.Struct, frozen=True):
    """How many rows went."""

    parked: int
    dead: int


async def purge(store: Store, now: float, limits: Retention = DEFAULT) -> Purged:
    """Forget what is older or more than `limits`; `now` in seconds since the epoch."""
    return await store.write(_purge(now, limits))


def _purge(now: float, limits: Retention) -> Program[Purged]:
    parked = len((yield Sql("purge_parked_old", (now - limits.parked_seconds,))))
    parked += len((yield Sql("purge_parked_many", (limits.parked,))))
    dead = len((yield Sql("purge_dead_old", (now - limits.dead_seconds,))))
    dead += len((yield Sql("purge_dead_many", (limits.dead,))))
    return Purged(parked, dead)


async def keep_clean(
    store: Store,
    clock: Callable[[], float],
    limits: Retention = DEFAULT,
    blobs: Blobs | None = None,
    *,
    tell: Callable[[HeldUp], None] = lambda _one: None,
) -> None:
    """Purge and sweep now and every hour, until cancelled. What is away (database, files) is left alone until the next time.

    `tell` is called with who holds up the trimming of the journal: once, until they go on.
    """
    told: frozenset[str] = frozenset()
    while True:
        with contextlib.suppress(StoreError):
            await purge(store, clock(), limits)
            if limits.raw_seconds:
                await forget_old(store, clock() - limits.raw_seconds)
            if limits.journal_seconds:
                before = clock() - limits.journal_seconds
                await trim(store, before)
                stuck = await held_up(store, before)
                for one in stuck:
                    if one.follower not in told:
                        tell(one)
                told = frozenset(one.follower for one in stuck)
        with contextlib.suppress(StoreError, OSError):
            if blobs is not None:
                await sweep(store, blobs, clock())
        await asyncio.sleep(EVERY_SECONDS)
