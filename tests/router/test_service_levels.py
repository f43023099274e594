"""Service levels through the live service on a clock that the test moves: promised, at risk, late, escalated, answered; also across routers."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from router.clock import Clock
from router.service import RouterService
from stream import commands as cmd
from stream import events as ev
from stream import reads
from stream.bus import open_bus
from stream.ids import new_token
from stream.model import MessageContent, ServiceLevel, Target
from stream.store import open_store
from tests.router.desk import TEAM, Desk, Stumbling, plan_of
from tests.router.plans import CONTENT

NOON = 1_772_625_600.0  # 2026-03-04 12:00 UTC, a Wednesday
LEAD = cmd.AgentFacts(
    agent="mia", name="Mia", role="supervisor", queues=("sales",), teams=("red",), capacity=6
)
GOLD: dict[str, Any] = {
    "first_reply": "10m",
    "next_reply": "30m",
    "resolution": "2h",
    "then": [
        {"when": "at_risk", "of": ["first_reply"], "boost": "5m", "tags": ["urgent"]},
        {"when": "breached", "of": ["first_reply"], "priority": 7, "notify": ["supervisors"]},
        {"when": "breached", "of": ["first_reply"], "after": "5m", "queue": "sales"},
        {"when": "breached", "of": ["next_reply"], "team": "red", "take": True, "notify": ["assignee"]},
    ],
}


class Timed(Desk):
    """A desk whose clock stands until the test moves it."""

    now = NOON

    def another(self, **settings: Any) -> RouterService:
        def time() -> float:
            return self.now

        plan = plan_of({"routing": CONTENT, "name": "first"})
        return RouterService(
            self.journal, self.store, self.bus, plan, plan_of, clock=lambda: Clock(time, time), **settings
        )

    async def level(self, conversation: str, name: str = "first_reply") -> Target:
        """A target, once the router has promised it."""
        await self.until(lambda: self.promised(conversation, name))
        return target(await self.row_level(conversation), name)

    async def promised(self, conversation: str, name: str) -> bool:
        level = (await self.row(conversation)).level
        return level is not None and any(one.name == name for one in level.targets)

    async def row_level(self, conversation: str) -> ServiceLevel:
        level = (await self.row(conversation)).level
        assert level is not None
        return level

    async def later(self, seconds: float) -> None:
        """Time passes, and whoever leads looks at the clock."""
        await self.quiet()
        self.now += seconds
        if self.router._term is not None:
            self.router._term._ring()
            await self.quiet()

    async def quiet(self) -> None:
        """Everything decided was heard."""

        def still() -> bool:
            term = self.router._term
            return term is None or (
                term.cursor >= self.journal.head and not term._outgoing and len(term._tasks) <= 3
            )

        await self.until(still)

    async def told(self, conversation: str) -> list[str]:
        """What its service level came to, in order."""
        found = await reads.events_of(self.store, conversation)
        reached = ev.LevelAtRisk | ev.LevelBreached | ev.LevelEscalated
        return [
            f"{one.event.target} {type(one.event).__name__[5:]}"
            for one in found
            if isinstance(one.event, reached)
        ]

    async def reply(self, conversation: str, agent: str) -> None:
        """An agent answers."""
        content = MessageContent(text="Here you are.")
        await self.do(cmd.Reply, conversation, agent, message=f"msg_{new_token()}", content=content)


def target(level: ServiceLevel | None, name: str) -> Target:
    assert level is not None
    return next(one for one in level.targets if one.name == name)


BOTH = pytest.mark.parametrize("store_url", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty store: SQLite, or what the test asks for."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path / 'parley.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def desk(store_url: str) -> AsyncIterator[Timed]:
    """Give a desk with a level on its queue, and a supervisor who serves another one."""
    store, bus = open_store(store_url), open_bus("memory:")
    await store.open()
    await bus.open()
    journal = Stumbling(store, bus, clock=lambda: opened.now)
    await journal.open()
    opened = Timed(journal, store, bus)
    await promise(opened)
    yield opened
    await opened.close()
    await journal.close()
    await bus.close()
    await store.close()


async def promise(desk: Timed, level: dict[str, Any] | None = None, **more: Any) -> None:
    queues = {**CONTENT["queues"], "support": {"service_level": "gold"}, "sales": {}}
    facts = {"queues": queues, "service_levels": {"gold": level or GOLD}, **more}
    await desk.hire(*TEAM, LEAD, **facts)


@BOTH
async def test_a_chain_runs_to_its_end_and_everything_happens_once(desk: Timed) -> None:
    await desk.open()
    chat = await desk.arrive("guest")
    first = await desk.level(chat)
    assert (first.due_at, first.state) == (NOON + 600, "running")
    await desk.later(480)
    row = await desk.row(chat)
    assert row.level is not None
    assert (target(row.level, "first_reply").state, row.level.boost, row.tags) == (
        "at_risk",
        300.0,
        ("urgent",),
    )
    await desk.later(120)
    row = await desk.row(chat)
    assert (target(row.level, "first_reply").state, row.priority, row.participants) == (
        "breached",
        7,
        ("mia",),
    )
    await desk.later(300)
    row = await desk.row(chat)
    assert (row.queue, row.rule, row.waiting_since) == ("sales", "", NOON)
    await desk.later(60)
    await desk.later(60)
    assert await desk.told(chat) == ["first_reply AtRisk", "first_reply Breached", "first_reply Escalated"]
    assert desk.router.outcomes() == {("first_reply", "missed"): 1}


async def test_an_answer_in_time_ends_it_and_the_next_question_begins_anew(desk: Timed) -> None:
    await desk.open()
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.level(chat)
    await desk.offered(chat, "cid")
    await desk.accept(chat)
    await desk.later(300)
    await desk.reply(chat, "cid")
    await desk.later(7200)
    known = await desk.row_level(chat)
    assert (target(known, "first_reply").state, target(known, "resolution").spent) == ("met", 300.0)
    await desk.arrive("guest", "and another thing")
    again = await desk.level(chat, "next_reply")
    assert again.due_at == desk.now + 1800
    assert target(await desk.row_level(chat), "resolution").due_at == desk.now + 6900
    await desk.later(1800)
    row = await desk.row(chat)
    assert (row.assignee, row.last_agent, row.team) == ("", "cid", "red")
    assert await desk.told(chat) == ["next_reply AtRisk", "next_reply Breached"]
    await desk.do(cmd.Take, chat, "ben")
    await desk.do(cmd.Resolve, chat, "ben")
    await desk.quiet()
    known = await desk.row_level(chat)
    assert [(one.name, one.state) for one in known.targets] == [
        ("first_reply", "met"), ("next_reply", "missed"), ("resolution", "met"),
    ]  # fmt: skip
    assert desk.router.outcomes() == {
        ("first_reply", "met"): 1, ("next_reply", "missed"): 1, ("resolution", "met"): 1,
    }  # fmt: skip


@BOTH
async def test_a_restart_in_the_middle_neither_forgets_nor_repeats(desk: Timed) -> None:
    await desk.open()
    chat = await desk.arrive("guest")
    await desk.level(chat)
    await desk.later(500)
    assert await desk.told(chat) == ["first_reply AtRisk"]
    await desk.close()
    await desk.later(1000)
    desk.router = desk.another()
    await desk.open()
    await desk.until(lambda: said(desk, chat, 3))
    assert await desk.told(chat) == ["first_reply AtRisk", "first_reply Breached", "first_reply Escalated"]
    await desk.quiet()
    row = await desk.row(chat)
    assert (row.queue, row.priority, row.level and row.level.boost) == ("sales", 7, 300.0)


async def said(desk: Timed, chat: str, count: int) -> bool:
    return len(await desk.told(chat)) >= count


async def test_what_was_said_while_no_router_led_counts_at_its_own_moment(desk: Timed) -> None:
    await desk.open()
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.level(chat)
    await desk.offered(chat, "cid")
    await desk.accept(chat)
    await desk.quiet()
    await desk.close()
    await desk.later(100)
    await desk.reply(chat, "cid")
    await desk.later(50_000)
    await desk.arrive("guest", "thanks, and?")
    await desk.later(10)
    desk.router = desk.another()
    await desk.open()
    again = await desk.level(chat, "next_reply")
    assert again.due_at == desk.now - 10 + 1800
    known = await desk.row_level(chat)
    assert (target(known, "first_reply").state, target(known, "resolution").spent) == ("met", 100.0)
    assert await desk.told(chat) == []


@BOTH
async def test_two_routers_over_one_store_say_everything_once(desk: Timed) -> None:
    """The leader is paused at the moment when a target falls due, the other takes over; both then say what they think."""
    desk.router = desk.another(exclusive=False, ttl=3.0)
    await desk.open()
    chat = await desk.arrive("guest")
    await desk.level(chat)
    await desk.quiet()
    old = desk.router._term
    assert old is not None
    other = Timed(desk.journal, desk.store, desk.bus)
    other.now = NOON + 600
    other.router = other.another(exclusive=True)
    await other.open()
    desk.now = NOON + 600
    if desk.router._term is old:
        old._ring()
    await other.until(lambda: said(desk, chat, 2))
    await other.quiet()
    counts = Counter(await desk.told(chat))
    assert counts == {"first_reply AtRisk": 1, "first_reply Breached": 1}
    row = await desk.row(chat)
    assert (row.priority, row.level and row.level.boost) == (7, 300.0)
    await other.close()


async def test_closed_hours_do_not_count_and_waking_goes_on(desk: Timed) -> None:
    hours = {"office": {"week": {"mon-fri": ["09:00-12:05"]}}}
    queues = {**CONTENT["queues"], "support": {"service_level": "gold", "hours": "office"}, "sales": {}}
    level = {**GOLD, "pause": ["closed", "customer", "snoozed"]}
    await promise(desk, level, hours=hours, queues=queues)
    await desk.open()
    chat = await desk.arrive("guest")
    first = await desk.level(chat)
    assert first.due_at == NOON + 21 * 3600 + 300
    await desk.later(3600)
    assert await desk.told(chat) == []
    await desk.later(20 * 3600 + 200)
    assert await desk.told(chat) == ["first_reply AtRisk"]
    await desk.do(cmd.Snooze, chat, "ben", until=desk.now + 600)
    await desk.later(599)
    assert await desk.told(chat) == ["first_reply AtRisk"]
    await desk.do(cmd.Wake, chat, "ben")
    await desk.later(99)
    assert (await desk.level(chat)).state == "at_risk"
    await desk.later(2)
    assert (await desk.level(chat)).state == "breached"


async def test_another_file_changes_what_is_promised_and_none_takes_it_back(desk: Timed) -> None:
    await desk.open()
    chat = await desk.arrive("guest")
    assert (await desk.level(chat)).due_at == NOON + 600
    await desk.later(60)
    await promise(desk, {"first_reply": "20m"})
    await desk.until(lambda: due(desk, chat, NOON + 1200))
    await desk.hire(*TEAM)
    await desk.until(lambda: none(desk, chat))
    await desk.later(9999)
    assert await desk.told(chat) == []


async def due(desk: Timed, chat: str, moment: float) -> bool:
    level = (await desk.row(chat)).level
    return level is not None and target(level, "first_reply").due_at == moment


async def none(desk: Timed, chat: str) -> bool:
    return (await desk.row(chat)).level is None


async def test_levels_that_come_with_a_new_file_take_what_waits_already(desk: Timed) -> None:
    await desk.hire(*TEAM)
    await desk.open()
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.offered(chat, "cid")
    await desk.accept(chat)
    await desk.later(50)
    await desk.arrive("guest", "hello?")
    assert (await desk.row(chat)).level is None
    await promise(desk)
    assert (await desk.level(chat)).due_at == NOON + 600


async def test_a_target_that_comes_with_a_new_file_counts_from_the_message(desk: Timed) -> None:
    await promise(desk, {"resolution": "2h"})
    await desk.open()
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.level(chat, "resolution")
    await desk.later(400)
    await promise(desk, {"resolution": "2h", "first_reply": "10m", "next_reply": "30m"})
    assert (await desk.level(chat)).due_at == NOON + 600
    assert (await desk.level(chat, "resolution")).due_at == NOON + 7200
    await desk.later(200)
    assert await desk.told(chat) == ["first_reply AtRisk", "first_reply Breached"]


async def test_a_level_of_next_replies_alone_is_kept(desk: Timed) -> None:
    await promise(desk, {"next_reply": "30m"})
    await desk.open()
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.offered(chat, "cid")
    await desk.accept(chat)
    await desk.reply(chat, "cid")
    await desk.later(60)
    await desk.arrive("guest", "and one more thing")
    assert (await desk.level(chat, "next_reply")).due_at == NOON + 60 + 1800


async def test_a_person_who_moves_it_puts_it_under_the_other_queues_level(desk: Timed) -> None:
    levels = {"gold": GOLD, "slow": {"first_reply": "1h"}}
    queues = {**CONTENT["queues"], "support": {"service_level": "gold"}, "billing": {"service_level": "slow"}}
    await promise(desk, queues=queues, service_levels=levels)
    await desk.open()
    chat = await desk.arrive("guest")
    await desk.level(chat)
    await desk.later(120)
    await desk.do(cmd.Transfer, chat, "ben", queue="billing")
    await desk.until(lambda: due(desk, chat, NOON + 3600))
    known = await desk.row_level(chat)
    assert (known.name, known.queue, target(known, "first_reply").round) == ("slow", "billing", 2)


async def test_the_due_order_goes_by_what_is_promised(desk: Timed) -> None:
    queues = {**CONTENT["queues"], "support": {"order": "due", "service_level": "gold"}}
    rules = [
        {"name": "fast", "when": 'text.has("urgent")', "queue": "support", "service_level": "fast"},
        {"name": "rest", "queue": "support"},
    ]
    levels = {"gold": GOLD, "fast": {"first_reply": "2m"}}
    small = cmd.AgentFacts(agent="cid", name="Cid", queues=("support",), capacity=3)
    await desk.hire(small, queues=queues, rules=rules, service_levels=levels)
    await desk.open()
    slow = await desk.arrive("early")
    await desk.level(slow)
    desk.now += 60
    fast = await desk.arrive("late", "urgent")
    await desk.level(fast)
    await desk.quiet()
    await desk.connect("cid")
    await desk.offered(fast, "cid")
    assert (await desk.row(slow)).offer is None
