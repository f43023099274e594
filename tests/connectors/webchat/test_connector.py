"""The connector as the host sees it, and its manifest: sending is durable before it begins, so it cannot fail."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from connectors.contract import Accepted, Address, MediaRef, Outbound, OutFile, TryLater, Unsupported
from connectors.webchat import MANIFEST
from connectors.webchat.codec import Hint, read_hint
from connectors.webchat.connector import WebchatConnector
from connectors.webchat.settings import WebchatConfig
from connectors.webchat.sockets import Seat
from tests.connectors.webchat.site import until
from tests.fakes.chat_stream import ChatSandbox, ChatStream

MESSAGE = Outbound(
    id="msg_1",
    to=Address(scheme="webchat", value="v_1"),
    conversation_key="v_1",
    text="Hello",
    html="<b>Hello</b>",
)


class Deaf(ChatSandbox):
    """A bus that is away."""

    async def notify(self, topic: str, payload: bytes) -> None:
        raise TryLater("the bus is away")


def made(sandbox: ChatSandbox | None = None) -> WebchatConnector:
    connector = MANIFEST.create(WebchatConfig(), sandbox or ChatSandbox(ChatStream()))
    assert isinstance(connector, WebchatConnector)
    return connector


async def test_text_and_files_are_one_part_and_the_loss_is_named() -> None:
    async def read() -> bytes:
        return b"x"

    file = OutFile(name="a", content_type="text/plain", size=1, read=read)
    plan = made().plan(Outbound(id="msg_2", to=MESSAGE.to, conversation_key="v_1", text="Hi", files=(file,)))
    assert [(part.key, part.kind, part.text) for part in plan.parts] == [("msg_2:0", "text", "Hi")]
    assert plan.degraded == ()
    assert made().plan(MESSAGE).degraded == ("Formatting is not shown in the web chat.",)


async def _next(hints: AsyncIterator[tuple[str, bytes]]) -> tuple[str, bytes]:
    return await anext(hints)


async def test_sending_tells_the_sockets_and_is_accepted_under_our_own_id() -> None:
    stream = ChatStream()
    connector = made(ChatSandbox(stream))
    hints = ChatSandbox(stream).hints("visitors")
    heard = asyncio.ensure_future(_next(hints))
    await asyncio.sleep(0)
    outcome = await connector.send(MESSAGE, connector.plan(MESSAGE).parts[0])
    assert outcome == Accepted(provider_ids=("msg_1",), state="sent")
    assert read_hint((await heard)[1]) == Hint(key="v_1")


async def test_what_an_agent_has_read_is_told_to_the_visitors_sockets() -> None:
    stream = ChatStream()
    connector = made(ChatSandbox(stream))
    hints = ChatSandbox(stream).hints("visitors")
    heard = asyncio.ensure_future(_next(hints))
    await asyncio.sleep(0)
    await connector.read(MESSAGE.to, "v_1", 17)
    assert read_hint((await heard)[1]) == Hint(key="v_1", kind="read", n=17)


async def test_a_bus_that_is_away_loses_no_message() -> None:
    connector = made(Deaf(ChatStream()))
    assert isinstance(await connector.send(MESSAGE, connector.plan(MESSAGE).parts[0]), Accepted)


class Returning(ChatSandbox):
    """A bus that is gone at first, and says later that hints were lost."""

    calls = 0

    async def hints(self, *topics: str) -> AsyncIterator[tuple[str, bytes]]:
        self.calls += 1
        if self.calls == 1:
            raise TryLater("the bus is away")
        yield "", b""
        await asyncio.Event().wait()


async def test_lost_hints_make_every_socket_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.webchat.connector.LISTEN_AGAIN_SECONDS", 0.01)
    connector = made(Returning(ChatStream()))
    heard: list[Hint | None] = []
    seat = Seat(hang_up=lambda code, reason: None, hear=heard.append)
    connector._front.sockets.introduce("v_1", seat)
    await connector.open()
    await until(lambda: len(heard) == 2)
    assert heard == [None, None]
    await connector.close()


async def test_it_has_nothing_to_fetch_and_says_who_may_carry_it() -> None:
    connector = made()
    assert [batch async for batch in connector.poll()] == []
    with pytest.raises(Unsupported):
        await connector.media(MediaRef(token="t", name="n", content_type="c"))
    assert "preview page" in await connector.probe()
    await connector.close()


def test_typing_hints_are_small() -> None:
    assert read_hint(b'{"key":"v_1","kind":"typing","on":true}') == Hint(key="v_1", kind="typing", on=True)


def test_the_manifest_is_data() -> None:
    assert (MANIFEST.id, MANIFEST.capabilities.transports) == ("webchat", ("socket",))
    assert MANIFEST.capabilities.typing_in
    assert MANIFEST.capabilities.typing_out
    assert MANIFEST.capabilities.receipts
    assert MANIFEST.capabilities.read_out
    assert MANIFEST.capabilities.files
    assert not MANIFEST.capabilities.asynchronous
