"""Moving a customer's message: to another conversation of theirs, to one of its own; what answers it goes there, and nobody else's comes in."""

from __future__ import annotations

from typing import Any

import pytest

from stream import commands as cmd
from stream import events as ev
from stream.decide.bounds import MAX_EARLIER
from stream.model import Message, MessageContent
from tests.making import ANN
from tests.stream.desk import Desk, check


@pytest.fixture
def desk() -> Desk:
    return Desk(capacity=2)


def mail(desk: Desk, key: str, ident: str, who: str = "cust", **more: Any) -> cmd.Committed:
    facts: dict[str, Any] = {"conversation_key": key, "provider_id": ident, **more}
    return desk.done(desk.message(who, **facts))


def move(desk: Desk, came: cmd.Committed, to: str = "") -> cmd.MoveMessage:
    command: cmd.MoveMessage = desk.on(
        cmd.MoveMessage, conversation=came.conversation, by=ANN, message=came.id, to=to
    )
    return command


def messages(desk: Desk, conversation: str) -> list[Message]:
    rows = [row for row in desk.shelf.rows("message").values() if row.conversation == conversation]
    return sorted(rows, key=lambda row: row.seq)


def test_a_message_goes_to_another_conversation_and_so_do_its_answers(desk: Desk) -> None:
    first, second = mail(desk, "k1", "m1"), mail(desk, "k2", "m2")
    assert first.conversation != second.conversation
    done = desk.done(move(desk, second, first.conversation))
    assert done.id == first.conversation
    assert [type(event).__name__ for event in done.events] == [
        "MessageReceived",
        "MessageDeleted",
        "NoteAdded",
        "ConversationResolved",
    ]
    there = messages(desk, first.conversation)
    assert [(row.seq, row.direction, row.provider_ids) for row in there] == [
        (1, "in", ("m1",)),
        (2, "in", ("m2",)),
    ]
    here = messages(desk, second.conversation)
    assert [(row.direction, bool(row.deleted_at)) for row in here] == [("in", True), ("note", False)]
    assert there[1].content == here[0].content
    answer = mail(desk, "k3", "m3", thread=("m2",))
    assert answer.conversation == first.conversation
    check(desk.shelf)


def test_a_message_gets_a_conversation_of_its_own(desk: Desk) -> None:
    first = mail(desk, "k1", "m1")
    second = mail(desk, "k1", "m2")
    assert second.conversation == first.conversation
    done = desk.done(move(desk, second))
    assert done.id not in {"", first.conversation}
    assert type(done.events[0]).__name__ == "ConversationStarted"
    new, old = desk.row(done.id), desk.row(first.conversation)
    assert (new.identity, new.channel, new.about) == (old.identity, old.channel, old.about)
    assert new.key != old.key
    assert mail(desk, "k9", "m3", thread=("m2",)).conversation == done.id
    assert mail(desk, "k1", "m4").conversation == first.conversation
    check(desk.shelf)


def test_nobody_s_message_gets_into_a_stranger_s_conversation(desk: Desk) -> None:
    mine, theirs = mail(desk, "k1", "m1"), mail(desk, "k2", "m2", who="other")
    for to in (theirs.conversation, mine.conversation, "cnv_nowhere"):
        assert desk.refused(move(desk, mine, to)).code == "invalid"


def test_only_what_a_customer_wrote_here_and_is_there_can_be_moved(desk: Desk) -> None:
    first, second = mail(desk, "k1", "m1"), mail(desk, "k2", "m2")
    elsewhere: cmd.MoveMessage = desk.on(
        cmd.MoveMessage, conversation=first.conversation, by=ANN, message=second.id
    )
    assert desk.refused(elsewhere).code == "invalid"
    desk.done(move(desk, second, first.conversation))
    assert desk.refused(move(desk, second, first.conversation)).code == "invalid"


def test_a_resolved_conversation_takes_nothing_in(desk: Desk) -> None:
    first, second = mail(desk, "k1", "m1"), mail(desk, "k2", "m2")
    desk.done(desk.on(cmd.Resolve, conversation=first.conversation, by=ANN))
    assert desk.refused(move(desk, second, first.conversation)).code == "state"


def test_a_conversation_that_has_nothing_left_is_resolved_with_the_reason(desk: Desk) -> None:
    first, second = mail(desk, "k1", "m1"), mail(desk, "k2", "m2")
    third = mail(desk, "k2", "m3")
    desk.done(desk.on(cmd.Assign, conversation=second.conversation, by=ANN, agent="ann"))
    desk.done(
        desk.on(
            cmd.AddNote,
            conversation=second.conversation,
            by=ANN,
            message="msg_n",
            content=MessageContent(text="n"),
        )
    )
    desk.done(move(desk, third, first.conversation))
    assert desk.row(second.conversation).status == "open", "one is left"
    done = desk.done(move(desk, second, first.conversation))
    resolved = done.events[-1]
    assert isinstance(resolved, ev.ConversationResolved)
    assert (resolved.reason, resolved.by, resolved.released) == (
        "its only message was moved away",
        ANN,
        "ann",
    )
    assert desk.held("ann")[0] == 0
    answer = mail(desk, "k2", "m4", thread=("m3",))
    assert answer.conversation == first.conversation
    check(desk.shelf)


def test_what_was_answered_stays_open_and_so_does_what_is_too_long_to_look_through(desk: Desk) -> None:
    first, second = mail(desk, "k1", "m1"), mail(desk, "k2", "m2")
    desk.done(desk.reply(second.conversation))
    desk.done(move(desk, second, first.conversation))
    assert desk.row(second.conversation).status == "open"
    came = [mail(desk, "k3", f"long{number}") for number in range(MAX_EARLIER + 1)]
    for one in came:
        desk.done(move(desk, one, first.conversation))
    assert desk.row(came[0].conversation).status == "open"
    check(desk.shelf)


def test_two_that_are_moved_at_once_leave_nothing(desk: Desk) -> None:
    first, second = mail(desk, "k1", "m1"), mail(desk, "k2", "m2")
    third = mail(desk, "k2", "m3")
    desk.group(move(desk, second, first.conversation), move(desk, third, first.conversation))
    assert desk.row(second.conversation).status == "resolved"
    check(desk.shelf)
