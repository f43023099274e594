"""The compiled `routing.yaml`: everything that the engine looks up, ready to use. How it is read from the file lives in `routing`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from router.acting import Automations
from router.canary import Canary
from router.hours import Hours
from router.levels import Level
from router.rules import Rule, Rules, Step


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """What happens out of hours. `reply` may hold `{opens}`; without `offer` the work waits for the opening.

    What arrives meanwhile goes to `queue` instead, if that is given.
    """

    reply: str = ""
    offer: bool = False
    queue: str = ""


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """When these agents (by login or team) work, and when they pause within that."""

    name: str
    hours: Hours
    breaks: Hours | None = None
    agents: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()


class Ramp(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who begins at `begins` (seconds since the epoch): `units` of capacity, each for `every` seconds, then all."""

    begins: float
    units: tuple[int, ...]
    every: float = 7 * 86_400.0


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """How what waits is lined up; `ordering` says what the kinds mean.

    `per_priority` is what a point of priority is worth: seconds of head start, or slope of ageing. `due` is the time to answer,
    in seconds, for rules that give none.
    """

    kind: Literal["strict", "fifo", "head_start", "ageing", "due"] = "strict"
    per_priority: float = 0.0
    due: float = 3600.0


Pick = tuple[str, ...]
"""How an agent is chosen among those who fit and have room, the first difference decides; `picking` has the words."""


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue; `hours` None is always open. Without an `order` or `pick` of its own it has the plan's. `level` is its service level."""

    name: str
    hours: Hours | None = None
    closed: Closed = Closed()
    order: Order | None = None
    pick: Pick = ()
    level: str = ""

    def is_open(self, at: float) -> bool:
        """Whether work is given out at `at`."""
        return self.hours is None or self.closed.offer or self.hours.is_open(at)


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """How work of a channel counts. `most` is the default cap per agent (None: no cap); `live` work goes back when its agent is gone.

    `accept_within`: seconds that an offer of it stands, `ask`: how many are asked at once (0: as everywhere). `idle_release`: seconds of
    silence after which an answered one takes no room (0: never). `wrap_up`: seconds without anything new after one was resolved. `yields_to`: connectors for whose work it does not count (connectors
    only).
    """

    weight: int = 1
    most: int | None = None
    live: bool = False
    give: Literal["offer", "push"] = "offer"
    accept_within: float = 0.0
    ask: int = 0
    idle_release: float = 0.0
    wrap_up: float = 0.0
    yields_to: tuple[str, ...] = ()


class OfferTerms(msgspec.Struct, frozen=True, kw_only=True):
    """How offers go: how many are asked at once.

    Seconds to accept; silent offers in a row until the agent is set away (0: never); seconds until a decliner may be asked again
    if nobody else fits (0: never).
    """

    ask: int = 1
    accept_within: float = 25.0
    silent_after: int = 2
    ask_again_after: float = 120.0


class HandBackTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of grace for an agent who is gone, and whether asynchronous work is given back too."""

    after: float = 60.0
    asynchronous: bool = False


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `hash` names it in every decision; `channels` is keyed by channel name first, then by connector."""

    hash: str = ""
    skills: Mapping[str, int] = {}
    queues: Mapping[str, Queue] = {}
    channels: Mapping[str, Channel] = {}
    units: int = 10
    offer: OfferTerms = OfferTerms()
    hand_back: HandBackTerms = HandBackTerms()
    order: Order = Order()
    pick: Pick = ("sticky", "longest_idle")
    shifts: tuple[Shift, ...] = ()
    ramps: Mapping[str, Ramp] = {}
    levels: Mapping[str, Level] = {}
    rules: Rules = Rules()
    canary: Canary | None = None
    automations: Automations = Automations()

    def channel(self, name: str, connector: str) -> Channel:
        """The terms of a channel: its own, else its connector's, else weight 1 without a cap."""
        return self.channels.get(name) or self.channels.get(connector) or _PLAIN

    def within(self, name: str, connector: str) -> float:
        """Seconds that an offer of this channel stands."""
        return self.channel(name, connector).accept_within or self.offer.accept_within

    def ask(self, name: str, connector: str) -> int:
        """How many agents are asked at once about this channel's conversations."""
        return self.channel(name, connector).ask or self.offer.ask

    def listens(self) -> bool:
        """Whether anything depends on who wrote last in conversations that are placed."""
        idle = any(channel.idle_release for channel in self.channels.values())
        return (
            bool(self.levels)
            or idle
            or any(rule.sticky is not None and rule.sticky.within for rule in self.rules.rules)
        )

    def deciding(self, contact: str, ident: str) -> Rules:
        """The rules that place a conversation: the canary's for its share."""
        canary = self.canary
        if canary is None or canary.ended or not canary.takes(contact, ident):
            return self.rules
        return canary.rules

    def caps(self) -> dict[str, int]:
        """Default caps per connector, for agents that name none of their own."""
        return {name: channel.most for name, channel in self.channels.items() if channel.most is not None}

    def yielding(self) -> dict[str, tuple[str, ...]]:
        """By connector: the connectors whose work does not count for it."""
        found: dict[str, list[str]] = {}
        for name, channel in sorted(self.channels.items()):
            for other in channel.yields_to:
                found.setdefault(other, []).append(name)
        return {name: tuple(others) for name, others in found.items()}

    def order_of(self, queue: str) -> Order:
        """How a queue lines up what waits in it."""
        found = self.queues.get(queue)
        return found.order or self.order if found is not None else self.order

    def pick_of(self, queue: str) -> Pick:
        """How a queue chooses among agents."""
        found = self.queues.get(queue)
        return found.pick or self.pick if found is not None else self.pick

    def level_of(self, rule: str, queue: str) -> str:
        """The service level of what a rule put into a queue: the rule's, else the queue's, else ""."""
        found, home = self.rule(rule, queue), self.queues.get(queue)
        return (found.level if found is not None else "") or (home.level if home is not None else "")

    def rule(self, name: str, queue: str) -> Rule | None:
        """The rule that put an item into this queue, while there is one."""
        found = self.rules.by_name.get(name)
        if found is None or found.queue == queue or any(step.queue == queue for step in found.steps):
            return found
        home = self.queues.get(found.queue)
        return found if home is not None and home.closed.queue == queue else None

    def steps(self, rule: str, need: tuple[str, ...], queue: str) -> tuple[Step, ...]:
        """The timed steps of a waiting item: those of its rule while it still has what that rule gave it, else none.

        What it needs beyond that was derived, and is needed at every step that does not leave it out.
        """
        found = self.rule(rule, queue)
        if found is None:
            return ()
        first = found.steps[0].need
        if first == need:
            return found.steps
        if not set(first) <= set(need):
            return ()
        extra = tuple(one for one in need if one not in first)
        return tuple(
            msgspec.structs.replace(step, need=(*step.need, *extra)) if step.derived else step
            for step in found.steps
        )


_PLAIN = Channel()
