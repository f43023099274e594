"""A house with one engine: whatever it decides is committed and heard at once. What the engine's tests stand on."""

from __future__ import annotations

from typing import Any

import msgspec

from router import decisions as say
from router import inputs
from router.engine import Engine
from router.inputs import Colleague, Item
from router.plan import Plan
from router.rules import Facts
from tests.router.plans import plan
from tests.router.world import World

replace = msgspec.structs.replace
NOON = 1_772_625_600.0
"""2026-03-04 12:00 UTC, within the office's hours."""


class House:
    """A world with one engine; whatever it decides is committed and heard at once."""

    def __init__(self, first: Plan | None = None, now: float = NOON) -> None:
        self.engine = Engine(first or plan())
        self.world = World(first or plan(), [self.handle], now)
        self.heard: list[say.Decision] = []
        self.world.tell(inputs.Config(self.world.plan))
        self.world.tell(inputs.Begin())

    def handle(self, told: inputs.Input, now: float) -> list[say.Decision]:
        decided = self.engine.handle(told, now)
        self.heard += decided
        return decided

    def agent(self, ident: str, *, seen: Any = "connected", **facts: Any) -> None:
        base: dict[str, Any] = {
            "queues": ("support", "billing", "sales"),
            "capacity": 8,
            "status": "online",
            "idle_since": NOON - 100,
        }
        self.world.set_agent(Colleague(id=ident, **(base | facts)))
        self.settle()
        self.world.tell(inputs.Presence(ident, seen))
        self.settle()

    def arrive(
        self, text: str = "hello", *, connector: str = "webchat", contact: str = "", **facts: Any
    ) -> str:
        ident = f"c{len(self.world.items) + 1:03d}"
        item = Item(
            id=ident,
            channel=connector,
            connector=connector,
            contact=contact,
            created_at=self.world.now,
            version=1,
        )
        self.world.items[ident] = item
        self.tell(
            inputs.ItemArrived(
                item, Facts(at=self.world.now, channel=connector, connector=connector, text=text, **facts)
            )
        )
        return ident

    def tell(self, told: inputs.Input) -> None:
        self.world.tell(told)
        self.settle()

    def settle(self) -> None:
        self.world.drain()

    def after(self, seconds: float) -> list[say.Decision]:
        """Let time pass; what was decided meanwhile."""
        self.heard = []
        until = self.world.now + seconds
        while (due := self.engine.next_due()) is not None and due <= until:
            self.world.now = max(self.world.now, due)
            self.tell(inputs.Tick())
        self.world.now = until
        return self.heard

    def item(self, ident: str) -> Item:
        return self.world.items[ident]

    def offered(self, ident: str) -> str:
        offer = self.item(ident).offer
        return offer.agent if offer else ""

    def accept(self, ident: str) -> None:
        self.world.answer(self.item(ident), accept=True)
        self.settle()

    def decline(self, ident: str) -> None:
        self.world.answer(self.item(ident), accept=False)
        self.settle()
