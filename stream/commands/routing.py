"""What the router asks; everything is checked against the lease's epoch."""

from __future__ import annotations

from typing import Any, Literal

from stream.commands.base import Command


class Decision(Command, frozen=True, kw_only=True):
    """Base: refused when `epoch` is not the router lease's."""

    epoch: int
    conversation: str
    explain: Any = None
    reason: str = ""


class Enqueue(Decision, frozen=True, kw_only=True):
    """Put a conversation into a queue, with what the rules found. Keeps its place when it has one, unless `waiting_since` is given."""

    queue: str
    priority: int = 0
    rule: str = ""
    need: tuple[str, ...] = ()
    units: int = 1
    team: str = ""
    waiting_since: float = 0.0
    tags: tuple[str, ...] = ()
    language: str = ""


class MakeOffer(Decision, frozen=True, kw_only=True):
    """Offer it to `agent`: refused when it is assigned, offered or resolved, or the agent is not online or has no room.

    `beyond`: so many units above their capacity are right, because other work of theirs yields to it.
    """

    offer: str
    agent: str
    units: int
    expires_at: float
    beyond: int = 0


class Push(Decision, frozen=True, kw_only=True):
    """Assign without asking (direct push mode, auto-accept)."""

    agent: str
    units: int
    beyond: int = 0


class EndOffer(Decision, frozen=True, kw_only=True):
    """The time is over, or it is recalled."""

    offer: str
    how: Literal["expired", "recalled"]


class HandBack(Decision, frozen=True, kw_only=True):
    """Take it from `agent` (left, fell silent) and let it wait again at its place."""

    agent: str


class AutoReply(Decision, frozen=True, kw_only=True):
    """Send an automatic text (out of hours ...), at most once per `once` key and conversation."""

    message: str
    text: str
    once: str = ""


class WakeDue(Decision, frozen=True, kw_only=True):
    """A snooze is over."""
