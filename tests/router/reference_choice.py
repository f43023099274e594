"""The obvious engine's answers to who goes first and who fits best, each by looking at everybody."""

from __future__ import annotations

from typing import Any

from router import duty
from router.needs import wants
from tests.router.reference_state import Case, Person
from tests.router.reference_steps import Stepping


class Choosing(Stepping):
    """Places in line and choices among people."""

    def place(self, case: Case) -> tuple[float, float, str]:
        item, order, step = case.item, self.plan.order_of(case.item.queue), self.step(case)
        rule = self.plan.rules.by_name.get(item.rule)
        rule = rule if rule and rule.queue == item.queue else None
        level = item.level
        since, boost = item.waiting_since - (level.boost if level else 0.0), step.boost if step else 0.0
        priority = max(item.priority, step.priority if step else 0)
        if order.kind == "strict":
            return (-priority, since - boost, item.id)
        if order.kind == "head_start":
            return (
                0,
                since - ((rule.boost if rule else 0.0) + order.per_priority * priority) - boost,
                item.id,
            )
        if order.kind == "due":
            dues = [one.due_at for one in level.targets if one.due_at and not one.ended_at] if level else []
            wait = min(dues) - item.waiting_since if dues else (rule.due if rule else 0.0) or order.due
            return (0, since + wait - boost, item.id)
        if order.kind == "ageing":
            slope = (rule.slope if rule else 1.0) + order.per_priority * item.priority
            return (0, self.now - slope * (self.now - since), item.id)
        return (0, since - boost, item.id)

    def choice(self, case: Case, person: Person) -> tuple[Any, ...]:
        pick = self.plan.pick_of(case.item.queue)
        chain = [word for word in pick if word != "sticky"]
        if not {"longest_idle", "round_robin"} & set(chain):
            chain.append("longest_idle")
        need = wants(self.wanted(case)[0])
        groups = [*((n,) for n in need.every), *need.some, *need.wishes]
        values: dict[str, Any] = {
            "longest_idle": lambda: self.since(person),
            "round_robin": lambda: self.turn(person),
            "spare": lambda: self.load(person) - self.limit(person),
            "fullest": lambda: self.limit(person) - self.load(person),
            "proficiency": lambda: -sum(max(person.facts.skills.get(n.skill, 0) for n in one) for one in groups),
            "opportunity": lambda: self.demand(person),
            "least_skilled": lambda: len(person.facts.skills),
            "most_skilled": lambda: -len(person.facts.skills),
        }  # fmt: skip
        sticky = "sticky" in pick and self.holds(person, case)
        wished = -sum(any(self.has(person, n) for n in one) for one in need.wishes)
        return (
            not sticky,
            person.seen != "connected",
            wished,
            *(values[word]() for word in chain),
            person.facts.id,
        )

    def load(self, person: Person) -> int:
        return sum(c.units for c in self.cases.values() if person.facts.id in c.who() and not c.rests)

    def limit(self, person: Person) -> int:
        return duty.units(self.plan.ramps.get(person.facts.id), person.facts.capacity, self.ticked)

    def demand(self, person: Person) -> int:
        waiting = [c for c in self.cases.values() if c.state == "waiting" and self.fits(c, person)]
        return sum(
            1_000_000
            // max(1, sum(p.takes() and self.fits(c, p) and self.room(p, c) for p in self.people.values()))
            for c in waiting
        )

    def room(self, person: Person, case: Case) -> bool:
        mine = [c for c in self.cases.values() if person.facts.id in c.who() and not c.rests]
        cap = {**self.plan.caps(), **person.facts.caps}.get(case.item.connector)
        same_kind = sum(c.item.connector == case.item.connector for c in mine)
        yields = self.plan.yielding().get(case.item.connector, ())
        load = sum(c.units for c in mine if c.item.connector not in yields)
        return load + case.item.units <= self.limit(person) and (cap is None or same_kind < cap)

    def since(self, person: Person) -> float:
        offers = [c.made for c in self.cases.values() if person.facts.id in c.who() and c.made]
        return max([person.facts.idle_since, *offers])

    def turn(self, person: Person) -> float:
        offers = [c.made for c in self.cases.values() if person.facts.id in c.who() and c.made]
        return max([person.given or person.facts.idle_since, *offers])

    def holds(self, person: Person, case: Case) -> bool:
        who = (person.facts.id, case.item.contact)
        return bool(who[1]) and any(
            (c.agent, c.item.contact) == who for c in self.cases.values() if c.state == "assigned"
        )
