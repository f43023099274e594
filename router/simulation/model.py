"""A checked model, ready to be played. Times are minutes, rates per minute."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from router.rules import Step
from router.simulation.entries import Distribution, Order


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A class of customers. `steps` are those of a rule (at least one; in seconds); `patience` 0 is endless; `target` is the due time."""

    name: str
    rate: float
    steps: tuple[Step, ...] = (Step(),)
    patience: float = 0.0
    service: float = 1.0
    priority: int = 0
    boost: float = 0.0
    slope: float = 1.0
    weight: int = 1
    target: float = 1 / 3

    @property
    def need(self) -> tuple[str, ...]:
        """What it needs when it comes."""
        return self.steps[0].need


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """`count` equal agents; `speed` None: whatever they do at once, each is served at speed 1."""

    name: str
    count: int = 1
    skills: Mapping[str, int] = {}
    teams: tuple[str, ...] = ()
    units: int = 1
    speed: tuple[float, ...] | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a run depends on. Either `arrivals` or `minutes` is set; `tick` is 0 but for the router `tick`."""

    seed: int = 1
    arrivals: int = 0
    minutes: float = 0.0
    warmup: int = 0
    kinds: tuple[Kind, ...]
    groups: tuple[Group, ...]
    order: Order = "strict"
    pick: tuple[str, ...] = ("longest_idle",)
    places: int | None = None
    router: str = "engine"
    tick: float = 0.0
    take: int | None = None
    distribution: Distribution = "exponential"
