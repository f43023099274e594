"""What the router asks; everything is checked against the lease's epoch."""

from __future__ import annotations

from typing import Any, Literal

from stream.commands.base import Command
from stream.model import ServiceLevel, TargetName


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


class OpenStep(Decision, frozen=True, kw_only=True):
    """Conditions of its `rule`'s steps were found true, `opened` by now: refused when it does not wait, or another rule has it."""

    rule: str
    opened: tuple[str, ...]


class MakeOffer(Decision, frozen=True, kw_only=True):
    """Offer it to `agent`: refused when it is assigned, offered or resolved, or the agent is not online or has no room.

    `beyond`: so many units above their capacity are right, because other work of theirs yields to it. `also` are asked too (login and
    beyond of each); of them and `agent`, those who cannot are left out, and it is refused when nobody is left.
    `replaces`: the open offer that this one takes the place of; refused when that is over.
    """

    offer: str
    agent: str
    units: int
    expires_at: float
    beyond: int = 0
    also: tuple[tuple[str, int], ...] = ()
    replaces: str = ""


class Push(Decision, frozen=True, kw_only=True):
    """Assign without asking (direct push mode, auto-accept)."""

    agent: str
    units: int
    beyond: int = 0


class EndOffer(Decision, frozen=True, kw_only=True):
    """The time is over, or it is recalled: from everybody who is asked, or from `agent` alone."""

    offer: str
    agent: str = ""
    how: Literal["expired", "recalled"]


class HandBack(Decision, frozen=True, kw_only=True):
    """Take it from `agent` (left, fell silent) and let it wait again at its place."""

    agent: str


class Rest(Decision, frozen=True, kw_only=True):
    """It takes none of `agent`'s capacity until the customer writes: refused unless they have it and it is they who wrote last."""

    agent: str


class AutoReply(Decision, frozen=True, kw_only=True):
    """Send an automatic text (out of hours ...), at most once per `once` key and conversation."""

    message: str
    text: str
    once: str = ""


class WakeDue(Decision, frozen=True, kw_only=True):
    """A snooze is over."""


class OfLevel(Decision, frozen=True, kw_only=True):
    """Base: refused when the service level was set anew since (`moves`)."""

    moves: int


class SetLevel(OfLevel, frozen=True, kw_only=True):
    """Set the clocks of its service level (None: it has none any more), the first `heard` turns taken in.

    The first time it is refused when somebody of ours wrote after `answered_at`, or the customer after `asked_at`.
    """

    level: ServiceLevel | None
    heard: int = 0
    asked_at: float = 0.0
    answered_at: float = 0.0


class ReachMark(OfLevel, frozen=True, kw_only=True):
    """A target has come to a mark of its chain: the state that it has from now on, and what follows from it, all or nothing.

    Refused once more turns were taken than were `known`. `queue` (or `team`): let it wait there, needing only `need`; taken from
    whoever has it only with `take`. `tell` are logins.
    """

    state: Literal["at_risk", "breached", "escalated"]
    target: TargetName
    round: int
    mark: float
    known: int
    boost: float = 0.0
    priority: int = 0
    tags: tuple[str, ...] = ()
    queue: str = ""
    team: str = ""
    need: tuple[str, ...] = ()
    take: bool = False
    tell: tuple[str, ...] = ()
