"""The configurations under which random days are lived: together they use every setting that has a say in who gets what, and when."""

from __future__ import annotations

from tests.router.plans import CONTENT, plan

PLANS = (
    plan(),
    plan(
        canary={
            "name": "next",
            "share": 0.5,
            "guard": {"errors": 10**9},
            "rules": [
                {
                    "name": "urgent",
                    "when": 'text.has("urgent")',
                    "queue": "billing",
                    "steps": [{"need": ["billing"], "for": "20s"}, {"priority": 5}],
                },
                {"name": "rest", "queue": "sales", "priority": 1},
            ],
        },
        offer={"accept_within": "15s", "silent_after": 0, "ask_again_after": "1m"},
        queues={**CONTENT["queues"], "sales": {"hours": "office", "closed": {"offer": True}}},
    ),
    plan(offer={"accept_within": "10s", "silent_after": 1, "ask_again_after": "0s"}),
    plan(hand_back={"after": "30s", "asynchronous": True}),
    plan(
        order={"kind": "head_start", "per_priority": "20s"},
        pick=["sticky", "proficiency", "spare", "round_robin"],
    ),
    plan(
        order={"kind": "ageing", "slope_per_priority": 0.5},
        pick=["opportunity", "least_skilled", "longest_idle"],
        queues={
            **CONTENT["queues"],
            "billing": {"order": "due", "pick": ["fullest", "most_skilled"]},
            "support": {"order": "fifo", "pick": ["round_robin"]},
        },
    ),
    plan(
        hours={
            "office": {"week": {"mon-sun": ["00:00-06:00", "08:00-18:00"]}},
            "early": {"week": {"mon-sun": ["00:00-13:50", "14:20-23:00"]}},
        },
        shifts={
            "early": {"hours": "early", "breaks": {"mon-sun": ["13:47-13:49"]}, "teams": ["red"]},
            "late": {"hours": "office", "agents": ["a01", "a04"]},
        },
        capacity={"units": 8, "ramps": {"a00": {"begins": "1970-01-12", "units": [2, 4], "every": "14h"}}},
        channels={
            "webchat": {"weight": 3, "max": 2, "wrap_up": "20s"},
            "email": {"weight": 1, "max": 6, "give": "push", "yields_to": ["webchat", "telegram"]},
            "telegram": {"weight": 2, "yields_to": ["webchat"], "wrap_up": "5s", "accept_within": "45s"},
        },
        queues={**CONTENT["queues"], "sales": {"hours": "office", "closed": {"queue": "support"}}},
        pick=["sticky", "spare"],
    ),
    plan(
        needs=[
            {"when": 'lang in ["de", "en"]', "need": ["lang.{lang}"]},
            {
                "when": 'channel == "mail" || connector == "email"',
                "need": ["prefer billing >= 2", "not agent:a03"],
            },
        ],
        rules=[
            {
                "name": "money",
                "when": 'text.has("rechnung")',
                "queue": "billing",
                "sticky": {"for": "50s", "if_online": True, "within": "10m"},
                "steps": [
                    {"need": ["billing >= 2 | technical >= 2", "prefer lang.de >= 3"], "for": "30s"},
                    {
                        "need": ["billing | technical"],
                        "for": "20s",
                        "if": "wait.estimate > 45s || agents.available < 2",
                    },
                    {
                        "need": ["team:red | billing"],
                        "for": "1m",
                        "derived": False,
                        "narrow": True,
                        "say": "Soon.",
                    },
                    {"need": [], "queue": "support", "boost": "1m", "tags": ["urgent"]},
                ],
            },
            {
                "name": "technical",
                "when": 'text.has("technical")',
                "queue": "support",
                "sticky": {"for": "2m", "if_online": False},
                "need": ["technical | team:blue", "not lang.de >= 4"],
            },
            {
                "name": "hello",
                "when": 'text.has("hello")',
                "queue": "sales",
                "need": ["agent:a01 | agent:a02"],
            },
            {"name": "rest", "queue": "support", "need": ["prefer agent:a00"]},
        ],
        pick=["sticky", "proficiency", "longest_idle"],
    ),
    plan(
        offer={"accept_within": "40s", "ask": 3, "ask_again_after": "60s"},
        channels={
            "webchat": {"weight": 3, "max": 2, "idle_release": "20s"},
            "email": {"weight": 1, "max": 6, "ask": 2, "idle_release": "5s", "yields_to": ["webchat"]},
            "telegram": {"weight": 2, "ask": 1},
        },
        rules=[
            {
                "name": "technical",
                "when": 'text.has("technical")',
                "queue": "support",
                "steps": [
                    {"need": ["technical"], "for": "10s"},
                    {"for": "20s", "if": "agents.available > 1", "recall": True},
                    {"queue": "billing", "recall": True},
                ],
            },
            {
                "name": "money",
                "when": 'text.has("rechnung")',
                "queue": "billing",
                "steps": [{"need": ["billing"], "for": "15s"}, {"recall": True}],
            },
            {"name": "rest", "queue": "support"},
        ],
        pick=["sticky", "most_skilled", "spare"],
    ),
    plan(
        service_levels={
            "gold": {
                "first_reply": "40s",
                "next_reply": "70s",
                "resolution": "4m",
                "at_risk": "50%",
                "pause": ["closed", "customer", "snoozed"],
                "then": [
                    {"when": "at_risk", "of": ["first_reply"], "boost": "1m", "tags": ["urgent"]},
                    {"when": "breached", "priority": 7, "notify": ["supervisors", "assignee"]},
                    {"when": "breached", "after": "30s", "queue": "sales", "notify": ["team:blue"]},
                    {"when": "breached", "of": ["next_reply"], "after": "20s", "team": "red", "take": True},
                ],
            },
            "mild": {"resolution": "2m", "pause": ["snoozed"], "then": [{"when": "breached", "boost": "3m"}]},
        },
        queues={
            "support": {"service_level": "gold"},
            "billing": {"service_level": "mild", "order": "due"},
            "sales": {"hours": "office", "order": {"kind": "head_start", "per_priority": "20s"}},
        },
        rules=[
            {"name": "money", "when": 'text.has("rechnung")', "queue": "billing", "service_level": "gold"},
            {"name": "hello", "when": 'text.has("hello")', "queue": "sales", "service_level": "mild"},
            {
                "name": "rest",
                "queue": "support",
                "steps": [
                    {"need": ["technical"], "for": "50s"},
                    {"if": "wait.estimate > 120s"},
                ],
            },
        ],
    ),
    plan(
        service_levels={"gold": {"first_reply": "90s", "then": [{"when": "at_risk", "boost": "20s"}]}},
        queues={**CONTENT["queues"], "support": {"service_level": "gold"}},
        rules=[
            {
                "name": "money",
                "when": 'text.has("rechnung")',
                "queue": "billing",
                "bot": "b98",
                "bot_again": True,
            },
            {
                "name": "technical",
                "when": 'text.has("technical")',
                "queue": "support",
                "bot": "b99",
                "steps": [{"need": ["technical"], "for": "30s"}, {"queue": "billing"}],
            },
            {"name": "rest", "queue": "support", "bot": "b99", "need": ["prefer lang.de"]},
        ],
        channels={
            "webchat": {"weight": 3, "wrap_up": "10s"},
            "email": {"weight": 1, "max": 3, "give": "push"},
        },
    ),
    plan(
        capacity={
            "units": 9,
            "ramps": {
                "a00": {"begins": "1970-01-12", "units": [1] * 83 + [2, 3, 4, 6, 8], "every": "10m"},
                "a02": {"begins": "1970-01-12", "units": [8] * 83 + [2, 6, 3, 12], "every": "10m"},
                "b98": {"begins": "1970-01-12", "units": [4] * 83 + [1, 20], "every": "10m"},
            },
        },
        channels={
            "webchat": {"weight": 3, "max": 2, "idle_release": "20s"},
            "email": {"weight": 1, "yields_to": ["webchat"]},
            "telegram": {"weight": 2, "give": "push"},
        },
        pick=["fullest", "round_robin"],
        queues={
            "support": {"pick": ["sticky", "fullest"]},
            "billing": {"pick": ["spare", "proficiency"]},
            "sales": {"pick": ["opportunity", "fullest", "most_skilled"]},
        },
        offer={"accept_within": "20s", "ask": 2},
    ),
)
