"""The obvious engine's offers: to several at once, taken back from one, moved to somebody better; and what rests while a customer is silent."""

from __future__ import annotations

from typing import Any

from router import decisions as say
from router.rules import Rule
from tests.router.reference_choice import Choosing
from tests.router.reference_state import Case, Person


class Offering(Choosing):
    """What becomes of an offer until somebody has it, and of the room that a silent customer takes."""

    def stand(self, case: Case, at: float) -> None:
        raise NotImplementedError

    def give(self, case: Case, person: Person, replaces: str = "") -> None:
        raise NotImplementedError

    def able(self, case: Case) -> list[Person]:
        fitting = [p for p in self.people.values() if p.takes() and self.room(p, case) and self.fits(case, p)]
        return [p for p in fitting if p.facts.id not in case.excluded and p.facts.id not in case.who()]

    def over(self, person: Person, units: int) -> int:
        return max(0, self.load(person) + units - person.facts.capacity) if self.plan.yielding() else 0

    def first_contact(self, case: Case, rule: Rule) -> None:
        """A bot takes what no person ever had, or what any had if the rule says so; never what it had itself."""
        bot, last = self.people.get(rule.bot), case.item.last_agent
        people_had_it = bool(last) and not rule.bot_again
        if (
            bot
            and bot.facts.bot
            and bot.takes()
            and not people_had_it
            and last != rule.bot
            and self.room(bot, case)
        ):
            self.lift(case)
            case.state, case.agent, case.units = "reserved", rule.bot, case.item.units
            self.out.append(say.Push(id=case.item.id, agent=rule.bot, units=case.item.units))

    def others(self, case: Case) -> tuple[tuple[str, int], ...]:
        """The next of the chain, one after the other; that somebody knows the customer does not count for them."""
        found = []
        for _ in range(self.plan.ask(case.item.channel, case.item.connector) - 1):
            able = self.able(case)
            if able:
                person = min((self.choice(case, person)[1:], person) for person in able)[1]
                found.append((person.facts.id, self.over(person, case.units)))
                case.also += (person.facts.id,)
        return tuple(found)

    def review(self, case: Case, whom: str = "") -> None:
        for login in (whom,) if whom else case.who():
            person = self.people[login]
            bad = person.facts.status != "online" or person.away or person.lost or not self.fits(case, person)
            if bad and case.item.offer and case.state == "offered" and not case.pending:
                self.part(case, login)

    def part(self, case: Case, login: str) -> None:
        if login in case.parting:
            return
        left = set(case.who()) - case.parting - {login}
        alone = bool(left or case.parting)
        if left:
            case.parting.add(login)
        self.end(case, "recalled", login if alone else "", last=not left)

    def end(self, case: Case, how: Any, alone: str = "", *, last: bool = True) -> None:
        case.pending = "end" if last else ""
        assert case.item.offer
        who = alone or case.item.offer.agent
        self.out.append(
            say.EndOffer(id=case.item.id, offer=case.item.offer.id, agent=who, how=how, alone=bool(alone))
        )

    def hush(self, case: Case) -> None:
        """When its silence has lasted; asked once."""
        item, length = case.item, self.plan.channel(case.item.channel, case.item.connector).idle_release
        answered = item.last_agent_at and item.last_agent_at >= item.last_customer_at
        if length and answered and case.state == "assigned" and not item.resting and not case.silence:
            case.silence = item.last_agent_at + length

    def hushed(self, case: Case) -> None:
        item, length = case.item, self.plan.channel(case.item.channel, case.item.connector).idle_release
        since = item.last_agent_at if item.last_agent_at >= item.last_customer_at else 0.0
        if length and since and since + length <= self.now:
            case.silence = float("inf")
            self.out.append(say.Rest(id=item.id, agent=case.agent))
        else:
            case.silence = 0.0
            self.hush(case)

    def better(self, case: Case) -> None:
        """A step has begun while it is offered: if it recalls, whoever is better now is asked instead."""
        self.measured(case)
        steps, now_at = self.steps(case), self.begun(case)[-1] if self.steps(case) else 0
        before, case.at_step = case.at_step, now_at
        if case.pending or not any(one.recall for one in steps[before + 1 : now_at + 1]):
            return
        offer, asked, item = case.item.offer, case.who(), case.item
        assert offer
        self.lift(case)
        case.state, case.item = "waiting", item
        self.advance(case)
        if case.patch:
            return
        able = self.able(case)
        winner = min((self.choice(case, person), person) for person in able)[1] if able else None
        if winner is not None and winner.facts.id not in asked:
            self.give(case, winner, offer.id)
        else:
            self.lift(case)
            self.stand_offered(case)

    def stand_offered(self, case: Case) -> None:
        opened = case.opened
        self.stand(case, 0.0)
        case.opened = opened
