"""Busy customers for the demo, through the real front doors only: chat sockets of the widget, signed webhooks, and the echo channel.

A program of its own (`python -m config.demo.busy URL`, the webhook secret in the environment). It imports nothing of Parley but its own
script. The rate is bounded, the customers are always the same few, and it ends with the server: when its standard input does.
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
import sys
import time
import uuid
from typing import Any

import aiohttp

from config.demo.script import PARTS, THANKS, Part

SECRET = "PARLEY_DEMO_WEBHOOK_SECRET"  # noqa: S105  # the variable's name
EVERY = (3.0, 6.0)
"""Seconds between two customers who begin."""
AT_ONCE = 8
PATIENCE = 180.0
TYPING = (1.5, 4.0)
LONGEST_PAUSE = 60.0


class Server:
    """The front doors of one Parley."""

    def __init__(self, base: str, secret: str, session: aiohttp.ClientSession) -> None:
        self.base = base
        self._key = base64.b64decode(secret.removeprefix("whsec_"))
        self._session = session

    async def signed(self, channel: str, event: dict[str, Any]) -> int:
        """Post one event as Standard Webhooks 1.0; the status."""
        body, ident, now = json.dumps(event).encode(), f"evt_{uuid.uuid4().hex}", str(int(time.time()))
        digest = hmac.new(self._key, f"{ident}.{now}.".encode() + body, hashlib.sha256).digest()
        headers = {
            "webhook-id": ident,
            "webhook-timestamp": now,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
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
    """A customer who writes by an API: nothing comes back on these channels, so all is said with pauses."""
    for line in part.lines:
        ident = uuid.uuid4().hex
        if part.channel == "echo":
            await server.plain("echo", {"id": ident, "who": part.name, "text": line})
        else:
            person = {"id": part.name.lower(), "name": part.name}
            event = {
                "type": "message",
                "id": ident,
                "conversation": f"demo-{person['id']}",
                "from": person,
                "text": line,
            }
            await server.signed(part.channel, {**event, "language": part.language})
        await asyncio.sleep(random.uniform(*EVERY) * 5)  # noqa: S311  # a pause, not a secret


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
        if frame.get("t") == "started" and "token" in frame.get("visitor", {}):
            tokens[part.name] = frame["visitor"]["token"]
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
            work = chat(server, part, tokens) if part.channel == "website" else write(server, part)
            under_way[asyncio.ensure_future(work)] = part.name


async def until_input_ends() -> None:
    """Wait for the end of standard input: the server has gone, however it went."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    await reader.read()


async def main(base: str, secret: str) -> None:
    """Customers until the server has gone."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30.0)) as session:
        coming = asyncio.ensure_future(customers(Server(base, secret, session)))
        try:
            await until_input_ends()
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1].rstrip("/"), os.environ[SECRET]))
