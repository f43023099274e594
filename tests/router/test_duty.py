"""Shifts, breaks, ramps, wrap-up, work that yields, and queues that are closed: when an agent gets what."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from router import decisions as say
from router import duty, inputs
from router.explain import why_not
from router.items import Phase
from router.plan import Ramp
from tests.router.house import NOON, House
from tests.router.plans import CONTENT, plan

replace = msgspec.structs.replace
HOURS = {
    "office": {"week": {"mon-sun": ["06:00-18:00"]}},
    "late": {"week": {"mon-sun": ["13:00-22:00"]}},
}


def test_on_and_off_duty_by_the_clock() -> None:
    shifts = {"late": {"hours": "late", "breaks": {"mon-sun": ["14:00-14:15"]}, "agents": ["a"]}}
    house = House(plan(hours=HOURS, shifts=shifts))
    house.agent("a")
    chat = house.arrive()
    agent, entry = house.engine.board.agents["a"], house.engine.board.entries[chat]
    assert entry.signature is not None
    assert why_not(house.engine.board, entry.signature, entry, agent) == "off shift"
    house.after(3_599.0)
    assert not house.offered(chat)
    house.after(2.0)
    assert house.offered(chat) == "a"
    house.accept(chat)
    house.after(3_600.0)
    assert agent.off == "on a planned break"
    assert house.item(chat).assignee == "a", "what they have stays with them"
    house.after(15 * 60.0)
    assert agent.available


def test_two_shifts_are_one_time_and_somebody_without_any_is_always_there() -> None:
    shifts = {"day": {"hours": "office", "agents": ["a"]}, "late": {"hours": "late", "agents": ["a"]}}
    found = plan(hours=HOURS, shifts=shifts).shifts
    day = NOON - 12 * 3_600.0
    seen = [bool(duty.off(found, "a", (), day + hour * 3_600.0)) for hour in (5, 7, 17, 21, 23)]
    assert seen == [True, False, False, False, True]
    assert not duty.off(found, "b", ("red",), day)


def test_when_somebody_comes_on_or_goes_off_duty_next() -> None:
    shifts = {
        "day": {"hours": "office", "agents": ["a"], "breaks": {"mon-sun": ["12:00-12:30"]}},
        "late": {"hours": "late", "agents": ["a"]},
    }
    found = plan(hours=HOURS, shifts=shifts).shifts
    day = NOON - 12 * 3_600.0
    next_one = [duty.until(found, "a", (), day + hour * 3_600.0) for hour in (5, 7, 12.2, 14, 23)]
    assert [round((at or 0.0) - day) / 3_600 for at in next_one] == [6, 12, 12.5, 22, 30]
    assert duty.until(found, "b", ("red",), day) is None


def test_no_more_changes_are_looked_at_than_the_bound() -> None:
    many = [
        f"{hour:02}:{minute:02}-{hour:02}:{minute + 2:02}" for hour in range(24) for minute in (0, 10, 20)
    ]
    hours = HOURS | {"always": {"week": {"mon-sun": ["00:00-24:00"]}}, "spots": {"week": {"mon-sun": many}}}
    shifts = {name: {"hours": name, "agents": ["a"]} for name in ("always", "spots")}
    found = plan(hours=hours, shifts=shifts).shifts
    assert duty.until(found, "a", (), NOON) is None


@pytest.mark.parametrize(
    ("day", "units"), [(-3.0, 2), (0.0, 2), (6.9, 2), (7.0, 5), (13.9, 5), (14.0, 8), (99.0, 8)]
)
def test_a_ramp(day: float, units: int) -> None:
    ramp = Ramp(begins=NOON, units=(2, 5))
    assert duty.units(ramp, 8, NOON + day * 86_400.0) == units
    assert duty.units(ramp, 1, NOON + day * 86_400.0) == 1
    assert duty.units(None, 8, NOON) == 8


def test_a_ramp_goes_on_while_the_engine_runs() -> None:
    ramps = {"a": {"begins": "2026-03-04", "units": [3], "every": "13h"}}
    house = House(plan(capacity={"units": 8, "ramps": ramps}))
    house.agent("a", capacity=8)
    chats = [house.arrive() for _ in range(2)]
    house.accept(chats[0])
    assert not house.offered(chats[1])
    house.after(3_601.0)
    assert house.offered(chats[1]) == "a"


def test_after_a_conversation_there_is_time_to_write_it_up() -> None:
    channels = {**CONTENT["channels"], "webchat": {"weight": 3, "wrap_up": "30s"}}
    house = House(plan(channels=channels))
    house.agent("a")
    chat = house.arrive()
    house.accept(chat)
    house.world.put(replace(house.item(chat), status="resolved"))
    house.settle()
    following = house.arrive("hello", connector="telegram")
    assert not house.offered(following)
    house.after(29.0)
    assert not house.offered(following)
    house.after(1.1)
    assert house.offered(following) == "a"


def test_mails_yield_to_chats_and_the_decision_says_by_how_much() -> None:
    channels = {
        "webchat": {"weight": 3},
        "email": {"weight": 4, "give": "push", "yields_to": ["webchat"]},
        "telegram": {"weight": 2},
    }
    house = House(plan(channels=channels))
    house.agent("a", capacity=8)
    mails = [house.arrive(connector="email") for _ in range(3)]
    assert [house.item(mail).assignee for mail in mails] == ["a", "a", ""]
    chat = house.arrive()
    (offer,) = [one for one in house.heard if isinstance(one, say.Offer)]
    assert (offer.id, offer.agent, offer.beyond) == (chat, "a", 3)
    house.accept(chat)
    assert not house.offered(house.arrive("hello", connector="telegram")), "telegram does not go before mails"
    assert house.offered(house.arrive()), "two chats fit when mails do not count"
    house.world.put(replace(house.item(mails[0]), status="resolved"))
    house.settle()
    assert house.engine.board.entries[mails[2]].phase is Phase.WAITING, "mails wait for room"
    agent = house.engine.board.agents["a"]
    assert (agent.load, agent.by_kind["email"]) == (10, 4)


def test_what_yields_is_counted_again_under_another_configuration() -> None:
    house = House()
    house.agent("a", capacity=8)
    mail = house.arrive(connector="email")
    channels: dict[str, Any] = {**CONTENT["channels"], "email": {"weight": 1, "yields_to": ["webchat"]}}
    house.tell(inputs.Config(plan(channels=channels)))
    agent = house.engine.board.agents["a"]
    assert (house.item(mail).assignee, agent.by_kind, agent.yields("webchat")) == ("a", {"email": 1}, 1)


def test_a_closed_queue_sends_what_arrives_to_another_and_tells_whose_hours_they_are() -> None:
    queues = {
        "support": {},
        "billing": {},
        "sales": {"hours": "office", "closed": {"reply": "From {opens}.", "queue": "support"}},
    }
    house = House(plan(queues=queues), now=NOON + 8 * 3_600.0)
    house.agent("a", queues=("support",))
    chat = house.arrive(language="es")
    assert (house.item(chat).queue, house.item(chat).rule, house.offered(chat)) == ("support", "sales", "a")
    (reply,) = [one for one in house.heard if isinstance(one, say.AutoReply)]
    assert reply.text == "From Thu 2026-03-05 06:00 (UTC)."
