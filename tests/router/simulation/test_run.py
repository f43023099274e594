"""The run and the engine in it, customer by customer against obvious code."""

from __future__ import annotations

import pytest

from router.rules import Step
from router.simulation.customers import workers
from router.simulation.model import Kind, Model
from router.simulation.play import play
from router.simulation.run import Run
from router.simulation.serving import Serving
from router.simulation.tally import ABANDONED, BLOCKED, SERVED, WAITING, Tally
from tests.router.simulation.models import chain, group, kind, model
from tests.router.simulation.naive import Office

FATES = {WAITING: "waiting", SERVED: "served", ABANDONED: "abandoned", BLOCKED: "blocked"}
SHARED = (1.0, 1.6, 1.8)
PAIR = [kind("a", 0.9, "a", priority=1, boost=0.7, slope=3.0), kind("b", 0.6, "b", target=0.1)]
DESKS = [group("s1", 1, "a"), group("s2", 1, "ab")]


def tally_of(played: Model) -> Tally:
    team = workers(played.groups)
    return Run(played, team, Serving(played, team)).play()


MODELS = {
    "one pool": model(1_000, [kind("a", 4.0)], [group("s", 5)]),
    "fixed times": model(1_000, [kind("a", 4.0)], [group("s", 5)], distribution="deterministic"),
    "patience and places": model(1_000, [kind("a", 9.0, patience=0.5)], [group("s", 5)], places=4),
    "no places": model(1_000, [kind("a", 5.0)], [group("s", 5)], places=0),
    "a chain": model(1_000, *chain("abcd", 0.8)),
    "shared speed": model(1_000, [kind("a", 6.0, patience=0.5)], [group("s", 4, units=3, speed=SHARED)], pick=("spare", "longest_idle")),
    "filling one first": model(1_000, [kind("a", 6.0, patience=0.5)], [group("s", 4, units=3, speed=SHARED)], pick=("fullest", "longest_idle")),
    "weights": model(
        1_000, [kind("a", 1.0, weight=2, priority=1), kind("b", 2.0, patience=1.0)], [group("s", 2, units=3)], pick=("spare", "longest_idle")
    ),
    "steps": model(
        1_000,
        [Kind(name="a", rate=1.1, steps=(Step(need=("a>=5",)), Step(need=("a>=2",), after=30.0), Step(need=(), after=90.0)))],
        [group("s1", 1, "a"), group("s2", 1, "b")],
    ),
    **{order: model(1_000, PAIR, DESKS, order=order) for order in ("strict", "fifo", "head_start", "ageing", "due")},
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_every_customer_waits_as_in_obvious_code(name: str) -> None:
    played = MODELS[name]
    tally, people = tally_of(played), Office(played).play().people[played.warmup : played.arrivals]
    assert [FATES[fate] for fate in tally.fates] == [person.fate for person in people]
    waits = [person.wait for person in people if person.wait is not None]
    assert [
        wait for wait, fate in zip(tally.waits, tally.fates, strict=True) if fate == SERVED
    ] == pytest.approx(waits, abs=1e-6)


def test_counts_add_up_and_the_same_seed_gives_the_same() -> None:
    played = MODELS["patience and places"]
    first, again = play(played)[0], play(played)[0]
    assert first == again
    found = first.overall
    assert found.arrivals == 900 == found.served + found.abandoned + found.blocked
    assert min(found.served, found.abandoned, found.blocked) > 60


def test_chance_is_common_to_all_routers() -> None:
    """Another router, another order, another class: the same customers come at the same times."""
    lone = model(500, [PAIR[0]], DESKS)
    pair = model(500, PAIR, DESKS)
    times = [person.arrived for person in Office(lone).play().people][:100]
    assert [person.arrived for person in Office(pair).play().people if person.kind.name == "a"][:100] == times


def test_the_run_ends_although_nobody_can_ever_serve_them() -> None:
    played = model(200, [kind("a", 1.0, "x"), kind("b", 1.0)], [group("s", 2)])
    found = play(played)[0]
    assert found.classes["a"].waiting == found.classes["a"].arrivals > 50
    assert found.classes["a"].mean_wait is None
    assert found.classes["b"].waiting == 0


def test_an_overload_ends_too_and_everybody_is_served() -> None:
    found = play(model(2_000, [kind("a", 3.0, priority=1), kind("b", 3.0)], [group("s", 2)]))[0]
    assert found.overall.waiting == 0
    assert found.agents["s"].utilisation > 0.99


def test_minutes_end_the_run_as_well() -> None:
    played = model(0, [kind("a", 2.0)], [group("s", 3)], minutes=500.0, warmup=100)
    found = play(played)[0].overall
    assert 750 < found.arrivals < 1_050
