"""The generic channel: documented JSON in, signed events out to a receiver that verifies by its own reading of the standard."""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec
import pytest
from aiohttp import web

from connectors.contract import (
    AnyInbound,
    File,
    Malformed,
    MediaRef,
    MessageEdited,
    MessageReceived,
    Poison,
    ReceiptObserved,
    Unmapped,
    WebhookRequest,
)
from connectors.webhook.codec import MAX_EVENTS, parse
from connectors.webhook.connector import WebhookConfig
from stream.model import Attachment
from tests.connectors.ground import SECRET, Ground, answered, channel, event, post, shop, until
from tests.fakes.webhook_receiver import FakeReceiver
from tests.servers.web import web_server

OTHER = "whsec_" + base64.b64encode(b"p" * 32).decode()


def parsed(body: Any, **headers: str) -> list[AnyInbound]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(parse(WebhookRequest(method="POST", path="/", query={}, headers=headers, body=raw), None))


def one(body: Any, **headers: str) -> Any:
    (item,) = parsed(body, **headers)
    return item


# --- the codec ---------------------------------------------------------------------------------------------------


def test_a_whole_message() -> None:
    item = one(
        {
            "id": "42",
            "conversation": "order-17",
            "from": {"id": "ada", "name": "Ada", "email": "ada@example.org", "phone": "+49 30 1"},
            "html": "<p>Where is my <b>parcel</b>?</p><script>go()</script>",
            "subject": "Parcel",
            "at": "2026-01-02T03:04:05Z",
            "reply_to": "41",
            "language": "en",
            "automatic": True,
            "data": {"order": 17},
        }
    )
    assert isinstance(item, MessageReceived)
    assert (item.source_key, item.conversation_key, item.provider_id) == ("msg:42", "order-17", "42")
    assert (item.sender.scheme, item.sender.value, item.sender.display) == ("webhook", "ada", "Ada")
    assert item.sender.attributes == {"email": "ada@example.org", "phone": "+49 30 1"}
    assert item.sender.aliases == ()
    assert item.html == "<p>Where is my <b>parcel</b>?</p>"
    assert item.text == "Where is my parcel?"
    assert (item.subject, item.at, item.reply_to, item.language, item.automatic) == (
        "Parcel",
        1767323045.0,
        "41",
        "en",
        True,
    )
    assert item.data == {"order": 17}


@pytest.mark.parametrize(
    ("at", "seconds"),
    [
        (1700000000, 1.7e9),
        (1700000000.5, 1700000000.5),
        (1700000000123, 1700000000.123),
        ("2023-11-14T22:13:20+00:00", 1.7e9),
        ("2023-11-14T22:13:20", 1.7e9),
    ],
)
def test_times(at: Any, seconds: float) -> None:
    assert one(event(at=at)).at == pytest.approx(seconds)


def test_without_an_id_the_webhook_id_counts() -> None:
    body = {name: value for name, value in event().items() if name != "id"}
    assert one(body, **{"webhook-id": "evt_9"}).source_key == "msg:evt_9"


def test_files() -> None:
    item = one(
        event(
            files=[
                {"name": "a.txt", "type": "text/plain", "content": "aGk="},
                {"url": "https://e.example/x.png", "name": "x.png", "type": "image/png", "size": 9},
            ]
        )
    )
    assert item.files == (
        File(name="a.txt", content_type="text/plain", content=b"hi"),
        MediaRef(token="https://e.example/x.png", name="x.png", content_type="image/png", size=9),
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"from": {}}, "from.id"),
        ({"from": {"id": ""}}, "from.id"),
        ({"from": "ada"}, "from"),
        ({"conversation": 7}, "conversation"),
        ({"conversation": "x" * 201}, "conversation"),
        ({"text": "x" * 100_001}, "text"),
        ({"text": ""}, "text"),
        ({"text": None}, "text"),
        ({"at": "yesterday"}, "at"),
        ({"at": -1}, "at"),
        ({"at": 1e300}, "at"),
        ({"files": [{"name": "x"}]}, "files[0].url"),
        ({"files": [{"content": "***"}]}, "files[0].content"),
        ({"files": [{"url": "https://e.example/"}] * 21}, "files"),
        ({"type": "receipt"}, "message"),
        ({"type": "receipt", "message": "m"}, "state"),
        ({"type": "receipt", "message": "m", "state": "eaten"}, "state"),
        ({"type": "typing", "conversation": ""}, "conversation"),
        ({"type": "delete"}, "message"),
        ({"type": "edit", "id": ""}, "id"),
        ({"type": 5}, "type"),
    ],
)
def test_what_is_malformed_names_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as caught:
        parsed({**event(), **change})
    assert caught.value.field == field


def test_other_kinds() -> None:
    receipt = one({"type": "receipt", "message": "msg_1", "state": "read", "watermark": True})
    assert isinstance(receipt, ReceiptObserved)
    assert (receipt.provider_id, receipt.state, receipt.watermark) == ("msg_1", "read", True)
    edit = one(event(type="edit", text="new"))
    assert isinstance(edit, MessageEdited)
    assert (edit.provider_id, edit.text) == ("1", "new")
    assert one(event(type="edit", text="newer")).source_key != edit.source_key
    assert isinstance(one({"type": "message.teleported"}), Unmapped)


def test_a_list_is_bounded_and_each_event_stands_for_itself() -> None:
    items = parsed([event("1"), 7, event("2"), {"type": "typing"}])
    assert [type(item) for item in items] == [MessageReceived, Poison, MessageReceived, Poison]
    assert isinstance(items[3], Poison)
    assert items[3].error.startswith("conversation: ")
    assert len(parsed([event(str(number)) for number in range(MAX_EVENTS)])) == MAX_EVENTS
    with pytest.raises(Malformed, match="at most 100"):
        parsed([event(str(number)) for number in range(MAX_EVENTS + 1)])


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ({"secrets": []}, "at least one"),
        ({"secrets": ["plain-secret"]}, "whsec_"),
        ({"secrets": [SECRET], "send_secrets": ["plain-secret"]}, "whsec_"),
        ({"secrets": [SECRET], "url": "ftp://x"}, "http or https"),
        ({"secrets": [SECRET], "urls": "x"}, "unknown field `urls`"),
    ],
)
def test_configurations_that_are_refused(block: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says) as caught:
        channel("x", "webhook", **block)
    assert "plain-secret" not in str(caught.value)


# --- the whole way -----------------------------------------------------------------------------------------------


async def test_a_reply_leaves_as_a_signed_event(ground: Ground) -> None:
    stored = await ground.blobs.put_bytes(b"pdf", 10)
    file = Attachment(id="a", blob=stored.key, name="l.pdf", content_type="application/pdf", size=3)
    async with (
        FakeReceiver(OTHER).serve() as receiver,
        ground.host(shop(url=receiver.url, send_secrets=[OTHER, SECRET])) as host,
    ):
        await post(host, event(text="Where is it?"))
        (message,) = await ground.messages()
        reply = await ground.reply(
            message.conversation, "On its way!", html="<b>On its way!</b>", attachments=(file,)
        )
        row = await ground.delivery(reply, "sent")
        assert row.provider_ids == (reply,)
        await post(host, {"type": "receipt", "message": reply, "state": "read"}, ident="evt_2")
        assert (await ground.delivery(reply, "read")).delivery == "read"
    (received,) = receiver.received
    assert received.ident == reply
    assert received.headers["content-type"] == "application/json"
    assert len(received.headers["webhook-signature"].split()) == 2
    assert received.event["type"] == "message.created"
    assert received.event["timestamp"].endswith("Z")
    assert received.event["data"] == {
        "id": reply,
        "conversation": "c1",
        "to": {"id": "c1", "name": "Ada"},
        "text": "On its way!",
        "html": "<b>On its way!</b>",
        "files": [
            {
                "name": "l.pdf",
                "type": "application/pdf",
                "size": 3,
                "content": base64.b64encode(b"pdf").decode(),
            }
        ],
    }
    assert receiver.refused == []


async def test_a_lost_answer_is_repeated_under_the_same_id(ground: Ground) -> None:
    async with FakeReceiver(SECRET).serve() as receiver:
        receiver.answers.extend([(-1, {}), (500, {}), (204, {})])
        async with ground.host(shop(url=receiver.url)) as host:
            await post(host, event())
            (message,) = await ground.messages()
            reply = await ground.reply(message.conversation, "once")
            await ground.delivery(reply, "sent", seconds=10.0)
    assert [received.ident for received in receiver.received] == [reply] * 3
    assert len({json.dumps(received.event) for received in receiver.received}) == 1
    assert list(receiver.kept()) == [reply]


async def test_gone_is_the_end(ground: Ground) -> None:
    async with FakeReceiver(SECRET).serve() as receiver:
        receiver.answers.append((410, {}))
        async with ground.host(shop(url=receiver.url)) as host:
            await post(host, event())
            (message,) = await ground.messages()
            row = await ground.delivery(await ground.reply(message.conversation), "failed")
    assert "410 Gone" in row.error


async def test_retry_after_holds_the_whole_channel(ground: Ground) -> None:
    async with FakeReceiver(SECRET).serve() as receiver:
        receiver.answers.append((429, {"Retry-After": "1"}))
        async with ground.host(shop(url=receiver.url)) as host:
            await post(host, event())
            (message,) = await ground.messages()
            await ground.delivery(await ground.reply(message.conversation), "sent")
            assert host._running["shop"].paused_until > 0
    assert len(receiver.received) == 2


async def test_without_a_url_it_only_takes_in(ground: Ground) -> None:
    async with ground.host(shop()) as host:
        await post(host, event())
        (message,) = await ground.messages()
        row = await ground.delivery(await ground.reply(message.conversation), "failed")
        assert await host.probe("shop") == "Takes signed events in; no url: sends nothing."
    assert "no url" in row.error


async def test_a_file_is_fetched_from_where_it_is_said_to_be(ground: Ground) -> None:
    async def picture(request: web.Request) -> web.StreamResponse:
        if request.path == "/moved":
            raise web.HTTPFound("/picture.png")
        return web.Response(body=b"\x89PNG", content_type="image/png")

    application = web.Application()
    application.router.add_get("/{name}", picture)
    async with web_server(application) as port, ground.host(shop()) as host:
        base = f"http://127.0.0.1:{port}"
        files = [
            {"name": "p.png", "type": "image/png", "url": f"{base}/picture.png"},
            {"name": "moved.png", "type": "image/png", "url": f"{base}/moved"},
            {"name": "inside.png", "type": "image/png", "url": "http://169.254.169.254/latest"},
        ]
        answer = await post(host, event(files=files))
        (ident,) = answered(answer)["ids"]

        async def there() -> bool:
            return bool((await ground.content(ident)).attachments)

        await until(there)
        content = await ground.content(ident)
    assert [(file.name, file.content_type, file.size) for file in content.attachments] == [
        ("p.png", "image/png", 4)
    ]
    reasons = {entry["name"]: entry["reason"] for entry in content.data["missing"]}
    assert "302" in reasons["moved.png"]
    assert "not a public one" in reasons["inside.png"]


def test_the_config_is_what_the_operator_documentation_says() -> None:
    assert set(WebhookConfig.__struct_fields__) == {"secrets", "url", "send_secrets"}
