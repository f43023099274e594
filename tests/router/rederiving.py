"""Decisions that were just made, decided once more from what is stored of them (`router.rederiving`).

Those without a record, which choose nobody and nothing, follow from the conversation as it stands.
"""

from __future__ import annotations

from typing import Any

import msgspec

from router import decisions as say
from router.board import Board
from router.decisions import Decision
from router.plan import Plan
from router.rederiving import choice, mark, moved, opened, placed
from router.submitting import trimmed

replace = msgspec.structs.replace


def proven(one: Decision, board: Board) -> str:
    """The kind of a decision that was just made and follows from what is stored of it; fails when it does not."""
    record = stored(one)
    if record is None:
        assert said(one, board), one
        return f"{type(one).__name__} without a record"
    assert follows(one, record, board.plan), (one, record)
    return type(one).__name__ + (" of a bot" if "bot" in one.reason else "")


def stored(decision: Decision) -> dict[str, Any] | None:
    """The record as it comes back from the store."""
    record = getattr(decision, "explain", None)
    found = msgspec.json.decode(msgspec.json.encode(trimmed(record)))
    assert found is None or isinstance(found, dict)
    return found


def follows(decision: Decision, record: dict[str, Any], plan: Plan) -> bool:
    """Whether the record and the plan give this decision and no other."""
    if isinstance(decision, say.Offer):
        also = tuple((login, 0) for login, _ in decision.also)
        return choice(record, plan) == replace(decision, id="", reason="", explain=None, beyond=0, also=also)
    if isinstance(decision, say.Push):
        return choice(record, plan) == replace(decision, id="", reason="", explain=None, beyond=0)
    if isinstance(decision, say.Queue):
        return placed(record, plan) == replace(decision, id="", reason="", explain=None)
    if isinstance(decision, say.OpenStep):
        before = set(decision.opened) - set(record["opened"])
        return opened(record, plan, before) == set(decision.opened)
    assert isinstance(decision, say.ReachMark)
    bare = replace(decision, id="", reason="", explain=None, round=0, moves=0, known=0)
    return mark(record, plan, decision.tell) == bare


def said(one: Decision, board: Board) -> bool:
    """Whether a decision that is its own record follows from the conversation as it stands."""
    plan = board.plan
    if isinstance(one, say.SetAway):
        return 0 < plan.offer.silent_after <= int(one.reason.partition(" ")[0])
    entry = board.entries[one.id]
    item = entry.item
    if isinstance(one, say.Queue):
        back = one.reason == "back at its place" and one.waiting_since == (item.place or item.waiting_since)
        return back or moved(one, plan, board.now)
    if isinstance(one, say.EndOffer):
        assert item.offer
        late = f"no answer within {plan.within(item.channel, item.connector):g} s"
        return (one.how == "expired") == (one.reason == late and item.offer.expires_at <= board.now)
    if isinstance(one, say.Rest):
        silent = board.now - max(item.last_agent_at, item.last_customer_at)
        return silent >= plan.channel(item.channel, item.connector).idle_release > 0
    if isinstance(one, say.AutoReply):
        return _spoken(one, item.rule, board)
    if isinstance(one, say.HandBack):
        return board.agents[one.agent].gone and one.agent == item.assignee
    return isinstance(one, say.SetLevel) or item.snoozed_until <= board.now


def _spoken(one: say.AutoReply, rule: str, board: Board) -> bool:
    kind, name, number, *_ = one.once.split(":")
    if kind == "step":
        return name == rule and one.text == board.plan.rules.by_name[rule].steps[int(number)].say
    queue = board.plan.queues[name]
    assert queue.hours
    return kind == "closed" and not queue.hours.is_open(board.now) and bool(queue.closed.reply)
