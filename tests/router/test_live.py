"""What routing.yaml can say, through the live service: who, in which order, in which steps, within which hours. Each case is one life."""

from __future__ import annotations

from typing import Any

import pytest

from router.explaining import explain
from stream import commands as cmd
from stream import events as ev
from stream import reads
from tests.router.desk import plan_of
from tests.router.live import Case, Live, cases, either, lives, rule

CASES, case = cases()


# --- who -----------------------------------------------------------------------------------------------------------


@case(rules=rule(sticky={"for": "60s", "if_online": True}))
async def sticky_waits_for_the_last_agent_until_it_does_not(desk: Live) -> None:
    await desk.connect("ann", "cid")
    chat = await desk.arrive("guest")
    await desk.given(chat, "ann")
    await desk.do(cmd.Resolve, chat, "ann")
    for number in range(2):
        other = await desk.arrive(f"g{number}")
        await desk.queued(other)
        await desk.do(cmd.Take, other, "ann")
    await desk.do(cmd.Reopen, chat, "cid")
    await desk.quiet()
    await desk.stands(chat)
    await desk.later(60)
    await desk.offered(chat, "cid")


@case(rules=rule(sticky={"for": "60s", "if_online": True}))
async def sticky_does_not_wait_for_somebody_who_is_gone(desk: Live) -> None:
    await desk.connect("ann", "cid")
    chat = await desk.arrive("guest")
    await desk.given(chat, "ann")
    await desk.do(cmd.Resolve, chat, "ann")
    await desk.status("ann", "away")
    await desk.do(cmd.Reopen, chat, "cid")
    await desk.offered(chat, "cid")


@case(needs=[{"when": 'lang == "de"', "need": ["lang.{lang} >= 2"]}], rules=rule(need=["prefer billing"]))
async def the_language_is_detected_and_asked_for_and_wishes_go_first(desk: Live) -> None:
    await desk.connect("ben", "cid", "ann")
    german = await desk.arrive("kunde", "Ich habe leider eine Frage zu meiner Bestellung")
    row = await desk.offered(german, "ann")
    assert (row.language, row.need) == ("de", ("prefer billing", "lang.de>=2"))
    english = await desk.arrive("guest", "I have a question about my order, please")
    await desk.offered(english, "ann")


@case()
async def busy_agents_keep_what_they_have_and_get_nothing_new(desk: Live) -> None:
    await desk.connect("cid")
    first = await desk.arrive("one")
    await desk.given(first, "cid")
    await desk.status("cid", "busy")
    second = await desk.arrive("two")
    await desk.queued(second)
    await desk.stands(second)
    assert desk.why(second, "cid") == "busy"
    assert (await desk.row(first)).assignee == "cid"


# --- in which order ------------------------------------------------------------------------------------------------


async def _first_of(desk: Live, early: str, late: str, apart: float, waits: float = 0.0) -> str:
    """Of two that came `apart`, who is asked about first when somebody comes after both have waited."""
    one = await desk.arrive("one", early)
    await desk.queued(one)
    await desk.later(apart)
    two = await desk.arrive("two", late)
    await desk.queued(two)
    await desk.later(waits)
    await desk.hire(cmd.AgentFacts(agent="cid", name="Cid", queues=("support",), capacity=3), **desk.routing)
    await desk.connect("cid")
    await desk.until(lambda: either(desk, one, two))
    return "early" if (await desk.row(one)).offer else "late"


TWO = [
    {
        "name": "urgent",
        "queue": "support",
        "when": 'text.has("urgent")',
        "boost": "2m",
        "slope": 3.0,
        "due": "1m",
    },
    {"name": "all", "queue": "support", "due": "5m"},
]


@case(order={"kind": "head_start"}, rules=TWO)
async def a_head_start_counts_as_waiting(desk: Live) -> None:
    assert await _first_of(desk, "hello", "urgent", 119) == "late"


@case(order={"kind": "head_start"}, rules=TWO)
async def a_head_start_ends(desk: Live) -> None:
    assert await _first_of(desk, "hello", "urgent", 121) == "early"


@case(order="ageing", rules=TWO)
async def ageing_overtakes_with_time(desk: Live) -> None:
    assert await _first_of(desk, "hello", "urgent", 60, 29) == "early"


@case(order="ageing", rules=TWO)
async def ageing_has_overtaken(desk: Live) -> None:
    assert await _first_of(desk, "hello", "urgent", 60, 31) == "late"


@case(order="due", rules=TWO)
async def what_is_due_first_goes_first(desk: Live) -> None:
    assert await _first_of(desk, "hello", "urgent", 239) == "late"


@case(order="due", rules=TWO)
async def until_the_other_is_due_before(desk: Live) -> None:
    assert await _first_of(desk, "hello", "urgent", 241) == "early"


# --- steps ---------------------------------------------------------------------------------------------------------


@case(
    rules=rule(
        steps=[{"need": ["technical"], "for": "20s"}, {"if": "agents.available == 0", "for": "10m"}, {}]
    )
)
async def a_step_opens_on_what_is_measured(desk: Live) -> None:
    await desk.connect("ben", "cid")
    for number in range(2):
        await desk.given(await desk.arrive(f"full{number}"), "ben")
    chat = await desk.arrive("guest")
    await desk.queued(chat)
    await desk.later(40)
    await desk.stands(chat)
    await desk.status("ben", "away")
    await desk.later(10)
    await desk.offered(chat, "cid")


@case(
    rules=rule(
        steps=[{"need": ["technical"], "for": "20s"}, {"if": "agents.available == 0", "for": "10m"}, {}]
    )
)
async def a_step_that_opened_is_open_for_the_next_leader(desk: Live) -> None:
    chat = await desk.arrive("guest")
    await desk.queued(chat)
    await desk.later(20)
    assert (await desk.row(chat)).opened == ("1: agents.available == 0",)
    await desk.status("ben", "online")
    await desk.again()
    await desk.connect("cid")
    await desk.offered(chat, "cid")
    told = await explain(desk.store, chat, plan_of)
    assert told is not None
    opened = next(one for one in told["decisions"] if one["type"] == "step.opened")
    assert opened["record"]["measured"]["agents.available"] == 0


@case(
    rules=rule(
        steps=[{"need": ["technical"], "for": "20s"}, {"queue": "sales", "tags": ["urgent"], "say": "Soon."}]
    )
)
async def a_step_moves_tags_and_says(desk: Live) -> None:
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.queued(chat)
    await desk.later(20)
    row = await desk.offered(chat, "cid")
    assert (row.queue, row.tags, await desk.answered(chat)) == ("sales", ("urgent",), ["Soon."])


@case(
    rules=rule(steps=[{"need": ["lang.de"], "for": "20s"}, {"recall": True}]),
    pick=["proficiency"],
    offer={"accept_within": "60s"},
)
async def a_step_takes_an_offer_to_nobody_worse(desk: Live) -> None:
    await desk.connect("ann", "cid")
    chat = await desk.arrive("guest")
    before = await desk.offered(chat, "ann")
    await desk.later(20)
    await desk.stands(chat, "ann")
    assert (await desk.row(chat)).offer == before.offer


@case(
    rules=rule(steps=[{"need": ["lang.de"], "for": "20s"}, {"need": ["prefer technical"], "recall": True}]),
    offer={"accept_within": "60s"},
)
async def a_step_takes_an_offer_to_somebody_better_in_one_go(desk: Live) -> None:
    await desk.connect("ann", "ben")
    chat = await desk.arrive("guest")
    await desk.offered(chat, "ann")
    await desk.later(20)
    row = await desk.offered(chat, "ben")
    assert (row.declined_by, await desk.load("ann")) == ((), 0)
    ends = [
        one.event for one in await reads.events_of(desk.store, chat) if isinstance(one.event, ev.OfferEnded)
    ]
    assert [(one.how, "better since step 1" in one.reason) for one in ends] == [("recalled", True)]


# --- hours ---------------------------------------------------------------------------------------------------------


@case(
    hours={"day": {"week": {"mon-sun": ["12:10-20:00"]}}},
    shifts={"day": {"hours": "day", "breaks": {"mon-sun": ["12:20-12:30"]}, "agents": ["cid"]}},
)
async def shifts_and_breaks_are_kept(desk: Live) -> None:
    await desk.connect("cid")
    chats = [await desk.arrive(f"g{number}") for number in range(2)]
    await desk.queued(chats[0])
    await desk.stands(chats[0])
    assert desk.why(chats[0], "cid") == "off shift"
    await desk.later(600)
    await desk.given(chats[0], "cid")
    await desk.given(chats[1], "cid")
    await desk.do(cmd.Transfer, chats[1], "cid", queue="support")
    await desk.later(600)
    row = await desk.row(chats[1])
    later = await desk.arrive("g3")
    await desk.queued(later)
    assert desk.why(later, "cid") == "on a planned break" or row.offer is not None
    await desk.stands(later)


@case(
    hours={"day": {"week": {"mon-fri": ["08:00-11:00"]}}},
    queues={
        "support": {"hours": "day", "closed": {"queue": "sales", "reply": "Again {opens}."}},
        "sales": {},
        "billing": {},
    },
)
async def closed_here_open_there_with_the_next_opening(desk: Live) -> None:
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    row = await desk.offered(chat, "cid")
    await desk.until(lambda: _told(desk, chat))
    assert (row.queue, await desk.answered(chat)) == ("sales", ["Again Thu 2026-03-05 08:00 (UTC)."])


async def _told(desk: Live, conversation: str) -> bool:
    return bool(await desk.answered(conversation))


@case(
    hours={"day": {"week": {"mon-fri": ["13:00-17:00"]}}},
    queues={"support": {"hours": "day"}, "sales": {}, "billing": {}},
)
async def a_closed_queue_gives_out_when_it_opens(desk: Live) -> None:
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.queued(chat)
    await desk.stands(chat)
    await desk.later(3600)
    await desk.offered(chat, "cid")


@pytest.mark.parametrize(("routing", "told"), CASES, ids=[one.__name__ for _, one in CASES])
async def test_it_lives(live: Live, routing: dict[str, Any], told: Case) -> None:
    await lives(live, routing, told)
