"""How the router's explanation of a conversation reads in a terminal. Only words: what was decided and why is the router's to tell."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any


def lines(told: dict[str, Any]) -> Iterator[str]:
    """What `router.explaining.explain` answers, for people."""
    held = f", with {told['assignee']}" if told["assignee"] else ""
    yield f"{told['conversation']}: {told['status']}, queue {told['queue'] or 'none'}{held}"
    for decision in told["decisions"]:
        yield from _decision(decision)
    yield from _verified(told.get("verified"))
    if "then" in told and told["then"] is None:
        yield "everybody at the newest choice: not known any more, the journal no longer reaches back to its beginning"
    for name, head in (("then", "everybody at the newest choice"), ("now", "everybody now")):
        if told.get(name):
            yield from _everybody(head, told[name])


def outcome(told: dict[str, Any]) -> Iterator[str]:
    """What `router.trying.explained` answers, for people."""
    found = told["outcome"]
    given = f"given to {found['agent']}" if found["agent"] else "waits"
    tags = f", tags {', '.join(found['tags'])}" if found["tags"] else ""
    yield f"rule {found['rule']}, step {found['step']}, queue {found['queue']}, priority {found['priority']}{tags}: {given}"
    if found["reply"]:
        yield f"  the customer is told: {found['reply']}"
    if told.get("next_step_in") is not None:
        yield f"  looks again in {told['next_step_in']:g} s"
    yield from _everybody("everybody", told)


def _decision(decision: dict[str, Any]) -> Iterator[str]:
    when = _moment(decision["at"])
    who = " ".join(str(decision[name]) for name in ("agent", "queue", "how", "trigger") if decision.get(name))
    why = decision.get("reason") or decision.get("cut")
    reason = f": {why}" if why else ""
    yield f"{when}  {decision['type']} {who}{reason}".rstrip()
    for said in decision.get("did", ()):
        yield f"  {said}"
    record = decision.get("record")
    if isinstance(record, dict):
        yield from _record(record)


def _record(record: dict[str, Any]) -> Iterator[str]:
    if "target" in record:
        yield from _target(record)
    elif "rule" in record:
        needs = ", ".join(record.get("need", [])) or "nothing in particular"
        if record.get("file"):
            yield f"  decided by the {record['file']}"
        yield f"  rule {record['rule']}, step {record.get('step', 0)}, queue {record.get('queue', '')}, needs {needs}"
    if winner := record.get("winner"):
        yield f"  chosen: {winner['name']} ({winner['why']})"
    for loser in record.get("losers", []):
        yield f"  next: {loser['name']} ({loser['why']})"
    for group in record.get("refused", []):
        yield f"  refused: {group['agents']} agents lack {', '.join(group['lacks'])}"


def _target(record: dict[str, Any]) -> Iterator[str]:
    yield f"  service level {record['level']}: {record['target']} within {record['within']:g} s, due {_moment(record['due_at'])}"
    for done in record["did"]:
        yield f"  {done}"


def _verified(decisions: list[dict[str, Any]] | None) -> Iterator[str]:
    """Whether each decision follows from what is stored of it."""
    if decisions is None:
        return
    count = Counter(one["verdict"] for one in decisions)
    yield f"decided again from what is stored: {count['agrees']} agree, {count['differs']} differ, {count['unknown']} cannot be told"
    for one in decisions:
        if one["verdict"] != "agrees":
            yield f"  {one['verdict']}: event {one['n']}, {one['type']}: {one['why']}"


def _everybody(head: str, told: dict[str, Any]) -> Iterator[str]:
    needs = ", ".join(told.get("need", [])) or "nothing in particular"
    yield f"{head} ({told['phase']}, needs {needs}):"
    yield from _level(told.get("level"))
    if told.get("open") is False:
        opens = f" until {_moment(told['opens_at'])}" if told["opens_at"] else ""
        yield f"  queue {told['queue']} is closed{opens}: nothing is given out"
    for agent in told.get("agents", []):
        yield f"  {agent['name']}: {agent['why_not'] or 'could have it'}"


def _level(level: dict[str, Any] | None) -> Iterator[str]:
    """The targets of its service level, and what comes next."""
    for target in level["targets"] if level else []:
        due = f", due {_moment(target['due_at'])}" if target["due_at"] else ", stands still"
        over = target["state"] in {"met", "missed"}
        yield f"  service level {level['level'] if level else ''}: {target['name']} {target['state']}{'' if over else due}"
    if level and level["next"]:
        then = level["next"]
        yield f"  next: {then['target']} {then['reached'].replace('_', ' ')} {_moment(then['at'])}"


def _moment(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
