"""What `check` tells of rules that never run, and of rules that lead to each other for ever."""

from __future__ import annotations

from typing import Any

from router import looping
from tests.router.plans import plan


def said(*rules: dict[str, Any]) -> list[tuple[int, str]]:
    return [
        (int(one.path[1]), one.message) for one in looping.lint(plan(automations=list(rules)).automations)
    ]


def rule(name: str, event: str, when: str = "", stop: bool = False, **do: Any) -> dict[str, Any]:
    return {"name": name, "event": [event], "when": when, "do": do or {"note": "x"}, "stop": stop}


def test_nothing_is_said_of_rules_that_are_right() -> None:
    assert (
        said(
            rule("a", "received", 'text.has("x")', tag=["urgent"]), rule("b", "tagged", 'added.has("urgent")')
        )
        == []
    )


def test_a_circle_is_told_once_at_its_first_rule() -> None:
    one = rule("one", "tagged", 'added.has("urgent")', queue="billing")
    two = rule("two", "queued", 'queue == "billing"', tag=["urgent"])
    ((index, text),) = said(one, two)
    assert index == 0
    assert "one -> two -> one" in text


def test_what_the_router_gives_back_to_a_rule_is_a_circle_of_one() -> None:
    ((_, text),) = said(rule("trip", "assigned", queue="billing"))
    assert "trip -> trip" in text


def test_a_tag_that_nobody_asks_for_leads_nowhere() -> None:
    one = rule("one", "tagged", 'added.has("urgent")', tag=["money"])
    two = rule("two", "tagged", 'added.has("money")', queue="billing")
    assert said(one, two) == []


def test_what_comes_after_a_stop_for_the_same_never_runs() -> None:
    first = rule("first", "received", 'channel in ["widget", "mail"]', stop=True)
    second = rule("second", "received", 'channel == "mail"')
    ((index, text),) = said(first, second)
    assert index == 1
    assert '"first" has matched and stopped' in text


def test_a_condition_that_contradicts_itself_and_names_that_are_empty() -> None:
    told = said(
        rule("a", "received", 'queue == "billing" && queue == "support"'),
        rule("b", "received", 'added.has("urgent")'),
    )
    assert [index for index, _ in told] == [0, 1]
    assert "can never be true" in told[0][1]
    assert "empty but for the event tagged" in told[1][1]
