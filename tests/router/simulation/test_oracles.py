"""The simulation against exact queueing theory; the short form with the error that a short run has, the long one within 2 % where that can be told."""

from __future__ import annotations

import pytest

from router.simulation.model import Model
from router.simulation.play import play
from router.simulation.report import Report
from tests.router.simulation import theory
from tests.router.simulation.chains import CHAINS
from tests.router.simulation.farther import FARTHER, figures, same
from tests.router.simulation.models import group, kind, model
from tests.router.simulation.oracles import EXACT, TEXTBOOK, Row

SHORT = (
    "pool of 2, 1.6", "impatient 10, 10, 0.5", "strict", "slope 5", "N, one twice as fast", "chain of 4", "one with three chats",
    "Erlang B", "M/D/1", "one, three classes", "impatient with places", "call centre", "unlike patience", "a step after a minute",
    "in turn", "weights without a place to wait",
)  # fmt: skip
LONG = 200_000
EXACTING = {
    "one with three chats": 1_100_000, "two with two chats, least loaded": 1_400_000, "two with two chats, one filled first": 1_400_000,
    "M/M/1/5": 500_000, "impatient with places": 800_000,
}  # fmt: skip
"""Rows whose error comes down to 0.6 % in minutes, with so many arrivals. Those of `FARTHER` are checked customer by customer instead."""
NAMES = (*EXACT, *TEXTBOOK, *CHAINS)


def exact(name: str) -> Row:
    return CHAINS[name]() if name in CHAINS else (EXACT | TEXTBOOK)[name]


def of(row: Row, arrivals: int, seed: int) -> Model:
    return model(
        arrivals, row.kinds, row.groups, seed=seed, **{"warmup": min(100_000, arrivals // 10), **row.more}
    )


def played(row: Row, arrivals: int, seed: int) -> Report:
    return play(of(row, arrivals, seed))[0]


def differences(row: Row, found: Report) -> dict[str, tuple[float, float]]:
    """Per figure the relative difference, and the relative error of its class's mean wait."""
    told: dict[str, tuple[float, float]] = {}
    for name, exact in row.figures.items():
        who, _, field = name.partition(".")
        figures = found.overall if who in {"all", *found.agents} else found.classes[who]
        error = (figures.mean_wait_se or 0.0) / figures.mean_wait if figures.mean_wait else 0.03
        told[name] = (getattr(found.agents.get(who, figures), field) / exact - 1, error)
    return told


@pytest.mark.parametrize("name", SHORT)
def test_a_short_run_is_within_a_few_of_its_own_errors(name: str) -> None:
    row = exact(name)
    for figure, (off, error) in differences(row, played(row, 6_000, 5)).items():
        assert abs(off) < 3.5 * error, f"{figure} is off by {off:.1%}"
        assert error < 0.4


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", NAMES)
def test_a_long_run_is_within_two_per_cent_or_its_error(name: str) -> None:
    row = exact(name)
    run = of(row, EXACTING.get(name, LONG), 11)
    report, tally = play(run)
    assert name not in FARTHER or same(run, tally)
    for figure, (off, error) in differences(row, report).items():
        print(f"{name}: {figure} {off:+.2%}, error {error:.2%}")
        assert abs(off) < (0.02 if name in EXACTING else max(0.02, 3 * error)), (
            f"{figure} is off by {off:.1%}"
        )
        assert error < 0.006 or name not in EXACTING


@pytest.mark.parametrize("name", FARTHER)
def test_every_customer_waits_as_long_as_without_the_engine(name: str) -> None:
    run = of(exact(name), 1_000, 3)
    assert same(run, play(run)[1])


def test_other_customers_wait_otherwise() -> None:
    row = exact("strict")
    assert not same(of(row, 1_000, 3), play(of(row, 1_000, 4))[1])


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", FARTHER)
def test_those_very_waits_come_within_two_per_cent_with_an_error_of_six_thousandths(name: str) -> None:
    row = exact(name)
    found = figures(of(row, FARTHER[name], 11))
    for figure, (value, error) in found.items():
        if figure in row.figures:
            off = value / row.figures[figure] - 1
            print(f"{name}: {figure} {off:+.2%}, error {error:.2%}")
            assert abs(off) < 0.02
            assert error <= 0.006


@pytest.mark.parametrize(
    ("agents", "load", "waits", "wait"),
    [
        (1, 0.8, 4 / 5, 4.0),
        (2, 1.6, 32 / 45, 16 / 9),
        (5, 4.0, 128 / 231, 0.554113),
        (10, 9.0, 43046721 / 64370707, 0.668732),
        (100, 95.0, 0.506457, 0.101291),
        (1000, 970.0, 0.242823, 0.008094),
    ],
)
def test_the_formulas_give_the_known_values(agents: int, load: float, waits: float, wait: float) -> None:
    assert theory.erlang_c(agents, load) == pytest.approx(waits, rel=1e-5)
    assert theory.wait_c(agents, load) == pytest.approx(wait, rel=1e-4)


def test_so_do_those_of_ninety_with_one_skill_or_all() -> None:
    alone, pooled = EXACT["one skill each"].figures, EXACT["six skills each"].figures
    assert (alone["all.p95_wait"], alone["all.mean_wait"]) == pytest.approx((26.704, 7.223186), rel=1e-4)
    assert list(pooled.values()) == pytest.approx([3.515, 6.197, 0.686596], rel=1e-3)


def test_so_do_those_of_skills_patience_and_chats() -> None:
    assert EXACT["N"].figures["a.mean_wait"] == pytest.approx(189 / 157)
    assert EXACT["N, one twice as fast"].figures["b.p_wait"] == pytest.approx(1 - 41 / 170)
    assert EXACT["W"].figures["b.mean_wait"] == pytest.approx(22 / 13)
    assert EXACT["chain of 4"].figures["a.mean_wait"] == pytest.approx(278144 / 258531)
    assert theory.finite(10, 12.0, 0.5)["p_abandon"] == pytest.approx(0.195656, rel=1e-5)
    assert EXACT["chain of 6"].figures["a.mean_wait"] == pytest.approx(0.986000, rel=1e-5)
    assert EXACT["chain of 6, fuller"].figures["a.mean_wait"] == pytest.approx(2.014039, rel=1e-5)
    assert theory.finite(90, 84.0, 0.0, 30)["p_blocked"] == pytest.approx(0.003643, rel=1e-3)
    assert theory.chats(4, (1.0, 1.6, 1.8), 6.0, 0.5)["p_abandon"] == pytest.approx(0.032751, rel=1e-4)
    for fill, length in ((False, 1.4008), (True, 1.5370)):
        said = theory.chats(4, (1.0, 1.6, 1.8), 6.0, 0.5, fill=fill)
        assert 12 * said["utilisation"] / (6.0 * (1 - said["p_abandon"])) == pytest.approx(length, rel=1e-4)
    assert theory.ageing(10, [(3.0, 2.0), (6.0, 1.0)]) == pytest.approx([0.432709, 0.786743], rel=1e-5)


@pytest.mark.parametrize("order", ["strict", "fifo", "head_start", "ageing", "due"])
def test_waiting_is_only_moved_between_classes_never_made(order: str) -> None:
    """The conservation law, on the same customers: whatever the order, the sum of all waits of one pool of equal services stays."""
    kinds = [
        kind("h", 3.0, priority=2, boost=0.5, slope=4.0, target=0.1),
        kind("l", 6.0, target=1.0),
    ]
    run = model(3_000, kinds, [group("s", 10)], order=order, seed=4, distribution="deterministic")
    told = play(run)[0].overall.mean_wait
    first = play(model(3_000, kinds, [group("s", 10)], order="fifo", seed=4, distribution="deterministic"))
    assert told == pytest.approx(first[0].overall.mean_wait, rel=0.01)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_two_skills_take_the_gain_and_a_central_queue_beats_peers() -> None:
    """Ninety agents, six skills, two each: 97 % of the gain of pooling. Thirty with three chats: against others' algorithms."""
    names = "abcdef"
    kinds = [kind(name, 1.4, name, service=10.0) for name in names]
    pairs = [one + two for one in names for two in names if one != two]
    paired = play(model(1_000_000, kinds, [group(pair, 3, pair) for pair in pairs]))[0].overall
    gained = (7.223186 - (paired.mean_wait or 9.0)) / (7.223186 - 0.686596)
    desks = [group(pair, 1, pair, units=3) for pair in pairs]
    routers = ("engine", "push_least_open", "push_round_robin")
    ours, least, turn = (
        play(model(600_000, kinds, desks, pick=("spare", "longest_idle"), router=which))[0].overall
        for which in routers
    )
    print(f"two skills: {paired.mean_wait} ({gained:.1%} of the gain); {ours}; {least}; {turn}")
    assert gained > 0.97
    assert (ours.mean_wait or 9) <= 0.6 * (least.mean_wait or 0)
    assert (ours.p99_wait or 9) <= 0.5 * (least.p99_wait or 0)
    assert (ours.mean_wait or 9) <= (turn.mean_wait or 0) / 20
    assert (ours.sl_60s or 0) > (least.sl_60s or 1) - 0.01


def test_two_skills_are_nearly_as_good_as_all() -> None:
    names = "abcdef"
    kinds = [kind(name, 0.35, name, service=10.0) for name in names]
    alone = [group(name, 5, name) for name in names]
    paired = [group(one + two, 1, one + two) for one in names for two in names if one != two]
    waits = [
        play(model(6_000, kinds, desks))[0].overall.mean_wait or 0.0
        for desks in (alone, paired, [group("s", 30, names)])
    ]
    assert (waits[0] - waits[1]) / (waits[0] - waits[2]) > 0.9


@pytest.mark.parametrize(
    ("router", "mean", "tail"), [("push_least_open", 0.75, 0.65), ("push_round_robin", 0.15, 0.15)]
)
def test_a_central_queue_beats_pushing_at_arrival(router: str, mean: float, tail: float) -> None:
    names = "abcdef"
    kinds = [kind(name, 1.4, name, service=10.0) for name in names]
    desks = [group(one + two, 1, one + two, units=3) for one in names for two in names if one != two]
    ours, theirs = (
        play(model(10_000, kinds, desks, pick=("spare", "longest_idle"), router=which))[0].overall
        for which in ("engine", router)
    )
    assert (ours.mean_wait or 0) < mean * (theirs.mean_wait or 0)
    assert (ours.p99_wait or 0) < tail * (theirs.p99_wait or 0)
