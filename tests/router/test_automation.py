"""Rules beyond assignment over a real journal: once per cause, in their order, bounded, and only while this router leads."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from stream import commands as cmd
from stream import events as ev
from stream import reads
from stream.automation import state
from stream.commands import RuleRun
from stream.ids import new_token
from stream.leases import acquire
from stream.model import Author, MessageContent
from tests.making import committed, refused
from tests.router.desk import Desk

EMBEDDED = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
"""What the other database cannot change."""
LEGAL: dict[str, Any] = {
    "name": "legal",
    "event": ["received"],
    "when": 'text.has("lawyer*") && priority < 5',
    "do": {"tag": ["urgent"], "priority": 7, "note": "Somebody names a lawyer."},
}


async def ran(desk: Desk, conversation: str) -> list[ev.AutomationRan]:
    events = await reads.events_of(desk.store, conversation)
    return [one.event for one in events if isinstance(one.event, ev.AutomationRan)]


async def until_ran(desk: Desk, conversation: str, times: int = 1) -> list[ev.AutomationRan]:
    async def there() -> bool:
        return len(await ran(desk, conversation)) >= times

    await desk.until(there, 10.0)
    return await ran(desk, conversation)


async def opened(desk: Desk, *rules: dict[str, Any], **more: Any) -> None:
    await desk.hire(automations=list(rules), **more)
    await desk.open()


async def test_a_rule_acts_once_on_what_happened(desk: Desk) -> None:
    await opened(desk, LEGAL)
    chat = await desk.arrive("guest", "My lawyers will write to you")
    (event,) = await until_ran(desk, chat)
    row = await desk.row(chat)
    assert (row.tags, row.priority) == (("urgent",), 7)
    assert event.rules == ("legal",)
    assert event.did == ("legal: tags +urgent", "legal: priority 7", "legal: a private note")
    assert event.effects == 3
    messages = await reads.messages(desk.store, chat)
    note = next(one for one in messages if one.direction == "note")
    assert note.author == Author(kind="system", id="rule:legal")
    content = (await reads.contents(desk.store, [note.content]))[note.content]
    assert content == MessageContent(text="Somebody names a lawyer.")


@EMBEDDED
async def test_rules_act_in_their_order_and_stop_where_one_says_so(desk: Desk) -> None:
    first = {"name": "first", "event": ["received"], "do": {"tag": ["urgent"]}}
    second = {
        "name": "second",
        "event": ["received"],
        "when": 'tags.has("urgent")',
        "do": {"priority": 3},
        "stop": True,
    }
    third = {"name": "third", "event": ["received"], "do": {"priority": 9}}
    await opened(desk, first, second, third)
    chat = await desk.arrive("guest")
    (event,) = await until_ran(desk, chat)
    assert event.rules == ("first", "second")
    assert (await desk.row(chat)).priority == 3


@EMBEDDED
async def test_queue_reply_and_resolve(desk: Desk) -> None:
    moved = {
        "name": "moved",
        "event": ["tagged"],
        "when": 'added.has("money")',
        "do": {"queue": "sales", "team": "red"},
    }
    bye = {
        "name": "bye",
        "event": ["tagged"],
        "when": 'removed.has("money")',
        "do": {"reply": "Good bye.", "resolve": True},
    }
    await opened(desk, moved, bye)
    chat = await desk.arrive("guest")
    await desk.queued(chat)
    await desk.do(cmd.SetTags, chat, "ann", add=("money",))
    await until_ran(desk, chat)
    row = await desk.row(chat)
    assert (row.queue, row.team, row.status) == ("sales", "red", "open")
    await desk.do(cmd.SetTags, chat, "ann", remove=("money",))
    await until_ran(desk, chat, 2)
    row = await desk.row(chat)
    assert row.status == "resolved"
    reply = next(one for one in await reads.messages(desk.store, chat) if one.direction == "out")
    assert (reply.automatic, reply.author.id) == (True, "rule:bye")


@EMBEDDED
async def test_a_rule_does_not_answer_its_own_effects_but_another_may(desk: Desk) -> None:
    own = {"name": "own", "event": ["received", "tagged"], "do": {"tag": ["urgent"], "untag": ["money"]}}
    other = {"name": "other", "event": ["tagged"], "when": 'added.has("urgent")', "do": {"priority": 4}}
    await opened(desk, own, other)
    chat = await desk.arrive("guest")
    await until_ran(desk, chat, 2)
    await asyncio.sleep(0.05)
    first, second = await ran(desk, chat)
    assert (first.rules, second.rules, second.chain, second.depth) == (("own",), ("other",), ("own",), 1)


@EMBEDDED
async def test_two_rules_that_lead_to_each_other_are_cut_with_the_reason(desk: Desk) -> None:
    one = {"name": "one", "event": ["tagged"], "when": 'added.has("urgent")', "do": {"untag": ["urgent"]}}
    two = {"name": "two", "event": ["tagged"], "when": 'removed.has("urgent")', "do": {"tag": ["urgent"]}}
    await opened(desk, one, two)
    chat = await desk.arrive("guest")
    await desk.queued(chat)
    await desk.do(cmd.SetTags, chat, "ann", add=("urgent",))
    events = await until_ran(desk, chat, 3)
    assert [event.rules for event in events] == [("one",), ("two",), ()]
    assert events[-1].cut == "one was not run again by what it led to"


@EMBEDDED
async def test_rules_lead_to_rules_only_so_far(desk: Desk) -> None:
    rules = [
        {"name": "a", "event": ["received"], "do": {"tag": ["money"]}},
        {"name": "b", "event": ["tagged"], "when": 'added.has("money")', "do": {"tag": ["urgent"]}},
    ]
    await opened(desk, *rules, automation_guard={"depth": 1})
    chat = await desk.arrive("guest")
    events = await until_ran(desk, chat, 2)
    assert events[-1].cut == "rules led to rules 1 times, as often as they may"
    assert (await desk.row(chat)).tags == ("money",)


@EMBEDDED
async def test_the_guard_bounds_what_goes_round_by_way_of_the_router(desk: Desk) -> None:
    """Sent back as often as it is assigned, which no chain of effects shows."""
    round_trip = {"name": "trip", "event": ["assigned"], "do": {"queue": "support"}}
    await opened(
        desk, round_trip, automation_guard={"runs": 3}, channels={"webchat": {"weight": 1, "give": "push"}}
    )
    await desk.connect("cid")
    chat = await desk.arrive("guest")
    events = await until_ran(desk, chat, 4)
    assert [bool(event.cut) for event in events] == [False, False, False, True]
    assert "3 times within 600 s" in events[-1].cut
    await desk.do(cmd.Transfer, chat, "cid", queue="support")
    await asyncio.sleep(0.2)
    assert len(await ran(desk, chat)) == 4


async def test_what_does_not_happen_is_a_cause_too(desk: Desk) -> None:
    slow = {"name": "slow", "waiting": "1s", "do": {"priority": 6}}
    unanswered = {
        "name": "unanswered",
        "no_reply": "1s",
        "when": "priority == 6 || priority == 0",
        "do": {"tag": ["urgent"]},
    }
    await opened(desk, slow, unanswered)
    chat = await desk.arrive("guest")
    events = await until_ran(desk, chat, 2)
    assert {event.trigger for event in events} == {"waiting 1s", "no_reply 1s"}
    row = await desk.row(chat)
    assert (row.priority, row.tags) == (6, ("urgent",))


@EMBEDDED
async def test_a_silent_customer_is_told_and_resolved(desk: Desk) -> None:
    silent = {"name": "silent", "silent": "1s", "do": {"reply": "We close this.", "resolve": True}}
    await opened(desk, silent)
    chat = await desk.arrive("guest")
    await desk.queued(chat)
    await desk.do(cmd.Reply, chat, "ann", message="msg_1", content=MessageContent(text="Does it work now?"))
    (event,) = await until_ran(desk, chat)
    assert event.did == ("silent: a reply", "silent: resolved")


async def test_a_restart_neither_repeats_nor_forgets(desk: Desk) -> None:
    await opened(desk, LEGAL)
    chat = await desk.arrive("guest", "my lawyer")
    await until_ran(desk, chat)

    async def kept() -> bool:
        return (await state(desk.store)).hits == {"legal": 1}

    await desk.until(kept, 10.0)
    await desk.router.stop()
    missed = await desk.arrive("other", "our lawyers")
    desk.router = desk.another()
    await desk.open()
    await until_ran(desk, missed)
    await desk.do(cmd.SetPriority, chat, "ann", priority=0)
    await asyncio.sleep(0.1)
    assert len(await ran(desk, chat)) == 1


async def test_rules_that_come_later_leave_the_past_alone(desk: Desk) -> None:
    await desk.open()
    old = await desk.arrive("guest", "my lawyer")
    await desk.queued(old)
    await desk.hire(automations=[LEGAL])
    new = await desk.arrive("other", "our lawyers")
    await until_ran(desk, new)
    assert await ran(desk, old) == []


async def test_another_leader_and_a_repeat_are_refused(desk: Desk) -> None:
    chat = await desk.arrive("guest")
    lease = await acquire(desk.store, "router", "me", 3600.0, force=True)
    assert lease is not None

    def again(epoch: int) -> cmd.Automate:
        return cmd.Automate(
            token=new_token(), epoch=epoch, conversation=chat, key="event:1", trigger="received", runs=(RuleRun(rule="r", priority=2),)
        )  # fmt: skip

    assert (await refused(desk.journal, again(lease.epoch - 1))).code == "epoch"
    await committed(desk.journal, again(lease.epoch))
    assert isinstance(await desk.journal.submit(again(lease.epoch)), cmd.Duplicate)
    assert len(await ran(desk, chat)) == 1


@EMBEDDED
async def test_a_machine_gets_no_automatic_answer(desk: Desk) -> None:
    polite = {"name": "polite", "event": ["received"], "do": {"reply": "Thank you.", "tag": ["money"]}}
    await opened(desk, polite)
    chat = await desk.arrive("daemon", "I am away.", automatic=True)
    (event,) = await until_ran(desk, chat)
    assert event.did == ("polite: tags +money",)


@EMBEDDED
async def test_what_cannot_be_is_left_out_and_told(desk: Desk) -> None:
    late = {"name": "late", "event": ["resolved"], "do": {"reply": "Bye.", "tag": ["money"]}}
    await opened(desk, late)
    chat = await desk.arrive("guest")
    await desk.queued(chat)
    await desk.do(cmd.Resolve, chat, "ann")
    (event,) = await until_ran(desk, chat)
    assert event.did[0] == "late: tags +money"
    assert event.did[1].startswith("late: not done: nothing automatic")
