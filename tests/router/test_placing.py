"""Where an item waits: rules, steps, closed queues, snoozes, spam, another configuration."""

from __future__ import annotations

import msgspec

from router import decisions as say
from router import inputs, placing
from router.inputs import Item
from router.items import Phase
from router.rules import Facts
from stream.model import ServiceLevel, Target
from tests.router.house import NOON, House
from tests.router.plans import plan

replace = msgspec.structs.replace


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


def test_another_configuration_keeps_every_place() -> None:
    house = House()
    house.agent("none", skills={})
    first, second = house.arrive("rechnung", language="de"), house.arrive("rechnung", language="de")
    house.tell(inputs.Config(plan()))
    house.agent("fits", skills={"lang.de": 3, "billing": 2}, capacity=3)
    assert house.offered(first) == "fits"
    assert not house.offered(second)


def test_a_clock_that_changes_while_it_is_being_placed_moves_it_in_line() -> None:
    house = House(plan(order="due"))
    chat, later = house.arrive(), house.arrive()
    board = house.engine.board
    entry = board.entries[chat]
    entry.pending = "queue"
    target = Target(name="first_reply", within=60.0, since=NOON, due_at=NOON + 9_000.0)
    level = ServiceLevel(name="gold", targets=(target,))
    placing.heard(board, entry, replace(entry.item, level=level))
    assert (entry.key, entry.pending, board.waiting) == ((0, NOON + 9_000.0, chat), "queue", 2)
    entry.pending = ""
    house.agent("a", capacity=3)
    assert house.offered(later) == "a"
    assert not house.offered(chat)
