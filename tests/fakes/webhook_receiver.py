"""A receiver of Standard Webhooks on the loopback interface: verifies by its own reading of the specification, records, fails as told."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from aiohttp import web

from tests.servers.web import web_server

TOLERANCE = 300


class Received(msgspec.Struct, frozen=True):
    """A genuine request: its `webhook-id`, its headers and its JSON."""

    ident: str
    headers: dict[str, str]
    event: Any


class FakeReceiver:
    """Start it with `serve()`. `answers` are the statuses (with headers) of the next requests; then 204. -1: no answer, cut."""

    def __init__(self, *secrets: str) -> None:
        self._keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
        self.url = ""
        self.received: list[Received] = []
        self.refused: list[str] = []
        self.answers: deque[tuple[int, dict[str, str]]] = deque()
        self._heard = asyncio.Event()

    def kept(self) -> dict[str, Any]:
        """What a receiver has that keeps to the standard: each id once."""
        return {received.ident: received.event for received in self.received}

    async def wait(self, count: int, seconds: float = 30.0) -> list[Received]:
        """Wait for `count` genuine requests."""
        async with asyncio.timeout(seconds):
            while len(self.received) < count:
                self._heard.clear()
                await self._heard.wait()
        return self.received

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[FakeReceiver]:
        """Serve until the block ends."""
        application = web.Application(client_max_size=16 * 1024 * 1024)
        application.router.add_post("/in", self._in)
        async with web_server(application) as port:
            self.url = f"http://127.0.0.1:{port}/in"
            yield self

    async def _in(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        reason = self._wrong(request, body)
        if reason:
            self.refused.append(reason)
            return web.Response(status=401)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(request.headers["webhook-id"], headers, msgspec.json.decode(body)))
        self._heard.set()
        status, more = self.answers.popleft() if self.answers else (204, {})
        if status < 0:
            assert request.transport is not None  # it is answered over one
            request.transport.close()
            return web.Response()
        return web.Response(status=status, headers=more)

    def _wrong(self, request: web.Request, body: bytes) -> str:
        ident, stamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
        if not ident or "." in ident or not stamp.isdigit():
            return "headers"
        if abs(time.time() - int(stamp)) > TOLERANCE:
            return "stale"
        content = ident.encode() + b"." + stamp.encode() + b"." + body
        good = {
            base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode() for key in self._keys
        }
        given = [
            part.removeprefix("v1,")
            for part in request.headers.get("webhook-signature", "").split()
            if part.startswith("v1,")
        ]
        return "" if good & set(given) else "signature"
