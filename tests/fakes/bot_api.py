"""A Bot API server on the loopback interface: records what it is asked, hands out updates, fails as told. No rule of Telegram's is judged here."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from aiohttp import web

from tests.servers.web import web_server

TOKEN = "4711:fake-token-of-the-fake-server"


class Asked(msgspec.Struct, frozen=True):
    """One request: the method, its parameters, and the files by field as (name, type, bytes)."""

    method: str
    params: dict[str, Any]
    files: dict[str, tuple[str, str, bytes]]


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to a request instead of the ordinary answer. `drop`: the connection is cut after `done` (whether it took effect)."""

    status: int = 200
    body: Any = None
    drop: bool = False
    hang: float = 0.0


def refusal(code: int, description: str, **parameters: Any) -> Script:
    """An error as the Bot API writes it."""
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return Script(status=code, body=body)


class FakeBotApi:
    """Start it with `serve()`. `asked` holds every request but getUpdates; `files` are served by getFile under their ids."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.files: dict[str, bytes] = {}
        self.webhook = ""
        self.secret = ""
        self.offsets: list[int] = []
        self._updates: list[dict[str, Any]] = []
        self._arrived = asyncio.Event()
        self._scripts: defaultdict[str, deque[Script]] = defaultdict(deque)
        self._message_ids = itertools.count(9001)
        self._update_ids = itertools.count(100)
        self._heard = asyncio.Event()

    def script(self, method: str, *scripts: Script) -> None:
        """Let the next requests of `method` go so."""
        self._scripts[method].extend(scripts)

    def update(self, **fields: Any) -> dict[str, Any]:
        """Queue an update for getUpdates; its number is added."""
        update = {"update_id": next(self._update_ids), **fields}
        self._updates.append(update)
        self._arrived.set()
        return update

    def sent(self) -> list[Asked]:
        """The messages that were sent."""
        return [
            asked
            for asked in self.asked
            if asked.method.startswith("send") and asked.method != "sendChatAction"
        ]

    async def wait_sent(self, count: int, seconds: float = 30.0) -> list[Asked]:
        """Wait until `count` messages were sent."""
        async with asyncio.timeout(seconds):
            while len(self.sent()) < count:
                self._heard.clear()
                await self._heard.wait()
        return self.sent()

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[FakeBotApi]:
        """Serve until the block ends."""
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_post("/bot{token}/{method}", self._answer)
        application.router.add_get("/file/bot{token}/{path:.+}", self._file)
        async with web_server(application) as port:
            self.url = f"http://127.0.0.1:{port}"
            try:
                yield self
            finally:
                self._arrived.set()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != TOKEN:
            return web.json_response(
                {"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401
            )
        asked = await _asked(request)
        if asked.method != "getUpdates":
            self.asked.append(asked)
            self._heard.set()
        scripts = self._scripts[asked.method]
        if scripts:
            return await self._scripted(request, scripts.popleft())
        return web.json_response({"ok": True, "result": await self._result(asked)})

    async def _scripted(self, request: web.Request, script: Script) -> web.StreamResponse:
        if script.hang:
            await asyncio.sleep(script.hang)
        if script.drop:
            assert request.transport is not None  # it is answered over one
            request.transport.close()
            return web.Response()
        if isinstance(script.body, bytes):
            return web.Response(status=script.status, body=script.body)
        return web.json_response(script.body, status=script.status)

    async def _result(self, asked: Asked) -> Any:
        if asked.method == "getUpdates":
            return await self._poll(asked.params)
        if asked.method == "getMe":
            return {"id": 4711, "is_bot": True, "first_name": "Fake", "username": "fake_bot"}
        if asked.method == "getWebhookInfo":
            return {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": 0}
        if asked.method in {"setWebhook", "deleteWebhook"}:
            self.webhook, self.secret = asked.params.get("url", ""), asked.params.get("secret_token", "")
            return True
        if asked.method == "getFile":
            ident = asked.params["file_id"]
            return {"file_id": ident, "file_unique_id": ident, "file_path": f"files/{ident}"}
        if asked.method == "sendChatAction":
            return True
        chat = {"id": int(asked.params["chat_id"]), "type": "private"}
        return {"message_id": next(self._message_ids), "date": 1_700_000_000, "chat": chat}

    async def _poll(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        offset = params.get("offset", 0)
        self.offsets.append(offset)
        self._updates = [update for update in self._updates if update["update_id"] >= offset]
        if not self._updates:
            self._arrived.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), min(params.get("timeout", 0), 2))
        return self._updates[: params.get("limit", 100)]

    async def _file(self, request: web.Request) -> web.StreamResponse:
        content = self.files.get(request.match_info["path"].removeprefix("files/"))
        return web.Response(status=404) if content is None else web.Response(body=content)


async def _asked(request: web.Request) -> Asked:
    method = request.match_info["method"]
    if request.content_type != "multipart/form-data":
        return Asked(method, await request.json() if request.can_read_body else {}, {})
    params: dict[str, Any] = {}
    files: dict[str, tuple[str, str, bytes]] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = (value.filename, value.content_type, value.file.read())
        else:
            params[name] = _plain(str(value))
    return Asked(method, params, files)


def _plain(value: str) -> Any:
    """Form fields are text; numbers and objects are JSON in them."""
    try:
        return json.loads(value)
    except ValueError:
        return value
