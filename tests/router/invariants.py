"""What must hold of the engine whatever happens, each told from the facts of items and agents and not from what the engine counts."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

import msgspec

from router import duty, inputs
from router.agents import Agent
from router.board import Board
from router.decisions import Decision, Offer, Push, Queue
from router.engine import Engine
from router.explain import why_not
from router.inputs import Input
from router.items import Entry, Phase
from tests.router import rederiving
from tests.router.world import World


class Watched(Engine):
    """The engine, with every decision looked at when it is made and worked out again from its record; `proven` counts them by kind."""

    proven: ClassVar[Counter[str]] = Counter()

    def handle(self, told: Input, now: float) -> list[Decision]:
        decided = super().handle(told, now)
        later: set[str] = set()
        for decision in reversed(decided):
            self.proven[rederiving.proven(decision, self.board)] += 1
            if isinstance(decision, Offer | Push):
                self.look(decision, later)
                later.add(decision.id)
            elif isinstance(decision, Queue):
                item = self.board.entries[decision.id].item
                assert decision.waiting_since == (item.place or item.waiting_since), "it lost its place"
        return decided

    def look(self, decision: Offer | Push, later: set[str]) -> None:
        """What was given out after it in the same moment (`later`) had not been taken yet."""
        entry, also = self.board.entries[decision.id], decision.also if isinstance(decision, Offer) else ()
        asked = [decision.agent, *(login for login, _ in also)]
        assert len(set(asked)) == len(asked), "asked twice"
        for login in asked:
            agent = self.board.agents[login]
            assert agent.available
            assert login not in entry.excluded, "asked again"
            within_capacity(self.board, agent, entry, later)
        assert decision.explain is not None
        assert len(msgspec.json.encode(dict(decision.explain))) <= 4096


def within_capacity(board: Board, agent: Agent, entry: Entry, later: set[str]) -> None:
    """An agent who was just given this has no more than they may have, and no more of its connector; what yields to it does not count."""
    login, connector = agent.facts.id, entry.item.connector
    limit = duty.units(board.plan.ramps.get(login), agent.facts.capacity, board.now)
    theirs = [
        one
        for one in board.entries.values()
        if login in (one.agent, *one.also) and not one.rests and one.item.id not in later
    ]
    yielding = board.plan.yielding().get(connector, ())
    assert sum(one.units for one in theirs if one.item.connector not in yielding) <= limit, "above capacity"
    cap = {**board.plan.caps(), **agent.facts.caps}.get(connector)
    assert cap is None or sum(one.item.connector == connector for one in theirs) <= cap, "above the cap"


def nobody_waits_in_vain(board: Board) -> None:
    """No item waits while somebody who fits has room."""
    for entry in board.entries.values():
        if entry.phase is Phase.WAITING and entry.item.queue not in board.closed:
            assert entry.signature is not None
            for agent in board.agents.values():
                assert why_not(board, entry.signature, entry, agent), (entry.item, agent.facts)


def counted(board: Board) -> None:
    """Everything that the engine counts is what there is."""
    waiting = [entry for entry in board.entries.values() if entry.phase is Phase.WAITING]
    assert board.waiting == len(waiting)
    assert +Counter(board.in_queue) == Counter(entry.item.queue for entry in waiting)
    live = Counter(entry.signature.index for entry in waiting if entry.signature)
    assert board.busy == sum(1 << index for index in live)
    for signature in board.classes.signatures:
        assert signature.line.live == live[signature.index]
        first = min((entry.key for entry in waiting if entry.signature is signature), default=None)
        assert first == (signature.line.key if signature.line.first else None), "not the first of its line"
    held: dict[str, Counter[str]] = {}
    for entry in board.entries.values():
        if entry.phase is Phase.ASSIGNED and entry.item.contact:
            held.setdefault(entry.item.contact, Counter())[entry.agent] += 1
    assert board.holders == held
    for agent in board.agents.values():
        _agent_counted(board, agent)
    _room_counted(board)


def _agent_counted(board: Board, agent: Agent) -> None:
    login = agent.facts.id
    theirs = [entry for entry in board.entries.values() if login in (entry.agent, *entry.also)]
    assert agent.items == {entry.item.id for entry in theirs}
    assert agent.load == sum(entry.units for entry in theirs)
    assert +Counter(agent.held) == Counter(entry.item.connector for entry in theirs if not entry.rests)
    if agent.yielding:
        kinds: Counter[str] = Counter()
        for entry in theirs:
            kinds[entry.item.connector] += entry.units
        assert +Counter(agent.by_kind) == +kinds
    assert agent.limit == duty.units(board.plan.ramps.get(login), agent.facts.capacity, board.now)


def _room_counted(board: Board) -> None:
    """The bitmasks say who has room, and the counts of each profile and signature how many there are."""
    for profile in board.classes.profiles:
        team = [agent for agent in board.agents.values() if agent.profile is profile]
        assert profile.members == sum(agent.facts.active for agent in team)
        assert profile.available == sum(agent.available for agent in team)
        for index, (units, connector, _) in enumerate(board.classes.sizes):
            able = any(agent.available and agent.room(units, connector) for agent in team)
            assert (
                able == bool(board.pools.free[index] >> profile.index & 1) == bool(profile.room >> index & 1)
            )
    for signature in board.classes.signatures:
        fitting = [one for one in board.classes.profiles if signature.profiles >> one.index & 1]
        assert signature.members == sum(profile.members for profile in fitting)
        assert signature.available == sum(profile.available for profile in fitting)


def another_leader_knows_the_same(world: World, old: Board) -> None:
    """An engine that is told what is stored (when nothing is under way) stands where the one stands that lived through it."""
    rebuilt = Engine(world.plan)
    told: list[Input] = [inputs.Config(world.plan)]
    told += [inputs.AgentChanged(agent) for agent in world.agents.values()]
    told += [inputs.Presence(ident, agent.seen) for ident, agent in old.agents.items()]
    told += [inputs.ItemChanged(item) for item in world.items.values()]
    for one in told:
        assert rebuilt.handle(one, world.now) == []
    assert rebuilt.board.entries.keys() == old.entries.keys()
    for ident, entry in rebuilt.board.entries.items():
        known, waits = old.entries[ident], entry.phase is Phase.WAITING
        assert (entry.phase, entry.agent, entry.units) == (known.phase, known.agent, known.units)
        if waits:
            asked = frozenset(range(len(entry.steps)))
            assert (entry.step, entry.key, entry.opened) == (known.step, known.key, known.opened & asked)
    for ident, agent in rebuilt.board.agents.items():
        twin = old.agents[ident]
        words = ("longest_idle", "spare", "fullest")
        assert agent.rank(words) == twin.rank(words)
        assert (agent.load, agent.items) == (twin.load, twin.items)
    assert rebuilt.board.holders == old.holders
    assert rebuilt.board.waiting == old.waiting
