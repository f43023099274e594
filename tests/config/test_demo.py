"""The demo's own parts: agents begin their shift when seen; customers are bounded, signed and end with their input."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from config.demo import busy
from config.demo.script import PARTS, THANKS
from config.demo.stage import begin_shifts
from stream import reads
from stream.commands import AgentFacts, ApplyConfig, SetStatus
from stream.ids import new_token
from stream.journal import Journal
from stream.model import Author
from tests.config.served import ROOT, environment

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123").decode()


def test_the_script_has_something_in_every_language_and_channel() -> None:
    assert {part.language for part in PARTS} == set(THANKS)
    assert {part.channel for part in PARTS} == {"website", "partner-api", "echo"}
    assert len({part.name for part in PARTS}) == len(PARTS)


# --- shifts


async def test_an_agent_goes_online_when_first_seen_and_their_own_choice_is_kept(journal: Journal) -> None:
    agents = tuple(AgentFacts(agent=name, name=name) for name in ("ann", "ben", "cat"))
    await journal.submit(ApplyConfig(token=new_token(), hash="h", bundle={}, agents=agents))
    away = SetStatus(token=new_token(), agent="ben", status="away", by=Author(kind="agent", id="ben"))
    await journal.submit(away)
    process: Any = SimpleNamespace(
        active=SimpleNamespace(house=SimpleNamespace(agents=agents)),
        bus=journal.bus,
        store=journal.store,
        journal=journal,
    )
    task = asyncio.ensure_future(begin_shifts(process))
    await asyncio.sleep(0)
    hint = msgspec.json.encode({"process": "p", "agents": ["ann", "ben"], "at": 0.0})
    for _ in range(50):
        await journal.bus.publish("presence", hint)
        await asyncio.sleep(0.01)
        if (await reads.agent(journal.store, "ann")).status == "online":  # type: ignore[union-attr]  # it was configured
            break
    found = {agent.id: agent.status for agent in await reads.agents(journal.store)}
    task.cancel()
    assert found == {"ann": "online", "ben": "away", "cat": "offline"}


# --- customers


@pytest.fixture
async def doors() -> AsyncIterator[SimpleNamespace]:
    """Front doors that note who came."""
    seen: list[tuple[str, dict[str, str], bytes]] = []

    async def hook(request: web.Request) -> web.Response:
        seen.append((request.match_info["channel"], dict(request.headers), await request.read()))
        return web.json_response({"ok": True})

    async def socket(request: web.Request) -> web.WebSocketResponse:
        line = web.WebSocketResponse()
        await line.prepare(request)
        async for message in line:
            frame = msgspec.json.decode(message.data)
            seen.append((frame["t"], frame, b""))
            if frame["t"] == "start":
                await line.send_json({"t": "started", "visitor": "v_1", "token": "tok", "items": []})
            if frame["t"] == "send":
                await line.send_json({"t": "items", "items": [{"direction": "out", "text": "hi"}]})
        return line

    app = web.Application()
    app.add_routes([web.post("/hooks/{channel}", hook), web.get("/widget/website/socket", socket)])
    server = TestServer(app)
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        yield SimpleNamespace(base=str(server.make_url("")).rstrip("/"), seen=seen, session=session)
    await server.close()


async def test_webhooks_are_signed_as_standard_webhooks(doors: SimpleNamespace) -> None:
    server = busy.Server(doors.base, busy.Partner(SECRET), doors.session)
    assert await server.signed("partner-api", {"a": 1}) == 200
    channel, headers, body = doors.seen[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b"0123456789abcdef0123", signed, hashlib.sha256).digest()
    assert channel == "partner-api"
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


async def test_a_visitor_says_all_lines_and_comes_back_as_the_same(
    doors: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(busy, "TYPING", (0.0, 0.0))
    part = next(part for part in PARTS if part.channel == "website")
    tokens: dict[str, str] = {}
    server = busy.Server(doors.base, busy.Partner(SECRET), doors.session)
    await asyncio.wait_for(busy.chat(server, part, tokens), 30)
    said = [frame["text"] for kind, frame, _ in doors.seen if kind == "send"]
    assert said == [*part.lines, THANKS[part.language]]
    assert tokens == {part.name: "tok"}
    await asyncio.wait_for(busy.chat(server, part, tokens), 30)
    assert [frame.get("token") for kind, frame, _ in doors.seen if kind == "start"] == [None, "tok"]


async def test_no_more_customers_at_once_than_stated(
    doors: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(busy, "EVERY", (0.0, 0.001))
    under_way = most = 0

    async def customer(*_: object) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.2)
        under_way -= 1

    monkeypatch.setattr(busy, "come", customer)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(
            busy.customers(busy.Server(doors.base, busy.Partner(SECRET), doors.session)), 1.0
        )
    assert most == busy.AT_ONCE


async def test_the_partner_checks_signatures_and_wakes_its_customer(
    aiohttp_session: aiohttp.ClientSession,
) -> None:
    partner = busy.Partner(SECRET)
    listening = bound()
    runner = await partner.listen(listening.detach())
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/messages"
    waiting = asyncio.ensure_future(partner.answer("c1"))
    await asyncio.sleep(0)
    body = msgspec.json.encode({"type": "message.created", "data": {"conversation": "c1", "text": "hi"}})
    headers = {
        "webhook-id": "m",
        "webhook-timestamp": "1",
        "webhook-signature": busy.signature(partner.key, "m", "1", body),
    }
    async with aiohttp_session.post(
        url, data=body, headers={**headers, "webhook-signature": "v1,AAAA"}
    ) as refused:
        assert refused.status == 401
    assert not waiting.done()
    async with aiohttp_session.post(url, data=body, headers=headers) as taken:
        assert taken.status == 204
    assert await waiting
    await runner.cleanup()


async def test_a_customer_of_the_partner_says_the_next_line_once_answered(
    doors: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(busy, "TYPING", (0.0, 0.0))
    part = next(part for part in PARTS if part.channel == "partner-api")
    partner, answers = busy.Partner(SECRET), iter([True, False])

    async def answer(_conversation: str) -> bool:
        return next(answers)

    monkeypatch.setattr(partner, "answer", answer)
    await busy.come(busy.Server(doors.base, partner, doors.session), part, {})
    said = [msgspec.json.decode(body) for _, _, body in doors.seen]
    assert [event["text"] for event in said] == list(part.lines[:2])
    assert {event["conversation"] for event in said} == {f"demo-{part.name.lower()}"}


async def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "PATIENCE", 0.01)
    assert not await busy.Partner(SECRET).answer("c1")


async def test_a_caller_on_the_echo_channel(doors: SimpleNamespace) -> None:
    part = next(part for part in PARTS if part.channel == "echo")
    await busy.come(busy.Server(doors.base, busy.Partner(SECRET), doors.session), part, {})
    channel, _, body = doors.seen[0]
    assert channel == "echo"
    assert msgspec.json.decode(body)["who"] == part.name


@pytest.fixture
async def aiohttp_session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def bound() -> socket.socket:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    return listening


def test_the_program_ends_with_its_input() -> None:
    with bound() as listening:
        listening.listen()
        done = subprocess.run(
            [sys.executable, "-m", "config.demo.busy", "http://127.0.0.1:1", str(listening.fileno()), "busy"],
            env=environment(**{busy.SECRET: SECRET}),
            cwd=ROOT,
            input=b"",
            pass_fds=(listening.fileno(),),
            capture_output=True,
            timeout=30,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")
    assert os.environ.get(busy.SECRET) is None
