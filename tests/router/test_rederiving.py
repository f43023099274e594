"""A record that says something else does not prove the decision. That every true one does is asked on every random day (`invariants`)."""

from __future__ import annotations

from typing import Any

import pytest

from router import decisions as say
from router import rederiving
from tests.router.house import NOON, House
from tests.router.plans import plan
from tests.router.rederiving import stored

STEPS = [{"need": ["billing"], "for": "30s"}, {"team": "red"}]
PLAN = plan(
    rules=[
        {"name": "money", "when": 'text.has("refund*")', "queue": "billing", "steps": STEPS},
        {"name": "rest", "queue": "support", "priority": 2},
    ]
)


def record_of(kind: type, *texts: str, late: bool = False) -> dict[str, Any]:
    """The record of the first such decision: two agents can have what comes, or (`late`) come when it waits."""
    house = House(PLAN)
    arriving = [] if late else list(texts)
    waiting = [house.arrive(text) for text in texts] if late else []
    for ident in ("b", "a"):
        house.agent(ident, skills={"billing": 1}, idle_since=NOON - ord(ident))
    for text in arriving:
        house.arrive(text)
    assert len(waiting) + len(arriving) == len(texts)
    record = stored(next(one for one in house.heard if isinstance(one, kind)))
    assert record is not None
    return record


def test_another_key_is_another_agent() -> None:
    record = record_of(say.Offer, "refunded")
    first = rederiving.choice(record, PLAN)
    assert isinstance(first, say.Offer)
    assert (first.agent, record["losers"][0]["agent"]) == ("b", "a")
    record["losers"][0]["key"][-1] = NOON - 1_000
    second = rederiving.choice(record, PLAN)
    assert isinstance(second, say.Offer)
    assert second.agent == "a"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"since": NOON - 31}, "team red"),
        ({"asked": []}, "it needs"),
        ({"priority": 3}, "its place was [-3"),
        ({"place": [-9, NOON]}, "its place was"),
        ({"next": {"conversation": "c9", "place": [0, NOON - 5]}}, "c9 went before it"),
        ({"also": ["a", "c"], "also_keys": [[0, 5], [0, 4]]}, "do not come after one another"),
    ],
)
def test_what_contradicts_itself_proves_nothing(changed: dict[str, Any], said: str) -> None:
    record = record_of(say.Offer, "refunded")
    assert isinstance(rederiving.choice(record, PLAN), say.Offer)
    assert said in str(rederiving.choice(record | changed, PLAN))


def test_a_record_names_who_came_next() -> None:
    record = record_of(say.Offer, "refunded", "hello", late=True)
    assert record["place"] == [-2, NOON]
    assert record["next"] == {"conversation": "c001", "place": [0, NOON]}


def test_other_words_are_another_rule() -> None:
    record = record_of(say.Queue, "I want to be refunded")
    assert record["facts"] == {"text": [" refund", "…"]}
    assert rederiving.placed(record, PLAN).rule == "money"
    assert rederiving.placed(record | {"facts": {"text": ["…"]}}, PLAN).rule == "rest"
