"""The engine once more as a page of obvious code: every question is answered by looking at everything. Slow and plain on purpose."""

from __future__ import annotations

from typing import Any

import msgspec

from router import decisions as say
from router import duty, inputs
from router.inputs import Item
from router.plan import Plan
from tests.router.reference_levels import Promising
from tests.router.reference_state import Case, Person, said_of

replace = msgspec.structs.replace


class Naive(Promising):
    """Same inputs, same decisions (without explain records), by brute force."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.now, self.begun_now = plan, 0.0, False
        self.cases: dict[str, Case] = {}
        self.people: dict[str, Person] = {}
        self.out: list[say.Decision] = []
        self.closed: set[str] = set()
        self.last_wait: dict[str, tuple[float, float]] = {}
        self.ticked = 0.0

    def handle(self, told: inputs.Input, now: float) -> list[say.Decision]:
        self.now, self.out = max(self.now, now), []
        getattr(self, "on_" + type(told).__name__.lower())(told)
        if self.begun_now:
            self.promises()
            self.match()
        return self.out

    # --- who gets what: every waiting item in order, every agent ---

    def match(self) -> None:
        waiting = [c for c in self.cases.values() if c.state == "waiting" and c.item.queue not in self.closed]
        for case in sorted(waiting, key=self.place):
            able = self.able(case)
            if able:
                self.give(case, min((self.choice(case, person), person) for person in able)[1])

    def give(self, case: Case, person: Person, replaces: str = "") -> None:
        self.last_wait[case.item.queue] = (self.now, self.now - case.item.waiting_since)
        item, push = case.item, self.plan.channel(case.item.channel, case.item.connector).give == "push"
        over = self.over(person, item.units)
        knows = not self.choice(case, person)[0]
        case.state, case.agent, case.units, case.made = (
            "reserved",
            person.facts.id,
            item.units,
            0.0 if push else self.now,
        )
        if push:
            self.out.append(say.Push(id=item.id, agent=person.facts.id, units=item.units, beyond=over))
        else:
            until = self.now + self.plan.within(item.channel, item.connector)
            also = () if knows else self.others(case)
            self.out.append(
                say.Offer(
                    id=item.id, agent=person.facts.id, units=item.units, expires_at=until, beyond=over, also=also,
                    replaces=replaces,
                )
            )  # fmt: skip

    # --- items ---

    def on_itemarrived(self, told: inputs.ItemArrived) -> None:
        case = self.enter(told.item)
        if case is None or case.patch:
            return
        self.lift(case)
        case.item = told.item
        if state_of(told.item) != "unplaced":
            self.stand(case, 0.0)
        elif self.begun_now:
            self.exclude(case)
            match = self.plan.deciding(told.item.contact, told.item.id).match(told.facts)
            assert match is not None
            rule, item = match.rule, told.item
            case.reached, case.opened = 0, set()
            self.queue(case, queue=self.open_queue(rule.queue), team=rule.steps[0].team, need=(*rule.steps[0].need, *match.need), rule=rule.name,
                       priority=max(rule.priority, item.priority),
                       units=self.plan.channel(item.channel, item.connector).weight,
                       waiting_since=item.place or item.waiting_since or told.facts.at)  # fmt: skip
            self.first_contact(case, rule)

    def open_queue(self, name: str) -> str:
        queue = self.plan.queues[name]
        return queue.closed.queue if queue.closed.queue and not queue.is_open(self.now) else name

    def queue(self, case: Case, **patch: Any) -> None:
        case.patch, case.item, case.state = patch, replace(case.item, **patch), "waiting"
        case.pending, case.looked = "queue", self.now
        self.out.append(say.Queue(id=case.item.id, **patch))
        self.advance(case)

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
        if case.item.rule != item.rule:
            case.opened = set()
        skip = {
            "version": 0,
            "rule": "",
            "place": 0.0,
            "created_at": 0.0,
            "opened_at": 0.0,
            "last_customer_at": 0.0,
            "level": None,
            "opened": (),
        }
        alike = replace(case.item, **skip) == replace(item, **skip) and said_of(case.item) == said_of(item)
        if known and case.state == state_of(item) and alike:
            before, case.item = self.opened(case) if case.state == "waiting" else set(), item
            self.hush(case)
            if case.state == "waiting" and self.opened(case) != before:
                self.advance(case)
            if case.pending == "queue":
                case.pending = ""
                self.advance(case)
            return
        self.lift(case)
        case.item = item
        self.stand(case, told.at)

    def stand(self, case: Case, at: float) -> None:
        item, case.state = case.item, state_of(case.item)
        if case.state not in {"waiting", "offered"}:
            case.opened = set()
        self.exclude(case)
        if case.state == "waiting":
            case.looked = self.now
            self.advance(case)
        if item.offer and case.state == "offered":
            case.agent, case.units, case.also = item.offer.agent, item.offer.units, item.offer.also
            case.made = item.offer.expires_at - self.plan.within(item.channel, item.connector)
            case.looked = self.now
            if self.begun_now:
                case.at_step = self.begun(case)[-1] if self.steps(case) else 0
                self.review(case)
        elif case.state == "assigned":
            case.agent, case.units, person = item.assignee, item.units, self.people[item.assignee]
            case.rests = item.resting
            self.hush(case)
            person.silent = 0 if at else person.silent
            person.facts = replace(person.facts, idle_since=max(at, person.facts.idle_since))
            person.given = max(at, person.given)
            if person.gone() and self.goes_back(case):
                person.gone_at.append(self.now + self.plan.hand_back.after)
        elif case.state == "unplaced" and self.begun_now and item.place and item.queue in self.plan.queues:
            self.queue(case, queue=item.queue, team=item.team, need=item.need, rule=item.rule, priority=item.priority,
                       units=item.units, waiting_since=item.place)  # fmt: skip

    def exclude(self, case: Case) -> None:
        declined = set(case.item.declined)
        case.forgiven = case.forgiven if declined else set()
        case.excluded = declined - case.forgiven
        again = self.plan.offer.ask_again_after
        case.ask = self.now + again if case.excluded and again else 0.0

    def on_itemgone(self, told: inputs.ItemGone) -> None:
        case = self.cases.pop(told.id, None)
        rest = self.plan.channel(case.item.channel, case.item.connector).wrap_up if case else 0.0
        if case and case.state == "assigned" and rest and self.begun_now:
            self.people[case.agent].wrapped = self.now + rest

    def on_refused(self, told: inputs.Refused) -> None:
        if told.item is None:
            self.cases.pop(told.id, None)
            return
        case = self.cases.setdefault(told.id, Case(told.item))
        self.lift(case)
        case.patch, case.item, case.level_asked, case.opened = None, told.item, -1, set()
        self.stand(case, 0.0)

    def on_levelrefused(self, told: inputs.LevelRefused) -> None:
        case = self.cases.get(told.item.id)
        if case:
            new = told.item
            case.item = replace(
                case.item,
                level=new.level,
                last_customer_at=new.last_customer_at,
                last_agent_at=new.last_agent_at,
            )
            case.level_asked = -1

    def on_contactsmerged(self, told: inputs.ContactsMerged) -> None:
        for ident in told.items:
            if ident in self.cases:
                self.cases[ident].item = replace(self.cases[ident].item, contact=told.contact)

    # --- offers and agents ---

    def on_offerended(self, told: inputs.OfferEnded) -> None:
        person = self.people[told.agent]
        if told.id in self.cases and told.how != "recalled":
            self.cases[told.id].forgiven.discard(told.agent)
        if told.how == "declined":
            person.silent = 0
        elif told.how == "expired" and person.seen == "connected":
            person.silent += 1
            enough = 0 < self.plan.offer.silent_after <= person.silent
            if enough and person.facts.status == "online" and not person.away and self.begun_now:
                person.away = True
                self.out.append(say.SetAway(agent=told.agent, reason=""))
                self.review_all(person)

    def review_all(self, person: Person) -> None:
        for case in sorted(self.cases.values(), key=lambda c: c.item.id):
            if person.facts.id in case.who() and case.state == "offered":
                self.review(case, person.facts.id)

    def on_agentchanged(self, told: inputs.AgentChanged) -> None:
        person = self.people.setdefault(told.agent.id, Person(replace(told.agent, status="offline")))
        was_gone, before = person.gone(), person.facts.status
        if told.agent.status != before:
            person.away, person.silent = False, 0
        person.facts = replace(told.agent, idle_since=max(told.agent.idle_since, person.facts.idle_since))
        self.on_duty(person)
        self.watch(person, was_gone, moved=False)
        if self.begun_now and told.agent.status != before:
            self.review_all(person)

    def on_presence(self, told: inputs.Presence) -> None:
        person = self.people[told.agent]
        if person.seen != told.seen:
            was_gone, person.seen, person.lost = person.gone(), told.seen, False
            self.watch(person, was_gone, moved=True)
            offered = any(told.agent in c.who() and c.made for c in self.cases.values())
            person.lost_at = self.now + 5.0 if told.seen == "gone" and offered else 0.0

    def watch(self, person: Person, was_gone: bool, moved: bool) -> None:
        if moved or person.gone() != was_gone:
            person.gone_at, person.lost_at = [], 0.0
        if (
            person.gone()
            and (not was_gone or moved)
            and any(person.facts.id in c.who() for c in self.cases.values())
        ):
            person.gone_at.append(self.now + self.plan.hand_back.after)

    def on_awayrefused(self, told: inputs.AwayRefused) -> None:
        person = self.people[told.agent]
        if person.away:
            person.away, person.silent = False, 0

    def on_wrappingup(self, told: inputs.WrappingUp) -> None:
        person = self.people.get(told.agent)
        if person and told.until > self.now:
            person.wrapped = max(person.wrapped, told.until)

    def on_givenout(self, told: inputs.GivenOut) -> None:
        self.last_wait[told.queue] = (told.at, told.waited)

    def goes_back(self, case: Case) -> bool:
        return (
            self.plan.hand_back.asynchronous or self.plan.channel(case.item.channel, case.item.connector).live
        )

    # --- the clock and the configuration ---

    def on_config(self, told: inputs.Config) -> None:
        self.plan = told.plan
        for case in self.cases.values():
            case.opened, case.looked = set(), self.now
            if case.state == "offered" and case.item.offer:
                case.made = case.item.offer.expires_at - self.plan.within(
                    case.item.channel, case.item.connector
                )
                case.at_step = self.begun(case)[-1] if self.steps(case) else 0
        for case in list(self.cases.values()):
            self.hush(case)
            self.advance(case)
        self.hours()

    def on_duty(self, person: Person) -> None:
        person.off = duty.off(self.plan.shifts, person.facts.id, person.facts.teams, self.now)

    def hours(self) -> None:
        self.ticked = self.now
        for person in self.people.values():
            self.on_duty(person)
        self.closed = {name for name, queue in self.plan.queues.items() if not queue.is_open(self.now)}

    def on_begin(self, _told: inputs.Begin) -> None:
        self.begun_now = True
        self.hours()
        for case in list(self.cases.values()):
            if case.state == "unplaced":
                self.stand(case, 0.0)
            elif case.state == "offered":
                case.at_step = self.begun(case)[-1] if self.steps(case) else 0
                self.review(case)
            elif case.state == "waiting":
                self.catch_up(case)
        for person in self.people.values():
            if person.gone() and any(person.facts.id in c.who() for c in self.cases.values()):
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
            elif case.state == "waiting":
                self.look(case)
            if case.silence and case.silence <= self.now:
                self.hushed(case)
            if case.ask and case.ask <= self.now:
                self.ask_again(case)
        for person in self.people.values():
            self.on_tick_of(person)
        for case in sorted(self.cases.values(), key=lambda case: (case.item.place, case.item.id)):
            if case.state == "offered" and any(step.recall for step in self.steps(case)):
                self.better(case)

    def on_tick_of(self, person: Person) -> None:
        if person.wrapped and person.wrapped <= self.now:
            person.wrapped = 0.0
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
