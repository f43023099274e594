"""The indexed engine against the obvious one, and what must hold whatever happens."""

from __future__ import annotations

import random
from collections import Counter
from typing import get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router import inputs
from router.decisions import Decision as AnyDecision
from router.decisions import Offer, Push
from router.engine import Engine
from router.explain import why_not
from router.inputs import Input
from router.items import Phase
from router.plan import Plan
from tests.router.chaos import act, begin
from tests.router.chaos_plans import PLANS
from tests.router.reference import Naive
from tests.router.world import World


class Watched(Engine):
    """The engine, with every choice looked at when it is made."""

    def handle(self, told: Input, now: float) -> list[AnyDecision]:
        decided = super().handle(told, now)
        for decision in decided:
            if isinstance(decision, Offer | Push):
                self.look(decision)
        return decided

    def look(self, decision: Offer | Push) -> None:
        agent, entry = self.board.agents[decision.agent], self.board.entries[decision.id]
        assert agent.available
        soft = {kind for kinds in agent.yielding.values() for kind in kinds}
        hard = agent.load - sum(agent.by_kind.get(kind, 0) for kind in soft)
        assert hard <= agent.facts.capacity if soft else agent.load <= agent.facts.capacity
        assert all(
            count <= agent.caps.get(connector, count)
            for connector, count in agent.held.items()
            if connector == entry.item.connector
        )
        assert decision.agent not in entry.excluded
        assert decision.explain is not None
        assert len(msgspec.json.encode(dict(decision.explain))) <= 4096


HEARD = {one.__name__ for one in get_args(inputs.Input)}
"""Everything that the engine can be told."""
DECIDED = {one.__name__ for one in get_args(AnyDecision)}


def run(seed: int, events: int, agents: int = 10, first: Plan = PLANS[0], crowd: int = 60) -> World:
    """A random day, told to both; every decision is compared."""
    rng = random.Random(seed)
    engine = Watched(first)
    world = World(first, [engine.handle, Naive(first).handle])
    begin(world, rng, agents)
    while len(world.log) < events:
        act(world, rng, crowd)
    world.drain()
    engine = world.listeners[0].__self__  # type: ignore[attr-defined]  # another leader may have taken over
    nobody_waits_in_vain(engine)
    return world


def nobody_waits_in_vain(engine: Engine) -> None:
    """No item waits while somebody who fits has room."""
    board = engine.board
    for entry in board.entries.values():
        if entry.phase is Phase.WAITING and entry.item.queue not in board.closed:
            assert entry.signature is not None
            for agent in board.agents.values():
                assert why_not(board, entry.signature, entry, agent), (entry.item, agent.facts)
    for agent in board.agents.values():
        assert agent.load == sum(board.entries[item].units for item in agent.items)


def test_random_days_tell_and_decide_everything() -> None:
    """Every input and every decision occurs, under every plan, so that the comparison is of everything."""
    heard: set[str] = set()
    decided: set[str] = set()
    for day in range(2 * len(PLANS)):
        world = run(seed=day, events=1_200, agents=3 + day % 3, first=PLANS[day % len(PLANS)], crowd=14)
        heard |= {type(one).__name__ for _, one in world.log}
        decided |= world.counts.keys()
    assert heard >= HEARD, HEARD - heard
    assert decided >= DECIDED, DECIDED - decided


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
    old = world.listeners[0].__self__.board  # type: ignore[attr-defined]  # listeners are bound methods
    rebuilt = Engine(world.plan)
    told: list[Input] = [inputs.Config(world.plan)]
    told += [inputs.AgentChanged(agent) for agent in world.agents.values()]
    told += [inputs.Presence(ident, agent.seen) for ident, agent in old.agents.items()]
    told += [inputs.ItemChanged(item) for item in world.items.values()]
    for one in told:
        assert rebuilt.handle(one, world.now) == []
    assert rebuilt.board.entries.keys() == old.entries.keys()
    for ident, entry in rebuilt.board.entries.items():
        known = old.entries[ident]
        facts = (entry.phase, entry.agent, entry.units, entry.step if entry.phase is Phase.WAITING else 0)
        assert facts == (
            known.phase,
            known.agent,
            known.units,
            known.step if known.phase is Phase.WAITING else 0,
        )
        asked = frozenset(range(len(entry.steps)))
        if entry.phase is Phase.WAITING:
            assert (entry.key, entry.opened) == (known.key, known.opened & asked)
    for ident, agent in rebuilt.board.agents.items():
        twin = old.agents[ident]
        words = ("longest_idle", "spare")
        assert agent.rank(words) == twin.rank(words)
        assert (agent.load, agent.items) == (twin.load, twin.items)
    assert rebuilt.board.holders == old.holders
    assert rebuilt.board.waiting == old.waiting
