"""What looks like a mistake and is allowed, each with its place; and that what is right is left alone."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from router.compiling import compile_routing
from router.inputs import Colleague
from router.linting import fits, lint
from router.needs import wants
from router.routing import Routing
from tests.router.plans import CONTENT, KNOWN

TEAM = (
    Colleague(
        id="ann", queues=("support", "billing", "sales"), skills={"lang.de": 4, "billing": 3, "technical": 1}
    ),
    Colleague(id="ben", queues=("support",), teams=("red",), skills={"technical": 2}),
)
REST = {"name": "rest", "queue": "support"}


def told(team: tuple[Colleague, ...] = (), **changes: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """Path and sentence of everything that looks like a mistake."""
    content = msgspec.convert({**CONTENT, **changes}, Routing)
    plan, problems = compile_routing(content, KNOWN)
    assert plan is not None, problems
    return [(one.path, one.message) for one in lint(plan, content, team)]


def rules(*whens: str) -> list[dict[str, Any]]:
    """Rules with these conditions, and one for the rest."""
    return [*({"name": f"r{n}", "when": when, "queue": "support"} for n, when in enumerate(whens)), REST]


def shadowed(*whens: str) -> list[tuple[tuple[str | int, ...], str]]:
    """What is said of conditions."""
    return [one for one in told(rules=rules(*whens)) if one[0][-1] == "when"]


def test_a_rule_that_can_never_match() -> None:
    ((path, said),) = shadowed('lang in ["de", "en"]', 'lang == "de" && returning')
    assert path == ("rules", 1, "when")
    assert '"r0" has matched before' in said
    ((path, said),) = shadowed('lang == "de" && lang == "en"')
    assert path == ("rules", 0, "when")
    assert "never be true" in said
    assert shadowed('lang == "de"', 'lang == "en"', "returning") == []


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"boost": "1m"}, "boost", 'the order of "support" is strict, not head_start'),
        ({"slope": 2.0}, "slope", "is strict, not ageing"),
        ({"due": "5m"}, "due", "is strict, not due"),
    ],
)
def test_a_setting_that_does_nothing(changes: dict[str, Any], path: str, said: str) -> None:
    found = dict(told(rules=[{"name": "a", "queue": "support", **changes}]))
    assert said in found[("rules", 0, path)]


def test_due_before_the_last_step_and_a_step_that_changes_nothing() -> None:
    steps = [{"need": ["billing"], "for": "1m"}, {"need": ["billing"], "for": "1m"}, {"need": []}]
    found = dict(told(order="due", rules=[{"name": "a", "queue": "support", "due": "90s", "steps": steps}]))
    assert "when the answer was due already" in found[("rules", 0, "due")]
    assert found[("rules", 0, "steps", 1)] == "this step changes nothing"
    assert ("rules", 0, "steps", 2) not in found


def test_what_nothing_uses() -> None:
    found = dict(told(rules=[REST], hours={**CONTENT["hours"], "night": {"week": {"mon": ["20:00-21:00"]}}}))
    assert found[("skills", "technical")] == 'no rule asks for the skill "technical"'
    assert found[("queues", "billing")] == 'no rule fills the queue "billing"'
    assert found[("hours", "night")] == 'nothing follows the hours "night"'
    used = dict(told(rules=[REST], needs=[{"need": ["prefer lang.{lang} >= 2", "not technical"]}]))
    assert ("skills", "lang.de") not in used
    assert ("skills", "technical") not in used


def test_steps_for_nobody_and_people_for_nothing() -> None:
    asks = [{"name": "a", "queue": "billing", "need": ["billing >= 3", "lang.en"]}]
    found = dict(told(TEAM, rules=asks))
    assert "needs billing>=3, lang.en" in found[("rules", 0)]
    assert found[("rules",)] == 'no rule ever reaches the agent "ben"'
    steps = [{"need": ["technical >= 3"], "for": "1m"}, {"need": ["technical"]}]
    assert ("rules", 0, "steps", 0) in dict(
        told(TEAM, rules=[{"name": "a", "queue": "support", "steps": steps}])
    )
    assert [path for path, _ in told(TEAM) if path[0] == "rules" and len(path) > 3] == []


def test_who_fits_by_every_kind_of_requirement() -> None:
    ann, ben = TEAM
    assert fits(ann, "billing", "", wants(("billing >= 3", "agent:ann | team:red", "not team:red")))
    assert not fits(ben, "billing", "", wants(()))
    assert not fits(ben, "support", "blue", wants(()))
    assert not fits(ben, "support", "", wants(("not technical >= 2",)))
    assert not fits(ann, "support", "", wants(("lang.en | team:red",)))


def test_conditions_of_needs_and_steps_that_never_hold() -> None:
    steps = [{"need": ["billing"], "for": "1m"}, {"if": "queue.waiting > 5 && queue.waiting < 2"}]
    wrong = told(needs=[{"when": 'lang == "de" && lang == "en"', "need": ["billing"]}], rules=[{**REST, "steps": steps}])  # fmt: skip
    paths = [path for path, said in wrong if said.startswith("this can never be true")]
    assert paths == [("needs", 0, "when"), ("rules", 0, "steps", 1, "if")]


def test_hours_without_a_time_and_work_that_makes_room_for_its_like() -> None:
    hours = {
        "office": {"week": {"mon": []}, "holidays": ["2026-12-25"]},
        "fair": {"dates": {"2026-05-01": ["09:00-12:00"]}},
    }
    wrong = told(hours=hours, channels={"email": {"yields_to": ["webchat", "email"]}})
    assert (("hours", "office"), '"office" is never open: no day has a time') in wrong
    assert not [path for path, said in wrong if path == ("hours", "fair") and "never open" in said]
    assert [path for path, said in wrong if "makes room" in said] == [("channels", "email", "yields_to", 1)]


def test_agents_whom_a_conversation_never_fits() -> None:
    small = [Colleague(id=f"small{at}", queues=("support",), capacity=2) for at in range(5)]
    others = (Colleague(id="none", queues=("support",), capacity=0), Colleague(id="admin", capacity=1))
    wrong = told((*TEAM, *small, *others))
    said = "a weight of 3 never fits into the units of small0 (2), small1 (2), small2 (2) and 2 more"
    assert [one for one in wrong if "never fits" in one[1]] == [(("channels", "webchat", "weight"), said)]


def test_steps_that_begin_when_the_first_reply_was_due() -> None:
    levels = {"gold": {"first_reply": "1m", "then": [{"when": "breached", "priority": 5}]}}
    steps = [{"need": ["billing"], "for": "61s"}, {"boost": "1m", "for": "5s"}, {"priority": 2}]
    rules = [{**REST, "service_level": "gold", "steps": steps}]
    said = 'this step begins after 61 s; the first reply of "gold" is due after 60 s'
    assert (("rules", 0, "steps", 1), said) in told(service_levels=levels, rules=rules)
    later = {"gold": {**levels["gold"], "first_reply": "2m"}}
    assert not [one for one in told(service_levels=later, rules=rules) if "is due after" in one[1]]


def test_a_test_that_expects_nothing() -> None:
    tests = [{"name": "t", "given": {}, "expect": {}}, {"name": "u", "given": {}, "expect": {"agent": ""}}]
    assert [path for path, said in told(tests=tests) if "never fails" in said] == [("tests", 0, "expect")]


def test_the_rules_of_a_canary_too() -> None:
    rules = [
        {"name": "a", "when": "returning", "queue": "support", "need": ["technical"]},
        {"name": "b", "when": 'returning && lang == "de"', "queue": "billing"},
        REST,
    ]
    canary = {"name": "next", "share": 0.1, "guard": {"errors": 1}, "rules": rules}
    wrong = told(TEAM, rules=[REST], canary=canary, needs=[{"when": 'lang == "de" && lang == "en"', "need": ["billing"]}])  # fmt: skip
    assert [path for path, said in wrong if "can never match" in said] == [("canary", "rules", 1, "when")]
    assert [path for path, said in wrong if "never be true" in said] == [("needs", 0, "when")]
    unused = [path for path, said in wrong if said.startswith("no rule ")]
    assert ("skills", "technical") not in unused
    assert ("queues", "billing") not in unused
    assert ("queues", "sales") in unused


def one_rule(*steps: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"name": "all", "queue": "support", "steps": list(steps), **more}]


AT_STEP: tuple[str | int, ...] = ("rules", 0, "steps", 1)
WAIT = {"for": "1m"}


@pytest.mark.parametrize(
    ("steps", "order", "path", "said"),
    [
        ([WAIT, {"team": "red"}], "strict", (*AT_STEP, "team"), 'this step asks for the team "red", which'),
        ([{"team": "red", **WAIT}, {"team": "red", "say": "soon"}], "strict", (), ""),
        ([WAIT, {"team": "red", "queue": "billing"}], "strict", (), ""),
        ([{"derived": False, **WAIT}, {"say": "soon"}], "strict", AT_STEP, "this step asks again for what the one before"),
        ([WAIT, {"boost": "1m"}], "ageing", (*AT_STEP, "boost"), "`boost` does nothing here: the order is ageing"),
        ([WAIT, {"priority": 3}], "fifo", (*AT_STEP, "priority"), "`priority` does nothing here: the order is fifo"),
        ([WAIT, {"priority": 3}], {"kind": "head_start", "per_priority": "1m"}, (), ""),
        ([{"need": ["billing"], **WAIT}, {"recall": True}], "strict", (), ""),
    ],
)  # fmt: skip
def test_steps_that_narrow_or_raise_nothing(
    steps: list[dict[str, Any]], order: Any, path: tuple[str | int, ...], said: str
) -> None:
    found = [one for one in told(rules=one_rule(*steps), order=order) if one[0][:1] == ("rules",)]
    assert [(at, words[: len(said)]) for at, words in found] == ([(path, said)] if said else [])


def test_settings_around_the_rules() -> None:
    office, shop = (
        {"week": {"mon-fri": ["09:00-17:00"]}},
        {"week": {"mon-sat": ["10:00-20:00"], "fri": ["09:00-15:00"]}},
    )
    queues = {
        "support": {"hours": "office", "closed": {"queue": "billing"}},
        "billing": {"hours": "office", "closed": {"queue": "billing"}},
        "sales": {"closed": {"offer": True}},
        "shop": {"hours": "shop", "closed": {"queue": "support"}},
    }
    found = told(
        queues=queues,
        hours={"office": office, "shop": shop},
        channels={"webchat": {"max": 0}},
        tags=["a", "b", "a"],
        rules=one_rule(WAIT, {"say": "Dear {contact.name}"}),
        automations=[{"name": "x", "event": ["received"], "do": {"reply": "Hi {name}", "note": "{ok"}}],
    )
    assert {path: words for path, words in found if "fills" not in words and path[0] != "skills"} == {
        ("queues", "support", "closed", "queue"): '"billing" has the same hours, so it is closed as well',
        (
            "queues",
            "billing",
            "closed",
            "queue",
        ): "this is the queue itself: what arrives while it is closed stays in it",
        ("queues", "sales", "closed"): "this queue has no hours, so it is never closed",
        (
            "hours",
            "shop",
            "week",
            "mon-sat",
        ): 'fri has these times and those of "fri", which overlap: all of them count',
        ("channels", "webchat", "max"): "nobody ever gets anything of webchat: at most 0 at once",
        ("tags", 2): '"a" stands here twice',
        ("rules", 0, "steps", 1, "say"): "{contact.name} is not filled in here: it is sent as it stands",
        ("automations", 0, "do", "reply"): "{name} is not filled in here: it is sent as it stands",
    }


def test_rules_that_those_before_cover_together() -> None:
    assert shadowed("returning", "!returning", "automatic") == [
        (("rules", 2, "when"), "this rule can never match: whatever it matches, rules before it have matched")
    ]
    assert shadowed("returning || !returning", "automatic") == [
        (("rules", 0, "when"), "this is always true, so none of the rules after it can match")
    ]


def test_waiting_for_one_agent_longer_than_promised() -> None:
    levels = {"gold": {"first_reply": "1m", "then": [{"when": "breached", "priority": 5}]}}
    found = told(
        service_levels=levels,
        rules=[{"name": "all", "queue": "support", "service_level": "gold", "sticky": {"for": "5m"}}],
    )
    said = 'it waits 300 s for one agent; the first reply of "gold" is due after 60 s'
    assert (("rules", 0, "sticky", "for"), said) in found


@pytest.mark.parametrize(
    ("when", "offset", "said"),
    [
        ('lang == "german"', 8, 'no language is written "german": two or three small letters, such as de'),
        ('lang in ["de", "EN"]', 15, 'no language is written "EN": two or three small letters, such as de'),
        ('returning && "Boss@Example.org" == address', 13, '"Boss@Example.org" is never met: the address is in small letters'),
        ('domain == "@example.org"', 10, '"@example.org" is never met: the domain is what stands after the @'),
        ('!(contact.tier >= "10")', 18, 'texts are compared letter by letter: "9" comes after "10"'),
    ],
)  # fmt: skip
def test_texts_that_nothing_is_written_like(when: str, offset: int, said: str) -> None:
    content = msgspec.convert({**CONTENT, "rules": rules(when), "attributes": ["tier"]}, Routing)
    plan, problems = compile_routing(content, KNOWN)
    assert plan is not None, problems
    found = [one for one in lint(plan, content, ()) if one.path == ("rules", 0, "when")]
    assert [(one.offset, one.message[: len(said)]) for one in found] == [(offset, said)]


def test_texts_that_may_well_be_so() -> None:
    assert (
        shadowed('lang in ["de", "fil", ""] && domain == "example.org"', 'contact.tier > "2026-01-01"') == []
    )
