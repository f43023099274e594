"""Giving what a bot has to people: with its summary, at its place, and only what it has and has not answered."""

from __future__ import annotations

import pytest

from stream import commands as cmd
from stream.commands import RuleRun
from stream.model import Author
from tests.making import agent, team
from tests.stream.desk import EPOCH, Desk

FAQ = Author(kind="bot", id="faq")


@pytest.fixture
def desk() -> Desk:
    opened = Desk()
    opened.done(team(agent("ann"), agent("ben"), agent("faq", kind="bot", capacity=100)))
    return opened


def with_bot(desk: Desk, who: str) -> str:
    conversation = desk.arrive(who)
    desk.done(desk.enqueue(conversation, queue="support"))
    desk.done(desk.on(cmd.Push, epoch=EPOCH, conversation=conversation, agent="faq", units=3))
    return conversation


def hand_over(desk: Desk, conversation: str, **more: object) -> cmd.HandOver:
    facts = {"conversation": conversation, "by": FAQ, "agent": "faq", "reason": "I do not know"} | more
    command: cmd.HandOver = desk.on(cmd.HandOver, **facts)
    return command


def test_a_bot_is_online_as_soon_as_it_is_configured_and_is_given_work(desk: Desk) -> None:
    conversation = with_bot(desk, "v1")
    assert desk.row(conversation).assignee == "faq"
    assert desk.held("faq")[0] == 3


def test_it_waits_for_people_where_it_waited_before_with_a_note(desk: Desk) -> None:
    conversation = with_bot(desk, "v1")
    before = desk.row(conversation)
    assert desk.events(hand_over(desk, conversation, summary="Where is the cat?")) == [
        "NoteAdded",
        "ConversationQueued",
    ]
    row = desk.row(conversation)
    assert (row.assignee, row.queue, row.units, row.last_agent) == ("", "support", 3, "faq")
    assert row.waiting_since == before.place
    assert desk.held("faq") == (0, {})


def test_without_a_summary_there_is_no_note(desk: Desk) -> None:
    assert desk.events(hand_over(desk, with_bot(desk, "v1"))) == ["ConversationQueued"]


def test_only_a_bot_hands_over_and_only_what_it_has(desk: Desk) -> None:
    mine = desk.assigned("v1")
    assert desk.refused(hand_over(desk, mine)).code == "state"
    assert desk.refused(hand_over(desk, mine, agent="ann")).code == "state"


def test_once_it_has_answered_nobody_takes_it_away_for_silence(desk: Desk) -> None:
    conversation = with_bot(desk, "v1")
    desk.done(desk.reply(conversation, by=FAQ))
    assert desk.refused(hand_over(desk, conversation, unanswered=True)).code == "state"
    desk.done(hand_over(desk, conversation))


def test_an_automatic_reply_is_no_answer_of_the_bot(desk: Desk) -> None:
    conversation = with_bot(desk, "v1")
    run = RuleRun(rule="thanks", reply="Thank you.")
    desk.done(
        desk.on(
            cmd.Automate,
            epoch=EPOCH,
            conversation=conversation,
            key="event:1",
            trigger="received",
            runs=(run,),
        )
    )
    desk.done(hand_over(desk, conversation, unanswered=True))
