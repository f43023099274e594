"""The engine: (input, now) in, decisions out, each with its reason. Pure: no I/O, no clock, no await; equal inputs, equal decisions.

It counts what it has decided as done until the journal says so or the decision is refused. Its parts: `board` (state), `placing`
(rules and hours), `matching` (who gets what), `choosing` and `giving` (to whom), `offers`, `leaving` (presence), `keeping` (service
levels), `explain`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from router import duty, inputs, keeping, leaving, matching, offers, placing, resting, stepping
from router.agents import Agent
from router.board import Board
from router.decisions import Decision, Wake
from router.inputs import Input, Item
from router.items import (
    ASSIGNED,
    OFFERED,
    RESERVED,
    SNOOZED,
    UNPLACED,
    WAITING,
    Entry,
    needs_rules,
    phase_of,
    same,
)
from router.plan import Plan

replace = msgspec.structs.replace


class Engine:
    """One workspace's routing. `handle` may be called from one task only."""

    def __init__(self, plan: Plan) -> None:
        self.board = Board(plan)

    def handle(self, told: Input, now: float) -> list[Decision]:
        """What follows from `told` at `now` (seconds since the epoch, never going back)."""
        board = self.board
        board.now = max(board.now, now)
        _HANDLERS[type(told)](board, told)
        if board.dirty and not (len(board.dirty) == 1 and matching.serve(board)):
            board.flush()
        if board.turned:
            stepping.turn(board)
        if board.begun and (board.joined or board.freed):
            matching.settle(board)
        if board.watch is not None:
            board.watch.judge()
        decided, board.decisions = board.decisions, []
        return decided

    def next_due(self) -> float | None:
        """When a `Tick` is due next."""
        return self.board.timers.next()


# --- items -------------------------------------------------------------------------------------------------------


def _enter(board: Board, item: Item) -> Entry | None:
    """The entry of an item that is not older than what is known."""
    entry = board.entries.get(item.id)
    if entry is None:
        entry = board.entries[item.id] = Entry(item)
    elif item.version < entry.item.version:
        return None
    return entry


def _arrived(board: Board, told: inputs.ItemArrived) -> None:
    entry = _enter(board, told.item)
    if entry is None or entry.patch is not None:
        return
    board.lift(entry)
    entry.item = told.item
    if phase_of(told.item) is not UNPLACED:
        _stand(board, entry, 0.0)
    elif board.begun:
        offers.exclude(board, entry)
        placing.arrive(board, entry, told.facts)
    else:
        entry.phase = UNPLACED


def _changed(board: Board, told: inputs.ItemChanged) -> None:
    entry = _enter(board, told.item)
    if entry is None:
        return
    if entry.stamp:
        _take_in(board, entry, told)
    else:
        _stand(board, entry, told.at)
        _tidy(board)
    if board.plan.levels or told.item.level is not None:
        keeping.look(board, entry, told.item)


def _take_in(board: Board, entry: Entry, told: inputs.ItemChanged) -> None:
    item = told.item
    phase = phase_of(item)
    if entry.patch is not None and phase is UNPLACED:
        placing.heard(board, entry, replace(item, **entry.patch))
        return
    entry.patch = None
    if entry.phase is RESERVED and phase is WAITING:
        entry.item = replace(item, units=entry.item.units, connector=entry.item.connector)
        return
    if entry.phase is phase and same(entry.item, item):
        before, entry.item = entry.item, item
        if phase is WAITING:
            _look_at_steps(board, entry, before)
        resting.watch(board, entry)
        if entry.pending == "queue":
            entry.pending = ""
            placing.advance(board, entry)
        return
    board.lift(entry)
    if entry.item.rule != item.rule:
        entry.opened = frozenset()
    entry.item = item
    _stand(board, entry, told.at)
    _tidy(board)


def _look_at_steps(board: Board, entry: Entry, before: Item) -> None:
    """Nothing else of it has changed: perhaps another rule's steps begin, or more of them are open than was known here."""
    item = entry.item
    if before.rule != item.rule:
        entry.opened = frozenset()
        stepping.again(board, entry)
    elif before.opened != item.opened and not stepping.kept(entry.steps, item.opened) <= entry.opened:
        stepping.again(board, entry)
        placing.advance(board, entry)


def _stand(board: Board, entry: Entry, at: float) -> None:
    """Count an item where its facts say that it stands."""
    board.stamps = entry.stamp = board.stamps + 1
    item = entry.item
    phase = entry.phase = phase_of(item)
    if phase is not WAITING and phase is not OFFERED:
        entry.opened = frozenset()
    if item.declined or entry.asked:
        offers.exclude(board, entry)
    if phase is WAITING:
        board.line_up(entry)
        if entry.steps:
            placing.advance(board, entry)
    elif phase is OFFERED:
        offers.stand(board, entry)
    elif phase is ASSIGNED:
        _assigned(board, entry, at)
    elif phase is SNOOZED:
        board.timers.at(item.snoozed_until, "snooze", item.id, entry.stamp)
    elif phase is UNPLACED and board.begun and not needs_rules(item, board.plan.queues):
        placing.come_back(board, entry)


def _assigned(board: Board, entry: Entry, at: float) -> None:
    agent = board.agent(entry.item.assignee)
    board.hold(entry, ASSIGNED, agent, entry.item.units)
    if board.watch is not None and at:
        board.watch.given(entry.item.id, at)
    agent.silent = 0 if at else agent.silent
    agent.given_at = max(at, agent.given_at)
    if at > agent.facts.idle_since:
        agent.facts = replace(agent.facts, idle_since=at)
    board.touch(agent)
    resting.watch(board, entry)
    if agent.gone and leaving.goes_back(board, entry):
        leaving.wait(board, agent)


def _gone(board: Board, told: inputs.ItemGone) -> None:
    entry = board.entries.pop(told.id, None)
    if entry is None:
        return
    if board.watch is not None:
        board.watch.gone(told.id)
    if not entry.agent:
        board.lift(entry)
        return
    board.release(entry)
    if not board.wraps:
        return
    holder = board.agents.get(entry.agent) if entry.phase is ASSIGNED else None
    rest = board.channel(entry.item).wrap_up
    if holder is not None and rest and board.begun:
        holder.wrapping = board.now + rest
        board.timers.after(rest, holder.wrapping, "wrap", holder.facts.id, 0)


def _refused(board: Board, told: inputs.Refused) -> None:
    """Forget what was under way and start from the item as it is."""
    if told.item is None:
        _gone(board, inputs.ItemGone(told.id))
        return
    entry = board.entries.get(told.id) or Entry(told.item)
    board.entries[told.id] = entry
    if board.watch is not None and entry.pending == "queue":
        board.watch.failed(told.id)
    board.lift(entry)
    entry.patch = None
    entry.item = told.item
    entry.opened = frozenset()
    entry.level_asked = -1
    _stand(board, entry, 0.0)
    if board.plan.levels or told.item.level is not None:
        keeping.look(board, entry, told.item)


def _level_refused(board: Board, told: inputs.LevelRefused) -> None:
    """Its clocks are looked at again with what is true of them; where it stands is not touched."""
    entry = board.entries.get(told.item.id)
    if entry is None:
        return
    entry.level_asked = -1
    fields = ("level", "last_customer_at", "last_agent_at")
    entry.item = replace(entry.item, **{name: getattr(told.item, name) for name in fields})
    keeping.look(board, entry, entry.item)


def _merged(board: Board, told: inputs.ContactsMerged) -> None:
    for ident in told.items:
        entry = board.entries.get(ident)
        if entry is not None:
            board.rename(entry, told.contact)


def _tidy(board: Board) -> None:
    timers = board.timers
    if timers.crowded():
        timers.sweep(lambda kind, ident, stamp: _alive(board, kind, ident, stamp))
    if len(board.classes.signatures) > board.many:
        board.redraw(board.plan)


# --- everything else ---------------------------------------------------------------------------------------------


def _configured(board: Board, told: inputs.Config) -> None:
    board.redraw(told.plan)
    placing.watch_hours(board)
    duty.watch(board)
    for entry in list(board.entries.values()):
        if entry.phase is WAITING and entry.steps:
            placing.advance(board, entry)
        elif entry.phase is OFFERED:
            offers.date(board, entry)
            offers.under_step(board, entry)
        else:
            resting.watch(board, entry)
    keeping.look_over(board)


def _agent(board: Board, told: inputs.AgentChanged) -> None:
    leaving.changed(board, told.agent)


def _seen(board: Board, told: inputs.Presence) -> None:
    leaving.seen(board, told.agent, told.seen)


def _offer_ended(board: Board, told: inputs.OfferEnded) -> None:
    offers.ended(board, told.id, told.agent, told.how)


def _away_refused(board: Board, told: inputs.AwayRefused) -> None:
    agent = board.agents.get(told.agent)
    if agent is not None and agent.away:
        agent.away, agent.silent = False, 0
        board.touch(agent)


def _wrapping_up(board: Board, told: inputs.WrappingUp) -> None:
    agent = board.agents.get(told.agent)
    if agent is not None and told.until > max(board.now, agent.wrapping):
        agent.wrapping = told.until
        board.timers.at(told.until, "wrap", told.agent, 0)
        board.touch(agent)


def _given_out(board: Board, told: inputs.GivenOut) -> None:
    board.last_wait[told.queue] = (told.at, told.waited)


def _begin(board: Board, _told: inputs.Begin) -> None:
    board.begun = True
    placing.watch_hours(board)
    duty.watch(board)
    for entry in list(board.entries.values()):
        if entry.phase is UNPLACED and not needs_rules(entry.item, board.plan.queues):
            placing.come_back(board, entry)
        elif entry.phase is OFFERED:
            offers.under_step(board, entry)
            for ident in (entry.agent, *entry.also):
                offers.review(board, entry, board.agents[ident])
        elif entry.phase is WAITING and entry.steps:
            placing.catch_up(board, entry)
    for agent in board.agents.values():
        if agent.gone and agent.items:
            leaving.wait(board, agent)
    keeping.look_over(board)
    board.joined |= board.busy


def _tick(board: Board, _told: inputs.Tick) -> None:
    """What is due, in the order of its time; then offers that may go to somebody better, whoever has waited longest first."""
    offered: list[tuple[float, str, int]] = []
    for kind, ident, stamp in board.timers.due(board.now):
        if not _alive(board, kind, ident, stamp):
            continue
        if kind == "step" and (entry := board.entries[ident]).phase is OFFERED:
            offered.append((entry.item.place, ident, stamp))
        else:
            _DUE[kind](board, ident)
    for _place, ident, stamp in sorted(offered):
        if _alive(board, "step", ident, stamp):
            _step(board, ident)


def _alive(board: Board, kind: str, ident: str, stamp: int) -> bool:
    """Whether a timer still means what it was set for."""
    if kind == "hours":
        return stamp == board.hours_stamp
    if kind == "duty":
        return stamp == board.duty_stamp
    if kind == "wrap":
        return ident in board.agents
    if kind in {"lost", "gone"}:
        agent = board.agents.get(ident)
        return agent is not None and agent.gone_stamp == stamp
    entry = board.entries.get(ident)
    if entry is None:
        return False
    return stamp == (entry.asked if kind == "ask" else entry.level_stamp if kind == "level" else entry.stamp)


def _step(board: Board, ident: str) -> None:
    entry = board.entries[ident]
    if entry.phase is WAITING:
        placing.look_again(board, entry)
    elif entry.phase is OFFERED:
        offers.look_again(board, entry)


def _rested(board: Board, agent: Agent) -> None:
    if agent.wrapping and agent.wrapping <= board.now:
        agent.wrapping = 0.0
        board.touch(agent)


def _woken(board: Board, ident: str) -> None:
    entry = board.entries[ident]
    if entry.phase is SNOOZED and not entry.pending:
        entry.pending = "wake"
        board.decisions.append(Wake(id=ident, reason="the snooze is over"))


_DUE: dict[str, Callable[[Board, str], None]] = {
    "offer": lambda board, ident: offers.expire(board, board.entries[ident]),
    "ask": lambda board, ident: offers.ask_again(board, board.entries[ident]),
    "snooze": _woken,
    "step": _step,
    "idle": lambda board, ident: resting.look(board, board.entries[ident]),
    "level": lambda board, ident: keeping.look(board, board.entries[ident], board.entries[ident].item),
    "lost": lambda board, ident: leaving.lost(board, board.agents[ident]),
    "gone": lambda board, ident: leaving.hand_back(board, board.agents[ident]),
    "duty": lambda board, _: duty.watch(board),
    "wrap": lambda board, ident: _rested(board, board.agents[ident]),
    "hours": lambda board, _: placing.watch_hours(board),
}
_HANDLERS: dict[type, Callable[[Board, Any], None]] = {
    inputs.Config: _configured,
    inputs.AgentChanged: _agent,
    inputs.Presence: _seen,
    inputs.ItemArrived: _arrived,
    inputs.ItemChanged: _changed,
    inputs.ItemGone: _gone,
    inputs.OfferEnded: _offer_ended,
    inputs.Refused: _refused,
    inputs.LevelRefused: _level_refused,
    inputs.AwayRefused: _away_refused,
    inputs.ContactsMerged: _merged,
    inputs.WrappingUp: _wrapping_up,
    inputs.GivenOut: _given_out,
    inputs.Begin: _begin,
    inputs.Tick: _tick,
}
