"""From happenings to commands: everything arrives, nothing is larger than it may be, and what was cut is said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import intake
from connectors.contract import (
    Address,
    AnyInbound,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Poison,
    ReactionChanged,
    ReceiptObserved,
    Signal,
    TypingObserved,
    Unmapped,
)
from connectors.identities import sender_of
from connectors.intake import Kept, command_for, content_of, key
from stream import commands as cmd
from tests.connectors.ground import channel

SHOP = channel("shop", "echo", {"workspace": "acme", "reopen_seconds": 60.0})
ADA = Address(scheme="echo", value="ada", display="Ada")
FACTS: dict[str, Any] = {"source_key": "k", "conversation_key": "c", "sender": ADA}


def command(item: AnyInbound, raw: bytes = b"raw") -> Any:
    return command_for(SHOP, item, raw, "token")


@pytest.mark.parametrize(
    ("item", "kind", "facts"),
    [
        (
            MessageReceived(**FACTS, text="hi", provider_id="p", thread=("t",), reply_to="r", language="de", spam=True),
            cmd.ReceiveMessage,
            {"conversation_key": "c", "provider_id": "p", "thread": ("t",), "reply_to": "r", "language": "de", "spam": True, "reopen_window": 60.0},
        ),
        (MessageReceived(**FACTS, direction="echo"), cmd.ReceiveMessage, {"direction": "echo"}),
        (MessageEdited(**FACTS, provider_id="p", text="new"), cmd.ReceiveEdit, {"provider_id": "p"}),
        (MessageDeleted(**FACTS, provider_id="p"), cmd.ReceiveDelete, {"provider_id": "p"}),
        (ReactionChanged(**FACTS, provider_id="p", emoji="👍"), cmd.ReceiveReaction, {"provider_id": "p", "emoji": "👍"}),
        (
            ReceiptObserved(**FACTS, provider_id="p", state="read", watermark=True),
            cmd.ReceiveReceipt,
            {"provider_id": "p", "state": "read", "watermark": True},
        ),
        (Signal(**FACTS, name="blocked", stopped=True), cmd.ReceiveSignal, {"name": "blocked", "stopped": True}),
        (Unmapped(**FACTS, reason="teleport"), cmd.ReceiveSignal, {"name": "unmapped: teleport", "stopped": None}),
        (Poison(source_key="k", error="broken"), cmd.ReceivePoison, {"error": "broken"}),
    ],
)  # fmt: skip
def test_every_happening_has_its_command(
    item: AnyInbound, kind: type[cmd.Receive], facts: dict[str, Any]
) -> None:
    made = command(item)
    assert isinstance(made, kind)
    assert (made.token, made.workspace, made.channel, made.connector) == ("token", "acme", "shop", "echo")
    assert (made.source_key, made.raw) == ("k", b"raw")
    assert {name: getattr(made, name) for name in facts} == facts


def test_typing_is_never_kept() -> None:
    assert command(TypingObserved(**FACTS)) is None


def test_a_reaction_names_its_author_without_saying_who() -> None:
    made = command(ReactionChanged(**FACTS, provider_id="p", emoji="👍"))
    assert made.author == sender_of(SHOP, ADA).lookup
    assert len(made.author) == 32


def test_bounds() -> None:
    content = content_of("t" * 200_000, "h" * 2_000_000, "s" * 5_000, "q" * 200_000, {"x": "y" * 100_000})
    assert len(content.text) == intake.LONGEST_TEXT
    assert content.html == ""
    assert len(content.subject) == intake.LONGEST_SUBJECT
    assert len(content.quoted) == intake.LONGEST_TEXT
    assert content.data == {"cut": ["text", "html", "subject", "quoted", "data"]}


@pytest.mark.parametrize("data", [{"x": object()}, {"x": "\ud800"}, {"x": {("a", "b"): 1}}])
def test_data_that_is_no_json_is_left_out(data: dict[str, Any]) -> None:
    assert content_of("hi", data=data).data == {"cut": ["data"]}


def test_ordinary_content_is_not_touched() -> None:
    kept = Kept()
    kept.pending, kept.missing = [{"name": "a"}], [{"name": "b"}]
    content = content_of("hi", "<p>hi</p>", "Subject", "> old", {"button": "yes"}, kept)
    assert (content.text, content.html, content.subject, content.quoted) == (
        "hi",
        "<p>hi</p>",
        "Subject",
        "> old",
    )
    assert content.data == {"button": "yes", "pending": [{"name": "a"}], "missing": [{"name": "b"}]}


@given(st.text(max_size=50))
def test_keys_fit_and_stay_apart(text: str) -> None:
    assert len(key(text * 30)) <= intake.LONGEST_KEY
    assert key("x" * 600 + text) != key("x" * 600 + text + "y")
    assert key(key(text * 30)) == key(text * 30)


def test_a_thread_is_bounded() -> None:
    made = command(MessageReceived(**FACTS, thread=tuple(str(number) for number in range(500))))
    assert len(made.thread) == intake.MAX_THREAD
