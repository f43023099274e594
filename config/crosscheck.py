"""What the files mean together: names that point to nothing, levels that do not exist, work that fits nobody. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from config.errors import Mark, Problem, nearest
from config.settings import ALL_ROLES, Channels, Parley, Person, TeamFile
from config.yaml_positions import Mapping, Node, Scalar, Sequence
from connectors.contract import Manifest
from inbox import canned
from router import looping, rehearsing, trying
from router.canary import bare
from router.compiling import compile_routing
from router.inputs import Colleague
from router.linting import lint
from router.plan import Plan
from router.routing import Known, Routing
from stream.commands import AgentFacts

Path = tuple[str | int, ...]
BOT_CAPACITY = 10_000
"""Units of a bot that names none: a bound, not a limit that anybody should reach."""
MAX_REPLIES = 1_000


class Whole(NamedTuple):
    """All sections, typed; `installed` are the names of all connectors."""

    channels: Channels
    manifests: dict[str, Manifest]
    installed: frozenset[str]
    team: TeamFile
    routing: Routing


class Places(NamedTuple):
    """The trees of the sections."""

    channels: Node
    team: Node
    routing: Node


def mark_at(root: Node, path: Path, offset: int = 0, *, key: bool = False) -> Mark:
    """The place of what `path` leads to (of the key itself with `key`), as deep as the tree goes."""
    node, mark = root, root.mark
    for part in path:
        if isinstance(node, Mapping) and str(part) in node.entries:
            entry = node.entries[str(part)]
            node, mark = entry.node, entry.key
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            mark = node.mark
        else:
            return mark if key else node.mark
    if key:
        return mark
    if isinstance(node, Scalar) and (offset or node.begins_below):
        return node.at(offset)
    return node.mark


def house(
    whole: Whole, at: Places, digest: str, *, mended: bool = False
) -> tuple[Plan | None, list[Problem]]:
    """The compiled routing (None when it is wrong) and every fault. `mended`: parts are missing, so what needs them all is not asked."""
    known = Known(
        channels={name: channel.connector for name, channel in whole.channels.items()},
        connectors=whole.installed,
        live=frozenset(
            name for name, manifest in whole.manifests.items() if not manifest.capabilities.asynchronous
        ),
        teams=frozenset(whole.team.teams),
        agents=frozenset(whole.team.agents),
        bots=frozenset(login for login, person in whole.team.agents.items() if person.kind == "bot"),
    )
    plan, wrong = compile_routing(whole.routing, known, digest)
    problems = [
        Problem(mark_at(at.routing, one.path, one.offset, key=one.key), one.message, one.suggestion)
        for one in wrong
    ]
    problems += _team(whole, at.team)
    problems += _replies(whole, at.team)
    if plan is not None and not problems and not mended:
        problems += _capacities(whole, plan, at.team)
    if plan is not None and not problems and not digest and not mended:
        problems += _tried(whole, plan, at.routing)
    return plan, problems


def _tried(whole: Whole, plan: Plan, at: Node) -> Iterator[Problem]:
    """The tests inside the file, with the whole team there unless they say otherwise. What is active already was tried before."""
    team = colleagues(agents(whole.team, plan))
    channels = {name: channel.connector for name, channel in whole.channels.items()}
    alone = msgspec.structs.replace(plan, canary=None)
    for one in trying.run(alone, whole.routing.tests, team, channels):
        yield Problem(mark_at(at, one.path), one.message)
    if plan.canary is not None and whole.routing.canary is not None:
        changed = msgspec.structs.replace(alone, rules=bare(plan.canary))
        for one in trying.run(changed, whole.routing.canary.tests, team, channels):
            yield Problem(mark_at(at, ("canary", *one.path)), one.message)
    for one in rehearsing.run(plan, whole.routing.automation_tests, channels):
        yield Problem(mark_at(at, one.path), one.message)


def colleagues(facts: Iterable[AgentFacts]) -> list[Colleague]:
    """The team as the engine sees it, nobody online yet."""
    names = ("name", "skills", "queues", "teams", "capacity", "caps")
    return [
        Colleague(id=one.agent, bot=one.kind == "bot", **{name: getattr(one, name) for name in names})
        for one in facts
    ]


def _replies(whole: Whole, at: Node) -> Iterator[Problem]:
    """Canned replies: their teams, and that every brace is a placeholder."""
    replies = whole.team.replies
    if len(replies) > MAX_REPLIES:
        yield Problem(mark_at(at, ("replies",)), f"must have at most {MAX_REPLIES}, has {len(replies)}")
    for name, one in replies.items():
        here: Path = ("replies", name)
        yield from _known(at, (*here, "teams"), one.teams, whole.team.teams, "team")
        for offset, wrong in canned.unknown(one.text):
            said = f'unknown placeholder "{{{wrong[:60]}}}"; a brace that is meant as such is written {{{{'
            yield Problem(mark_at(at, (*here, "text"), offset), said, nearest(wrong, canned.PLACEHOLDERS))


def _team(whole: Whole, at: Node) -> Iterator[Problem]:
    queues, teams, people = whole.routing.queues, whole.team.teams, whole.team.agents
    for name, team in teams.items():
        yield from _known(at, ("teams", name, "queues"), team.queues, queues, "queue")
        yield from _known(at, ("teams", name, "supervisors"), team.supervisors, people, "agent")
        for index, login in enumerate(team.supervisors):
            if login in people and people[login].role == "agent":
                said = f'"{login}" has the role agent; a supervisor needs `role: supervisor`'
                yield Problem(mark_at(at, ("teams", name, "supervisors", index)), said)
    hooks = [name for name, channel in whole.channels.items() if channel.connector == "webhook"]
    for login, person in people.items():
        here: Path = ("agents", login)
        if person.webhook:
            yield from _bot(at, here, person, hooks)
        yield from _known(at, (*here, "teams"), person.teams, teams, "team")
        yield from _known(at, (*here, "queues"), person.queues, queues, "queue")
        yield from _known_keys(at, (*here, "caps"), person.caps, whole.installed, "connector")
        yield from _known_keys(at, (*here, "skills"), person.skills, whole.routing.skills, "skill")
        for skill, level in person.skills.items():
            most = whole.routing.skills[skill].levels if skill in whole.routing.skills else level
            if level > most:
                yield Problem(
                    mark_at(at, (*here, "skills", skill)), f'"{skill}" has levels 1 to {most}, not {level}'
                )


def _bot(at: Node, here: Path, person: Person, hooks: list[str]) -> Iterator[Problem]:
    """How a bot is told."""
    if person.kind != "bot":
        yield Problem(
            mark_at(at, (*here, "webhook"), key=True), "only a bot is told by webhook: add `kind: bot`"
        )
    elif person.webhook not in hooks:
        said = f'there is no channel "{person.webhook}" of the connector webhook'
        yield Problem(mark_at(at, (*here, "webhook")), said, nearest(person.webhook, hooks))


def _known(at: Node, path: Path, words: Iterable[str], known: Iterable[str], what: str) -> Iterator[Problem]:
    names = list(known)
    for index, word in enumerate(words):
        if word not in names:
            yield Problem(mark_at(at, (*path, index)), f'unknown {what} "{word}"', nearest(word, names))


def _known_keys(
    at: Node, path: Path, words: Iterable[str], known: Iterable[str], what: str
) -> Iterator[Problem]:
    names = list(known)
    for word in words:
        if word not in names:
            yield Problem(
                mark_at(at, (*path, word), key=True), f'unknown {what} "{word}"', nearest(word, names)
            )


def _capacities(whole: Whole, plan: Plan, at: Node) -> Iterator[Problem]:
    """An agent whom no conversation of any channel fits."""
    weights = [plan.channel(name, channel.connector).weight for name, channel in whole.channels.items()]
    least = min(weights, default=1)
    for login, person in whole.team.agents.items():
        if person.capacity is not None and 0 < person.capacity < least:
            said = f"no conversation fits: the lightest channel weighs {least} units"
            yield Problem(mark_at(at, ("agents", login, "capacity")), said)


def no_connector(channel: Mapping, name: str, known: Iterable[str]) -> Problem:
    """A channel of a connector that is not installed."""
    names = sorted(known)
    said = f'unknown connector "{name}"; installed are {", ".join(names)}'
    return Problem(mark_at(channel, ("connector",)), said, nearest(name, names))


def process(parley: Parley, at: Node) -> Iterator[Problem]:
    """Settings of the process that contradict each other."""
    if int(parley.listen.rpartition(":")[2]) > 65_535:
        yield Problem(mark_at(at, ("listen",)), "a port is a number up to 65535")
    embedded = parley.store == "sqlite" or parley.store.startswith("sqlite:")
    if embedded and set(parley.roles) != set(ALL_ROLES):
        said = "roles in several processes need a PostgreSQL store: a SQLite database belongs to one process"
        yield Problem(mark_at(at, ("roles",)), said)
    if not embedded and set(parley.roles) != set(ALL_ROLES) and parley.bus == "memory:":
        yield Problem(mark_at(at, ("roles",)), "roles in several processes need `bus: redis://...`")
    for name in ("idle", "lifetime", "link"):
        if getattr(parley.sessions, name) < 60:
            yield Problem(mark_at(at, ("sessions", name)), "must be at least 1m")
    kept, place = parley.retention, mark_at(at, ("retention", "journal"))
    if 0 < kept.journal < 86_400:
        yield Problem(place, "must be at least 1d (0s keeps the journal)")
    if kept.journal and not 0 < kept.raw_input <= kept.journal:
        yield Problem(place, "`raw_input` must be set, too, and be no longer than the journal")


def agents(team: TeamFile, plan: Plan) -> tuple[AgentFacts, ...]:
    """The agents as the stream keeps them: with the queues and caps that come from their teams and from routing."""
    supervised: dict[str, list[str]] = {}
    for name, one in team.teams.items():
        for login in one.supervisors:
            supervised.setdefault(login, []).append(name)
    facts = []
    for login, person in team.agents.items():
        teams = _once([*person.teams, *supervised.get(login, [])])
        queues = _once(
            [*person.queues, *(queue for name in person.teams for queue in team.teams[name].queues)]
        )
        facts.append(
            AgentFacts(
                agent=login,
                name=person.name or login,
                role=person.role,
                kind=person.kind,
                teams=teams,
                queues=() if person.kind == "bot" else queues,
                skills=person.skills,
                capacity=_capacity(person, plan),
                caps={**plan.caps(), **person.caps},
            )
        )
    return tuple(facts)


def _capacity(person: Person, plan: Plan) -> int:
    if person.capacity is not None:
        return person.capacity
    return BOT_CAPACITY if person.kind == "bot" else plan.units


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def warnings(whole: Whole, at: Places, plan: Plan) -> list[Problem]:
    """What is allowed and still looks like a mistake."""
    served: set[Any] = {queue for person in whole.team.agents.values() for queue in person.queues}
    for person in whole.team.agents.values():
        served.update(queue for name in person.teams for queue in whole.team.teams[name].queues)
    return [
        Problem(mark_at(at.routing, ("queues", queue), key=True), f'no agent serves the queue "{queue}"')
        for queue in whole.routing.queues
        if queue not in served
    ] + [
        Problem(mark_at(at.routing, one.path, one.offset, key=one.key), one.message, one.suggestion)
        for one in [
            *lint(plan, whole.routing, colleagues(agents(whole.team, plan))),
            *looping.lint(plan.automations),
        ]
    ]
