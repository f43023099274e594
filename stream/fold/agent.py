"""What each event does to an agent's row: facts, status, and above all the capacity that they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from stream import events as ev
from stream.model import Agent

replace = msgspec.structs.replace
Fold = Callable[[Agent, Any, float], Agent]
Releasing = ev.ConversationAssigned | ev.ConversationQueued | ev.ConversationResolved | ev.ConversationSnoozed


def _hold(row: Agent, connector: str, units: int, count: int) -> Agent:
    held = dict(row.held)
    left = held.get(connector, 0) + count
    if left > 0:
        held[connector] = left
    else:
        held.pop(connector, None)
    return replace(row, load=max(0, row.load + units), held=held, version=row.version + 1)


def _freed(row: Agent, event: Releasing, at: float) -> Agent:
    """They are done with it, and idle since then if nothing else follows."""
    return replace(_hold(row, event.connector, -event.released_units, -1), idle_since=at)


def _offered(row: Agent, event: ev.OfferMade, at: float) -> Agent:
    return _hold(row, event.connector, event.units, 1)


def _offer_ended(row: Agent, event: ev.OfferEnded, at: float) -> Agent:
    return _hold(row, event.connector, -event.units, -1)


def _assigned(row: Agent, event: ev.ConversationAssigned, at: float) -> Agent:
    if event.recalled == row.id:
        row = _hold(row, event.connector, -event.recalled_units, -1)
    if event.released == row.id:
        row = _freed(row, event, at)
    if event.agent == row.id:
        row = _hold(row, event.connector, event.units - event.reserved, 0 if event.reserved else 1)
        row = replace(row, idle_since=at)
    return row


def _rested(row: Agent, event: ev.ConversationRested, at: float) -> Agent:
    return _hold(
        row, event.connector, -event.units if event.resting else event.units, -1 if event.resting else 1
    )


def _snoozed(row: Agent, event: ev.ConversationSnoozed, at: float) -> Agent:
    if event.released == row.id:
        row = _freed(row, event, at)
    if event.recalled == row.id:
        row = _hold(row, event.connector, -event.recalled_units, -1)
    return row


def _woken(row: Agent, event: ev.SnoozeEnded, at: float) -> Agent:
    return _hold(row, event.connector, event.units, 1)


def _configured(row: Agent, event: ev.AgentConfigured, at: float) -> Agent:
    return replace(
        row,
        workspace=event.workspace,
        name=event.name,
        role=event.role,
        kind=event.kind,
        teams=event.teams,
        queues=event.queues,
        skills=event.skills,
        capacity=event.capacity,
        caps=event.caps,
        active=event.active,
        version=row.version + 1,
    )


def _status(row: Agent, event: ev.AgentStatusChanged, at: float) -> Agent:
    came = event.status == "online" and row.status in ("offline", "away")
    return replace(
        row,
        status=event.status,
        reason=event.reason,
        status_at=at,
        idle_since=at if came else row.idle_since,
        version=row.version + 1,
    )


AGENT_FOLDS: dict[type, Fold] = {
    ev.OfferMade: _offered,
    ev.OfferEnded: _offer_ended,
    ev.ConversationAssigned: _assigned,
    ev.ConversationRested: _rested,
    ev.ConversationQueued: _freed,
    ev.ConversationResolved: _freed,
    ev.ConversationSnoozed: _snoozed,
    ev.SnoozeEnded: _woken,
    ev.AgentConfigured: _configured,
    ev.AgentStatusChanged: _status,
}


def touched_agents(event: ev.AnyEvent) -> list[str]:
    """The agents whose rows an event of `AGENT_FOLDS` changes, each once."""
    named = [getattr(event, "agent", ""), getattr(event, "released", ""), getattr(event, "recalled", "")]
    return list(dict.fromkeys(name for name in named if name))
