"""The engine's state, and the few steps by which items and agents come to be counted somewhere and stop being counted there.

What is decided, and when, lives in `matching`, `offers`, `leaving` and `engine`; they all work on this board.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from router import duty, stepping
from router.agents import Agent, Pools
from router.canary import watching
from router.decisions import Decision
from router.inputs import Colleague, Item
from router.items import ASSIGNED, PARKED, WAITING, Entry, Phase
from router.needs import Wants, wants
from router.ordering import key_of, slope_of
from router.picking import own, whole
from router.plan import Channel, Order, Plan
from router.profiles import Ask, Classes, Signature
from router.rules import Rule, Step
from router.timers import Timers

MANY = 4_096
"""Signatures beyond this number are thrown away and made anew for what really waits."""


class Terms(NamedTuple):
    """A queue's order and chain, worked out: `ages` when the order follows the clock, `ranks` is what the agents are ranked by."""

    order: Order
    ages: bool
    pick: tuple[str, ...]
    ranks: tuple[str, ...]


class Board:
    """Everything the engine knows.

    What changed since the last matching: `dirty` agents, `freed` profiles and `joined` signatures (bits). `busy` has the
    signatures under which anything waits. `in_queue` counts who waits in each queue; `last_wait` is when one was last given out of it and
    how long that one had waited. `awaiting` has who waits for whom alone; `turned` are those of them who came, went or changed.
    """

    # Every decision looks up a hundred of these: in slots it takes 7 % less of the processor than in a dictionary of so many names.
    __slots__ = (
        "_asked", "_steps", "_terms", "agents", "awaiting", "begun", "busy", "classes", "closed", "decisions", "dirty",
        "duty_stamp", "entries", "freed", "holders", "hours_stamp", "in_queue", "joined", "last_wait", "many", "now", "plan",
        "pools", "stamps", "timers", "turned", "waiting", "watch", "wraps", "yielding",
    )  # fmt: skip

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._terms: dict[str, Terms] = {}
        self._asked: dict[tuple[object, ...], Signature] = {}
        self._steps: dict[tuple[str, tuple[str, ...], str], tuple[Step, ...]] = {}
        self.in_queue: dict[str, int] = {}
        self.last_wait: dict[str, tuple[float, float]] = {}
        self.awaiting: dict[str, set[str]] = {}
        self.turned: list[str] = []
        self.now = 0.0
        self.begun = False
        self.entries: dict[str, Entry] = {}
        self.agents: dict[str, Agent] = {}
        self.timers = Timers()
        self.decisions: list[Decision] = []
        self.holders: dict[str, dict[str, int]] = {}
        self.closed: set[str] = set()
        self.hours_stamp = self.duty_stamp = 0
        self.yielding = plan.yielding()
        self.wraps = any(channel.wrap_up for channel in plan.channels.values())
        self.dirty: dict[str, Agent] = {}
        self.many = MANY
        self.stamps = 0
        self.classes = Classes()
        self.pools = Pools(self.classes)
        self.watch = watching(plan.canary, None)
        self.waiting = 0
        self.freed = 0
        self.joined = 0
        self.busy = 0

    # --- agents ------------------------------------------------------------------------------------------------

    def seat(self, facts: Colleague) -> Agent:
        """An agent with these facts, new or known; their profile is counted anew."""
        agent = self.agents.get(facts.id)
        profile = self.classes.profile(facts)
        if agent is None:
            agent = self.agents[facts.id] = Agent(facts, profile)
            agent.yielding = self.yielding
        elif agent.profile is not profile:
            self.pools.withdraw(agent)
            self._count(agent, (False, False))
            agent.profile = profile
            if facts.id in self.awaiting:
                self.turned.append(facts.id)
        agent.facts = facts
        agent.caps = {**self.plan.caps(), **facts.caps}
        duty.look(self, agent)
        self.touch(agent)
        return agent

    def touch(self, agent: Agent) -> None:
        """Something about the agent changed: they are counted where they belong before the next matching."""
        self.dirty[agent.facts.id] = agent

    def flush(self) -> None:
        """Count the touched agents where they belong now; those who can take more than before are freed."""
        while self.dirty:
            _, agent = self.dirty.popitem()
            counted = (agent.facts.active, agent.available)
            if counted != agent.counted:
                self._count(agent, counted)
            if self.pools.refresh(agent):
                self.freed |= 1 << agent.profile.index

    def _count(self, agent: Agent, counted: tuple[bool, bool]) -> None:
        if agent.facts.id in self.awaiting:
            self.turned.append(agent.facts.id)
        before, agent.counted = agent.counted, counted
        self.classes.count(agent.profile, counted[0] - before[0], counted[1] - before[1])

    def agent(self, ident: str) -> Agent:
        """An agent; one who is not configured (any more) is kept without abilities, for what they hold."""
        known = self.agents.get(ident)
        return known if known is not None else self.seat(Colleague(id=ident, active=False))

    # --- items -------------------------------------------------------------------------------------------------

    def channel(self, item: Item) -> Channel:
        """The terms of the item's channel."""
        return self.plan.channel(item.channel, item.connector)

    def sign(self, entry: Entry) -> Signature:
        """The signature of what an item needs at the step that has begun by now."""
        item = entry.item
        need, team, entry.step, entry.steps = item.need, item.team, 0, ()
        if not item.rule:
            return self._signature(item, None, need, team)
        rule = self.plan.rule(item.rule, item.queue)
        if rule is not None:
            steps = entry.steps = self._steps_of(item)
            if steps:
                if item.opened:
                    entry.opened |= stepping.kept(steps, item.opened)
                entry.step = stepping.begun(steps, item.waiting_since, self.now, entry.opened)
                need, team = steps[entry.step].need, steps[entry.step].team
        signature = self._signature(item, rule, need, team)
        if rule is not None and rule.sticky is not None and item.last_agent:
            alone = stepping.awaited(self, entry, rule)
            if alone and signature.profiles >> self.agents[alone].profile.index & 1:
                signature = self._signature(item, rule, (*need, f"agent:{alone}"), team)
        return signature

    def _steps_of(self, item: Item) -> tuple[Step, ...]:
        key = (item.rule, item.need, item.queue)
        known = self._steps.get(key)
        if known is None:
            if len(self._steps) >= MANY:
                self._steps.clear()
            known = self._steps[key] = self.plan.steps(*key)
        return known

    def _signature(self, item: Item, rule: Rule | None, need: tuple[str, ...], team: str) -> Signature:
        terms = self._terms.get(item.queue) or self.terms(item.queue)
        slope = slope_of(terms.order, item, rule) if terms.ages else 0.0
        asked = (item.queue, team, need, item.units, item.connector, slope)
        known = self._asked.get(asked)
        if known is None:
            if len(self._asked) >= 2 * self.many:
                self._asked.clear()
            known = self._asked[asked] = self._signature_of(item, team, wants(need), terms, slope)
        return known

    def _signature_of(self, item: Item, team: str, wanted: Wants, terms: Terms, slope: float) -> Signature:
        ask = Ask(item.queue, team, wanted, (item.units, item.connector, terms.ranks), slope)
        known = self.classes.by_ask.get(ask)
        if known is not None:
            return known
        signature = self.classes.signature(ask, terms.pick)
        while self.classes.fresh:
            named = self.agents.get(self.classes.fresh.pop())
            if named is not None:
                self.seat(named.facts)
        if self.pools.grow():
            self.dirty.update(self.agents)
        return signature

    def terms(self, queue: str) -> Terms:
        """How a queue lines up and chooses."""
        known = self._terms.get(queue)
        if known is None:
            order, pick = self.plan.order_of(queue), self.plan.pick_of(queue)
            chain = whole(pick)
            sticky = ("sticky",) if "sticky" in pick else ()
            known = self._terms[queue] = Terms(order, order.kind == "ageing", (*sticky, *chain), own(chain))
        return known

    def line_up(self, entry: Entry) -> None:
        """Let it wait under its signature, at its place."""
        item = entry.item
        signature = entry.signature = self.sign(entry)
        step = entry.steps[entry.step] if entry.steps else None
        if step is not None:
            self._watch_steps(entry)
        order = self._terms[item.queue].order
        if step is None and order.kind == "strict" and item.level is None:
            entry.key = (-item.priority, item.waiting_since, item.id)
        else:
            entry.key = key_of(order, item, self.plan.rule(item.rule, item.queue), step)
        entry.phase = WAITING
        signature.line.join(entry)
        self.in_queue[item.queue] = self.in_queue.get(item.queue, 0) + 1
        self.waiting += 1
        bit = 1 << signature.index
        self.busy |= bit
        if self.pools.free[signature.size_index] & signature.profiles:
            self.joined |= bit

    def _watch_steps(self, entry: Entry) -> None:
        """Look again when the next step is due, and when waiting for one agent alone is over."""
        item = entry.item
        look = stepping.next_look(entry, self.now)
        if look is not None:
            self.timers.after(*look, "step", item.id, entry.stamp)
        alone = stepping.until(entry, self.plan.rule(item.rule, item.queue), self.now)
        if alone:
            self.awaiting.setdefault(item.last_agent, set()).add(item.id)
            self.timers.at(alone, "step", item.id, entry.stamp)

    def stamp(self) -> int:
        """A number that was never used: what was noted under an older one no longer holds."""
        self.stamps += 1
        return self.stamps

    def hold(self, entry: Entry, phase: Phase, agent: Agent, units: int) -> None:
        """Count it as the agent's."""
        entry.rests = phase is ASSIGNED and entry.item.resting
        entry.phase, entry.agent, entry.units = phase, agent.facts.id, 0 if entry.rests else units
        agent.hold(entry.item.id, entry.units, entry.item.connector, counts=not entry.rests)
        if phase is ASSIGNED and entry.item.contact:
            self._note_holder(entry)

    def hold_too(self, entry: Entry, agent: Agent) -> None:
        """Somebody else is asked at the same time: their capacity is taken, too."""
        entry.also += (agent.facts.id,)
        agent.hold(entry.item.id, entry.units, entry.item.connector)

    def rename(self, entry: Entry, contact: str) -> None:
        """It belongs to another contact."""
        if entry.phase is ASSIGNED:
            self._forget_holder(entry.item.contact, entry.agent)
        entry.item = msgspec.structs.replace(entry.item, contact=contact)
        if entry.phase is ASSIGNED and contact:
            self._note_holder(entry)

    def _note_holder(self, entry: Entry) -> None:
        held = self.holders.setdefault(entry.item.contact, {})
        held[entry.agent] = held.get(entry.agent, 0) + 1

    def lift(self, entry: Entry) -> None:
        """Take it from wherever it stands; nothing noted about it elsewhere holds any more."""
        self.stamps = entry.stamp = self.stamps + 1
        if entry.phase is WAITING and entry.signature is not None:
            self.step_out(entry.signature)
            if self.awaiting:
                self.forget_awaited(entry)
        elif entry.agent:
            self.release(entry)
            entry.agent, entry.units, entry.also, entry.rests = "", 0, (), False
            entry.parting = frozenset()
        entry.phase = PARKED
        entry.pending = ""

    def release(self, entry: Entry) -> None:
        """Nobody's capacity is taken by it any more."""
        item, ident = entry.item, entry.agent
        agent = self.dirty[ident] = self.agents[ident]
        if entry.phase is ASSIGNED and item.contact:
            self._forget_holder(item.contact, ident)
        agent.release(item.id, entry.units, item.connector, counts=not entry.rests)
        for other in entry.also:
            self.agents[other].release(item.id, entry.units, item.connector)
            self.touch(self.agents[other])

    def step_out(self, signature: Signature) -> None:
        """One less waits under this signature (its stamp has moved on)."""
        self.waiting -= 1
        self.in_queue[signature.queue] -= 1
        signature.line.leave()
        if not signature.line.live:
            self.busy &= ~(1 << signature.index)

    def forget_awaited(self, entry: Entry) -> None:
        """It does not wait for the agent who had it last any more."""
        alone = self.awaiting.get(entry.item.last_agent)
        if alone is not None:
            alone.discard(entry.item.id)
            if not alone:
                del self.awaiting[entry.item.last_agent]

    def _forget_holder(self, contact: str, agent: str) -> None:
        held = self.holders.get(contact)
        if not contact or held is None:
            return
        held[agent] -= 1
        if not held[agent]:
            del held[agent]
        if not held:
            del self.holders[contact]

    # --- all of it ---------------------------------------------------------------------------------------------

    def redraw(self, plan: Plan) -> None:
        """Under another plan (or to forget signatures that nothing waits under): classes and lines anew, places kept."""
        self.plan = plan
        self.watch = watching(plan.canary, self.watch)
        self.yielding = plan.yielding()
        self.wraps = any(channel.wrap_up for channel in plan.channels.values())
        self._terms, self._steps, self.in_queue, self.awaiting = {}, {}, {}, {}
        self._asked = {}
        self.classes = Classes()
        self.pools = Pools(self.classes)
        self.freed = self.joined = self.busy = self.waiting = 0
        for agent in self.agents.values():
            agent.fits, agent.counted, agent.ranks = 0, (False, False), []
            agent.profile = self.classes.profile(agent.facts)
            agent.yielding, agent.by_kind = self.yielding, {}
            self.seat(agent.facts)
        for entry in self.entries.values():
            for ident in (entry.agent, *entry.also) if entry.agent and self.yielding else ():
                kinds = self.agents[ident].by_kind
                kinds[entry.item.connector] = kinds.get(entry.item.connector, 0) + entry.units
            entry.signature, entry.opened = None, frozenset()
            if entry.phase is WAITING:
                entry.stamp = self.stamp()
                self.line_up(entry)
        self.many = max(MANY, 2 * len(self.classes.signatures))
