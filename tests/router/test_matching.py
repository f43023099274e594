"""The indexed engine against the obvious one, and what must hold whatever happens."""

from __future__ import annotations

import random
from collections import Counter
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router import inputs
from router.decisions import Decision as AnyDecision
from router.plan import Plan
from tests.router.chaos import act, begin
from tests.router.chaos_plans import PLANS
from tests.router.invariants import Watched, another_leader_knows_the_same, counted, nobody_waits_in_vain
from tests.router.reference import Naive
from tests.router.world import World, board_of

HEARD = {one.__name__ for one in get_args(inputs.Input)}
"""Everything that the engine can be told."""
DECIDED = {one.__name__ for one in get_args(AnyDecision)}

PROVEN = DECIDED - {"EndOffer", "HandBack", "Rest", "AutoReply", "Wake", "SetAway", "SetLevel"} | {
    "Push of a bot", "Queue without a record", "EndOffer without a record", "HandBack without a record", "Rest without a record",
    "AutoReply without a record", "Wake without a record", "SetAway without a record", "SetLevel without a record",
}  # fmt: skip
"""What is worked out again from its record; moves by a step and returns choose nothing, and have their reason alone."""


def run(seed: int, events: int, agents: int = 10, first: Plan = PLANS[0], crowd: int = 60) -> World:
    """A random day, told to both; every decision is compared."""
    rng = random.Random(seed)
    engine = Watched(first)
    world = World(first, [engine.handle, Naive(first).handle])
    begin(world, rng, agents)
    while len(world.log) < events:
        act(world, rng, crowd)
    world.drain()
    nobody_waits_in_vain(board_of(world))
    counted(board_of(world))
    return world


def test_random_days_tell_and_decide_everything() -> None:
    """Every input and every decision occurs, under every plan, so that the comparison is of everything; all follow from their records."""
    Watched.proven.clear()
    heard: set[str] = set()
    decided: set[str] = set()
    for day in range(2 * len(PLANS)):
        world = run(seed=day, events=1_200, agents=3 + day % 3, first=PLANS[day % len(PLANS)], crowd=14)
        heard |= {type(one).__name__ for _, one in world.log}
        decided |= world.counts.keys()
    assert heard >= HEARD, HEARD - heard
    assert decided >= DECIDED, DECIDED - decided
    assert Watched.proven.keys() == PROVEN


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(4))
def test_a_million_random_events_have_no_difference(part: int) -> None:
    """Small houses (a hundred days of 2,400 events) and a few large ones; every plan is the first of as many days as the others."""
    told: Counter[str] = Counter()
    for day in range(part * 100, part * 100 + 100):
        crowd, agents = (10, 20)[day % 2], 2 + day % 4
        world = run(seed=1_000 + day, events=2_400, agents=agents, first=PLANS[day % len(PLANS)], crowd=crowd)
        told.update(type(one).__name__ for _, one in world.log)
    for day in range(2):
        seed = 100 * part + day
        world = run(seed=seed, events=5_000, first=PLANS[seed % len(PLANS)])
        told.update(type(one).__name__ for _, one in world.log)
    assert sum(told.values()) >= 240_000
    assert told.keys() >= HEARD, HEARD - told.keys()


@pytest.mark.parametrize("seed", range(2, 2 + 2 * len(PLANS)))
def test_short_random_runs_have_no_difference(seed: int) -> None:
    run(seed=seed, events=600, agents=2 + seed % 7, first=PLANS[seed % len(PLANS)])


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(1, 8))
def test_any_seed_has_no_difference(seed: int, agents: int) -> None:
    run(seed=seed, events=150, agents=agents, first=PLANS[seed % len(PLANS)])


@pytest.mark.parametrize("seed", range(22, 22 + len(PLANS)))
def test_an_engine_built_from_what_is_stored_equals_the_one_that_ran(seed: int) -> None:
    world = run(seed=seed, events=800, first=PLANS[seed % len(PLANS)])
    another_leader_knows_the_same(world, board_of(world))
