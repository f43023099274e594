"""An item while the engine knows it: where it stands, whose capacity it takes, and what was decided about it and is under way."""

from __future__ import annotations

from collections.abc import Container
from enum import Enum
from typing import Any

import msgspec

from router.inputs import Item
from router.levels import due
from router.profiles import Signature
from router.queues import Key
from router.rules import Step


class Phase(Enum):
    """Where an item stands. RESERVED: it was given to somebody by a decision that is not yet committed."""

    UNPLACED = "unplaced"
    WAITING = "waiting"
    RESERVED = "reserved"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    PARKED = "parked"


# Until Python 3.12, to look a member up on its class costs as much as a call: here they are by their own names.
UNPLACED, WAITING, RESERVED, OFFERED, ASSIGNED, SNOOZED, PARKED = Phase


def phase_of(item: Item) -> Phase:
    """The phase that an item's facts say."""
    if item.status == "snoozed":
        return SNOOZED
    if item.spam or item.status == "resolved":
        return PARKED
    if item.assignee:
        return ASSIGNED
    if item.offer is not None:
        return OFFERED
    return WAITING if item.queue and item.waiting_since else UNPLACED


def needs_rules(item: Item, queues: Container[str]) -> bool:
    """Whether only the rules can say where it waits: it never did, was opened again, or its queue is none of `queues`."""
    return phase_of(item) is UNPLACED and (not item.place or not item.queue or item.queue not in queues)


class Entry(msgspec.Struct, eq=False):
    """`stamp` moves on whenever what was noted about it elsewhere (a heap, a timer) no longer holds.

    `agent` and `units` are what it takes at the moment (`also`: of others who are asked too; `rests`: it takes nothing),
    `parting` are asked agents whose share is being ended, `since_step` is the step under which it was offered, `idle` is `stamp` while somebody looks after its silence; `pending` is the decision that is under way ("" for none); `patch` is
    what a pending Queue says, until the journal says it too. `excluded` are agents who must not be offered it. `opened` are the steps whose conditions were found true; `reached` is the last
    step whose effects were ordered; `quiet`: no automatic
    answer, the customer's message was automatic itself. `level_asked`: a decision about its service level is under way, from when that
    had been set so often (-1: none is); `level_stamp` is `stamp` for its timer.
    """

    item: Item
    phase: Phase = UNPLACED
    signature: Signature | None = None
    key: Key = (0, 0.0, "")
    stamp: int = 0
    step: int = 0
    steps: tuple[Step, ...] = ()
    opened: frozenset[int] = frozenset()
    quiet: bool = False
    reached: int = 0
    agent: str = ""
    also: tuple[str, ...] = ()
    units: int = 0
    rests: bool = False
    idle: int = 0
    since_step: int = 0
    parting: frozenset[str] = frozenset()
    pending: str = ""
    patch: dict[str, Any] | None = None
    excluded: frozenset[str] = frozenset()
    forgiven: frozenset[str] = frozenset()
    asked: int = 0
    level_asked: int = -1
    level_stamp: int = 0


def same(one: Item, other: Item) -> bool:
    """Whether nothing that routing looks at differs."""
    return (
        one.status == other.status
        and one.assignee == other.assignee
        and one.offer == other.offer
        and one.waiting_since == other.waiting_since
        and one.queue == other.queue
        and one.team == other.team
        and one.priority == other.priority
        and one.need == other.need
        and one.units == other.units
        and one.resting == other.resting
        and one.declined == other.declined
        and one.snoozed_until == other.snoozed_until
        and one.spam == other.spam
        and one.contact == other.contact
        and one.last_agent == other.last_agent
        and one.last_agent_at == other.last_agent_at
        and (one.level is other.level or _lined_up(one) == _lined_up(other))
    )


def _lined_up(item: Item) -> tuple[float, float]:
    """What its service level says about its place in line."""
    return (item.level.boost if item.level is not None else 0.0, due(item.level))
