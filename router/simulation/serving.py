"""The engine that serves, as the router of a run: told of customers and agents as the service tells it, its decisions carried out at once.

A virtual minute is sixty seconds of the engine's time. Conversations are pushed (offers are for people), so that waits are the router's alone.
"""

from __future__ import annotations

import msgspec

from router import inputs, plan
from router.decisions import Push
from router.engine import Engine
from router.rules import Rule, Rules
from router.simulation.customers import Customer, Worker
from router.simulation.model import Group, Kind, Model
from router.simulation.ports import Starts

START = 1_000_000.0
"""The engine's time at minute 0: no item may wait since 0."""
QUEUE = "all"


def plan_of(model: Model) -> plan.Plan:
    """The plan that the model means: one queue, a channel and a rule per class."""
    rules = {
        kind.name: Rule(
            name=kind.name,
            queue=QUEUE,
            steps=kind.steps,
            boost=kind.boost * 60.0,
            slope=kind.slope,
            due=kind.target * 60.0,
        )
        for kind in model.kinds
    }
    return plan.Plan(
        hash="simulated",
        queues={QUEUE: plan.Queue(name=QUEUE)},
        channels={kind.name: plan.Channel(weight=kind.weight, give="push") for kind in model.kinds},
        order=plan.Order(kind=model.order),
        pick=model.pick,
        rules=Rules(rules=tuple(rules.values()), by_name=rules),
    )


class Serving:
    """One engine and the agents of a model, all online and idle."""

    def __init__(self, model: Model, workers: list[Worker]) -> None:
        self._lowest = min(kind.priority for kind in model.kinds)
        self._workers = {worker.ident: worker for worker in workers}
        self._engine = Engine(plan_of(model))
        self._customers: dict[str, Customer] = {}
        self._items: dict[str, inputs.Item] = {}
        self._due: float | None = None
        for worker in workers:
            self._tell(inputs.AgentChanged(colleague(worker.ident, worker.group, START)), START)
        self._tell(inputs.Begin(), START)

    def arrive(self, customer: Customer, now: float) -> Starts:
        """It has its queue already: rules are tried by other means."""
        at = START + now * 60.0
        item = item_of(customer, at, self._lowest)
        self._customers[item.id], self._items[item.id] = customer, item
        return self._tell(inputs.ItemChanged(item), at)

    def leave(self, customer: Customer, now: float) -> None:
        """Gone without having been served."""
        del self._items[customer.ident], self._customers[customer.ident]
        self._tell(inputs.ItemGone(customer.ident), START + now * 60.0)

    def finish(self, customer: Customer, now: float) -> Starts:
        """Resolved; whoever has nothing else to do now is idle from this moment."""
        at = START + now * 60.0
        starts = self._tell(inputs.ItemGone(customer.ident), at)
        worker = customer.agent
        assert worker is not None
        if not any(other is worker for _, other in starts):
            self._tell(inputs.AgentChanged(colleague(worker.ident, worker.group, at)), at)
        return starts

    def due(self) -> float | None:
        """The engine's next timer."""
        self._due = self._engine.next_due()
        return None if self._due is None else (self._due - START) / 60.0

    def wake(self, now: float) -> Starts:
        """Time has passed: at least to the timer, whatever the change of units rounds."""
        return self._tell(inputs.Tick(), max(START + now * 60.0, self._due or 0.0))

    def _tell(self, told: inputs.Input, at: float) -> Starts:
        """Tell the engine, and that what it decides was committed."""
        starts: Starts = []
        decisions = self._engine.handle(told, at)
        while decisions:
            following = []
            for decision in decisions:
                if not isinstance(decision, Push):
                    continue  # what a step says to the customer changes nothing here; moving and tagging are refused in a model
                customer, item = self._customers.pop(decision.id), self._items.pop(decision.id)
                starts.append((customer, self._workers[decision.agent]))
                given = msgspec.structs.replace(
                    item, assignee=decision.agent, waiting_since=0.0, version=item.version + 1
                )
                following += self._engine.handle(inputs.ItemChanged(given, at), at)
            decisions = following
        return starts


def colleague(ident: str, group: Group, idle_since: float) -> inputs.Colleague:
    """An agent of a group as the engine sees them, who has had nothing to do since then."""
    return inputs.Colleague(
        id=ident, name=ident, skills=group.skills, queues=(QUEUE,), teams=group.teams, capacity=group.units, status="online",
        idle_since=idle_since,
    )  # fmt: skip


def item_of(customer: Customer, at: float, lowest: int) -> inputs.Item:
    """A customer as the engine sees them when they begin to wait. Its priorities begin at 0, a step's can only raise them."""
    kind: Kind = customer.kind
    return inputs.Item(
        id=customer.ident, channel=kind.name, connector="simulated", queue=QUEUE, priority=kind.priority - lowest,
        rule=kind.name, need=kind.need, team=kind.steps[0].team, units=kind.weight, waiting_since=at, place=at,
        created_at=at, version=1,
    )  # fmt: skip
