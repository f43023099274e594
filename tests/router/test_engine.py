"""The engine told one thing after another: what it decides, and what it leaves alone."""

from __future__ import annotations

import msgspec

from router import decisions as say
from router import inputs
from router.engine import Engine
from router.inputs import Colleague, Item
from router.rules import Facts
from tests.router.house import NOON, House
from tests.router.plans import plan

replace = msgspec.structs.replace


def test_skills_decide_even_when_others_are_idle() -> None:
    house = House()
    house.agent("idle", idle_since=0.0)
    house.agent("fits", skills={"lang.de": 3, "billing": 2}, idle_since=NOON)
    house.agent("weak", skills={"lang.de": 2, "billing": 3}, idle_since=0.0)
    chat = house.arrive("rechnung", language="de")
    assert house.offered(chat) == "fits"


def test_nobody_fits_so_it_waits_until_somebody_does() -> None:
    house = House()
    house.agent("idle")
    chat = house.arrive("rechnung", language="de")
    assert house.item(chat).queue == "billing"
    assert not house.offered(chat)
    house.agent("fits", skills={"lang.de": 5, "billing": 3})
    assert house.offered(chat) == "fits"


def test_the_longest_idle_goes_first_and_an_open_offer_counts_as_work() -> None:
    house = House()
    house.agent("b", idle_since=NOON - 50)
    house.agent("a", idle_since=NOON - 40)
    chats = [house.arrive() for _ in range(3)]
    assert [house.offered(chat) for chat in chats[:2]] == ["b", "a"]
    assert house.offered(chats[2]) == "a"


def test_priority_then_age() -> None:
    house = House()
    first, urgent = house.arrive("hello"), house.arrive("urgent")
    house.agent("a", capacity=3)
    assert house.offered(urgent) == "a"
    house.accept(urgent)
    assert not house.offered(first)
    house.world.put(replace(house.item(urgent), status="resolved"))
    house.settle()
    assert house.offered(first) == "a"


def test_units_and_caps_bound_what_an_agent_gets() -> None:
    house = House()
    house.agent("a", capacity=8)
    chats = [house.arrive() for _ in range(3)]
    assert [bool(house.offered(chat)) for chat in chats] == [True, True, False]
    mails = [house.arrive(connector="email") for _ in range(3)]
    assert [house.item(mail).assignee for mail in mails] == ["a", "a", ""]
    assert house.world.load("a") == 8


def test_who_holds_a_conversation_of_the_same_contact_is_preferred() -> None:
    house = House()
    house.agent("a", idle_since=0.0)
    house.agent("b", idle_since=NOON - 1)
    mail = house.arrive(connector="email", contact="p")
    assert house.item(mail).assignee == "a"
    chat = house.arrive(contact="p")
    assert house.offered(chat) == "a"
    assert house.heard[-1].reason == "holds a conversation of the same contact"
    other = house.arrive(contact="q")
    assert house.offered(other) == "b"


def test_after_a_merge_the_contact_is_the_same() -> None:
    house = House()
    house.agent("a", idle_since=0.0)
    house.agent("b", idle_since=NOON)
    mail = house.arrive(connector="email", contact="p")
    house.tell(inputs.ContactsMerged("q", (mail,)))
    assert house.offered(house.arrive(contact="q")) == "a"


def test_connected_agents_go_before_presumed_ones() -> None:
    house = House()
    house.agent("presumed", seen="presumed", idle_since=0.0)
    house.agent("connected", idle_since=NOON)
    assert house.offered(house.arrive()) == "connected"
    assert house.offered(house.arrive()) == "connected"
    assert house.offered(house.arrive()) == "presumed"


def test_a_decision_under_way_is_not_made_twice() -> None:
    engine = Engine(plan())
    engine.handle(inputs.AgentChanged(Colleague(id="a", queues=("support",), status="online")), NOON)
    engine.handle(inputs.Begin(), NOON)
    item = Item(id="c1", connector="webchat", created_at=NOON, version=1)
    facts = Facts(at=NOON)
    queue, offer = engine.handle(inputs.ItemArrived(item, facts), NOON)
    assert isinstance(queue, say.Queue)
    assert isinstance(offer, say.Offer)
    assert engine.handle(inputs.ItemArrived(item, facts), NOON) == []
    assert engine.handle(inputs.ItemChanged(replace(item, version=2)), NOON) == []
    placed = replace(item, queue="support", rule="rest", units=3, waiting_since=NOON, place=NOON, version=3)
    assert engine.handle(inputs.ItemChanged(placed), NOON) == []
    assert engine.board.agents["a"].load == 3
    assert engine.handle(inputs.ItemChanged(replace(item, version=1)), NOON) == []


def test_a_refused_decision_is_decided_anew_from_the_truth() -> None:
    engine = Engine(plan())
    for ident in ("a", "b"):
        engine.handle(inputs.AgentChanged(Colleague(id=ident, queues=("support",), status="online")), NOON)
    engine.handle(inputs.Begin(), NOON)
    item = Item(
        id="c1", connector="webchat", queue="support", units=3, waiting_since=NOON, place=NOON, version=2
    )
    (offer,) = engine.handle(inputs.ItemChanged(item), NOON)
    assert isinstance(offer, say.Offer)
    assert offer.agent == "a"
    assert (
        engine.handle(inputs.Refused("c1", replace(item, assignee="b", waiting_since=0.0, version=3)), NOON)
        == []
    )
    assert (engine.board.agents["a"].load, engine.board.agents["b"].load) == (0, 3)
    assert engine.handle(inputs.Refused("c1", None), NOON) == []
    assert engine.board.agents["b"].load == 0
    assert engine.board.entries == {}


def test_before_it_has_begun_nothing_is_decided() -> None:
    engine = Engine(plan())
    told: list[inputs.Input] = [
        inputs.AgentChanged(Colleague(id="a", queues=("support",), status="online")),
        inputs.ItemChanged(
            Item(id="c1", connector="webchat", queue="support", waiting_since=NOON, place=NOON, version=2)
        ),
        inputs.ItemChanged(Item(id="c2", queue="support", place=NOON - 5, connector="webchat", version=2)),
    ]
    assert not [decision for one in told for decision in engine.handle(one, NOON)]
    decided = engine.handle(inputs.Begin(), NOON)
    assert [(type(one), one.id) for one in decided if not isinstance(one, say.SetAway)] == [
        (say.Queue, "c2"), (say.Offer, "c2"), (say.Offer, "c1"),
    ]  # fmt: skip


def test_somebody_unknown_may_hold_conversations() -> None:
    engine = Engine(plan())
    engine.handle(
        inputs.ItemChanged(Item(id="c1", assignee="ghost", units=3, connector="webchat", version=2)), NOON
    )
    engine.handle(inputs.Begin(), NOON)
    assert engine.board.agents["ghost"].load == 3
    engine.handle(inputs.ItemGone("c1"), NOON)
    assert engine.board.agents["ghost"].load == 0


def test_heaps_do_not_grow_with_what_has_gone() -> None:
    house = House()
    house.agent("a", capacity=1000)
    house.tell(inputs.Presence("a", "gone"))
    board = house.engine.board
    for _ in range(3_000):
        ident = house.arrive(connector="telegram")
        house.world.put(replace(house.item(ident), status="resolved"))
        house.settle()
    assert sum(len(signature.line) for signature in board.classes.signatures) < 200
    house.tell(inputs.Presence("a", "connected"))
    for _ in range(3_000):
        house.world.now += 1.0
        ident = house.arrive(connector="telegram")
        house.accept(ident)
        house.world.put(replace(house.item(ident), status="resolved"))
        house.settle()
    assert sum(len(pool.heap) for pools in board.pools._pools for pool in pools.values()) < 200
    assert len(board.timers) < 10_000
    assert board.entries == {}
    assert board.holders == {}


def test_requirements_that_nobody_needs_any_more_are_forgotten() -> None:
    engine = Engine(plan())
    engine.handle(inputs.Begin(), NOON)
    for number in range(10_000):
        item = Item(
            id="c1",
            connector="webchat",
            queue="support",
            need=(f"s{number}",),
            waiting_since=NOON,
            place=NOON,
            version=number,
        )
        engine.handle(inputs.ItemChanged(item), NOON)
    assert len(engine.board.classes.signatures) <= 4_097
    assert engine.board.waiting == 1
