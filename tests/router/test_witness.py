"""What a record tells of a customer: what the rules look for, enough to decide again, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from router import witness
from router.rules import Facts
from tests.router.plans import plan

PLAN = plan(
    attributes=["tier", "town", "since", "product"],
    needs=[{"need": ["{contact.product}"]}],
    rules=[
        {"name": "gold", "when": 'contact.tier in ["gold", "vip"] && has(contact.town)', "queue": "billing"},
        {"name": "old", "when": 'contact.since < "2020"', "queue": "billing"},
        {"name": "money", "when": 'text.has("refund*", "money back", "退款", "invoice")', "queue": "billing"},
        {"name": "known", "when": 'domain == "known.example" || subject.has("again")', "queue": "sales"},
        {"name": "plain", "when": "has(text) && !has(tags)", "queue": "support"},
        {"name": "rest", "queue": "support"},
    ],
)  # fmt: skip
RULES = PLAN.rules


def seen(**facts: Any) -> dict[str, Any]:
    """What is recorded of these facts, having made sure that it decides the same."""
    match = RULES.match(Facts(at=1_772_625_600.0, **facts))
    assert match is not None
    found = witness.seen(RULES.reads, RULES.looks, match.values)
    again = RULES.among({"lang": match.language, **witness.values(found)})
    assert again is not None
    assert (again.rule.name, again.need) == (match.rule.name, match.need)
    return found


def test_values_that_no_rule_names_stay_unsaid() -> None:
    found = seen(
        attributes={"tier": "silver", "town": "Lisbon", "since": "2021-05", "product": "billing"},
        address="somebody@else.example",
        text="My card number is 4111",
    )
    assert found["contact.tier"] == found["contact.town"] == found["domain"] == "…"
    assert (found["contact.since"], found["contact.product"]) == ("2021-05", "billing")
    assert found["text"] == ["…"]
    assert seen(attributes={"tier": "vip"})["contact.tier"] == "vip"
    assert seen(address="me@known.example")["domain"] == "known.example"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Please refund me", [" refund", "…"]),
        ("I want my money back now, invoice 7", ["invoice", " money back ", "…"]),
        ("money and back", ["…"]),
        ("我要退款谢谢", ["退款", "…"]),
        ("", []),
    ],
)
def test_of_a_message_only_what_is_looked_for(text: str, found: list[str]) -> None:
    assert seen(text=text)["text"] == found


def test_a_record_of_facts_is_bounded() -> None:
    asked = ", ".join(f'"w{one}"' for one in range(90))
    many = plan(
        rules=[
            {"name": "many", "when": f"text.has({asked})", "queue": "support"},
            {"name": "rest", "queue": "support"},
        ]
    ).rules  # fmt: skip
    match = many.match(Facts(at=0.0, text=" ".join(f"w{one}" for one in range(90))))
    assert match is not None
    assert len(witness.seen(many.reads, many.looks, match.values)["text"]) == witness.MOST + 1
