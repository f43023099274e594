"""The socket and the API on PostgreSQL and Redis: the same words, the same answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from stream.ids import new_token
from tests.inbox.live.client import client
from tests.inbox.live.test_catch_up import second_process
from tests.inbox.live.traffic import Traffic
from tests.inbox.test_contacts import index
from tests.inbox.test_conversations import Api
from tests.inbox.world import World, open_world, serve


@pytest.fixture
async def scaled(tmp_path: Path, postgres_url: str, redis_url: str) -> AsyncIterator[World]:
    async with open_world(tmp_path, store_url=postgres_url, bus_url=redis_url) as world, serve(world):
        yield world


async def test_two_processes_say_the_same(scaled: World) -> None:
    traffic = Traffic(scaled, 3)
    await traffic.prepare()
    async with second_process(scaled) as other, client(scaled, "ada") as here, client(other, "ada") as there:
        for _ in range(60):
            await traffic.step()
        conversation = await scaled.assigned("ada", "last")
        for one in (here, there):
            while conversation not in one.rows or one.rows[conversation].assignee != "ada":
                await one.event("conversation.assigned")
            await one.quiet()
        begun = max(here.snapshot["n"], there.snapshot["n"])
        logs = [[frame["n"] for frame in one.log if frame["n"] > begun] for one in (here, there)]
        assert logs[0] == logs[1]
        assert here.rows == there.rows
        await there.cut()
        there.world = scaled
        await scaled.message("last", "missed")
        assert (await there.resume())["t"] == "resumed"
        await here.send(t="open", conversation=conversation)
        await here.until(lambda frame: frame["t"] == "viewing" and frame["agents"] == ["ada"])


async def test_the_api_works_there_too(scaled: World, http: aiohttp.ClientSession) -> None:
    ada = Api(scaled, http, await scaled.bearer("ada"))
    conversation = await scaled.assigned("ada", "c1", "The invoice is wrong")
    body = {"message": f"msg_{new_token()}", "text": "Hello"}
    assert (await ada("POST", f"/conversations/{conversation}/reply", body))[0] == 201
    for view in ("mine", "unassigned", "all", "snoozed", "resolved", "spam", "mentions"):
        status, answer = await ada("GET", "/conversations", view=view)
        assert status == 200
        assert [row["id"] for row in answer["items"]] == ([conversation] if view in {"mine", "all"} else [])
    await index(scaled)
    _status, found = await ada("GET", "/search", q="invoice")
    assert [hit["conversation"]["id"] for hit in found["items"]] == [conversation]
    contact = await scaled.contact_of(conversation)
    for path in (
        f"/contacts/{contact}",
        f"/contacts/{contact}/timeline",
        f"/conversations/{conversation}/messages",
        f"/conversations/{conversation}/explain",
        "/contacts?q=c1",
        "/queues",
        "/agents",
        "/me/settings",
    ):
        assert (await ada("GET", path))[0] == 200, path
    assert (await http.get(scaled.url("/metrics"))).status == 200
    assert (await http.get(scaled.url("/readyz"))).status == 200
