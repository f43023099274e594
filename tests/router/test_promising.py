"""The section `service_levels`: what it becomes, and every fault with its place."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from router.compiling import compile_routing
from router.inputs import Colleague
from router.linting import lint
from router.plan import Plan
from router.routing import Routing
from tests.router.plans import CONTENT, KNOWN


def content(level: dict[str, Any], **more: Any) -> Routing:
    queues = {**CONTENT["queues"], "support": {"service_level": "gold"}}
    return msgspec.convert({**CONTENT, "queues": queues, "service_levels": {"gold": level}, **more}, Routing)


def plan(level: dict[str, Any], **more: Any) -> Plan:
    found, problems = compile_routing(content(level, **more), KNOWN)
    assert found is not None, problems
    return found


def faults(level: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    _, problems = compile_routing(content(level, **more), KNOWN)
    return [(".".join(map(str, one.path)), one.message) for one in problems]


def test_a_chain_is_in_the_order_of_the_clock() -> None:
    level = {
        "first_reply": "10m",
        "at_risk": "4m",
        "then": [
            {"when": "breached", "after": "5m", "queue": "sales"},
            {"when": "at_risk", "boost": "1m"},
            {"when": "at_risk", "after": "4m", "tags": ["urgent"]},
            {"when": "breached", "priority": 5, "notify": ["supervisors"]},
            {"when": "breached", "priority": 3, "of": ["first_reply"], "notify": ["assignee", "supervisors"]},
        ],
    }
    marks = plan(level).levels["gold"].promises["first_reply"].marks
    assert [(one.seconds, one.reached) for one in marks] == [
        (360, "at_risk"),
        (600, "breached"),
        (900, "escalated"),
    ]
    both = marks[1].deed
    assert (both.priority, both.tags, both.tell) == (5, ("urgent",), ("supervisors", "assignee"))


def test_steps_of_one_target_are_not_those_of_another() -> None:
    level = {
        "first_reply": "10m",
        "resolution": "2h",
        "then": [{"when": "breached", "of": ["resolution"], "priority": 5}],
    }
    promises = plan(level).levels["gold"].promises
    assert promises["first_reply"].marks[1].deed.priority == 0
    assert promises["resolution"].marks[1].deed.priority == 5


def test_a_rule_has_its_own_level_or_that_of_its_queue() -> None:
    rules = [
        {"name": "fast", "when": 'text.has("urgent")', "queue": "support", "service_level": "fast"},
        {"name": "rest", "queue": "support"},
    ]
    levels = {"gold": {"first_reply": "1h"}, "fast": {"first_reply": "1m"}}
    found = plan({}, rules=rules, service_levels=levels)
    assert [found.level_of("fast", "support"), found.level_of("rest", "support"), found.level_of("fast", "sales")] == [
        "fast", "gold", "",
    ]  # fmt: skip


STEP = {"when": "breached", "priority": 1}
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({}, "", "promises nothing"),
    ({"first_reply": "ten"}, "first_reply", "not a duration"),
    ({"first_reply": "10m", "at_risk": "120%"}, "at_risk", "below 100%"),
    ({"first_reply": "10m", "at_risk": "10m"}, "at_risk", "before it begins"),
    ({"first_reply": "10m", "at_risk": "soon"}, "at_risk", "not a duration"),
    ({"first_reply": "10m", "hours": "ofice"}, "hours", 'unknown hours "ofice"'),
    ({"first_reply": "10m", "hours": "office", "pause": []}, "hours", "these hours do nothing"),
    (
        {"first_reply": "10m", "then": [{**STEP, "of": ["resolution"]}]},
        "then.0.of.0",
        "promises no resolution",
    ),
    ({"first_reply": "10m", "then": [{"when": "at_risk"}]}, "then.0", "nothing follows here"),
    ({"first_reply": "10m", "then": [{**STEP, "queue": "suport"}]}, "then.0.queue", 'unknown queue "suport"'),
    ({"first_reply": "10m", "then": [{**STEP, "team": "green"}]}, "then.0.team", 'unknown team "green"'),
    ({"first_reply": "10m", "then": [{**STEP, "tags": ["urgnt"]}]}, "then.0.tags.0", 'unknown tag "urgnt"'),
    ({"first_reply": "10m", "then": [{**STEP, "priority": 10}]}, "then.0.priority", "not between 0 and 9"),
    ({"first_reply": "10m", "then": [{**STEP, "take": True}]}, "then.0.take", "name one"),
    (
        {"first_reply": "10m", "then": [{**STEP, "queue": "sales", "need": ["biling"]}]},
        "then.0.need.0",
        "biling",
    ),
    (
        {"first_reply": "10m", "then": [{**STEP, "notify": ["boss"]}]},
        "then.0.notify.0",
        'unknown receiver "boss"',
    ),
    (
        {"first_reply": "10m", "then": [{**STEP, "notify": ["team:reds"]}]},
        "then.0.notify.0",
        'unknown team "reds"',
    ),
    ({"first_reply": "10m", "then": [{**STEP, "after": "soon"}]}, "then.0.after", "not a duration"),
    ({"first_reply": "10m", "then": [STEP] * 101}, "then", "at most 100 steps"),
]


@pytest.mark.parametrize(
    ("level", "place", "said"), WRONG, ids=[f"{one[1] or 'all'}-{one[2]}" for one in WRONG]
)
def test_a_fault_is_told_at_its_place(level: dict[str, Any], place: str, said: str) -> None:
    found = faults(level)
    where = ".".join(filter(None, ("service_levels.gold", place)))
    assert [path for path, message in found if said in message] == [where], found


def test_a_level_that_nobody_wrote_is_unknown_where_it_is_named() -> None:
    rules = [{"name": "rest", "queue": "support", "service_level": "golden"}]
    found = faults({"first_reply": "10m"}, queues={"support": {"service_level": "silver"}}, rules=rules)
    assert [path for path, _ in found] == ["queues.support.service_level", "rules.0.service_level"]


def linted(level: dict[str, Any], *team: Colleague, **more: Any) -> list[str]:
    written = content(level, **more)
    found, problems = compile_routing(written, KNOWN)
    assert found is not None, problems
    said = lint(found, written, team)
    return [
        f"{'.'.join(map(str, one.path))}: {one.message}" for one in said if one.path[0] == "service_levels"
    ]


def test_a_promise_without_consequences_looks_like_a_mistake() -> None:
    level = {"first_reply": "10m", "resolution": "2h", "then": [{**STEP, "of": ["first_reply"]}]}
    assert linted(level) == [
        "service_levels.gold.resolution: nothing follows when this is late: add a step under `then` for resolution"
    ]


def test_a_level_that_nobody_has_looks_like_a_mistake() -> None:
    found = linted({"first_reply": "10m", "then": [STEP]}, queues=CONTENT["queues"])
    assert found == ['service_levels.gold: no queue and no rule has the service level "gold"']


def test_an_escalation_to_nobody_looks_like_a_mistake() -> None:
    level = {
        "first_reply": "10m",
        "then": [
            {**STEP, "team": "blue"},
            {**STEP, "queue": "sales"},
            {**STEP, "team": "red", "need": ["billing >= 3"]},
        ],
    }
    ann = Colleague(id="ann", queues=("support",), teams=("red",), skills={"billing": 2})
    assert linted(level) == []
    assert linted(level, ann) == [
        "service_levels.gold.then.0: nobody is there whom this goes to: team blue",
        "service_levels.gold.then.1: nobody is there whom this goes to: queue sales",
        "service_levels.gold.then.2: nobody is there whom this goes to: team red, needing billing>=3",
    ]
    bea = Colleague(id="bea", queues=("support", "sales"), teams=("red", "blue"), skills={"billing": 3})
    assert linted(level, ann, bea) == []
