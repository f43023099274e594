"""The outbox's rows: claiming what is due, one send in flight per conversation, and recovering what a dead worker had.

The outcome of a send is a `RecordDelivery` command, so that the message's state and the row change in one transaction. Every claim
raises the row's fence: a worker that was given up for dead can no longer report.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgspec

from stream.store.ports import Store
from stream.store.program import Many, Program, Sql


class Claim(msgspec.Struct, frozen=True):
    """A send that is ours until `claimed_until`. `attempts` counts the finished ones, `parts_done` the parts already accepted."""

    message: str
    channel: str
    conversation: str
    attempts: int
    parts_done: int
    fence: int
    first_at: float
    claimed_until: float


class Pending(msgspec.Struct, frozen=True):
    """How full the outbox is: rows that wait, and when the oldest was written (0.0 when empty)."""

    count: int
    oldest: float


async def claim(
    store: Store, worker: str, channels: Sequence[str], now: float, limit: int = 64, seconds: float = 60.0
) -> list[Claim]:
    """Up to `limit` due sends of `channels` for `worker`, each the oldest of its conversation, none of a conversation with one in flight."""
    wanted = Sql("outbox_claimable", (list(channels), now, limit))
    return await store.write(_claim(worker, wanted, now + seconds))


async def claim_expired(
    store: Store, worker: str, channels: Sequence[str], before: float, now: float, limit: int = 64
) -> list[Claim]:
    """The same for sends written before `before`, whether due or not: for channels that are down, so that people see that nothing went."""
    wanted = Sql("outbox_expired", (list(channels), before, limit))
    return await store.write(_claim(worker, wanted, now + 60.0))


def _claim(worker: str, wanted: Sql, until: float) -> Program[list[Claim]]:
    yield Sql("outbox_lock")
    rows = yield wanted
    claims = [
        Claim(
            message=cast("str", message),
            channel=cast("str", channel),
            conversation=cast("str", conversation),
            attempts=cast("int", attempts),
            parts_done=cast("int", parts_done),
            fence=cast("int", fence) + 1,
            first_at=cast("float", first_at),
            claimed_until=until,
        )
        for message, channel, conversation, attempts, parts_done, fence, first_at in rows
    ]
    if claims:
        yield Many("outbox_take", [(c.message, worker, c.fence, until) for c in claims])
    return claims


async def part_done(store: Store, claim: Claim, parts_done: int) -> bool:
    """Keep that `parts_done` parts are accepted, before the next one goes; False when the claim is no longer ours."""
    rows = await store.write(_one("outbox_part_done", claim.message, claim.fence, parts_done))
    return bool(rows)


async def extend(store: Store, claim: Claim, until: float) -> bool:
    """Keep a slow send; False when the claim is no longer ours."""
    rows = await store.write(_one("outbox_extend", claim.message, claim.fence, until))
    return bool(rows)


def _one(name: str, *params: object) -> Program[list[tuple[object, ...]]]:
    rows = yield Sql(name, params)
    return rows


async def abandoned(store: Store, channels: Sequence[str], now: float, limit: int = 500) -> list[Claim]:
    """Claims whose time is over at `now`; with `now` infinite all of them (the data folder's lock proves that their workers are gone)."""
    return await store.read(_abandoned(list(channels), now, limit))


def _abandoned(channels: list[str], now: float, limit: int) -> Program[list[Claim]]:
    rows = yield Sql("outbox_abandoned", (channels, min(now, 1e15), limit))
    return [Claim(*row) for row in rows]


async def next_due(store: Store, channels: Sequence[str]) -> float | None:
    """When the next waiting send is due, or None."""
    rows = await store.read(_one("outbox_next_due", list(channels)))
    return cast("float | None", rows[0][0]) if rows else None


async def pending(store: Store) -> Pending:
    """For metrics and `parley doctor`."""
    rows = await store.read(_one("outbox_pending"))
    count, oldest = rows[0]
    return Pending(cast("int", count), cast("float", oldest or 0.0))
