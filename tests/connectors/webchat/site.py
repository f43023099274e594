"""What the widget's tests stand on: a server with one or two processes' connectors, a widget in Python, and a line that can be cut."""

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from connectors.contract import Outbound, PlannedPart
from connectors.webchat.connector import WebchatConnector
from connectors.webchat.front import Timing
from connectors.webchat.settings import WebchatConfig
from connectors.webchat.visitors import Visitor, address
from tests.fakes.chat_stream import ChatSandbox, ChatStream
from tests.servers.web import web_server

Line = aiohttp.ClientWebSocketResponse
FAST = Timing(heartbeat=0.4, hello=2.0, stall=1.0)


@dataclass
class Site:
    """A running server with the widget of channel `site`."""

    base: str
    stream: ChatStream
    sandbox: ChatSandbox
    connector: WebchatConnector
    session: aiohttp.ClientSession

    @property
    def origin(self) -> str:
        """Parley's own origin."""
        return self.base.split("/widget", 1)[0]

    async def reply(self, key: str, text: str, **more: Any) -> None:
        """An agent's reply, all the way."""
        item = self.stream.say(key, text, **more)
        sent = Outbound(id=item.id, to=address(Visitor(key=key)), conversation_key=key, text=text)
        await self.connector.send(sent, PlannedPart(key=f"{item.id}:0", kind="text", text=text))

    @contextlib.asynccontextmanager
    async def line(self, base: str = "", origin: str = "") -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A bare socket."""
        where = base or self.base
        async with self.session.ws_connect(
            f"{where}/socket", headers={"Origin": origin or where.split("/widget", 1)[0]}
        ) as line:
            yield line


@contextlib.asynccontextmanager
async def served(
    config: WebchatConfig | None = None,
    timing: Timing = FAST,
    stream: ChatStream | None = None,
    prefix: str = "/widget/site",
) -> AsyncIterator[Site]:
    """Serve one connector on a free port."""
    world = stream or ChatStream()
    sandbox = ChatSandbox(world)
    connector = WebchatConnector(config or WebchatConfig(), sandbox, timing)
    app = web.Application()
    mounted = web.Application()
    mounted.add_routes(connector.routes())
    app.add_subapp(prefix, mounted)
    await connector.open()
    async with web_server(app) as port, aiohttp.ClientSession() as session:
        try:
            yield Site(f"http://127.0.0.1:{port}{prefix}", world, sandbox, connector, session)
        finally:
            await connector.close()


class CuttingLine:
    """A line to a server that can be cut at any time, or after so many bytes."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._open: set[asyncio.StreamWriter] = set()
        self.cuts = 0
        self.down = False
        self.base = ""

    def cut(self) -> None:
        """Drop every connection without a farewell."""
        self.cuts += bool(self._open)
        for writer in tuple(self._open):
            writer.transport.abort()

    @contextlib.asynccontextmanager
    async def running(self, path: str) -> AsyncIterator["CuttingLine"]:
        """Listen on a free port; `base` is the address through the line."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}"
        try:
            yield self
        finally:
            self.cut()
            server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.down:
                raise ConnectionRefusedError
            out_reader, out_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, out_writer}
        try:
            await asyncio.gather(self._copy(reader, out_writer), self._copy(out_reader, writer))
        finally:
            self._open -= {writer, out_writer}
            writer.transport.abort()
            out_writer.transport.abort()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(4096):
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


class Widget:
    """The widget's side of the protocol in Python: sends in order, resumes with its cursor, shows each item once."""

    def __init__(
        self, site: Site, base: Callable[[], str] | str = "", chance: random.Random | None = None
    ) -> None:
        self._site = site
        self._base = base
        self._chance = chance or random.Random(0)
        self.token = ""
        self.key = ""
        self.shown: dict[str, dict[str, Any]] = {}
        self.order: list[int] = []
        self.cursor = 0
        self.last = ""
        self.pending: list[tuple[str, str]] = []
        self.frames: list[dict[str, Any]] = []
        self.starts = 0
        self._ids = itertools.count()
        self._wake = asyncio.Event()

    def write(self, text: str) -> str:
        """Queue a message; gives its client id."""
        client = f"client-{id(self):x}-{next(self._ids)}"
        self.pending.append((client, text))
        self._wake.set()
        return client

    async def live(self) -> None:
        """Connect and connect again until cancelled."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                base = self._base() if callable(self._base) else self._base
                async with self._site.line(base) as line:
                    await self._serve(line)
            await asyncio.sleep(self._chance.uniform(0.0, 0.02))

    async def _serve(self, line: aiohttp.ClientWebSocketResponse) -> None:
        await line.receive_json()
        who = {"token": self.token} if self.token else {}
        where = {"t": "resume", "n": self.cursor, "id": self.last} if self.cursor else {"t": "start"}
        await line.send_json({**where, **who})
        self._wake.set()
        sender = asyncio.ensure_future(self._send(line))
        try:
            async for message in line:
                self._take(msgspec.json.decode(message.data))
        finally:
            sender.cancel()

    async def _send(self, line: aiohttp.ClientWebSocketResponse) -> None:
        """The oldest message until it is acknowledged, then the next."""
        sent = ""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self.key and self.pending and self.pending[0][0] != sent:
                sent, text = self.pending[0]
                await line.send_json({"t": "send", "client": sent, "text": text})

    def _take(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        match frame["t"]:
            case "started" | "resumed":
                self.starts += 1
                self.token, self.key = frame.get("token", self.token), frame["visitor"]
                self._show(frame.get("items", []))
                self._wake.set()
            case "items":
                assert frame["prev"] == self.cursor, "a gap"
                self._show(frame["items"])
            case "ack" if frame["ok"]:
                self.pending = [one for one in self.pending if one[0] != frame["client"]]
                self._wake.set()

    def _show(self, items: list[dict[str, Any]]) -> None:
        for item in items:
            assert item["n"] > self.cursor, "a repeat"
            assert item["id"] not in self.shown, "a repeat"
            self.shown[item["id"]] = item
            self.order.append(item["n"])
            self.cursor, self.last = item["n"], item["id"]


async def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for a condition; fails when it does not come."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


async def begin(line: Line, **more: Any) -> dict[str, Any]:
    """Say hello; gives the answer."""
    await line.receive_json()
    await line.send_json({"t": "start", **more})
    return dict(await line.receive_json())


async def next_of(line: Line, kind: str) -> dict[str, Any]:
    """The next frame of a kind."""
    async with asyncio.timeout(30):
        while True:
            frame = await line.receive_json()
            if frame["t"] == kind:
                return dict(frame)


async def ended(line: Line) -> int | None:
    """Read until the server closes; gives the code."""
    async with asyncio.timeout(30):
        while not line.closed:
            await line.receive()
    return line.close_code
