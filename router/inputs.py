"""What the engine is told: a small closed union of its own. The service makes these from journal events; the simulator makes them up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from router.plan import Plan
from router.rules import Facts
from stream.model import Role, ServiceLevel


class Reserved(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that stands: `units` of `agent`, and of each of `also`, are reserved until `expires_at`."""

    id: str
    agent: str
    expires_at: float
    units: int
    also: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """Everybody who may accept."""
        return (self.agent, *self.also)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as routing sees it. `waiting_since` 0: it does not wait; `place` is its place in line once it does again.

    `version` grows with every change; an older one than the engine has is ignored.
    """

    id: str
    channel: str = ""
    connector: str = ""
    contact: str = ""
    status: Literal["open", "snoozed", "resolved"] = "open"
    spam: bool = False
    queue: str = ""
    team: str = ""
    priority: int = 0
    rule: str = ""
    need: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    units: int = 1
    resting: bool = False
    waiting_since: float = 0.0
    place: float = 0.0
    created_at: float = 0.0
    opened_at: float = 0.0
    snoozed_until: float = 0.0
    assignee: str = ""
    last_agent: str = ""
    last_agent_at: float = 0.0
    last_customer_at: float = 0.0
    level: ServiceLevel | None = None
    offer: Reserved | None = None
    declined: tuple[str, ...] = ()
    version: int = 0


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's facts, chosen status, and when they last took work. What they hold follows from the items.

    `given_at` is when they were last given work, where that is known apart (0: `idle_since`).
    """

    id: str
    name: str = ""
    role: Role = "agent"
    skills: Mapping[str, int] = {}
    queues: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    capacity: int = 10
    caps: Mapping[str, int] = {}
    status: Literal["online", "away", "busy", "offline"] = "offline"
    reason: str = ""
    active: bool = True
    idle_since: float = 0.0
    given_at: float = 0.0
    bot: bool = False


class Config(msgspec.Struct, frozen=True):
    """Another plan is active. Everything keeps its place."""

    plan: Plan


class AgentChanged(msgspec.Struct, frozen=True):
    """An agent is now like this."""

    agent: Colleague


class Presence(msgspec.Struct, frozen=True):
    """What is known of an agent's connection.

    `awaited`: nobody tells of one, and it is too early to count them as gone: nothing is offered, nothing is taken back. `presumed`:
    they had one when the hints stopped, so they are offered what nobody connected takes.
    """

    agent: str
    seen: Literal["connected", "presumed", "awaited", "gone"]


class ItemArrived(msgspec.Struct, frozen=True):
    """A conversation that needs a queue: the rules decide by `facts`."""

    item: Item
    facts: Facts


class ItemChanged(msgspec.Struct, frozen=True):
    """A conversation is now like this, by something that happened at `at` (0: it was loaded)."""

    item: Item
    at: float = 0.0


class ItemGone(msgspec.Struct, frozen=True):
    """Resolved."""

    id: str


class OfferEnded(msgspec.Struct, frozen=True):
    """How an offer ended; the item's own change follows."""

    id: str
    agent: str
    how: Literal["declined", "expired", "recalled"]


class Refused(msgspec.Struct, frozen=True):
    """A decision about `id` was refused: the item as it is (None: resolved or gone). It is decided anew."""

    id: str
    item: Item | None


class LevelRefused(msgspec.Struct, frozen=True):
    """A decision about the service level was refused: the item as it is."""

    item: Item


class AwayRefused(msgspec.Struct, frozen=True):
    """Setting this agent away was refused; their status stands."""

    agent: str


class ContactsMerged(msgspec.Struct, frozen=True):
    """Conversations `items` belong to `contact` from now on."""

    contact: str
    items: tuple[str, ...]


class WrappingUp(msgspec.Struct, frozen=True):
    """Before the start: this agent is left alone until then."""

    agent: str
    until: float


class GivenOut(msgspec.Struct, frozen=True):
    """Before the start: `at` that time one was given out of a queue, and had `waited` so many seconds."""

    queue: str
    at: float
    waited: float


class Begin(msgspec.Struct, frozen=True):
    """Everything that was stored has been told: decide from now on."""


class Tick(msgspec.Struct, frozen=True):
    """Time has passed."""


Input = (
    Config
    | AgentChanged
    | Presence
    | ItemArrived
    | ItemChanged
    | ItemGone
    | OfferEnded
    | Refused
    | LevelRefused
    | AwayRefused
    | ContactsMerged
    | WrappingUp
    | GivenOut
    | Begin
    | Tick
)
