"""The rules of `routing.yaml` checked and compiled: conditions, requirements, timed steps. The other sections are in `sections`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from router import plan
from router.expressions import Expression, Fact, compile_expression
from router.names import nearest
from router.needs import Clause, Closed, Need, NeedError, Wants, clause, narrows, wants
from router.routing import Known, NeedEntry, Path, RuleEntry, StepEntry, StickyEntry
from router.rules import PLACE, Derived, Rule, Step, Sticky
from router.sections import NAME, Notes
from router.stepping import MEASURES

MOST_TEXT = 2_000
"""Characters of an automatic text."""


def rule(
    notes: Notes,
    path: Path,
    entry: RuleEntry,
    names: Mapping[str, Fact],
    shape: plan.Plan,
    known: Known,
    tags: Iterable[str],
) -> Rule:
    """One rule."""
    if not NAME.fullmatch(entry.name):
        notes.note((*path, "name"), f'"{entry.name}" is not a name: letters, digits and _ . -')
    notes.one_of((*path, "queue"), "queue", entry.queue, shape.queues)
    notes.between((*path, "priority"), entry.priority, 0, 9)
    for index, tag in enumerate(entry.tags):
        notes.one_of((*path, "tags", index), "tag", tag, tags)
    if not 0.001 <= entry.slope <= 1000:
        notes.note((*path, "slope"), f"{entry.slope:g} is not between 0.001 and 1000")
    if entry.service_level:
        notes.one_of((*path, "service_level"), "service level", entry.service_level, shape.levels)
    if entry.steps and (entry.need or entry.team):
        notes.note((*path, "steps"), "write either steps, or need and team", key=True)
    return Rule(
        name=entry.name,
        queue=entry.queue,
        steps=steps(notes, path, entry, shape.skills, known, shape.queues, tags),
        when=condition(notes, (*path, "when"), entry.when, names) if entry.when.strip() else None,
        priority=entry.priority,
        boost=notes.length((*path, "boost"), entry.boost),
        slope=entry.slope,
        due=notes.length((*path, "due"), entry.due, least=1.0) if entry.due else 0.0,
        sticky=_sticky(notes, (*path, "sticky"), entry.sticky) if entry.sticky else None,
        level=entry.service_level,
        tags=tuple(entry.tags),
        bot=_bot(notes, path, entry, known),
        bot_again=entry.bot_again,
    )


def _bot(notes: Notes, path: Path, entry: RuleEntry, known: Known) -> str:
    if entry.bot and known.agents:
        notes.one_of((*path, "bot"), "bot", entry.bot, sorted(known.bots))
    if entry.bot_again and not entry.bot:
        notes.note((*path, "bot_again"), "this rule names no `bot`", key=True)
    return entry.bot


def _sticky(notes: Notes, path: Path, entry: StickyEntry) -> Sticky:
    wait = notes.length((*path, "for"), entry.wait, least=1.0)
    return Sticky(wait=wait, if_online=entry.if_online, within=notes.length((*path, "within"), entry.within))


def derived(
    notes: Notes,
    path: Path,
    entry: NeedEntry,
    names: Mapping[str, Fact],
    skills: Mapping[str, int],
    known: Known,
) -> Derived:
    """Requirements beside those of the rules; what stands in braces must be a fact, and the rest is checked when it is filled in."""
    for index, text in enumerate(entry.need):
        for place in PLACE.finditer(text):
            if place[1] not in names:
                said = f'unknown name "{place[1]}"'
                notes.note((*path, "need", index), said, nearest(place[1], names), place.start(1))
    need(notes, path, entry.need, skills, known, PLACE)
    when = condition(notes, (*path, "when"), entry.when, names) if entry.when.strip() else None
    return Derived(need=tuple(entry.need), when=when)


def condition(notes: Notes, path: Path, text: str, names: Mapping[str, Fact]) -> Expression | None:
    """A compiled condition, or None when it is wrong."""
    found, faults = compile_expression(text, names)
    for fault in faults:
        notes.note(path, fault.message, fault.suggestion, fault.offset)
    return found


def steps(
    notes: Notes,
    path: Path,
    entry: RuleEntry,
    skills: Mapping[str, int],
    known: Known,
    queues: Iterable[str] = (),
    tags: Iterable[str] = (),
) -> tuple[Step, ...]:
    """The steps, each beginning when the one before it is over; they may only widen, unless a step says otherwise."""
    single = not entry.steps
    entries = [StepEntry(need=entry.need, team=entry.team)] if single else entry.steps
    built: list[Step] = []
    after = 0.0
    before: Wants | None = None
    for index, step in enumerate(entries):
        here = path if single else (*path, "steps", index)
        needs = tuple(str(one) for one in need(notes, here, step.need, skills, known))
        if before is not None and narrows(before, wants(needs)) and not step.narrow:
            said = "this step asks for more than the one before it: steps only widen"
            notes.note((*here, "need"), said, key=True)
        before = wants(needs)
        built.append(_step(notes, here, step, needs, after, known, queues, tags))
        if index == 0 and not single:
            _first(notes, here, step)
        last = index == len(entries) - 1
        if last and step.wait:
            notes.note((*here, "for"), "the last step has nothing after it: leave `for` out", key=True)
        elif not last and not step.wait:
            notes.note(here, "a step with another one after it says for how long: add `for`")
        elif step.wait:
            after += notes.length((*here, "for"), step.wait, least=1.0)
    return tuple(_raised(built))


def _raised(steps: list[Step]) -> Iterator[Step]:
    """Each step with what those before it have raised; one with a condition may never have begun, so what it raises ends with it."""
    boost, priority = 0.0, 0
    for step in steps:
        one = msgspec.structs.replace(
            step, boost=max(boost, step.boost), priority=max(priority, step.priority)
        )
        yield one
        if one.when is None:
            boost, priority = one.boost, one.priority


def _first(notes: Notes, path: Path, step: StepEntry) -> None:
    """What only a later step can do."""
    later = {"if": step.only, "queue": step.queue, "tags": step.tags, "say": step.say, "recall": step.recall}
    for name, said in later.items():
        if said:
            notes.note(
                (*path, name), f"the first step begins at once: `{name}` belongs to a later one", key=True
            )


def _step(
    notes: Notes,
    path: Path,
    entry: StepEntry,
    needs: tuple[str, ...],
    after: float,
    known: Known,
    queues: Iterable[str],
    tags: Iterable[str],
) -> Step:
    if entry.team:
        notes.one_of((*path, "team"), "team", entry.team, known.teams)
    if entry.queue:
        notes.one_of((*path, "queue"), "queue", entry.queue, queues)
    for index, tag in enumerate(entry.tags):
        notes.one_of((*path, "tags", index), "tag", tag, tags)
    notes.between((*path, "priority"), entry.priority, 0, 9)
    if len(entry.say) > MOST_TEXT:
        notes.note((*path, "say"), f"at most {MOST_TEXT} characters")
    return Step(
        need=needs,
        team=entry.team,
        after=after,
        boost=notes.length((*path, "boost"), entry.boost),
        priority=entry.priority,
        when=condition(notes, (*path, "if"), entry.only, MEASURES) if entry.only.strip() else None,
        queue=entry.queue,
        tags=tuple(entry.tags),
        say=entry.say,
        derived=entry.derived,
        recall=entry.recall,
    )


def need(
    notes: Notes,
    path: Path,
    texts: list[str],
    skills: Mapping[str, int],
    known: Known | None = None,
    anything: re.Pattern[str] | None = None,
) -> list[Clause]:
    """A list of requirements; what `anything` finds in a name may be anything."""
    lists = Closed(skills, known.teams, known.agents or None) if known is not None else Closed(skills)
    found: list[Clause] = []
    seen: set[Need] = set()
    for index, text in enumerate(texts):
        try:
            one = clause(text, lists, anything)
        except NeedError as fault:
            notes.note((*path, "need", index), fault.message, fault.suggestion, fault.offset)
            continue
        if len(one.needs) == 1 and not one.mode:
            name = msgspec.structs.replace(one.needs[0], level=1)
            if name in seen:
                notes.note((*path, "need", index), f'"{name}" stands here twice')
            seen.add(name)
        found.append(one)
    return found
