"""The obvious engine's steps: which have begun is asked anew every time."""

from __future__ import annotations

from typing import Any

from router import decisions as say
from router.needs import wants
from tests.router.reference_state import Case, Person, State


class Stepping(State):
    """What a case needs by now, and what its steps ask for."""

    def queue(self, case: Case, **patch: Any) -> None:
        raise NotImplementedError

    def steps(self, case: Case) -> Any:
        return self.plan.steps(case.item.rule, case.item.need, case.item.queue)

    def begun(self, case: Case) -> list[int]:
        """The steps whose time has come and whose condition, if any, was found true."""
        return [
            n
            for n, s in enumerate(self.steps(case))
            if (n == 0 or case.item.waiting_since + s.after <= self.now)
            and (s.when is None or n in self.opened(case))
        ]

    def opened(self, case: Case) -> set[int]:
        """The steps whose conditions were found true here, or by whoever led before."""
        kept = {n for n, s in enumerate(self.steps(case)) if s.when and self.word(n, s) in case.item.opened}
        return case.opened | kept

    @staticmethod
    def word(number: int, step: Any) -> str:
        return f"{number}: {step.when.source}"

    def step(self, case: Case) -> Any:
        return self.steps(case)[self.begun(case)[-1]] if self.steps(case) else None

    def wanted(self, case: Case) -> tuple[tuple[str, ...], str]:
        step = self.step(case)
        need, team = (step.need, step.team) if step else (case.item.need, case.item.team)
        return (*need, *self.alone(case, need, team)), team

    def alone(self, case: Case, need: tuple[str, ...], team: str) -> list[str]:
        """The agent whom it waits for, as a requirement."""
        item, rule = case.item, self.plan.rule(case.item.rule, case.item.queue)
        person = self.people.get(item.last_agent)
        if rule is None or rule.sticky is None or person is None or item.last_agent in item.declined:
            return []
        late = item.waiting_since + rule.sticky.wait <= self.now or not person.facts.active
        long_ago = rule.sticky.within and item.waiting_since - item.last_agent_at > rule.sticky.within
        absent = rule.sticky.if_online and not person.takes()
        return (
            []
            if late or long_ago or absent or not self.meets(case, person, need, team)
            else [f"agent:{item.last_agent}"]
        )

    def look(self, case: Case) -> None:
        """What its steps ask for by now."""
        self.measured(case)
        self.advance(case)

    def measured(self, case: Case) -> None:
        """A condition is measured at its step's time and every ten seconds from then on."""
        facts = self.measure(case)
        since, looked, case.looked = case.item.waiting_since, case.looked, self.now
        before = self.opened(case)
        for n, s in enumerate(self.steps(case)):
            rounds = [since + s.after + k * 10.0 for k in range(int((self.now - since - s.after) // 10) + 2)]
            due = any(looked < at <= self.now for at in rounds)
            if s.when is not None and (n == 0 or since + s.after <= self.now) and due and s.when.holds(facts):
                case.opened.add(n)
        if self.opened(case) != before:
            opened = tuple(self.word(n, s) for n, s in enumerate(self.steps(case)) if n in self.opened(case))
            self.out.append(say.OpenStep(id=case.item.id, rule=case.item.rule, opened=opened))

    def measure(self, case: Case) -> dict[str, float]:
        at, last = self.last_wait.get(case.item.queue, (0.0, 0.0))
        waited, last = round(self.now - case.item.waiting_since, 3), round(last, 3)
        fitting = [p for p in self.people.values() if self.fits(case, p)]
        return {
            "wait.so_far": waited,
            "wait.estimate": max(waited, last) if self.now - at <= max(300.0, last) else waited,
            "queue.waiting": sum(
                c.state == "waiting" and c.item.queue == case.item.queue for c in self.cases.values()
            ),
            "agents.fit": sum(p.facts.active for p in fitting),
            "agents.available": sum(p.takes() for p in fitting),
        }

    def advance(self, case: Case) -> None:
        """What the steps that have begun ask for, each once."""
        while (
            self.begun_now
            and case.state == "waiting"
            and self.steps(case)
            and case.reached < self.begun(case)[-1]
        ):
            n = case.reached + 1
            step, item = self.steps(case)[n], case.item
            if n in self.begun(case):
                if (step.queue or step.tags) and case.pending:
                    return
                rule = self.plan.rule(item.rule, item.queue)
                case.reached = n
                if step.tags or (step.queue and rule and item.queue == rule.queue != step.queue):
                    self.lift(case)
                    self.queue(case, queue=step.queue or item.queue, team=item.team, need=item.need, rule=item.rule,
                               priority=item.priority, units=item.units, waiting_since=item.waiting_since)  # fmt: skip
            case.reached = n

    def catch_up(self, case: Case) -> None:
        """A new leader: of the steps that began meanwhile only the last that moves it still does so; what they say was said."""
        moves = [n for n in self.begun(case)[1:] if self.steps(case)[n].queue]
        at = self.begun(case)[-1] if self.steps(case) else 0
        case.reached = moves[-1] - 1 if moves else at
        self.advance(case)
        case.reached = at

    def fits(self, case: Case, person: Person) -> bool:
        return self.meets(case, person, *self.wanted(case))

    def meets(self, case: Case, person: Person, need: tuple[str, ...], team: str) -> bool:
        want = wants(need)
        every = all(self.has(person, n) for n in want.every) and not any(
            self.has(person, n) for n in want.none
        )
        some = all(any(self.has(person, n) for n in one) for one in want.some)
        return (
            every
            and some
            and case.item.queue in person.facts.queues
            and (not team or team in person.facts.teams)
        )

    @staticmethod
    def has(person: Person, need: Any) -> bool:
        if need.kind == "agent":
            return bool(person.facts.id == need.skill)
        if need.kind == "team":
            return need.skill in person.facts.teams
        return bool(person.facts.skills.get(need.skill, 0) >= need.level)
