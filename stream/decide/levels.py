"""Deciding about service levels: the router's clocks are kept, and a mark is reached at most once, with all that follows from it.

Everything that a mark asks for (a head start, priority, tags, another queue) is part of its command: after a restart or a change of the
leader it has happened or it has not, and what has happened is refused a second time.
"""

from __future__ import annotations

from stream import commands as cmd
from stream import events as ev
from stream.decide import bounds
from stream.decide.draft import Draft
from stream.decide.people import tagged
from stream.decide.routing import ROUTER, current, explained
from stream.decide.work import requeue
from stream.fold.level import ENDED
from stream.model import Conversation, Target

_EVENTS: dict[str, type[ev.LevelAtRisk | ev.LevelBreached | ev.LevelEscalated]] = {
    "at_risk": ev.LevelAtRisk,
    "breached": ev.LevelBreached,
    "escalated": ev.LevelEscalated,
}


def set_level(draft: Draft, command: cmd.SetLevel) -> None:
    """Keep the clocks as the router worked them out from what it knew."""
    row = _unmoved(draft, command)
    if row.status == "resolved" or row.spam:
        draft.refuse("state", "A conversation that is done has no running service level.", row.id)
    if row.level is None and (row.last_customer_at, row.last_agent_at) != (
        command.asked_at,
        command.answered_at,
    ):
        draft.refuse("version", "Somebody wrote meanwhile.", row.id)
    if command.level is not None:
        bounds.few(draft, "targets", command.level.targets, bounds.MAX_LISTED, row.id)
    draft.emit(ev.LevelSet(conversation=row.id, level=command.level, heard=command.heard))


def reach_mark(draft: Draft, command: cmd.ReachMark) -> None:
    """A target is at risk, late, or late for longer; what was answered or put to sleep meanwhile is neither."""
    row = _unmoved(draft, command)
    target = _target(draft, row, command)
    bounds.few(draft, "people to tell", command.tell, bounds.MAX_LISTED, row.id)
    known = {*row.participants, row.assignee}
    named = tuple(login for login in command.tell if login not in known)
    draft.emit(
        _EVENTS[command.state](
            conversation=row.id,
            level=row.level.name if row.level else "",
            target=target.name,
            round=target.round,
            mark=command.mark,
            within=target.within,
            due_at=target.due_at,
            boost=command.boost,
            told=command.tell,
            named=named,
            reason=command.reason,
            explain=explained(draft, command),
        )
    )
    draft.seldom.named.extend((row.id, login) for login in named)
    tags = tuple(sorted({*row.tags, *command.tags}))
    if len(tags) <= bounds.MAX_TAGS:
        tagged(draft, row, tags, ROUTER)
    if command.priority > row.priority:
        draft.emit(ev.PriorityChanged(conversation=row.id, priority=command.priority, by=ROUTER))
    _move(draft, command)


def _unmoved(draft: Draft, command: cmd.OfLevel) -> Conversation:
    row = current(draft, command)
    if command.moves != (row.level.moves if row.level else 0):
        draft.refuse("version", "The service level was set anew meanwhile.", row.id)
    return row


def _target(draft: Draft, row: Conversation, command: cmd.ReachMark) -> Target:
    targets = row.level.targets if row.level else ()
    found = [one for one in targets if (one.name, one.round) == (command.target, command.round)]
    if not found or found[0].state in ENDED or found[0].mark >= command.mark:
        draft.refuse("state", "This target is met, or has come so far before.", row.id)
    if row.level is not None and len(row.level.turns) != command.known:
        draft.refuse("state", "Somebody wrote or put it to sleep meanwhile.", row.id)
    return found[0]


def _move(draft: Draft, command: cmd.ReachMark) -> None:
    """Into another queue or team, at its place; its rule's steps are over with that."""
    row = draft.conversation(command.conversation)
    queue, team = command.queue or row.queue, command.team
    if row.status != "open" or row.spam or not (command.queue or command.team):
        return
    if not command.take if row.assignee else (queue, team) == (row.queue, row.team):
        return
    requeue(
        draft,
        row,
        queue=queue,
        team=team,
        need=command.need,
        rule="",
        reason=command.reason,
        by=ROUTER,
        forget_declined=True,
    )
