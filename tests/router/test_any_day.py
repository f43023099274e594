"""Any day at the office: a state machine over the engine, whose rules are the actions of `chaos`; after each of them all `invariants` hold.

The obvious engine of `reference` is told the same and must decide the same. Hypothesis chooses what happens, in which order and with which
numbers, and makes a day that goes wrong as short as it can.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from router import inputs
from router.board import Board
from tests.router import chaos
from tests.router.chaos_plans import PLANS
from tests.router.invariants import Watched, another_leader_knows_the_same, counted, nobody_waits_in_vain
from tests.router.reference import Naive
from tests.router.world import World, board_of

replace = msgspec.structs.replace
CHANCE = st.randoms(use_true_random=False)


class AnyDay(RuleBasedStateMachine):
    """`world` is the office; each rule is one thing that happens there, and how much of what is known is heard at once."""

    @initialize(plan=st.sampled_from(PLANS), agents=st.integers(1, 5), rng=CHANCE)
    def begin(self, plan: Any, agents: int, rng: random.Random) -> None:
        self.world = World(plan, [Watched(plan).handle, Naive(plan).handle])
        chaos.begin(self.world, rng, agents)
        self.everybody_comes_to_work()

    @property
    def board(self) -> Board:
        return board_of(self.world)

    @rule()
    def everybody_comes_to_work(self) -> None:
        for agent in list(self.world.agents.values()):
            self.world.set_agent(replace(agent, status="online"))
            self.world.feed.append(inputs.Presence(agent.id, "connected"))

    @rule(plan=st.sampled_from(PLANS))
    def another_file_is_read(self, plan: Any) -> None:
        self.world._flush()
        waited = {ident: entry.item.waiting_since for ident, entry in self.board.entries.items()}
        self.world.plan = plan
        self.world.tell(inputs.Config(plan))
        assert all(self.board.entries[ident].item.waiting_since == since for ident, since in waited.items())

    @rule(rng=st.randoms(use_true_random=True), long=st.integers(1, 40))
    def work_goes_on(self, rng: random.Random, long: int) -> None:
        for _ in range(long):
            chaos.act(self.world, rng, crowd=12)
            self.it_all_adds_up()

    @rule()
    def all_is_heard_and_stored(self) -> None:
        self.world.drain()
        another_leader_knows_the_same(self.world, self.board)

    @invariant()
    def it_all_adds_up(self) -> None:
        nobody_waits_in_vain(self.board)
        counted(self.board)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.drain()
            self.it_all_adds_up()


def _lived(action: Callable[[World, random.Random], None]) -> Any:
    @rule(rng=CHANCE, heard=st.integers(0, 5))
    def happens(self: AnyDay, rng: random.Random, heard: int) -> None:
        action(self.world, rng)
        for _ in range(heard):
            self.world.hear()

    return happens


for _action in chaos.ACTIONS:
    setattr(AnyDay, _action.__name__.strip("_"), _lived(_action))


def live(days: int, steps: int, *, derandomize: bool) -> None:
    """So many days of so many things: the same ones every time, or others."""
    terms = settings(
        max_examples=days,
        stateful_step_count=steps,
        derandomize=derandomize,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(AnyDay, settings=terms)


def test_on_any_day_all_adds_up() -> None:
    live(20, 25, derandomize=True)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_on_many_long_days_all_adds_up() -> None:
    live(120, 60, derandomize=False)
