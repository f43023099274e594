"""Deciding to end a snooze: by hand, by the clock, because the customer wrote, or because a message did not arrive. Falling asleep is in `work`."""

from __future__ import annotations

from stream import events as ev
from stream.decide.capacity import has_room
from stream.decide.draft import Draft
from stream.model import Conversation


def wake(draft: Draft, row: Conversation, reason: str) -> None:
    """End a snooze: back to its agent if they have room, otherwise it waits for the router at its place."""
    if row.status != "snoozed":
        draft.refuse("state", "This conversation is not snoozed.", row.id)
    agent = draft.maybe_agent(row.assignee)
    back = agent is not None and agent.active and has_room(agent, row.units or 1, row.connector)
    draft.emit(
        ev.SnoozeEnded(
            conversation=row.id,
            reason=reason,
            agent=row.assignee if back else "",
            units=(row.units or 1) if back else 0,
            connector=row.connector,
        )
    )
