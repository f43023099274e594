"""What routing.yaml can say, through the live service: store, journal and router, on a clock that the test moves. Each case is one life."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from stream import commands as cmd
from stream import events as ev
from stream import reads
from stream.bus import open_bus
from stream.ids import new_token
from stream.model import Author, MessageContent
from stream.store import open_store
from tests.router.desk import TEAM, Stumbling
from tests.router.test_service_levels import Timed

OPEN: dict[str, Any] = {
    "queues": {"support": {}, "billing": {}, "sales": {}},
    "rules": [{"name": "all", "queue": "support"}],
}
OFFERED: dict[str, Any] = {
    "channels": {"webchat": {"weight": 3}, "email": {"weight": 1}, "telegram": {"weight": 2}}
}
Case = Callable[["Live"], Awaitable[None]]
CASES: list[tuple[dict[str, Any], Case]] = []


class Live(Timed):
    """A desk of one case."""

    routing: dict[str, Any]

    async def accepts(self, conversation: str, agent: str, offer: str) -> cmd.Result:
        """This agent accepts, whether or not they still can."""
        by = Author(kind="agent", id=agent)
        return await self.journal.submit(
            cmd.AcceptOffer(token=new_token(), conversation=conversation, by=by, offer=offer)
        )

    async def given(self, conversation: str, agent: str) -> None:
        """It is offered to this agent, who accepts."""
        await self.offered(conversation, agent)
        await self.accept(conversation)

    async def again(self) -> None:
        """The router ends, another one begins."""
        await self.quiet()
        await self.close()
        self.router = self.another()
        await self.open()
        await self.connect()

    async def stands(self, conversation: str, agent: str = "") -> None:
        """Everything is decided, and it is offered to this agent (or nobody)."""
        await self.quiet()
        offer = (await self.row(conversation)).offer
        assert (offer.agent if offer else "") == agent

    async def says(self, conversation: str, agent: str) -> None:
        """An agent answers."""
        content = MessageContent(text="Here you are.")
        await self.do(cmd.Reply, conversation, agent, message=f"msg_{new_token()}", content=content)

    async def answered(self, conversation: str) -> list[str]:
        """What was said automatically."""
        found = [one.content for one in await reads.messages(self.store, conversation) if one.automatic]
        return [str(getattr(one, "text", "")) for one in (await self.journal.contents(found)).values()]

    async def load(self, agent: str) -> int:
        """Units that an agent holds."""
        row = await reads.agent(self.store, agent)
        assert row is not None
        return row.load

    def why(self, conversation: str, agent: str) -> str:
        """Why not this agent, as the live engine sees it."""
        told = self.router.explain(conversation)
        assert told is not None
        return {one["agent"]: str(one["why_not"]) for one in told["agents"]}[agent]


def case(**routing: Any) -> Callable[[Case], Case]:
    """A case with this routing, beside `OPEN`."""

    def note(told: Case) -> Case:
        CASES.append(({**OPEN, **OFFERED, **routing}, told))
        return told

    return note


def rule(**facts: Any) -> list[dict[str, Any]]:
    return [{"name": "all", "queue": "support", **facts}]


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
    await desk.until(lambda: _either(desk, one, two))
    return "early" if (await desk.row(one)).offer else "late"


async def _either(desk: Live, *ones: str) -> bool:
    return any([(await desk.row(one)).offer for one in ones])


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
    await desk.until(lambda: _either(desk, chat))
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
    await desk.until(lambda: _either(desk, chat))
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
    await desk.until(lambda: _either(desk, chat))
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
async def test_it_lives(desk: Live, routing: dict[str, Any], told: Case) -> None:
    desk.routing = routing
    await desk.hire(*TEAM, **routing)
    await desk.open()
    await told(desk)


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """Give the URL of an empty store."""
    return f"sqlite:///{tmp_path / 'parley.db'}"


@pytest.fixture
async def desk(store_url: str) -> AsyncIterator[Live]:
    """Give a desk at noon on a Wednesday; its routing comes with the case."""
    store, bus = open_store(store_url), open_bus("memory:")
    await store.open()
    await bus.open()
    journal = Stumbling(store, bus, clock=lambda: opened.now)
    await journal.open()
    opened = Live(journal, store, bus)
    yield opened
    await opened.close()
    await journal.close()
    await bus.close()
    await store.close()
