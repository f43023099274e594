"""Whom each word of a chain chooses, that every chain is a total order, and what the record says about it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from router import decisions as say
from router import inputs
from router.picking import WORDS, own, whole
from router.routing import Word
from tests.router.house import NOON, House
from tests.router.plans import plan


def chooses(pick: list[str], *, text: str = "technical", **agents: dict[str, Any]) -> str:
    """Who is offered the one conversation that comes."""
    rules = [
        {
            "name": "technical",
            "when": 'text.has("technical")',
            "queue": "support",
            "need": ["technical", "lang.en"],
        },
        {"name": "rest", "queue": "support"},
    ]
    house = House(plan(pick=pick, rules=rules))
    for ident, facts in agents.items():
        house.agent(ident, **facts)
    return house.offered(house.arrive(text))


WEAK = {"skills": {"technical": 1, "lang.en": 2}, "idle_since": NOON - 500}
STRONG = {"skills": {"technical": 3, "lang.en": 5}, "idle_since": NOON - 100}
WIDE = {
    "skills": {"technical": 1, "lang.en": 1, "lang.de": 5, "billing": 3},
    "idle_since": NOON - 300,
    "capacity": 20,
}


@pytest.mark.parametrize(
    ("pick", "chosen"),
    [
        (["longest_idle"], "weak"),
        (["round_robin"], "weak"),
        (["proficiency"], "strong"),
        (["spare"], "wide"),
        (["fullest"], "weak"),
        (["least_skilled"], "weak"),
        (["least_skilled", "proficiency"], "strong"),
        (["most_skilled"], "wide"),
        (["spare", "proficiency"], "wide"),
    ],
)
def test_each_word_chooses(pick: list[str], chosen: str) -> None:
    assert chooses(pick, weak=WEAK, strong=STRONG, wide=WIDE) == chosen


@pytest.mark.parametrize(("word", "chosen"), [("fullest", "new"), ("spare", "old")])
def test_room_is_what_a_ramp_leaves_of_it(word: str, chosen: str) -> None:
    """Five of twenty units are left of somebody new; somebody else has eight, all their own."""
    house = House(plan(pick=[word], capacity={"ramps": {"new": {"begins": "2026-03-01", "units": [5]}}}))
    house.agent("new", capacity=20)
    house.agent("old", capacity=8)
    assert house.offered(house.arrive()) == chosen


def test_the_id_decides_in_the_end_whatever_the_chain() -> None:
    same = {"skills": {"technical": 2, "lang.en": 2}}
    for word in WORDS:
        assert chooses(["sticky", word] if word != "sticky" else [word], b=same, a=same, c=same) == "a"


def test_who_is_needed_by_what_else_waits_is_spared() -> None:
    rules = [
        {"name": "technical", "when": 'text.has("technical")', "queue": "support", "need": ["technical"]},
        {"name": "money", "when": 'text.has("rechnung")', "queue": "support", "need": ["billing"]},
    ]
    rest = {"name": "rest", "queue": "support"}
    house = House(plan(pick=["opportunity"], rules=[*rules, rest]))
    for _ in range(2):
        house.arrive("technical")
        house.arrive("rechnung")
    both = {"technical": 1, "billing": 1}
    house.world.now += 1.0
    for ident, skills in (("both", both), ("only", {"technical": 1}), ("also", both)):
        house.world.set_agent(
            inputs.Colleague(
                id=ident, queues=("support",), capacity=3, status="online", skills=skills, idle_since=NOON
            )
        )
    while house.world.feed:
        house.world.hear()
    house.settle()
    waiting = [ident for ident in house.world.items if not house.offered(ident)]
    assert len(waiting) == 1


def test_turns_go_round_by_what_was_given_and_not_by_who_came_online() -> None:
    house = House(plan(pick=["round_robin"]))
    house.agent("a", idle_since=NOON - 10, given_at=NOON - 900)
    house.agent("b", idle_since=NOON - 500, given_at=NOON - 400)
    first = house.arrive()
    assert house.offered(first) == "a"
    house.accept(first)
    house.world.now += 1.0
    assert house.offered(house.arrive()) == "b"


def test_without_sticky_in_the_chain_the_same_contact_counts_for_nothing() -> None:
    house = House(plan(pick=["longest_idle"]))
    house.agent("a", idle_since=NOON - 100)
    house.agent("b", idle_since=NOON - 50)
    mail = house.arrive(connector="email", contact="p")
    assert house.item(mail).assignee == "a"
    house.world.now += 1.0
    assert house.offered(house.arrive(contact="p")) == "b"


def test_a_queue_chooses_in_its_own_way() -> None:
    house = House(plan(queues={"support": {"pick": ["spare"]}, "billing": {}, "sales": {}}))
    house.agent("small", idle_since=0.0)
    house.agent("large", capacity=30)
    assert house.offered(house.arrive("hello")) == "large"
    assert house.offered(house.arrive("hola", language="es")) == "small"


def test_the_record_says_by_what_the_others_lost() -> None:
    house = House(plan(pick=["proficiency", "spare", "longest_idle"]))
    house.agent("a", skills={"lang.de": 3, "billing": 2})
    house.agent("b", skills={"lang.de": 5, "billing": 2})
    house.agent("c", skills={"lang.de": 5, "billing": 2}, capacity=7)
    house.arrive("rechnung", language="de")
    (offer,) = [one for one in house.heard if isinstance(one, say.Offer)]
    assert offer.reason == "most room of 3 available who fit"
    assert offer.explain is not None
    assert offer.explain["winner"]["by"] == {"proficiency": -7, "spare": -8}
    assert {one["agent"]: one["why"] for one in offer.explain["losers"]} == {
        "c": "1 unit less room",
        "a": "2 levels less in what is asked for",
    }


def test_a_chain_ends_by_whose_turn_it_is() -> None:
    assert whole(("sticky", "proficiency")) == ("proficiency", "longest_idle")
    assert whole(("round_robin",)) == ("round_robin",)
    assert own(("proficiency", "spare", "longest_idle")) == ("spare", "longest_idle")
    assert set(WORDS) == set(msgspec.inspect.type_info(Word).values)  # type: ignore[attr-defined]  # a literal type
