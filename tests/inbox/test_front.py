"""The front of the port: which requests it answers itself, byte by byte, and that everything else reaches aiohttp as it came."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from inbox import front as front_module
from inbox.front import MAX_BODY, MAX_HEAD, Front, Head, read_head, written
from inbox.ports import HookAnswer, HookRequest

PLAIN = b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nX-One: a b\r\n\r\nhi"


class Port:
    """A front with a recording channel `shop` (at most 100,000 bytes), and an aiohttp application that says what came by it."""

    def __init__(self) -> None:
        self.taken: list[HookRequest] = []
        self.handed: list[tuple[str, str, bytes]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.fault: Exception | None = None
        self.front: Front | None = None
        self.port = 0

    async def take(self, request: HookRequest) -> HookAnswer:
        """Answer a webhook."""
        self.taken.append(request)
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        return HookAnswer(status=200, headers={"Content-Type": "text/plain"}, body=b"taken " + request.body)

    async def other(self, request: web.Request) -> web.Response:
        """Answer anything else."""
        body = await request.read()
        self.handed.append((request.method, request.path_qs, body))
        return web.Response(text="handed")

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Port]:
        """Listen on a free port of the loopback interface."""
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self.other)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        server = runner.server
        assert server is not None
        self.front = Front(
            server,
            self.take,
            lambda name: {"shop": 100_000, "tiny": 3}.get(name, 0),
            others=lambda: len(server.connections),
        )
        self.port = await self.front.listen("127.0.0.1", 0)
        try:
            yield self
        finally:
            await self.front.close()
            await runner.cleanup()

    @asynccontextmanager
    async def line(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Connect; hang up at the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def say(self, *parts: bytes, pause: float = 0.0, until: bytes = b"") -> bytes:
        """Send bytes in parts on one connection; what comes back, until `until` or the end of the line."""
        async with self.line() as (reader, writer):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
            async with asyncio.timeout(30):
                return await (reader.readuntil(until) if until else reader.read())


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    """Give a port that listens."""
    async with Port().listening() as opened:
        yield opened


# --- reading a head ------------------------------------------------------------------------------------------------------


def test_a_plain_head_is_read() -> None:
    head = read_head(b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\ncontent-LENGTH:  12 \r\nX-A: \tb: c")
    expected = {"host": "x", "content-length": "12", "x-a": "b: c"}
    assert head == Head("/hooks/shop", "shop", expected, 12)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1",
        b"POST /hooks/shop HTTP/1.0\r\nHost: x\r\nContent-Length: 1",
        b"POST /hooks/shop?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 1",
        b"POST /hooks/sh%6Fp HTTP/1.1\r\nHost: x\r\nContent-Length: 1",
        b"POST /hooks/../api HTTP/1.1\r\nHost: x\r\nContent-Length: 1",
        b"POST  /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x",
        b"POST /hooks/shop HTTP/1.1\r\nContent-Length: 1",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: -1",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: +1",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length : 1",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Encoding: gzip",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nUpgrade: h2c",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n folded",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nX: a\nTransfer-Encoding: chunked",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nX: a\rb",
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nX: a\x00b",
        "POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nX: ä".encode(),
        "POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: ١".encode(),
        b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1" + b"\r\nX-%d: a" * 64 % tuple(range(64)),
    ],
)
def test_every_other_head_is_somebody_elses(head: bytes) -> None:
    assert read_head(head) is None


@given(st.binary(max_size=300))
def test_no_head_raises(head: bytes) -> None:
    read_head(head)
    read_head(b"POST /hooks/shop HTTP/1.1\r\n" + head)


# --- answering -----------------------------------------------------------------------------------------------------------


async def test_a_plain_webhook_is_answered_without_aiohttp(port: Port) -> None:
    back = await port.say(PLAIN, until=b"taken hi")
    assert back.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\nDate: ")
    (request,) = port.taken
    assert (request.channel, request.method, request.path, request.query) == (
        "shop",
        "POST",
        "/hooks/shop",
        {},
    )
    assert request.headers == {"host": "x", "content-length": "2", "x-one": "a b"}
    assert port.handed == []


async def test_a_request_may_come_byte_by_byte(port: Port) -> None:
    back = await port.say(*(PLAIN[i : i + 1] for i in range(len(PLAIN))), until=b"taken hi")
    assert back.endswith(b"taken hi")
    assert len(port.taken) == 1


async def test_a_connection_is_kept_and_may_send_ahead(port: Port) -> None:
    last = PLAIN.replace(b"hi", b"yo")
    back = await port.say(PLAIN * 3 + last, until=b"taken yo")
    assert back.count(b"HTTP/1.1 200 OK") == 4
    assert [request.body for request in port.taken] == [b"hi"] * 3 + [b"yo"]


async def test_who_sends_far_ahead_is_not_read_on(port: Port) -> None:
    port.gate.clear()
    count = 2_000
    big = b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n" + b"x" * 4_000
    async with port.line() as (reader, writer):
        writer.write(big * count)
        await asyncio.sleep(0.2)
        assert port.front is not None
        (connection,) = port.front.connections
        assert len(connection._buffer) < 4 * (MAX_HEAD + MAX_BODY)
        assert len(port.taken) == 1
        port.gate.set()
        back = bytearray()
        async with asyncio.timeout(90):
            while back.count(b"HTTP/1.1 200 OK") < count:
                back += await reader.read(1 << 20)
    assert len(port.taken) == count


@pytest.mark.parametrize(
    ("request_bytes", "handed"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", ("GET", "/", b"")),
        (
            b"POST /hooks/shop?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
            ("POST", "/hooks/shop?a=b", b"hi"),
        ),
        (
            b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            ("POST", "/hooks/shop", b"hi"),
        ),
        (
            b"POST /hooks/nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi",
            ("POST", "/hooks/nowhere", b"hi"),
        ),
        (
            b"POST /hooks/tiny HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nhiya",
            ("POST", "/hooks/tiny", b"hiya"),
        ),
        (
            b"PUT /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi",
            ("PUT", "/hooks/shop", b"hi"),
        ),
    ],
)
async def test_what_differs_goes_to_aiohttp_whole(
    port: Port, request_bytes: bytes, handed: tuple[str, str, bytes]
) -> None:
    assert (await port.say(request_bytes, until=b"handed")).endswith(b"handed")
    split = [request_bytes[:7], request_bytes[7:40], request_bytes[40:]]
    assert (await port.say(*split, pause=0.01, until=b"handed")).endswith(b"handed")
    assert port.handed == [handed, handed]
    assert port.taken == []


async def test_a_large_body_goes_to_aiohttp(port: Port) -> None:
    body = b"x" * (MAX_BODY + 1)
    head = b"POST /hooks/shop HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    await port.say(head + body, until=b"handed")
    assert port.handed == [("POST", "/hooks/shop", body)]


async def test_a_connection_changes_hands_between_requests(port: Port) -> None:
    other = b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n"
    back = await port.say(PLAIN, other, PLAIN.replace(b"hi", b"yo"), pause=0.05, until=b"handed")
    assert back.count(b"taken hi") == 1
    assert [request.body for request in port.taken] == [b"hi"]


@pytest.mark.parametrize("method", [b"POST", b"GET"])
async def test_a_head_without_end_is_refused(port: Port, method: bytes) -> None:
    back = await port.say(method + b" /hooks/shop HTTP/1.1\r\n" + b"X: y\r\n" * 10_925, until=b"\r\n")
    assert back.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00", b"\r\n\x16\x03"])
async def test_what_is_no_request_is_refused_at_once(port: Port, sent: bytes) -> None:
    assert (await port.say(sent, until=b"\r\n")).startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))


async def test_smuggled_bytes_are_a_request_of_their_own(port: Port) -> None:
    """The body ends where Content-Length says, so what follows is read as the next request, by whoever answers it."""
    back = await port.say(PLAIN + b"GET /secret HTTP/1.1\r\nHost: x\r\n\r\n", until=b"handed")
    assert b"taken hi" in back
    assert port.handed == [("GET", "/secret", b"")]


async def test_a_real_client_is_served_both_ways(port: Port) -> None:
    url = f"http://127.0.0.1:{port.port}"
    async with aiohttp.ClientSession() as session:
        for number in range(3):
            async with session.post(f"{url}/hooks/shop", data=b"%d" % number) as answer:
                assert (answer.status, await answer.read()) == (200, b"taken %d" % number)
        async with session.get(f"{url}/page") as answer:
            assert await answer.text() == "handed"
        async with session.post(f"{url}/hooks/shop", data=b"4") as answer:  # the connection is aiohttp's now
            assert await answer.text() == "handed"
    assert len(port.taken) == 3


# --- faults and limits ---------------------------------------------------------------------------------------------------


async def test_a_defect_answers_500_and_ends_the_connection(port: Port) -> None:
    port.fault = ZeroDivisionError()
    back = await port.say(PLAIN)
    assert back.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert b"Connection: close" in back
    assert b"ZeroDivision" not in back


async def test_who_hangs_up_meanwhile_is_still_taken_in(port: Port) -> None:
    port.gate.clear()
    async with port.line() as (_reader, writer):
        writer.write(PLAIN)
        while not port.taken:
            await asyncio.sleep(0.01)
    port.gate.set()
    while port.front is None or port.front.connections:
        await asyncio.sleep(0.01)
    assert len(port.taken) == 1


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /hooks/shop HTTP/1.1\r\nHost",
        PLAIN[:-1],
        b"GET /page HTTP/1.1\r\nHost: x\r\n",
        b"\r\n\r\n\r\nGET /page HTTP/1.1\r\nHost: x\r\n",
    ],
)
async def test_slow_and_idle_connections_are_closed(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    for name, value in {"SWEEP_SECONDS": 0.02, "IDLE_SECONDS": 0.1, "REQUEST_SECONDS": 0.1}.items():
        monkeypatch.setattr(front_module, name, value)
    async with Port().listening() as port, port.line() as (reader, writer):
        writer.write(sent)
        async with asyncio.timeout(30):
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)


async def _trickle(writer: asyncio.StreamWriter) -> None:
    for byte in PLAIN[:-1]:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.01)


async def test_a_trickle_does_not_keep_a_request_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_module, "SWEEP_SECONDS", 0.02)
    monkeypatch.setattr(front_module, "REQUEST_SECONDS", 0.1)
    async with Port().listening() as port, port.line() as (_reader, writer):
        with pytest.raises(ConnectionError):
            await _trickle(writer)
        assert port.taken == []


async def test_a_crowd_is_told_to_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_module, "MAX_CONNECTIONS", 2)
    async with Port().listening() as port, port.line() as (_reader, ours), port.line() as (theirs, page):
        ours.write(PLAIN[:10])
        page.write(b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await theirs.readuntil(b"handed")).startswith(b"HTTP/1.1 200")
        assert (await port.say(b"")).startswith(b"HTTP/1.1 503 ")
        ours.close()
        async with asyncio.timeout(30):
            while not (await port.say(PLAIN, until=b"\r\n")).startswith(b"HTTP/1.1 200"):
                await asyncio.sleep(0.01)


async def test_who_reads_no_answers_gets_no_more_of_them(port: Port) -> None:
    async with port.line() as (reader, writer):
        assert isinstance(writer.transport, asyncio.Transport)
        writer.transport.pause_reading()
        many, body = 600, b"x" * 40_000
        request = PLAIN.replace(b"Length: 2", b"Length: 40000").removesuffix(b"hi") + body
        writer.write(request * many)
        taken = -1
        while taken != len(port.taken):
            taken = len(port.taken)
            await asyncio.sleep(0.5)
        assert 0 < taken < many
        writer.transport.resume_reading()
        async with asyncio.timeout(60):
            for _ in range(many):
                await reader.readuntil(b"taken " + body)


async def test_closing_waits_for_what_is_under_way(port: Port) -> None:
    port.gate.clear()
    asked = asyncio.create_task(port.say(PLAIN))
    async with port.line() as (idle, _writer):
        while not port.taken:
            await asyncio.sleep(0.01)
        assert port.front is not None
        closing = asyncio.create_task(port.front.close())
        assert await idle.read() == b""
    port.gate.set()
    await closing
    back = await asked
    assert back.startswith(b"HTTP/1.1 200 OK")
    assert b"Connection: close" in back
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port.port)


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "a\rb"])
def test_an_answers_header_is_one_line(value: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        written(HookAnswer(status=200, headers={"X": value}))


def test_the_date_is_made_anew_each_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock: list[float] = [1_700_000_000.0]
    said: Callable[[], float] = lambda: clock[0]  # noqa: E731  # a clock to turn
    monkeypatch.setattr("time.time", said)
    assert b"Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n" in written(HookAnswer(status=204))
    clock[0] += 1
    assert b"Date: Tue, 14 Nov 2023 22:13:21 GMT\r\n" in written(HookAnswer(status=299))
