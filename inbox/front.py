"""The front of the port: plain webhook requests are answered here, on a bare protocol; every other connection is aiohttp's from its first head.

A general HTTP server's share of a webhook is larger than ours, so the one shape that every provider sends (POST /hooks/{channel}, HTTP/1.1,
Content-Length, a small body) is read with a few splits. Whatever differs in any way (another method, chunks, Expect, a query, a large body,
an unknown channel, a header line that is not plain) is handed on unread: nothing is decided here that aiohttp would decide otherwise.
What aiohttp has no bounds for is bounded here: how many connections there are, how long a first head may take and how large it may be.
RFC 9112 sections 2 to 6; a message with more than one Content-Length, or with Transfer-Encoding, is never framed here.
"""

from __future__ import annotations

import asyncio
import re
import resource
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

import msgspec
import structlog

from inbox.ports import HookAnswer, HookRequest

MAX_HEAD = 16_384
LARGEST_HEAD = 65_536
"""Of a request that is handed on."""
MAX_LINES = 64
MAX_BODY = 65_536
MAX_CONNECTIONS = 8_192
FILES = 256
"""Descriptors that are left for everything else than connections."""
IDLE_SECONDS = 75.0
REQUEST_SECONDS = 30.0
SWEEP_SECONDS = 5.0
LEAVE_SECONDS = 5.0
_START = b"POST /hooks/"
_REQUEST = re.compile(rb"POST (/hooks/([A-Za-z0-9_.-]{1,128})) HTTP/1\.1")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_HERE = frozenset({"transfer-encoding", "expect", "upgrade", "connection", "te", "content-encoding"})
log = structlog.get_logger(__name__)

Take = Callable[[HookRequest], Awaitable[HookAnswer]]
Fits = Callable[[str], int]
"""The largest body that a channel takes, in bytes; 0 for an unknown channel."""


class Head(msgspec.Struct, frozen=True):
    """A request's head; header names are in lower case."""

    path: str
    channel: str
    headers: dict[str, str]
    length: int


def read_head(head: bytes) -> Head | None:
    """The head without its empty line; None unless it is of the one shape that is answered here."""
    lines = head.split(b"\r\n")
    request = _REQUEST.fullmatch(lines[0])
    if request is None or len(lines) > MAX_LINES or not head.isascii() or b"\0" in head:
        return None
    headers: dict[str, str] = {}
    for line in lines[1:]:
        given, colon, value = line.decode("ascii").partition(":")
        name = _plain_name(given)
        if not colon or not name or name in headers or "\n" in value or "\r" in value:
            return None
        headers[name] = value.strip(" \t")
    length = headers.get("content-length", "")
    if not length.isdigit() or len(length) > 9 or "host" not in headers:
        return None
    return Head(request[1].decode(), request[2].decode(), headers, int(length))


@lru_cache(maxsize=1_024)
def _plain_name(given: str) -> str:
    """A header's name in lower case; "" for one that is not read here."""
    name = given.lower()
    return "" if name in _NOT_HERE or _NAME.fullmatch(name) is None else name


class Front:
    """One per port. `http` makes aiohttp's protocol for a connection; `take` answers a webhook, `fits` knows the channels.

    `others` tells how many connections aiohttp has.
    """

    def __init__(
        self,
        http: Callable[[], asyncio.Protocol],
        take: Take,
        fits: Fits,
        *,
        others: Callable[[], int] = lambda: 0,
    ) -> None:
        self.http = http
        self.take = take
        self.fits = fits
        self.connections: set[Connection] = set()
        self.closing = False
        self._others = others
        self._most = max(FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - FILES)
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    def full(self) -> bool:
        """Whether there are as many connections as there may be."""
        return len(self.connections) + self._others() >= min(MAX_CONNECTIONS, self._most)

    async def listen(self, host: str, port: int) -> int:
        """Begin; the real port. Raises `OSError`."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), host, port, backlog=1024)
        self._sweeper = loop.create_task(self._sweep(), name="front-sweep")
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Take no new connections, close the idle ones, let those that have a request under way answer it."""
        self.closing = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.end_when_idle()
        busy = [connection.work for connection in self.connections if connection.work is not None]
        if busy:
            await asyncio.wait(busy, timeout=LEAVE_SECONDS)
        for connection in list(self.connections):
            connection.abort()

    async def _sweep(self) -> None:
        """Close what has been idle, or in the middle of a request, for too long."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now = asyncio.get_running_loop().time()
            for connection in list(self.connections):
                if connection.overdue(now):
                    connection.abort()


class Connection(asyncio.Protocol):
    """One connection, until it turns out to be somebody else's."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._head: Head | None = None
        self._start = 0
        self.work: asyncio.Task[None] | None = None
        self._since = self._loop.time()
        self._unread = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; one too many is told to come later."""
        self._transport = transport  # type: ignore[assignment] # a stream's transport, also uvloop's, which has another base
        if self._front.closing:
            self._hand_on()
        elif self._front.full():
            self._refuse(503)
        else:
            self._front.connections.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        """It is gone. What is under way is finished: it may be committed already."""
        self._transport = None
        self._front.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        """Gather a request; answer it once it is whole, one at a time."""
        if not self._buffer:
            self._since = self._loop.time()
        self._buffer = self._buffer + data if self._buffer else data
        if self.work is None and not self._unread:
            self._go_on()
        elif len(self._buffer) > MAX_HEAD + MAX_BODY and self._transport is not None:
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        """The client does not take its answers: no further ones are made."""
        self._unread = True

    def resume_writing(self) -> None:
        """It has taken them."""
        self._unread = False
        if self.work is None:
            self._next()

    def _go_on(self) -> None:
        if self._head is None:
            if not self._buffer.startswith(_START[: len(self._buffer)]):
                self._not_ours()
                return
            self._start = self._buffer.find(b"\r\n\r\n") + 4
            if self._start < 4:
                if len(self._buffer) > LARGEST_HEAD:
                    self._refuse(431)
                return
            self._head = self._plain()
            if self._head is None:
                self._hand_on()
                return
        end = self._start + self._head.length
        if len(self._buffer) >= end:
            head, body = self._head, self._buffer[self._start : end]
            self._head, self._buffer = None, self._buffer[end:]
            self.work = self._loop.create_task(self._answer(head, body))

    def _not_ours(self) -> None:
        """Hand it on once its head is whole, or when it cannot become one: for a head aiohttp would wait without end."""
        begun = self._buffer.lstrip(b"\r\n")
        if b"\r\n\r\n" in begun or (begun and not begun[:1].isalpha()):
            self._hand_on()
        elif len(self._buffer) > LARGEST_HEAD:
            self._refuse(431)

    def _plain(self) -> Head | None:
        head = read_head(self._buffer[: self._start - 4]) if self._start <= MAX_HEAD else None
        if head is None or head.length > min(MAX_BODY, self._front.fits(head.channel)):
            return None
        return head

    async def _answer(self, head: Head, body: bytes) -> None:
        request = HookRequest(
            channel=head.channel, method="POST", path=head.path, query={}, headers=head.headers, body=body
        )
        try:
            answer = await self._front.take(request)
        except Exception:
            log.exception("request_defect", method="POST", route="/hooks/{channel}")
            answer = HookAnswer(status=500)
        self.work = None
        if self._transport is None:
            return
        last = self._front.closing or answer.status == 500
        self._transport.write(written(answer, last=last))
        self._since = self._loop.time()
        if last:
            self._transport.close()
            return
        if not self._unread:
            self._next()

    def _next(self) -> None:
        if self._transport is None:
            return
        self._transport.resume_reading()
        if self._buffer:
            self._go_on()

    def _hand_on(self) -> None:
        """Let aiohttp have the connection, with everything that came and was not answered."""
        transport, buffer = self._transport, self._buffer
        assert transport is not None
        self._front.connections.discard(self)
        self._buffer = b""
        protocol = self._front.http()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if buffer:
            protocol.data_received(buffer)

    # --- ending

    def _refuse(self, status: int) -> None:
        assert self._transport is not None
        self._transport.write(written(HookAnswer(status=status), last=True))
        self._transport.close()

    def overdue(self, now: float) -> bool:
        """Whether nobody need wait for it any longer."""
        if self.work is not None:
            return False
        return now - self._since > (REQUEST_SECONDS if self._buffer else IDLE_SECONDS)

    def end_when_idle(self) -> None:
        """Close, unless a request is under way: its answer is the last."""
        if self.work is None and self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close now."""
        if self._transport is not None:
            self._transport.abort()


_date = (0, "")


def _now() -> str:
    """The Date header (RFC 9110 section 6.6.1), made once a second."""
    global _date  # noqa: PLW0603  # one text for the process, made anew each second
    second = int(time.time())
    if _date[0] != second:
        _date = second, formatdate(second, usegmt=True)
    return _date[1]


def written(answer: HookAnswer, *, last: bool = False) -> bytes:
    """An answer as bytes. Raises `ValueError` for a header that would end its line."""
    start = _start(answer.status, tuple(answer.headers.items()))
    end = "\r\nConnection: close\r\n\r\n" if last else "\r\n\r\n"
    return f"{start}Content-Length: {len(answer.body)}\r\nDate: {_now()}{end}".encode("latin-1") + answer.body


@lru_cache(maxsize=64)
def _start(status: int, headers: tuple[tuple[str, str], ...]) -> str:
    lines = [f"HTTP/1.1 {status} {_phrase(status)}"]
    for name, value in headers:
        if "\n" in value or "\r" in value:
            raise ValueError(f"The header {name} of an answer must be one line.")
        lines.append(f"{name}: {value}")
    return "\r\n".join(lines) + "\r\n"


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
