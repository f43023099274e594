"""`routing.yaml` compiled: the demo, and a corpus of broken ones with the exact place of every fault."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from router.compiling import compile_routing
from router.plan import Plan
from router.routing import Known, Problem, Routing
from router.rules import Facts
from tests.router.plans import CONTENT, KNOWN, plan

DEMO = Path(__file__).parents[2] / "config" / "demo" / "routing.yaml"
DEMO_KNOWN = Known(
    channels={"website": "webchat"},
    connectors=frozenset({"webchat", "email", "telegram", "webhook", "echo"}),
    live=frozenset({"webchat"}),
)


def broken(*changes: tuple[tuple[str | int, ...], Any]) -> list[Problem]:
    """The problems of the sample with these values changed."""
    content = copy.deepcopy(CONTENT)
    for path, value in changes:
        place: Any = content
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = value
    found, problems = compile_routing(msgspec.convert(content, Routing), KNOWN)
    assert (found is None) == bool(problems)
    return problems


R = "rules"
CORPUS: list[tuple[tuple[str | int, ...], Any, tuple[str | int, ...], str, str, int]] = [
    (("skills",), {"lang de": {}}, ("skills", "lang de"), "is not a name", "", 0),
    (("skills", "billing"), {"levels": 6}, ("skills", "billing", "levels"), "between 1 and 5", "", 0),
    (("queues",), {}, ("queues",), "at least one queue", "", 0),
    (("queues", "bad name"), {}, ("queues", "bad name"), "is not a name", "", 0),
    (("queues", "sales", "hours"), "ofice", ("queues", "sales", "hours"), 'unknown hours "ofice"', "office", 0),
    (("queues", "support"), {"closed": {"reply": "x"}}, ("queues", "support", "closed", "reply"), "never closed", "", 0),
    (("queues", "sales", "closed"), {"reply": "Open {open}"}, ("queues", "sales", "closed", "reply"), "{open}", "{opens}", 5),
    (("hours", "9to5"), {}, ("hours", "9to5"), "is not a name", "", 0),
    (("hours", "office"), {"week": {"monday": []}}, ("hours", "office", "week", "monday"), "weekday", "", 0),
    (("hours", "office"), {"week": {"mon": ["9-17"]}}, ("hours", "office", "week", "mon", 0), "time span", "", 0),
    (("hours", "office"), {"timezone": "Europe/Berlim"}, ("hours", "office", "timezone"), "unknown time zone", "Europe/Berlin", 0),
    (("hours", "office"), {"holidays": ["2026-02-30"]}, ("hours", "office", "holidays", 0), "not a date", "", 0),
    (("hours", "office"), {"dates": {"24.12.": []}}, ("hours", "office", "dates", "24.12."), "not a date", "", 0),
    (("timezone",), "Mars", ("timezone",), "unknown time zone", "", 0),
    (("channels", "wbchat"), {}, ("channels", "wbchat"), "neither a channel nor a connector", "webchat", 0),
    (("channels", "webchat", "weight"), 0, ("channels", "webchat", "weight"), "between 1 and", "", 0),
    (("channels", "webchat", "weight"), 9, ("channels", "webchat", "weight"), "never fits into 8", "", 0),
    (("channels", "webchat", "max"), -1, ("channels", "webchat", "max"), "between 0 and", "", 0),
    (("channels", "widget"), {"max": 2}, ("channels", "widget", "max"), "caps count per connector", "webchat", 0),
    (("capacity",), {"units": -1}, ("capacity", "units"), "between 0 and", "", 0),
    (("offer", "accept_within"), "25", ("offer", "accept_within"), "is not a duration", "", 0),
    (("offer", "accept_within"), "0s", ("offer", "accept_within"), "at least 1s", "", 0),
    (("offer", "silent_after"), -1, ("offer", "silent_after"), "between 0 and", "", 0),
    (("offer", "ask_again_after"), "soon", ("offer", "ask_again_after"), "is not a duration", "", 0),
    (("hand_back",), {"after": "1 week"}, ("hand_back", "after"), "is not a duration", "", 0),
    (("attributes",), ["tier", "a-b"], ("attributes", 1), "is not a name", "", 0),
    (("order",), {"kind": "fifo", "per_priority": "5s"}, ("order", "per_priority"), "only the order head_start", "", 0),
    (("order",), {"kind": "due", "slope_per_priority": 2.0}, ("order", "slope_per_priority"), "only the order ageing", "", 0),
    (("order",), {"kind": "due", "due": "0s"}, ("order", "due"), "at least 1s", "", 0),
    (("pick",), ["spare", "spare"], ("pick", 1), "stands here twice", "", 0),
    (("pick",), ["spare", "sticky"], ("pick", 1), "sticky comes first", "", 0),
    (("queues",), {"support": {"pick": ["spare", "sticky"]}, "billing": {}, "sales": {}}, ("queues", "support", "pick", 1), "comes first", "", 0),
    (("queues",), {"support": {"closed": {"queue": "biling"}}, "billing": {}, "sales": {}},
        ("queues", "support", "closed", "queue"), 'unknown queue "biling"', "billing", 0),
    (("channels", "email"), {"yields_to": ["webchatt"]}, ("channels", "email", "yields_to", 0), "unknown connector", "webchat", 0),
    (("channels", "email"), {"accept_within": "0s"}, ("channels", "email", "accept_within"), "at least 1s", "", 0),
    (("channels", "email"), {"wrap_up": "5"}, ("channels", "email", "wrap_up"), "is not a duration", "", 0),
    (("shifts",), {"s": {"hours": "offic", "agents": ["a"]}}, ("shifts", "s", "hours"), 'unknown hours "offic"', "office", 0),
    (("shifts",), {"s": {"hours": "office"}}, ("shifts", "s"), "nobody works", "", 0),
    (("shifts",), {"s": {"hours": "office", "teams": ["rad"]}}, ("shifts", "s", "teams", 0), 'unknown team "rad"', "red", 0),
    (("shifts",), {"s": {"hours": "office", "teams": ["red"], "breaks": {"mon": ["12-13"]}}},
        ("shifts", "s", "breaks", "mon", 0), "is not a time span", "", 0),
    (("capacity",), {"ramps": {"a": {"begins": "soon", "units": [1]}}}, ("capacity", "ramps", "a", "begins"), "is not a day", "", 0),
    (("capacity",), {"ramps": {"a": {"begins": "2026-03-01", "units": []}}}, ("capacity", "ramps", "a", "units"), "1 to 100 numbers", "", 0),
    (("needs",), [{"need": ["lang.{lnag}"]}], ("needs", 0, "need", 0), 'unknown name "lnag"', "lang", 6),
    (("needs",), [{"need": ["biling"]}], ("needs", 0, "need", 0), "unknown skill", "billing", 0),
    (("needs",), [{"need": ["billing"], "when": "lnag == 'de'"}], ("needs", 0, "when"), "unknown name", "lang", 0),
    ((R, 0, "slope"), 0.0, (R, 0, "slope"), "is not between 0.001", "", 0),
    ((R, 0, "boost"), "1", (R, 0, "boost"), "is not a duration", "", 0),
    ((R, 0, "due"), "0s", (R, 0, "due"), "at least 1s", "", 0),
    ((R, 0, "sticky"), {"for": "0s"}, (R, 0, "sticky", "for"), "at least 1s", "", 0),
    ((R, 0, "need"), ["billing | lang.dee"], (R, 0, "need", 0), "unknown skill", "lang.de", 10),
    ((R, 0, "need"), ["team:rad"], (R, 0, "need", 0), "unknown team", "red", 5),
    ((R, 1, "steps", 0, "say"), "hello", (R, 1, "steps", 0, "say"), "belongs to a later one", "", 0),
    ((R, 1, "steps", 1, "if"), "wait.estimat > 5s", (R, 1, "steps", 1, "if"), "unknown name", "wait.estimate", 0),
    ((R, 1, "steps", 1, "queue"), "biling", (R, 1, "steps", 1, "queue"), "unknown queue", "billing", 0),
    ((R, 1, "steps", 1, "tags"), ["mony"], (R, 1, "steps", 1, "tags", 0), "unknown tag", "money", 0),
    ((R, 1, "steps", 1, "priority"), 10, (R, 1, "steps", 1, "priority"), "between 0 and 9", "", 0),
    ((R, 1, "steps", 1, "boost"), "much", (R, 1, "steps", 1, "boost"), "is not a duration", "", 0),
    ((R, 0, "name"), "has space", (R, 0, "name"), "is not a name", "", 0),
    ((R, 1, "name"), "german-money", (R, 1, "name"), "another rule", "", 0),
    ((R, 0, "queue"), "biling", (R, 0, "queue"), 'unknown queue "biling"', "billing", 0),
    ((R, 0, "priority"), 10, (R, 0, "priority"), "between 0 and 9", "", 0),
    ((R, 0, "tags"), ["urgent", "mony"], (R, 0, "tags", 1), 'unknown tag "mony"', "money", 0),
    ((R, 0, "when"), 'lang == "de" && txt.has("a")', (R, 0, "when"), 'unknown name "txt"', "text", 16),
    ((R, 0, "when"), 'channel == "widgt"', (R, 0, "when"), 'unknown channel "widgt"', "widget", 11),
    ((R, 0, "when"), "contact.teir == 'x'", (R, 0, "when"), "unknown name", "contact.tier", 0),
    ((R, 0, "when"), "open.ofice", (R, 0, "when"), "unknown name", "open.office", 0),
    ((R, 0, "when"), 'time.weekday == "monday"', (R, 0, "when"), "unknown weekday", "mon", 16),
    ((R, 0, "when"), "lang ==", (R, 0, "when"), "ends where", "", 7),
    ((R, 0, "need"), ["biling >= 2"], (R, 0, "need", 0), "unknown skill", "billing", 0),
    ((R, 0, "need"), ["billing >= 9"], (R, 0, "need", 0), "1 to 3", "", 11),
    ((R, 0, "need"), ["billing", "billing >= 2"], (R, 0, "need", 1), "stands here twice", "", 0),
    ((R, 0, "team"), "reds", (R, 0, "team"), 'unknown team "reds"', "red", 0),
    ((R, 0, "steps"), [{"need": []}], (R, 0, "steps"), "either steps", "", 0),
    ((R, 1, "steps", 0, "need"), ["billin"], (R, 1, "steps", 0, "need", 0), "unknown skill", "billing", 0),
    ((R, 1, "steps", 0, "for"), "", (R, 1, "steps", 0), "add `for`", "", 0),
    ((R, 1, "steps", 1, "for"), "0s", (R, 1, "steps", 1, "for"), "at least 1s", "", 0),
    ((R, 1, "steps", 2, "for"), "5s", (R, 1, "steps", 2, "for"), "nothing after it", "", 0),
    ((R, 1, "steps", 1, "need"), ["technical"], (R, 1, "steps", 1, "need"), "only widen", "", 0),
    ((R, 1, "steps", 1, "need"), ["billing >= 3"], (R, 1, "steps", 1, "need"), "only widen", "", 0),
    ((R, 3, "steps", 0, "team"), "green", (R, 3, "steps", 0, "team"), "unknown team", "", 0),
    ((R, 2, "when"), "", (R, 2), "none of the rules after it", "", 0),
    ((R, 5, "when"), "returning", (R, 5), "add one", "", 0),
    ((R,), [], (R,), "add one", "", 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "at", "said", "suggestion", "offset"), CORPUS, ids=lambda value: str(value)[:40]
)
def test_each_fault_is_found_where_it_is(
    path: tuple[str | int, ...],
    value: Any,
    at: tuple[str | int, ...],
    said: str,
    suggestion: str,
    offset: int,
) -> None:
    problems = broken((path, value))
    places = [
        (problem.path, problem.suggestion, problem.offset) for problem in problems if said in problem.message
    ]
    assert (at, suggestion, offset) in places, problems


def test_all_faults_come_at_once() -> None:
    problems = broken(
        ((R, 0, "queue"), "x"),
        ((R, 0, "need"), ["y"]),
        (("offer", "accept_within"), "z"),
        (("timezone",), "w"),
    )
    assert len(problems) == 4


def test_too_many_rules_are_refused() -> None:
    rules = [{"name": f"r{n}", "when": 'lang == "de"', "queue": "support"} for n in range(5_000)]
    problems = broken(((R,), [*rules, {"name": "last", "queue": "support"}]))
    assert [problem.message for problem in problems] == ["at most 5000 rules"]


def test_what_it_compiles_to() -> None:
    found = plan()
    assert found.channel("mail", "email").give == "push"
    assert found.channel("other", "other").weight == 1
    assert found.caps() == {"webchat": 2, "email": 6}
    assert found.channel("widget", "webchat").live
    assert not found.channel("mail", "email").live
    money = found.rules.by_name["money"]
    assert [(step.need, step.after) for step in money.steps] == [
        (("billing>=2",), 0.0),
        (("billing",), 30.0),
        ((), 90.0),
    ]
    assert found.steps("money", ("billing>=2",), "billing") == money.steps
    assert found.steps("money", ("billing>=2",), "support") == ()
    assert found.steps("gone", (), "billing") == ()
    assert found.hash == "hash"


def test_live_follows_the_connector_unless_it_is_said() -> None:
    changed = plan(channels={"webchat": {"live": False}, "email": {"live": True}})
    assert not changed.channel("", "webchat").live
    assert changed.channel("", "email").live


@pytest.fixture(scope="module")
def demo() -> Plan:
    content = msgspec.convert(yaml.safe_load(DEMO.read_text("utf-8")), Routing)
    found, problems = compile_routing(content, DEMO_KNOWN)
    assert found is not None, problems
    return found


@pytest.mark.parametrize(
    ("text", "rule", "queue", "language"),
    [
        ("Ich habe meine Rechnung nicht bekommen", "billing-german", "billing", "de"),
        ("Hola, no puedo ver mi factura", "billing-spanish", "billing", "es"),
        ("Where is my refund, please?", "billing", "billing", "en"),
        ("What is the price of this? I need a quote", "sales", "sales", "en"),
        ("The app crashes when I log in", "technical", "support", "en"),
        ("Ich habe eine Frage zu euch", "german", "support", "de"),
        ("Hola, tengo una pregunta", "spanish", "support", "es"),
        ("URGENT! nothing works", "urgent", "support", ""),
        ("hello", "everything-else", "support", ""),
    ],
)
def test_the_demo_sends_everybody_where_they_should_go(
    demo: Plan, text: str, rule: str, queue: str, language: str
) -> None:
    match = demo.rules.match(Facts(at=1.8e9, channel="website", connector="webchat", text=text))
    assert match is not None
    assert (match.rule.name, match.rule.queue, match.language) == (rule, queue, language)


def test_a_stated_language_and_a_known_customer_go_first(demo: Plan) -> None:
    match = demo.rules.match(Facts(at=1.8e9, text="factura", language="es"))
    assert match is not None
    assert match.rule.name == "billing-spanish"
    match = demo.rules.match(Facts(at=1.8e9, text="factura", attributes={"tier": "gold"}))
    assert match is not None
    assert match.rule.name == "vip"


def test_rules_may_ask_for_everything_that_is_known() -> None:
    asks = [
        'channel == "mail" && connector == "email" && domain == "example.org" && address == "a@example.org"',
        'subject.has("order") && text.has("order") && attachments >= 2 && automatic && returning && verified == "signed"',
        'contact.tier == "gold" && "urgent" in tags && time.weekday == "sat" && time.hour == 14 && time.clock < "14:30"',
        'time.date == "2026-08-01" && open.office',
    ]
    rules = [
        {"name": "all", "when": " && ".join(asks), "queue": "support"},
        {"name": "rest", "queue": "support"},
    ]
    found = plan(rules=rules)
    facts = Facts(
        at=1785593000.0, channel="mail", connector="email", subject="My order", address="A@Example.org", verified="signed",
        attachments=2, automatic=True, returning=True, tags=("urgent",), attributes={"tier": "gold"},
    )  # fmt: skip
    match = found.rules.match(facts)
    assert match is not None
    assert match.rule.name == "all"
    assert found.rules.reads >= {"contact.tier", "open.office", "time.hour", "domain"}
