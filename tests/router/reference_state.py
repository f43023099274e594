"""What the obvious engine keeps: cases, people, and nothing that could be worked out from them."""

from __future__ import annotations

from typing import Any

from router import decisions as say
from router.inputs import Colleague, Item
from router.levels import due
from router.plan import Plan


class Case:
    """An item: its facts, where it stands, who has it."""

    def __init__(self, item: Item) -> None:
        self.item, self.state, self.agent, self.units, self.pending = item, "unplaced", "", 0, ""
        self.patch: dict[str, Any] | None = None
        self.excluded: set[str] = set()
        self.forgiven: set[str] = set()
        self.made, self.ask, self.reached, self.looked = 0.0, 0.0, 0, 0.0
        self.opened: set[int] = set()
        self.also: tuple[str, ...] = ()
        self.parting: set[str] = set()
        self.at_step, self.rests, self.silence = 0, False, 0.0
        self.level_asked = -1

    def who(self) -> tuple[str, ...]:
        return (self.agent, *self.also) if self.agent else ()


class Person:
    """An agent."""

    def __init__(self, facts: Colleague) -> None:
        self.facts, self.seen, self.silent, self.away, self.lost = facts, "presumed", 0, False, False
        self.lost_at, self.gone_at = 0.0, []  # type: float, list[float]
        self.given, self.wrapped, self.off = 0.0, 0.0, ""

    def takes(self) -> bool:
        if self.facts.bot:
            return self.facts.status == "online" and self.facts.active
        here = self.seen in ("connected", "presumed")
        rested = not self.wrapped and not self.off
        return self.facts.status == "online" and self.facts.active and here and not self.away and rested

    def gone(self) -> bool:
        return (self.seen == "gone" and not self.facts.bot) or self.facts.status == "offline"


class State:
    """Everything that the obvious engine knows."""

    plan: Plan
    now: float
    begun_now: bool
    cases: dict[str, Case]
    people: dict[str, Person]
    out: list[say.Decision]
    closed: set[str]
    ticked: float
    last_wait: dict[str, tuple[float, float]]

    def lift(self, case: Case) -> None:
        case.state, case.agent, case.units, case.pending, case.made = "lifted", "", 0, "", 0.0
        case.also, case.parting, case.rests, case.silence = (), set(), False, 0.0


def said_of(item: Item) -> tuple[float, float]:
    """What its service level says about its place in line."""
    return (item.level.boost if item.level else 0.0, due(item.level))
