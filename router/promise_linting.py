"""What looks like a mistake in service levels: promises without consequences, levels that nobody has, escalations to nobody. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from router.inputs import Colleague
from router.levels import Deed
from router.needs import Wants, wants
from router.plan import Plan
from router.routing import Path, Problem, Routing

Fits = Callable[[Colleague, str, str, Wants], bool]


def lint(plan: Plan, content: Routing, team: Sequence[Colleague], fits: Fits) -> Iterator[Problem]:
    """Everything, with its place; `team` empty: who there is is not known."""
    for name, entry in content.service_levels.items():
        path: Path = ("service_levels", name)
        queues = _queues(plan, name)
        if not queues:
            yield Problem(path, f'no queue and no rule has the service level "{name}"', key=True)
        for target, promise in plan.levels[name].promises.items():
            if all(mark.deed == Deed() for mark in promise.marks):
                yield Problem(
                    (*path, target),
                    f"nothing follows when this is late: add a step under `then` for {target}",
                )
        for index, step in enumerate(entry.then):
            want = wants(tuple(step.need)) if step.queue or step.team else None
            places = [step.queue] if step.queue else queues
            if team and want is not None and places and not _anybody(team, places, step.team, want, fits):
                whom = f"team {step.team}" if step.team else f"queue {step.queue}"
                yield Problem(
                    (*path, "then", index), f"nobody is there whom this goes to: {whom}{_besides(want)}"
                )


def late_steps(plan: Plan) -> Iterator[Problem]:
    """Steps that begin, and waits for one agent that end, when the first reply of the rule's level was due already."""
    for index, rule in enumerate(plan.rules.rules):
        level = plan.levels.get(rule.level or plan.queues[rule.queue].level)
        promise = level.promises.get("first_reply") if level is not None else None
        if level is None or promise is None:
            continue
        if rule.sticky is not None and rule.sticky.wait > promise.within:
            said = f'it waits {rule.sticky.wait:g} s for one agent; the first reply of "{level.name}" is due after {promise.within:g} s'
            yield Problem(("rules", index, "sticky", "for"), said)
        for number, step in enumerate(rule.steps):
            if step.after > promise.within:
                said = f'this step begins after {step.after:g} s; the first reply of "{level.name}" is due after {promise.within:g} s'
                yield Problem(("rules", index, "steps", number), said)
                break


def escalations(plan: Plan) -> Iterator[tuple[str, str, Wants]]:
    """Where service levels may send something: queue, team and what it needs there."""
    for name, level in plan.levels.items():
        for promise in level.promises.values():
            for mark in promise.marks:
                deed = mark.deed
                if deed.queue or deed.team:
                    for queue in [deed.queue] if deed.queue else _queues(plan, name):
                        yield queue, deed.team, wants(deed.need)


def _queues(plan: Plan, level: str) -> list[str]:
    """The queues in which something may have this level."""
    own = [name for name, queue in plan.queues.items() if queue.level == level]
    return list(dict.fromkeys([*own, *(rule.queue for rule in plan.rules.rules if rule.level == level)]))


def _anybody(team: Sequence[Colleague], queues: Sequence[str], name: str, want: Wants, fits: Fits) -> bool:
    return any(fits(agent, queue, name, want) for queue in queues for agent in team)


def _besides(want: Wants) -> str:
    words = ", ".join(want.words())
    return f", needing {words}" if words else ""
