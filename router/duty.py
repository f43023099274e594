"""When an agent is on duty and with how much capacity: shifts, planned breaks, and the ramp of somebody who begins. By the clock alone.

Off duty nobody gets anything new; what they have stays with them. An agent whom no shift names is always on duty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.agents import Agent
    from router.board import Board
    from router.plan import Ramp, Shift


CHANGES = 20
"""Changes of somebody's shifts and breaks that are looked at for the next one that counts: overlapping shifts hide some."""


def off(shifts: tuple[Shift, ...], agent: str, teams: tuple[str, ...], at: float) -> str:
    """Why they are not on duty at `at`, or ""."""
    mine = _of(shifts, agent, teams)
    if not mine:
        return ""
    working = [shift for shift in mine if shift.hours.is_open(at)]
    if not working:
        return "off shift"
    if all(shift.breaks is not None and shift.breaks.is_open(at) for shift in working):
        return "on a planned break"
    return ""


def until(shifts: tuple[Shift, ...], agent: str, teams: tuple[str, ...], at: float) -> float | None:
    """When they next come on or go off duty after `at`; None when not within the next changes that are looked at."""
    clocks = [hours for shift in _of(shifts, agent, teams) for hours in (shift.hours, shift.breaks) if hours]
    now, moment = off(shifts, agent, teams, at), at
    for _ in range(CHANGES):
        changes = [change for hours in clocks if (change := hours.next_change(moment)) is not None]
        if not changes:
            break
        moment = min(changes)
        if off(shifts, agent, teams, moment) != now:
            return moment
    return None


def _of(shifts: tuple[Shift, ...], agent: str, teams: tuple[str, ...]) -> list[Shift]:
    return [shift for shift in shifts if agent in shift.agents or not shift.teams.isdisjoint(teams)]


def units(ramp: Ramp | None, capacity: int, at: float) -> int:
    """How many units they take at `at`."""
    if ramp is None or at >= ramp.begins + ramp.every * len(ramp.units):
        return capacity
    return min(capacity, ramp.units[max(0, int((at - ramp.begins) // ramp.every))])


def look(board: Board, agent: Agent) -> None:
    """Note how it is for this agent now."""
    plan, facts = board.plan, agent.facts
    before = (agent.off, agent.limit)
    agent.off = off(plan.shifts, facts.id, facts.teams, board.now) if plan.shifts else ""
    agent.limit = units(plan.ramps.get(facts.id), facts.capacity, board.now)
    if (agent.off, agent.limit) != before:
        board.touch(agent)


def watch(board: Board) -> None:
    """Look at everybody, and again when the next shift, break or step of a ramp begins or ends."""
    board.duty_stamp += 1
    for agent in board.agents.values():
        look(board, agent)
    coming = next_change(board)
    if coming is not None:
        board.timers.at(coming, "duty", "", board.duty_stamp)


def next_change(board: Board) -> float | None:
    """When anything of this changes for anybody."""
    moments: list[float] = []
    for shift in board.plan.shifts:
        for hours in (shift.hours, shift.breaks):
            change = hours.next_change(board.now) if hours is not None else None
            moments += [change] if change is not None else []
    for ramp in board.plan.ramps.values():
        steps = (ramp.begins + ramp.every * (number + 1) for number in range(len(ramp.units)))
        moments += [moment for moment in steps if moment > board.now][:1]
    return min(moments, default=None)
