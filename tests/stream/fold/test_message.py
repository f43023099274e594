"""What each event does to a message's row."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from stream import events as ev
from stream.fold import fold_row
from stream.fold.message import advances
from stream.model import Author, Message, Reaction

AT = 50.0
WHO = Author(kind="contact", id="idn_1")
ROW = Message(
    id="m",
    conversation="c",
    seq=1,
    direction="out",
    author=WHO,
    content="ct1",
    at=1.0,
    delivery="sent",
    provider_ids=("p1",),
)


def fold(row: Message | None, event: Any) -> Message:
    folded = fold_row(("message", "m"), row, event, AT)
    assert isinstance(folded, Message)
    return folded


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            ev.MessageReceived(
                conversation="c",
                message="m",
                seq=3,
                author=WHO,
                content="ct",
                source_key="s",
                provider_ids=("p",),
                reply_to="r",
            ),
            {
                "direction": "in",
                "delivery": "received",
                "source_key": "s",
                "provider_ids": ("p",),
                "reply_to": "r",
            },
        ),
        (
            ev.MessageReceived(
                conversation="c", message="m", seq=3, author=WHO, content="ct", direction="out"
            ),
            {"direction": "out", "delivery": "sent"},
        ),
        (
            ev.ReplyQueued(conversation="c", message="m", seq=3, author=WHO, content="ct", automatic=True),
            {"direction": "out", "delivery": "queued", "automatic": True},
        ),
        (
            ev.NoteAdded(conversation="c", message="m", seq=3, author=WHO, content="ct", mentions=("ben",)),
            {"direction": "note", "mentions": ("ben",)},
        ),
    ],
)
def test_what_makes_a_message(event: Any, expected: dict[str, Any]) -> None:
    base: dict[str, Any] = {
        "id": "m",
        "conversation": "c",
        "seq": 3,
        "author": WHO,
        "content": "ct",
        "at": AT,
    }
    assert fold(None, event) == Message(**(base | expected))


@pytest.mark.parametrize(
    ("event", "changes"),
    [
        (ev.MessageEdited(conversation="c", message="m", content="ct2"), {"content": "ct2", "edited_at": AT}),
        (ev.MessageEdited(conversation="c", message="m", content="ct2", files=True), {"content": "ct2"}),
        (ev.MessageDeleted(conversation="c", message="m"), {"deleted_at": AT}),
        (
            ev.DeliveryChanged(conversation="c", message="m", delivery="read", provider_ids=("p1", "p2")),
            {"delivery": "read", "provider_ids": ("p1", "p2")},
        ),
        (
            ev.DeliveryChanged(conversation="c", message="m", delivery="failed", error="no"),
            {"delivery": "failed", "error": "no"},
        ),
    ],
)
def test_what_changes_a_message(event: Any, changes: dict[str, Any]) -> None:
    assert fold(ROW, event) == msgspec.structs.replace(ROW, **changes)


def test_one_reaction_per_author() -> None:
    row = ROW
    for author, emoji in (("a", "👍"), ("b", "👍"), ("a", "👎"), ("b", "")):
        row = fold(row, ev.ReactionChanged(conversation="c", message="m", author=author, emoji=emoji))
    assert row.reactions == (Reaction(author="a", emoji="👎"),)


RECEIPTS = ("sent", "failed", "delivered", "read")


@pytest.mark.parametrize("order", list(itertools.permutations(RECEIPTS)))
def test_receipts_never_go_back_and_a_failure_is_final_unless_it_was_delivered(
    order: tuple[str, ...],
) -> None:
    row = msgspec.structs.replace(ROW, delivery="sending")
    highest = -1
    for state in order:
        news = advances(row, state)
        assert news == (row.delivery != "failed" and RECEIPTS.index(state) > highest)
        if news:
            highest = RECEIPTS.index(state)
            row = msgspec.structs.replace(row, delivery=state)
    came_first = min(order.index("delivered"), order.index("read")) < order.index("failed")
    assert row.delivery == ("read" if came_first else "failed")


@pytest.mark.parametrize(
    "state", ["received", "queued", "sending", "sent", "unknown", "failed", "delivered", "read"]
)
def test_only_what_failed_or_may_have_failed_is_queued_again(state: Any) -> None:
    row = msgspec.structs.replace(ROW, delivery=state)
    assert advances(row, "queued") == (state in ("failed", "unknown", "sending"))
