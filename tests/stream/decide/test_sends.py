"""The way out: fences, retries, failures, giving up. What a dead worker reports changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from stream import commands as cmd
from stream.decide.sends import FENCES
from tests.making import ANN, sender
from tests.stream.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def conversation(desk: Desk) -> str:
    return desk.assigned("v1")


def queued(desk: Desk, conversation: str) -> str:
    reply = desk.reply(conversation)
    desk.done(reply)
    return reply.message


def retry(desk: Desk, message: str, **more: Any) -> cmd.RetrySend:
    conversation = desk.shelf.message(message).conversation
    command: cmd.RetrySend = desk.on(
        cmd.RetrySend, conversation=conversation, by=ANN, message=message, **more
    )
    return command


@pytest.mark.parametrize("delivery", ["sent", "delivered"])
def test_a_send_that_went_out_leaves_the_outbox(desk: Desk, conversation: str, delivery: str) -> None:
    message = queued(desk, conversation)
    desk.done(desk.delivery(message, desk.claimed(message), delivery, provider_ids=("p1", "p2")))
    row = desk.shelf.message(message)
    assert (row.delivery, row.provider_ids, message in desk.shelf.outbox) == (delivery, ("p1", "p2"), False)
    assert desk.shelf.providers["website", "p2"] == (message, conversation)


def test_only_the_claims_fence_reports_and_only_once(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation)
    assert desk.refused(desk.delivery(message, 0, "sent")).code == "state"
    fence = desk.claimed(message)
    assert desk.refused(desk.delivery(message, fence - 1, "sent")).code == "state"
    desk.done(desk.delivery(message, fence, "queued", due_at=desk.now + 5, parts_done=1, error="busy"))
    row = desk.outbox(message)
    assert (row.status, row.attempts, row.parts_done, row.error, row.worker) == ("queued", 1, 1, "busy", "")
    assert desk.refused(desk.delivery(message, fence, "queued")).code == "state"
    assert desk.refused(desk.delivery(message, fence, "sent")).code == "state"
    assert desk.refused(desk.delivery("msg_nowhere", 1, "sent")).code == "state"


def test_another_workspace_reports_nothing(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation)
    fence = desk.claimed(message)
    assert desk.refused(desk.delivery(message, fence, "sent", workspace="other")).code == "not_found"


def test_ids_of_parts_are_known_before_the_rest_went_out(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation)
    desk.done(desk.delivery(message, desk.claimed(message), "queued", provider_ids=("p1",), parts_done=1))
    assert desk.shelf.message(message).provider_ids == ("p1",)
    desk.done(desk.receipt("p1", "delivered"))
    assert desk.shelf.message(message).delivery == "queued"
    desk.done(desk.delivery(message, desk.claimed(message), "sent", provider_ids=("p2",)))
    row = desk.shelf.message(message)
    assert (row.provider_ids, row.delivery) == (("p1", "p2"), "delivered")
    assert desk.shelf.parked == {}


@pytest.mark.parametrize("delivery", ["failed", "unknown"])
def test_a_failure_marks_the_conversation_and_is_a_dead_letter(
    desk: Desk, conversation: str, delivery: str
) -> None:
    message = queued(desk, conversation)
    desk.done(desk.delivery(message, desk.claimed(message), delivery, error="x" * 2000))
    assert (desk.row(conversation).send_mark, desk.shelf.message(message).delivery) == (message, delivery)
    (letter,) = desk.shelf.dead
    assert (letter[2], letter[3], len(letter[4])) == (message, "out", 1000)


def test_a_customer_who_left_is_stopped(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation)
    desk.done(desk.delivery(message, desk.claimed(message), "failed", stopped=True))
    assert desk.shelf.identity(desk.row(conversation).identity).stopped
    assert desk.refused(retry(desk, message)).code == "stopped"


def test_a_retry_starts_beyond_every_fence_of_the_first_life(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation)
    zombie = desk.claimed(message)
    desk.done(desk.delivery(message, zombie, "unknown", error="died"))
    desk.done(retry(desk, message))
    assert desk.shelf.message(message).delivery == "queued"
    assert desk.row(conversation).send_mark == ""
    fence = desk.claimed(message)
    assert fence > zombie + FENCES // 2
    assert desk.refused(desk.delivery(message, zombie, "sent")).code == "state"
    desk.done(desk.delivery(message, fence, "sent"))


def test_a_failure_and_its_retry_in_one_group_leave_a_fresh_row(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation)
    first = desk.outbox(message)
    desk.now += 9
    fence = desk.claimed(message)
    results = desk.group(desk.delivery(message, fence, "failed", error="no"), retry(desk, message))
    assert all(isinstance(result, cmd.Committed) for result in results)
    row = desk.outbox(message)
    assert (row.status, row.attempts, row.error, row.first_at) == ("queued", 0, "", desk.now)
    assert row.fence > fence
    assert row.n > first.n


@pytest.mark.parametrize("delivery", ["failed", "unknown"])
def test_a_retry_goes_on_after_the_parts_that_went_out(desk: Desk, conversation: str, delivery: str) -> None:
    message = queued(desk, conversation)
    desk.done(desk.delivery(message, desk.claimed(message), delivery, provider_ids=("p1",), parts_done=1))
    desk.done(retry(desk, message))
    assert (desk.outbox(message).parts_done, desk.outbox(message).attempts) == (1, 0)
    desk.done(desk.delivery(message, desk.claimed(message), delivery, parts_done=2))
    desk.done(retry(desk, message))
    assert desk.outbox(message).parts_done == 2


def test_a_message_that_went_out_whole_and_came_back_is_sent_again_whole(
    desk: Desk, conversation: str
) -> None:
    message = queued(desk, conversation)
    desk.done(desk.delivery(message, desk.claimed(message), "sent", provider_ids=("p1", "p2"), parts_done=2))
    desk.done(desk.receipt("p2", "failed", error="bounced"))
    desk.done(retry(desk, message))
    assert desk.outbox(message).parts_done == 0


def test_retrying_twice_sends_once(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation)
    assert desk.refused(retry(desk, message)).sentence.startswith("This message is queued")
    desk.done(desk.delivery(message, desk.claimed(message), "failed"))
    first, second = desk.group(retry(desk, message), retry(desk, message))
    assert isinstance(first, cmd.Committed)
    assert isinstance(second, cmd.Refused)


@pytest.mark.parametrize("delivery", ["failed", "unknown"])
def test_what_is_given_up_is_gone_for_good_and_marks_nothing(
    desk: Desk, conversation: str, delivery: str
) -> None:
    message = queued(desk, conversation)
    desk.done(desk.delivery(message, desk.claimed(message), delivery))
    desk.done(retry(desk, message, discard=True))
    row = desk.shelf.message(message)
    assert (row.delivery, row.deleted_at, desk.row(conversation).send_mark) == ("failed", desk.now, "")
    assert desk.refused(retry(desk, message)).sentence.startswith("This message is given up")


def test_a_retry_is_of_a_message_of_this_conversation(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation)
    other = desk.assigned("v2")
    wrong = desk.on(cmd.RetrySend, conversation=other, by=ANN, message=message)
    assert desk.refused(wrong).code == "not_found"


def test_a_failed_message_does_not_hide_behind_a_receipt_for_one_of_its_parts(
    desk: Desk, conversation: str
) -> None:
    message = queued(desk, conversation)
    desk.done(desk.delivery(message, desk.claimed(message), "queued", provider_ids=("p1",), parts_done=1))
    desk.done(desk.receipt("p1", "read"))
    desk.done(desk.delivery(message, desk.claimed(message), "failed", error="part 2"))
    assert desk.shelf.message(message).delivery == "failed"
    assert desk.shelf.parked == {}


def test_the_person_who_left_is_the_one_of_the_conversation(desk: Desk, conversation: str) -> None:
    message = queued(desk, conversation)
    desk.arrive("v2")
    desk.done(desk.delivery(message, desk.claimed(message), "failed", stopped=True))
    stopped = [row.lookup for row in desk.shelf.rows("identity").values() if row.stopped]
    assert stopped == [sender("v1").lookup]
