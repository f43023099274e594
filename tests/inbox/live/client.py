"""An agent's page reduced to its socket: keeps the cursor as docs/protocol.md says, folds what it is told, and notices every gap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec

from stream.events import AnyEvent, ConversationEvent
from stream.fold import fold_row
from stream.model import Conversation
from tests.inbox.world import World

Frame = dict[str, Any]
_event = msgspec.json.Decoder(AnyEvent)


class Gap(AssertionError):
    """A number was missed or came twice."""


class Client:
    """One agent. `n` and `epoch` are the cursor, `rows` the folded state, `log` all numbered frames ever taken."""

    def __init__(self, world: World, headers: dict[str, str]) -> None:
        self.world = world
        self.headers = headers
        self.n = 0
        self.epoch = ""
        self.rows: dict[str, Conversation] = {}
        self.log: list[Frame] = []
        self.others: list[Frame] = []
        self.snapshot: Frame = {}
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        self.session: aiohttp.ClientSession | None = None

    async def connect(self, **more: str) -> Frame:
        """Open the socket; answers the hello."""
        self.session = aiohttp.ClientSession()
        try:
            self.socket = await self.session.ws_connect(
                self.world.url("/ws"), headers={**self.headers, **more}, max_msg_size=0
            )
        except aiohttp.WSServerHandshakeError:
            await self.session.close()
            raise
        return await self.frame()

    async def start(self) -> Frame:
        """Connect and take the snapshot."""
        if self.socket is None:
            await self.connect()
        await self.send(t="start")
        return await self.until(lambda frame: frame["t"] == "snapshot")

    async def resume(self, *opened: str) -> Frame:
        """Connect and resume; answers `resumed` or `start_over`."""
        if self.socket is None:
            await self.connect()
        await self.send(t="resume", epoch=self.epoch, n=self.n, open=list(opened))
        return await self.until(lambda frame: frame["t"] in {"resumed", "start_over"})

    async def send(self, **frame: Any) -> None:
        """Say something."""
        assert self.socket is not None
        await self.socket.send_str(msgspec.json.encode(frame).decode())

    async def do(self, verb: str, conversation: str, **fields: Any) -> Frame:
        """Do it; answers `done`."""
        ident = f"c{len(self.others)}"
        await self.send(t="do", id=ident, verb=verb, conversation=conversation, **fields)
        return await self.until(lambda frame: frame["t"] == "done" and frame["id"] == ident)

    async def frame(self, seconds: float = 30.0) -> Frame:
        """The next frame, taken into the state. Raises `ConnectionError` with the close code when there is none any more."""
        assert self.socket is not None
        message = await self.socket.receive(seconds)
        if message.type != aiohttp.WSMsgType.TEXT:
            raise ConnectionError(self.socket.close_code)
        frame: Frame = msgspec.json.decode(message.data)
        self.take(frame)
        return frame

    async def until(self, wanted: Callable[[Frame], bool], seconds: float = 30.0) -> Frame:
        """Frames until one that is wanted."""
        async with asyncio.timeout(seconds):
            while True:
                frame = await self.frame(seconds)
                if wanted(frame):
                    return frame

    async def event(self, kind: str) -> Frame:
        """Frames until an event of this type."""
        return await self.until(lambda frame: frame["t"] == "event" and frame["event"]["type"] == kind)

    async def quiet(self, seconds: float = 0.3) -> list[Frame]:
        """Everything that comes until nothing has come for a while."""
        found = []
        try:
            while True:
                found.append(await self.frame(seconds))
        except TimeoutError:
            return found

    async def code(self, seconds: float = 30.0) -> int | None:
        """Read on until the server closes; its code."""
        assert self.socket is not None
        async with asyncio.timeout(seconds):
            try:
                while True:
                    await self.frame(seconds)
            except ConnectionError:
                return self.socket.close_code

    def stop_reading(self) -> None:
        """From now on the client takes nothing from its line."""
        assert self.socket is not None
        connection = self.socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.pause_reading()

    async def cut(self) -> None:
        """The line drops without a word."""
        if self.socket is not None and self.session is not None:
            connection = self.socket._response.connection
            if connection is not None and connection.transport is not None:
                connection.transport.abort()
            self.socket._response.close()
            await self.session.close()
        self.socket = self.session = None

    # --- the client's rules

    def take(self, frame: Frame) -> None:
        """What a page does with a frame."""
        kind = frame["t"]
        if kind == "event":
            self._event(frame)
        elif kind == "snapshot":
            self.snapshot, self.epoch, self.n = frame, frame["epoch"], frame["n"]
            self.rows = {row["id"]: as_row(row) for row in frame["conversations"]}
        elif kind in {"resumed", "beat"}:
            if frame["n"] < self.n:
                raise Gap(f"{kind} goes back from {self.n} to {frame['n']}")
            self.n = frame["n"]
        else:
            self.others.append(frame)

    def _event(self, frame: Frame) -> None:
        if frame["prev"] != self.n or frame["n"] <= self.n:
            raise Gap(f"at {self.n}: got {frame['n']} after {frame['prev']}")
        self.n = frame["n"]
        self.log.append(frame)
        event: AnyEvent = _event.decode(msgspec.json.encode(frame["event"]))
        if not isinstance(event, ConversationEvent):
            return
        known = self.rows.get(event.conversation)
        if frame.get("gone"):
            self.rows.pop(event.conversation, None)
        elif "conversation" in frame:
            self.rows[event.conversation] = as_row(frame["conversation"])
        elif known is not None and event.version > known.version:
            assert event.version == known.version + 1, "an event of a visible conversation was missed"
            row = fold_row(("conversation", event.conversation), known, event, frame["at"])
            assert isinstance(row, Conversation)
            self.rows[event.conversation] = row


def as_row(view: Frame) -> Conversation:
    """A view without what was put in."""
    return msgspec.convert(view, Conversation)


def types(frames: list[Frame]) -> list[str]:
    """The events' types."""
    return [frame["event"]["type"] for frame in frames if frame["t"] == "event"]


@asynccontextmanager
async def client(world: World, login: str, *, start: bool = True) -> AsyncIterator[Client]:
    """A connected (and started) client of `login`."""
    found = Client(world, await world.bearer(login))
    try:
        if start:
            await found.start()
        yield found
    finally:
        await found.cut()
