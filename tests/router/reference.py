"""The engine once more as a page of obvious code: every question is answered by looking at everything. Slow and plain on purpose."""

from __future__ import annotations

from typing import Any

import msgspec

from router import decisions as say
from router import inputs
from router.inputs import Colleague, Item
from router.needs import canonical
from router.plan import Plan

replace = msgspec.structs.replace


class Case:
    """An item: its facts, where it stands, who has it."""

    def __init__(self, item: Item) -> None:
        self.item, self.state, self.agent, self.units, self.pending = item, "unplaced", "", 0, ""
        self.patch: dict[str, Any] | None = None
        self.excluded: set[str] = set()
        self.forgiven: set[str] = set()
        self.made, self.ask, self.step = 0.0, 0.0, 0


class Person:
    """An agent."""

    def __init__(self, facts: Colleague) -> None:
        self.facts, self.seen, self.silent, self.away, self.lost = facts, "presumed", 0, False, False
        self.lost_at, self.gone_at = 0.0, []  # type: float, list[float]
        self.given = 0.0

    def takes(self) -> bool:
        return self.facts.status == "online" and self.facts.active and self.seen != "gone" and not self.away

    def gone(self) -> bool:
        return self.seen == "gone" or self.facts.status == "offline"


class Naive:
    """Same inputs, same decisions (without explain records), by brute force."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.now, self.begun = plan, 0.0, False
        self.cases: dict[str, Case] = {}
        self.people: dict[str, Person] = {}
        self.out: list[say.Decision] = []
        self.closed: set[str] = set()

    def handle(self, told: inputs.Input, now: float) -> list[say.Decision]:
        self.now, self.out = max(self.now, now), []
        getattr(self, "on_" + type(told).__name__.lower())(told)
        if self.begun:
            self.match()
        return self.out

    # --- who gets what: every waiting item in order, every agent ---

    def match(self) -> None:
        waiting = [c for c in self.cases.values() if c.state == "waiting" and c.item.queue not in self.closed]
        for case in sorted(waiting, key=self.place):
            fitting = [
                p for p in self.people.values() if self.fits(case, p) and p.takes() and self.room(p, case)
            ]
            able = [p for p in fitting if p.facts.id not in case.excluded]
            if able:
                self.give(case, min((self.choice(case, person), person) for person in able)[1])

    def place(self, case: Case) -> tuple[float, float, str]:
        item, order, step = case.item, self.plan.order_of(case.item.queue), self.step(case)
        rule = self.plan.rules.by_name.get(item.rule)
        rule = rule if rule and rule.queue == item.queue else None
        since, boost = item.waiting_since, step.boost if step else 0.0
        if order.kind == "strict":
            return (-max(item.priority, step.priority if step else 0), since - boost, item.id)
        if order.kind == "head_start":
            return (
                0,
                since - ((rule.boost if rule else 0.0) + order.per_priority * item.priority) - boost,
                item.id,
            )
        if order.kind == "due":
            return (0, since + ((rule.due if rule else 0.0) or order.due) - boost, item.id)
        if order.kind == "ageing":
            slope = (rule.slope if rule else 1.0) + order.per_priority * item.priority
            return (0, self.now - slope * (self.now - since), item.id)
        return (0, since - boost, item.id)

    def choice(self, case: Case, person: Person) -> tuple[Any, ...]:
        pick = self.plan.pick_of(case.item.queue)
        chain = [word for word in pick if word != "sticky"]
        if not {"longest_idle", "round_robin"} & set(chain):
            chain.append("longest_idle")
        values = {
            "longest_idle": lambda: self.since(person),
            "round_robin": lambda: self.turn(person),
            "spare": lambda: sum(c.units for c in self.cases.values() if c.agent == person.facts.id) - person.facts.capacity,
            "proficiency": lambda: -sum(person.facts.skills.get(n.skill, 0) for n in canonical(self.wanted(case)[0])),
            "opportunity": lambda: self.demand(person),
            "least_skilled": lambda: len(person.facts.skills),
            "most_skilled": lambda: -len(person.facts.skills),
        }  # fmt: skip
        sticky = "sticky" in pick and self.holds(person, case)
        return (not sticky, person.seen != "connected", *(values[word]() for word in chain), person.facts.id)

    def demand(self, person: Person) -> int:
        waiting = [c for c in self.cases.values() if c.state == "waiting" and self.fits(c, person)]
        return sum(
            1_000_000 // max(1, sum(p.takes() and self.fits(c, p) for p in self.people.values()))
            for c in waiting
        )

    def step(self, case: Case) -> Any:
        steps = self.plan.steps(case.item.rule, case.item.need, case.item.queue)
        begun = [s for s in steps if s is steps[0] or case.item.waiting_since + s.after <= self.now]
        return begun[-1] if begun else None

    def wanted(self, case: Case) -> tuple[tuple[str, ...], str]:
        step = self.step(case)
        return (step.need, step.team) if step else (case.item.need, case.item.team)

    def fits(self, case: Case, person: Person) -> bool:
        need, team = self.wanted(case)
        skills = all(person.facts.skills.get(n.skill, 0) >= n.level for n in canonical(need))
        return skills and case.item.queue in person.facts.queues and (not team or team in person.facts.teams)

    def room(self, person: Person, case: Case) -> bool:
        mine = [c for c in self.cases.values() if c.agent == person.facts.id]
        cap = {**self.plan.caps(), **person.facts.caps}.get(case.item.connector)
        same_kind = sum(c.item.connector == case.item.connector for c in mine)
        return sum(c.units for c in mine) + case.item.units <= person.facts.capacity and (
            cap is None or same_kind < cap
        )

    def since(self, person: Person) -> float:
        offers = [c.made for c in self.cases.values() if c.agent == person.facts.id and c.made]
        return max([person.facts.idle_since, *offers])

    def turn(self, person: Person) -> float:
        offers = [c.made for c in self.cases.values() if c.agent == person.facts.id and c.made]
        return max([person.given or person.facts.idle_since, *offers])

    def holds(self, person: Person, case: Case) -> bool:
        who = (person.facts.id, case.item.contact)
        return bool(who[1]) and any(
            (c.agent, c.item.contact) == who for c in self.cases.values() if c.state == "assigned"
        )

    def give(self, case: Case, person: Person) -> None:
        item, push = case.item, self.plan.channel(case.item.channel, case.item.connector).give == "push"
        case.state, case.agent, case.units, case.made = (
            "reserved",
            person.facts.id,
            item.units,
            0.0 if push else self.now,
        )
        if push:
            self.out.append(say.Push(id=item.id, agent=person.facts.id, units=item.units))
        else:
            until = self.now + self.plan.offer.accept_within
            self.out.append(say.Offer(id=item.id, agent=person.facts.id, units=item.units, expires_at=until))

    # --- items ---

    def on_itemarrived(self, told: inputs.ItemArrived) -> None:
        case = self.enter(told.item)
        if case is None or case.patch:
            return
        self.lift(case)
        case.item = told.item
        if state_of(told.item) != "unplaced":
            self.stand(case, 0.0)
        elif self.begun:
            self.exclude(case)
            match = self.plan.rules.match(told.facts)
            assert match is not None
            rule, item = match.rule, told.item
            self.queue(case, queue=rule.queue, team=rule.steps[0].team, need=rule.steps[0].need, rule=rule.name,
                       priority=max(rule.priority, item.priority),
                       units=self.plan.channel(item.channel, item.connector).weight,
                       waiting_since=item.place or item.waiting_since or told.facts.at)  # fmt: skip

    def queue(self, case: Case, **patch: Any) -> None:
        case.patch, case.item, case.state = patch, replace(case.item, **patch), "waiting"
        self.out.append(say.Queue(id=case.item.id, **patch))

    def enter(self, item: Item) -> Case | None:
        case = self.cases.setdefault(item.id, Case(item))
        return None if item.version < case.item.version else case

    def on_itemchanged(self, told: inputs.ItemChanged) -> None:
        known = told.item.id in self.cases
        case, item = self.enter(told.item), told.item
        if case is None:
            return
        if case.patch and state_of(item) == "unplaced":
            case.item = replace(item, **case.patch)
            return
        case.patch = None
        if case.state == "reserved" and state_of(item) == "waiting":
            case.item = replace(item, units=case.item.units)
            return
        skip = {"version": 0, "rule": "", "place": 0.0, "created_at": 0.0}
        if known and case.state == state_of(item) and replace(case.item, **skip) == replace(item, **skip):
            case.item = item
            return
        self.lift(case)
        case.item = item
        self.stand(case, told.at)

    def lift(self, case: Case) -> None:
        case.state, case.agent, case.units, case.pending, case.made = "lifted", "", 0, "", 0.0

    def stand(self, case: Case, at: float) -> None:
        item, case.state = case.item, state_of(case.item)
        self.exclude(case)
        if item.offer and case.state == "offered":
            case.agent, case.units = item.offer.agent, item.offer.units
            case.made = item.offer.expires_at - self.plan.offer.accept_within
            if self.begun:
                self.review(case)
        elif case.state == "assigned":
            case.agent, case.units, person = item.assignee, item.units, self.people[item.assignee]
            person.silent = 0 if at else person.silent
            person.facts = replace(person.facts, idle_since=max(at, person.facts.idle_since))
            person.given = max(at, person.given)
            if person.gone() and self.goes_back(case):
                person.gone_at.append(self.now + self.plan.hand_back.after)
        elif case.state == "unplaced" and self.begun and item.place and item.queue in self.plan.queues:
            self.queue(case, queue=item.queue, team=item.team, need=item.need, rule=item.rule, priority=item.priority,
                       units=item.units, waiting_since=item.place)  # fmt: skip

    def exclude(self, case: Case) -> None:
        declined = set(case.item.declined)
        case.forgiven = case.forgiven if declined else set()
        case.excluded = declined - case.forgiven
        again = self.plan.offer.ask_again_after
        case.ask = self.now + again if case.excluded and again else 0.0

    def on_itemgone(self, told: inputs.ItemGone) -> None:
        self.cases.pop(told.id, None)

    def on_refused(self, told: inputs.Refused) -> None:
        if told.item is None:
            self.cases.pop(told.id, None)
            return
        case = self.cases.setdefault(told.id, Case(told.item))
        self.lift(case)
        case.patch, case.item = None, told.item
        self.stand(case, 0.0)

    def on_contactsmerged(self, told: inputs.ContactsMerged) -> None:
        for ident in told.items:
            if ident in self.cases:
                self.cases[ident].item = replace(self.cases[ident].item, contact=told.contact)

    # --- offers and agents ---

    def review(self, case: Case) -> None:
        person, offer = self.people[case.agent], case.item.offer
        bad = person.facts.status != "online" or person.away or person.lost or not self.fits(case, person)
        if bad and offer and case.state == "offered" and not case.pending:
            self.end(case, "recalled")

    def end(self, case: Case, how: Any) -> None:
        case.pending = "end"
        assert case.item.offer
        self.out.append(
            say.EndOffer(id=case.item.id, offer=case.item.offer.id, agent=case.item.offer.agent, how=how)
        )

    def on_offerended(self, told: inputs.OfferEnded) -> None:
        person = self.people[told.agent]
        if told.id in self.cases and told.how != "recalled":
            self.cases[told.id].forgiven.discard(told.agent)
        if told.how == "declined":
            person.silent = 0
        elif told.how == "expired" and person.seen == "connected":
            person.silent += 1
            enough = 0 < self.plan.offer.silent_after <= person.silent
            if enough and person.facts.status == "online" and not person.away and self.begun:
                person.away = True
                self.out.append(say.SetAway(agent=told.agent, reason=""))
                self.review_all(person)

    def review_all(self, person: Person) -> None:
        for case in sorted(self.cases.values(), key=lambda c: c.item.id):
            if case.agent == person.facts.id and case.state == "offered":
                self.review(case)

    def on_agentchanged(self, told: inputs.AgentChanged) -> None:
        person = self.people.setdefault(told.agent.id, Person(replace(told.agent, status="offline")))
        was_gone, before = person.gone(), person.facts.status
        if told.agent.status != before:
            person.away, person.silent = False, 0
        person.facts = replace(told.agent, idle_since=max(told.agent.idle_since, person.facts.idle_since))
        self.watch(person, was_gone, moved=False)
        if self.begun and told.agent.status != before:
            self.review_all(person)

    def on_presence(self, told: inputs.Presence) -> None:
        person = self.people[told.agent]
        if person.seen != told.seen:
            was_gone, person.seen, person.lost = person.gone(), told.seen, False
            self.watch(person, was_gone, moved=True)
            offered = any(c.agent == told.agent and c.made for c in self.cases.values())
            person.lost_at = self.now + 5.0 if told.seen == "gone" and offered else 0.0

    def watch(self, person: Person, was_gone: bool, moved: bool) -> None:
        if moved or person.gone() != was_gone:
            person.gone_at, person.lost_at = [], 0.0
        if (
            person.gone()
            and (not was_gone or moved)
            and any(c.agent == person.facts.id for c in self.cases.values())
        ):
            person.gone_at.append(self.now + self.plan.hand_back.after)

    def on_awayrefused(self, told: inputs.AwayRefused) -> None:
        person = self.people[told.agent]
        if person.away:
            person.away, person.silent = False, 0

    def goes_back(self, case: Case) -> bool:
        return (
            self.plan.hand_back.asynchronous or self.plan.channel(case.item.channel, case.item.connector).live
        )

    # --- the clock and the configuration ---

    def on_config(self, told: inputs.Config) -> None:
        self.plan = told.plan
        self.hours()

    def hours(self) -> None:
        self.closed = {name for name, queue in self.plan.queues.items() if not queue.is_open(self.now)}

    def on_begin(self, _told: inputs.Begin) -> None:
        self.begun = True
        self.hours()
        for case in list(self.cases.values()):
            if case.state == "unplaced":
                self.stand(case, 0.0)
            elif case.state == "offered":
                self.review(case)
        for person in self.people.values():
            if person.gone() and any(c.agent == person.facts.id for c in self.cases.values()):
                person.gone_at.append(self.now + self.plan.hand_back.after)

    def on_tick(self, _told: inputs.Tick) -> None:
        self.hours()
        for case in self.cases.values():
            if (
                case.state == "offered"
                and case.item.offer
                and case.item.offer.expires_at <= self.now
                and not case.pending
            ):
                self.end(case, "expired")
            elif case.state == "snoozed" and case.item.snoozed_until <= self.now and not case.pending:
                case.pending = "wake"
                self.out.append(say.Wake(id=case.item.id))
            elif case.ask and case.ask <= self.now:
                self.ask_again(case)
        for person in self.people.values():
            if person.lost_at and person.lost_at <= self.now:
                person.lost, person.lost_at = True, 0.0
                self.review_all(person)
            if any(at <= self.now for at in person.gone_at):
                person.gone_at = [at for at in person.gone_at if at > self.now]
                self.hand_back(person)

    def ask_again(self, case: Case) -> None:
        case.ask = 0.0
        others = [
            p
            for p in self.people.values()
            if p.takes() and self.fits(case, p) and p.facts.id not in case.excluded
        ]
        if case.state == "waiting" and others:
            again = self.plan.offer.ask_again_after
            case.ask = self.now + again if again else 0.0
        elif case.state == "waiting":
            case.forgiven |= case.excluded
            case.excluded = set()

    def hand_back(self, person: Person) -> None:
        for case in self.cases.values():
            if (
                case.agent == person.facts.id
                and case.state == "assigned"
                and not case.pending
                and self.goes_back(case)
            ):
                case.pending = "back"
                self.out.append(say.HandBack(id=case.item.id, agent=person.facts.id))


def state_of(item: Item) -> str:
    """Where the facts say it stands."""
    if item.status == "snoozed":
        return "snoozed"
    if item.spam or item.status == "resolved":
        return "parked"
    if item.assignee:
        return "assigned"
    if item.offer:
        return "offered"
    return "waiting" if item.queue and item.waiting_since else "unplaced"
