"""The demo's outside world: the partner who takes the partner channel's messages, and (`busy`) customers.

They use the real front doors only: chat sockets of the widget, signed webhooks both ways, and the echo channel. A program of its own
(`python -m config.demo.busy URL FD busy|quiet`, the webhook secret in the environment) that imports nothing of Parley but its script. The
rate is bounded, the customers are always the same few, and it ends with the server: when its standard input does.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import itertools
import json
import os
import random
import socket
import sys
import time
import uuid
from typing import Any

import aiohttp
from aiohttp import web

from config.demo.script import PARTS, THANKS, Part

SECRET = "PARLEY_DEMO_WEBHOOK_SECRET"  # noqa: S105  # the variable's name
EVERY = (3.0, 6.0)
"""Seconds between two customers who begin."""
AT_ONCE = 8
PATIENCE = 180.0
TYPING = (1.5, 4.0)
LONGEST_PAUSE = 60.0


def signature(key: bytes, ident: str, stamp: str, body: bytes) -> str:
    """What Standard Webhooks 1.0 puts into `webhook-signature`."""
    digest = hmac.new(key, f"{ident}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


class Partner:
    """Takes what agents write on the partner channel, and hands it to the customer of that conversation, if one waits."""

    def __init__(self, secret: str) -> None:
        self.key = base64.b64decode(secret.removeprefix("whsec_"))
        self._waiting: dict[str, asyncio.Event] = {}

    async def take(self, request: web.Request) -> web.Response:
        """Check one message as a real partner would."""
        body = await request.read()
        ident, stamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
        given = request.headers.get("webhook-signature", "").split()
        if not any(hmac.compare_digest(signature(self.key, ident, stamp, body), one) for one in given):
            return web.Response(status=401)
        event = self._waiting.get(json.loads(body)["data"]["conversation"])
        if event is not None:
            event.set()
        return web.Response(status=204)

    async def answer(self, conversation: str) -> bool:
        """Wait for an agent's message in this conversation; false when patience is over."""
        event = self._waiting[conversation] = asyncio.Event()
        try:
            async with asyncio.timeout(PATIENCE):
                return await event.wait()
        except TimeoutError:
            return False
        finally:
            del self._waiting[conversation]

    async def listen(self, descriptor: int) -> web.AppRunner:
        """Serve on a socket that is bound already."""
        app = web.Application(client_max_size=16 * 1024**2)
        app.add_routes([web.post("/messages", self.take)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.SockSite(runner, socket.socket(fileno=descriptor)).start()
        return runner


class Server:
    """The front doors of one Parley."""

    def __init__(self, base: str, partner: Partner, session: aiohttp.ClientSession) -> None:
        self.base = base
        self.partner = partner
        self._session = session

    async def signed(self, channel: str, event: dict[str, Any]) -> int:
        """Post one event as Standard Webhooks 1.0; the status."""
        body, ident, now = json.dumps(event).encode(), f"evt_{uuid.uuid4().hex}", str(int(time.time()))
        headers = {
            "webhook-id": ident,
            "webhook-timestamp": now,
            "webhook-signature": signature(self.partner.key, ident, now, body),
        }
        return await self._post(channel, body, headers)

    async def plain(self, channel: str, event: dict[str, Any]) -> int:
        """Post one event to a channel without signatures; the status."""
        return await self._post(channel, json.dumps(event).encode(), {})

    async def _post(self, channel: str, body: bytes, headers: dict[str, str]) -> int:
        headers["Content-Type"] = "application/json"
        async with self._session.post(f"{self.base}/hooks/{channel}", data=body, headers=headers) as answer:
            return answer.status

    def chat(self, channel: str) -> Any:
        """A socket of the widget."""
        url = f"{self.base}/widget/{channel}/socket"
        return self._session.ws_connect(url, headers={"Origin": self.base}, heartbeat=30.0)


async def write(server: Server, part: Part) -> None:
    """A customer of the partner: writes, and answers each reply with the next line."""
    person = {"id": part.name.lower(), "name": part.name}
    conversation = f"demo-{person['id']}"
    for line in (*part.lines, THANKS[part.language]):
        event = {
            "type": "message",
            "id": uuid.uuid4().hex,
            "conversation": conversation,
            "from": person,
            "text": line,
        }
        await server.signed(part.channel, {**event, "language": part.language})
        if not await server.partner.answer(conversation):
            return
        await asyncio.sleep(random.uniform(*TYPING))  # noqa: S311  # a pause, not a secret


async def call(server: Server, part: Part) -> None:
    """A customer of the echo channel, on which nothing is heard back: one line each time they come."""
    line = random.choice(part.lines)  # noqa: S311  # a choice, not a secret
    await server.plain(part.channel, {"id": uuid.uuid4().hex, "who": part.name, "text": line})


async def chat(server: Server, part: Part, tokens: dict[str, str]) -> None:
    """A visitor of the website: writes, waits for an answer, answers it with the next line. Comes back as the same visitor."""
    async with server.chat(part.channel) as line:
        start = {"t": "start", "name": part.name, "language": part.language}
        await line.send_json(start | ({"token": tokens[part.name]} if part.name in tokens else {}))
        said = itertools.chain(part.lines, [THANKS[part.language]])
        await _say(line, next(said))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await _answer(line, said, part, tokens)


async def _answer(
    line: aiohttp.ClientWebSocketResponse, said: Any, part: Part, tokens: dict[str, str]
) -> None:
    async for message in line:
        if message.type is not aiohttp.WSMsgType.TEXT:
            return
        frame = json.loads(message.data)
        if frame.get("t") == "started" and "token" in frame:
            tokens[part.name] = frame["token"]
        if frame.get("t") == "items" and any(
            item.get("direction") == "out" for item in frame.get("items", [])
        ):
            words = next(said, None)
            if words is None:
                return
            await _say(line, words)


async def _say(line: aiohttp.ClientWebSocketResponse, text: str) -> None:
    await line.send_json({"t": "typing", "on": True})
    await asyncio.sleep(random.uniform(*TYPING))  # noqa: S311  # a pause, not a secret
    await line.send_json({"t": "send", "client": uuid.uuid4().hex, "text": text})


async def come(server: Server, part: Part, tokens: dict[str, str]) -> None:
    """One customer by the way that is theirs."""
    if part.channel == "website":
        await chat(server, part, tokens)
    elif part.channel == "echo":
        await call(server, part)
    else:
        await write(server, part)


async def customers(server: Server) -> None:
    """One customer after the other, for ever; a server that does not answer is asked less and less often."""
    tokens: dict[str, str] = {}
    under_way: dict[asyncio.Task[None], str] = {}
    pause = 1.0
    for part in itertools.cycle(PARTS):
        await asyncio.sleep(random.uniform(*EVERY))  # noqa: S311  # a pause, not a secret
        finished = [task for task in under_way if task.done()]
        failed = any(isinstance(task.exception(), aiohttp.ClientError | OSError) for task in finished)
        for task in finished:
            under_way.pop(task)
        pause = min(pause * 2, LONGEST_PAUSE) if failed else 1.0
        if failed:
            await asyncio.sleep(pause)
        if len(under_way) < AT_ONCE and part.name not in under_way.values():
            under_way[asyncio.ensure_future(come(server, part, tokens))] = part.name


async def until_input_ends() -> None:
    """Wait for the end of standard input: the server has gone, however it went."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    await reader.read()


async def main(base: str, descriptor: int, secret: str, *, busy: bool) -> None:
    """The partner, and customers if it is `busy`, until the server has gone."""
    partner = Partner(secret)
    runner = await partner.listen(descriptor)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30.0)) as session:
        coming = asyncio.ensure_future(
            customers(Server(base, partner, session)) if busy else asyncio.sleep(0)
        )
        try:
            await until_input_ends()
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
            await runner.cleanup()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(
            main(sys.argv[1].rstrip("/"), int(sys.argv[2]), os.environ[SECRET], busy=sys.argv[3] == "busy")
        )
