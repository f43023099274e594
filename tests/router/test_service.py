"""The router over a real journal: conversations find agents, whatever people and other processes do meanwhile."""

from __future__ import annotations

import asyncio
import time

import pytest

from router import term
from router.engine import Engine
from router.inputs import Begin, Config
from router.mirror import Mirror
from stream import commands as cmd
from stream import reads
from stream.ids import new_token
from stream.leases import acquire
from stream.model import Author, MessageContent
from tests.making import committed, refused
from tests.router.desk import Desk


async def test_skills_decide_even_when_others_are_idle(desk: Desk) -> None:
    await desk.open()
    await desk.connect("ann", "ben", "cid")
    chat = await desk.arrive("kunde", "Ich habe eine Frage zu meiner Rechnung, bitte")
    row = await desk.offered(chat, "ann")
    assert (row.queue, row.rule, row.need, row.language) == (
        "billing",
        "german-money",
        ("lang.de>=3", "billing>=2"),
        "de",
    )
    assert row.tags == ("money",)
    assert (await desk.row(chat)).units == 3
    assert isinstance(await desk.accept(chat), cmd.Committed)
    assert (await desk.row(chat)).assignee == "ann"


async def test_nobody_fits_so_it_waits_and_goes_out_at_once_when_somebody_does(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(term, "LOOK_SECONDS", 3600.0)  # no look around helps
    await desk.open()
    await desk.connect("ben", "cid")
    chat = await desk.arrive("kunde", "Ich habe eine Frage zu meiner Rechnung, bitte")
    await desk.until(lambda: desk.router.metrics()["waiting"] == 1)
    await desk.connect("ann")
    await desk.offered(chat, "ann")


async def test_silence_goes_to_the_next_and_sets_the_agent_away(desk: Desk) -> None:
    await desk.hire(offer={"accept_within": "1s", "silent_after": 1})
    await desk.open()
    await desk.connect("ann")
    chat = await desk.arrive("guest")
    await desk.offered(chat, "ann")
    await desk.connect("cid")
    await desk.offered(chat, "cid")
    ann = await reads.agent(desk.store, "ann")
    assert ann is not None
    assert (ann.status, ann.load) == ("away", 0)
    assert "without an answer" in ann.reason


async def test_decline_goes_to_the_next(desk: Desk) -> None:
    await desk.open()
    await desk.connect("ann", "cid")
    chat = await desk.arrive("guest")
    row = await desk.offered(chat, "ann")
    assert row.offer is not None
    await desk.do(cmd.DeclineOffer, chat, "ann", offer=row.offer.id)
    row = await desk.offered(chat, "cid")
    assert row.declined_by == ("ann",)


async def test_people_take_assign_and_transfer_as_they_like(desk: Desk) -> None:
    await desk.hire(queues={"support": {}, "billing": {}, "sales": {}})
    await desk.open()
    await desk.connect("ann", "ben", "cid")
    chat = await desk.arrive("guest")
    await desk.offered(chat, "ann")
    await desk.do(cmd.Take, chat, "ben")
    await asyncio.sleep(0.05)
    assert (await desk.row(chat)).assignee == "ben"
    await desk.do(cmd.Transfer, chat, "ben", queue="sales")
    await desk.offered(chat, "cid")
    await desk.do(cmd.Transfer, chat, "ben")
    row = await desk.offered(chat, "ann")
    assert row.queue == "support"


async def test_room_that_becomes_free_is_used_at_once(desk: Desk) -> None:
    await desk.open()
    await desk.connect("cid")
    chats = [await desk.arrive(f"guest-{number}") for number in range(4)]
    for chat in chats[:2]:
        await desk.offered(chat, "cid")
        await desk.accept(chat)
    await desk.until(lambda: desk.router.metrics()["waiting"] == 2)
    await desk.do(cmd.Resolve, chats[0], "cid")
    await desk.offered(chats[2], "cid")
    assert (await desk.row(chats[3])).offer is None


async def test_out_of_hours_the_customer_is_told_once_and_it_waits(desk: Desk) -> None:
    hours = {"office": {"week": {}, "dates": {"2099-01-05": ["09:00-17:00"]}}}
    await desk.hire(hours=hours)
    await desk.open()
    await desk.connect("cid")
    chat = await desk.arrive("gente", language="es")
    await desk.until(lambda: desk.router.metrics()["waiting"] == 1)

    async def told() -> bool:
        return any(one.automatic for one in await reads.messages(desk.store, chat))

    await desk.until(told)
    sent = [one for one in await reads.messages(desk.store, chat) if one.automatic]
    content = (await desk.journal.contents([sent[0].content]))[sent[0].content]
    assert isinstance(content, MessageContent)
    assert content.text.startswith("Open again")
    assert (await desk.row(chat)).offer is None


async def test_push_gives_without_asking(desk: Desk) -> None:
    await desk.open()
    await desk.connect("cid")
    mail = await desk.arrive("writer", channel="mail", connector="email")

    async def assigned() -> bool:
        return (await desk.row(mail)).assignee == "cid"

    await desk.until(assigned)


async def test_a_snooze_ends_by_the_clock(desk: Desk) -> None:
    await desk.open()
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.offered(chat, "cid")
    await desk.accept(chat)
    await desk.do(cmd.Snooze, chat, "cid", until=time.time() + 0.5)

    async def open_again() -> bool:
        row = await desk.row(chat)
        return row.status == "open" and row.assignee == "cid"

    await desk.until(open_again)


async def test_an_agent_who_stays_away_gives_live_chats_back_and_keeps_email(desk: Desk) -> None:
    await desk.hire(hand_back={"after": "1s"})
    await desk.open()
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.offered(chat, "cid")
    await desk.accept(chat)
    mail = await desk.arrive("writer", channel="mail", connector="email")

    async def assigned() -> bool:
        return (await desk.row(mail)).assignee == "cid"

    await desk.until(assigned)
    await desk.status("cid", "offline")

    async def back() -> bool:
        row = await desk.row(chat)
        return row.assignee == "" and row.waiting_since > 0

    await desk.until(back)
    assert (await desk.row(mail)).assignee == "cid"
    await desk.connect("ben")
    await desk.offered(chat, "ben")


async def test_what_waits_survives_a_restart_at_its_place_and_nothing_is_taken_away(desk: Desk) -> None:
    await desk.open()
    await desk.connect("ann", "cid")
    held = await desk.arrive("held")
    await desk.offered(held, "ann")
    await desk.accept(held)
    asked = await desk.arrive("asked")
    before = await desk.offered(asked, "cid")
    waiting = await desk.arrive("kunde", "Ich brauche technical Hilfe, bitte")
    await desk.queued(waiting)
    place = (await desk.row(waiting)).place
    await desk.close()
    late = await desk.arrive("late", "Ich habe eine Frage zu meiner Rechnung")
    desk.router = desk.another()
    await desk.open()
    await desk.queued(late)
    assert (await desk.row(late)).offer is None  # whose page is not back yet is asked nothing
    await desk.connect()
    await desk.offered(late, "ann")
    assert (await desk.row(held)).assignee == "ann"
    assert (await desk.row(asked)).offer == before.offer
    assert (await desk.row(waiting)).place == place
    await desk.connect("ben")
    await desk.offered(waiting, "ben")


async def test_an_engine_built_from_the_store_equals_the_one_that_ran(desk: Desk) -> None:
    await desk.open()
    await desk.connect("ann", "ben", "cid")
    chats = [
        await desk.arrive(f"guest-{n}", ("hello", "Meine Rechnung, bitte, ist das", "technical")[n % 3])
        for n in range(12)
    ]
    await desk.until(lambda: desk.router.metrics()["items"] == 12)
    await asyncio.sleep(0.2)
    for chat in chats:
        if (await desk.row(chat)).offer:
            await desk.accept(chat)
    await asyncio.sleep(0.2)
    term = desk.router._term
    assert term is not None
    await desk.until(lambda: term.cursor == desk.journal.head and not term.engine.board.dirty)
    mirror = Mirror()
    mirror.agents = {row.id: row for row in await reads.agents(desk.store)}
    mirror.contacts = dict(term.mirror.contacts)
    mirror.put(await reads.unresolved(desk.store))
    rebuilt = Engine(term.engine.board.plan)
    told = (Config(term.engine.board.plan), *mirror.everything(), Begin())
    assert not [decision for one in told for decision in rebuilt.handle(one, time.time())]
    for ident, entry in term.engine.board.entries.items():
        other = rebuilt.board.entries[ident]
        assert (entry.phase, entry.agent, entry.units, entry.step) == (
            other.phase,
            other.agent,
            other.units,
            other.step,
        )
        assert entry.key == other.key or entry.phase.value != "waiting"
    for ident, agent in term.engine.board.agents.items():
        twin = rebuilt.board.agents[ident]
        held = {name: count for name, count in agent.held.items() if count}
        facts = (agent.load, held, agent.items, agent.facts.idle_since)
        assert facts == (twin.load, twin.held, twin.items, twin.facts.idle_since)


async def test_a_leader_that_was_paused_changes_nothing_and_steps_down(desk: Desk) -> None:
    desk.router = desk.another(exclusive=False, ttl=60.0)
    await desk.open()
    await desk.connect("cid")
    old = desk.router.metrics()["epoch"]
    taken = await acquire(desk.store, "router", "other", 60.0, force=True)
    assert taken is not None
    assert taken.epoch > old
    chat = await desk.arrive("guest")
    await desk.until(lambda: not desk.router.ready)
    row = await desk.row(chat)
    assert (row.queue, row.offer, row.assignee) == ("", None, "")
    late = cmd.Enqueue(token=new_token(), epoch=int(old), conversation=chat, queue="support")
    assert (await refused(desk.journal, late)).code == "epoch"


async def test_two_routers_one_leads_and_the_other_takes_over(desk: Desk) -> None:
    first, second = desk.another(exclusive=False, ttl=3.0), desk.another(exclusive=False, ttl=3.0)
    await first.start()
    await desk.until(lambda: first.ready)
    await second.start()
    await desk.until(lambda: second.standing_by)
    assert not second.ready
    await desk.connect("cid")
    await first.stop()
    await desk.until(lambda: second.ready)
    chat = await desk.arrive("guest")
    await desk.connect()
    await desk.offered(chat, "cid")
    await second.stop()


async def test_a_new_configuration_keeps_every_place(desk: Desk) -> None:
    await desk.open()
    await desk.connect("ben")
    chat = await desk.arrive("kunde", "Ich habe eine Frage zu meiner Rechnung, bitte")
    await desk.queued(chat)
    before = await desk.row(chat)
    rules = [{"name": "all", "queue": "support"}]
    await desk.hire(queues={"support": {}}, rules=rules, hours={})
    row = await desk.offered(chat, "ben")
    assert (row.queue, row.rule, row.place) == ("support", "all", before.place)


async def test_messages_of_assigned_conversations_cost_next_to_nothing(desk: Desk) -> None:
    await desk.open()
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.offered(chat, "cid")
    await desk.accept(chat)
    await asyncio.sleep(0.05)
    costs = []
    for _try in range(5):  # the least of them: a busy machine may stop us in the midst of one
        before = desk.router.metrics()
        for _ in range(20):
            await desk.arrive("guest", "more")
        after = desk.router.metrics()
        assert after["items"] == before["items"] == 1
        costs.append(after["busy_seconds_total"] - before["busy_seconds_total"])
    assert min(costs) < 0.0004


async def test_everything_recorded_explains_the_choice(desk: Desk) -> None:
    await desk.open()
    await desk.connect("ann", "ben", "cid")
    chat = await desk.arrive("kunde", "Ich habe eine Frage zu meiner Rechnung, bitte")
    await desk.offered(chat, "ann")
    now = desk.router.explain(chat)
    assert now is not None
    why = {one["agent"]: one["why_not"] for one in now["agents"]}
    assert why == {"ann": "", "ben": "lacks billing>=2, lang.de>=3", "cid": "lacks billing>=2, lang.de>=3"}


async def test_a_full_agent_is_not_asked_whoever_filled_them(desk: Desk) -> None:
    """Decisions that meet a truth they did not know of are refused and decided anew."""
    await desk.open()
    await desk.connect("cid")
    chats = [await desk.arrive(f"guest-{n}", channel="tg", connector="telegram") for n in range(3)]
    by = Author(kind="agent", id="cid")
    for chat in chats:
        result = await desk.journal.submit(cmd.Take(token=new_token(), conversation=chat, by=by))
        assert isinstance(result, cmd.Committed | cmd.Refused)
    extra = await desk.arrive("one-more", channel="tg", connector="telegram")
    await asyncio.sleep(0.3)
    agent = await reads.agent(desk.store, "cid")
    assert agent is not None
    assert agent.load <= agent.capacity
    await committed(desk.journal, cmd.Resolve(token=new_token(), conversation=chats[0], by=by))
    await desk.offered(extra, "cid")


async def test_a_chat_goes_before_mails_that_yield_and_what_is_beyond_the_capacity_is_kept(
    desk: Desk,
) -> None:
    channels = {"webchat": {"weight": 3}, "email": {"weight": 3, "give": "push", "yields_to": ["webchat"]}}
    await desk.hire(channels=channels)
    await desk.open()
    await desk.connect("cid")
    for number in range(2):
        mail = await desk.arrive(f"m{number}@example.org", channel="mail", connector="email")

        async def given(mail: str = mail) -> bool:
            return (await desk.row(mail)).assignee == "cid"

        await desk.until(given)
    chat = await desk.arrive("visitor")
    await desk.offered(chat, "cid")
    await desk.accept(chat)
    cid = await reads.agent(desk.store, "cid")
    assert cid is not None
    assert (cid.load, cid.capacity) == (9, 6)


async def test_a_step_moves_tags_and_tells_in_the_store_too(desk: Desk) -> None:
    steps = [
        {"need": ["technical"], "for": "1s"},
        {"queue": "billing", "tags": ["urgent"], "say": "A colleague will see."},
    ]
    await desk.hire(rules=[{"name": "all", "queue": "support", "steps": steps}])
    await desk.open()
    await desk.connect("ann")
    chat = await desk.arrive("visitor")
    await desk.offered(chat, "ann")
    row = await desk.row(chat)
    assert (row.queue, row.tags, row.rule) == ("billing", ("urgent",), "all")

    async def told() -> bool:
        page = await reads.messages(desk.store, chat)
        return len(page) == 2

    await desk.until(told)
