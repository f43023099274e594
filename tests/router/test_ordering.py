"""What each order makes of age, priority, boosts, slopes and due times; and that places survive another configuration."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from router import inputs
from router.inputs import Item
from router.ordering import aged, key_of, slope_of
from router.plan import Order
from router.rules import Rule, Step
from stream.model import ServiceLevel, Target
from tests.router.house import House
from tests.router.plans import plan

RULE = Rule(name="r", queue="q", steps=(), boost=30.0, slope=2.0, due=60.0)


def item(ident: str = "c1", since: float = 1_000.0, priority: int = 0) -> Item:
    return Item(id=ident, waiting_since=since, priority=priority, queue="q", rule="r")


@pytest.mark.parametrize(
    ("order", "rule", "step", "place"),
    [
        (Order(kind="strict"), RULE, None, (-2, 1_000.0)),
        (Order(kind="strict"), RULE, Step(priority=5, boost=10.0), (-5, 990.0)),
        (Order(kind="strict"), RULE, Step(priority=1), (-2, 1_000.0)),
        (Order(kind="fifo"), RULE, None, (0, 1_000.0)),
        (Order(kind="fifo"), RULE, Step(boost=10.0), (0, 990.0)),
        (Order(kind="head_start"), RULE, None, (0, 970.0)),
        (Order(kind="head_start", per_priority=5.0), None, Step(boost=1.0), (0, 989.0)),
        (Order(kind="head_start", per_priority=5.0), None, Step(priority=9), (0, 955.0)),
        (Order(kind="due"), RULE, None, (0, 1_060.0)),
        (Order(kind="due", due=600.0), None, Step(boost=100.0), (0, 1_500.0)),
        (Order(kind="ageing"), RULE, Step(boost=10.0), (0, 1_000.0)),
    ],
)
def test_the_place_in_line(
    order: Order, rule: Rule | None, step: Step | None, place: tuple[int, float]
) -> None:
    assert key_of(order, item(priority=2), rule, step) == (*place, "c1")


@pytest.mark.parametrize(
    ("order", "place"),
    [
        (Order(kind="strict"), (-2, 700.0)),
        (Order(kind="fifo"), (0, 700.0)),
        (Order(kind="head_start"), (0, 670.0)),
        (Order(kind="due"), (0, 1_200.0)),
        (Order(kind="ageing"), (0, 700.0)),
    ],
)
def test_a_service_level_gives_a_head_start_and_says_what_is_due(
    order: Order, place: tuple[int, float]
) -> None:
    targets = (
        Target(name="first_reply", within=600.0, since=1_000.0, due_at=1_500.0),
        Target(name="next_reply", within=600.0, since=1_000.0, due_at=1_100.0, state="met"),
        Target(name="resolution", within=900.0, since=1_000.0, due_at=1_900.0),
    )
    promised = msgspec.structs.replace(
        item(priority=2), level=ServiceLevel(name="gold", targets=targets, boost=300.0)
    )
    assert key_of(order, promised, RULE, None) == (*place, "c1")


def test_only_ageing_has_slopes_and_they_are_never_nothing() -> None:
    assert slope_of(Order(kind="fifo"), item(), RULE) == 0.0
    assert slope_of(Order(kind="ageing", per_priority=0.5), item(priority=3), RULE) == 3.5
    assert slope_of(Order(kind="ageing"), item(), Rule(name="r", queue="q", steps=(), slope=0.0)) > 0.0


def test_waiting_weighs_more_on_a_steep_slope() -> None:
    slow, steep = (0, 900.0, "a"), (0, 980.0, "b")
    assert aged(slow, 1.0, 1_000.0) < aged(steep, 4.0, 1_000.0)
    assert aged(steep, 4.0, 1_100.0) < aged(slow, 1.0, 1_100.0)


def lined(order: Any, **rules: Any) -> list[str]:
    """The texts of three who came 10 s apart, in the order in which one agent gets them."""
    texts = {"plain": "hello", "urgent": "urgent", "late": "technical"}
    base = [
        {"name": "urgent", "when": 'text.has("urgent")', "queue": "support", "priority": 3, **rules},
        {"name": "rest", "queue": "support"},
    ]
    house = House(plan(order=order, rules=base))
    names = {}
    for name, text in texts.items():
        names[house.arrive(text)] = name
        house.after(10.0)
    found = []
    house.agent("a", capacity=3)
    while waiting := [ident for ident in names if house.offered(ident)]:
        found.append(names.pop(waiting[0]))
        house.accept(waiting[0])
        house.world.put(msgspec.structs.replace(house.item(waiting[0]), status="resolved"))
        house.settle()
    return found


@pytest.mark.parametrize(
    ("order", "rules", "expected"),
    [
        ("strict", {}, ["urgent", "plain", "late"]),
        ("fifo", {}, ["plain", "urgent", "late"]),
        ({"kind": "head_start", "per_priority": "1s"}, {}, ["plain", "urgent", "late"]),
        ({"kind": "head_start", "per_priority": "5s"}, {}, ["urgent", "plain", "late"]),
        ("head_start", {"boost": "11s"}, ["urgent", "plain", "late"]),
        ("ageing", {"slope": 1.2}, ["plain", "urgent", "late"]),
        ("ageing", {"slope": 2.0}, ["urgent", "plain", "late"]),
        ({"kind": "ageing", "slope_per_priority": 0.5}, {}, ["urgent", "plain", "late"]),
        ({"kind": "due", "due": "1m"}, {"due": "45s"}, ["urgent", "plain", "late"]),
        ({"kind": "due", "due": "1m"}, {"due": "90s"}, ["plain", "late", "urgent"]),
    ],
)
def test_who_goes_first(order: Any, rules: dict[str, Any], expected: list[str]) -> None:
    assert lined(order, **rules) == expected


def test_each_queue_has_its_own_order_and_the_boost_of_a_step_counts_from_its_time() -> None:
    queues = {"support": {"order": "fifo"}, "billing": {"order": "head_start"}}
    steps = [{"need": ["billing"], "for": "5s"}, {"need": [], "boost": "1m"}]
    rules = [
        {"name": "money", "when": 'text.has("rechnung")', "queue": "billing", "steps": steps},
        {"name": "rest", "queue": "support"},
    ]
    house = House(plan(queues=queues, rules=rules))
    first = house.arrive()
    house.after(1.0)
    second = house.arrive("rechnung")
    house.after(10.0)
    house.agent("a", capacity=3)
    assert house.offered(second) == "a"
    assert not house.offered(first)


def test_another_order_keeps_the_age_of_what_waits() -> None:
    house = House(plan(order="strict"))
    plain, urgent = house.arrive("hello"), house.arrive("urgent")
    house.tell(inputs.Config(plan(order="fifo")))
    house.agent("a", capacity=3)
    assert house.offered(plain) == "a"
    assert not house.offered(urgent)


def test_what_a_step_has_raised_stays_so_but_for_steps_that_may_not_have_begun() -> None:
    steps = [
        {"need": ["billing >= 2"], "for": "5s"},
        {"need": ["billing"], "boost": "1m", "priority": 2, "for": "5s"},
        {"if": "queue.waiting > 9", "boost": "5m", "priority": 7, "for": "5s"},
        {"priority": 1},
    ]
    rule = plan(rules=[{"name": "all", "queue": "support", "steps": steps}]).rules.rules[0]
    assert [(step.boost, step.priority) for step in rule.steps] == [(0, 0), (60, 2), (300, 7), (60, 2)]
