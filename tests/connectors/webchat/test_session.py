"""What a visitor can do on a socket: begin, write, be answered, sign that they type, read, and say who they are."""

import asyncio

from connectors.contract import MessageReceived, ReceiptObserved, Signal, TypingObserved
from connectors.webchat import codec
from connectors.webchat.front import Timing
from connectors.webchat.hours import DAYS, Hours
from connectors.webchat.settings import WebchatConfig
from tests.connectors.webchat.site import (
    begin,
    ended,
    next_of,
    served,
)


async def test_a_first_visit_makes_a_visitor_and_a_message_comes_back_once() -> None:
    async with served() as site, site.line() as line:
        started = await begin(line)
        assert started["t"] == "started"
        assert started["items"] == []
        assert started["token"]
        await line.send_json({"t": "send", "client": "abcdefgh", "text": "Hello"})
        ack = await next_of(line, "ack")
        items = await next_of(line, "items")
        assert ack["ok"] is True
        assert [(item["text"], item["client"]) for item in items["items"]] == [("Hello", "abcdefgh")]
        [message] = site.stream.of(MessageReceived)
        assert message.source_key == f"msg:{started['visitor']}:abcdefgh"
        assert message.conversation_key == started["visitor"]


async def test_the_token_is_nowhere_but_at_the_visitor() -> None:
    async with served() as site, site.line() as line:
        started = await begin(line)
        await line.send_json({"t": "send", "client": "abcdefgh", "text": "Hello"})
        await next_of(line, "ack")
        token = started["token"]
        assert token.partition(".")[0] not in repr(site.stream)
        assert token not in repr(site.sandbox.lines)


async def test_a_resent_message_is_one_message() -> None:
    async with served() as site, site.line() as line:
        await begin(line)
        acks = []
        for _ in range(3):
            await line.send_json({"t": "send", "client": "abcdefgh", "text": "Hello"})
            acks.append(await next_of(line, "ack"))
        assert len({ack["id"] for ack in acks}) == 1
        assert site.stream.texts() == ["Hello"]


async def test_typing_goes_both_ways_and_is_thinned_out() -> None:
    async with served() as site, site.line() as line:
        started = await begin(line)
        for on in (True, False) * 20:
            await line.send_json({"t": "typing", "on": on})
        await line.send_json({"t": "beat"})
        await next_of(line, "beat")
        assert 1 <= len(site.stream.of(TypingObserved)) <= 5
        address = site.stream.of(TypingObserved)[0].sender
        await site.connector.typing(address, started["visitor"], on=True)
        assert (await next_of(line, "typing"))["on"] is True


async def test_receipts_are_watermarks_of_our_own_messages_only() -> None:
    async with served() as site, site.line() as line:
        started = await begin(line)
        await site.reply(started["visitor"], "one")
        await site.reply(started["visitor"], "two")
        await asyncio.sleep(0.1)
        foreign = site.stream.say("v_somebody_else", "secret")
        two = site.stream.rows[started["visitor"]][1]
        await line.send_json({"t": "seen", "state": "read", "n": foreign.n, "id": foreign.id})
        assert (await next_of(line, "error"))["field"] == "id"
        for state in ("delivered", "read", "delivered", "read"):
            await line.send_json({"t": "seen", "state": state, "n": two.n, "id": two.id})
        await line.send_json({"t": "beat"})
        await next_of(line, "beat")
        receipts = site.stream.of(ReceiptObserved)
        assert [(one.state, one.provider_id, one.watermark) for one in receipts] == [
            ("delivered", two.id, True),
            ("read", two.id, True),
        ]
        assert [row.delivery for row in site.stream.rows[started["visitor"]]] == ["read", "read"]


async def test_the_visitor_learns_that_an_agent_has_read() -> None:
    async with served() as site, site.line() as line:
        started = await begin(line)
        await asyncio.sleep(0.05)
        await site.sandbox.notify(
            "visitors", codec.hint(codec.Hint(key=started["visitor"], kind="read", n=12))
        )
        assert (await next_of(line, "read"))["n"] == 12


async def test_a_typed_address_is_a_claim_and_a_wrong_one_is_refused() -> None:
    async with served() as site, site.line() as line:
        await begin(line)
        await line.send_json({"t": "about", "email": "not an address"})
        assert (await next_of(line, "error"))["field"] == "email"
        await line.send_json({"t": "about", "email": "someone@shop.example", "name": "Some One"})
        assert (await next_of(line, "about"))["email"] == "someone@shop.example"
        await line.send_json({"t": "send", "client": "abcdefgh", "text": "Hi"})
        await next_of(line, "ack")
        [signal] = site.stream.of(Signal)
        [message] = site.stream.of(MessageReceived)
        assert signal.name == "profile"
        assert message.sender.attributes == {"email": "someone@shop.example"}
        assert message.sender.display == "Some One"
        assert message.sender.verified == "channel"
        assert message.sender.scheme == "webchat"


async def test_a_message_too_long_or_empty_is_refused_with_its_field() -> None:
    async with served(WebchatConfig(max_text=100)) as site, site.line() as line:
        await begin(line)
        for text in ("x" * 101, "  \n ", "\x00\x07"):
            await line.send_json({"t": "send", "client": "abcdefgh", "text": text})
            ack = await next_of(line, "ack")
            assert (ack["ok"], ack["code"], ack["field"]) == (False, "malformed", "text")
        assert site.stream.texts() == []


async def test_a_store_that_is_away_is_said_so_and_the_message_can_come_again() -> None:
    async with (
        served(timing=Timing(heartbeat=30, hello=5, stall=5)) as site,
        site.line() as line,
    ):
        await begin(line)
        site.stream.away = True
        await line.send_json({"t": "send", "client": "abcdefgh", "text": "Hello"})
        ack = await next_of(line, "ack")
        assert (ack["code"], ack["retry_after"]) == ("try_later", 0.1)
        site.stream.away = False
        await line.send_json({"t": "send", "client": "abcdefgh", "text": "Hello"})
        assert (await next_of(line, "ack"))["ok"] is True
        assert site.stream.texts() == ["Hello"]


async def test_a_store_that_is_away_at_the_beginning_asks_to_come_again() -> None:
    async with served() as site, site.line() as line:
        site.stream.away = True
        await line.receive_json()
        await line.send_json({"t": "start"})
        assert await ended(line) == 4000
        assert ("webchat.socket_ended", {"reason": "the store is away"}) in site.sandbox.lines


async def test_a_blocked_visitor_is_told_without_a_reason() -> None:
    async with served() as site, site.line() as line:
        started = await begin(line)
        site.stream.blocked.add(started["visitor"])
        await line.send_json({"t": "send", "client": "abcdefgh", "text": "Hello"})
        ack = await next_of(line, "ack")
        assert (ack["ok"], ack["code"]) == (False, "refused")
        assert "block" not in ack["message"]


async def test_the_widget_learns_whether_somebody_is_there() -> None:
    always: dict[str, tuple[str, ...]] = dict.fromkeys(DAYS, ("00:00-24:00",))
    for week, is_open in (({}, False), (always, True)):
        async with served(WebchatConfig(hours=Hours(week=week))) as site, site.line() as line:
            assert (await begin(line))["open"] is is_open
            assert (await next_of(line, "beat"))["open"] is is_open
