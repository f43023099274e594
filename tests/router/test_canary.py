"""A canary: who is in the share, what counts, and what makes it be given up."""

from __future__ import annotations

from typing import Any

import pytest

from router.canary import Canary, Guard, Side, Watch, bare, watching, worse
from router.decisions import Queue
from router.rules import Rules
from tests.router.house import House
from tests.router.plans import CONTENT, plan

NEXT: dict[str, Any] = {
    "name": "next",
    "share": 1.0,
    "file": "next.yaml",
    "guard": {"errors": 0},
    "rules": [{"name": "all", "queue": "billing", "need": ["billing >= 3"]}],
}


def canary(**more: Any) -> Canary:
    return Canary(**{"name": "next", "rules": Rules(), "share": 0.25, "mark": "m", **more})


def test_the_share_is_stable_and_grows() -> None:
    contacts = [f"con_{number}" for number in range(4_000)]
    first = {one for one in contacts if canary().takes(one, "")}
    assert first == {one for one in contacts if canary().takes(one, "another conversation")}
    assert 900 < len(first) < 1_100
    assert first < {one for one in contacts if canary(share=0.5).takes(one, "")}
    assert {one for one in contacts if canary(name="other").takes(one, "")} != first
    assert not any(canary(share=0.0).takes(one, "") for one in contacts)
    assert all(canary(share=1.0).takes(one, "") for one in contacts)


def test_by_conversation_the_contact_does_not_count() -> None:
    by = canary(by="conversation", share=0.5)
    assert len({by.takes("con_1", f"cnv_{number}") for number in range(20)}) == 2
    assert canary().takes("", "cnv_1") == canary(by="conversation").takes("con_1", "cnv_1")


@pytest.mark.parametrize(
    ("guard", "own", "others", "reason"),
    [
        ({"wait": 1.2}, {"waited": 6_100.0}, {"waited": 5_000.0}, "the mean wait is 61.0 s against 50.0 s"),
        ({"wait": 1.2}, {"waited": 5_900.0}, {"waited": 5_000.0}, ""),
        ({"wait": 1.2}, {"waited": 300.0}, {"waited": 100.0}, ""),
        ({"level": 0.05}, {"within": 60}, {"within": 70}, "60.0% were served within 20 s against 70.0%"),
        ({"level": 0.05}, {"within": 66}, {"within": 70}, ""),
        ({"left": 0.02}, {"left": 10}, {"left": 3}, "9.1% left unserved against 2.9%"),
        ({"left": 0.1}, {"left": 10}, {"left": 3}, ""),
        ({"wait": 1.2, "after": 101}, {"waited": 9_000.0}, {"waited": 5_000.0}, ""),
        ({"errors": 1}, {"errors": 2, "served": 0}, {"served": 0}, "2 conversations could not be placed"),
        ({"errors": 2}, {"errors": 2}, {}, ""),
    ],
)
def test_conditions(guard: dict[str, Any], own: dict[str, Any], others: dict[str, Any], reason: str) -> None:
    sides = (Side(**{"served": 100, **one}) for one in (own, others))
    said = worse(Guard(**{"after": 100, **guard}), *sides)
    assert said.startswith(reason)
    assert bool(said) == bool(reason)


def test_waits_are_counted_until_somebody_has_it() -> None:
    watch = Watch(canary(guard=Guard(after=1, wait=1.0, wait_more=1.0)))
    watch.came("a", 100.0, own=True)
    watch.came("b", 100.0, own=False)
    watch.came("a", 900.0, own=False)
    watch.given("b", 101.0)
    watch.given("b", 500.0)
    assert watch.judge() == ""
    watch.given("a", 130.0)
    assert (watch.own.mean, watch.others.mean, watch.own.within) == (30.0, 1.0, 0)
    assert watch.judge().startswith("the mean wait is 30.0 s")
    assert not watch.on
    watch.gone("nobody knows it")
    assert watch.figures()["canary_own_served"] == 1


def test_the_same_canary_is_watched_on() -> None:
    watch = watching(canary(), None)
    assert watch is not None
    assert watching(canary(share=0.25), watch) is watch
    assert watching(canary(mark="another"), watch) is not watch
    assert watching(None, watch) is None
    ended = watching(canary(ended="why"), watch)
    assert ended is not None
    assert not ended.on


def test_the_engine_places_by_it_and_says_so() -> None:
    house = House(plan(canary={**NEXT, "guard": {"errors": 9}}))
    house.agent("ann", skills={"billing": 3})
    here = house.arrive()
    assert (house.item(here).rule, house.item(here).queue) == ("next:all", "billing")
    queued = next(one for one in house.heard if isinstance(one, Queue))
    assert queued.reason == "rule next:all of the canary next (next.yaml)"
    assert queued.explain is not None
    assert queued.explain["file"] == "canary next (next.yaml)"
    assert house.offered(here) == "ann"


def test_what_nobody_could_have_ends_it_at_once() -> None:
    house = House(plan(canary=NEXT))
    house.agent("ann", skills={"billing": 1})
    first = house.arrive()
    watch = house.engine.board.watch
    assert watch is not None
    assert watch.reason.startswith("1 conversations could not be placed or given")
    second = house.arrive()
    assert house.item(first).rule == "next:all"
    assert house.item(second).rule == "rest"
    assert house.offered(second) == "ann"


def test_steps_go_on_after_the_end() -> None:
    steps = [{"need": ["billing >= 3"], "for": "30s"}, {"need": []}]
    rules = [{"name": "all", "queue": "billing", "steps": steps}]
    house = House(plan(canary={**NEXT, "rules": rules}))
    house.agent("ann")
    here = house.arrive()
    watch = house.engine.board.watch
    assert watch is not None
    watch.reason = "by hand"
    house.after(31.0)
    assert house.offered(here) == "ann"


def test_bare_rules_have_their_own_names() -> None:
    made = plan(canary=NEXT).canary
    assert made is not None
    assert [rule.name for rule in made.rules.rules] == ["next:all"]
    assert list(bare(made).by_name) == ["all"]
    assert plan(canary={**NEXT, "rules": CONTENT["rules"]}).canary is not None
