"""What is allowed in `routing.yaml` and still looks like a mistake: rules that never match, steps for nobody, skills for nothing. Pure.

Whether a condition implies another is decided by its form (`implying`), so what is told is true and not everything that is true
is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from router import grammar, place_linting, promise_linting
from router.canary import bare
from router.expressions import Expression
from router.implying import form, implies
from router.inputs import Colleague
from router.needs import Need, Wants, wants
from router.plan import Order, Plan
from router.possible import covered, settled
from router.routing import Path, Problem, Routing
from router.rules import PLACE, Rule, Step
from router.spelling import misspelt
from router.trial_entries import ExpectEntry

MOST_COMPARED = 20_000
"""Pairs of conditions that are compared, of those that ask for the same names."""

MOST_TOGETHER = 12
"""Rules before one that are looked at together."""

NEVER = "this can never be true"
ALWAYS = "this is always true: leave it out"


def lint(plan: Plan, content: Routing, team: Sequence[Colleague]) -> list[Problem]:
    """Everything that looks like a mistake, with its place."""
    found = [
        *_of_rules(plan, team),
        *_never_used(plan, content),
        *_clocks(content),
        *promise_linting.lint(plan, content, team, fits),
        *_says_nothing(content),
        *place_linting.lint(content, team),
    ]
    if plan.canary is not None:
        changed = msgspec.structs.replace(plan, rules=bare(plan.canary), canary=None)
        found += [
            msgspec.structs.replace(one, path=("canary", *one.path))
            for one in _of_rules(changed, team)
            if one.path[0] == "rules"
        ]
    if team:
        found += [*_idle_people(plan, team), *_too_small(content, team)]
    return found


def _of_rules(plan: Plan, team: Sequence[Colleague]) -> Iterator[Problem]:
    """Of a list of rules, with what it asks for besides."""
    yield from _shadowed(plan)
    yield from _settled(plan)
    yield from _idle_settings(plan)
    yield from promise_linting.late_steps(plan)
    if team:
        yield from _for_nobody(plan, team)


# --- conditions ------------------------------------------------------------------------------------------------------


def _shadowed(plan: Plan) -> Iterator[Problem]:
    rules, compared = plan.rules.rules, 0
    forms = [form(rule.when.tree) if rule.when is not None else None for rule in rules]
    for index, rule in enumerate(rules):
        mine = forms[index]
        if rule.when is None or mine is None:
            continue
        path: Path = ("rules", index, "when")
        fate = settled(rule.when.tree)
        if fate is False:
            yield Problem(path, NEVER)
            continue
        if fate:
            yield Problem(path, "this is always true, so none of the rules after it can match")
            break
        names = rule.when.names
        near: list[grammar.Node] = []
        for before, theirs in zip(rules[:index], forms, strict=False):
            if (
                before.when is None
                or theirs is None
                or not before.when.names <= names
                or compared > MOST_COMPARED
            ):
                continue
            compared += 1
            near.append(before.when.tree)
            if implies(mine, theirs):
                said = f'this rule can never match: whatever it matches, "{before.name}" has matched before'
                yield Problem(path, said)
                break
        else:
            if index <= MOST_TOGETHER:
                near = [before.when.tree for before in rules[:index] if before.when is not None]
            if 0 < len(near) <= MOST_TOGETHER and covered(rule.when.tree, near):
                yield Problem(
                    path, "this rule can never match: whatever it matches, rules before it have matched"
                )


def _settled(plan: Plan) -> Iterator[Problem]:
    """What conditions of needs and of steps come to whatever is asked, and how all of them are written."""
    rules = [(("rules", index, "when"), rule.when) for index, rule in enumerate(plan.rules.rules)]
    conditions: list[tuple[Path, Expression | None]] = [
        *((("needs", index, "when"), one.when) for index, one in enumerate(plan.rules.derived)),
        *(
            (("rules", index, "steps", number, "if"), step.when)
            for index, rule in enumerate(plan.rules.rules)
            for number, step in enumerate(rule.steps)
        ),
    ]
    for path, when in conditions:
        fate = settled(when.tree) if when is not None else None
        if fate is not None:
            yield Problem(path, ALWAYS if fate else NEVER)
    for path, when in [*rules, *conditions]:
        for offset, said in misspelt(when.tree) if when is not None else ():
            yield Problem(path, said, offset=offset)


# --- settings --------------------------------------------------------------------------------------------------------


def _idle_settings(plan: Plan) -> Iterator[Problem]:
    for index, rule in enumerate(plan.rules.rules):
        path: Path = ("rules", index)
        kind = plan.order_of(rule.queue).kind
        for name, given, needed in (
            ("boost", rule.boost > 0, "head_start"),
            ("slope", rule.slope != 1.0, "ageing"),
            ("due", rule.due > 0, "due"),
        ):
            if given and kind != needed:
                said = f'`{name}` does nothing here: the order of "{rule.queue}" is {kind}, not {needed}'
                yield Problem((*path, name), said)
        if kind == "due" and rule.due and rule.steps[-1].after >= rule.due:
            said = f"its last step begins after {rule.steps[-1].after:g} s, when the answer was due already"
            yield Problem((*path, "due"), said)
        for number, (before, step) in enumerate(pairwise(rule.steps), 1):
            here: Path = (*path, "steps", number)
            yield from _narrower(here, before, step)
            orders = [plan.order_of(queue) for later, queue, _, _ in _asks(rule) if later >= number]
            yield from _raises_nothing(here, before, step, orders)
            idle = (before.need, before.team, before.boost, before.priority, before.derived) == (
                step.need, step.team, step.boost, step.priority, step.derived,
            )  # fmt: skip
            if idle and not (step.queue or step.tags or step.say or step.recall):
                yield Problem(here, "this step changes nothing")


def _narrower(path: Path, before: Step, step: Step) -> Iterator[Problem]:
    if step.team and step.team != before.team and not step.queue:
        said = f'this step asks for the team "{step.team}", which the one before it did not: steps only widen'
        yield Problem((*path, "team"), said)
    if step.derived and not before.derived:
        yield Problem(
            path, "this step asks again for what the one before it left out: write `derived: false` here, too"
        )


def _raises_nothing(path: Path, before: Step, step: Step, orders: Sequence[Order]) -> Iterator[Problem]:
    """Where the orders of its queue, and of those that follow, do not ask for what a step raises."""
    if step.boost > before.boost and all(order.kind == "ageing" for order in orders):
        yield Problem((*path, "boost"), "`boost` does nothing here: the order is ageing")
    asked = any(
        order.kind == "strict" or (order.kind == "head_start" and order.per_priority) for order in orders
    )
    if step.priority > before.priority and not asked:
        yield Problem((*path, "priority"), f"`priority` does nothing here: the order is {orders[0].kind}")


def _never_used(plan: Plan, content: Routing) -> Iterator[Problem]:
    tried = (plan.canary.rules,) if plan.canary is not None else ()
    rules = [rule for one in (plan.rules, *tried) for rule in one.rules]
    asked = {need.skill for rule in rules for step in rule.steps for need in _named(wants(step.need))}
    asked |= {need.skill for _, _, want in promise_linting.escalations(plan) for need in _named(want)}
    texts = [text for every in (plan.rules, *tried) for one in every.derived for text in one.need]
    asked |= {need.skill for need in _named(wants(tuple(text for text in texts if not PLACE.search(text))))}
    starts = tuple(
        PLACE.split(text)[0].split()[-1]
        for text in texts
        if PLACE.search(text) and PLACE.split(text)[0].strip()
    )
    for skill in content.skills:
        if skill not in asked and not (starts and skill.startswith(starts)):
            yield Problem(("skills", skill), f'no rule asks for the skill "{skill}"', key=True)
    filled = {rule.queue for rule in rules} | {step.queue for rule in rules for step in rule.steps}
    filled |= {queue.closed.queue for queue in plan.queues.values()}
    filled |= {queue for queue, _, _ in promise_linting.escalations(plan)}
    for queue in content.queues:
        if queue not in filled:
            yield Problem(("queues", queue), f'no rule fills the queue "{queue}"', key=True)
    used = {entry.hours for entry in content.queues.values()} | {
        entry.hours for entry in content.shifts.values()
    }
    used |= {name.removeprefix("open.") for one in (plan.rules, *tried) for name in one.reads}
    used |= {entry.hours for entry in content.service_levels.values()}
    for hours in content.hours:
        if hours not in used:
            yield Problem(("hours", hours), f'nothing follows the hours "{hours}"', key=True)


def _clocks(content: Routing) -> Iterator[Problem]:
    """Hours without a time, and work that makes room for its like."""
    for name, hours in content.hours.items():
        if not any(hours.week.values()) and not any(hours.dates.values()):
            yield Problem(("hours", name), f'"{name}" is never open: no day has a time', key=True)
    for name, channel in content.channels.items():
        if name in channel.yields_to:
            said = f"{name} makes room for {name}: so it never fills anybody up"
            yield Problem(("channels", name, "yields_to", channel.yields_to.index(name)), said)


def _says_nothing(content: Routing) -> Iterator[Problem]:
    for index, test in enumerate(content.tests):
        if test.expect == ExpectEntry() and not test.expect_others:
            yield Problem(
                ("tests", index, "expect"), f'the test "{test.name}" expects nothing, so it never fails'
            )


def _named(found: Wants) -> Iterator[Need]:
    yield from found.every
    yield from found.none
    for group in (*found.some, *found.wishes):
        yield from group


# --- people ----------------------------------------------------------------------------------------------------------


def fits(agent: Colleague, queue: str, team: str, want: Wants) -> bool:
    """Whether an agent could ever have what asks for this."""
    return (
        queue in agent.queues
        and (not team or team in agent.teams)
        and all(_has(agent, need) for need in want.every)
        and not any(_has(agent, need) for need in want.none)
        and all(any(_has(agent, need) for need in group) for group in want.some)
    )


def _has(agent: Colleague, need: Need) -> bool:
    if need.kind == "agent":
        return agent.id == need.skill
    if need.kind == "team":
        return need.skill in agent.teams
    return agent.skills.get(need.skill, 0) >= need.level


def _asks(rule: Rule) -> Iterator[tuple[int, str, str, Wants]]:
    queue = rule.queue
    for index, step in enumerate(rule.steps):
        queue = step.queue or queue
        yield index, queue, step.team, wants(step.need)


def _for_nobody(plan: Plan, team: Sequence[Colleague]) -> Iterator[Problem]:
    served = {queue for agent in team for queue in agent.queues}
    known: dict[tuple[str, str, Wants], bool] = {}
    for index, rule in enumerate(plan.rules.rules):
        for number, queue, name, want in _asks(rule):
            ask = (queue, name, want)
            if ask not in known:
                known[ask] = any(fits(agent, *ask) for agent in team)
            if queue in served and not known[ask]:
                place: Path = ("rules", index, "steps", number) if len(rule.steps) > 1 else ("rules", index)
                needed = ", ".join(want.words()) or f"team {name}"
                yield Problem(place, f'no agent of the queue "{queue}" can have this: it needs {needed}')


def _idle_people(plan: Plan, team: Sequence[Colleague]) -> Iterator[Problem]:
    asks = {ask[1:] for rule in plan.rules.rules for ask in _asks(rule)} | {
        *promise_linting.escalations(plan)
    }
    for agent in team:
        if agent.queues and not any(fits(agent, *ask) for ask in asks):
            yield Problem(("rules",), f'no rule ever reaches the agent "{agent.id}"', key=True)
        elif agent.bot and all(rule.bot != agent.id for rule in plan.rules.rules):
            yield Problem(
                ("rules",),
                f'no rule gives the bot "{agent.id}" anything: add `bot: {agent.id}` to one',
                key=True,
            )


def _too_small(content: Routing, team: Sequence[Colleague]) -> Iterator[Problem]:
    """Agents into whom a conversation never fits, however idle they are. Those without any units get nothing by intent."""
    for name, channel in content.channels.items():
        small = [
            f"{one.id} ({one.capacity})" for one in team if one.queues and 0 < one.capacity < channel.weight
        ]
        if small:
            more = f" and {len(small) - 3} more" if len(small) > 3 else ""
            said = f"a weight of {channel.weight} never fits into the units of {', '.join(small[:3])}{more}"
            yield Problem(("channels", name, "weight"), said)
