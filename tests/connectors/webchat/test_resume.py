"""A visitor comes back: after a cut, a lost hint, a long absence, in another window. Nothing is lost, nothing is shown twice."""

import asyncio
import contextlib
import random

import pytest

from connectors.webchat.settings import WebchatConfig
from tests.connectors.webchat.site import (
    FAST,
    CuttingLine,
    Widget,
    begin,
    next_of,
    served,
    until,
)
from tests.fakes.chat_stream import ChatStream


async def test_a_returning_visitor_sees_the_history() -> None:
    async with served() as site:
        async with site.line() as line:
            first = await begin(line)
            await line.send_json({"t": "send", "client": "abcdefgh", "text": "Hello"})
            await next_of(line, "ack")
        site.stream.say(first["visitor"], "Good morning")
        async with site.line() as line:
            again = await begin(line, token=first["token"])
        assert again["visitor"] == first["visitor"]
        assert "token" not in again
        assert [item["text"] for item in again["items"]] == ["Hello", "Good morning"]
        assert again["items"][1]["author"] == "Mara"


async def test_a_reply_reaches_every_window_in_every_process() -> None:
    stream = ChatStream()
    async with (
        served(stream=stream) as one,
        served(stream=stream) as two,
        one.line() as here,
        two.line() as there,
    ):
        started = await begin(here)
        await begin(there, token=started["token"])
        await one.reply(started["visitor"], "Hello from here")
        assert (await next_of(there, "items"))["items"][0]["text"] == "Hello from here"
        assert (await next_of(here, "items"))["items"][0]["text"] == "Hello from here"


async def test_a_lost_hint_costs_one_heartbeat() -> None:
    async with served() as site, site.line() as line:
        started = await begin(line)
        site.stream.deaf = True
        await site.reply(started["visitor"], "quiet")
        assert (await next_of(line, "items"))["items"][0]["text"] == "quiet"


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_is_lost_or_shown_twice_while_the_line_is_cut_at_random(
    seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(seed)
    async with served(
        WebchatConfig(
            messages_per_minute=10_000, address_messages_per_minute=10_000, address_visitors_per_minute=1000
        )
    ) as site:
        host, _, port = site.origin.removeprefix("http://").partition(":")
        async with CuttingLine(host, int(port)).running("/widget/site") as proxy:
            widget = Widget(site, proxy.base, chance)
            living = asyncio.ensure_future(widget.live())
            await until(lambda: widget.key)
            texts = [f"message {number}" for number in range(60)]
            replies = [f"reply {number}" for number in range(60)]
            for text, reply in zip(texts, replies, strict=True):
                widget.write(text)
                await site.reply(widget.key, reply)
                await asyncio.sleep(chance.uniform(0, 0.02))
                if chance.random() < 0.5:
                    proxy.cut()
                if chance.random() < 0.1:
                    await site.connector._front.sockets.close(0.1)
                    site.connector._front.sockets._closing = False
            await until(lambda: not widget.pending and len(widget.shown) == 120)
            living.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await living
        assert proxy.cuts >= 8
        assert [record.getMessage() for record in caplog.records if record.name == "aiohttp.server"] == []
        assert widget.starts >= 5
        assert site.stream.texts(widget.key) == texts
        assert [item["text"] for item in widget.shown.values() if item["dir"] == "out"] == replies
        assert [item["text"] for item in widget.shown.values() if item["dir"] == "in"] == texts
        assert widget.order == sorted(widget.order)


async def test_a_cursor_of_another_history_starts_over() -> None:
    async with served() as site:
        async with site.line() as line:
            first = await begin(line)
            await line.send_json({"t": "send", "client": "abcdefgh", "text": "Hello"})
            items = await next_of(line, "items")
        for n, last in ((items["n"], "msg_of_another_life"), (items["n"] + 900, items["items"][-1]["id"])):
            async with site.line() as line:
                await line.receive_json()
                await line.send_json({"t": "resume", "n": n, "id": last, "token": first["token"]})
                answer = await line.receive_json()
                assert answer["t"] == "started"
                assert [item["text"] for item in answer["items"]] == ["Hello"]


async def test_a_long_absence_is_caught_up_page_by_page() -> None:
    async with served() as site:
        async with site.line() as line:
            started = await begin(line)
        first = site.stream.say(started["visitor"], "first")
        for number in range(130):
            site.stream.say(started["visitor"], f"missed {number}")
        async with site.line() as line:
            await line.receive_json()
            await line.send_json({"t": "resume", "n": first.n, "id": first.id, "token": started["token"]})
            assert (await line.receive_json())["t"] == "resumed"
            pages = [(await next_of(line, "items"))["items"] for _ in range(3)]
        assert [len(page) for page in pages] == [50, 50, 30]
        assert [item["text"] for page in pages for item in page] == [
            f"missed {number}" for number in range(130)
        ]


async def test_the_past_is_shown_on_demand_and_up_to_a_limit() -> None:
    async with served() as site:
        async with site.line() as line:
            started = await begin(line)
        for number in range(1_200):
            site.stream.say(started["visitor"], f"{number}")
        async with site.line() as line:
            again = await begin(line, token=started["token"])
            assert (len(again["items"]), again["more"]) == (100, True)
            await line.send_json({"t": "older", "have": 100})
            older = await next_of(line, "older")
            assert [item["text"] for item in older["items"]] == [
                str(number) for number in range(1_000, 1_100)
            ]
            assert older["more"] is True
            await line.send_json({"t": "older", "have": 900})
            assert (await next_of(line, "older"))["more"] is False
            await line.send_json({"t": "older", "have": 5_000})
            assert (await next_of(line, "older"))["items"] == []


async def test_a_heartbeat_comes_by_itself() -> None:
    async with served(timing=FAST) as site, site.line() as line:
        hello = await line.receive_json()
        assert hello["heartbeat_ms"] == 400
        await line.send_json({"t": "start"})
        assert (await next_of(line, "beat"))["t"] == "beat"
