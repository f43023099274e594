"""What a replay comes to: as it was recorded, under the plan before and under the one after; and what moved from where to where.

All times are seconds. Waits are of those who were served, until somebody had them, zero waits included.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from math import inf, isnan

import msgspec

from router.replay.playing import ABSENT, LEFT, SERVED, WAITING, Playing
from router.replay.survey import NOBODY, Survey
from router.simulation import statistics

MOST_MOVES = 50
"""Pairs of a list of moves, the most frequent ones."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Of all conversations, or of a queue or rule. `sl_20s` and `sl_60s`: served within so long, of those served or gone."""

    conversations: int
    served: int
    left: int
    waiting: int
    mean_wait: float | None
    p50_wait: float | None
    p95_wait: float | None
    p99_wait: float | None
    sl_20s: float | None
    sl_60s: float | None


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's: conversations that they had first, and the share of their units that was taken while they were online."""

    conversations: int
    utilisation: float | None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Under one plan. `jain` is how evenly agents were loaded (1: equally); `digest` is equal for equal replays."""

    config: str
    overall: Figures
    queues: dict[str, Figures]
    rules: dict[str, Figures]
    agents: dict[str, Share]
    jain: float
    digest: str


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """As it was."""

    overall: Figures
    queues: dict[str, Figures]
    agents: dict[str, int]


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """So many conversations went elsewhere."""

    before: str
    after: str
    conversations: int


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """How many conversations another rule, queue or agent had; the most frequent pairs."""

    rule: int
    queue: int
    agent: int
    rules: list[Move]
    queues: list[Move]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole; `since` and `until` in seconds since the epoch."""

    since: float
    until: float
    events: int
    recorded: Recording
    before: Outcome
    after: Outcome
    moved: Moved


def report(survey: Survey, players: Sequence[Playing]) -> Report:
    """Work it all out."""
    before, after = players
    return Report(
        since=survey.start,
        until=survey.end,
        events=survey.events,
        recorded=_recorded(survey),
        before=_outcome(before),
        after=_outcome(after),
        moved=_moved(before, after),
    )


def _recorded(survey: Survey) -> Recording:
    fates = bytearray(len(survey.came))
    early = {one.index for one in survey.held}
    for index, wait in enumerate(survey.wait):
        fates[index] = _fate(wait, survey.left[index])
        if index in early:
            fates[index] = ABSENT
    by_agent = Counter(survey.agent[index] for index, fate in enumerate(fates) if fate == SERVED)
    return Recording(
        overall=_figures(fates, survey.wait, range(len(fates))),
        queues=_by(fates, survey.wait, survey.queue, survey.names.all),
        agents={survey.names.all[number]: count for number, count in sorted(by_agent.items())},
    )


def _fate(wait: float, left: float) -> int:
    if not isnan(wait):
        return SERVED
    return LEFT if left < inf else WAITING


def _outcome(player: Playing) -> Outcome:
    agents = {}
    loads = []
    for ident, person in sorted(player.people.items()):
        could = person.online * person.facts.capacity
        load = person.busy / could if could > 0 else None
        agents[ident] = Share(conversations=person.conversations, utilisation=load)
        loads += [load] if load is not None else []
    names = player.names.all
    return Outcome(
        config=player.plan.hash,
        overall=_figures(player.fate, player.wait, range(len(player.fate))),
        queues=_by(player.fate, player.wait, player.queue, names),
        rules=_by(player.fate, player.wait, player.rule, names),
        agents=agents,
        jain=statistics.jain(loads) if loads else 1.0,
        digest=player.digest(),
    )


def _by(
    fates: bytearray, waits: Sequence[float], row: array[int], names: Sequence[str]
) -> dict[str, Figures]:
    each: dict[int, list[int]] = {}
    for index, number in enumerate(row):
        if number != NOBODY:
            each.setdefault(number, []).append(index)
    found = {names[number]: _figures(fates, waits, rows) for number, rows in each.items()}
    return {name: found[name] for name in sorted(found)}


def _figures(fates: bytearray, waits: Sequence[float], rows: Sequence[int]) -> Figures:
    counts = Counter(fates[index] for index in rows)
    ordered = sorted(waits[index] for index in rows if fates[index] == SERVED)
    ended = counts[SERVED] + counts[LEFT]
    return Figures(
        conversations=ended + counts[WAITING],
        served=counts[SERVED],
        left=counts[LEFT],
        waiting=counts[WAITING],
        mean_wait=statistics.mean(ordered),
        p50_wait=statistics.quantile(ordered, 0.5),
        p95_wait=statistics.quantile(ordered, 0.95),
        p99_wait=statistics.quantile(ordered, 0.99),
        sl_20s=bisect_right(ordered, 20.0) / ended if ended else None,
        sl_60s=bisect_right(ordered, 60.0) / ended if ended else None,
    )


def _moved(before: Playing, after: Playing) -> Moved:
    rules, queues, agents = (_pairs(before, after, row) for row in (_rule, _queue, _agent))
    return Moved(
        rule=sum(rules.values()),
        queue=sum(queues.values()),
        agent=sum(agents.values()),
        rules=_most(rules),
        queues=_most(queues),
    )


def _rule(player: Playing) -> array[int]:
    return player.rule


def _queue(player: Playing) -> array[int]:
    return player.queue


def _agent(player: Playing) -> array[int]:
    return player.agent


def _pairs(before: Playing, after: Playing, row: Callable[[Playing], array[int]]) -> Counter[tuple[str, str]]:
    numbers = Counter(zip(row(before), row(after), strict=True))
    named: Counter[tuple[str, str]] = Counter()
    for (one, other), count in numbers.items():
        pair = (before.names.all[one], after.names.all[other])
        if pair[0] != pair[1]:
            named[pair] += count
    return named


def _most(pairs: Counter[tuple[str, str]]) -> list[Move]:
    ordered = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        Move(before=one, after=other, conversations=count) for (one, other), count in ordered[:MOST_MOVES]
    ]
