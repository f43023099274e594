"""The tests inside a file: what they tell when something is not as expected."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from router.inputs import Colleague
from router.trial_entries import GivenEntry, TestEntry
from router.trying import explained, run
from tests.router.plans import plan


def told(test: dict[str, Any], team: tuple[Colleague, ...] = ()) -> list[tuple[tuple[str | int, ...], str]]:
    """Path and sentence of everything that is wrong."""
    entry = msgspec.convert({"name": "t", "expect": {}, **test}, TestEntry)
    return [(one.path, one.message) for one in run(plan(), [entry], team)]


GIVEN = {"text": "rechnung", "lang": "de", "connector": "webchat"}
AGENTS = {"ann": {"skills": {"lang.de": 5, "billing": 3}}, "ben": {}}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("rule", "money", 'expected rule "money", got "german-money"'),
        ("queue", "support", 'expected queue "support", got "billing"'),
        ("need", [], "expected need [], got ['lang.de>=3', 'billing>=2']"),
        ("priority", 3, "expected priority 3, got 0"),
        ("team", "red", 'expected team "red", got ""'),
        ("tags", ["urgent"], "expected tags ['urgent'], got ['money']"),
        ("step", 1, "expected step 1, got 0"),
        ("agent", "ben", 'expected agent "ben", got "ann"'),
        ("reply", "hello", 'expected reply "hello", got ""'),
    ],
)
def test_each_expectation_is_told_where_it_stands(name: str, value: Any, said: str) -> None:
    found = told({"given": GIVEN, "agents": AGENTS, "expect": {name: value}})
    assert found == [(("tests", 0, "expect", name), f'test "t": {said}')]


def test_everything_as_expected_is_silent() -> None:
    expect = {"rule": "german-money", "agent": "ann", "need": ["billing>=2", "lang.de>=3"], "reply": ""}
    assert told({"given": GIVEN, "agents": AGENTS, "expect": expect}) == []


def test_silence_and_others_are_played_through() -> None:
    others = {"first": {**GIVEN, "ago": "5s"}}
    test = {
        "given": GIVEN,
        "agents": {"ann": AGENTS["ann"]},
        "others": others,
        "expect_others": {"first": "ann"},
    }
    assert told(test) == []
    assert told(test | {"after": "16s"}) == [
        (("tests", 0, "expect_others", "first"), 'test "t": expected agent "ann" for first, got ""')
    ]
    wrong = told(test | {"expect_others": {"nobody": "ann"}})
    assert [path for path, _ in wrong] == [("tests", 0, "expect_others", "nobody")]


def test_a_mail_is_pushed_and_a_closed_queue_answers() -> None:
    assert told({"given": {"connector": "email"}, "agents": {"ann": {}}, "expect": {"agent": "ann"}}) == []
    night = {
        "given": {"lang": "es"},
        "at": "2026-03-04 20:00",
        "expect": {"reply": "Thu 2026-03-05 06:00", "agent": ""},
    }
    assert told(night) == []


def test_without_agents_the_whole_team_is_there() -> None:
    team = (Colleague(id="zoe", queues=("support",)),)
    assert told({"given": {"text": "hello", "connector": "webchat"}, "expect": {"agent": "zoe"}}, team) == []


def test_a_test_that_cannot_be_run_says_why() -> None:
    ((path, said),) = told({"given": {}, "at": "noon"})
    assert path == ("tests", 0)
    assert '"noon" is not a moment' in said
    assert "is not a duration" in told({"given": {}, "after": "5"})[0][1]


def test_a_conversation_that_might_come_is_explained() -> None:
    team = (
        Colleague(id="zoe", name="Zoe", queues=("support", "billing"), skills={"billing": 1}),
        Colleague(id="yan", name="Yan", queues=("support",)),
    )
    given = msgspec.convert({"text": "rechnung", "lang": "en", "connector": "webchat"}, GivenEntry)
    found = explained(plan(), given, team)
    assert (found["outcome"]["rule"], found["outcome"]["step"], found["outcome"]["agent"]) == ("money", 0, "")
    assert found["next_step_in"] == 30.0
    assert {one["agent"]: one["why_not"] for one in found["agents"]} == {
        "zoe": "lacks billing>=2",
        "yan": "lacks queue billing, billing>=2",
    }
    assert explained(plan(), given, team, at="1")["outcome"]["agent"] == "zoe"
    assert explained(plan(), given, team, at="29s")["outcome"]["agent"] == ""
    assert explained(plan(), given, team, moment="2026-03-04 20:00")["outcome"]["step"] == 0
    with pytest.raises(ValueError, match="steps 0 to 2"):
        explained(plan(), given, team, at="3")
    with pytest.raises(ValueError, match="not a duration"):
        explained(plan(), given, team, at="soon")
