"""The whole of `routing.yaml` to a `Plan`, with all problems at once. The sections one by one are in `sections`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from zoneinfo import ZoneInfo

import msgspec

from router import canary, plan, promising, reacting, ruling, sections, trial_names, witness, working
from router.expressions import Fact
from router.hours import Hours
from router.levels import Level
from router.names import nearest
from router.needs import Closed
from router.routing import ChannelEntry, Known, Problem, Routing
from router.rules import PLACE, Derived, Rule, Rules, names

MAX_RULES = 5_000
MAX_TESTS = 1_000
MAX_STATUSES = 50
MAX_REASON = 60
MAX_STEPS = 100


def compile_routing(
    content: Routing, known: Known, digest: str = ""
) -> tuple[plan.Plan | None, list[Problem]]:
    """The plan, or None and everything that is wrong. `digest` names this configuration in every decision."""
    notes = sections.Notes()
    shape = _shape(notes, content, known, digest)
    rules = _rules(notes, content, known, shape)
    automations = reacting.automations(notes, content, known, shape, rules.rules)
    trial = _canary(notes, content, known, shape)
    if notes.problems:
        return None, notes.problems
    if trial is not None:
        rules = _beside(rules, trial.rules)
    return msgspec.structs.replace(shape, rules=rules, automations=automations, canary=trial), []


def _beside(rules: Rules, others: Rules) -> Rules:
    """Rules that read what the others read too, and know theirs by name: conversations under both wait side by side."""
    return msgspec.structs.replace(
        rules, by_name={**rules.by_name, **others.by_name}, reads=rules.reads | others.reads
    )


def _canary(notes: sections.Notes, content: Routing, known: Known, shape: plan.Plan) -> canary.Canary | None:
    """The canary's rules, under names of their own."""
    entry = content.canary
    if entry is None:
        return None
    needs = content.needs if entry.needs is None else entry.needs
    changed = msgspec.structs.replace(content, rules=entry.rules, needs=needs, tests=entry.tests)
    if not entry.rules:
        notes.note(("canary",), "write its `rules` here, or name the `file` that holds them", key=True)
        return None
    own = sections.Notes()
    rules = _rules(own, changed, known, shape)
    written = {"rules", "tests"} if entry.needs is None else {"rules", "tests", "needs"}
    for one in own.problems:
        if one.path[0] in written:
            notes.problems.append(msgspec.structs.replace(one, path=("canary", *one.path)))
    if not sections.NAME.fullmatch(entry.name):
        notes.note(("canary", "name"), f'"{entry.name}" is not a name: letters, digits and _ . -')
    if not 0 <= entry.share <= 1:
        notes.note(("canary", "share"), f"{entry.share:g} is not between 0 and 1")
    named = [msgspec.structs.replace(rule, name=f"{entry.name}:{rule.name}") for rule in rules.rules]
    return canary.Canary(
        name=entry.name,
        rules=msgspec.structs.replace(rules, rules=tuple(named), by_name={rule.name: rule for rule in named}),
        share=entry.share,
        by=entry.by,
        guard=_guard(notes, entry.guard),
        file=entry.file,
        mark=sha256(msgspec.json.encode(entry, order="deterministic")).hexdigest()[:16],
    )


def _guard(notes: sections.Notes, entry: canary.GuardEntry) -> canary.Guard:
    path = ("canary", "guard")
    conditions = {name: getattr(entry, name) for name in ("wait", "level", "left", "errors")}
    if all(value is None for value in conditions.values()):
        notes.note(path, f"say when it is given up: at least one of {', '.join(conditions)}", key=True)
    notes.between((*path, "after"), entry.after, 1, 1_000_000)
    if entry.wait is not None and entry.wait < 1:
        notes.note((*path, "wait"), f"{entry.wait:g} is not at least 1: so many times the others' wait")
    for name in ("level", "left"):
        if conditions[name] is not None and not 0 <= conditions[name] <= 1:
            notes.note((*path, name), f"{conditions[name]:g} is not between 0 and 1")
    return canary.Guard(
        after=entry.after,
        wait_more=notes.length((*path, "wait_more"), entry.wait_more),
        within=notes.length((*path, "within"), entry.within),
        **conditions,
    )


def _shape(notes: sections.Notes, content: Routing, known: Known, digest: str) -> plan.Plan:
    """Everything but the rules."""
    notes.names(("skills",), content.skills)
    notes.names(("queues",), content.queues)
    notes.names(("hours",), content.hours, word=True)
    for name, skill in content.skills.items():
        notes.between(("skills", name, "levels"), skill.levels, 1, sections.HIGHEST_LEVEL)
    notes.between(("capacity", "units"), content.capacity.units, 0, 10_000)
    if not content.queues:
        notes.note(("queues",), "at least one queue", key=True)
    _statuses(notes, content)
    zone = sections.zone(notes, ("timezone",), content.timezone)
    hours = {
        name: sections.hours(notes, ("hours", name), entry, zone) for name, entry in content.hours.items()
    }
    units = content.capacity.units
    return plan.Plan(
        hash=digest,
        skills={name: skill.levels for name, skill in content.skills.items()},
        queues=_queues(notes, content, hours),
        shifts=tuple(
            working.shift(notes, ("shifts", name), name, entry, known, hours, zone)
            for name, entry in content.shifts.items()
        ),
        ramps=_ramps(notes, content, known, zone),
        levels=_levels(notes, content, known, hours),
        channels=_channels(notes, content, known),
        units=units,
        offer=_offer(notes, content),
        hand_back=_hand_back(notes, content),
        order=sections.order(notes, ("order",), content.order),
        pick=sections.pick(notes, ("pick",), content.pick or ["sticky", "longest_idle"]),
        rules=Rules(zone=zone, hours=hours),
    )


def _queues(notes: sections.Notes, content: Routing, hours: Mapping[str, Hours]) -> dict[str, plan.Queue]:
    for name, entry in content.queues.items():
        if entry.closed.queue:
            notes.one_of(("queues", name, "closed", "queue"), "queue", entry.closed.queue, content.queues)
        if entry.service_level:
            path = ("queues", name, "service_level")
            notes.one_of(path, "service level", entry.service_level, content.service_levels)
    return {
        name: sections.queue(notes, ("queues", name), name, entry, hours)
        for name, entry in content.queues.items()
    }


def _levels(
    notes: sections.Notes, content: Routing, known: Known, hours: Mapping[str, Hours]
) -> dict[str, Level]:
    skills = {name: skill.levels for name, skill in content.skills.items()}
    notes.names(("service_levels",), content.service_levels)
    found: dict[str, Level] = {}
    for name, entry in content.service_levels.items():
        path = ("service_levels", name)
        steps = [
            promising.step(notes, (*path, "then", index), one, skills, known, content.queues, content.tags)
            for index, one in enumerate(entry.then[:MAX_STEPS])
        ]
        if len(entry.then) > MAX_STEPS:
            notes.note((*path, "then"), f"at most {MAX_STEPS} steps", key=True)
        found[name] = promising.level(notes, path, name, entry, hours, steps)
    return found


def _ramps(notes: sections.Notes, content: Routing, known: Known, zone: ZoneInfo) -> dict[str, plan.Ramp]:
    found: dict[str, plan.Ramp] = {}
    for name, entry in content.capacity.ramps.items():
        path = ("capacity", "ramps", name)
        if known.agents and name not in known.agents:
            notes.note(path, f'unknown agent "{name}"', nearest(name, known.agents), key=True)
        found[name] = working.ramp(notes, path, entry, zone)
    return found


def _channels(notes: sections.Notes, content: Routing, known: Known) -> dict[str, plan.Channel]:
    entries = {name: ChannelEntry() for name in sorted(known.live)} | content.channels
    units = content.capacity.units
    return {
        name: sections.channel(notes, ("channels", name), name, entry, known, units)
        for name, entry in entries.items()
    }


def _offer(notes: sections.Notes, content: Routing) -> plan.OfferTerms:
    offer = content.offer
    notes.between(("offer", "silent_after"), offer.silent_after, 0, 100)
    notes.between(("offer", "ask"), offer.ask, 1, sections.MOST_ASKED)
    return plan.OfferTerms(
        ask=offer.ask,
        accept_within=notes.length(("offer", "accept_within"), offer.accept_within, least=1.0),
        silent_after=offer.silent_after,
        ask_again_after=notes.length(("offer", "ask_again_after"), offer.ask_again_after),
    )


def _statuses(notes: sections.Notes, content: Routing) -> None:
    """Every reason once, and short enough for a list."""
    seen: set[str] = set()
    for index, entry in enumerate(content.statuses):
        if not 1 <= len(entry.name.strip()) <= MAX_REASON:
            notes.note(("statuses", index, "name"), f"a name of 1 to {MAX_REASON} characters")
        if entry.name.casefold() in seen:
            notes.note(("statuses", index, "name"), f'"{entry.name}" stands here twice')
        seen.add(entry.name.casefold())
    if len(content.statuses) > MAX_STATUSES:
        notes.note(("statuses",), f"at most {MAX_STATUSES} reasons", key=True)


def _hand_back(notes: sections.Notes, content: Routing) -> plan.HandBackTerms:
    terms = content.hand_back
    after = notes.length(("hand_back", "after"), terms.after, least=1.0)
    return plan.HandBackTerms(after=after, asynchronous=terms.asynchronous)


def _rules(notes: sections.Notes, content: Routing, known: Known, shape: plan.Plan) -> Rules:
    for index, name in enumerate(content.attributes):
        if not name.isidentifier():
            notes.note(
                ("attributes", index),
                f'"{name}" is not a name that a condition can hold: letters, digits and _',
            )
    connectors = known.connectors | set(known.channels.values())
    facts = names(
        frozenset(known.channels),
        frozenset(connectors),
        frozenset(content.tags),
        frozenset(content.attributes),
        frozenset(content.hours),
    )
    if len(content.tests) > MAX_TESTS:
        notes.note(("tests",), f"at most {MAX_TESTS} tests", key=True)
    trial_names.check(notes, content, known)
    if len(content.rules) > MAX_RULES:
        notes.note(("rules",), f"at most {MAX_RULES} rules", key=True)
    built = [
        ruling.rule(notes, ("rules", index), entry, facts, shape, known, content.tags)
        for index, entry in enumerate(content.rules[:MAX_RULES])
    ]
    _order(notes, content)
    reads = frozenset().union(*(rule.when.names for rule in built if rule.when))
    besides, asked = _besides(notes, content, known, shape, facts)
    return Rules(
        rules=tuple(built),
        by_name={rule.name: rule for rule in built},
        derived=besides,
        closed=Closed(shape.skills, known.teams, known.agents or None),
        reads=reads | asked,
        looks=_looks(built, besides),
        zone=shape.rules.zone,
        hours=shape.rules.hours,
    )


def _looks(rules: Iterable[Rule], besides: tuple[Derived, ...]) -> witness.Looks:
    """What the conditions of all of these look for; the facts that stand in requirements are needed as they are."""
    conditions = [one.when for one in rules if one.when] + [one.when for one in besides if one.when]
    places = (place[1] for one in besides for text in one.need for place in PLACE.finditer(text))
    return witness.looks(conditions, places)


def _besides(
    notes: sections.Notes, content: Routing, known: Known, shape: plan.Plan, facts: Mapping[str, Fact]
) -> tuple[tuple[Derived, ...], set[str]]:
    """What is needed beside the rules, and the facts that this asks for."""
    reads: set[str] = set()
    besides = tuple(
        ruling.derived(notes, ("needs", index), entry, facts, shape.skills, known)
        for index, entry in enumerate(content.needs)
    )
    for one in besides:
        reads |= one.when.names if one.when else frozenset()
        reads |= {place[1] for text in one.need for place in PLACE.finditer(text)}
    return besides, reads


def _order(notes: sections.Notes, content: Routing) -> None:
    """The last rule, and only it, has no condition; every name stands once."""
    seen: set[str] = set()
    last = len(content.rules) - 1
    for index, entry in enumerate(content.rules):
        if entry.name in seen:
            notes.note(("rules", index, "name"), f'there is another rule called "{entry.name}"')
        seen.add(entry.name)
        if not entry.when.strip() and index < last:
            notes.note(("rules", index), "this rule has no `when`, so none of the rules after it can match")
    if not content.rules or content.rules[last].when.strip():
        where = ("rules", last) if content.rules else ("rules",)
        notes.note(where, "the last rule has no `when`, so that every conversation finds a queue: add one")
