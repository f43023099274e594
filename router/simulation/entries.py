"""A model as it is written in YAML: typed structs with their defaults. Times are minutes, rates per minute.

What the values mean together is checked in `checking`; steps are those of routing.yaml.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from router.routing import Entry, StepEntry

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Length = NotNegative | str
"""Minutes, or a text with its unit (`20s`)."""

Order = Literal["strict", "fifo", "head_start", "ageing", "due"]
Distribution = Literal["exponential", "deterministic"]


class ClassEntry(Entry, frozen=True, kw_only=True):
    """A class of customers: Poisson arrivals at `rate`; `patience` is the rate of abandoning while waiting (null: never).

    `service` is the mean service time, `weight` the units that one takes. `priority` (higher first), `boost` (a head start), `slope` and
    `target` (the due time after arrival) count under the order that asks for them.
    """

    name: str
    rate: NotNegative
    need: tuple[str, ...] = ()
    patience: NotNegative | None = None
    service: Positive = 1.0
    priority: int = 0
    boost: Length = 0.0
    slope: Positive = 1.0
    weight: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    target: Length = "20s"
    steps: tuple[StepEntry, ...] = ()


class AgentEntry(Entry, frozen=True, kw_only=True):
    """`count` equal agents. `speed`: their total speed with 1, 2, 3 ... conversations at once; without it each is served at speed 1."""

    name: str
    count: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    skills: dict[str, int] = msgspec.field(default_factory=dict)
    teams: tuple[str, ...] = ()
    units: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    speed: tuple[Positive, ...] | None = None


class TickEntry(Entry, frozen=True, kw_only=True):
    """Work is given out only every `tick`, class by class, at most `take` of each (null: all that fits)."""

    tick: Length
    take: Annotated[int, msgspec.Meta(ge=1)] | None = None


class ModelEntry(Entry, frozen=True, kw_only=True):
    """The whole file. The run is `arrivals` long or `minutes`; the first `warmup` arrivals are not counted."""

    seed: int = 1
    arrivals: Annotated[int, msgspec.Meta(ge=1, le=20_000_000)] | None = None
    minutes: Positive | None = None
    warmup: Annotated[int, msgspec.Meta(ge=0)] = 0
    classes: tuple[ClassEntry, ...]
    agents: tuple[AgentEntry, ...]
    order: Order = "strict"
    pick: tuple[str, ...] = ("longest_idle",)
    steps: tuple[StepEntry, ...] = ()
    places: Annotated[int, msgspec.Meta(ge=0)] | None = None
    router: str | TickEntry = "engine"
    distribution: Distribution = "exponential"
