"""Service levels in the small world: what the stream makes of a decision about one, by the stream's own fold."""

from __future__ import annotations

import msgspec

from router import decisions as say
from router.inputs import Item
from stream.fold.level import ENDED, come_to
from stream.model import TargetState

replace = msgspec.structs.replace
STATES: dict[str, TargetState | None] = {"at_risk": "at_risk", "breached": "breached", "escalated": None}


def set_level(item: Item, decision: say.SetLevel) -> Item | None:
    """The clocks are kept, unless something happened of which they know nothing."""
    known = item.level
    wrote = (item.last_customer_at, item.last_agent_at) != (decision.asked_at, decision.answered_at)
    if decision.moves != (known.moves if known else 0) or item.spam or (known is None and wrote):
        return None
    if decision.level is None:
        return replace(item, level=None)
    turns = known.turns[decision.heard :] if known else ()
    return replace(item, level=replace(decision.level, turns=turns, moves=decision.moves + 1))


def reach_mark(item: Item, decision: say.ReachMark) -> Item | None:
    """The mark is reached, with its head start and its priority."""
    known = item.level
    if known is None or decision.moves != known.moves or decision.known != len(known.turns):
        return None
    which = (decision.target, decision.round)
    target = next((one for one in known.targets if (one.name, one.round) == which), None)
    if target is None or target.state in ENDED or target.mark >= decision.mark:
        return None
    level = come_to(known, which, decision.mark, STATES[decision.state], decision.boost)
    return replace(item, level=level, priority=max(item.priority, decision.priority))


def moves(item: Item, decision: say.ReachMark) -> bool:
    """Whether the mark takes it to another queue or team."""
    if item.status != "open" or item.spam or not (decision.queue or decision.team):
        return False
    there = (decision.queue or item.queue, decision.team) == (item.queue, item.team)
    return decision.take if item.assignee else not there
