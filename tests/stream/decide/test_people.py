"""Verbs that move no work: replies, notes, tags, reading, writing first."""

from __future__ import annotations

from typing import Any

import pytest

from stream import commands as cmd
from stream.model import MessageContent
from tests.making import ANN, BEN, agent, sender, team
from tests.stream.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk(capacity=2)


def note(desk: Desk, conversation: str, **more: Any) -> cmd.AddNote:
    facts: dict[str, Any] = {
        "conversation": conversation,
        "by": ANN,
        "message": f"msg_{desk.token()}",
        "content": MessageContent(text="note"),
    }
    command: cmd.AddNote = desk.on(cmd.AddNote, **(facts | more))
    return command


def first_mail(desk: Desk, **more: Any) -> cmd.StartConversation:
    token = desk.token()
    facts: dict[str, Any] = {
        "channel": "mail", "connector": "email", "conversation_key": f"k{token}", "to": sender("cust"), "by": ANN,
        "subject": "Your order", "message": f"msg_{token}", "content": MessageContent(text="Hello"),
    }  # fmt: skip
    return cmd.StartConversation(token=token, **(facts | more))


def test_a_repeated_reply_has_the_number_of_the_first(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    reply = desk.reply(conversation)
    first = desk.done(reply)
    desk.done(desk.message("v2"))
    again = desk.on(
        cmd.Reply, conversation=conversation, by=ANN, message=reply.message, content=reply.content
    )
    assert desk.submit(again) == cmd.Duplicate(n=first.n, id=reply.message)
    desk.done(desk.delivery(reply.message, desk.claimed(reply.message), "sent"))
    same, other = desk.group(again, note(desk, conversation, message=reply.message))
    assert same == other == cmd.Duplicate(n=first.n, id=reply.message)
    assert desk.row(conversation).seq == 2


def test_a_message_id_that_is_taken_elsewhere_is_refused(desk: Desk) -> None:
    one, other = desk.assigned("v1"), desk.assigned("v2")
    reply = desk.reply(one)
    desk.done(reply)
    assert desk.refused(desk.reply(other, message=reply.message)).code == "invalid"
    for bad in ("", "note_1", "msg_" + "x" * 61, "msg_ü"):
        assert desk.refused(desk.reply(one, message=bad)).code == "invalid"


def test_a_reply_reads_the_conversation_and_an_automatic_one_does_not(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    desk.done(desk.reply(conversation, automatic=True))
    assert desk.row(conversation).unread == 1
    desk.done(desk.reply(conversation))
    row = desk.row(conversation)
    assert (row.unread, row.read_seq, row.last_direction, row.last_agent_at) == (0, 3, "out", desk.now)


def test_replies_go_to_the_outbox_in_the_order_of_their_numbers(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    replies = [desk.reply(conversation, text) for text in "abc"]
    desk.group(*replies)
    numbers = [desk.outbox(reply.message).n for reply in replies]
    assert numbers == sorted(set(numbers)) == [desk.shelf.numbers[reply.message] for reply in replies]


def test_nobody_writes_to_the_resolved_or_to_who_left(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    signal = {
        "channel": "website",
        "connector": "webchat",
        "source_key": "s",
        "sender": sender("v1"),
        "name": "stop",
    }
    desk.done(desk.on(cmd.ReceiveSignal, **signal, stopped=True))
    assert desk.refused(desk.reply(conversation)).code == "stopped"
    desk.arrive("v1")
    desk.done(desk.on(cmd.Resolve, conversation=conversation, by=ANN))
    assert desk.refused(desk.reply(conversation)).code == "state"


def test_a_reply_answers_a_message_of_its_own_conversation(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    theirs = desk.done(desk.message("v2")).id
    own = desk.row(conversation).last_message
    assert desk.refused(desk.reply(conversation, reply_to=theirs)).code == "invalid"
    reply = desk.reply(conversation, reply_to=own)
    desk.done(reply)
    assert desk.shelf.message(reply.message).reply_to == own


def test_a_note_names_people_once_and_changes_neither_unread_nor_preview(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    before = desk.row(conversation)
    desk.done(note(desk, conversation, mentions=("ben", "ben", "zoe")))
    desk.done(note(desk, conversation, mentions=("zoe",)))
    row = desk.row(conversation)
    assert row.participants == ("ben", "zoe")
    assert (row.preview, row.unread, row.seq) == (before.preview, before.unread, 3)
    assert desk.shelf.named == {(conversation, "ben"), (conversation, "zoe")}


def test_names_in_a_conversation_are_bounded(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    many = [tuple(f"u{batch}-{number}" for number in range(100)) for batch in range(3)]
    desk.done(note(desk, conversation, mentions=many[0]))
    desk.done(note(desk, conversation, mentions=many[1]))
    assert desk.refused(note(desk, conversation, mentions=many[2])).code == "invalid"
    assert desk.refused(note(desk, conversation, mentions=(*many[0], "x"))).code == "invalid"


def test_tags_are_a_sorted_set_and_bounded(desk: Desk) -> None:
    conversation = desk.arrive("v1")

    def tags(**more: Any) -> cmd.SetTags:
        command: cmd.SetTags = desk.on(cmd.SetTags, conversation=conversation, by=ANN, **more)
        return command

    desk.done(tags(add=("b", "a", "b")))
    assert desk.events(tags(add=("a",), remove=("x",))) == []
    desk.done(tags(remove=("b",)))
    assert desk.row(conversation).tags == ("a",)
    for bad in (("x" * 65,), (" ",), tuple(f"t{n}" for n in range(50))):
        assert (
            desk.refused(tags(add=bad)).sentence
            == "A conversation has at most 50 tags of at most 64 characters."
        )


def test_priority_is_0_to_9(desk: Desk) -> None:
    conversation = desk.arrive("v1")
    assert (
        desk.refused(desk.on(cmd.SetPriority, conversation=conversation, by=ANN, priority=10)).code
        == "invalid"
    )
    assert desk.events(desk.on(cmd.SetPriority, conversation=conversation, by=ANN, priority=9)) == [
        "PriorityChanged"
    ]
    assert desk.events(desk.on(cmd.SetPriority, conversation=conversation, by=ANN, priority=9)) == []


def test_reading_goes_forward_and_not_past_the_end(desk: Desk) -> None:
    conversation = desk.arrive("v1")
    desk.arrive("v1")
    desk.arrive("v1")

    def read(seq: int) -> list[str]:
        return desk.events(desk.on(cmd.MarkRead, conversation=conversation, by=ANN, seq=seq))

    assert read(2) == ["ConversationRead"]
    assert desk.row(conversation).unread == 1
    assert read(1) == []
    assert read(10**9) == ["ConversationRead"]
    assert (desk.row(conversation).read_seq, desk.row(conversation).unread) == (3, 0)
    assert read(3) == []


def test_an_agent_writes_first_and_has_the_conversation(desk: Desk) -> None:
    start = first_mail(desk)
    done = desk.done(start)
    row = desk.row(done.conversation)
    assert (row.assignee, row.participants, row.last_direction, row.units) == ("ann", (), "out", 1)
    assert desk.held("ann") == (1, {"email": 1})
    assert desk.outbox(start.message).conversation == row.id
    assert desk.submit(start) == cmd.Duplicate(n=done.n, id=start.message)


@pytest.mark.parametrize("facts", [{"capacity": 0}, {"caps": {"email": 0}}])
def test_without_room_the_conversation_names_its_author_and_waits(facts: dict[str, Any]) -> None:
    desk = Desk(**facts)
    done = desk.done(first_mail(desk))
    row = desk.row(done.conversation)
    assert (row.assignee, row.participants) == ("", ("ann",))
    assert desk.shelf.named == {(done.conversation, "ann")}
    assert desk.held("ann") == (0, {})


def test_writing_first_is_refused_where_it_cannot_be(desk: Desk) -> None:
    assert desk.refused(first_mail(desk, units=0)).code == "invalid"
    assert desk.refused(first_mail(desk, units=-3)).code == "invalid"
    assert desk.refused(first_mail(desk, subject="s" * 2001)).code == "invalid"
    desk.done(first_mail(desk, conversation_key="k"))
    refused = desk.refused(first_mail(desk, conversation_key="k"))
    assert (refused.code, refused.conversation is not None) == ("state", True)
    gone = {
        "channel": "mail",
        "connector": "email",
        "source_key": "s",
        "sender": sender("cust"),
        "name": "stop",
    }
    desk.done(desk.on(cmd.ReceiveSignal, **gone, stopped=True))
    assert desk.refused(first_mail(desk)).code == "stopped"
    desk.done(team(agent("ann")))
    assert desk.refused(first_mail(desk, by=BEN)).code == "state"


def test_writing_first_continues_a_persons_thread_but_not_a_strangers(desk: Desk) -> None:
    first = desk.done(first_mail(desk, conversation_key="k")).conversation
    desk.done(desk.on(cmd.Resolve, conversation=first, by=ANN))
    second = desk.done(first_mail(desk, conversation_key="k")).conversation
    assert desk.row(second).previous == first
    desk.done(desk.on(cmd.Resolve, conversation=second, by=ANN))
    third = desk.done(first_mail(desk, conversation_key="k", to=sender("another"))).conversation
    assert desk.row(third).previous == ""
