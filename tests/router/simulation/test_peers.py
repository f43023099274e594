"""Others' algorithms, step by step on a few customers, and the ceiling of a timer."""

from __future__ import annotations

from math import exp

import pytest

from router.simulation.customers import Customer, workers
from router.simulation.model import Model
from router.simulation.peers import Pushing, Sweeping
from router.simulation.play import play
from tests.router.simulation.models import group, kind, model

KINDS = [kind("a", 1.0, "a"), kind("b", 1.0, "b")]
DESKS = [group("one", 1, "a"), group("two", 1, "ab"), group("three", 1, "ab")]


def people(played: Model, classes: str) -> list[Customer]:
    found = []
    for number, name in enumerate(classes):
        index = "ab".index(name)
        found.append(Customer(f"c{number}", index, played.kinds[index], 0.0, 1.0))
    return found


def pushed(router: str, classes: str) -> tuple[Pushing, list[Customer], list[str]]:
    """Each customer with the agent at whom they begin, or - while they wait there."""
    played = model(10, KINDS, DESKS, router=router)
    pushing, arrived = Pushing(played, workers(played.groups)), people(played, classes)
    said = []
    for customer in arrived:
        starts = pushing.arrive(customer, 0.0)
        for who, worker in starts:
            who.agent = worker
        said.append(starts[0][1].ident if starts else "-")
    return pushing, arrived, said


def test_the_least_loaded_gets_it_and_keeps_it() -> None:
    pushing, arrived, said = pushed("push_least_open", "aabbb")
    assert said == ["one", "two", "three", "-", "-"]
    assert pushing.finish(arrived[0], 1.0) == [], "one has room, but both others wait at somebody else"
    assert pushing.finish(arrived[1], 1.0)[0][0] is arrived[3]


def test_round_robin_does_not_look_at_load() -> None:
    _, _, said = pushed("push_round_robin", "abba")
    assert said == ["one", "two", "three", "-"]


def test_who_leaves_is_not_begun_later() -> None:
    pushing, arrived, _ = pushed("push_least_open", "aabbb")
    pushing.leave(arrived[3], 0.5)
    assert pushing.finish(arrived[1], 1.0) == []


def test_nothing_is_given_out_between_ticks() -> None:
    played = model(10, KINDS, DESKS, router="tick", tick=0.5)
    sweeping, arrived = Sweeping(played, workers(played.groups)), people(played, "bab")
    assert sweeping.due() is None
    assert all(sweeping.arrive(customer, 0.7) == [] for customer in arrived)
    assert sweeping.due() == 1.0
    starts = sweeping.wake(1.0)
    assert [(who.ident, worker.ident) for who, worker in starts] == [
        ("c1", "one"),
        ("c0", "two"),
        ("c2", "three"),
    ]
    assert sweeping.due() is None


def test_at_most_so_many_of_a_class_at_a_tick() -> None:
    played = model(10, KINDS, DESKS, router="tick", tick=0.5, take=1)
    sweeping, arrived = Sweeping(played, workers(played.groups)), people(played, "bbb")
    for customer in arrived:
        sweeping.arrive(customer, 0.2)
    assert [len(sweeping.wake(at)) for at in (0.5, 1.0)] == [1, 1]
    sweeping.leave(arrived[2], 1.1)
    assert sweeping.due() is None


@pytest.mark.parametrize("minutes", [1.0, 5.0])
def test_a_timer_leaves_agents_idle_however_much_waits(minutes: float) -> None:
    """Utilisation under overload: the exact ceiling (1 - e^-x) / x with x = tick / handling time."""
    run = model(6_000, [kind("a", 6.0, service=10.0)], [group("s", 30)], router="tick", tick=minutes)
    share = minutes / 10.0
    used = play(run)[0].agents["s"].utilisation
    assert used == pytest.approx((1 - exp(-share)) / share, rel=0.02)
