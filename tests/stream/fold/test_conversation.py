"""What each event does to a conversation's row: the fields that change, all others as they were."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from stream import events as ev
from stream.fold import fold_row
from stream.model import Author, Conversation, Offer

AT = 50.0
BY = Author(kind="agent", id="ann")
OFFER = Offer(id="off_1", agent="ben", expires_at=9.0, units=2)
ROW = Conversation(
    id="c", channel="website", connector="webchat", key="k", about="a", identity="i", queue="support", assignee="ann",
    units=2, place=10.0, created_at=10.0, updated_at=20.0, seq=4, read_seq=2, unread=2, last_message="m4", preview="ct4",
    last_direction="in", last_customer_at=20.0, version=8,
)  # fmt: skip
WAITING = msgspec.structs.replace(ROW, assignee="", waiting_since=10.0, declined_by=("zoe",))
OFFERED = msgspec.structs.replace(WAITING, offer=OFFER)
SNOOZED = msgspec.structs.replace(ROW, status="snoozed", snoozed_until=99.0)
RESOLVED = msgspec.structs.replace(ROW, status="resolved", resolved_at=30.0, spam=True)


def on(kind: type[Any], **facts: Any) -> Any:
    return kind(conversation="c", version=9, **facts)


CASES: list[tuple[Conversation, Any, dict[str, Any]]] = [
    (ROW, on(ev.MessageReceived, message="m5", seq=5, author=BY, content="ct5"),
        {"seq": 5, "last_message": "m5", "preview": "ct5", "last_customer_at": AT, "unread": 3, "updated_at": AT}),
    (ROW, on(ev.MessageReceived, message="m5", seq=5, author=BY, content="ct5", direction="out"),
        {"seq": 5, "last_message": "m5", "preview": "ct5", "last_direction": "out", "last_agent_at": AT, "updated_at": AT}),
    (ROW, on(ev.MessageEdited, message="m4", content="ct4b"), {"preview": "ct4b", "updated_at": AT}),
    (ROW, on(ev.MessageEdited, message="m3", content="ct3b"), {"updated_at": AT}),
    (ROW, on(ev.MessageDeleted, message="m4"), {}),
    (msgspec.structs.replace(ROW, send_mark="m4"), on(ev.MessageDeleted, message="m4"), {"send_mark": ""}),
    (ROW, on(ev.ReactionChanged, message="m4", author="x", emoji="👍"), {}),
    (ROW, on(ev.ReplyQueued, message="m5", seq=5, author=BY, content="ct5"),
        {"seq": 5, "last_message": "m5", "preview": "ct5", "last_direction": "out", "last_agent_at": AT, "read_seq": 5,
         "unread": 0, "updated_at": AT}),
    (ROW, on(ev.ReplyQueued, message="m5", seq=5, author=BY, content="ct5", automatic=True),
        {"seq": 5, "last_message": "m5", "preview": "ct5", "last_direction": "out", "updated_at": AT}),
    (ROW, on(ev.NoteAdded, message="m5", seq=5, author=BY, content="ct5", mentions=("ben", "zoe")),
        {"seq": 5, "participants": ("ben", "zoe"), "updated_at": AT}),
    (ROW, on(ev.DeliveryChanged, message="m3", delivery="failed"), {"send_mark": "m3"}),
    (msgspec.structs.replace(ROW, send_mark="m3"), on(ev.DeliveryChanged, message="m3", delivery="queued"), {"send_mark": ""}),
    (msgspec.structs.replace(ROW, send_mark="m2"), on(ev.DeliveryChanged, message="m3", delivery="sent"), {}),
    (ROW, on(ev.ConversationRead, seq=3, agent="ann"), {"read_seq": 3, "unread": 1}),
    (ROW, on(ev.ConversationRead, seq=99, agent="ann"), {"read_seq": 4, "unread": 0}),
    (ROW, on(ev.ConversationQueued, queue="sales", waiting_since=10.0, units=3, need=("de",), tags=("b", "a"), rule="r",
             priority=1, team="t", language="de"),
        {"queue": "sales", "waiting_since": 10.0, "units": 3, "need": ("de",), "tags": ("a", "b"), "rule": "r", "priority": 1,
         "team": "t", "language": "de", "assignee": "", "last_agent": "ann", "updated_at": AT}),
    (WAITING, on(ev.ConversationQueued, queue="support", waiting_since=10.0, units=2, forget_declined=True),
        {"declined_by": (), "updated_at": AT}),
    (SNOOZED, on(ev.ConversationQueued, queue="support", waiting_since=10.0, units=2),
        {"status": "open", "snoozed_until": 0.0, "assignee": "", "last_agent": "ann", "waiting_since": 10.0, "updated_at": AT}),
    (WAITING, on(ev.OfferMade, offer="off_1", agent="ben", expires_at=9.0, units=2), {"offer": OFFER}),
    (OFFERED, on(ev.OfferEnded, offer="off_1", agent="ben", how="declined", units=2),
        {"offer": None, "declined_by": ("zoe", "ben")}),
    (OFFERED, on(ev.OfferEnded, offer="off_1", agent="ben", how="recalled", units=2), {"offer": None}),
    (OFFERED, on(ev.ConversationAssigned, agent="ben", units=2, how="accepted", by=BY, reserved=2),
        {"offer": None, "assignee": "ben", "waiting_since": 0.0, "declined_by": (), "updated_at": AT}),
    (SNOOZED, on(ev.ConversationAssigned, agent="ben", units=1, how="taken", by=BY),
        {"status": "open", "assignee": "ben", "units": 1, "snoozed_until": 0.0, "updated_at": AT}),
    (OFFERED, on(ev.ConversationResolved, by=BY),
        {"status": "resolved", "offer": None, "waiting_since": 0.0, "resolved_at": AT, "updated_at": AT}),
    (OFFERED, on(ev.ConversationSnoozed, until=99.0, by=BY),
        {"status": "snoozed", "offer": None, "waiting_since": 0.0, "snoozed_until": 99.0, "updated_at": AT}),
    (SNOOZED, on(ev.SnoozeEnded, reason="due", agent="ann", units=2), {"status": "open", "snoozed_until": 0.0,
        "last_agent": "ann", "updated_at": AT}),
    (SNOOZED, on(ev.SnoozeEnded, reason="due"),
        {"status": "open", "snoozed_until": 0.0, "assignee": "", "last_agent": "ann", "updated_at": AT}),
    (RESOLVED, on(ev.ConversationReopened, reason="wrote"),
        {"status": "open", "assignee": "", "last_agent": "ann", "spam": False, "place": 0.0, "opened_at": AT, "resolved_at": 0.0,
         "updated_at": AT}),
    (ROW, on(ev.TagsChanged, tags=("x",), by=BY), {"tags": ("x",)}),
    (ROW, on(ev.PriorityChanged, priority=3, by=BY), {"priority": 3}),
    (ROW, on(ev.SpamMarked, spam=True, by=BY), {"spam": True}),
]  # fmt: skip


@pytest.mark.parametrize(("row", "event", "changes"), CASES, ids=[type(case[1]).__name__ for case in CASES])
def test_an_event_changes_these_fields(row: Conversation, event: Any, changes: dict[str, Any]) -> None:
    assert fold_row(("conversation", "c"), row, event, AT) == msgspec.structs.replace(
        row, **changes, version=9
    )


def test_a_new_conversation_waits_from_its_first_moment() -> None:
    event = ev.ConversationStarted(
        conversation="c", version=1, channel="w", connector="webchat", key="k", about="a", identity="i", previous="old",
        tags=("t",), language="de", named=("ann",),
    )  # fmt: skip
    row = fold_row(("conversation", "c"), None, event, AT)
    assert isinstance(row, Conversation)
    assert (row.status, row.created_at, row.updated_at, row.version) == ("open", AT, AT, 1)
    assert (row.previous, row.tags, row.language, row.participants) == ("old", ("t",), "de", ("ann",))
