"""The echo channel: what comes in by curl is a conversation, what an agent answers is accepted."""

from __future__ import annotations

import json

from stream import reads
from tests.connectors.ground import Ground, answered, channel

ECHO = channel("tryout", "echo")


async def test_there_and_back(ground: Ground) -> None:
    async with ground.host(ECHO) as host:
        body = json.dumps({"id": "1", "who": "ada", "text": "Hello", "more": "passed over"}).encode()
        answer = await host.hooks.answer("tryout", "POST", "/hooks/tryout", {}, {}, body)
        assert answer.status == 200
        (message,) = await ground.messages()
        row = await ground.delivery(await ground.reply(message.conversation, "Hi Ada"), "delivered")
    assert row.provider_ids == (f"{row.id}:0",)
    conversation = await reads.conversation(ground.journal.store, message.conversation)
    assert conversation is not None
    assert conversation.connector == "echo"


async def test_a_missing_field_is_named(ground: Ground) -> None:
    async with ground.host(ECHO) as host:
        answer = await host.hooks.answer(
            "tryout", "POST", "/hooks/tryout", {}, {}, b'{"id": "1", "who": "ada"}'
        )
    assert (answer.status, answered(answer)["error"]["field"]) == (400, "text")


async def test_a_long_answer_goes_in_parts(ground: Ground) -> None:
    async with ground.host(ECHO) as host:
        body = json.dumps({"id": "1", "who": "ada", "text": "Hello"}).encode()
        await host.hooks.answer("tryout", "POST", "/hooks/tryout", {}, {}, body)
        (message,) = await ground.messages()
        row = await ground.delivery(await ground.reply(message.conversation, "word " * 500), "delivered")
    assert len(row.provider_ids) == 3
