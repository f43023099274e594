"""Capacity and offers through the live service. Each case is one life."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from stream import commands as cmd
from tests.router.live import Case, Live, cases, either, lives, rule

CASES, case = cases()


# --- capacity ------------------------------------------------------------------------------------------------------


@case(channels={"webchat": {"weight": 3, "wrap_up": "60s"}})
async def after_a_chat_there_is_time_to_write_it_up(desk: Live) -> None:
    await desk.connect("cid")
    chat = await desk.arrive("one")
    await desk.given(chat, "cid")
    await desk.do(cmd.Resolve, chat, "cid")
    await desk.quiet()
    other = await desk.arrive("two")
    await desk.queued(other)
    await desk.stands(other)
    assert desk.why(other, "cid") == "wrapping up"
    await desk.later(60)
    await desk.offered(other, "cid")


@case(channels={"webchat": {"weight": 3, "wrap_up": "60s"}})
async def who_wraps_up_still_does_after_a_restart(desk: Live) -> None:
    await desk.connect("cid")
    chat = await desk.arrive("one")
    await desk.given(chat, "cid")
    await desk.do(cmd.Resolve, chat, "cid")
    await desk.later(30)
    await desk.again()
    other = await desk.arrive("two")
    await desk.queued(other)
    await desk.stands(other)
    assert desk.why(other, "cid") == "wrapping up"
    await desk.later(30)
    await desk.offered(other, "cid")


@case(
    rules=rule(steps=[{"need": ["technical"], "for": "20s"}, {"if": "wait.estimate > 50s", "for": "10m"}, {}])
)
async def how_long_the_last_one_waited_is_known_after_a_restart(desk: Live) -> None:
    await desk.connect("cid")
    first = await desk.arrive("one")
    await desk.queued(first)
    await desk.later(60)
    await desk.given(first, "cid")
    await desk.again()
    second = await desk.arrive("two")
    await desk.queued(second)
    await desk.later(20)
    await desk.offered(second, "cid")


@case(channels={"webchat": {"weight": 3, "idle_release": "10m"}})
async def a_silent_customer_makes_room_and_comes_back_above_it(desk: Live) -> None:
    await desk.connect("cid")
    chats = [await desk.arrive(f"g{number}") for number in range(2)]
    for chat in chats:
        await desk.given(chat, "cid")
    third = await desk.arrive("g2")
    await desk.queued(third)
    await desk.later(700)
    await desk.stands(third)  # nobody answered: they all count
    await desk.says(chats[0], "cid")
    await desk.later(599)
    await desk.stands(third)
    await desk.later(1)
    await desk.given(third, "cid")
    assert await desk.load("cid") == 6
    await desk.arrive("g0", "I am back")
    assert await desk.load("cid") == 9
    fourth = await desk.arrive("g3")
    await desk.queued(fourth)
    await desk.stands(fourth)
    assert desk.why(fourth, "cid").startswith("has 9 of 6 units taken; more than there is room for: silent")
    await desk.do(cmd.Resolve, third, "cid")
    await desk.quiet()
    await desk.stands(fourth)
    await desk.do(cmd.Resolve, chats[1], "cid")
    await desk.offered(fourth, "cid")


@case(channels={"webchat": {"weight": 3, "idle_release": "10m"}})
async def what_rests_still_rests_after_a_restart(desk: Live) -> None:
    await desk.connect("cid")
    chats = [await desk.arrive(f"g{number}") for number in range(2)]
    for chat in chats:
        await desk.given(chat, "cid")
        await desk.says(chat, "cid")
    await desk.later(500)
    await desk.says(chats[1], "cid")
    await desk.later(100)
    await desk.until(lambda: _rests(desk, chats[0]))
    await desk.again()
    third = await desk.arrive("g2")
    await desk.given(third, "cid")
    await desk.later(500)
    await desk.until(lambda: _rests(desk, chats[1]))


async def _rests(desk: Live, conversation: str) -> bool:
    return (await desk.row(conversation)).resting


@case(capacity={"units": 10, "ramps": {"cid": {"begins": "2026-03-04", "units": [3, 6], "every": "1d"}}})
async def somebody_new_has_less_room_and_then_more(desk: Live) -> None:
    await desk.connect("cid")
    first, second = await desk.arrive("one"), await desk.arrive("two")
    await desk.given(first, "cid")
    await desk.queued(second)
    await desk.stands(second)
    assert desk.why(second, "cid") == "has 3 of 3 units taken"
    await desk.later(43_200)
    await desk.offered(second, "cid")


# --- offers --------------------------------------------------------------------------------------------------------


@case(channels={"webchat": {"weight": 1}, "email": {"weight": 1, "accept_within": "5m"}})
async def a_channel_has_its_own_time_to_accept(desk: Live) -> None:
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    mail = await desk.arrive("writer", channel="mail", connector="email")
    await desk.offered(chat, "cid")
    await desk.offered(mail, "cid")
    await desk.later(25)
    await desk.until(lambda: _let_pass(desk, chat))
    await desk.stands(mail, "cid")


async def _let_pass(desk: Live, conversation: str) -> bool:
    return "cid" in (await desk.row(conversation)).declined_by


@case(offer={"ask": 2})
async def several_are_asked_and_of_two_at_once_one_has_it(desk: Live) -> None:
    await desk.connect("ann", "ben", "cid")
    chat = await desk.arrive("guest")
    await desk.until(lambda: either(desk, chat))
    offer = (await desk.row(chat)).offer
    assert offer is not None
    assert offer.asked == ("ann", "ben")
    results = await asyncio.gather(*(desk.accepts(chat, who, offer.id) for who in offer.asked))
    assert sorted(type(one).__name__ for one in results) == ["Committed", "Refused"]
    row = await desk.row(chat)
    other = next(who for who in offer.asked if who != row.assignee)
    lost = next(one for one in results if isinstance(one, cmd.Refused))
    assert (lost.code, lost.sentence) == ("offer_over", f"{row.assignee.capitalize()} was faster.")
    assert (row.offer, row.declined_by, await desk.load(other)) == (None, (), 0)


@case(offer={"ask": 3, "accept_within": "10s", "silent_after": 1})
async def an_answer_against_the_end_of_time_is_one_or_the_other(desk: Live) -> None:
    await desk.connect("ann", "ben")
    chat = await desk.arrive("guest")
    await desk.until(lambda: either(desk, chat))
    offer = (await desk.row(chat)).offer
    assert offer is not None
    done, _ = await asyncio.gather(desk.accepts(chat, "ben", offer.id), desk.later(10))
    await desk.quiet()
    row = await desk.row(chat)
    assert (row.assignee == "ben") == isinstance(done, cmd.Committed)
    assert row.assignee or set(row.declined_by) == {"ann", "ben"}
    assert await desk.load("ann") == 0


@case(offer={"ask": 2})
async def a_restart_in_the_middle_leaves_everybody_asked(desk: Live) -> None:
    await desk.connect("ann", "ben")
    chat = await desk.arrive("guest")
    await desk.until(lambda: either(desk, chat))
    await desk.again()
    await desk.quiet()
    offer = (await desk.row(chat)).offer
    assert offer is not None
    assert offer.asked == ("ann", "ben")
    await desk.status("ann", "away")
    await desk.quiet()
    await desk.stands(chat, "ben")
    assert isinstance(await desk.accept(chat), cmd.Committed)
    assert (await desk.row(chat)).assignee == "ben"


@pytest.mark.parametrize(("routing", "told"), CASES, ids=[one.__name__ for _, one in CASES])
async def test_it_lives(live: Live, routing: dict[str, Any], told: Case) -> None:
    await lives(live, routing, told)
