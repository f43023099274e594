"""What each event does to the service level of a conversation: answers end its replies' targets, turns are noted for the router's clocks.

Only the router knows the hours, so how long something counts is never worked out here; whether it came in time is, by `due_at`.
"""

from __future__ import annotations

import msgspec

from stream import events as ev
from stream.model import Conversation, ServiceLevel, Target, TargetState

replace = msgspec.structs.replace
MOST_TURNS = 32
"""Turns that are noted while no router takes them in; then the newest takes the place of the one before it."""
ENDED: frozenset[str] = frozenset({"met", "missed"})
REACHED: dict[type, TargetState] = {ev.LevelAtRisk: "at_risk", ev.LevelBreached: "breached"}


def turned(level: ServiceLevel | None, at: float, what: str) -> ServiceLevel | None:
    """Note whose turn it is from `at` on."""
    if level is None or (level.turns and level.turns[-1][1] == what):
        return level
    kept = level.turns[: MOST_TURNS - 1]
    return replace(level, turns=(*kept, (at, what)))


def answered(level: ServiceLevel | None, at: float) -> ServiceLevel | None:
    """A person wrote: what was promised to be answered is. After a sleep that no router took in, only that can say whether in time."""
    if level is None or any(what in {"snoozed", "woken"} for _, what in level.turns):
        return turned(level, at, "agent")
    targets = tuple(target if target.name == "resolution" else ended(target, at) for target in level.targets)
    return turned(replace(level, targets=targets), at, "agent")


def resolved(level: ServiceLevel | None, at: float) -> ServiceLevel | None:
    """It is done: nothing is owed any more. Until turns are taken in, `due_at` holds as far as the first of them."""
    if level is None:
        return None
    known = level.turns[0][0] if level.turns else at
    return replace(level, targets=tuple(ended(target, known) for target in level.targets), turns=())


def ended(target: Target, at: float) -> Target:
    """The target as it is once it was fulfilled at `at`."""
    if target.state in ENDED:
        return target
    late = target.state == "breached" or 0 < target.due_at < at
    return replace(target, state="missed" if late else "met", since=0.0, ended_at=at)


def queued(level: ServiceLevel | None, event: ev.ConversationQueued, before: str) -> ServiceLevel | None:
    """A person who puts it into another queue puts it under that queue's level."""
    by_hand = event.by.kind == "agent" and event.queue != before
    return replace(level, moved=True) if level is not None and by_hand else level


def stamped(row: Conversation, event: ev.LevelSet, at: float) -> Conversation:
    """The router took in the turns and set the clocks."""
    level, before = event.level, row.level
    if level is not None:
        turns = before.turns[event.heard :] if before is not None else ()
        level = replace(level, turns=turns, moves=before.moves + 1 if before is not None else 1)
    return replace(row, level=level, version=event.version)


def reached(row: Conversation, event: ev.LevelAtRisk | ev.LevelBreached | ev.LevelEscalated, at: float) -> Conversation:  # fmt: skip
    """A target has come to a mark of its chain."""
    named = row.participants + tuple(who for who in event.named if who not in row.participants)
    if row.level is None:
        return replace(row, participants=named, version=event.version)
    state = REACHED.get(type(event))
    level = come_to(row.level, (event.target, event.round), event.mark, state, event.boost)
    return replace(row, level=level, participants=named, version=event.version)


def come_to(
    level: ServiceLevel, which: tuple[str, int], mark: float, state: TargetState | None, boost: float
) -> ServiceLevel:
    """The level once `which` target (name and round) has come to `mark`; `state` None leaves its state."""
    targets = tuple(
        replace(one, mark=mark, state=one.state if one.state in ENDED else state or one.state)
        if (one.name, one.round) == which
        else one
        for one in level.targets
    )
    return replace(level, targets=targets, boost=level.boost + boost, moves=level.moves + 1)
