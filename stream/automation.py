"""How far the automation has come and how often each rule matched: one small document beside the pollers' checkpoints. Reads only."""

from __future__ import annotations

import msgspec

from stream import reads
from stream.store.ports import Store

PLACE = ("@automation", "state")
"""The checkpoint's channel and key: no channel can be called that."""


class Automation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything up to event `cursor`, and every time up to `at`, was looked at while it was `on`. `hits` are counted from the journal.

    `cuts`: how often the guard ended a chain.
    """

    cursor: int = 0
    at: float = 0.0
    on: bool = False
    hits: dict[str, int] = {}
    cuts: int = 0


async def state(store: Store) -> Automation:
    """What was kept last; the beginning when there was never any."""
    kept = (await reads.checkpoints(store, PLACE[0])).get(PLACE[1])
    return msgspec.json.decode(kept, type=Automation) if kept else Automation()
