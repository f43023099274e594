"""Agents who lose their connection, take a break or leave: what stays with them, what goes back, and when."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from router import inputs
from tests.router.house import NOON, House
from tests.router.plans import plan

replace = msgspec.structs.replace


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


def test_a_merge_does_not_forget_that_a_conversation_is_on_its_way_back() -> None:
    house = House()
    house.agent("a")
    chat = house.arrive(contact="p")
    house.accept(chat)
    engine = house.engine
    engine.handle(inputs.Presence("a", "gone"), NOON)
    assert len(engine.handle(inputs.Tick(), NOON + 60.0)) == 1
    engine.handle(inputs.ContactsMerged("q", (chat,)), NOON + 61.0)
    assert engine.board.entries[chat].pending == "back"
    assert engine.board.holders == {"q": {"a": 1}}


def test_who_is_awaited_is_offered_nothing_and_keeps_everything() -> None:
    house = House()
    house.agent("a")
    mine = house.arrive()
    house.accept(mine)
    house.tell(inputs.Presence("a", "awaited"))
    waiting = house.arrive()
    assert not house.offered(waiting)
    house.after(300.0)
    assert house.item(mine).assignee == "a"
    house.tell(inputs.Presence("a", "connected"))
    assert house.offered(waiting) == "a"
