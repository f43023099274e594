"""Models with figures known exactly: every exact row that was written down for the router, and more of the textbook.

A row is a model without its length and the figures by `class.field` (`all.field` for everybody).
"""

from __future__ import annotations

from math import log
from typing import Any, NamedTuple

from router.simulation.model import Group, Kind
from tests.router.simulation import theory
from tests.router.simulation.models import chain, group, kind

SHARED = (1.0, 1.6, 1.8)
SPARE = ("spare", "longest_idle")


class Row(NamedTuple):
    """`arrivals` is how long it takes until the error is small, as far as that was affordable."""

    kinds: list[Kind]
    groups: list[Group]
    figures: dict[str, float]
    more: dict[str, Any] = {}  # noqa: RUF012  # never changed


def _pool(agents: int, load: float) -> Row:
    figures = {
        "all.mean_wait": theory.wait_c(agents, load),
        "all.p_wait": theory.erlang_c(agents, load),
        "all.mean_queue": load * theory.wait_c(agents, load),
    }
    return Row([kind("a", load)], [group("s", agents)], figures)


def _impatient(agents: int, rate: float, patience: float, places: int | None = None) -> Row:
    figures = {
        f"all.{name}": value for name, value in theory.finite(agents, rate, patience, places).items() if value
    }
    return Row([kind("a", rate, patience=patience)], [group("s", agents)], figures, {"places": places})


def _ordered(order: str, high: dict[str, Any], low: dict[str, Any], waits: tuple[float, float]) -> Row:
    kinds = [kind("h", 3.0, **high), kind("l", 6.0, **low)]
    figures = {"h.mean_wait": waits[0], "l.mean_wait": waits[1]}
    return Row(kinds, [group("s", 10)], figures, {"order": order})


def _aged(slope: float) -> Row:
    high, low = theory.ageing(10, [(3.0, slope), (6.0, 1.0)])
    return _ordered("ageing", {"slope": slope}, {}, (high, low))


def _skilled(kinds: list[Kind], groups: list[Group], *names: str) -> Row:
    """Agents are listed one by one, so that all orders of them are."""
    each = [(frozenset(one.skills), (one.speed or (1.0,))[0]) for one in groups for _ in range(one.count)]
    exact = theory.alis({one.name: one.rate for one in kinds}, each)
    figures: dict[str, float] = {}
    for name in names:
        figures |= {f"{name}.mean_wait": exact[name][0], f"{name}.p_wait": 1 - exact[name][1]}
    return Row(kinds, groups, figures)


def _chat(
    agents: int, speeds: tuple[float, ...], rate: float, pick: tuple[str, ...], *, fill: bool = False
) -> Row:
    exact = theory.chats(agents, speeds, rate, 0.5, fill=fill)
    figures = {f"{'s' if name == 'utilisation' else 'all'}.{name}": value for name, value in exact.items()}
    desks = [group("s", agents, units=len(speeds), speed=speeds)]
    return Row([kind("a", rate, patience=0.5)], desks, figures, {"pick": pick})


def _one(classes: list[tuple[float, float]], *, fixed: bool) -> Row:
    waits = theory.cobham(classes, fixed=fixed)
    kinds = [kind(f"k{at}", rate, service=mean, priority=-at) for at, (rate, mean) in enumerate(classes)]
    figures = {f"k{at}.mean_wait": wait for at, wait in enumerate(waits)}
    return Row(kinds, [group("s")], figures, {"distribution": "deterministic" if fixed else "exponential"})


def _mixed(*, fixed: bool) -> Row:
    """One agent, first come, first served, two services of unlike length: Pollaczek and Khinchine."""
    classes = [(0.3, 1.0), (0.15, 3.0)]
    rest = sum(rate * mean**2 * (1 if fixed else 2) / 2 for rate, mean in classes)
    wait = rest / (1 - sum(rate * mean for rate, mean in classes))
    kinds = [kind(f"k{at}", rate, service=mean) for at, (rate, mean) in enumerate(classes)]
    more = {"order": "fifo", "distribution": "deterministic" if fixed else "exponential"}
    return Row(kinds, [group("s")], {"k0.mean_wait": wait, "k1.mean_wait": wait}, more)


def _single(load: float) -> Row:
    """M/M/1 throughout: who waits does so exponentially."""
    figures = {"all.mean_wait": load / (1 - load), "all.p_wait": load, "all.mean_queue": load**2 / (1 - load)}
    figures |= {f"all.p{share}_wait": log(load / (1 - share / 100)) / (1 - load) for share in (50, 95)}
    figures |= {f"all.sl_{second}s": theory.level_c(1, load, second / 60) for second in (20, 60)}
    return Row([kind("a", load)], [group("s")], figures)


def _equal() -> Row:
    waits = theory.priorities(10, [3.0, 3.0, 3.0])
    kinds = [kind(f"k{at}", 3.0, priority=-at) for at in range(3)]
    return Row(kinds, [group("s", 10)], {f"k{at}.mean_wait": wait for at, wait in enumerate(waits)})


def _centre() -> Row:
    """200 calls an hour of three minutes, fourteen people."""
    load, service = 10.0, 3.0
    figures = {
        "all.mean_wait": theory.wait_c(14, load, service),
        "all.p_wait": theory.erlang_c(14, load),
        "all.sl_20s": theory.level_c(14, load, 20 / 60, service),
        "all.sl_60s": theory.level_c(14, load, 1.0, service),
    }
    return Row([kind("a", load / service, service=service)], [group("s", 14)], figures)


def _filled(agents: int, rate: float) -> Row:
    """Calls of ten minutes: the mean, and how long the last of a hundred wait."""
    figures = {
        f"all.p{share}_wait": theory.quantile_c(agents, rate * 10, share / 100, 10.0) for share in (95, 99)
    }
    figures["all.mean_wait"] = theory.wait_c(agents, rate * 10, 10.0)
    return Row([kind("a", rate, service=10.0)], [group("s", agents)], figures)


def _pooled(places: int | None, rate: float) -> Row:
    row = _impatient(90, rate * 10, 0.0, places)
    figures = {name: value for name, value in row.figures.items() if name != "all.p_abandon"}
    admitted = rate * (1 - figures.get("all.p_blocked", 0.0))
    figures["all.mean_wait"] = figures["all.mean_queue"] / admitted
    return Row([kind("a", rate, service=10.0)], [group("s", 90)], figures, {"places": places})


AB = [kind("a", 0.9, "a"), kind("b", 0.6, "b")]
STATIC = theory.priorities(10, [3.0, 6.0])
EXACT: dict[str, Row] = {
    **{f"pool of {agents}, {load:g}": _pool(agents, load) for agents, load in (
        (1, 0.8), (1, 0.9), (2, 1.6), (4, 3.2), (5, 4.0), (6, 5.4), (10, 8.0), (10, 9.0), (50, 45.0), (90, 84.0), (100, 95.0), (500, 480.0), (1000, 970.0),
    )},
    "call centre": _centre(),
    **{f"impatient {agents}, {rate:g}, {patience:g}": _impatient(agents, rate, patience) for agents, rate, patience in (
        (10, 10.0, 0.5), (10, 12.0, 0.5), (50, 55.0, 0.5), (100, 105.0, 0.5), (100, 100.0, 2.0),
    )},
    "strict": _ordered("strict", {"priority": 1}, {}, (STATIC[0], STATIC[1])),
    "fifo": _ordered("fifo", {"priority": 1}, {}, (theory.wait_c(10, 9.0), theory.wait_c(10, 9.0))),
    "slope 2": _aged(2.0),
    "slope 5": _aged(5.0),
    "three strict classes": _equal(),
    "N": _skilled(AB, [group("s1", 1, "a"), group("s2", 1, "ab")], "a", "b"),
    "N of two and two": _skilled([kind("a", 1.8, "a"), kind("b", 1.4, "b")], [group("s1", 2, "a"), group("s2", 2, "ab")], "a", "b"),
    "N, one twice as fast": _skilled(AB, [group("s1", 1, "a", speed=(2.0,)), group("s2", 1, "ab")], "a", "b"),
    "W": _skilled(
        [kind("a", 0.5, "a"), kind("b", 0.6, "b"), kind("c", 0.5, "c")], [group("s1", 1, "ab"), group("s2", 1, "bc")], "a", "b"
    ),
    "M": _skilled(
        [kind("a", 1.2, "a"), kind("b", 1.2, "b")], [group("s1", 1, "a"), group("s2", 1, "ab"), group("s3", 1, "b")], "a", "b"
    ),
    "chain of 4": _skilled(*chain("abcd", 0.8), "a"),
    "chain of 6": _skilled(*chain("abcdef", 0.8), "a"),
    "chain of 6, fuller": _skilled(*chain("abcdef", 0.9), "a"),
    "one skill each": _filled(15, 1.4),
    "six skills each": _filled(90, 8.4),
    "90 and no limit": _pooled(None, 8.4),
    "90 and 30 places": _pooled(30, 8.4),
    "90 and 30 places, less": _pooled(30, 8.25),
    "90 and 30 places, more": _pooled(30, 9.0),
    "one with three chats": _chat(1, SHARED, 1.5, SPARE),
    "four with three chats, least loaded": _chat(4, SHARED, 6.0, SPARE),
    "four with three chats, one filled first": _chat(4, SHARED, 6.0, ("fullest",), fill=True),
    "two with two chats, one filled first": _chat(2, (1.0, 1.6), 2.5, ("fullest",), fill=True),
    "two with two chats, least loaded": _chat(2, (1.0, 1.6), 2.5, SPARE),
    "chats that are servers": _chat(2, (1.0, 2.0, 3.0), 3.0, SPARE),
}  # fmt: skip
TEXTBOOK: dict[str, Row] = {
    "Erlang B": Row([kind("a", 8.0)], [group("s", 10)], {"all.p_blocked": theory.erlang_b(10, 8.0)}, {"places": 0}),
    "Erlang B of fixed times": Row(
        [kind("a", 8.0)], [group("s", 10)], {"all.p_blocked": theory.erlang_b(10, 8.0)}, {"places": 0, "distribution": "deterministic"}
    ),
    "M/D/1": Row([kind("a", 0.7)], [group("s")], {"all.mean_wait": 0.7 / 2 / 0.3}, {"distribution": "deterministic"}),
    "M/D/1 of two lengths": _mixed(fixed=True),
    "M/H/1": _mixed(fixed=False),
    "M/M/1, levels and quantiles": _single(0.7),
    "M/M/1/5": _impatient(1, 0.9, 0.0, 4),
    "one, two classes": _one([(0.3, 1.0), (0.2, 2.0)], fixed=False),
    "one, two classes of fixed times": _one([(0.3, 1.0), (0.2, 2.0)], fixed=True),
    "one, three classes": _one([(0.2, 1.0), (0.15, 2.0), (0.1, 3.0)], fixed=False),
    "one, three classes of fixed times": _one([(0.2, 1.0), (0.15, 2.0), (0.1, 3.0)], fixed=True),
    "impatient with places": _impatient(3, 4.0, 0.5, 2),
    "three skills, unlike speeds": _skilled(
        [kind("a", 0.7, "a"), kind("b", 0.4, "b"), kind("c", 0.5, "c")],
        [group("s1", 1, "ab", speed=(1.5,)), group("s2", 1, "bc"), group("s3", 1, "abc", speed=(0.8,))], "a", "b", "c",
    ),
}  # fmt: skip
