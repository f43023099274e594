"""Recorded decisions of the live service once more, from what is stored of them alone; and one that was tampered with is told."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from router.explaining import explain
from router.verifying import Verified, verify
from stream import commands as cmd
from stream import events as ev
from stream import reads
from tests.router.desk import plan_of
from tests.router.live import Case, Live, cases, lives, rule

CASES, case = cases()
replace = msgspec.structs.replace


async def again(desk: Live, chat: str, **changes: Any) -> list[Verified]:
    """Every decision, with the newest event of a type (`of`) changed."""
    events = await reads.events_of(desk.store, chat)
    if changes:
        kind = changes.pop("of")
        index = max(at for at, one in enumerate(events) if isinstance(one.event, kind))
        events[index] = replace(events[index], event=replace(events[index].event, **changes))
    return await verify(desk.store, events, plan_of)


def told(found: list[Verified]) -> list[tuple[str, str]]:
    return [(one.type, one.verdict) for one in found]


@case(
    offer={"accept_within": "10s", "silent_after": 0},
    rules=rule(steps=[{"need": ["technical"], "for": "30s"}, {"queue": "billing"}]),
)
async def what_a_queue_a_step_and_an_offer_followed_from(desk: Live) -> None:
    chat = await desk.arrive("guest")
    await desk.queued(chat)
    await desk.later(30)
    await desk.until(lambda: _in(desk, chat, "billing"))
    await desk.connect("cid")
    await desk.offered(chat, "cid")
    await desk.later(10)
    await desk.stands(chat)
    kinds = ["conversation.queued", "conversation.queued", "offer.made", "offer.ended"]
    assert told(await again(desk, chat)) == [(kind, "agrees") for kind in kinds]
    for changes, why in (
        ({"of": ev.OfferMade, "agent": "ann"}, "cid are asked, not ann"),
        ({"of": ev.OfferMade, "units": 9}, "units is 3, not 9"),
        ({"of": ev.ConversationQueued, "queue": "sales"}, "step 1 of rule all moves it to billing"),
        ({"of": ev.ConversationQueued, "waiting_since": 5.0}, "its place was "),
        ({"of": ev.OfferEnded, "reason": "no answer within 99 s"}, "another while: no answer within 10 s"),
    ):
        differing = [one for one in await again(desk, chat, **changes) if one.verdict == "differs"]
        assert why in differing[0].why


async def _in(desk: Live, chat: str, queue: str) -> bool:
    return (await desk.row(chat)).queue == queue


@case(offer={"ask": 2})
async def who_was_asked_and_what_nobody_can_say(desk: Live) -> None:
    await desk.connect("ann", "ben")
    chat = await desk.arrive("guest")
    await desk.until(lambda: _offered(desk, chat))
    kinds = ["conversation.queued", "offer.made", "offer.made"]
    assert told(await again(desk, chat)) == [(kind, "agrees") for kind in kinds]
    events = await reads.events_of(desk.store, chat)
    asked = [one for one in events if isinstance(one.event, ev.OfferMade)]
    swapped = [*events[:-2], asked[1], asked[0]]
    assert {one.verdict for one in await verify(desk.store, swapped, plan_of)} == {"agrees", "differs"}
    gone = replace(asked[0].event, explain="ct_gone")
    (first, *_) = await verify(desk.store, [replace(asked[0], event=gone)], plan_of)
    assert (first.verdict, first.why) == ("unknown", "its record was erased")


async def _offered(desk: Live, chat: str) -> bool:
    return (await desk.row(chat)).offer is not None


@case()
async def whoever_is_woken_is_back_at_its_place_and_the_terminal_says_that_all_agree(desk: Live) -> None:
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.given(chat, "cid")
    await desk.do(cmd.Resolve, chat, "cid")
    await desk.arrive("guest", "and another thing")
    await desk.given(chat, "cid")
    explained = await explain(desk.store, chat, plan_of, again=True)
    assert explained is not None
    assert [one["verdict"] for one in explained["verified"]] == ["agrees"] * 4


@pytest.mark.parametrize(("routing", "lived"), CASES, ids=[one.__name__ for _, one in CASES])
async def test_it_follows(live: Live, routing: dict[str, Any], lived: Case) -> None:
    await lives(live, routing, lived)
