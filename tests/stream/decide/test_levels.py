"""Service levels in the stream: clocks are kept from what was true, a mark is reached once, and all of it or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from stream import commands as cmd
from stream.model import Conversation, ServiceLevel, Target
from tests.making import ANN, BEN
from tests.stream.desk import EPOCH, Desk


def promised(desk: Desk, conversation: str, **targets: float) -> None:
    """The router promises, with nothing heard before."""
    clocks = tuple(
        Target(name=name, within=within, since=desk.now, due_at=desk.now + within)  # type: ignore[arg-type]  # names by keyword
        for name, within in targets.items()
    )
    row = desk.row(conversation)
    level = ServiceLevel(name="gold", queue=row.queue, targets=clocks, owed=True)
    desk.done(
        set_level(
            desk,
            conversation,
            level=level,
            moves=0,
            asked_at=row.last_customer_at,
            answered_at=row.last_agent_at,
        )
    )


def set_level(desk: Desk, conversation: str, **facts: Any) -> cmd.SetLevel:
    command: cmd.SetLevel = desk.on(cmd.SetLevel, **{"conversation": conversation, "epoch": EPOCH, **facts})
    return command


def reach(desk: Desk, conversation: str, **facts: Any) -> cmd.ReachMark:
    usual: dict[str, Any] = {
        "conversation": conversation, "epoch": EPOCH, "state": "breached", "target": "first_reply", "round": 1, "mark": 60.0,
        "moves": moves(desk.row(conversation)), "known": 0,
    }  # fmt: skip
    command: cmd.ReachMark = desk.on(cmd.ReachMark, **{**usual, **facts})
    return command


def moves(row: Conversation) -> int:
    return row.level.moves if row.level is not None else 0


def state(desk: Desk, conversation: str, name: str = "first_reply") -> str:
    level = desk.row(conversation).level
    assert level is not None
    return next(one.state for one in level.targets if one.name == name)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def chat(desk: Desk) -> str:
    conversation = desk.arrive("guest")
    desk.done(desk.enqueue(conversation))
    promised(desk, conversation, first_reply=60.0, resolution=900.0)
    return conversation


def test_what_follows_is_one_transaction_and_happens_once(desk: Desk, chat: str) -> None:
    desk.now += 60
    offer = desk.offer(chat)
    desk.done(offer)
    command = reach(
        desk,
        chat,
        boost=30.0,
        priority=6,
        tags=("late",),
        queue="sales",
        team="red",
        need=("de",),
        tell=("ben",),
    )
    assert desk.events(command) == [
        "LevelBreached", "TagsChanged", "PriorityChanged", "OfferEnded", "ConversationQueued",
    ]  # fmt: skip
    row = desk.row(chat)
    assert (row.queue, row.team, row.need, row.rule, row.priority, row.tags) == (
        "sales",
        "red",
        ("de",),
        "",
        6,
        ("late",),
    )
    assert (row.participants, row.offer, row.place, moves(row)) == (("ben",), None, desk.now - 60, 2)
    assert desk.refused(reach(desk, chat)).code == "state"


def test_another_leader_decides_nothing(desk: Desk, chat: str) -> None:
    assert desk.refused(reach(desk, chat, epoch=EPOCH + 1)).code == "epoch"
    assert desk.refused(set_level(desk, chat, epoch=EPOCH - 1, level=None, moves=1)).code == "epoch"


def test_what_was_worked_out_from_older_clocks_is_refused(desk: Desk, chat: str) -> None:
    assert desk.refused(reach(desk, chat, moves=0)).code == "version"
    assert desk.refused(set_level(desk, chat, level=None, moves=0)).code == "version"


def test_an_answer_that_came_first_counts(desk: Desk, chat: str) -> None:
    desk.now += 60
    desk.done(desk.reply(chat))
    assert state(desk, chat) == "met"
    assert desk.refused(reach(desk, chat)).code == "state"
    assert desk.refused(reach(desk, chat, target="resolution")).code == "state"


def test_an_answer_too_late_misses_and_one_of_a_machine_is_none(desk: Desk, chat: str) -> None:
    desk.now += 61
    desk.done(desk.reply(chat, automatic=True))
    assert state(desk, chat) == "running"
    desk.done(desk.reply(chat))
    assert state(desk, chat) == "missed"


def test_the_first_promise_is_made_from_what_is_true(desk: Desk) -> None:
    chat = desk.arrive("guest")
    level = ServiceLevel(name="gold", queue="support", owed=True)
    asked = desk.row(chat).last_customer_at
    desk.now += 5
    desk.done(desk.reply(chat))
    assert desk.refused(set_level(desk, chat, level=level, moves=0, asked_at=asked)).code == "version"
    desk.done(set_level(desk, chat, level=level, moves=0, asked_at=asked, answered_at=desk.now))
    assert moves(desk.row(chat)) == 1


def test_turns_that_came_while_the_clocks_were_set_are_still_to_be_heard(desk: Desk, chat: str) -> None:
    desk.done(desk.reply(chat))
    level = desk.row(chat).level
    desk.now += 3
    desk.arrive("guest")
    desk.done(set_level(desk, chat, level=level, moves=1, heard=1))
    row = desk.row(chat).level
    assert row is not None
    assert row.turns == ((desk.now, "customer"),)


def test_what_is_taken_from_an_agent_gives_them_their_room_back(desk: Desk, chat: str) -> None:
    desk.done(desk.on(cmd.Take, conversation=chat, by=ANN))
    desk.done(reach(desk, chat, queue="sales"))
    assert desk.row(chat).assignee == "ann"
    desk.done(reach(desk, chat, mark=90.0, state="escalated", queue="sales", take=True))
    row = desk.row(chat)
    assert (row.assignee, row.last_agent, row.queue, desk.shelf.agent("ann").load) == ("", "ann", "sales", 0)


def test_what_rests_is_counted_before_it_is_taken(desk: Desk, chat: str) -> None:
    desk.done(desk.on(cmd.Take, conversation=chat, by=ANN))
    desk.done(desk.reply(chat))
    desk.done(desk.on(cmd.Rest, conversation=chat, agent="ann", epoch=EPOCH))
    desk.done(reach(desk, chat, target="resolution", mark=900.0, known=1, queue="sales", take=True))
    assert (desk.row(chat).assignee, desk.row(chat).resting, desk.shelf.agent("ann").load) == ("", False, 0)


def test_whoever_is_told_and_has_it_is_not_named(desk: Desk, chat: str) -> None:
    desk.done(desk.on(cmd.Take, conversation=chat, by=BEN))
    done = desk.done(reach(desk, chat, tell=("ben", "ann")))
    assert desk.row(chat).participants == ("ann",)
    assert getattr(done.events[0], "told", ()) == ("ben", "ann")


def test_more_people_than_fit_are_refused(desk: Desk, chat: str) -> None:
    crowd = tuple(f"agent-{number}" for number in range(101))
    assert desk.refused(reach(desk, chat, tell=crowd)).code == "invalid"


def test_done_ends_every_clock_and_spam_has_none(desk: Desk, chat: str) -> None:
    desk.now += 10
    desk.done(desk.on(cmd.Resolve, conversation=chat, by=ANN))
    assert [state(desk, chat), state(desk, chat, "resolution")] == ["met", "met"]
    assert desk.refused(set_level(desk, chat, level=None, moves=1)).code == "state"
    desk.arrive("guest")
    assert desk.row(chat).level is None
    assert desk.row(chat).opened_at == desk.now


def test_spam_has_no_service_level(desk: Desk, chat: str) -> None:
    desk.done(desk.on(cmd.MarkSpam, conversation=chat, by=ANN, spam=True))
    assert desk.row(chat).level is None


def test_only_a_person_moves_it_under_another_level(desk: Desk, chat: str) -> None:
    desk.done(desk.enqueue(chat, queue="billing"))
    assert not moved(desk, chat)
    desk.done(desk.on(cmd.Transfer, conversation=chat, by=ANN, queue="sales"))
    assert moved(desk, chat)


def moved(desk: Desk, chat: str) -> bool:
    level = desk.row(chat).level
    assert level is not None
    return level.moved


def test_a_sleep_that_no_router_heard_of_leaves_the_judgement_to_it(desk: Desk, chat: str) -> None:
    desk.done(desk.on(cmd.Snooze, conversation=chat, by=ANN, until=desk.now + 500))
    desk.now += 500
    desk.done(desk.on(cmd.WakeDue, conversation=chat, epoch=EPOCH))
    desk.done(desk.reply(chat))
    level = desk.row(chat).level
    assert level is not None
    assert (level.targets[0].state, [what for _, what in level.turns]) == (
        "running",
        ["snoozed", "woken", "agent"],
    )
