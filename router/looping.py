"""What looks like a mistake among the rules of the automation: rules that can never run, and rules that lead to each other for ever. Pure.

Told are loops through their effects alone; that the router assigns what a rule sends to a queue counts as such an effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from router.acting import Automations, Reaction
from router.implying import form, implies
from router.linting import ALWAYS, NEVER
from router.possible import covered, settled
from router.routing import Problem
from router.spelling import misspelt


def lint(plan: Automations) -> list[Problem]:
    """Everything that looks like a mistake, with its place."""
    return [*_never(plan), *_loops(plan), *_unasked(plan)]


def _never(plan: Automations) -> Iterator[Problem]:
    """What contradicts itself, and what comes after a rule that stops for all that it could match."""
    for index, rule in enumerate(plan.reactions):
        for offset, said in misspelt(rule.when.tree) if rule.when is not None else ():
            yield Problem(("automations", index, "when"), said, offset=offset)
        fate = settled(rule.when.tree) if rule.when is not None else None
        if fate is not None:
            yield Problem(("automations", index, "when"), ALWAYS if fate else NEVER)
        if fate is False:
            continue
        before = next((one for one in plan.reactions[:index] if one.stop and _covers(one, rule)), None)
        if before is not None:
            said = f'this rule can never run: whatever it matches, "{before.name}" has matched and stopped before'
            yield Problem(("automations", index), said)


def _covers(one: Reaction, other: Reaction) -> bool:
    if not other.on <= one.on or not set(other.after.items()) <= set(one.after.items()):
        return False
    if _changes(one, other):
        return False
    if one.when is None or other.when is None:
        return one.when is None
    return implies(form(other.when.tree), form(one.when.tree)) or covered(other.when.tree, [one.when.tree])


def _changes(one: Reaction, other: Reaction) -> bool:
    """A rule that has run is not run again by its own effects, but the other may be: then it is not idle."""
    return bool(_effects(one) & other.on)


def _effects(rule: Reaction) -> set[str]:
    do = rule.do
    happens: set[str] = set()
    if do.tag or do.untag:
        happens.add("tagged")
    if do.queue is not None or do.team is not None:
        happens |= {"queued", "assigned"}
    if do.snooze:
        happens |= {"snoozed", "woken"}
    if do.resolve:
        happens.add("resolved")
    return happens


def _loops(plan: Automations) -> Iterator[Problem]:
    """Each circle once, told at its first rule."""
    rules = plan.reactions
    leads = {
        rule.name: [other.name for other in rules if _effects(rule) & other.on and _possible(rule, other)]
        for rule in rules
    }
    for index, rule in enumerate(rules):
        circle = _circle(rule.name, leads, {one.name for one in rules[:index]})
        if len(circle) > 1 or (circle and "assigned" in rule.on and "assigned" in _effects(rule)):
            way = " -> ".join([*circle, rule.name])
            yield Problem(
                ("automations", index), f"these rules lead to each other: {way}; only the guard ends that"
            )


def _possible(one: Reaction, other: Reaction) -> bool:
    """Whether what one rule tags can be what the other asks for, as far as that is plain: it asks `added` for something else."""
    if other.when is None or _effects(one) & other.on != {"tagged"}:
        return True
    source = other.when.source.strip()
    plain = source.startswith("added.has(") and source.count("(") == 1 and source.endswith(")")
    return not plain or any(f'"{tag}"' in source or f"'{tag}'" in source for tag in one.do.tag)


def _circle(start: str, leads: Mapping[str, list[str]], done: set[str]) -> list[str]:
    """The shortest way from a rule back to itself, past none that was told before."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop(0)
        for name in leads[way[-1]]:
            if name == start:
                return way
            if name not in seen and name not in done:
                seen.add(name)
                ways.append([*way, name])
    return []


def _unasked(plan: Automations) -> Iterator[Problem]:
    for index, rule in enumerate(plan.reactions):
        names = rule.when.names if rule.when else frozenset()
        if names & {"added", "removed"} and rule.on != {"tagged"}:
            yield Problem(
                ("automations", index, "when"), "`added` and `removed` are empty but for the event tagged"
            )
