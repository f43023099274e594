"""The engine told one thing after another: what it decides, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from router import decisions as say
from router import inputs
from router.engine import Engine
from router.inputs import Colleague, Item
from router.items import Phase
from router.plan import Plan
from router.rules import Facts
from tests.router.plans import plan
from tests.router.world import World

replace = msgspec.structs.replace
NOON = 1_772_625_600.0
"""2026-03-04 12:00 UTC, within the office's hours."""


class House:
    """A world with one engine; whatever it decides is committed and heard at once."""

    def __init__(self, first: Plan | None = None, now: float = NOON) -> None:
        self.engine = Engine(first or plan())
        self.world = World(first or plan(), [self.handle], now)
        self.heard: list[say.Decision] = []
        self.world.tell(inputs.Config(self.world.plan))
        self.world.tell(inputs.Begin())

    def handle(self, told: inputs.Input, now: float) -> list[say.Decision]:
        decided = self.engine.handle(told, now)
        self.heard += decided
        return decided

    def agent(self, ident: str, *, seen: Any = "connected", **facts: Any) -> None:
        base: dict[str, Any] = {
            "queues": ("support", "billing", "sales"),
            "capacity": 8,
            "status": "online",
            "idle_since": NOON - 100,
        }
        self.world.set_agent(Colleague(id=ident, **(base | facts)))
        self.settle()
        self.world.tell(inputs.Presence(ident, seen))
        self.settle()

    def arrive(
        self, text: str = "hello", *, connector: str = "webchat", contact: str = "", **facts: Any
    ) -> str:
        ident = f"c{len(self.world.items) + 1:03d}"
        item = Item(
            id=ident,
            channel=connector,
            connector=connector,
            contact=contact,
            created_at=self.world.now,
            version=1,
        )
        self.world.items[ident] = item
        self.tell(
            inputs.ItemArrived(
                item, Facts(at=self.world.now, channel=connector, connector=connector, text=text, **facts)
            )
        )
        return ident

    def tell(self, told: inputs.Input) -> None:
        self.world.tell(told)
        self.settle()

    def settle(self) -> None:
        self.world.drain()

    def after(self, seconds: float) -> list[say.Decision]:
        """Let time pass; what was decided meanwhile."""
        self.heard = []
        until = self.world.now + seconds
        while (due := self.engine.next_due()) is not None and due <= until:
            self.world.now = max(self.world.now, due)
            self.tell(inputs.Tick())
        self.world.now = until
        return self.heard

    def item(self, ident: str) -> Item:
        return self.world.items[ident]

    def offered(self, ident: str) -> str:
        offer = self.item(ident).offer
        return offer.agent if offer else ""

    def accept(self, ident: str) -> None:
        self.world.answer(self.item(ident), accept=True)
        self.settle()

    def decline(self, ident: str) -> None:
        self.world.answer(self.item(ident), accept=False)
        self.settle()


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


def test_steps_widen_on_time_and_keep_the_place() -> None:
    house = House()
    house.agent("any", capacity=3)
    house.agent("bill", skills={"billing": 1}, status="away")
    chat = house.arrive("rechnung", language="en")
    later = house.arrive("hello")
    house.accept(later)
    assert house.engine.board.entries[chat].step == 0
    house.after(29.9)
    assert house.engine.board.entries[chat].step == 0
    house.after(0.2)
    assert house.engine.board.entries[chat].step == 1
    house.after(60.0)
    assert house.engine.board.entries[chat].step == 2
    house.world.put(replace(house.item(later), status="resolved"))
    house.settle()
    assert house.offered(chat) == "any"


def test_no_answer_goes_to_the_next_and_silence_in_a_row_sets_away() -> None:
    house = House()
    house.agent("a", idle_since=0.0)
    house.agent("b", idle_since=NOON)
    chat = house.arrive()
    assert house.offered(chat) == "a"
    house.after(20.0)
    assert house.offered(chat) == "b"
    assert house.item(chat).declined == ("a",)
    house.accept(chat)
    second = house.arrive()
    assert house.offered(second) == "a"
    told = house.after(20.0)
    assert house.world.agents["a"].status == "away"
    assert [one.reason for one in told if isinstance(one, say.SetAway)] == [
        "2 offers in a row without an answer"
    ]
    assert house.offered(second) == "b"


def test_an_answer_ends_the_row_of_silence() -> None:
    house = House()
    house.agent("a")
    first = house.arrive()
    house.after(20.0)
    second = house.arrive()
    house.decline(second)
    third = house.arrive()
    house.after(20.0)
    assert house.world.agents["a"].status == "online"
    assert not any(house.offered(chat) for chat in (first, second, third))


def test_silence_of_somebody_never_seen_does_not_count() -> None:
    house = House()
    house.agent("a", seen="presumed")
    for _ in range(3):
        house.arrive()
        house.after(20.0)
    assert house.world.agents["a"].status == "online"


def test_a_decliner_is_asked_again_only_when_nobody_else_is_there() -> None:
    house = House()
    house.agent("a")
    house.agent("b", capacity=3)
    busy = house.arrive()
    house.world.take(house.item(busy), "b")
    house.settle()
    chat = house.arrive()
    assert house.offered(chat) == "a"
    house.decline(chat)
    house.after(300.0)
    assert not house.offered(chat), "b is full, but b is there and fits"
    house.world.set_agent(replace(house.world.agents["b"], status="away"))
    house.settle()
    asked = [one.agent for one in house.after(91.0) if isinstance(one, say.Offer) and one.id == chat]
    assert asked == ["a"]


def test_who_loses_the_connection_gets_nothing_new_and_keeps_what_they_have_for_a_while() -> None:
    house = House()
    house.agent("a", capacity=6)
    held, asked = house.arrive(), house.arrive()
    house.accept(held)
    house.tell(inputs.Presence("a", "gone"))
    waiting = house.arrive()
    assert not house.offered(waiting)
    assert house.offered(asked) == "a"
    house.after(5.1)
    assert not house.offered(asked)
    assert house.item(asked).declined == ()
    assert house.item(held).assignee == "a"
    house.after(55.0)
    assert house.item(held).assignee == ""
    assert house.item(held).place == house.item(held).created_at


def test_who_comes_back_in_time_keeps_everything() -> None:
    house = House()
    house.agent("a", capacity=6)
    held, asked = house.arrive(), house.arrive()
    house.accept(held)
    for _ in range(5):
        house.tell(inputs.Presence("a", "gone"))
        house.after(4.0)
        house.tell(inputs.Presence("a", "connected"))
        house.after(0.5)
    assert house.item(held).assignee == "a"
    assert house.after(0.0) == []
    assert asked in house.world.items


def test_asynchronous_work_stays_unless_configured() -> None:
    for asynchronous in (False, True):
        house = House(plan(hand_back={"after": "60s", "asynchronous": asynchronous}))
        house.agent("a")
        mail = house.arrive(connector="email")
        house.world.set_agent(replace(house.world.agents["a"], status="offline"))
        house.settle()
        house.after(61.0)
        assert house.item(mail).assignee == ("" if asynchronous else "a")


@pytest.mark.parametrize("status", ["away", "busy"])
def test_a_break_recalls_offers_and_keeps_conversations(status: Any) -> None:
    house = House()
    house.agent("a", capacity=6)
    held, asked = house.arrive(), house.arrive()
    house.accept(held)
    house.world.set_agent(replace(house.world.agents["a"], status=status))
    house.settle()
    assert not house.offered(asked)
    house.after(3600.0)
    assert house.item(held).assignee == "a"


def test_what_a_supervisor_gives_to_somebody_gone_comes_back_after_the_grace_time() -> None:
    house = House()
    house.agent("a", status="offline")
    house.agent("b", capacity=3)
    chat = house.arrive()
    house.world.take(house.item(chat), "a")
    house.settle()
    assert house.item(chat).assignee == "a"
    house.after(61.0)
    assert house.offered(chat) == "b"


def test_a_closed_queue_answers_once_and_waits_for_the_opening() -> None:
    night = NOON + 8 * 3600
    house = House(now=night)
    house.agent("a")
    chat = house.arrive(language="es")
    replies = [one for one in house.heard if isinstance(one, say.AutoReply)]
    assert [one.text for one in replies] == ["Open again Thu 2026-03-05 06:00 (UTC)."]
    assert replies[0].once == "closed:sales:1772690400"
    assert not house.offered(chat)
    house.after(10 * 3600.0 - 1)
    assert not house.offered(chat)
    house.after(2.0)
    assert house.offered(chat) == "a"


def test_nothing_automatic_answers_something_automatic() -> None:
    house = House(now=NOON + 8 * 3600)
    house.arrive(language="es", automatic=True)
    assert not [one for one in house.heard if isinstance(one, say.AutoReply)]


def test_a_queue_may_give_work_out_although_it_is_closed() -> None:
    queues = {
        "support": {},
        "billing": {},
        "sales": {"hours": "office", "closed": {"reply": "Later.", "offer": True}},
    }
    house = House(plan(queues=queues), now=NOON + 8 * 3600)
    house.agent("a")
    chat = house.arrive(language="es")
    assert house.offered(chat) == "a"
    assert [one.text for one in house.heard if isinstance(one, say.AutoReply)] == ["Later."]


def test_a_snooze_ends_by_the_clock_and_goes_back_to_the_queue_when_there_is_no_room() -> None:
    house = House()
    house.agent("a", capacity=3)
    first = house.arrive()
    house.accept(first)
    house.world.put(replace(house.item(first), status="snoozed", snoozed_until=house.world.now + 100))
    house.settle()
    second = house.arrive()
    house.accept(second)
    house.after(101.0)
    assert house.item(first).status == "open"
    assert house.item(first).assignee == ""
    assert house.engine.board.entries[first].phase is Phase.WAITING
    house.world.put(replace(house.item(second), status="resolved"))
    house.settle()
    assert house.offered(first) == "a"


def test_spam_is_nobodys_work() -> None:
    house = House()
    house.agent("a")
    item = Item(id="c900", connector="webchat", spam=True, created_at=NOON, version=1)
    house.world.items[item.id] = item
    house.tell(inputs.ItemArrived(item, Facts(at=NOON)))
    assert house.heard == []
    assert house.item("c900").queue == ""


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


def test_setting_away_that_is_refused_leaves_the_agent_as_they_are() -> None:
    house = House(plan(offer={"accept_within": "20s", "silent_after": 1}))
    house.agent("a")
    house.arrive()
    engine = house.engine
    house.world.now += 20.0
    house.world.tell(inputs.Tick())
    while house.world.under_way:
        house.world.commit(refuse=isinstance(house.world.under_way[0], say.SetAway))
        while house.world.feed:
            house.world.hear()
    assert engine.board.agents["a"].available


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


def test_another_configuration_keeps_every_place() -> None:
    house = House()
    house.agent("none", skills={})
    first, second = house.arrive("rechnung", language="de"), house.arrive("rechnung", language="de")
    house.tell(inputs.Config(plan()))
    house.agent("fits", skills={"lang.de": 3, "billing": 2}, capacity=3)
    assert house.offered(first) == "fits"
    assert not house.offered(second)


def test_an_agent_who_left_the_team_keeps_what_they_hold_and_gets_nothing() -> None:
    house = House()
    house.agent("a", capacity=6)
    held = house.arrive()
    house.accept(held)
    house.world.set_agent(replace(house.world.agents["a"], active=False))
    house.settle()
    waiting = house.arrive()
    assert not house.offered(waiting)
    house.after(3600.0)
    assert house.item(held).assignee == "a"


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
    assert sum(len(signature.line.heap) for signature in board.classes.signatures) < 200
    house.tell(inputs.Presence("a", "connected"))
    for _ in range(3_000):
        house.world.now += 1.0
        ident = house.arrive(connector="telegram")
        house.accept(ident)
        house.world.put(replace(house.item(ident), status="resolved"))
        house.settle()
    assert sum(len(pool.heap) for pool in board.pools._pools.values()) < 200
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
