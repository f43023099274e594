"""The bot against a fake Bot API: polling, webhooks, sending, files, refusals, and answers that never come."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from connectors import pollers
from connectors.channel import Channel
from connectors.contract import NeedsOperator
from connectors.host import Host
from connectors.kit.text import utf16_length
from stream import commands as cmd
from stream import reads
from stream.ids import new_token
from stream.model import Attachment, MessageContent
from tests.connectors.ground import ANN, Ground, channel, until
from tests.connectors.telegram.updates import GROUP, member, message, update
from tests.fakes.bot_api import TOKEN, FakeBotApi, Script, refusal


def bot(api: FakeBotApi, **config: Any) -> Channel:
    return channel("bot", "telegram", **{"token": TOKEN, "api": api.url, **config})


async def first(ground: Ground) -> Any:
    async def there() -> Any:
        messages = await ground.messages()
        return messages[0] if messages else None

    return await until(there)


async def hook(host: Host, body: bytes, secret: str = "hush") -> int:
    headers = {"x-telegram-bot-api-secret-token": secret}
    return (await host.hooks.answer("bot", "POST", "/hooks/bot", {}, headers, body)).status


# --- in ----------------------------------------------------------------------------------------------------------


async def test_polling_confirms_what_is_kept(ground: Ground) -> None:
    async with FakeBotApi().serve() as api:
        for number in range(3):
            api.update(message=message(number, text=f"text {number}"))
        async with ground.host(bot(api)):
            await until(lambda: _count(ground, 3))
            api.update(message=message(9, text="later"))
            await until(lambda: _count(ground, 4))
            await until(lambda: _value(api.offsets[-1] == 104))
        assert api.offsets[0] == 0
        assert await reads.checkpoints(ground.journal.store, "bot") == {"updates": "104"}
        api.update(message=message(10, text="while we were away"))
        async with ground.host(bot(api)):
            await until(lambda: _count(ground, 5))
    assert await ground.texts() == ["text 0", "text 1", "text 2", "later", "while we were away"]


async def _count(ground: Ground, count: int) -> bool:
    return len(await ground.messages()) >= count


async def _value(value: object) -> object:
    return value


async def test_polling_survives_what_telegram_does(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pollers, "full_jitter", lambda *_args, **_more: 0.02)
    async with FakeBotApi().serve() as api:
        api.script(
            "getUpdates",
            Script(drop=True),
            refusal(429, "Too Many Requests: retry after 0", retry_after=0.05),
            Script(status=502, body=b"<html>Bad Gateway"),
            Script(status=200, body=b"{"),
            refusal(409, "Conflict: terminated by other getUpdates request"),
        )
        api.update(message=message(text="hello"))
        async with ground.host(bot(api)):
            await until(lambda: _count(ground, 1), 20.0)


async def test_a_webhook_left_behind_is_taken_away_before_polling(ground: Ground) -> None:
    async with FakeBotApi().serve() as api:
        api.webhook = "https://old.example/hook"
        async with ground.host(bot(api)) as host:
            await until(lambda: _value(host.health()[0].state == "connected"))
        assert [asked.method for asked in api.asked] == ["getWebhookInfo", "deleteWebhook"]
        assert api.webhook == ""


async def test_webhooks_are_registered_and_verified(ground: Ground) -> None:
    async with FakeBotApi().serve() as api:
        config = {"mode": "webhook", "secrets": ["hush", "older"]}
        async with ground.host(bot(api, **config), public_url="https://desk.example") as host:
            await until(lambda: _value(host.health()[0].state == "connected"))
            assert (api.webhook, api.secret) == ("https://desk.example/hooks/bot", "hush")
            assert await hook(host, update(1, message=message(text="one"))) == 200
            assert await hook(host, update(1, message=message(text="one"))) == 200
            assert await hook(host, update(2, message=message(11, text="two")), "older") == 200
            assert await hook(host, update(3, message=message(12, text="three")), "wrong") == 401
            assert await hook(host, b"{}") == 400
            assert "calls our webhook" in await host.probe("bot")
            api.webhook = "https://elsewhere.example"
            with pytest.raises(NeedsOperator, match="is not set to"):
                await host.probe("bot")
        assert api.offsets == []
    assert await ground.texts() == ["one", "two"]


async def test_a_webhook_without_an_address_asks_for_one(ground: Ground) -> None:
    async with FakeBotApi().serve() as api, ground.host(bot(api, mode="webhook", secrets=["hush"])) as host:
        await until(lambda: _value(host.health()[0].state == "needs_operator"))
        assert "public_url" in host.health()[0].reason


async def test_a_wrong_token_asks_for_the_operator(ground: Ground) -> None:
    async with FakeBotApi().serve() as api:
        wrong = channel("bot", "telegram", token="4712:some-other-token", api=api.url)
        async with ground.host(wrong) as host:
            await until(lambda: _value(host.health()[0].state == "needs_operator"))
            assert "Check the token" in host.health()[0].reason
            assert "some-other-token" not in repr(host.health())


async def test_edits_reactions_and_blocking(ground: Ground) -> None:
    async with FakeBotApi().serve() as api:
        api.update(message=message(text="frist"))
        api.update(edited_message=message(text="first", edit_date=1))
        chat = {"id": 501, "type": "private"}
        api.update(
            message_reaction={
                "chat": chat, "message_id": 10, "user": {"id": 501, "is_bot": False, "first_name": "Ada"}, "date": 1,
                "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}],
            }
        )  # fmt: skip
        api.update(my_chat_member=member("kicked"))
        async with ground.host(bot(api)):
            await until(lambda: _value(api.offsets and api.offsets[-1] == 104))
    (row,) = await ground.messages()
    assert (await ground.content(row.id)).text == "first"
    assert [reaction.emoji for reaction in row.reactions] == ["👍"]
    conversation = await reads.conversation(ground.journal.store, row.conversation)
    assert conversation is not None
    identity = await reads.identity(ground.journal.store, conversation.identity)
    assert identity is not None
    assert identity.stopped


async def test_a_photo_is_fetched_after_its_message(ground: Ground) -> None:
    async with FakeBotApi().serve() as api:
        api.files["p1"] = b"\xff\xd8\xff picture"
        api.update(
            message=message(
                caption="Look",
                photo=[{"file_id": "p1", "file_unique_id": "u", "width": 1, "height": 1, "file_size": 9}],
            )
        )
        async with ground.host(bot(api)):
            row = await first(ground)

            async def there() -> Any:
                return (await ground.content(row.id)).attachments

            (file,) = await until(there)
    assert (file.name, file.content_type) == ("photo.jpg", "image/jpeg")
    assert await ground.blobs.read(file.blob, 100) == b"\xff\xd8\xff picture"


# --- out ---------------------------------------------------------------------------------------------------------


async def _answering(ground: Ground, api: FakeBotApi, **fields: Any) -> str:
    """Somebody writes; their conversation."""
    api.update(message=message(**{"text": "hello", **fields}))
    row = await first(ground)
    return str(row.conversation)


async def test_a_reply_reaches_the_chat(ground: Ground) -> None:
    async with FakeBotApi().serve() as api, ground.host(bot(api)):
        conversation = await _answering(ground, api)
        row = await ground.delivery(await ground.reply(conversation, "Hi Ada"), "sent")
        (sent,) = api.sent()
    assert (sent.method, sent.params) == ("sendMessage", {"chat_id": 501, "text": "Hi Ada"})
    assert row.provider_ids == ("501:9001",)


async def test_an_answer_quotes_what_it_answers_once(ground: Ground) -> None:
    async with FakeBotApi().serve() as api, ground.host(bot(api)):
        conversation = await _answering(ground, api, chat=GROUP, message_thread_id=5, is_topic_message=True)
        (question,) = await ground.messages()
        ident = f"msg_{new_token()}"
        command = cmd.Reply(
            token=new_token(),
            conversation=conversation,
            by=ANN,
            message=ident,
            content=MessageContent(text="word " * 1200),
            reply_to=question.id,
        )
        await ground.journal.submit(command)
        await ground.delivery(ident, "sent", seconds=10.0)
        first_part, second_part = api.sent()
    assert first_part.params["reply_parameters"] == {"message_id": 10, "allow_sending_without_reply": True}
    assert "reply_parameters" not in second_part.params
    assert {asked.params["message_thread_id"] for asked in api.sent()} == {5}


async def test_a_long_text_is_split_as_telegram_counts(ground: Ground) -> None:
    async with FakeBotApi().serve() as api, ground.host(bot(api)):
        conversation = await _answering(ground, api)
        await ground.delivery(await ground.reply(conversation, "😀" * 3000), "sent", seconds=10.0)
        parts = [asked.params["text"] for asked in api.sent()]
    assert [utf16_length(part) for part in parts] == [4096, 1904]


async def test_files_go_as_photos_or_documents(ground: Ground) -> None:
    files = []
    for name, kind, content in (
        ("a.png", "image/png", b"png"),
        ("b.pdf", "application/pdf", b"pdf"),
        ("c.png", "image/png", b"odd"),
    ):
        stored = await ground.blobs.put_bytes(content, 10)
        files.append(Attachment(id=f"att_{name}", blob=stored.key, name=name, content_type=kind, size=3))
    async with FakeBotApi().serve() as api, ground.host(bot(api)):
        conversation = await _answering(ground, api)
        ok = {"ok": True, "result": {"message_id": 8001, "date": 1, "chat": {"id": 501, "type": "private"}}}
        api.script("sendPhoto", Script(body=ok), refusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"))
        await ground.delivery(
            await ground.reply(conversation, "", attachments=tuple(files)), "sent", seconds=10.0
        )
        sent = api.sent()
    assert [asked.method for asked in sent] == ["sendPhoto", "sendDocument", "sendPhoto", "sendDocument"]
    assert sent[0].files == {"photo": ("a.png", "image/png", b"png")}
    assert sent[1].files == {"document": ("b.pdf", "application/pdf", b"pdf")}
    assert sent[3].files == {"document": ("c.png", "image/png", b"odd")}
    assert {asked.params["chat_id"] for asked in sent} == {501}


@pytest.mark.parametrize(
    ("script", "state", "says"),
    [
        (refusal(403, "Forbidden: bot was blocked by the user"), "failed", "blocked by the user"),
        (refusal(403, "Forbidden: user is deactivated"), "failed", "deactivated"),
        (refusal(400, "Bad Request: chat not found"), "failed", "chat not found"),
        (Script(drop=True), "unknown", "no whole answer"),
        (Script(status=200, body=b'{"ok": true, "result": {}}'), "unknown", "names none"),
        (Script(status=200, body=b"<html>"), "unknown", "cannot be read"),
    ],
)
async def test_what_goes_wrong_is_shown(ground: Ground, script: Script, state: str, says: str) -> None:
    async with FakeBotApi().serve() as api, ground.host(bot(api)):
        conversation = await _answering(ground, api)
        api.script("sendMessage", script)
        row = await ground.delivery(await ground.reply(conversation), state)
        await asyncio.sleep(0.1)
        assert len(api.sent()) == 1
        found = await reads.conversation(ground.journal.store, conversation)
        assert found is not None
        identity = await reads.identity(ground.journal.store, found.identity)
    assert says in row.error
    assert TOKEN not in row.error
    assert identity is not None
    assert identity.stopped is (says in {"blocked by the user", "deactivated"})


async def test_retry_after_is_obeyed(ground: Ground) -> None:
    async with FakeBotApi().serve() as api, ground.host(bot(api)):
        conversation = await _answering(ground, api)
        api.script(
            "sendMessage",
            refusal(429, "Too Many Requests: retry after 1", retry_after=1),
            refusal(500, "Internal Server Error"),
        )
        started = asyncio.get_running_loop().time()
        await ground.delivery(await ground.reply(conversation), "sent", seconds=10.0)
        assert asyncio.get_running_loop().time() - started >= 1.0
        assert len(api.sent()) == 3


async def test_a_group_that_became_a_supergroup_is_followed(ground: Ground) -> None:
    async with FakeBotApi().serve() as api, ground.host(bot(api)):
        conversation = await _answering(ground, api, chat={"id": -7, "type": "group", "title": "Old"})
        api.script(
            "sendMessage", refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100999)
        )
        row = await ground.delivery(await ground.reply(conversation), "sent")
    assert [asked.params["chat_id"] for asked in api.sent()] == [-7, -100999]
    assert row.provider_ids == ("-100999:9001",)


async def test_typing_is_shown(ground: Ground) -> None:
    async with FakeBotApi().serve() as api, ground.host(bot(api)):
        conversation = await _answering(ground, api)
        await ground.journal.bus.publish(
            "typing",
            msgspec.json.encode(
                {
                    "conversation": conversation,
                    "who": {"kind": "agent", "id": "ann", "name": "Ann"},
                    "on": True,
                }
            ),
        )
        await until(lambda: _value([asked for asked in api.asked if asked.method == "sendChatAction"]))
        action = next(asked for asked in api.asked if asked.method == "sendChatAction")
    assert action.params == {"chat_id": 501, "action": "typing"}


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"token": "nonsense"}, "token"),
        ({"token": TOKEN, "mode": "webhook"}, "at least one secret"),
        ({"token": TOKEN, "secrets": ["has space"]}, "A-Z"),
        ({"token": TOKEN, "api": "nowhere"}, "http or https"),
        ({"token": TOKEN, "mode": "carrier pigeon"}, "mode"),
    ],
)
def test_configurations_that_are_refused(config: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        channel("bot", "telegram", **config)
