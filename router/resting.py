"""Conversations that take no room while their customer is silent: `idle_release` of their channel. They count again with the next message.

Who was answered and says nothing for so long needs nobody's attention. What the customer said last and nobody answered always counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.decisions import Rest
from router.durations import spoken
from router.items import Entry, Phase

if TYPE_CHECKING:
    from router.board import Board
    from router.inputs import Item


def silent_since(item: Item) -> float:
    """When it was answered, if the customer has not written since; else 0."""
    return item.last_agent_at if item.last_agent_at >= item.last_customer_at else 0.0


def watch(board: Board, entry: Entry) -> None:
    """Look again when the silence has lasted; one timer at a time."""
    item = entry.item
    length, since = board.channel(item).idle_release, silent_since(item)
    if length and since and entry.phase is Phase.ASSIGNED and not item.resting and entry.idle != entry.stamp:
        entry.idle = entry.stamp
        board.timers.after(length, since + length, "idle", item.id, entry.stamp)


def look(board: Board, entry: Entry) -> None:
    """The silence may have lasted; somebody may have written meanwhile."""
    item = entry.item
    length, since = board.channel(item).idle_release, silent_since(item)
    if length and since and since + length <= board.now and entry.phase is Phase.ASSIGNED:
        reason = f"the customer has been silent for {spoken(length)}"
        board.decisions.append(Rest(id=item.id, agent=entry.agent, reason=reason))
        return
    entry.idle = 0
    watch(board, entry)
