"""The automation of `routing.yaml` checked and compiled: what it waits for, its conditions, what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from router import plan
from router.acting import TIMED, Automations, Guard, Reaction, names
from router.automation_entries import AutomationEntry, DoEntry
from router.expressions import Fact
from router.names import nearest
from router.routing import Known, Path, Routing
from router.rules import Rule, Rules
from router.rules import names as usual
from router.ruling import MOST_TEXT, condition
from router.sections import NAME, Notes
from stream.commands import RuleRun

MAX_AUTOMATIONS = 500
MAX_TESTS = 1_000
LONGEST = 366 * 86_400.0


def automations(
    notes: Notes, content: Routing, known: Known, shape: plan.Plan, rules: Sequence[Rule]
) -> Automations:
    """All of them; `rules` are those of routing, whose names no rule of the automation may take."""
    if len(content.automations) > MAX_AUTOMATIONS:
        notes.note(("automations",), f"at most {MAX_AUTOMATIONS} rules", key=True)
    if len(content.automation_tests) > MAX_TESTS:
        notes.note(("automation_tests",), f"at most {MAX_TESTS} tests", key=True)
    facts = _names(content, known)
    taken = {rule.name for rule in rules}
    found: list[Reaction] = []
    for index, entry in enumerate(content.automations[:MAX_AUTOMATIONS]):
        path: Path = ("automations", index)
        if entry.name in taken:
            notes.note((*path, "name"), f'there is another rule called "{entry.name}"')
        taken.add(entry.name)
        found.append(_reaction(notes, path, entry, facts, content, known))
    reads = frozenset().union(*(one.when.names for one in found if one.when))
    return Automations(
        reactions=tuple(found),
        guard=_guard(notes, content),
        facts=Rules(reads=reads, zone=shape.rules.zone, hours=shape.rules.hours),
        kinds=frozenset().union(*(one.on for one in found)),
        times={
            kind: tuple(sorted({one.after[kind] for one in found if kind in one.after})) for kind in TIMED
        },
    )


def _names(content: Routing, known: Known) -> dict[str, Fact]:
    """What routing's rules may ask, and what only these may."""
    connectors = known.connectors | set(known.channels.values())
    tags = frozenset(content.tags)
    return {
        **usual(frozenset(known.channels), frozenset(connectors), tags, frozenset(content.attributes), frozenset(content.hours)),
        **names(frozenset(content.queues), tags),
    }  # fmt: skip


def _guard(notes: Notes, content: Routing) -> Guard:
    given, path = content.automation_guard, ("automation_guard",)
    notes.between((*path, "depth"), given.depth, 1, 10)
    notes.between((*path, "runs"), given.runs, 1, 1_000)
    within = notes.length((*path, "within"), given.within, least=1.0)
    return Guard(depth=given.depth, runs=given.runs, within=within)


def _reaction(
    notes: Notes,
    path: Path,
    entry: AutomationEntry,
    facts: Mapping[str, Fact],
    content: Routing,
    known: Known,
) -> Reaction:
    if not NAME.fullmatch(entry.name):
        notes.note((*path, "name"), f'"{entry.name}" is not a name: letters, digits and _ . -')
    after: dict[str, float] = {
        kind: notes.length((*path, kind), text, least=1.0) for kind in TIMED if (text := getattr(entry, kind))
    }
    for kind, seconds in after.items():
        if seconds > LONGEST:
            notes.note((*path, kind), "at most a year")
    if not entry.event and not after:
        said = "nothing makes this rule run: add `event`, `waiting`, `no_reply` or `silent`"
        notes.note((*path, "event"), said)
    return Reaction(
        name=entry.name,
        on=frozenset(entry.event),
        do=_do(notes, (*path, "do"), entry.name, entry.do, content, known),
        after=after,
        when=condition(notes, (*path, "when"), entry.when, facts) if entry.when.strip() else None,
        stop=entry.stop,
    )


def _do(notes: Notes, path: Path, name: str, entry: DoEntry, content: Routing, known: Known) -> RuleRun:
    _checked(notes, path, entry, content, known)
    return RuleRun(
        rule=name,
        tag=tuple(entry.tag),
        untag=tuple(entry.untag),
        priority=entry.priority,
        note=entry.note,
        reply=entry.reply,
        webhooks=tuple(dict.fromkeys(entry.webhook)),
        queue=entry.queue or None,
        team=entry.team or None,
        snooze=notes.length((*path, "snooze"), entry.snooze, least=1.0) if entry.snooze else 0.0,
        resolve=entry.resolve,
    )


def _checked(notes: Notes, path: Path, entry: DoEntry, content: Routing, known: Known) -> None:
    """Names, bounds, and what excludes each other."""
    if entry == DoEntry():
        notes.note(path, "this does nothing")
    _tags(notes, path, entry, content)
    if entry.priority is not None:
        notes.between((*path, "priority"), entry.priority, 0, 9)
    if entry.queue:
        notes.one_of((*path, "queue"), "queue", entry.queue, content.queues)
    if entry.team:
        notes.one_of((*path, "team"), "team", entry.team, known.teams)
    for key, text in (("note", entry.note), ("reply", entry.reply)):
        if len(text) > MOST_TEXT:
            notes.note((*path, key), f"at most {MOST_TEXT} characters")
    if entry.resolve and (entry.snooze or entry.queue or entry.team):
        notes.note(
            (*path, "resolve"), "what is resolved waits nowhere: leave out queue, team and snooze", key=True
        )
    _webhooks(notes, path, entry, known)


def _tags(notes: Notes, path: Path, entry: DoEntry, content: Routing) -> None:
    for key, tags in (("tag", entry.tag), ("untag", entry.untag)):
        for index, tag in enumerate(tags):
            notes.one_of((*path, key, index), "tag", tag, content.tags)
    for index, tag in enumerate(entry.untag):
        if tag in entry.tag:
            notes.note((*path, "untag", index), f'"{tag}" stands under tag too')


def _webhooks(notes: Notes, path: Path, entry: DoEntry, known: Known) -> None:
    hooks = [name for name, connector in known.channels.items() if connector == "webhook"]
    for index, name in enumerate(entry.webhook):
        if name in known.channels and name not in hooks:
            said = f'"{name}" is a channel of {known.channels[name]}: a webhook is told over one of the connector webhook'
            notes.note((*path, "webhook", index), said, nearest(name, hooks))
        else:
            notes.one_of((*path, "webhook", index), "channel", name, hooks)
