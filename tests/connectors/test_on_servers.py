"""The same ways in and out on PostgreSQL and Redis: what the host asks of the store and the bus works there too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.contract import TryLater
from stream.blobs import open_blobs
from stream.bus import open_bus
from stream.journal import Journal
from stream.outbox import claim
from stream.store import open_store
from tests.connectors.ground import SECRET, Ground, channel, event, post, shop, until
from tests.connectors.telegram.updates import message
from tests.connectors.told import connector, conversation, told
from tests.fakes.bot_api import TOKEN, FakeBotApi
from tests.fakes.webhook_receiver import FakeReceiver


@pytest.fixture
async def ground(tmp_path: Path, postgres_url: str, redis_url: str) -> AsyncIterator[Ground]:
    """An empty installation, scaled out."""
    store, bus = open_store(postgres_url), open_bus(redis_url)
    await store.open()
    await bus.open()
    journal = Journal(store, bus)
    await journal.open()
    yield Ground(journal, open_blobs(f"file://{tmp_path}/blobs"))
    await journal.close()
    await bus.close()
    await store.close()


async def test_there_and_back(ground: Ground) -> None:
    async with FakeReceiver(SECRET).serve() as receiver, ground.host(shop(url=receiver.url)) as host:
        answers = await asyncio.gather(*(post(host, event()) for _time in range(20)))
        assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
        (row,) = await ground.messages()
        await ground.delivery(await ground.reply(row.conversation, "On its way!"), "sent")
        assert receiver.received[0].event["data"]["text"] == "On its way!"


async def test_polling_and_files(ground: Ground) -> None:
    async with FakeBotApi().serve() as api:
        api.files["p1"] = b"picture"
        api.update(
            message=message(
                caption="Look", photo=[{"file_id": "p1", "width": 1, "height": 1, "file_size": 7}]
            )
        )
        api.update(
            edited_message=message(
                caption="Look here", edit_date=1, photo=[{"file_id": "p1", "width": 1, "height": 1}]
            )
        )
        async with ground.host(channel("bot", "telegram", token=TOKEN, api=api.url)):

            async def there() -> bool:
                rows = await ground.messages()
                return bool(rows) and bool((await ground.content(rows[0].id)).attachments)

            await until(there, 10.0)
    (row,) = await ground.messages()
    assert row.source_key == "msg:501:10"


async def test_lanes_outages_and_dead_workers(ground: Ground) -> None:
    async with ground.host(told(hold=0.5)) as host:
        idents = [await conversation(ground, host, f"c{number}") for number in range(6)]
        for ident in idents:
            await ground.delivery(await ground.reply(ident, "well"), "sent")
        connector(host).doing[""].extend([TryLater("No connection.")] * 100)
        messages = [await ground.reply(ident) for ident in idents]
        for ident in messages:
            await ground.delivery(ident, "failed", seconds=20.0)
    left = await ground.reply(idents[0])
    assert len(await claim(ground.journal.store, "dead", ["lab"], time.time(), 10, 3600.0)) == 1
    async with ground.host(told()) as host:
        assert await host.outbox.recover(float("inf")) == 1
        await ground.delivery(left, "unknown")
