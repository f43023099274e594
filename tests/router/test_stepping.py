"""Timed steps: conditions that are measured, what beginning one does, and waiting for the agent who had it last."""

from __future__ import annotations

from typing import Any

import msgspec

from router import decisions as say
from router import inputs
from router.engine import Engine
from router.inputs import Colleague, Item
from router.plan import Plan
from router.rules import Facts
from tests.router.house import NOON, House
from tests.router.plans import plan

replace = msgspec.structs.replace


def stepped(*steps: dict[str, Any], **more: Any) -> Plan:
    """A plan with one rule for everything."""
    return plan(rules=[{"name": "all", "queue": "support", "steps": list(steps), **more}])


def test_a_step_moves_to_another_queue_at_its_place_and_tells_the_customer() -> None:
    house = House(
        stepped(
            {"need": ["technical"], "for": "30s"},
            {"need": ["technical"], "for": "30s", "say": "Still looking."},
            {"queue": "billing", "tags": ["urgent"], "say": "We call you back."},
        )
    )
    house.agent("other", queues=("billing",))
    first = house.arrive()
    place = house.item(first).waiting_since
    assert house.after(29.0) == []
    told = house.after(2.0)
    assert [one.text for one in told if isinstance(one, say.AutoReply)] == ["Still looking."]
    told = house.after(30.0)
    moved = [one for one in told if isinstance(one, say.Queue)]
    assert [(one.queue, one.tags, one.waiting_since, one.rule) for one in moved] == [
        ("billing", ("urgent",), place, "all")
    ]
    assert len({one.once for one in told if isinstance(one, say.AutoReply)}) == 1
    assert house.offered(first) == "other"


def test_a_step_that_began_while_it_was_offered_is_made_up_for() -> None:
    house = House(stepped({"for": "10s"}, {"queue": "billing", "say": "A moment more."}))
    house.agent("a", queues=("support",))
    chat = house.arrive()
    told = house.after(21.0)
    assert house.item(chat).queue == "billing"
    assert len([one for one in told if isinstance(one, say.AutoReply)]) == 1


def test_a_step_waits_for_its_condition() -> None:
    open_when = {
        "need": [],
        "if": "agents.available == 0 || wait.estimate > 2m",
        "for": "5m",
    }
    house = House(stepped({"need": ["technical"], "for": "10s"}, open_when, {}))
    house.agent("skilled", skills={"technical": 1}, capacity=2)
    house.agent("other", capacity=3)
    chat = house.arrive()
    house.after(30.0)
    assert not house.offered(chat), "somebody with the skill is available, without room"
    house.world.set_agent(replace(house.world.agents["skilled"], status="busy"))
    house.settle()
    assert not house.offered(chat)
    house.after(10.0)
    assert house.offered(chat) == "other"


def test_the_wait_of_the_last_one_is_an_estimate_while_it_is_fresh() -> None:
    steps: tuple[dict[str, Any], ...] = (
        {"need": ["technical"], "for": "10s"},
        {"need": [], "if": "wait.estimate > 60s", "for": "1h"},
        {},
    )
    house = House(stepped(*steps))
    long = house.arrive()
    house.after(55.0)
    house.agent("skilled", skills={"technical": 1}, capacity=3)
    assert house.offered(long) == "skilled"
    house.accept(long)
    house.agent("other", capacity=3)
    chat = house.arrive()
    house.after(11.0)
    assert not house.offered(chat)
    house.engine.board.last_wait["support"] = (house.world.now, 61.0)
    house.after(10.0)
    assert house.offered(chat) == "other"


def test_nothing_automatic_is_said_to_something_automatic() -> None:
    house = House(stepped({"for": "10s"}, {"say": "Soon."}))
    house.arrive(automatic=True)
    assert not [one for one in house.after(20.0) if isinstance(one, say.AutoReply)]


def test_after_a_start_a_missed_move_is_made_and_nothing_is_said_again() -> None:
    first = stepped(
        {"for": "10s"},
        {"for": "10s", "say": "Soon."},
        {"for": "10s", "queue": "billing", "say": "Later."},
        {"need": []},
    )
    # The last step does not name a queue: what the one before it moved stays there.
    engine = Engine(first)
    item = Item(
        id="c1", connector="webchat", queue="support", rule="all", units=3, waiting_since=NOON, place=NOON, version=2
    )  # fmt: skip
    assert engine.handle(inputs.ItemChanged(item), NOON + 60.0) == []
    decided = engine.handle(inputs.Begin(), NOON + 60.0)
    assert [(type(one), getattr(one, "queue", "")) for one in decided] == [(say.Queue, "billing")]
    assert engine.handle(inputs.Tick(), NOON + 600.0) == []


def back(**facts: Any) -> Item:
    """A conversation that comes back, last with Ann."""
    base: dict[str, Any] = {"last_agent": "ann", "last_agent_at": NOON - 60.0}
    return Item(id="c1", channel="webchat", connector="webchat", created_at=NOON, version=1, **(base | facts))


def returning(rule: dict[str, Any], item: Item, **agents: dict[str, Any]) -> House:
    """It arrives while these agents are there."""
    house = House(plan(rules=[{"name": "all", "queue": "support", **rule}]))
    for ident, facts in agents.items():
        house.agent(ident, **facts)
    house.world.items[item.id] = item
    house.tell(inputs.ItemArrived(item, Facts(at=house.world.now)))
    return house


STICKY = {"sticky": {"for": "40s", "within": "1h"}}
FULL: dict[str, Any] = {"capacity": 2}


def test_it_waits_for_the_agent_who_had_it_last_and_then_for_nobody_in_particular() -> None:
    house = returning(STICKY, back(), ann=FULL, ben={})
    assert not house.offered("c1")
    house.after(39.0)
    assert not house.offered("c1")
    house.after(1.1)
    assert house.offered("c1") == "ben"
    assert house.engine.board.awaiting == {}


def test_it_waits_only_while_that_agent_is_online_and_fits() -> None:
    assert returning(STICKY, back(), ann=FULL | {"status": "offline"}, ben={}).offered("c1") == "ben"
    assert returning(STICKY, back(), ann={"queues": ()}, ben={}).offered("c1") == "ben"
    assert returning(STICKY, back(last_agent_at=NOON - 4_000.0), ann=FULL, ben={}).offered("c1") == "ben"
    assert returning(STICKY, back(declined=("ann",)), ann=FULL, ben={}).offered("c1") == "ben"
    assert returning(STICKY, back(last_agent="gone"), ann=FULL, ben={}).offered("c1") == "ben"
    patient = {"sticky": {"for": "40s", "if_online": False}}
    assert not returning(patient, back(), ann=FULL | {"status": "offline"}, ben={}).offered("c1")


def test_when_that_agent_leaves_or_comes_it_looks_again() -> None:
    house = returning(STICKY, back(), ann=FULL, ben={"capacity": 2})
    assert house.engine.board.awaiting == {"ann": {"c1"}}
    house.agent("cid")
    assert not house.offered("c1")
    house.world.set_agent(replace(house.world.agents["ann"], status="away"))
    house.settle()
    assert house.offered("c1") == "cid"
    house.decline("c1")
    house.world.set_agent(
        Colleague(id="ann", queues=("support",), capacity=8, status="online", idle_since=NOON)
    )
    house.settle()
    assert house.offered("c1") == "ann"


def test_what_is_needed_besides_comes_from_facts_and_only_if_it_exists() -> None:
    needs = [
        {"when": 'lang == "de"', "need": ["lang.{lang} >= 2"]},
        {"when": 'lang == "xx"', "need": ["lang.{lang}"]},
        {"need": ["prefer agent:{contact.tier}"]},
    ]
    rules = [
        {
            "name": "all",
            "queue": "support",
            "steps": [{"need": ["billing"], "for": "30s"}, {"derived": False}],
        }
    ]
    first = plan(needs=needs, rules=rules)
    assert first.rules.reads >= {"contact.tier", "lang"}
    house = House(first)
    chat = house.arrive(language="de", attributes={"tier": "ann"})
    assert house.item(chat).need == ("billing", "lang.de>=2", "prefer agent:ann")
    house.agent("money", skills={"billing": 1})
    assert not house.offered(chat)
    house.after(31.0)
    assert house.offered(chat) == "money"
    assert house.item(house.arrive(language="xx")).need == ("billing",)
