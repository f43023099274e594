"""The tests of the automation inside `routing.yaml`: something happens to a conversation, and the rules that serve say what they do. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from router import acting
from router.acting import TIMED, Occasion, Standing
from router.automation_entries import OccasionEntry
from router.durations import seconds
from router.hours import moment
from router.plan import Plan
from router.routing import Path, Problem
from router.trial_entries import AutomationTest
from router.trial_names import with_connector
from router.trying import USUAL, facts_of, quoted
from stream.commands import RuleRun


def run(plan: Plan, tests: Sequence[AutomationTest], channels: Mapping[str, str] = {}) -> list[Problem]:
    """What is not as expected. `channels` are the channels' connectors."""
    problems: list[Problem] = []
    for index, test in enumerate(tests):
        path: Path = ("automation_tests", index)
        try:
            given = with_connector(test.given, channels)
            found = _played(plan, msgspec.structs.replace(test, given=given))
        except ValueError as fault:
            problems.append(Problem(path, f'test "{test.name}" cannot be run: {fault}'))
            continue
        for name, wanted in msgspec.to_builtins(test.expect).items():
            if wanted is not None and not _right(name, wanted, found[name]):
                said = f'test "{test.name}": expected {name} {quoted(wanted)}, got {quoted(found[name])}'
                problems.append(Problem((*path, "expect", name), said))
    return problems


def _right(name: str, wanted: Any, got: Any) -> bool:
    if name in {"note", "reply"}:
        return wanted in got if wanted else not got
    if name in {"tags", "webhooks"}:
        return sorted(wanted) == sorted(got)
    return bool(wanted == got)


def _played(plan: Plan, test: AutomationTest) -> dict[str, Any]:
    """How the conversation stands afterwards."""
    at = moment(test.at or USUAL, plan.rules.zone)
    happens = test.happens
    standing = Standing(
        queue=happens.queue, agent=happens.agent, status=happens.status, priority=happens.priority, messages=happens.messages
    )  # fmt: skip
    occasion = _occasion(happens)
    known = plan.automations.facts.values(facts_of(test.given, at)) | acting.values(occasion, standing)
    fired = acting.fire(plan.automations, occasion, known)
    return {
        "ran": [one.rule for one in fired.runs],
        "tags": sorted(known["tags"]),
        **{name: known[name] for name in ("queue", "team", "status")},
        "priority": int(known["priority"]),
        **_said(fired.runs),
    }


def _said(runs: Sequence[RuleRun]) -> dict[str, Any]:
    return {
        "note": " ".join(one.note for one in runs if one.note),
        "reply": " ".join(one.reply for one in runs if one.reply),
        "webhooks": [name for one in runs for name in one.webhooks],
    }


def _occasion(entry: OccasionEntry) -> Occasion:
    times = {kind: seconds(text) for kind in TIMED if (text := getattr(entry, kind))}
    if bool(entry.event) + len(times) != 1:
        raise ValueError("`happens` names one event or one time")
    kind, after = next(iter(times.items()), (entry.event or "", 0.0))
    return Occasion(
        kind=kind, after=after, by=entry.by, added=frozenset(entry.added), removed=frozenset(entry.removed)
    )
