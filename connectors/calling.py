"""Webhooks that tell others what happened: which events are told to whom, and in which order they are tried. Pure: time and chance come in.

A call is told over a channel of the connector webhook, signed like its messages. Calls about one conversation go to one channel in
order, one at a time; the others do not wait for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from stream import events as ev

MOST_WAITING = 1_000
"""Calls that wait; what comes beyond is a dead letter at once."""
AT_ONCE = 16
TRIES = 12
"""With waits of up to a minute: some five minutes, then it is a dead letter."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """Event `n` is to be told over `channel`: `attempts` were made, the next at `due_at`. `id` is the same for every attempt."""

    id: str
    channel: str
    n: int
    conversation: str
    attempts: int = 0
    due_at: float = 0.0
    first_at: float = 0.0


class Calls(msgspec.Struct, frozen=True, kw_only=True):
    """Everything up to event `cursor` was looked at while somebody was told anything (`on`)."""

    cursor: int = 0
    on: bool = False
    waiting: tuple[Call, ...] = ()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told: `automation` whatever channels its rules name."""

    automation: bool = False

    def __bool__(self) -> bool:
        return self.automation


NOBODY = Told()


def called(recorded: ev.Recorded, told: Told) -> Iterator[Call]:
    """The calls that an event makes."""
    event = recorded.event
    if told.automation and isinstance(event, ev.AutomationRan):
        for channel in event.calls:
            yield _call(recorded, channel, event.conversation)


def _call(recorded: ev.Recorded, channel: str, conversation: str) -> Call:
    digest = hashlib.blake2b(f"{recorded.n}\0{channel}\0{conversation}".encode(), digest_size=12).hexdigest()
    return Call(
        id=f"call_{digest}",
        channel=channel,
        n=recorded.n,
        conversation=conversation,
        due_at=recorded.at,
        first_at=recorded.at,
    )


def due(waiting: Sequence[Call], busy: Mapping[str, Call], now: float) -> list[Call]:
    """What to try now: the oldest of each conversation and channel, unless it is under way (`busy`, by id)."""
    found: list[Call] = []
    lanes = {(one.channel, one.conversation) for one in busy.values()}
    for one in waiting:
        lane = (one.channel, one.conversation)
        if lane in lanes or len(busy) + len(found) >= AT_ONCE:
            continue
        lanes.add(lane)
        if one.due_at <= now:
            found.append(one)
    return found


def body(recorded: ev.Recorded, call: Call) -> bytes:
    """What is posted: `type`, `timestamp`, and as `data` the event with where the conversation stood. Ids and facts, no text."""
    event = msgspec.to_builtins(recorded.event)
    kind = event.pop("type")
    data: dict[str, Any] = {"n": recorded.n, **event}
    if recorded.scope is not None:
        scope = recorded.scope
        data |= {"queue": scope.queue, "team": scope.team, "agent": scope.assignee}
    return encoded(kind, recorded.at, call, data)


def encoded(kind: str, at: float, call: Call, data: dict[str, Any]) -> bytes:
    """The envelope that Standard Webhooks recommends."""
    stamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return msgspec.json.encode({"type": kind, "timestamp": stamp, "data": {"call": call.id, **data}})
