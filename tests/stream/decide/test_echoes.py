"""Our own messages that a channel reports back: whenever the report comes, a message stays one; what was written elsewhere is kept."""

from __future__ import annotations

from typing import Any

import pytest

from stream import commands as cmd
from stream.model import Attachment, MessageContent
from tests.making import ANN
from tests.stream.desk import Desk

LONG = "Your parcel left the warehouse on Monday and should be there by Thursday at the latest. " * 2


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def conversation(desk: Desk) -> str:
    return desk.assigned("v1")


def queued(desk: Desk, conversation: str, text: str = "hi", **content: Any) -> str:
    reply = desk.reply(conversation, content=MessageContent(text=text, **content))
    desk.done(reply)
    return reply.message


def echo(desk: Desk, text: str, ident: str = "p1", who: str = "v1", **more: Any) -> cmd.Committed:
    return desk.done(desk.message(who, text=text, direction="echo", provider_id=ident, **more))


def ours(desk: Desk, conversation: str) -> list[str]:
    """Messages of our side that are not taken back."""
    rows = desk.shelf.rows("message").values()
    found = [row for row in rows if row.conversation == conversation and row.direction == "out"]
    return [row.id for row in sorted(found, key=lambda row: row.seq) if not row.deleted_at]


def test_an_echo_of_the_send_under_way_is_that_message(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation, "One  moment,\nplease.")
    fence = desk.claimed(message)
    done = echo(desk, "One moment, please.")
    assert (done.id, ours(desk, conversation)) == (message, [message])
    desk.done(desk.receipt("p1", "delivered"))
    desk.done(desk.delivery(message, fence, "sent", provider_ids=("p1",)))
    row = desk.shelf.message(message)
    assert (row.delivery, row.provider_ids, ours(desk, conversation)) == ("delivered", ("p1",), [message])


def test_the_send_under_way_is_found_behind_other_messages(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation, "first")
    desk.claimed(message)
    later = queued(desk, conversation, "second")
    desk.arrive("v1", text="third")
    assert echo(desk, "first").id == message
    assert ours(desk, conversation) == [message, later]


def test_a_part_of_the_send_under_way_is_that_message(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation, LONG)
    desk.claimed(message)
    assert echo(desk, LONG[:90]).id == message
    assert echo(desk, LONG[90:], "p2").id == message
    assert desk.shelf.providers["website", "p2"] == (message, conversation)


def test_a_file_of_the_send_under_way_is_that_message(desk: Desk, conversation: str) -> None:
    file = Attachment(id="a", blob="b", name="a.txt", content_type="text/plain", size=1)
    message = queued(desk, conversation, "see", attachments=(file,))
    desk.claimed(message)
    other = Attachment(id="o", blob="o", name="1.txt", content_type="text/plain", size=1)
    done = echo(desk, "", content=MessageContent(attachments=(other,)))
    assert done.id == message


@pytest.mark.parametrize("text", ["something else", "h", "HI"])
def test_what_was_written_elsewhere_meanwhile_is_a_message(desk: Desk, conversation: str, text: str) -> None:
    message = queued(desk, conversation, "hi there")
    desk.claimed(message)
    done = echo(desk, text)
    assert ours(desk, conversation) == [message, done.id]


def test_a_send_that_only_waits_has_no_echo_yet(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation, "hi")
    done = echo(desk, "hi")
    assert ours(desk, conversation) == [message, done.id]


def test_an_echo_that_was_not_recognised_is_withdrawn_by_the_outcome(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation, "*hi*")
    fence = desk.claimed(message)
    copy = echo(desk, "hi").id
    assert ours(desk, conversation) == [message, copy]
    desk.done(desk.delivery(message, fence, "sent", provider_ids=("p1",)))
    assert ours(desk, conversation) == [message]
    assert desk.shelf.providers["website", "p1"] == (message, conversation)
    desk.done(desk.receipt("p1", "read"))
    assert desk.shelf.message(message).delivery == "read"


def test_an_outcome_withdraws_nothing_that_a_customer_or_another_send_of_ours_is(
    desk: Desk, conversation: str
) -> None:
    theirs = desk.done(desk.message("v1", provider_id="p1")).id
    before = desk.sent(conversation, "p2")
    message = queued(desk, conversation, "hi")
    fence = desk.claimed(message)
    desk.done(desk.delivery(message, fence, "sent", provider_ids=("p1", "p2")))
    assert ours(desk, conversation) == [before, message]
    assert not desk.shelf.message(theirs).deleted_at


def test_an_echo_proves_that_an_unknown_message_went_out(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation, "hi")
    desk.done(desk.delivery(message, desk.claimed(message), "unknown", error="no answer"))
    assert desk.row(conversation).send_mark == message
    assert echo(desk, "hi").id == message
    row = desk.shelf.message(message)
    assert (row.delivery, row.provider_ids, row.error) == ("sent", ("p1",), "")
    assert (desk.row(conversation).send_mark, ours(desk, conversation)) == ("", [message])


@pytest.mark.parametrize(("delivery", "text"), [("failed", "hi"), ("unknown", "hi hi")])
def test_an_echo_proves_nothing_about_a_failed_message_or_another_text(
    desk: Desk, conversation: str, delivery: str, text: str
) -> None:
    message = queued(desk, conversation, "hi")
    desk.done(desk.delivery(message, desk.claimed(message), delivery))
    done = echo(desk, text)
    assert (desk.shelf.message(message).delivery, ours(desk, conversation)) == (delivery, [message, done.id])


def test_an_echo_and_the_outcome_in_one_group(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation, "*hi*")
    fence = desk.claimed(message)
    desk.group(
        desk.message("v1", text="hi", direction="echo", provider_id="p1"),
        desk.delivery(message, fence, "sent", provider_ids=("p1",)),
    )
    assert ours(desk, conversation) == [message]


def test_an_echo_of_a_message_that_was_given_up_is_kept(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation, "hi")
    desk.done(desk.delivery(message, desk.claimed(message), "unknown"))
    desk.done(desk.on(cmd.RetrySend, conversation=conversation, by=ANN, message=message, discard=True))
    done = echo(desk, "hi")
    assert ours(desk, conversation) == [done.id]
