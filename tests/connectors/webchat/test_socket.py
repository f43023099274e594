"""Every limit of a visitor's socket: messages, frames, sizes, sockets, time, and what waits to be sent."""

import asyncio
import contextlib
from typing import Any

import aiohttp
import pytest

from connectors.webchat.codec import Hint
from connectors.webchat.front import Timing
from connectors.webchat.settings import WebchatConfig
from tests.connectors.webchat.site import (
    Site,
    begin,
    ended,
    next_of,
    served,
    until,
)


async def test_sixty_of_ten_thousand_messages_a_minute_are_kept() -> None:
    async with (
        served(WebchatConfig(), Timing(heartbeat=30, hello=5, stall=5)) as site,
        site.line() as line,
    ):
        await begin(line)
        last: dict[str, Any] = {}
        for number in range(100):
            await line.send_json({"t": "send", "client": f"client{number:04}", "text": "again"})
            last = await next_of(line, "ack")
            await asyncio.sleep(
                0.04
            )  # below the limit of frames, so that the limit of messages is what answers
        assert len(site.stream.texts()) == 60
        assert last["code"] == "slow_down"
        assert 0 < last["retry_after"] <= 60


async def test_new_visitors_do_not_get_around_the_limit_of_a_network() -> None:
    config = WebchatConfig(address_messages_per_minute=5, address_visitors_per_minute=3)
    async with served(config) as site:
        answers, codes = [], []
        for number in range(5):
            async with site.line() as line:
                answer = await begin(line)
                answers.append(answer["t"])
                if answer["t"] == "started":
                    for more in range(2):
                        await line.send_json({"t": "send", "client": f"client{number}{more}", "text": "x"})
                        codes.append((await next_of(line, "ack")).get("code", "ok"))
        assert answers == ["started"] * 3 + ["refused"] * 2
        assert codes == ["ok"] * 5 + ["slow_down"]


async def test_a_flood_of_frames_ends_the_socket_alone() -> None:
    async with served() as site, site.line() as flood, site.line() as calm:
        await begin(flood)
        await begin(calm)
        with contextlib.suppress(ConnectionError):
            for _ in range(200):
                await flood.send_json({"t": "typing", "on": True})
        assert await ended(flood) == 4008
        await calm.send_json({"t": "send", "client": "abcdefgh", "text": "still here"})
        assert (await next_of(calm, "ack"))["ok"] is True


async def test_a_frame_over_64_kib_ends_the_socket() -> None:
    async with served() as site, site.line() as line:
        await begin(line)
        await line.send_json({"t": "send", "client": "abcdefgh", "text": "x" * 70_000})
        assert await ended(line) == 1009
        assert site.stream.texts() == []


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("nonsense", 1008),
        ('{"t":"send","client":"abcdefgh","text":"x"}', 1008),
        ('{"t":"start","token":7}', 1008),
        ('{"t":"start","token":"forged.forged"}', 4001),
        ('{"t":"start","identity":{"user":"u1","signature":"00"}}', 4003),
    ],
)
async def test_who_does_not_begin_well_does_not_begin(first: str, code: int) -> None:
    async with served() as site, site.line() as line:
        await line.receive_json()
        await line.send_str(first)
        assert await ended(line) == code
        assert site.stream.received == []


async def test_silence_is_not_a_beginning() -> None:
    async with (
        served(timing=Timing(heartbeat=5, hello=0.1, stall=1)) as site,
        site.line() as line,
    ):
        assert await ended(line) == 4000


async def test_binary_frames_and_many_malformed_ones_end_the_socket() -> None:
    async with served() as site:
        async with site.line() as line:
            await begin(line)
            await line.send_bytes(b"x")
            assert await ended(line) == 1003
        async with site.line() as line:
            await begin(line)
            for _ in range(12):
                await line.send_str('{"t":"dance"}')
            assert await ended(line) == 1008


async def test_one_window_too_many_closes_the_oldest() -> None:
    async with served(WebchatConfig(sockets_per_visitor=2)) as site, contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(site.line())
        token = (await begin(first))["token"]
        others = [await stack.enter_async_context(site.line()) for _ in range(2)]
        for other in others:
            await begin(other, token=token)
        assert await ended(first) == 4009
        assert not any(other.closed for other in others)


async def test_a_channel_has_only_so_many_sockets() -> None:
    async with served(WebchatConfig(max_sockets=2)) as site:
        async with site.line(), site.line():
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with site.line():
                    pass
            assert refused.value.status == 503
        await until(lambda: len(site.connector._front.sockets) == 0)
        async with site.line() as line:
            assert (await begin(line))["t"] == "started"


async def test_who_does_not_read_is_closed_and_keeps_no_memory() -> None:
    timing = Timing(heartbeat=30, hello=5, stall=0.3)
    async with served(timing=timing) as site:
        async with site.line() as line:
            started = await begin(line)
        first = site.stream.say(started["visitor"], "first")
        for _ in range(2_000):
            site.stream.say(started["visitor"], "x" * 9_000)
        reader, writer = await asyncio.open_connection(*_address(site), limit=1024)
        writer.write(_handshake(site))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            _masked(
                f'{{"t":"resume","n":{first.n},"id":"{first.id}","token":"{started["token"]}","page":"https://shop.example/"}}'
            )
        )
        await until(lambda: len(site.connector._front.sockets) == 1)
        await until(lambda: len(site.connector._front.sockets) == 0, 8)
        writer.transport.abort()


def _address(site: Site) -> tuple[str, int]:
    host, _, port = site.origin.removeprefix("http://").partition(":")
    return host, int(port)


def _handshake(site: Site) -> bytes:
    lines = [
        "GET /widget/site/socket HTTP/1.1", f"Host: {site.origin.removeprefix('http://')}", f"Origin: {site.origin}",
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode()


def _masked(text: str) -> bytes:
    body = text.encode()
    assert 125 < len(body) < 65_536
    return b"\x81\xfe" + len(body).to_bytes(2, "big") + b"\0\0\0\0" + body


async def test_signs_for_a_line_that_takes_none_end_it() -> None:
    """Typing signs of a thousand agents in one moment: the queue of a socket is bounded."""
    async with served() as site, site.line() as line:
        started = await begin(line)
        for _ in range(200):
            site.connector._front.sockets.tell(Hint(key=started["visitor"], kind="typing", on=True))
        assert await ended(line) == 4000


async def test_closing_asks_everybody_to_resume() -> None:
    async with served() as site, site.line() as line:
        await begin(line)
        closing = asyncio.ensure_future(site.connector.close())
        assert await ended(line) == 4000
        await closing
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with site.line():
                pass
