"""How many agents each hour takes for a service level: Erlang A for a start, the simulation as the judge.

With one skill each, every class is a team of its own. With more, agents help out: each has a main skill and others in turn, and the least
total is sought under which every class is served well enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import lcm

import msgspec

from router.rules import Step
from router.simulation import erlang
from router.simulation.model import Group, Kind, Model
from router.simulation.play import play
from router.simulation.tally import ABANDONED, SERVED, Tally

ROUNDS = 12
"""So often at most a number is put right."""
CHANCE = 0.01
"""By so much the judge may be wrong: where the formula is exact, the judge only confirms."""

FILLING = 10
"""So many arrivals for every agent at work come before any is counted: an empty house serves everybody at once, ..."""
MOST_FILLING = 5
"""... but at most so many times those that are counted."""


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """A class of customers with arrivals per hour, by the hour's name. An agent who does nothing else has `at_once` of them."""

    name: str
    service: float
    patience: float
    hours: Mapping[str, float]
    at_once: int = 1


class Volumes(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: `share` of each class served `within` minutes, by agents with so many `skills` each; `judge` arrivals are played."""

    within: float
    share: float
    skills: int
    judge: int
    seed: int
    demands: tuple[Demand, ...]


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """For a class in an hour: agents whose main skill it is, what Erlang A alone asked for, and the level by the judge (or the formula)."""

    agents: int
    erlang: int
    level: float


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """All classes of an hour."""

    total: int
    classes: dict[str, Team]


def staff(volumes: Volumes) -> dict[str, Hour]:
    """Hour by hour, in the order in which the file names them."""
    names = dict.fromkeys(name for demand in volumes.demands for name in demand.hours)
    return {name: _hour(volumes, name) for name in names}


class _Day:
    """One hour: its classes with their rates per minute, and how many agents Erlang A alone asks for."""

    def __init__(self, volumes: Volumes, hour: str) -> None:
        self.volumes = volumes
        self.demands = [demand for demand in volumes.demands if demand.hours.get(hour)]
        self.units = lcm(*(demand.at_once for demand in self.demands))
        self.rates = [demand.hours[hour] / 60.0 for demand in self.demands]
        self.erlang = [
            -(
                -erlang.needed(rate, demand.service, demand.patience, volumes.within, volumes.share)
                // demand.at_once
            )
            for rate, demand in zip(self.rates, self.demands, strict=True)
        ]

    def pooled(self) -> int:
        """What Erlang A asks for if everybody could do everything: fewer with fewer skills never suffice, whatever a short run says."""
        volumes, rate = self.volumes, sum(self.rates)
        service = sum(one.service * part for one, part in zip(self.demands, self.rates, strict=True)) / rate
        patience = {one.patience for one in self.demands}
        asked = min(
            erlang.needed(rate, service, each, volumes.within, volumes.share)
            for each in (min(patience), max(patience))
        )
        return -(-asked // max(one.at_once for one in self.demands))

    def levels(self, agents: Sequence[int]) -> list[float]:
        """What each class comes to with so many agents whose main skill it is."""
        volumes = self.volumes
        if volumes.judge:
            tally = play(self._model(agents))[1]
            return [_level(tally, index, volumes.within) for index in range(len(self.demands))]
        return [
            erlang.level(count * demand.at_once, rate, demand.service, demand.patience, volumes.within)
            for count, rate, demand in zip(agents, self.rates, self.demands, strict=True)
        ]

    def _model(self, agents: Sequence[int]) -> Model:
        volumes = self.volumes
        kinds = [
            Kind(
                name=one.name, rate=rate, service=one.service, patience=one.patience, weight=self.units // one.at_once,
                steps=(Step(need=(one.name,)),),
            )
            for one, rate in zip(self.demands, self.rates, strict=True)
        ]  # fmt: skip
        load = sum(rate * one.service for one, rate in zip(self.demands, self.rates, strict=True))
        warmup = max(volumes.judge // 10, min(int(FILLING * load), MOST_FILLING * volumes.judge))
        return Model(
            seed=volumes.seed,
            arrivals=volumes.judge + warmup,
            warmup=warmup,
            kinds=tuple(kinds),
            groups=tuple(self._groups(agents)),
        )

    def _groups(self, agents: Sequence[int]) -> Iterator[Group]:
        """Every agent has a main skill; the others that they have go round among the rest."""
        names = [demand.name for demand in self.demands]
        more = min(self.volumes.skills, len(names)) - 1
        for index, count in enumerate(agents):
            for number in range(count):
                start = number * more
                others = [
                    names[(index + 1 + (start + at) % (len(names) - 1)) % len(names)] for at in range(more)
                ]
                skills = dict.fromkeys([names[index], *others], 5)
                yield Group(name=f"{names[index]}-{number:05d}", skills=skills, units=self.units)

    def split(self, total: int) -> list[int]:
        """A total in proportion to what Erlang A asks for, whole numbers, largest remainders first."""
        whole = sum(self.erlang)
        exact = [total * count / whole for count in self.erlang]
        parts = [int(part) for part in exact]
        for index in sorted(range(len(exact)), key=lambda at: parts[at] - exact[at])[: total - sum(parts)]:
            parts[index] += 1
        return parts


def _level(tally: Tally, index: int, within: float) -> float:
    """Served in time, of those served or gone."""
    rows = [row for row, kind in enumerate(tally.kinds) if kind == index]
    ended = sum(tally.fates[row] in {SERVED, ABANDONED} for row in rows)
    quick = sum(tally.fates[row] == SERVED and tally.waits[row] <= within for row in rows)
    return quick / ended if ended else 1.0


def _hour(volumes: Volumes, name: str) -> Hour:
    day = _Day(volumes, name)
    if not day.demands:
        return Hour(total=0, classes={})
    agents, levels = _shared(day) if min(volumes.skills, len(day.demands)) > 1 else _alone(day)
    classes = {
        demand.name: Team(agents=agents[at], erlang=day.erlang[at], level=levels[at])
        for at, demand in enumerate(day.demands)
    }
    return Hour(total=sum(agents), classes=classes)


def _alone(day: _Day) -> tuple[list[int], list[float]]:
    """Each class by itself: what Erlang A asks for, and one more wherever the judge finds clearly too little."""
    least, agents = day.volumes.share - CHANCE, list(day.erlang)
    levels = day.levels(agents)
    for _ in range(ROUNDS):
        if min(levels) >= least:
            break
        agents = [count + (level < least) for count, level in zip(agents, levels, strict=True)]
        levels = day.levels(agents)
    return agents, levels


def _shared(day: _Day) -> tuple[list[int], list[float]]:
    """The least total under which every class is served well enough, between what one pool needs and everybody for themselves."""
    share = day.volumes.share
    high = sum(day.erlang)
    low = min(day.pooled(), high) - 1
    agents = day.split(high)
    levels = day.levels(agents)
    for _ in range(ROUNDS):
        if min(levels) >= share:
            break
        low, high = high, high + 1
        agents = day.split(high)
        levels = day.levels(agents)
    while high - low > 1:
        middle = (low + high) // 2
        found = day.levels(day.split(middle))
        if min(found) >= share:
            high, levels = middle, found
        else:
            low = middle
    return day.split(high), levels
