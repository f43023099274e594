"""What the journal's events mean to the automation: an occasion for its rules, or none; whose effects they are; how often rules matched. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from router.acting import Occasion
from stream import events as ev
from stream.automation import Automation
from stream.model import Author

NOTHING = Occasion(kind="")


def _by(author: Author) -> str:
    if author.kind == "contact":
        return "customer"
    return "rule" if author.id.startswith("rule:") else author.kind


def _received(event: ev.MessageReceived) -> Occasion | None:
    if event.direction == "in":
        return Occasion(kind="received", seq=event.seq)
    return Occasion(kind="replied", by="agent", seq=event.seq)


def _replied(event: ev.ReplyQueued) -> Occasion | None:
    return None if event.automatic else Occasion(kind="replied", by=_by(event.author), seq=event.seq)


def _tagged(event: ev.TagsChanged) -> Occasion | None:
    added, removed = frozenset(event.added), frozenset(event.removed)
    return Occasion(kind="tagged", by=_by(event.by), added=added, removed=removed)


def _reopened(event: ev.ConversationReopened) -> Occasion | None:
    return Occasion(kind="reopened", by="agent" if event.reason.startswith("reopened by") else "customer")


def _done_by(kind: str) -> Callable[[Any], Occasion | None]:
    return lambda event: Occasion(kind=kind, by=_by(event.by))


_MEANING: dict[type, tuple[str, Callable[[Any], Occasion | None]]] = {
    ev.ConversationStarted: ("started", lambda _event: Occasion(kind="started")),
    ev.MessageReceived: ("received", _received),
    ev.ReplyQueued: ("replied", _replied),
    ev.ConversationQueued: ("queued", _done_by("queued")),
    ev.ConversationAssigned: ("assigned", _done_by("assigned")),
    ev.TagsChanged: ("tagged", _tagged),
    ev.ConversationResolved: ("resolved", _done_by("resolved")),
    ev.ConversationReopened: ("reopened", _reopened),
    ev.ConversationSnoozed: ("snoozed", _done_by("snoozed")),
    ev.SnoozeEnded: ("woken", lambda _event: Occasion(kind="woken", by="system")),
}


class Happenings:
    """Goes through the journal in order, every event once. `hits` and `cuts` count from what was kept before."""

    def __init__(self, before: Automation) -> None:
        self.cursor = before.cursor
        self.hits: Counter[str] = Counter(before.hits)
        self.cuts = before.cuts
        self._effects = NOTHING
        self._until = 0

    @property
    def between(self) -> bool:
        """Whether the events that were heard last may be the beginning of a rule's effects: no place to begin again from."""
        return self.cursor < self._until

    def hear(self, recorded: ev.Recorded) -> Occasion | None:
        """The next event's occasion."""
        self.cursor = recorded.n
        event = recorded.event
        if type(event) is ev.AutomationRan:
            self._ran(recorded.n, event)
            return None
        meaning = _MEANING.get(type(event))
        occasion = meaning[1](event) if meaning else None
        if occasion is None or recorded.n > self._until:
            return occasion
        own = self._effects
        return msgspec.structs.replace(
            occasion, by="rule", chain=own.chain, parents=own.parents, depth=own.depth
        )

    def _ran(self, n: int, event: ev.AutomationRan) -> None:
        if event.cut:
            self.cuts += 1
            return
        self.hits.update(event.rules)
        self._until = n + event.effects
        self._effects = Occasion(
            kind="", chain=(*event.chain, *event.rules), parents=frozenset(event.rules), depth=event.depth + 1
        )

    def state(self, at: float) -> Automation:
        """What to keep."""
        return Automation(cursor=self.cursor, at=at, on=True, hits=dict(self.hits), cuts=self.cuts)


def said_in(event: ev.AnyEvent) -> tuple[str, bool]:
    """The content of what was written just now, and whether a machine wrote it; "" for anything else."""
    if isinstance(event, ev.MessageReceived | ev.ReplyQueued):
        return event.content, event.automatic
    return "", False


def began(recorded: ev.Recorded) -> Mapping[str, float]:
    """Since when a time counts by this event, by kind of time."""
    event = recorded.event
    if isinstance(event, ev.ConversationQueued):
        return {"waiting": event.waiting_since}
    if isinstance(event, ev.MessageReceived) and event.direction == "in":
        return {} if event.automatic else {"no_reply": recorded.at}
    if (isinstance(event, ev.ReplyQueued) and not event.automatic) or isinstance(event, ev.MessageReceived):
        return {"silent": recorded.at}
    return {}
