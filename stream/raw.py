"""Raw input that is kept beside what was made of it: looked over in pages, forgotten by age. Deduplication keys always stay.

The table is read by its own key, which costs taking messages in nothing; a pass is bounded, and goes on where the last one stopped.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from stream.store.ports import Store
from stream.store.program import Many, execute, fetch

PAGE = 5_000
PAGES = 20
"""So many pages in one pass."""
BATCH = 500
PLACE = ("@retention", "raw")
"""The checkpoint with the key that the last pass came to."""
BEGIN = ("", "")
DEAD, NOBODY = "dead", ""
"""Under these names are entered what could not be read, and what is about no message or person that we know."""


class Input(NamedTuple):
    """One delivery: `ref` is the message, identity or dead letter that it became; `raw` whether its bytes are still there; `n` the journal's number then."""

    channel: str
    source_key: str
    ref: str
    at: float
    raw: int
    n: int


def owner(ref: str) -> str:
    """Under which name a delivery that made no message is entered for erasing: whom it is about; all dead letters are `DEAD`."""
    return DEAD if ref.startswith("dead_") else ref


async def page_of(store: Store, after: tuple[str, str]) -> list[Input]:
    """Up to `PAGE` deliveries behind `after`, (channel, key), in the order of their keys."""
    return [Input(*row) for row in await store.read(fetch("inbound_page", *after, PAGE))]


async def forget(store: Store, inputs: list[Input]) -> int:
    """Drop the bytes of these; how many there were."""
    there = [(one.channel, one.source_key) for one in inputs if one.raw]
    for start in range(0, len(there), BATCH):
        await store.write(execute(Many("inbound_forget", there[start : start + BATCH])))
    return len(there)


async def forget_old(store: Store, before: float) -> int:
    """One pass: drop the bytes of what came before `before` (seconds since the epoch); how many went."""
    kept = await store.read(fetch("checkpoints", PLACE[0]))
    after: tuple[str, str] = next(
        (msgspec.json.decode(value, type=tuple[str, str]) for key, value in kept if key == PLACE[1]), BEGIN
    )
    gone = 0
    for _page in range(PAGES):
        page = await page_of(store, after)
        gone += await forget(store, [one for one in page if one.at < before])
        after = (page[-1].channel, page[-1].source_key) if len(page) == PAGE else BEGIN
        if after == BEGIN:
            break
    await store.write(execute(Many("save_checkpoint", [(*PLACE, msgspec.json.encode(after).decode())])))
    return gone
