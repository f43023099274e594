"""A small server that speaks docs/protocol.md over a FakeWorld, writes down what it is asked, and misbehaves when told to.

It keeps the sessions of one agent, serves the page with the policy that the real server sends, and knows nothing of rights.
"""

import asyncio
import base64
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from tests.inbox.web.fake_world import FakeWorld
from tests.servers.web import web_server

PAGE = Path(__file__).parents[3] / "inbox" / "web"
BUILD = "test"
PASSWORD = "correct horse battery"  # of the fake's only agent
Handler = Callable[[web.Request], Any]
BODY = web.RequestKey("body", object)


def page_html() -> tuple[str, str]:
    """The page with its build id, and the policy that goes with it."""
    html = (PAGE / "index.html").read_text().replace("/ui/0/", f"/ui/{BUILD}/")
    found = re.search(r'<script type="importmap">(.*?)</script>', html, re.DOTALL)
    assert found is not None, "index.html has an import map"
    digest = base64.b64encode(hashlib.sha256(found.group(1).encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return html, policy


async def _pause(pauses: dict[str, float], path: str) -> None:
    for pattern, seconds in pauses.items():
        if re.search(pattern, path):
            await asyncio.sleep(seconds)


class FakeServer:
    """The world over HTTP and a socket. `asked` is every API request; `said` every frame of the page."""

    def __init__(self, world: FakeWorld, login: str = "mara") -> None:
        self.login = login
        self.base = ""
        self.sockets: set[web.WebSocketResponse] = set()
        self.reset(world)

    def reset(self, world: FakeWorld) -> None:
        """Begin again over `world`, with nobody signed in and nothing asked."""
        self.world = world
        self.signed_in = False
        self.must_set_password = False
        self.links: set[str] = set()
        self.password = PASSWORD
        self.settings: dict[str, Any] = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.said: list[dict[str, Any]] = []
        self.sent = 0
        """Up to which number everybody has been told."""
        self.refuse_sockets = False
        self.start_over = ""
        self.fails: list[tuple[str, int, dict[str, Any]]] = []
        """The next request whose path matches the expression answers this status and error."""
        self.slow: dict[str, float] = {}
        """Requests whose path matches are worked on so many seconds later."""
        self.late: dict[str, float] = {}
        """Answers of requests whose path matches are on the way for so many seconds."""
        self.files: dict[str, tuple[str, str, bytes]] = {}

    # --- what tests do to it ---------------------------------------------------------------------------------------

    async def push(self, *frames: dict[str, Any]) -> None:
        """Send frames that were journalled already, or ephemeral ones."""
        for frame in frames:
            self.sent = frame.get("n", self.sent)
            for socket in list(self.sockets):
                with contextlib.suppress(ConnectionError):
                    await socket.send_json(frame)

    async def tell(self, after: int) -> None:
        """Send everything that was journalled after number `after`."""
        await self.push(*[frame for frame in self.world.journal if frame["n"] > after])

    async def cut(self, code: int = 4000) -> None:
        """Close every socket."""
        for socket in list(self.sockets):
            await socket.close(code=code)

    def bodies(self, path: str) -> list[Any]:
        """The bodies of the writing requests to `path` (an expression)."""
        return [body for method, one, body in self.asked if method != "GET" and re.search(path, one)]

    def fail(self, path: str, status: int, **error: Any) -> None:
        """Let the next request to `path` (an expression) fail."""
        self.fails.append((path, status, {"error": {"code": "refused", "message": "No.", **error}}))

    # --- HTTP ------------------------------------------------------------------------------------------------------

    def app(self, add: Callable[[web.Application, "FakeServer"], None]) -> web.Application:
        """The whole server; `add` puts the API's routes in."""
        app = web.Application(client_max_size=64 * 1024 * 1024, middlewares=[self._api])
        app.router.add_get("/", self._page)
        app.router.add_get("/sign-in", self._page)
        app.router.add_get("/ws", self._socket)
        app.router.add_static(f"/ui/{BUILD}/", PAGE)
        from tests.inbox.web import fake_routes  # the routes know the server

        fake_routes.add(app, self)
        return app

    async def _page(self, _: web.Request) -> web.Response:
        html, policy = page_html()
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
        return web.Response(text=html, content_type="text/html", headers=headers)

    @web.middleware
    async def _api(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith("/api/v1/"):
            answer: web.StreamResponse = await handler(request)
            if request.path.startswith("/ui/"):
                answer.headers["Cache-Control"] = "public, max-age=3600, immutable"
            return answer
        path = request.path.removeprefix("/api/v1")
        await self._write_down(request)
        for index, (pattern, status, body) in enumerate(self.fails):
            if re.search(pattern, path):
                del self.fails[index]
                return web.json_response(body, status=status)
        await _pause(self.slow, path)
        if not path.startswith("/session") and not self.signed_in:
            return web.json_response({"error": {"code": "signed_out", "message": "Sign in."}}, status=401)
        if request.method != "GET" and self.signed_in and request.headers.get("X-CSRF-Token") != "csrf-1":
            return web.json_response({"error": {"code": "csrf", "message": "No token."}}, status=403)
        answer = await handler(request)
        answer.headers["Cache-Control"] = "no-store"
        await _pause(self.late, path)
        return answer

    async def _write_down(self, request: web.Request) -> None:
        body = None
        if request.method != "GET" and request.content_type == "application/json":
            body = await request.json()
        self.asked.append((request.method, request.path_qs.removeprefix("/api/v1"), body))
        request[BODY] = body

    def session(self) -> dict[str, Any]:
        """What a sign-in answers."""
        me = self.world.agent_view(self.login)
        return {"me": me, "csrf": "csrf-1", "login": self.login, "must_set_password": self.must_set_password}

    # --- the socket ------------------------------------------------------------------------------------------------

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if self.refuse_sockets:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if not self.signed_in:
            await socket.close(code=4001)
            return socket
        await socket.send_json({"t": "hello", "heartbeat_ms": 25_000, "epoch": self.world.epoch})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                frame = message.json()
                self.said.append(frame)
                await self._answer(socket, frame)
        self.sockets.discard(socket)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["t"] == "start":
            self.sent = self.world.n
            await socket.send_json(self._snapshot())
            self.sockets.add(socket)
        elif frame["t"] == "resume" and self.start_over:
            reason, self.start_over = self.start_over, ""
            await socket.send_json({"t": "start_over", "reason": reason})
        elif frame["t"] == "resume":
            for missed in [one for one in self.world.journal if one["n"] > frame["n"]]:
                await socket.send_json(missed)
            self.sent = self.world.n
            await socket.send_json({"t": "resumed", "n": self.world.n})
            self.sockets.add(socket)

    def _snapshot(self) -> dict[str, Any]:
        world = self.world
        rows = sorted(world.of("conversation"), key=lambda row: -row.updated_at)
        open_rows = [row for row in rows if row.status == "open" or row.assignee == self.login]
        return {
            "t": "snapshot",
            "epoch": world.epoch,
            "n": world.n,
            "me": world.agent_view(self.login),
            "conversations": [world.view(row.id) for row in open_rows[:500]],
            "agents": [world.agent_view(row.id) for row in world.of("agent")],
            "queues": [world.queue_view(ident) for ident in world.queues],
            "channels": world.channels,
            "tags": world.tags,
            "statuses": world.statuses,
            "presence": dict.fromkeys(sorted(world.connected), True),
            "settings": self.settings,
            "more": len(open_rows) > 500,
        }


@contextlib.asynccontextmanager
async def running(
    server: FakeServer, add: Callable[[web.Application, FakeServer], None]
) -> AsyncIterator[FakeServer]:
    """Serve on a free port of the loopback interface until the block ends."""
    async with web_server(server.app(add)) as port:
        server.base = f"http://127.0.0.1:{port}"
        try:
            yield server
        finally:
            await server.cut(1001)
