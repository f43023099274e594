"""The tests inside `routing.yaml`: a conversation comes at a moment, with these agents there, and something is expected. Pure.

The engine that serves decides; what it decides is taken as committed at once. The moment is on the house's clocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from router import decisions as say
from router import hours as clocks
from router import inputs
from router.decisions import Decision
from router.durations import seconds
from router.engine import Engine
from router.explain import candidates
from router.inputs import Colleague, Input, Item, Reserved
from router.items import needs_rules
from router.plan import Plan
from router.routing import Path, Problem
from router.rules import Facts
from router.trial_entries import IT, ExpectEntry, GivenEntry, TestEntry
from router.trial_names import with_connector
from stream.fold.level import come_to

replace = msgspec.structs.replace
USUAL = "2026-03-04 12:00"
MOST_TICKS = 10_000


def run(
    plan: Plan, tests: Sequence[TestEntry], team: Sequence[Colleague] = (), channels: Mapping[str, str] = {}
) -> list[Problem]:
    """What is not as expected. `team` is there when a test names no agents; `channels` are the channels' connectors."""
    problems: list[Problem] = []
    for index, test in enumerate(tests):
        path: Path = ("tests", index)
        try:
            play = Play(plan, _over(test, channels), team)
        except ValueError as fault:
            problems.append(Problem(path, f'test "{test.name}" cannot be run: {fault}'))
            continue
        problems += _judge(path, test, play)
    return problems


def _over(test: TestEntry, channels: Mapping[str, str]) -> TestEntry:
    """The test with the connectors of its channels."""
    others = {name: with_connector(one, channels) for name, one in test.others.items()}
    return replace(test, given=with_connector(test.given, channels), others=others)


def explained(
    plan: Plan, given: GivenEntry, team: Sequence[Colleague], at: str = "", moment: str = ""
) -> dict[str, Any]:
    """What becomes of a conversation once the whole team is there with nothing to do: its rule and step, everybody and why not.

    `at` is the number of a step (when it begins) or a while (`90s`); `moment` is on the house's clocks. Raises `ValueError`.
    """
    plan = replace(plan, canary=None)
    test = TestEntry(name="", given=given, expect=ExpectEntry(), at=moment)
    first = Play(plan, test, team).outcome(IT)
    after = at or "0s"
    if at.isdigit():
        rule = plan.rules.by_name.get(first["rule"])
        steps = rule.steps if rule is not None else ()
        if int(at) >= len(steps):
            raise ValueError(f"the rule {first['rule']} has the steps 0 to {len(steps) - 1}")
        after = f"{steps[int(at)].after:g}s"
    play = Play(plan, replace(test, after=after), [replace(agent, status="away") for agent in team])
    for agent in team:
        play.tell(inputs.AgentChanged(replace(agent, status="online")))
    return {"outcome": play.outcome(IT), **(candidates(play.engine.board, IT) or {})}


def _judge(path: Path, test: TestEntry, play: Play) -> list[Problem]:
    found = play.outcome(IT)
    wrong: list[Problem] = []
    for name, wanted in msgspec.to_builtins(test.expect).items():
        if wanted is None:
            continue
        got = found[name]
        right = (
            wanted in got
            if name == "reply"
            else sorted(wanted) == sorted(got)
            if isinstance(wanted, list)
            else wanted.items() <= got.items()
            if isinstance(wanted, dict)
            else wanted == got
        )
        if not right:
            said = f'test "{test.name}": expected {name} {quoted(wanted)}, got {quoted(got)}'
            wrong.append(Problem((*path, "expect", name), said))
    for other, agent in test.expect_others.items():
        got = play.outcome(other)["agent"] if other in play.items else "no such conversation"
        if got != agent:
            said = f'test "{test.name}": expected agent {quoted(agent)} for {other}, got {quoted(got)}'
            wrong.append(Problem((*path, "expect_others", other), said))
    return wrong


def quoted(value: Any) -> str:
    """A value as it stands in a sentence."""
    return f'"{value}"' if isinstance(value, str) else str(value)


class Play:
    """One test played to its end."""

    def __init__(self, plan: Plan, test: TestEntry, team: Sequence[Colleague] = ()) -> None:
        self.plan, self.engine = plan, Engine(plan)
        self.items: dict[str, Item] = {}
        self.replies: dict[str, list[str]] = {}
        self.tags: dict[str, set[str]] = {}
        self.now = self._moment(test.at or USUAL)
        end = self.now + seconds(test.after)
        came = {IT: test.given, **test.others}
        self.now -= max(seconds(one.ago) for one in came.values())
        self.tell(inputs.Config(plan))
        for agent in self._agents(test, team):
            self.tell(inputs.AgentChanged(agent))
            self.tell(inputs.Presence(agent.id, "connected"))
        self.tell(inputs.Begin())
        start = end - seconds(test.after)
        for name, one in sorted(came.items(), key=lambda one: -seconds(one[1].ago)):
            self.pass_time(start - seconds(one.ago))
            self.arrive(name, one)
        self.pass_time(end)

    def _moment(self, text: str) -> float:
        try:
            return clocks.moment(text, self.plan.rules.zone)
        except ValueError:
            raise ValueError(f'"{text}" is not a moment: write it as 2026-03-04 12:00') from None

    def _agents(self, test: TestEntry, team: Sequence[Colleague]) -> list[Colleague]:
        if not test.agents:
            idle = self.now - 60.0
            return [
                replace(agent, status="away" if agent.status == "away" else "online", idle_since=idle)
                for agent in team
            ]
        return [
            Colleague(
                id=name,
                name=name,
                skills=one.skills,
                queues=() if one.bot else tuple(one.queues or self.plan.queues),
                bot=one.bot,
                teams=tuple(one.teams),
                capacity=self.plan.units if one.capacity is None else one.capacity,
                caps={**self.plan.caps(), **one.caps},
                status=one.status,
                idle_since=self.now - seconds(one.idle),
            )
            for name, one in test.agents.items()
        ]

    def arrive(self, name: str, given: GivenEntry) -> None:
        """A conversation comes."""
        item = Item(
            id=name, channel=given.channel, connector=given.connector, contact=given.of, created_at=self.now, version=1,
            last_customer_at=self.now,
            last_agent=given.last_agent, last_agent_at=self.now - seconds(given.last_agent_ago),
        )  # fmt: skip
        self.items[name] = item
        self.tell(inputs.ItemArrived(item, facts_of(given, self.now)))

    def tell(self, told: Input) -> None:
        """Tell the engine, and that what it decides was committed."""
        decisions = list(self.engine.handle(told, self.now))
        for decision in decisions:
            for heard in self._commit(decision):
                decisions.extend(self.engine.handle(heard, self.now))

    def pass_time(self, until: float) -> None:
        """Everything that falls due on the way happens at its moment."""
        for _ in range(MOST_TICKS):
            due = self.engine.next_due()
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.tell(inputs.Tick())
        self.now = max(self.now, until)

    def _commit(self, decision: Decision) -> list[Input]:
        if isinstance(decision, say.SetAway):
            agent = self.engine.board.agents[decision.agent].facts
            return [inputs.AgentChanged(replace(agent, status="away"))]
        before = self.items[decision.id]
        if isinstance(decision, say.AutoReply):
            self.replies.setdefault(decision.id, []).append(decision.text)
            return []
        told: list[Input] = []
        if isinstance(decision, say.EndOffer):
            told += [
                inputs.OfferEnded(decision.id, agent, decision.how) for agent in _ended(decision, before)
            ]
        if isinstance(decision, say.Queue | say.ReachMark):
            self.tags.setdefault(decision.id, set()).update(decision.tags)
        item = self.items[decision.id] = replace(_after(decision, before), version=before.version + 1)
        if not needs_rules(item, self.plan.queues):
            told.append(inputs.ItemChanged(item, self.now if isinstance(decision, say.Push) else 0.0))
        return told

    def outcome(self, name: str) -> dict[str, Any]:
        """Where a conversation stands."""
        item, entry = self.items[name], self.engine.board.entries[name]
        return {
            "rule": item.rule,
            "queue": item.queue,
            "need": list(item.need),
            "priority": item.priority,
            "team": item.team,
            "tags": sorted(self.tags.get(name, ())),
            "step": entry.step,
            "agent": item.assignee or (item.offer.agent if item.offer else ""),
            "reply": " ".join(self.replies.get(name, ())),
            "level": {one.name: one.state for one in item.level.targets} if item.level is not None else {},
        }


def _after(decision: Decision, item: Item) -> Item:
    if isinstance(decision, say.Queue):
        names = ("queue", "team", "need", "rule", "priority", "units", "waiting_since")
        patch: Mapping[str, Any] = {name: getattr(decision, name) for name in names}
        return replace(item, **patch, place=decision.waiting_since, assignee="", offer=None)
    if isinstance(decision, say.Offer):
        offer = Reserved(
            id=f"o{item.version}", agent=decision.agent, expires_at=decision.expires_at, units=decision.units,
            also=tuple(login for login, _ in decision.also),
        )  # fmt: skip
        return replace(item, offer=offer)
    if isinstance(decision, say.Push):
        return replace(item, assignee=decision.agent, waiting_since=0.0)
    if isinstance(decision, say.EndOffer):
        ended = _ended(decision, item)
        declined = item.declined if decision.how == "recalled" else (*item.declined, *ended)
        left = [agent for agent in item.offer.asked if agent not in ended] if item.offer else []
        left_over = replace(item.offer, agent=left[0], also=tuple(left[1:])) if item.offer and left else None
        return replace(item, offer=left_over, declined=declined)
    if isinstance(decision, say.Rest):
        return replace(item, resting=True)
    if isinstance(decision, say.HandBack):
        return replace(
            item, assignee="", last_agent=decision.agent, waiting_since=item.place or item.created_at
        )
    if isinstance(decision, say.SetLevel):
        level = decision.level and replace(decision.level, turns=(), moves=decision.moves + 1)
        return replace(item, level=level)
    if isinstance(decision, say.ReachMark):
        return _reached(decision, item)
    return replace(item, status="open", snoozed_until=0.0)


def _reached(decision: say.ReachMark, item: Item) -> Item:
    """What a mark of the service level makes of it, as the stream decides it."""
    assert item.level is not None
    which, state = (decision.target, decision.round), decision.state
    level = come_to(item.level, which, decision.mark, None if state == "escalated" else state, decision.boost)
    after = replace(item, level=level, priority=max(item.priority, decision.priority))
    if not (decision.queue or decision.team) or (item.assignee and not decision.take):
        return after
    return replace(
        after,
        queue=decision.queue or item.queue,
        team=decision.team,
        need=decision.need,
        rule="",
        assignee="",
        offer=None,
        declined=(),
        waiting_since=item.place or item.waiting_since or item.created_at,
    )


def _ended(decision: say.EndOffer, item: Item) -> tuple[str, ...]:
    """For whom an offer is over."""
    return (decision.agent,) if decision.alone or item.offer is None else item.offer.asked


def facts_of(given: GivenEntry, now: float) -> Facts:
    """What the rules may ask about a conversation of a test."""
    return Facts(
        at=now, channel=given.channel, connector=given.connector, language=given.lang, text=given.text, subject=given.subject,
        address=given.address, verified=given.verified, returning=given.returning or bool(given.last_agent),
        automatic=given.automatic, attachments=given.attachments, tags=tuple(given.tags), attributes=given.contact,
    )  # fmt: skip
