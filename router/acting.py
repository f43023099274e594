"""Rules beyond assignment: what happened and what is known in, what the rules do out. Pure; everything else about them is elsewhere.

All rules of an occasion are looked at in their order; what one of them changes, the next one's condition sees. A rule never answers
what its own effects made happen, and a chain of rules ends at the guard's depth.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from router.expressions import Expression, Fact
from router.rules import Rules
from stream.commands import RuleRun

Timed = Literal["waiting", "no_reply", "silent"]
TIMED: tuple[Timed, ...] = ("waiting", "no_reply", "silent")
BY = frozenset({"customer", "agent", "bot", "system", "rule"})
STATUSES = frozenset({"open", "snoozed", "resolved"})


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """See `automation_entries.GuardEntry`; `within` in seconds."""

    depth: int = 3
    runs: int = 20
    within: float = 600.0


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: `on` what happens, `after` so many seconds of a time that passes, and what it does."""

    name: str
    on: frozenset[str]
    do: RuleRun
    after: Mapping[str, float] = {}
    when: Expression | None = None
    stop: bool = False


class Automations(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, in order. `facts` works out the names that their conditions read; `times` are the times that somebody waits for."""

    reactions: tuple[Reaction, ...] = ()
    guard: Guard = Guard()
    facts: Rules = Rules()
    kinds: frozenset[str] = frozenset()
    times: Mapping[str, tuple[float, ...]] = {}


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """What happened: `kind` by whom; a time that passed has `after` seconds. `chain` are the rules whose effects led here.

    `seq` is the number of the message that it was. `parents` are those of them that did it directly, `depth` how many times rules led to rules.
    """

    kind: str
    by: str = "customer"
    after: float = 0.0
    seq: int = 0
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    chain: tuple[str, ...] = ()
    parents: frozenset[str] = frozenset()
    depth: int = 0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a conversation stands, beside what the rules of routing may ask."""

    queue: str = ""
    team: str = ""
    agent: str = ""
    status: str = "open"
    priority: int = 0
    messages: int = 0


class Fired(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that matched, in order, and why the guard lets none of them act (""): it does."""

    runs: tuple[RuleRun, ...] = ()
    cut: str = ""


def names(queues: frozenset[str], tags: frozenset[str]) -> dict[str, Fact]:
    """The names that only conditions of the automation may use."""
    return {
        "by": Fact("text", BY, "kind of author"),
        "queue": Fact("text", queues | {""}, "queue"),
        "team": Fact("text"),
        "agent": Fact("text"),
        "status": Fact("text", STATUSES, "status"),
        "priority": Fact("number"),
        "messages": Fact("number"),
        "added": Fact("set", tags, "tag"),
        "removed": Fact("set", tags, "tag"),
    }


def values(occasion: Occasion, standing: Standing) -> dict[str, Any]:
    """The facts of these names."""
    return {
        "by": occasion.by,
        "added": occasion.added,
        "removed": occasion.removed,
        "queue": standing.queue,
        "team": standing.team,
        "agent": standing.agent,
        "status": standing.status,
        "priority": float(standing.priority),
        "messages": float(standing.messages),
    }


def fire(plan: Automations, occasion: Occasion, known: dict[str, Any]) -> Fired:
    """Which rules act. `known` are all facts by name; it is changed as the rules would change them."""
    runs: list[RuleRun] = []
    again = ""
    for rule in plan.reactions:
        if not _meant(rule, occasion) or rule.name in occasion.parents:
            continue
        if rule.when is not None and not rule.when.holds(known):
            continue
        if rule.name in occasion.chain:
            again = again or rule.name
            continue
        run = rule.do
        if run.reply and known.get("automatic"):
            run = msgspec.structs.replace(run, reply="")
        runs.append(run)
        _apply(run, known)
        if rule.stop:
            break
    if not runs:
        return Fired(cut=f"{again} was not run again by what it led to") if again else Fired()
    if occasion.depth >= plan.guard.depth:
        return Fired(runs=tuple(runs), cut=f"rules led to rules {occasion.depth} times, as often as they may")
    return Fired(runs=tuple(runs))


def _meant(rule: Reaction, occasion: Occasion) -> bool:
    if occasion.after:
        return rule.after.get(occasion.kind) == occasion.after
    return occasion.kind in rule.on


def _apply(run: RuleRun, known: dict[str, Any]) -> None:
    """What the rules after this one see."""
    known["tags"] = (known["tags"] | set(run.tag)) - set(run.untag)
    if run.priority is not None:
        known["priority"] = float(run.priority)
    if run.queue is not None or run.team is not None:
        known.update(queue=run.queue or known["queue"], team=run.team or "", agent="", status="open")
    if run.snooze:
        known["status"] = "snoozed"
    if run.resolve:
        known["status"] = "resolved"
