"""A term under trouble: databases that stumble, engines that break, leases that are lost, facts that have to be read first."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from router import decisions as say
from router import term
from router.presence import Present
from stream import commands as cmd
from stream import reads
from stream.ids import new_token
from stream.leases import acquire, release
from tests.making import committed, sender
from tests.router.desk import Desk


async def test_a_database_that_stumbles_costs_time_and_nothing_else(desk: Desk) -> None:
    await desk.open()
    await desk.connect("cid")
    desk.journal.stumbles = 3
    chat = await desk.arrive("guest")

    async def as_if_nothing_had_been() -> bool:
        row = await desk.row(chat)
        return row.offer is not None and (row.offer.agent, row.queue, row.rule) == ("cid", "support", "rest")

    await desk.until(as_if_nothing_had_been, 15.0)


async def test_setting_away_is_tried_again(desk: Desk) -> None:
    await desk.hire(offer={"accept_within": "1s", "silent_after": 1})
    await desk.open()
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    await desk.offered(chat, "cid")
    await desk.until(lambda: desk.router.metrics().get("decisions_EndOffer_total", 0) == 1)
    desk.journal.stumbles = 1

    async def answered() -> bool:
        row = await desk.row(chat)
        agent = await reads.agent(desk.store, "cid")
        return row.offer is None and agent is not None and agent.load == 0

    await desk.until(answered)


async def test_a_term_that_breaks_is_followed_by_another_that_loads_anew(desk: Desk) -> None:
    await desk.open()
    await desk.connect("cid")
    first = desk.router._term
    assert first is not None
    first.end(RuntimeError("broken"))
    await desk.until(lambda: desk.router.ready and desk.router._term is not first)
    await desk.connect()
    chat = await desk.arrive("guest")
    await desk.offered(chat, "cid")


async def test_who_loses_the_lease_stands_by_and_leads_again_when_it_is_free(desk: Desk) -> None:
    desk.router = desk.another(exclusive=False, ttl=2.0)
    await desk.open()
    assert not desk.router.standing_by
    other = await acquire(desk.store, "router", "other", 60.0, force=True)
    assert other is not None
    await desk.until(lambda: desk.router.standing_by)
    assert desk.router.metrics() == {"leading": 0.0}
    assert desk.router.explain("cnv_x") is None
    await release(desk.store, other)
    await desk.until(lambda: desk.router.ready)


async def test_rules_may_ask_for_the_customer(desk: Desk) -> None:
    rules = [
        {"name": "gold", "when": 'contact.tier == "gold"', "queue": "billing"},
        {"name": "friends", "when": 'domain == "example.org"', "queue": "sales"},
        {"name": "rest", "queue": "support"},
    ]
    await desk.hire(rules=rules)
    await desk.open()
    gold = await desk.arrive("gold", sender=sender("gold", attributes={"tier": "gold"}))
    friend = await desk.arrive("friend@example.org")
    other = await desk.arrive("other")
    for chat, queue in ((gold, "billing"), (friend, "sales"), (other, "support")):
        await desk.queued(chat)
        assert (await desk.row(chat)).queue == queue


async def test_a_reply_to_a_resolved_conversation_is_looked_at_by_the_rules_again(desk: Desk) -> None:
    await desk.open()
    await desk.connect("ben", "cid")
    chat = await desk.arrive("kunde")
    agent = (await desk.offered(chat, "ben")).offer
    assert agent is not None
    await desk.accept(chat)
    await desk.do(cmd.Resolve, chat, "ben")
    await desk.until(lambda: desk.router.metrics()["items"] == 0)
    await desk.connect("ann")
    again = await desk.arrive("kunde", "Ich habe eine Frage zu meiner Rechnung, bitte")
    assert again == chat
    row = await desk.offered(chat, "ann")
    assert (row.rule, row.queue) == ("german-money", "billing")


async def test_a_customer_who_writes_in_the_moment_of_its_end_waits_again(desk: Desk) -> None:
    await desk.open()
    await desk.connect("cid")
    chat = await desk.arrive("kunde")
    await desk.offered(chat, "cid")
    await desk.accept(chat)
    await asyncio.gather(desk.do(cmd.Resolve, chat, "cid"), desk.arrive("kunde", "One more thing"))
    assert (await desk.row(chat)).assignee == ""
    await desk.offered(chat, "cid")


async def test_hints_that_nobody_understands_are_nothing(desk: Desk) -> None:
    await desk.open()
    await desk.bus.publish("presence", b"not json")
    await desk.bus.publish("presence", msgspec.json.encode(Present(process="p", agents=("nobody-known",))))
    await desk.connect("cid")
    await desk.offered(await desk.arrive("guest"), "cid")


async def test_a_configuration_that_cannot_be_used_changes_nothing(desk: Desk) -> None:
    await desk.open()
    broken = cmd.ApplyConfig(
        token=new_token(), hash=new_token(), bundle={"routing": {"queues": 3}, "name": "x"}, agents=()
    )
    await committed(desk.journal, broken)
    chat = await desk.arrive("guest")
    await desk.queued(chat)
    assert desk.router.ready
    assert (await desk.row(chat)).queue == "support"


async def test_only_so_many_decisions_are_submitted_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(term, "IN_FLIGHT", 10)
    await desk.open()
    current = desk.router._term
    assert current is not None
    most = 0
    chats = await asyncio.gather(*(desk.arrive(f"guest-{n}") for n in range(60)))

    async def all_queued() -> bool:
        nonlocal most
        most = max(most, len(current._tasks))
        rows = await reads.conversations(desk.store, list(chats))
        return all(row.queue for row in rows.values())

    await desk.until(all_queued)
    assert most <= 10
    assert not current._outgoing


async def test_refusals_that_are_remembered_are_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(term, "MOST_TROUBLES", 5)
    await desk.open()
    current = desk.router._term
    assert current is not None
    for number in range(20):
        await current._refused(say.Wake(id=f"cnv_{number}"))
    assert len(current._troubles) <= 6


async def test_many_at_once_all_find_a_place_and_nobody_is_over_capacity(desk: Desk) -> None:
    team = [
        cmd.AgentFacts(agent=f"a{n:02d}", name=f"A{n}", queues=("support",), capacity=6) for n in range(20)
    ]
    await desk.hire(*team)
    await desk.open()
    await desk.connect(*(one.agent for one in team))
    chats = await asyncio.gather(
        *(desk.arrive(f"guest-{n}", channel="tg", connector="telegram") for n in range(80))
    )
    await desk.until(lambda: desk.router.metrics()["waiting"] == 20)

    async def settled() -> bool:
        rows = await reads.conversations(desk.store, list(chats))
        return sum(row.offer is not None for row in rows.values()) == 60

    await desk.until(settled)
    agents = await reads.agents(desk.store)
    assert all(agent.load <= agent.capacity for agent in agents)
    assert "refused_capacity" not in desk.router._term.counts  # type: ignore[union-attr]  # it leads
