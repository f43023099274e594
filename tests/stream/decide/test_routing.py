"""The router's decisions: only of the leader, only where they still hold."""

from __future__ import annotations

import pytest

from stream import commands as cmd
from stream.decide.draft import AUTO
from tests.making import ANN, BEN, agent, sender, team
from tests.stream.desk import EPOCH, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk(capacity=2)


def test_an_old_leader_decides_nothing(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    facts = {"conversation": conversation, "epoch": EPOCH - 1}
    stale = [
        desk.enqueue(conversation, epoch=EPOCH - 1),
        desk.offer(conversation, epoch=EPOCH - 1),
        desk.on(cmd.OpenStep, **facts, rule="r", opened=("1: a > 1",)),
        desk.on(cmd.Push, **facts, agent="ben", units=1),
        desk.on(cmd.EndOffer, **facts, offer="off_1", how="expired"),
        desk.on(cmd.HandBack, **facts, agent="ann"),
        desk.on(cmd.AutoReply, **facts, message="msg_a", text="closed"),
        desk.on(cmd.WakeDue, **facts),
        desk.on(cmd.SetStatus, agent="ann", status="away", by=ANN, epoch=EPOCH - 1),
    ]
    assert {desk.refused(command).code for command in stale} == {"epoch"}


def test_enqueueing_keeps_the_place_unless_told_another(desk: Desk) -> None:
    conversation = desk.arrive("v1")
    desk.now += 5
    desk.done(
        desk.enqueue(conversation, priority=2, need=("german",), tags=("b", "a"), language="de", rule="r")
    )
    row = desk.row(conversation)
    assert (row.waiting_since, row.place) == (desk.now, desk.now)
    assert (row.priority, row.need, row.tags, row.language, row.rule) == (
        2,
        ("german",),
        ("a", "b"),
        "de",
        "r",
    )
    first = desk.now
    desk.now += 5
    desk.done(desk.offer(conversation))
    desk.done(desk.enqueue(conversation, queue="sales", units=0))
    row = desk.row(conversation)
    assert (row.queue, row.place, row.offer, row.units) == ("sales", first, None, 1)
    desk.done(desk.enqueue(conversation, waiting_since=123.0))
    assert desk.row(conversation).waiting_since == 123.0
    assert desk.held("ann") == (0, {})


def test_what_does_not_wait_is_neither_queued_nor_offered_nor_pushed(desk: Desk) -> None:
    assigned = desk.assigned("v1")
    spam = desk.arrive("v2", spam=True)
    snoozed = desk.arrive("v3")
    desk.done(desk.on(cmd.Snooze, conversation=snoozed, by=ANN, until=desk.now + 60))
    for conversation in (assigned, spam, snoozed):
        for command in (
            desk.enqueue(conversation),
            desk.offer(conversation, "ben"),
            desk.on(cmd.Push, conversation=conversation, agent="ben", units=1, epoch=EPOCH),
        ):
            assert desk.refused(command).code == "state"


def test_offers_need_somebody_who_is_online_with_room_and_not_asked_twice(desk: Desk) -> None:
    conversation = desk.arrive("v1")
    desk.done(desk.offer(conversation, "ann", units=2))
    assert desk.refused(desk.offer(conversation, "ben")).code == "state"
    assert desk.refused(desk.offer(desk.arrive("v2"), "ann")).code == "capacity"
    desk.done(desk.on(cmd.SetStatus, agent="ben", status="busy", by=BEN))
    assert desk.refused(desk.offer(desk.arrive("v2"), "ben")).code == "not_online"
    desk.done(desk.on(cmd.SetStatus, agent="ben", status="online", by=BEN))
    desk.done(team(agent("ann")))
    refused = desk.refused(desk.offer(desk.arrive("v2"), "ben"))
    assert (refused.code, refused.sentence) == ("not_online", "Ben is no longer in the team.")


def test_a_time_out_counts_as_declined_and_a_recall_does_not(desk: Desk) -> None:
    conversation = desk.arrive("v1")
    for how, declined in (("recalled", ()), ("expired", ("ann",))):
        offer = desk.offer(conversation)
        desk.done(offer)
        end = desk.on(cmd.EndOffer, conversation=conversation, epoch=EPOCH, offer=offer.offer, how=how)
        desk.done(end)
        assert desk.row(conversation).declined_by == declined
        assert desk.refused(end).code == "offer_over"
    assert desk.held("ann") == (0, {})


def test_a_push_needs_room_and_takes_it(desk: Desk) -> None:
    conversation = desk.arrive("v1")
    push = {"conversation": conversation, "epoch": EPOCH}
    assert desk.refused(desk.on(cmd.Push, **push, agent="ann", units=3)).code == "capacity"
    desk.done(desk.on(cmd.Push, **push, agent="ann", units=2, explain={"rule": "r"}))
    assert desk.held("ann") == (2, {"webchat": 1})


def test_a_hand_back_waits_at_its_place_and_only_from_who_has_it(desk: Desk) -> None:
    conversation = desk.assigned("v1", units=2)
    back = {"conversation": conversation, "epoch": EPOCH}
    assert desk.refused(desk.on(cmd.HandBack, **back, agent="ben")).code == "state"
    desk.now += 9
    desk.done(desk.on(cmd.HandBack, **back, agent="ann", reason="gone"))
    row = desk.row(conversation)
    assert (row.assignee, row.last_agent, row.waiting_since) == ("", "ann", row.created_at)
    assert desk.held("ann") == (0, {})
    for nobody in ("ann", ""):
        assert desk.refused(desk.on(cmd.HandBack, **back, agent=nobody)).code == "state"


def test_an_explanation_is_kept_beside_its_event_and_bounded(desk: Desk) -> None:
    conversation = desk.arrive("v1")
    assert desk.refused(desk.enqueue(conversation, explain={"why": "x" * 4096})).code == "invalid"
    (event,) = desk.done(desk.enqueue(conversation, explain={"why": "rule"})).events
    assert "rule" in desk.shelf.content[event.explain]  # type: ignore[union-attr]  # a ConversationQueued


def test_an_automatic_reply_goes_once_per_key(desk: Desk) -> None:
    conversation = desk.arrive("v1")

    def auto(message: str, once: str) -> cmd.AutoReply:
        facts = {"conversation": conversation, "epoch": EPOCH, "text": "We are closed."}
        command: cmd.AutoReply = desk.on(cmd.AutoReply, **facts, message=message, once=once)
        return command

    first, same = desk.group(auto("msg_a", "closed"), auto("msg_b", "closed"))
    assert isinstance(first, cmd.Committed)
    assert same == cmd.Duplicate(n=first.n, id="msg_a")
    assert desk.submit(auto("msg_a", "")) == cmd.Duplicate(n=first.n, id="msg_a")
    row = desk.shelf.message("msg_a")
    assert (row.automatic, row.delivery) == (True, "queued")
    assert desk.row(conversation).unread == 1
    assert list(desk.shelf.inbound)[-1][0] == AUTO


def test_nothing_automatic_goes_to_spam_to_the_resolved_or_to_who_left(desk: Desk) -> None:
    spam, left, done = desk.arrive("v1", spam=True), desk.arrive("v2"), desk.arrive("v3")
    facts = {"channel": "website", "connector": "webchat", "source_key": "s"}
    desk.done(desk.on(cmd.ReceiveSignal, **facts, sender=sender("v2"), name="stop", stopped=True))
    desk.done(desk.on(cmd.Resolve, conversation=done, by=ANN))
    for conversation in (spam, left, done):
        auto = desk.on(cmd.AutoReply, conversation=conversation, epoch=EPOCH, message="msg_a", text="hi")
        assert desk.refused(auto).code == "state"


def test_a_due_snooze_ends_and_a_longer_one_does_not(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    desk.done(desk.on(cmd.Snooze, conversation=conversation, by=ANN, until=desk.now + 60))
    due = desk.on(cmd.WakeDue, conversation=conversation, epoch=EPOCH)
    assert desk.refused(due).code == "state"
    desk.now += 60
    desk.done(due)
    assert desk.row(conversation).assignee == "ann"


def test_a_step_stays_open_while_it_waits_under_its_rule(desk: Desk) -> None:
    conversation = desk.arrive("v1")
    desk.done(desk.enqueue(conversation, rule="r"))
    step = {"conversation": conversation, "epoch": EPOCH, "opened": ("1: agents.available < 2",)}
    assert desk.refused(desk.on(cmd.OpenStep, **step, rule="other")).code == "state"
    assert desk.refused(desk.on(cmd.OpenStep, **step | {"opened": ("x",) * 101}, rule="r")).code == "invalid"
    desk.done(desk.on(cmd.OpenStep, **step, rule="r"))
    desk.done(desk.enqueue(conversation, rule="r", queue="overflow"))
    assert desk.row(conversation).opened == ("1: agents.available < 2",)
    desk.done(desk.enqueue(conversation, rule="other"))
    assert desk.row(conversation).opened == ()
    desk.done(desk.on(cmd.OpenStep, **step, rule="other"))
    desk.done(desk.on(cmd.Push, conversation=conversation, epoch=EPOCH, agent="ann", units=1))
    assert desk.row(conversation).opened == ()
    assert desk.refused(desk.on(cmd.OpenStep, **step, rule="other")).code == "state"
