"""Replacing a kept value of a channel by what was made of it, one process at a time: tokens that are spent when they are used.

The turn is a lease in the store, so it holds over processes and ends by itself when its holder does. What the value means is the connector's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from connectors.contract import TryLater
from stream import commands as cmd
from stream import leases, reads
from stream.ids import new_token
from stream.journal import Journal
from stream.store.ports import StoreError

TURN_SECONDS = 60.0
"""How long one may take; afterwards another gets its turn, and what this one would keep is refused."""
WAIT_SECONDS = 45.0
PAUSE_SECONDS = 0.1
BUSY = "Another process is renewing this now; try again in a few seconds."


async def exchange(journal: Journal, channel: str, key: str, change: Callable[[str], Awaitable[str]]) -> None:
    """Give `change` the value kept under `key` ("" when there is none) and keep what it answers, unless that is "".

    Raises what `change` raises, and `TryLater` when there is no turn in time or nothing can be kept.
    """
    try:
        turn = await _turn(journal, f"exchange:{channel}:{key}")
        try:
            kept = (await reads.checkpoints(journal.store, channel)).get(key, "")
            value = await change(kept)
            if value:
                await _keep(journal, channel, key, value, turn)
        finally:
            await leases.release(journal.store, turn)
    except StoreError as error:
        raise TryLater("Nothing can be kept now; try again in a few seconds.") from error


async def _turn(journal: Journal, name: str) -> leases.Lease:
    holder = new_token()
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while (turn := await leases.acquire(journal.store, name, holder, TURN_SECONDS)) is None:  # noqa: ASYNC110  # the other holder is another process
                await asyncio.sleep(PAUSE_SECONDS)
    except TimeoutError as error:
        raise TryLater(BUSY) from error
    return turn


async def _keep(journal: Journal, channel: str, key: str, value: str, turn: leases.Lease) -> None:
    point = cmd.Checkpoint(channel=channel, key=key, value=value, lease=turn.name, epoch=turn.epoch)
    result = await journal.submit(cmd.KeepCheckpoint(token=new_token(), checkpoint=point))
    if isinstance(result, cmd.Refused):
        raise TryLater(result.sentence)
