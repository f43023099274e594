"""Plans for the tests: one that uses every setting, small enough to reason about."""

from __future__ import annotations

from typing import Any

import msgspec

from router.compiling import compile_routing
from router.plan import Plan
from router.routing import Known, Routing

CONNECTORS = ("webchat", "email", "telegram")
KNOWN = Known(
    channels={"widget": "webchat", "mail": "email"},
    connectors=frozenset(CONNECTORS),
    live=frozenset({"webchat"}),
    teams=frozenset({"red", "blue"}),
)
CONTENT: dict[str, Any] = {
    "skills": {"lang.de": {}, "lang.en": {}, "billing": {"levels": 3}, "technical": {"levels": 3}},
    "tags": ["money", "urgent"],
    "attributes": ["tier"],
    "hours": {"office": {"week": {"mon-sun": ["06:00-18:00"]}}},
    "queues": {
        "support": {},
        "billing": {},
        "sales": {"hours": "office", "closed": {"reply": "Open again {opens}."}},
    },
    "channels": {
        "webchat": {"weight": 3, "max": 2},
        "email": {"weight": 1, "max": 6, "give": "push"},
        "telegram": {"weight": 2},
    },
    "capacity": {"units": 8},
    "offer": {"accept_within": "20s", "silent_after": 2, "ask_again_after": "90s"},
    "rules": [
        {
            "name": "german-money",
            "when": 'lang == "de" && text.has("rechnung")',
            "queue": "billing",
            "tags": ["money"],
            "need": ["lang.de >= 3", "billing >= 2"],
        },
        {
            "name": "money",
            "when": 'text.has("rechnung")',
            "queue": "billing",
            "steps": [
                {"need": ["billing >= 2"], "for": "30s"},
                {"need": ["billing"], "for": "1m", "boost": "45s"},
                {"need": [], "priority": 4},
            ],
            "boost": "15s",
            "slope": 2.5,
            "due": "2m",
        },
        {"name": "urgent", "when": 'text.has("urgent")', "queue": "support", "priority": 3},
        {
            "name": "technical",
            "when": 'text.has("technical")',
            "queue": "support",
            "steps": [{"need": ["technical"], "team": "red", "for": "40s"}, {"need": ["technical"]}],
        },
        {"name": "sales", "when": 'lang == "es"', "queue": "sales"},
        {"name": "rest", "queue": "support"},
    ],
}


def plan(**changes: Any) -> Plan:
    """The plan of `CONTENT` with some sections replaced."""
    built, problems = compile_routing(msgspec.convert({**CONTENT, **changes}, Routing), KNOWN, "hash")
    assert built is not None, problems
    return built
