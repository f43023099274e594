"""Queueing theory: the exact figures that a simulation must come to. Rates per minute, times in minutes; services exponential unless said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from math import exp, log


def erlang_b(agents: int, load: float) -> float:
    """Share of arrivals that is lost without any waiting place (M/G/n/n)."""
    lost = 1.0
    for number in range(1, agents + 1):
        lost = load * lost / (number + load * lost)
    return lost


def erlang_c(agents: int, load: float) -> float:
    """Share of arrivals that waits (M/M/n)."""
    lost = erlang_b(agents, load)
    return lost / (1 - load / agents * (1 - lost))


def wait_c(agents: int, load: float, service: float = 1.0) -> float:
    """Mean wait (M/M/n)."""
    return erlang_c(agents, load) * service / (agents - load)


def level_c(agents: int, load: float, within: float, service: float = 1.0) -> float:
    """Share that is served within so long (M/M/n)."""
    return 1 - erlang_c(agents, load) * exp(-(agents - load) * within / service)


def quantile_c(agents: int, load: float, share: float, service: float = 1.0) -> float:
    """The wait that this share of customers does not exceed (M/M/n); 0 where more do not wait at all."""
    return max(0.0, log(erlang_c(agents, load) / (1 - share)) * service / (agents - load))


def finite(agents: int, rate: float, patience: float, places: int | None = None) -> dict[str, float]:
    """M/M/n+M with so many waiting places, by its birth-death chain: the figures by the report's names."""
    top = agents + (places if places is not None else 4_000)
    weights = [1.0]
    for number in range(1, top + 1):
        out = min(number, agents) + patience * max(0, number - agents)
        weights.append(weights[-1] * rate / out)
        if weights[-1] > 1e200:
            weights = [weight * 1e-200 for weight in weights]
    total = sum(weights)
    shares = [weight / total for weight in weights]
    blocked = shares[-1] if places is not None else 0.0
    queue = sum((number - agents) * share for number, share in enumerate(shares) if number > agents)
    return {
        "p_blocked": blocked,
        "p_wait": sum(shares[agents:]) - blocked,
        "p_abandon": patience * queue / rate,
        "mean_queue": queue,
    }


def priorities(agents: int, rates: Sequence[float]) -> list[float]:
    """Mean waits of classes in strict order, first one first; all services of mean 1, never interrupted (M/M/n)."""
    load = sum(rates)
    base = erlang_c(agents, load) / agents
    waits, before = [], 0.0
    for rate in rates:
        after = before + rate / agents
        waits.append(base / ((1 - before) * (1 - after)))
        before = after
    return waits


def cobham(classes: Sequence[tuple[float, float]], *, fixed: bool = False) -> list[float]:
    """Mean waits of classes (rate, mean service) in strict order at one agent (M/G/1, never interrupted)."""
    rest = sum(rate * mean**2 * (1 if fixed else 2) / 2 for rate, mean in classes)
    waits, before = [], 0.0
    for rate, mean in classes:
        after = before + rate * mean
        waits.append(rest / ((1 - before) * (1 - after)))
        before = after
    return waits


def ageing(agents: int, classes: Sequence[tuple[float, float]]) -> list[float]:
    """Mean waits of classes (rate, slope) under ageing (Kleinrock; Stanford, Taylor and Ziedins 2014), by solving their equations."""
    load = sum(rate for rate, _ in classes)
    whole = wait_c(agents, load)
    waits = dict.fromkeys(range(len(classes)), whole)
    for one in sorted(waits, key=lambda index: classes[index][1]):
        slope = classes[one][1]
        slower = [
            (index, rate / agents, other) for index, (rate, other) in enumerate(classes) if other < slope
        ]
        faster = [(rate / agents, other) for rate, other in classes if other > slope]
        over = whole - sum(share * waits[index] * (1 - other / slope) for index, share, other in slower)
        waits[one] = over / (1 - sum(share * (1 - slope / other) for share, other in faster))
    return [waits[index] for index in range(len(classes))]


State = tuple[int, ...]


def alis(
    rates: Mapping[str, float], agents: Sequence[tuple[frozenset[str], float]]
) -> dict[str, tuple[float, float]]:
    """First come, first served, to the longest idle, for any graph of skills: per class mean wait and share that does not wait.

    `agents` are what each can serve, and the speed. The product form of Adan and Weiss: over all orders of the agents and all
    numbers of busy ones.
    """
    total = 0.0
    queued, idle = dict.fromkeys(rates, 0.0), dict.fromkeys(rates, 0.0)
    for order in permutations(range(len(agents))):
        for busy in range(len(order) + 1):
            weight, lines = _weight(rates, [agents[index] for index in order], busy)
            total += weight
            able = frozenset().union(*(agents[index][0] for index in order[busy:]))
            for name in rates:
                idle[name] += weight if name in able else 0.0
                queued[name] += weight * sum(
                    ratio / (1 - ratio) * rates[name] / whole for only, ratio, whole in lines if name in only
                )
    return {name: (queued[name] / total / rate, idle[name] / total) for name, rate in rates.items()}


def _weight(
    rates: Mapping[str, float], order: Sequence[tuple[frozenset[str], float]], busy: int
) -> tuple[float, list[tuple[frozenset[str], float, float]]]:
    """The weight of a state, and its lines: who waits there for none but the agents before it, and how full that is."""
    weight = 1.0
    lines: list[tuple[frozenset[str], float, float]] = []
    for last in range(1, busy + 1):
        others = frozenset().union(*(able for able, _ in order[last:]))
        only = frozenset(rates) - others
        arriving = sum(rates[name] for name in only)
        speed = sum(speed for _, speed in order[:last])
        weight /= speed - arriving
        if arriving:
            lines.append((only, arriving / speed, arriving))
    for first in range(busy, len(order)):
        weight /= sum(rates[name] for name in frozenset().union(*(able for able, _ in order[first:])))
    return weight, lines


def chats(
    agents: int, speeds: Sequence[float], rate: float, patience: float, *, fill: bool = False
) -> dict[str, float]:
    """Agents with several at once, total speed by number: to the least loaded (`fill`: to the most loaded with room). By iteration.

    The state is how many agents have so many conversations, and how many wait; uniformised until it moves no more.
    """
    most = len(speeds)
    longest = 120
    start: State = (agents, *(0,) * most, 0)
    states = [start]
    moves: list[list[tuple[int, float]]] = []
    index = {start: 0}
    for state in states:
        found: list[tuple[int, float]] = []
        for target, pace in _moves(state, speeds, rate, patience, fill=fill, longest=longest):
            if target not in index:
                index[target] = len(states)
                states.append(target)
            found.append((index[target], pace))
        moves.append(found)
    top = max(sum(pace for _, pace in ways) for ways in moves)
    shares = [1.0 / len(states)] * len(states)
    for _ in range(200_000):
        after = [0.0] * len(states)
        for at, ways in enumerate(moves):
            left = shares[at]
            for to, pace in ways:
                flow = shares[at] * pace / top
                after[to] += flow
                left -= flow
            after[at] += left
        moved = max(abs(one - two) for one, two in zip(shares, after, strict=True))
        shares = after
        if moved < 1e-13:
            break
    queue = sum(share * state[-1] for share, state in zip(shares, states, strict=True))
    full = sum(share for share, state in zip(shares, states, strict=True) if state[most] == agents)
    inside = sum(
        share * sum(number * state[number] for number in range(most + 1))
        for share, state in zip(shares, states, strict=True)
    )
    used = inside / (agents * most)
    return {"p_abandon": patience * queue / rate, "p_wait": full, "mean_queue": queue, "utilisation": used}


def _moves(
    state: tuple[int, ...], speeds: Sequence[float], rate: float, patience: float, *, fill: bool, longest: int
) -> list[tuple[tuple[int, ...], float]]:
    most = len(speeds)
    having, waiting = list(state[:-1]), state[-1]
    found = []
    room = [number for number in range(most) if having[number]]
    if room:
        chosen = max(room) if fill else min(room)
        found.append((_step(having, chosen, chosen + 1, 0), rate))
    elif waiting < longest:
        found.append(((*having, waiting + 1), rate))
    if waiting:
        found.append(((*having, waiting - 1), patience * waiting + having[most] * speeds[most - 1]))
        return found
    found += [
        (_step(having, number, number - 1, 0), having[number] * speeds[number - 1])
        for number in range(1, most + 1)
        if having[number]
    ]
    return found


def _step(having: list[int], before: int, after: int, waiting: int) -> tuple[int, ...]:
    changed = list(having)
    changed[before] -= 1
    changed[after] += 1
    return (*changed, waiting)
