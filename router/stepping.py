"""The timed steps of what waits: which has begun, what beginning one does, and how long an item waits for the agent who had it last.

A step with a condition (`when`) begins at its time once that is true of what is measured, looked at every few seconds; that it was true is
kept with the conversation. Everything else follows from the item and the clock alone.
"""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Any

from router.decisions import OpenStep
from router.expressions import Fact
from router.items import Entry, Phase
from router.rules import Rule, Step

if TYPE_CHECKING:
    from router.board import Board

RECHECK = 10.0
"""Seconds between two looks at a condition that was not true at its time."""
FRESH = 300.0
"""Seconds for which the wait of the last one given out tells something, or as long as that wait was."""

MOST_KEPT = 100
"""Open steps of a conversation that are kept for the next leader."""

MEASURES: dict[str, Fact] = {
    "wait.so_far": Fact("number"),
    "wait.estimate": Fact("number"),
    "queue.waiting": Fact("number"),
    "agents.fit": Fact("number"),
    "agents.available": Fact("number"),
}
"""What a step's condition may ask: seconds waited, seconds that it will be in all, how many wait in the queue, and how many agents
fit what it needs now, or are available of those."""


def begun(steps: tuple[Step, ...], since: float, now: float, opened: frozenset[int]) -> int:
    """The step that counts now: the last whose time has come and whose condition, if any, was found true."""
    found = 0
    for index, step in enumerate(steps):
        if index and since + step.after > now:
            break
        if step.when is None or index in opened:
            found = index
    return found


def next_look(entry: Entry, now: float) -> tuple[float, float] | None:
    """When something about its steps may change, as (length of the wait, moment); None when nothing will by itself."""
    since, steps = entry.item.waiting_since, entry.steps
    looks: list[tuple[float, float]] = []
    for index, step in enumerate(steps):
        if index and since + step.after > now:
            looks.append((step.after, since + step.after))
            break
        if step.when is not None and index not in entry.opened:
            looks.append(_round(since, step.after, now))
    return min(looks, key=lambda look: look[1], default=None)


def _round(since: float, after: float, now: float) -> tuple[float, float]:
    """The next of the rounds in which a condition is looked at: at its step's time and every few seconds from then on."""
    rounds = floor((now - since - after) / RECHECK) + 1
    while since + after + rounds * RECHECK <= now:
        rounds += 1
    return after + rounds * RECHECK, since + after + rounds * RECHECK


def measure(board: Board, entry: Entry) -> dict[str, Any]:
    """What is measured for an item that waits, by what it needs now; times to the millisecond, as they are recorded."""
    item, signature = entry.item, board.sign(entry)
    board.flush()
    at, last = board.last_wait.get(item.queue, (0.0, 0.0))
    waited = round(board.now - item.waiting_since, 3)
    fresh = board.now - at <= max(FRESH, last)
    return {
        "wait.so_far": waited,
        "wait.estimate": max(waited, round(last, 3)) if fresh else waited,
        "queue.waiting": float(board.in_queue.get(item.queue, 0)),
        "agents.fit": float(signature.members),
        "agents.available": float(signature.available),
    }


def word(index: int, step: Step) -> str:
    """How it is kept that a step is open: by its number and its condition, so that another condition is measured anew."""
    return f"{index}: {step.when.source[:200]}" if step.when is not None else ""


def kept(steps: tuple[Step, ...], opened: tuple[str, ...]) -> frozenset[int]:
    """Which of the steps are open by these words."""
    return frozenset(
        index for index, step in enumerate(steps) if step.when is not None and word(index, step) in opened
    )


def open_up(board: Board, entry: Entry) -> None:
    """Measure for the steps whose time has come, and decide that those are open whose conditions are true."""
    since, found = entry.item.waiting_since, set(entry.opened)
    facts: dict[str, Any] = {}
    for index, step in enumerate(entry.steps):
        if index and since + step.after > board.now:
            break
        if step.when is not None and index not in found:
            facts = facts or measure(board, entry)
            if step.when.holds(facts):
                found.add(index)
    if len(found) > len(entry.opened):
        new = sorted(found - entry.opened)
        entry.opened = frozenset(found)
        board.decisions.append(_opened(board, entry, new, facts))


def _opened(board: Board, entry: Entry, new: list[int], facts: dict[str, Any]) -> OpenStep:
    item = entry.item
    words = {index: word(index, entry.steps[index]) for index in sorted(entry.opened)}
    conditions = "; ".join(f"step {words[index]}" for index in new)
    record = {
        "v": 1,
        "at": board.now,
        "config": board.plan.hash,
        "rule": item.rule[:200],
        "queue": item.queue[:200],
        "opened": [words[index] for index in new[:4]],
        "asked": [text[:100] for text in item.need[:20]],
        "since": item.waiting_since,
        "measured": facts,
    }
    reason = f"rule {item.rule[:200]}: {conditions[:600]}"
    return OpenStep(
        id=item.id, reason=reason, rule=item.rule, opened=tuple(words.values())[:MOST_KEPT], explain=record
    )


def awaited(board: Board, entry: Entry, rule: Rule) -> str:
    """The agent for whom it still waits alone (if they could have it at all), or ""."""
    item, sticky = entry.item, rule.sticky
    agent = board.agents.get(item.last_agent)
    if sticky is None or agent is None or not until(entry, rule, board.now) or not agent.facts.active:
        return ""
    if item.last_agent in item.declined or (sticky.if_online and not agent.available):
        return ""
    return item.last_agent


def until(entry: Entry, rule: Rule | None, now: float) -> float:
    """Until when it may wait for the agent who had it last; 0 when that is over or was never."""
    item = entry.item
    if rule is None or rule.sticky is None or not item.last_agent:
        return 0.0
    if rule.sticky.within and item.waiting_since - item.last_agent_at > rule.sticky.within:
        return 0.0
    end = item.waiting_since + rule.sticky.wait
    return end if end > now else 0.0


def turn(board: Board) -> None:
    """Agents whom somebody waits for have come, gone or changed: those items look again."""
    while board.turned:
        for ident in sorted(board.awaiting.get(board.turned.pop(), ())):
            entry = board.entries.get(ident)
            if entry is not None and entry.phase is Phase.WAITING:
                again(board, entry)
        board.flush()


def again(board: Board, entry: Entry) -> None:
    """Let it wait where it belongs now; what is under way stays under way."""
    pending = entry.pending
    board.lift(entry)
    board.line_up(entry)
    entry.pending = pending
