"""What is allowed in `routing.yaml` and still looks like a mistake: rules that never match, steps for nobody, skills for nothing. Pure.

Whether a condition implies another is decided by its form (the same tests, fewer of them, or fewer values), so what is told is
true and not everything that is true is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router import grammar, promise_linting
from router.inputs import Colleague
from router.needs import Need, Wants, wants
from router.plan import Plan
from router.routing import Path, Problem, Routing
from router.rules import PLACE, Rule

MOST_COMPARED = 20_000
"""Pairs of conditions that are compared, of those that ask for the same names."""


def lint(plan: Plan, content: Routing, team: Sequence[Colleague]) -> list[Problem]:
    """Everything that looks like a mistake, with its place."""
    found = [*_shadowed(plan), *_idle_settings(plan), *_never_used(plan, content)]
    found += promise_linting.lint(plan, content, team, fits)
    if team:
        found += [*_for_nobody(plan, team), *_idle_people(plan, team)]
    return found


# --- conditions ------------------------------------------------------------------------------------------------------


def _shadowed(plan: Plan) -> Iterator[Problem]:
    rules, compared = plan.rules.rules, 0
    for index, rule in enumerate(rules):
        if rule.when is None:
            continue
        if contradiction(rule.when.tree):
            yield Problem(("rules", index, "when"), "this can never be true: it asks one thing to be two")
            continue
        names = rule.when.names
        for before in rules[:index]:
            if before.when is None or not before.when.names <= names or compared > MOST_COMPARED:
                continue
            compared += 1
            if implies(rule.when.tree, before.when.tree):
                said = f'this rule can never match: whatever it matches, "{before.name}" has matched before'
                yield Problem(("rules", index, "when"), said)
                break


def implies(one: grammar.Node, other: grammar.Node) -> bool:
    """Whether `other` holds wherever `one` does, as far as their form tells."""
    if isinstance(one, grammar.Chain) and one.op == "||":
        return all(implies(part, other) for part in one.parts)
    if isinstance(other, grammar.Chain):
        parts = (implies(one, part) for part in other.parts)
        if (any if other.op == "||" else all)(parts):
            return True
    if isinstance(one, grammar.Chain):
        return any(implies(part, other) for part in one.parts)
    return _same(one, other) or _narrower(one, other)


def _narrower(one: grammar.Node, other: grammar.Node) -> bool:
    if isinstance(one, grammar.Has) and isinstance(other, grammar.Has) and one.name == other.name:
        asked = {item.value for item in one.items}
        return not other.items or (bool(asked) and asked <= {item.value for item in other.items})
    first, second = _values(one), _values(other)
    return first is not None and second is not None and first[0] == second[0] and first[1] <= second[1]


def _values(node: grammar.Node) -> tuple[str, frozenset[object]] | None:
    """The name and the values of `name == value` and `name in [values]`."""
    if not isinstance(node, grammar.Compare) or not isinstance(node.left, grammar.Name):
        return None
    if node.op == "==" and isinstance(node.right, grammar.Literal):
        return node.left.name, frozenset({node.right.value})
    if node.op == "in" and isinstance(node.right, grammar.Listing):
        return node.left.name, frozenset(item.value for item in node.right.items)
    return None


def _same(one: grammar.Node, other: grammar.Node) -> bool:
    """Equal but for where they stand."""
    if type(one) is not type(other):
        return False
    for name in one.__struct_fields__:
        mine, theirs = getattr(one, name), getattr(other, name)
        if name in {"start", "end", "op_at"}:
            continue
        if isinstance(mine, grammar.Node):
            if not _same(mine, theirs):
                return False
        elif isinstance(mine, tuple):
            if len(mine) != len(theirs) or not all(map(_same, mine, theirs)):
                return False
        elif mine != theirs:
            return False
    return True


def contradiction(node: grammar.Node) -> bool:
    """Whether a condition asks one thing to be two, as far as its form tells."""
    if not isinstance(node, grammar.Chain):
        return False
    if node.op == "||":
        return all(contradiction(part) for part in node.parts)
    known: dict[str, frozenset[object]] = {}
    for part in node.parts:
        found = _values(part)
        if found is not None:
            known[found[0]] = known.get(found[0], found[1]) & found[1]
    return any(not values for values in known.values()) or any(contradiction(part) for part in node.parts)


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
        for number, (before, step) in enumerate(zip(rule.steps, rule.steps[1:], strict=False), 1):
            idle = (before.need, before.team, before.boost, before.priority, before.derived) == (
                step.need, step.team, step.boost, step.priority, step.derived,
            )  # fmt: skip
            if idle and not (step.queue or step.tags or step.say):
                yield Problem((*path, "steps", number), "this step changes nothing")


def _never_used(plan: Plan, content: Routing) -> Iterator[Problem]:
    asked = {
        need.skill for rule in plan.rules.rules for step in rule.steps for need in _named(wants(step.need))
    }
    asked |= {need.skill for _, _, want in promise_linting.escalations(plan) for need in _named(want)}
    texts = [text for one in plan.rules.derived for text in one.need]
    asked |= {need.skill for need in _named(wants(tuple(text for text in texts if not PLACE.search(text))))}
    starts = tuple(
        PLACE.split(text)[0].split()[-1]
        for text in texts
        if PLACE.search(text) and PLACE.split(text)[0].strip()
    )
    for skill in content.skills:
        if skill not in asked and not (starts and skill.startswith(starts)):
            yield Problem(("skills", skill), f'no rule asks for the skill "{skill}"', key=True)
    filled = {rule.queue for rule in plan.rules.rules}
    filled |= {step.queue for rule in plan.rules.rules for step in rule.steps}
    filled |= {queue.closed.queue for queue in plan.queues.values()}
    filled |= {queue for queue, _, _ in promise_linting.escalations(plan)}
    for queue in content.queues:
        if queue not in filled:
            yield Problem(("queues", queue), f'no rule fills the queue "{queue}"', key=True)
    used = {entry.hours for entry in content.queues.values()} | {
        entry.hours for entry in content.shifts.values()
    }
    used |= {name.removeprefix("open.") for name in plan.rules.reads}
    used |= {entry.hours for entry in content.service_levels.values()}
    for hours in content.hours:
        if hours not in used:
            yield Problem(("hours", hours), f'nothing follows the hours "{hours}"', key=True)


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
