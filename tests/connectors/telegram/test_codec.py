"""Telegram's updates as happenings: every kind of content, groups, edits, buttons, reactions, membership, and what we do not know."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import (
    Malformed,
    MediaRef,
    MessageEdited,
    MessageReceived,
    Poison,
    ReactionChanged,
    Signal,
    Unmapped,
    WebhookRequest,
)
from connectors.telegram.codec import parse, place
from connectors.telegram.entities import Entity, to_html
from tests.connectors.telegram.updates import ADA, BOB, GROUP, PRIVATE, member, message, update


def one(body: bytes) -> Any:
    (item,) = parse(WebhookRequest(method="POST", path="/", query={}, headers={}, body=body), None)
    return item


def said(**fields: Any) -> Any:
    return one(update(message=message(**fields)))


def test_a_text() -> None:
    item = said(text="Hello")
    assert isinstance(item, MessageReceived)
    assert (item.source_key, item.conversation_key, item.provider_id) == ("msg:501:10", "501", "501:10")
    assert (item.text, item.html, item.at, item.language) == ("Hello", "", 1.7e9, "en")
    sender = item.sender
    assert (sender.scheme, sender.value, sender.scope, sender.display) == (
        "telegram",
        "501",
        "global",
        "Ada L.",
    )
    assert sender.attributes == {"telegram": "@ada_l"}


def test_formatting_is_kept_as_safe_html() -> None:
    item = said(
        text="see this 😀 now",
        entities=[
            {"type": "bold", "offset": 4, "length": 4},
            {"type": "text_link", "offset": 12, "length": 3, "url": "https://e.example/?a=1&b=2"},
            {"type": "mention", "offset": 0, "length": 3},
        ],
    )
    assert item.text == "see this 😀 now"
    link = '<a href="https://e.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">now</a>'
    assert item.html == f"see <b>this</b> 😀 {link}"


@pytest.mark.parametrize(
    ("field", "name", "kind"),
    [
        (
            {
                "document": {
                    "file_id": "f",
                    "file_name": "x.pdf",
                    "mime_type": "application/pdf",
                    "file_size": 7,
                }
            },
            "x.pdf",
            "application/pdf",
        ),
        ({"document": {"file_id": "f"}}, "document", "application/octet-stream"),
        ({"voice": {"file_id": "f", "duration": 3}}, "voice.ogg", "audio/ogg"),
        ({"audio": {"file_id": "f", "duration": 3, "mime_type": "audio/mp4"}}, "audio.m4a", "audio/mp4"),
        ({"video": {"file_id": "f", "width": 1, "height": 1, "duration": 3}}, "video.mp4", "video/mp4"),
        ({"video_note": {"file_id": "f", "length": 1, "duration": 3}}, "video.mp4", "video/mp4"),
        ({"animation": {"file_id": "f"}, "document": {"file_id": "other"}}, "animation.mp4", "video/mp4"),
        ({"sticker": {"file_id": "f", "emoji": "🎉", "is_video": False}}, "sticker.webp", "image/webp"),
        ({"sticker": {"file_id": "f", "emoji": "🎉", "is_video": True}}, "sticker.webm", "video/webm"),
    ],
)
def test_files(field: dict[str, Any], name: str, kind: str) -> None:
    (ref,) = said(**field).files
    assert isinstance(ref, MediaRef)
    assert (ref.token, ref.name, ref.content_type) == ("f", name, kind)


@pytest.mark.parametrize("sizes", [[90, 900, 300], [0, 0, 0]])
def test_of_a_photo_the_largest_is_taken(sizes: list[int]) -> None:
    photo = [
        {"file_id": f"f{index}", "width": 1, "height": 1, "file_size": size}
        for index, size in enumerate(sizes)
    ]
    item = said(photo=photo, caption="Look", media_group_id="g1")
    assert item.files[0].token == ("f1" if sizes[1] else "f2")
    assert (item.text, item.data) == ("Look", {"album": "g1"})


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ({"location": {"latitude": 52.5, "longitude": 13.4}}, "📍 52.500000, 13.400000"),
        (
            {
                "location": {"latitude": 1, "longitude": 2},
                "venue": {"location": {"latitude": 1, "longitude": 2}, "title": "Café", "address": "Main St"},
            },
            "📍 Café, Main St (1.000000, 2.000000)",
        ),
        ({"contact": {"phone_number": "+4930", "first_name": "Bob", "last_name": "B."}}, "👤 Bob B., +4930"),
        ({"sticker": {"file_id": "f", "emoji": "🎉", "is_animated": True}}, "🎉"),
        ({"dice": {"emoji": "🎲", "value": 4}}, "🎲 4"),
        (
            {"poll": {"id": "1", "question": "When?", "options": [{"text": "Now"}, {"text": "Later"}]}},
            "📊 When?\n○ Now\n○ Later",
        ),
    ],
)
def test_what_is_not_text_becomes_a_line(field: dict[str, Any], text: str) -> None:
    assert said(**field).text == text


def test_replies_and_forwards() -> None:
    item = said(
        text="yes",
        reply_to_message=message(9, text="?"),
        forward_origin={"type": "user", "date": 1, "sender_user": BOB},
    )
    assert item.reply_to == "501:9"
    assert item.data == {"forwarded_from": "Bob"}
    hidden = said(text="x", forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "Somebody"})
    assert hidden.data == {"forwarded_from": "Somebody"}


def test_a_group_is_one_conversation_and_says_who_wrote() -> None:
    item = one(update(message=message(chat=GROUP, sender=BOB, text="Hi all")))
    assert (item.conversation_key, item.sender.value, item.sender.display) == (
        "-100777",
        "-100777",
        "Book club",
    )
    assert item.text == "Bob: Hi all"


def test_a_topic_of_a_forum_is_a_conversation_of_its_own() -> None:
    item = one(update(message=message(chat=GROUP, text="x", message_thread_id=5, is_topic_message=True)))
    assert item.conversation_key == "-100777/5"
    assert place(item.conversation_key) == (-100777, 5)
    assert place("501") == (501, 0)


def test_edits_of_one_second_are_two() -> None:
    body = message(text="new", edit_date=1700000009)
    first, second = one(update(7, edited_message=body)), one(update(8, edited_message=body))
    assert isinstance(first, MessageEdited)
    assert (first.provider_id, first.text, first.at) == ("501:10", "new", 1700000009.0)
    assert first.source_key != second.source_key
    assert first == one(update(7, edited_message=body))


def test_a_pressed_button_is_what_the_customer_says() -> None:
    item = one(
        update(
            callback_query={
                "id": "c9",
                "from": ADA,
                "chat_instance": "x",
                "data": "yes",
                "message": message(12, text="?"),
            }
        )
    )
    assert isinstance(item, MessageReceived)
    assert (item.source_key, item.text, item.reply_to, item.provider_id) == (
        "callback:c9",
        "yes",
        "501:12",
        "",
    )
    old = {"chat": PRIVATE, "message_id": 12, "date": 0}
    assert isinstance(
        one(
            update(
                callback_query={"id": "c9", "from": ADA, "chat_instance": "x", "data": "y", "message": old}
            )
        ),
        MessageReceived,
    )
    assert isinstance(
        one(update(callback_query={"id": "c9", "from": ADA, "chat_instance": "x", "inline_message_id": "i"})),
        Unmapped,
    )


@pytest.mark.parametrize(
    ("new", "emoji"),
    [
        ([{"type": "emoji", "emoji": "👍"}], "👍"),
        ([{"type": "emoji", "emoji": "👍"}, {"type": "emoji", "emoji": "🎉"}], "🎉"),
        ([{"type": "custom_emoji", "custom_emoji_id": "5"}], "⭐"),
        ([], ""),
    ],
)
def test_reactions(new: list[dict[str, str]], emoji: str) -> None:
    item = one(
        update(
            message_reaction={
                "chat": PRIVATE,
                "message_id": 12,
                "user": ADA,
                "date": 1,
                "old_reaction": [],
                "new_reaction": new,
            }
        )
    )
    assert isinstance(item, ReactionChanged)
    assert (item.provider_id, item.emoji) == ("501:12", emoji)


@pytest.mark.parametrize(
    ("status", "stopped"), [("kicked", True), ("left", True), ("member", False), ("administrator", False)]
)
def test_who_blocks_the_bot_has_stopped(status: str, stopped: bool) -> None:
    item = one(update(my_chat_member=member(status)))
    assert isinstance(item, Signal)
    assert (item.stopped, item.sender.value) == (stopped, "501")


@pytest.mark.parametrize(
    "fields",
    [
        {"channel_post": message(text="x")},
        {"teleport": {}},
        {},
        {"message": message(new_chat_title="x")},
        {"message": message(pinned_message=message(9))},
    ],
)
def test_what_we_do_not_know_is_kept(fields: dict[str, Any]) -> None:
    assert isinstance(one(update(**fields)), Unmapped)


@pytest.mark.parametrize(
    "fields",
    [{"message": {"message_id": "x"}}, {"message": message(text=5)}, {"edited_message": {}}, {"message": []}],
)
def test_what_cannot_be_read_is_poison_and_holds_up_nothing(fields: dict[str, Any]) -> None:
    item = one(update(33, **fields))
    assert isinstance(item, Poison)
    assert item.source_key == "poison:33"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"update_id": "x"}', b"\xff", b'{"message": {}}'])
def test_what_is_no_update_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        one(body)


@pytest.mark.parametrize(
    ("text", "entities", "html"),
    [
        ("abc", [], ""),
        ("abc", [("url", 0, 3)], ""),
        ("abc", [("bold", 0, 3), ("italic", 1, 1)], "<b>a<i>b</i>c</b>"),
        ("abc", [("italic", 0, 3), ("bold", 0, 3)], "<i><b>abc</b></i>"),
        ("abc", [("bold", 0, 2), ("italic", 1, 2)], "<b>ab</b>c"),
        ("ab", [("bold", 0, 1), ("bold", 1, 1)], "<b>a</b><b>b</b>"),
        ("a<b&c", [("code", 0, 5)], "<code>a&lt;b&amp;c</code>"),
        ("a\nb", [("bold", 0, 1)], "<b>a</b><br>b"),
        ("😀x", [("bold", 2, 1)], "😀<b>x</b>"),
        ("abc", [("bold", -1, 2), ("bold", 0, 99), ("bold", 1, 0)], "abc"),
    ],
)
def test_entities(text: str, entities: list[tuple[str, int, int]], html: str) -> None:
    assert to_html(text, [Entity(kind, offset, length) for kind, offset, length in entities]) == html


def test_a_link_to_something_that_runs_is_no_link() -> None:
    found = to_html("abc", [Entity("text_link", 0, 3, "javascript:go()")])
    assert "javascript" not in found
    assert "href" not in found
