"""Models whose exact figures take a Markov chain or an integral: weights, impatience by class, steps by the clock, peers' algorithms.

Chains are solved by iteration, so each row is made when it is asked for. Rates per minute, times in minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import exp, expm1, factorial

from router.rules import Step
from router.simulation.model import Kind
from tests.router.simulation.models import group, kind
from tests.router.simulation.oracles import Row

State = tuple[int, ...]
Moves = Callable[[State], Iterator[tuple[State, float]]]
LONGEST = 24
"""Lines are cut off there; so long ones are too rare to count."""


def stationary(start: State, moves: Moves) -> dict[State, float]:
    """The share of time that a chain spends in each state that it reaches (Gauss and Seidel's iteration)."""
    states, leads = [start], []
    index = {start: 0}
    for at, state in enumerate(states):
        for target, pace in moves(state):
            if target not in index:
                index[target] = len(states)
                states.append(target)
            leads.append((at, index[target], pace))
    into: list[list[tuple[int, float]]] = [[] for _ in states]
    out = [0.0] * len(states)
    for source, to, pace in leads:
        into[to].append((source, pace))
        out[source] += pace
    shares = [1.0 / len(states)] * len(states)
    for _ in range(20_000):
        before = list(shares)
        for at, ways in enumerate(into):
            shares[at] = sum(shares[source] * pace for source, pace in ways) / out[at]
        whole = sum(shares)
        shares = [share / whole for share in shares]
        if max(abs(one - two) for one, two in zip(before, shares, strict=True)) < 1e-11:
            break
    return dict(zip(states, shares, strict=True))


def mean(shares: dict[State, float], at: int) -> float:
    """The mean of one number of the states."""
    return sum(share * state[at] for state, share in shares.items())


def several_rates() -> Row:
    """One agent of ten units, weights 1, 2 and 5, nobody waits (Kaufman 1981, Roberts 1981)."""
    classes = {"a": (4.0, 1.0, 1), "b": (1.5, 1.0, 2), "c": (0.2, 2.0, 5)}
    taken = [1.0]
    for units in range(1, 11):
        taken.append(
            sum(
                rate * service * weight * taken[units - weight]
                for rate, service, weight in classes.values()
                if units >= weight
            )
            / units
        )
    figures = {
        f"{name}.p_blocked": sum(taken[11 - weight :]) / sum(taken)
        for name, (_, _, weight) in classes.items()
    }
    kinds = [
        kind(name, rate, service=service, weight=weight) for name, (rate, service, weight) in classes.items()
    ]
    return Row(kinds, [group("s", units=10)], figures, {"places": 0})


def weights(first: str) -> Row:
    """One agent of two units; `a` takes one, `b` both, `first` goes first; a unit that is too little for one serves the other."""
    light, heavy = 0.5, 0.3

    def filled(a: int, b: int, line_a: int, line_b: int) -> State:
        for name in (first, *({"a", "b"} - {first})):
            while name == "a" and line_a and a + 2 * b < 2:
                a, line_a = a + 1, line_a - 1
            if name == "b" and line_b and not a and not b:
                b, line_b = 1, line_b - 1
        return a, b, line_a, line_b

    def moves(state: State) -> Iterator[tuple[State, float]]:
        a, b, line_a, line_b = state
        if line_a < LONGEST:
            yield filled(a, b, line_a + 1, line_b), light
        if line_b < LONGEST:
            yield filled(a, b, line_a, line_b + 1), heavy
        if a:
            yield filled(a - 1, b, line_a, line_b), float(a)
        if b:
            yield filled(a, 0, line_a, line_b), 1.0

    shares = stationary((0, 0, 0, 0), moves)
    figures = {"a.mean_wait": mean(shares, 2) / light, "b.mean_wait": mean(shares, 3) / heavy}
    kinds = [
        kind("a", light, priority=int(first == "a")),
        kind("b", heavy, weight=2, priority=int(first == "b")),
    ]
    return Row(kinds, [group("s", units=2)], figures)


def impatient_classes() -> Row:
    """Three agents, six places, two classes in strict order, each with its own impatience."""
    agents, places, rates, patience = 3, 6, (2.0, 2.0), (0.5, 0.2)

    def moves(state: State) -> Iterator[tuple[State, float]]:
        busy, high, low = state
        for number, rate in enumerate(rates):
            if busy < agents:
                yield (busy + 1, 0, 0), rate
            elif high + low < places:
                yield (busy, high + (number == 0), low + (number == 1)), rate
        if high:
            yield (busy, high - 1, low), high * patience[0]
        if low:
            yield (busy, high, low - 1), low * patience[1]
        if busy:
            yield ((busy, high - 1, low) if high else (busy, 0, low - 1) if low else (busy - 1, 0, 0)), busy

    shares = stationary((0, 0, 0), moves)
    full = sum(share for (busy, high, low), share in shares.items() if busy and high + low == places)
    figures = {"h.p_blocked": full, "l.p_blocked": full}
    for at, name in enumerate(("h", "l")):
        queue = mean(shares, at + 1)
        figures |= {f"{name}.mean_queue": queue, f"{name}.p_abandon": patience[at] * queue / rates[at]}
    kinds = [kind("h", rates[0], patience=patience[0], priority=1), kind("l", rates[1], patience=patience[1])]
    return Row(kinds, [group("s", agents)], figures, {"places": places})


def unlike_patience() -> Row:
    """First come, first served, with two kinds of patience: M/M/n+G by its virtual wait (Baccelli and Hebuterne 1981)."""
    agents, rates, patience = 3, (2.0, 1.5), (0.5, 2.0)
    rate = sum(rates)

    def density(wait: float) -> float:
        stayed = sum(one * -expm1(-rush * wait) / rush for one, rush in zip(rates, patience, strict=True))
        return rate * exp(stayed - agents * wait)

    def integral(of: Callable[[float], float], end: float = 40.0, steps: int = 20_000) -> float:
        width = end / steps
        inner = sum((4 if number % 2 else 2) * of(number * width) for number in range(1, steps))
        return (of(0.0) + inner + of(end)) * width / 3

    weight = [rate**number / factorial(number) for number in range(agents)]
    whole = sum(weight) + weight[-1] * integral(density)
    scale = weight[-1] / whole
    figures = {"all.p_wait": scale * integral(density)}
    for name, rush in zip("ab", patience, strict=True):
        left = scale * integral(_rushed(density, rush, lambda wait, stays: 1 - stays))
        waited = scale * integral(_rushed(density, rush, lambda wait, stays: wait * stays))
        figures |= {f"{name}.p_abandon": left, f"{name}.mean_wait": waited / (1 - left)}
    kinds = [kind(name, one, patience=rush) for name, one, rush in zip("ab", rates, patience, strict=True)]
    return Row(kinds, [group("s", agents)], figures, {"order": "fifo"})


def _rushed(
    density: Callable[[float], float], rush: float, of: Callable[[float, float], float]
) -> Callable[[float], float]:
    """What is asked of a wait and of the share that is still there then, weighted by the density."""
    return lambda wait: density(wait) * of(wait, exp(-rush * wait))


def widened() -> Row:
    """One who can, and after a minute anybody, of whom there is always somebody free: M/M/1 whose customers stay for just a minute."""
    rate, minute = 0.9, 1.0
    drain = 1 - rate
    before = rate * (1 - exp(-drain * minute)) / drain
    beyond = rate * exp(-drain * minute)
    idle = 1 / (1 + before + beyond)
    waited = rate * idle * ((1 - exp(-drain * minute)) / drain**2 - minute * exp(-drain * minute) / drain)
    figures = {
        "a.mean_wait": waited + minute * idle * beyond,
        "a.p_wait": 1 - idle,
        "a.p99_wait": minute,
        "a.mean_queue": rate * (waited + minute * idle * beyond),
    }
    steps = (Step(need=("x",)), Step(need=(), after=60.0))
    return Row([Kind(name="a", rate=rate, steps=steps)], [group("s", 1, "x"), group("o", 60)], figures)


def shared_speed() -> Row:
    """Three at once at the speed of one: as many are there as in M/M/1, and whoever is beyond three waits."""
    load = 0.8
    figures = {"all.p_wait": load**3, "all.mean_queue": load**4 / (1 - load)}
    return Row([kind("a", load)], [group("s", units=3, speed=(1.0, 1.0, 1.0))], figures)


def in_turn() -> Row:
    """To two agents in turn: each has every second arrival, so E2/M/1, whose root is found by iteration."""
    rate, root = 1.4, 0.5
    for _ in range(500):
        root = (rate / (rate + 1 - root)) ** 2
    figures = {"all.mean_wait": root / (1 - root), "all.p_wait": root}
    return Row([kind("a", rate)], [group("s", 2)], figures, {"router": "push_round_robin"})


def shortest_line() -> Row:
    """To the shorter of two lines, and never back."""
    rate = 1.4

    def moves(state: State) -> Iterator[tuple[State, float]]:
        short, long = state
        if long < 2 * LONGEST:
            yield (min(short + 1, long), max(short + 1, long)), rate
        if short:
            yield (short - 1, long), 1.0
        if long:
            yield (min(short, long - 1), max(short, long - 1)), 1.0

    shares = stationary((0, 0), moves)
    queue = sum(share * (max(0, short - 1) + max(0, long - 1)) for (short, long), share in shares.items())
    figures = {"all.mean_queue": queue, "all.mean_wait": queue / rate}
    return Row([kind("a", rate)], [group("s", 2)], figures, {"router": "push_least_open"})


def ticking() -> Row:
    """Plenty of agents, and a tick each half a minute: waits are evenly spread up to it."""
    figures = {"all.mean_wait": 0.25, "all.p50_wait": 0.25, "all.p99_wait": 0.495, "all.sl_20s": 2 / 3}
    return Row([kind("a", 5.0)], [group("s", 60)], figures, {"router": "tick", "tick": 0.5})


CHAINS: dict[str, Callable[[], Row]] = {
    "weights without a place to wait": several_rates,
    "weights, the light ones first": lambda: weights("a"),
    "weights, the heavy ones first": lambda: weights("b"),
    "impatient classes in order, with places": impatient_classes,
    "unlike patience": unlike_patience,
    "a step after a minute": widened,
    "a shared speed": shared_speed,
    "in turn": in_turn,
    "the shortest line": shortest_line,
    "a tick": ticking,
}
