"""Reports on messages of ours: a lattice, never backwards; early ones wait; watermarks reach back, bounded."""

from __future__ import annotations

import itertools

import pytest

from stream import commands as cmd
from stream.append import Appended, append
from stream.decide.bounds import MAX_EARLIER
from stream.model import MessageContent
from stream.store.program import Program
from tests.making import ANN
from tests.stream.desk import Desk, check

RANK = {"sent": 1, "delivered": 2, "read": 3}


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivered", "read"])))
def test_whatever_the_order_a_delivery_only_goes_up(desk: Desk, order: tuple[str, ...]) -> None:
    message = desk.sent(desk.assigned("v1"), "p1")
    highest = "sent"
    for state in order:
        desk.done(desk.receipt("p1", state))
        highest = max(highest, state, key=RANK.__getitem__)
        assert desk.shelf.message(message).delivery == highest


def test_a_failure_counts_before_the_delivery_and_not_after(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    one, other = desk.sent(conversation, "p1"), desk.sent(conversation, "p2")
    desk.done(desk.receipt("p1", "delivered"))
    desk.done(desk.receipt("p1", "failed", error="bounced"))
    desk.done(desk.receipt("p2", "failed", error="bounced"))
    assert desk.shelf.message(one).delivery == "delivered"
    assert desk.shelf.message(other).delivery == "failed"
    assert (desk.row(conversation).send_mark, desk.shelf.message(other).error) == (other, "bounced")
    desk.done(desk.receipt("p2", "sent"))
    assert desk.shelf.message(other).delivery == "failed"
    desk.done(desk.receipt("p2", "delivered"))
    assert (desk.row(conversation).send_mark, desk.shelf.message(other).delivery) == (other, "failed")


@pytest.mark.parametrize("late", ["sent", "delivered", "read"])
def test_only_an_accepted_later_attempt_lifts_a_failure(desk: Desk, late: str) -> None:
    conversation = desk.assigned("v1")
    message = desk.sent(conversation, "p1")
    desk.done(desk.receipt("p1", "failed", error="bounced"))
    desk.done(desk.receipt("p1", late))
    assert (desk.shelf.message(message).delivery, desk.shelf.message(message).error) == ("failed", "bounced")
    desk.done(desk.on(cmd.RetrySend, conversation=conversation, by=ANN, message=message))
    desk.done(desk.delivery(message, desk.claimed(message), "failed", error="again"))
    desk.done(desk.receipt("p1", late))
    assert desk.shelf.message(message).delivery == "failed"
    desk.done(desk.on(cmd.RetrySend, conversation=conversation, by=ANN, message=message))
    desk.done(desk.delivery(message, desk.claimed(message), "sent", provider_ids=("p2",)))
    desk.done(desk.receipt("p2", "delivered"))
    row = desk.shelf.message(message)
    assert (row.delivery, row.error, desk.row(conversation).send_mark) == ("delivered", "", "")


def test_a_report_on_one_part_says_nothing_about_the_one_in_doubt(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    reply = desk.reply(conversation)
    desk.done(reply)
    fence = desk.claimed(reply.message)
    desk.done(desk.delivery(reply.message, fence, "unknown", provider_ids=("p1",), parts_done=1))
    desk.done(desk.receipt("p1", "read"))
    assert desk.shelf.message(reply.message).delivery == "unknown"


def test_an_early_receipt_waits_for_the_sends_answer(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    reply = desk.reply(conversation)
    desk.done(reply)
    desk.done(desk.receipt("p1", "delivered"))
    desk.done(desk.receipt("p1", "read"))
    assert len(desk.shelf.parked) == 2
    desk.done(desk.delivery(reply.message, desk.claimed(reply.message), "sent", provider_ids=("p1",)))
    assert desk.shelf.message(reply.message).delivery == "read"
    assert desk.shelf.parked == {}


def test_an_early_receipt_and_the_answer_in_one_group(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    reply = desk.reply(conversation)
    desk.done(reply)
    fence = desk.claimed(reply.message)
    desk.group(desk.receipt("p1", "read"), desk.delivery(reply.message, fence, "sent", provider_ids=("p1",)))
    assert desk.shelf.message(reply.message).delivery == "read"
    assert desk.shelf.parked == {}


def test_receipts_of_other_channels_or_workspaces_find_nothing(desk: Desk) -> None:
    message = desk.sent(desk.assigned("v1"), "p1")
    desk.done(desk.receipt("p1", "read", channel="shop"))
    desk.done(desk.receipt("p1", "read", workspace="other"))
    assert desk.shelf.message(message).delivery == "sent"


def test_a_receipt_on_a_customers_message_changes_nothing(desk: Desk) -> None:
    done = desk.done(desk.message("v1", provider_id="c1"))
    assert desk.done(desk.receipt("c1", "read")).events == ()
    assert desk.shelf.message(done.id).delivery == "received"


def test_a_watermark_reaches_what_was_sent_before_it(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    first = [desk.sent(conversation, f"p{number}") for number in range(3)]
    failed = desk.reply(conversation)
    desk.done(failed)
    desk.done(desk.delivery(failed.message, desk.claimed(failed.message), "failed"))
    waiting = desk.reply(conversation)
    desk.done(waiting)
    last = desk.sent(conversation, "last")
    later = desk.sent(conversation, "later")
    elsewhere = desk.sent(desk.assigned("v2"), "other")
    desk.done(desk.receipt("last", "read", watermark=True))
    states = {ident: desk.shelf.message(ident).delivery for ident in (*first, last)}
    assert set(states.values()) == {"read"}
    assert desk.shelf.message(failed.message).delivery == "failed"
    assert desk.shelf.message(waiting.message).delivery == "queued"
    assert desk.shelf.message(later).delivery == desk.shelf.message(elsewhere).delivery == "sent"


def test_an_early_watermark_reaches_back_too(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    before = desk.sent(conversation, "p1")
    reply = desk.reply(conversation)
    desk.done(reply)
    desk.done(desk.receipt("p2", "read", watermark=True))
    desk.done(desk.delivery(reply.message, desk.claimed(reply.message), "sent", provider_ids=("p2",)))
    assert desk.shelf.message(before).delivery == "read"


def test_a_watermark_on_a_customers_message_counts_for_ours_before_it(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    ours = desk.sent(conversation, "p1")
    desk.done(desk.message("v1", provider_id="c1"))
    desk.done(desk.receipt("c1", "read", watermark=True))
    assert desk.shelf.message(ours).delivery == "read"


def test_a_watermark_looks_back_over_a_bounded_number(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    ours = desk.sent(conversation, "p1")
    for _ in range(MAX_EARLIER):
        desk.shelf.run(_note(desk, conversation))
    desk.sent(conversation, "last")
    desk.done(desk.receipt("last", "read", watermark=True))
    assert desk.shelf.message(ours).delivery == "sent"


def _note(desk: Desk, conversation: str) -> Program[Appended]:
    """A note, appended without checking the whole house after each."""
    message = f"msg_{desk.token()}"
    facts = {"conversation": conversation, "by": ANN, "message": message, "content": MessageContent(text="n")}
    return append([desk.on(cmd.AddNote, **facts)], desk.now)


@pytest.mark.parametrize(("room", "assignee"), [(True, "ann"), (False, "")])
def test_a_message_that_did_not_arrive_wakes_its_conversation(room: bool, assignee: str) -> None:
    """Back to its agent, or to its place in the queue where they have no room."""
    desk = Desk(capacity=1)
    conversation = desk.assigned("v1")
    message = desk.sent(conversation, "p1")
    desk.done(desk.on(cmd.Snooze, conversation=conversation, by=ANN, until=desk.now + 3_600))
    if not room:
        desk.assigned("v2")
    desk.done(desk.receipt("p1", "delivered"))
    assert desk.row(conversation).status == "snoozed", "good news can wait"
    other = desk.sent(conversation, "p2")
    events = desk.events(desk.receipt("p2", "failed", error="bounced"))
    assert events == ["DeliveryChanged", "SnoozeEnded"]
    row = desk.row(conversation)
    assert (row.status, row.assignee, row.send_mark) == ("open", assignee, other)
    assert desk.shelf.message(message).delivery == "delivered"
    check(desk.shelf)


def test_a_send_that_fails_wakes_its_conversation(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    message = desk.done(desk.reply(conversation)).id
    fence = desk.claimed(message)
    desk.done(desk.on(cmd.Snooze, conversation=conversation, by=ANN, until=desk.now + 3_600))
    events = desk.events(desk.delivery(message, fence, "unknown", error="the line was cut"))
    assert events == ["DeliveryChanged", "SnoozeEnded"]
    check(desk.shelf)
