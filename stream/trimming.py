"""Trimming the journal: events past a chosen age go, the oldest first; the current state, and what was said, stays.

In small transactions of their own, so that nobody who writes waits for long; interrupted at any point, the next pass goes on. Nothing
goes that a follower with a kept place has not read, nor the newest event. With an event goes the record of its decision, which only
the event named. What erasing needs to know of a person is not in the journal alone (`tracing.py`).
"""

from __future__ import annotations

import asyncio
from itertools import takewhile
from typing import cast

import msgspec

from stream import automation
from stream import events as ev
from stream.indexing import CURSOR
from stream.store.ports import Store
from stream.store.program import Many, Program, Sql

BATCH = 500
BATCHES = 4_000
"""So many batches in one pass."""
PAUSE = 0.02
BEGIN = ("@retention", "begin")
"""The checkpoint with the time of the first event that there ever was."""
CALLS = ("@calls", "state")
"""The place of those who tell other programs (`connectors/calls.py`)."""
_decode = msgspec.json.Decoder(ev.AnyEvent).decode


class Place(msgspec.Struct, frozen=True):
    """How far a follower has read; it counts while the follower is `on`."""

    cursor: int = 0
    on: bool = False


class HeldUp(msgspec.Struct, frozen=True):
    """A follower that keeps events which have grown old: it has not read on since number `cursor`; the first that it lacks is from `since`."""

    follower: str
    cursor: int
    since: float


async def held_up(store: Store, before: float) -> list[HeldUp]:
    """Who holds up the trimming of events from before `before`. Reads only; at most one for each follower. Raises `StoreError`."""
    return await store.read(holding_up(before))


async def trim(store: Store, before: float) -> int:
    """One pass: forget events from before `before` (seconds since the epoch); how many went. Raises `StoreError`."""
    gone = 0
    for _batch in range(BATCHES):
        went = await store.write(trimmed(before))
        gone += went
        if went < BATCH:
            break
        await asyncio.sleep(PAUSE)
    return gone


def trimmed(before: float) -> Program[int]:
    """One batch; how many events went."""
    read = yield from _read_by_all()
    rows = yield Sql("journal_oldest", (read, BATCH))
    old = list(takewhile(lambda row: row[1] < before, rows))
    if not old:
        return 0
    named = [(ident,) for _n, _at, body in old if (ident := getattr(_decode(body), "explain", ""))]
    yield Many("save_begin", [(*BEGIN, repr(old[0][1]))])
    yield Many("drop_content", named)
    yield Sql("journal_trim", (old[-1][0],))
    return len(old)


def holding_up(before: float) -> Program[list[HeldUp]]:
    """Whose next event is from before `before`."""
    found: list[HeldUp] = []
    for follower, cursor in (yield from _followers()).items():
        rows = yield Sql("journal_after", (cursor, 1))
        if rows and rows[0][1] < before:
            found.append(HeldUp(follower, cursor, rows[0][1]))
    return found


def _read_by_all() -> Program[int]:
    """The number up to which nobody needs the journal any more; below the head, so that a socket that missed nothing resumes."""
    rows = yield Sql("head")
    cursors = (yield from _followers()).values()
    return min(cast("int", rows[0][0]) - 1, *cursors)


def _followers() -> Program[dict[str, int]]:
    """How far everybody has read who reads from a kept place."""
    found = {"search": int((yield from _kept(*CURSOR)) or 0)}
    for name, place in (("automations", automation.PLACE), ("calls", CALLS)):
        value = yield from _kept(*place)
        follower = msgspec.json.decode(value, type=Place) if value else Place()
        if follower.on:
            found[name] = follower.cursor
    return found


def _kept(channel: str, key: str) -> Program[str]:
    rows = yield Sql("checkpoints", (channel,))
    return next((value for name, value in rows if name == key), "")
