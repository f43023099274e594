"""The load of the path bench: many keep-alive webhook senders and the agents' sockets, cheap enough not to be the bottleneck itself."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import time
import zlib
from collections import Counter, deque
from collections.abc import Callable
from typing import cast

TEXT = (
    "Hello, my order has not arrived yet and the tracking page shows nothing. Could somebody have a look, please? "
    * 3
)
_KEY, _HELLO = b'"source_key":"msg:', b"] Hello"
_SHOWN = re.compile(rb"\[([^\[\]\"]+)\] Hello")
"""A message shows itself by its event, or by its text in the conversation's row when the conversation has just come into sight."""


_LENGTH = re.compile(rb"(?i)content-length: (\d+)")
TEAMS = 20
AHEAD = 60_000
"""Requests that are signed before a closed loop begins, so that signing is not what is measured."""


def signed_request(path: str, key: bytes, ident: str, conversation: str, teams: int = TEAMS) -> bytes:
    """A whole HTTP request with a signed message, as Standard Webhooks 1.0 has it. The text names one of `teams` crews."""
    crew = zlib.crc32(conversation.encode()) % teams
    body = (
        f'{{"id":"{ident}","conversation":"{conversation}","from":{{"id":"{conversation}","name":"Customer {conversation}"}},'
        f'"text":"[{ident}] {TEXT} (crew{crew})"}}'
    ).encode()
    stamp = str(int(time.time()))
    digest = hmac.new(key, f"{ident}.{stamp}.".encode() + body, hashlib.sha256).digest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"webhook-id: {ident}\r\nwebhook-timestamp: {stamp}\r\nwebhook-signature: v1,{base64.b64encode(digest).decode()}\r\n\r\n"
    )
    return head.encode() + body


class Poster(asyncio.Protocol):
    """One keep-alive connection that has at most one request under way."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one, without the base class

    def data_received(self, data: bytes) -> None:
        """Answer when the head and the body are whole."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        length = _LENGTH.search(self._buffer)
        if len(self._buffer) < end + 4 + (int(length.group(1)) if length else 0):
            return
        status = int(self._buffer[9:12])
        self._buffer = b""
        self._answer.set_result(status)

    def connection_lost(self, error: Exception | None) -> None:
        """Whoever waits learns that there will be no answer."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))

    async def post(self, request: bytes) -> int:
        """Send; the status of the answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


class Seen:
    """What the agents' sockets received: how often each message id, and when first."""

    def __init__(self) -> None:
        self.count: Counter[bytes] = Counter()
        self.first: dict[bytes, float] = {}

    def frame(self, payload: bytes) -> None:
        """Take note of a frame."""
        at = payload.find(_KEY)
        if at >= 0:
            start = at + len(_KEY)
            self._saw(payload[start : payload.find(b'"', start)])
        elif _HELLO in payload:
            for ident in set(_SHOWN.findall(payload)):
                self._saw(ident)

    def _saw(self, ident: bytes) -> None:
        self.count[ident] += 1
        self.first.setdefault(ident, time.perf_counter())


class Run:
    """The figures of one phase."""

    def __init__(self) -> None:
        self.sent: dict[bytes, float] = {}
        self.acked: dict[bytes, float] = {}
        self.refused: Counter[int] = Counter()
        self.seconds = 0.0

    @property
    def rate(self) -> float:
        """Acknowledged messages per second."""
        return len(self.acked) / self.seconds if self.seconds else 0.0


async def connections(host: str, port: int, count: int) -> list[Poster]:
    """Open keep-alive connections."""
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(Poster, host, port))[1] for _ in range(count)]


Conversation = Callable[[int], str]


async def closed_loop(
    posters: list[Poster], path: str, key: bytes, name: str, conversation: Conversation, seconds: float
) -> Run:
    """Every connection sends its next message as soon as the last one is acknowledged: the maximum."""
    run = Run()
    numbers = iter(range(10**9))
    ahead = [signed_request(path, key, f"{name}-{number}", conversation(number)) for number in range(AHEAD)]
    start = time.perf_counter()
    end = start + seconds

    async def one(poster: Poster) -> None:
        while (now := time.perf_counter()) < end:
            number = next(numbers)
            ident = f"{name}-{number}"
            request = (
                ahead[number] if number < AHEAD else signed_request(path, key, ident, conversation(number))
            )
            await _post(run, poster, ident.encode(), request, now)

    await asyncio.gather(*(one(poster) for poster in posters))
    run.seconds = time.perf_counter() - start
    return run


async def open_loop(
    posters: list[Poster],
    path: str,
    key: bytes,
    name: str,
    conversation: Conversation,
    seconds: float,
    rate: float,
) -> Run:
    """Messages leave at `rate` per second whatever the server does; times count from when each was due."""
    run = Run()
    free = deque(posters)
    tasks: set[asyncio.Task[None]] = set()
    start = time.perf_counter()
    number = 0

    async def one(number: int, due: float) -> None:
        while not free:
            await asyncio.sleep(0.0005)
        poster = free.popleft()
        try:
            ident = f"{name}-{number}"
            await _post(
                run, poster, ident.encode(), signed_request(path, key, ident, conversation(number)), due
            )
        finally:
            free.append(poster)

    while (now := time.perf_counter()) < start + seconds:
        while number < (now - start) * rate:
            task = asyncio.create_task(one(number, start + number / rate))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            number += 1
        await asyncio.sleep(0.001)
    await asyncio.gather(*tasks)
    run.seconds = time.perf_counter() - start
    return run


async def _post(run: Run, poster: Poster, ident: bytes, request: bytes, due: float) -> None:
    run.sent[ident] = due
    status = await poster.post(request)
    if status // 100 == 2:
        run.acked[ident] = time.perf_counter()
    else:
        run.refused[status] += 1


async def settle(done: Callable[[], bool], seconds: float) -> None:
    """Wait until `done`, at most `seconds`."""
    end = time.perf_counter() + seconds
    while not done() and time.perf_counter() < end:
        await asyncio.sleep(0.02)


def quantile(values: list[float], share: float) -> float:
    """In milliseconds, rounded to a hundredth."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 2)
