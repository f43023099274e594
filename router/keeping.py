"""Keeping the service levels of what the engine knows: when clocks are set anew, when a mark has come, and who is told of it then.

The arithmetic is in `levels`. One decision about an item's level is under way at a time; the next look follows when the journal says it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from router import levels
from router.agents import Agent
from router.board import Board
from router.decisions import ReachMark, SetLevel
from router.durations import spoken
from router.inputs import Item
from router.items import Entry, Phase
from router.levels import Case, Clock, Deed, Level, Next
from router.plan import Plan
from stream.model import ServiceLevel

MOST_TOLD = 20
"""Agents who are told of one mark."""
WORDS = {"first_reply": "first reply", "next_reply": "next reply", "resolution": "resolution"}


def look(board: Board, entry: Entry, item: Item) -> None:
    """See whether its clocks are right, and do what they say or come back when they will say something."""
    entry.level_stamp = board.stamp()
    moves = item.level.moves if item.level is not None else 0
    if not board.begun or entry.level_asked == moves or entry.patch is not None:
        return
    entry.level_asked = -1
    if entry.phase in {Phase.UNPLACED, Phase.PARKED}:
        return
    level = level_for(board.plan, item)
    wanted = as_wanted(board.plan, level, item, board.now) if level is not None else None
    if wanted is not item.level:
        entry.level_asked = moves
        board.decisions.append(_set(item, wanted, moves))
    elif level is not None and wanted is not None:
        _await(board, entry, item, levels.coming(level, clock_of(board.plan, level, item.queue), wanted))


def look_over(board: Board) -> None:
    """Look at everything, after a start or under another plan."""
    for entry in list(board.entries.values()):
        if board.plan.levels or entry.item.level is not None:
            look(board, entry, entry.item)


def level_for(plan: Plan, item: Item) -> Level | None:
    """The level that it has until a person puts it into another queue, or the one of its rule and queue."""
    known = item.level
    if known is not None and not known.moved and known.name in plan.levels:
        return plan.levels[known.name]
    return plan.levels.get(plan.level_of(item.rule, item.queue)) if item.queue else None


def clock_of(plan: Plan, level: Level, queue: str) -> Clock:
    """The hours by which a level counts in a queue."""
    home = plan.queues.get(queue)
    if "closed" not in level.pauses:
        return Clock(None)
    return Clock(level.hours or (home.hours if home is not None else None))


def as_wanted(plan: Plan, level: Level, item: Item, now: float) -> ServiceLevel:
    """The service level as it must be; the very one that it has when nothing needs to be kept."""
    known, clock = item.level, clock_of(plan, level, item.queue)
    case = _case(item)
    if known is None:
        return levels.opened(level, clock, item.queue, case)
    before = plan.levels.get(known.name, level)
    then = clock_of(plan, before, known.queue)
    fresh = levels.settled(before, then, known)
    if known.name != level.name or known.queue != item.queue or levels.outdated(level, clock, fresh):
        fresh = levels.changed(before, then, level, clock, fresh, item.queue, now)
        return levels.joined(level, clock, fresh, case)
    fresh = levels.joined(level, clock, fresh, case)
    kept = fresh.targets != known.targets or len(known.turns) >= levels.MANY_TURNS
    return fresh if kept else known


def _case(item: Item) -> Case:
    return Case(
        opened_at=item.opened_at or item.created_at,
        asked_at=item.last_customer_at,
        answered_at=item.last_agent_at,
        asleep=item.status == "snoozed",
    )


def _set(item: Item, wanted: ServiceLevel | None, moves: int) -> SetLevel:
    return SetLevel(
        id=item.id,
        reason=f"service level {wanted.name}" if wanted is not None else "no service level",
        level=wanted,
        moves=moves,
        heard=len(item.level.turns) if item.level is not None else 0,
        asked_at=item.last_customer_at,
        answered_at=item.last_agent_at,
    )


def _await(board: Board, entry: Entry, item: Item, found: Next | None) -> None:
    if found is None or item.level is None:
        return
    if found.at > board.now:
        board.timers.at(found.at, "level", item.id, entry.level_stamp)
        return
    entry.level_asked = item.level.moves
    board.decisions.append(_reach(board, item, item.level, found))


def _reach(board: Board, item: Item, known: ServiceLevel, found: Next) -> ReachMark:
    target, mark, deed = found.target, found.mark, found.mark.deed
    told = _told(board, item, deed.tell)
    return ReachMark(
        id=item.id,
        reason=f"{WORDS[target.name]} {_how(found, board.now)} ({known.name})",
        state=mark.reached,
        target=target.name,
        round=target.round,
        mark=mark.seconds,
        moves=known.moves,
        known=len(known.turns),
        boost=deed.boost,
        priority=deed.priority,
        tags=deed.tags,
        queue=deed.queue,
        team=deed.team,
        need=deed.need,
        take=deed.take,
        tell=told,
        explain=_record(board, item, known, found, told),
    )


def _how(found: Next, now: float) -> str:
    target = found.target
    if found.mark.reached == "breached":
        return f"was due after {spoken(target.within)}"
    if target.state == "breached" or found.mark.seconds > target.within:
        return f"is late since {spoken(now - target.due_at)}"
    return f"is due in {spoken(target.due_at - now)}"


def _record(
    board: Board, item: Item, known: ServiceLevel, found: Next, told: tuple[str, ...]
) -> dict[str, Any]:
    """What is kept with the event: the target, its clock, and what was done."""
    return {
        "v": 1,
        "at": board.now,
        "config": board.plan.hash,
        "rule": item.rule[:200],
        "queue": item.queue[:200],
        "level": known.name[:200],
        "target": found.target.name,
        "within": found.target.within,
        "due_at": found.target.due_at,
        "mark": found.mark.seconds,
        "did": list(_done(found.mark.deed, told)),
    }


def _done(deed: Deed, told: tuple[str, ...]) -> Iterator[str]:
    if deed.boost:
        yield f"head start of {spoken(deed.boost)}"
    if deed.priority:
        yield f"priority at least {deed.priority}"
    if deed.tags:
        yield f"tagged {', '.join(deed.tags)}"
    if deed.queue or deed.team:
        places = [f"{what} {name}" for what, name in (("queue", deed.queue), ("team", deed.team)) if name]
        yield f"to {', '.join(places)}{'' if deed.take else ', if nobody has it'}"
    if told:
        yield f"told {', '.join(told)}"


def _told(board: Board, item: Item, words: tuple[str, ...]) -> tuple[str, ...]:
    """The logins that these words mean now, each once."""
    found: list[str] = []
    for word in words:
        kind, _, name = word.partition(":")
        if word == "assignee":
            found += [item.assignee] if item.assignee else []
        elif kind == "agent":
            found.append(name)
        elif kind == "team":
            found += [one.facts.id for one in _active(board) if name in one.facts.teams]
        else:
            found += _supervisors(board, item)
    return tuple(dict.fromkeys(found))[:MOST_TOLD]


def _supervisors(board: Board, item: Item) -> list[str]:
    """Those of the team that it is with, else those who serve its queue, else all of them."""
    everybody = [one for one in _active(board) if one.facts.role in {"supervisor", "admin"}]
    holder = board.agents.get(item.assignee)
    teams = {*(holder.facts.teams if holder is not None else ()), *([item.team] if item.team else [])}
    near = [one for one in everybody if teams & set(one.facts.teams)]
    serving = [one for one in everybody if item.queue in one.facts.queues]
    return [one.facts.id for one in near or serving or everybody]


def _active(board: Board) -> list[Agent]:
    return sorted((one for one in board.agents.values() if one.facts.active), key=lambda one: one.facts.id)


def described(board: Board, item: Item) -> dict[str, Any] | None:
    """Its service level for people: every target with its state, and what comes next."""
    known = item.level
    if known is None:
        return None
    level = board.plan.levels.get(known.name)
    found = (
        levels.coming(level, clock_of(board.plan, level, item.queue), known) if level is not None else None
    )
    names = ("name", "state", "within", "due_at", "round")
    return {
        "level": known.name,
        "targets": [{name: getattr(one, name) for name in names} for one in known.targets],
        "next": {"at": found.at, "target": found.target.name, "reached": found.mark.reached}
        if found
        else None,
    }
