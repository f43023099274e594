"""What the engine decides: a small closed union, each with a sentence why and, where an agent was chosen, the record of the choice."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from router.records import Record
from stream.model import ServiceLevel, TargetName


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """Base of decisions about the conversation `id`."""

    id: str
    reason: str = ""


class Queue(Decided, frozen=True, kw_only=True):
    """Let it wait in `queue` from its place `waiting_since`."""

    queue: str
    waiting_since: float
    priority: int = 0
    rule: str = ""
    need: tuple[str, ...] = ()
    units: int = 1
    team: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    explain: dict[str, Any] | None = None


class OpenStep(Decided, frozen=True, kw_only=True):
    """Conditions of steps of `rule` were found true: `opened` are all such steps by now, each as number and condition."""

    rule: str
    opened: tuple[str, ...]
    explain: dict[str, Any] | None = None


class Offer(Decided, frozen=True, kw_only=True):
    """Ask `agent` until `expires_at`. So many of the units are `beyond` their capacity, because other work of theirs yields.

    `also` are asked at once (login and beyond of each): who accepts first gets it. `replaces`: the open offer that this one takes the place of.
    """

    agent: str
    units: int
    expires_at: float
    beyond: int = 0
    also: tuple[tuple[str, int], ...] = ()
    replaces: str = ""
    explain: Record | dict[str, Any] | None = None


class Push(Decided, frozen=True, kw_only=True):
    """Give it to `agent` without asking, so many units `beyond` their capacity."""

    agent: str
    units: int
    beyond: int = 0
    explain: Record | dict[str, Any] | None = None


class EndOffer(Decided, frozen=True, kw_only=True):
    """The offer `offer` is over: for everybody who was asked, or for `agent` `alone`."""

    offer: str
    agent: str
    how: Literal["expired", "recalled"]
    alone: bool = False


class HandBack(Decided, frozen=True, kw_only=True):
    """Take it from `agent`, who is gone; it waits again at its place."""

    agent: str


class Rest(Decided, frozen=True, kw_only=True):
    """Let it take none of `agent`'s capacity until the customer writes."""

    agent: str


class AutoReply(Decided, frozen=True, kw_only=True):
    """Send `text`, at most once per `once`."""

    text: str
    once: str


class Wake(Decided, frozen=True, kw_only=True):
    """Its snooze is over."""


class SetLevel(Decided, frozen=True, kw_only=True):
    """Its clocks are like this, `heard` turns taken in; None: it has none. `moves`: how often it was set before.

    The first time it holds only if nobody wrote after `asked_at` (the customer) and `answered_at` (somebody of ours).
    """

    level: ServiceLevel | None
    moves: int
    heard: int = 0
    asked_at: float = 0.0
    answered_at: float = 0.0


class ReachMark(Decided, frozen=True, kw_only=True):
    """`target` has come to `mark` seconds: its state, and all that follows, if no more turns than `known` have been taken."""

    state: Literal["at_risk", "breached", "escalated"]
    target: TargetName
    round: int
    mark: float
    moves: int
    known: int
    boost: float = 0.0
    priority: int = 0
    tags: tuple[str, ...] = ()
    queue: str = ""
    team: str = ""
    need: tuple[str, ...] = ()
    take: bool = False
    tell: tuple[str, ...] = ()
    explain: dict[str, Any] | None = None


class SetAway(msgspec.Struct, frozen=True, kw_only=True):
    """Set `agent` away: they let several offers pass in silence."""

    agent: str
    reason: str


Decision = (
    Queue
    | OpenStep
    | Offer
    | Push
    | EndOffer
    | HandBack
    | Rest
    | AutoReply
    | Wake
    | SetLevel
    | ReachMark
    | SetAway
)
