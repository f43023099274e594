"""The bases of all events: what every one of them has. The events themselves are in `events` and the modules that it gathers."""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", gc=False):
    """Base of all events. Plain values all the way down: the garbage collector need not look."""


class ConversationEvent(Event, frozen=True, kw_only=True):
    """Base: `version` is the conversation's version after this event; a reader at or past it skips the event."""

    conversation: str
    version: int = 0


class Scope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Who may see an event: the facts that policy decides by, of the conversation after the event and (if they differ) before it."""

    workspace: str = "main"
    queue: str = ""
    team: str = ""
    assignee: str = ""
    offered: str = ""
    also: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    waiting: bool = False
    was: Scope | None = None
