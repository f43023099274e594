"""What the connectors' tests say often: channels, signed requests, replies, and waiting for what the host does by itself."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from connectors.channel import Channel
from connectors.contract import Manifest, decode_secret
from connectors.hooks import HookAnswer
from connectors.host import Host, HostSettings
from connectors.kit.signatures import sign, signing_key
from connectors.registry import manifest
from stream import commands as cmd
from stream import events as ev
from stream import reads
from stream.blobs import Blobs
from stream.ids import new_token
from stream.journal import Journal
from stream.model import Author, Message, MessageContent
from stream.store.program import fetch

T = TypeVar("T")
SECRET = "whsec_" + base64.b64encode(b"s" * 24).decode()
ANN = Author(kind="agent", id="ann")


def channel(name: str, found: Manifest | str, more: dict[str, Any] | None = None, **config: Any) -> Channel:
    """A configured channel; `found` is a manifest or a connector's name."""
    face = manifest(found) if isinstance(found, str) else found
    block = msgspec.convert(config, face.config, dec_hook=decode_secret)
    return Channel(name=name, manifest=face, config=block, **(more or {}))


def shop(name: str = "shop", **config: Any) -> Channel:
    """A generic webhook channel."""
    return channel(name, "webhook", **{"secrets": [SECRET], **config})


class Ground:
    """One installation in a test."""

    def __init__(self, journal: Journal, blobs: Blobs) -> None:
        self.journal = journal
        self.blobs = blobs

    @contextlib.asynccontextmanager
    async def host(self, *channels: Channel, **settings: Any) -> AsyncIterator[Host]:
        """A host that runs these channels and may reach the loopback interface."""
        given = {"master": (b"m" * 32,), "allow_private": ("127.0.0.1",), **settings}
        host = Host(self.journal, self.blobs, HostSettings(**given))
        await host.open(channels)
        try:
            yield host
        finally:
            await host.close(5.0)

    async def messages(self, conversation: str = "") -> list[Message]:
        """All messages, or those of a conversation, in order."""
        events = [recorded.event for recorded in await self.journal.read(0, 100_000)]
        kinds = (ev.MessageReceived, ev.ReplyQueued, ev.NoteAdded)
        found = []
        for event in events:
            if isinstance(event, kinds) and conversation in {"", event.conversation}:
                row = await reads.message(self.journal.store, event.message)
                assert row is not None
                found.append(row)
        return found

    async def content(self, message: str) -> MessageContent:
        """What a message says now."""
        row = await reads.message(self.journal.store, message)
        assert row is not None
        content = (await self.journal.contents([row.content]))[row.content]
        assert isinstance(content, MessageContent)
        return content

    async def texts(self) -> list[str]:
        """What all messages say, in order."""
        return [(await self.content(message.id)).text for message in await self.messages()]

    async def reply(self, conversation: str, text: str = "hello", **content: Any) -> str:
        """An agent answers; the message's id."""
        message = f"msg_{new_token()}"
        command = cmd.Reply(
            token=new_token(),
            conversation=conversation,
            by=ANN,
            message=message,
            content=MessageContent(text=text, **content),
        )
        result = await self.journal.submit(command)
        assert isinstance(result, cmd.Committed), result
        return message

    async def delivery(self, message: str, *states: str, seconds: float = 30.0) -> Message:
        """Wait until a message's delivery is one of `states`."""

        async def there() -> Message | None:
            row = await reads.message(self.journal.store, message)
            return row if row is not None and row.delivery in states else None

        return await until(there, seconds)

    async def rows(self, name: str, *params: Any) -> list[tuple[Any, ...]]:
        """What a named statement of the store gives."""
        return list(await self.journal.store.read(fetch(name, *params)))


async def until(probe: Callable[[], Awaitable[T | None]], seconds: float = 30.0) -> T:
    """Wait until `probe` gives something."""
    async with asyncio.timeout(seconds):
        while True:
            found = await probe()
            if found:
                return found
            await asyncio.sleep(0.01)


def event(ident: str = "1", conversation: str = "c1", text: str = "hello", **more: Any) -> dict[str, Any]:
    """A message on the generic channel."""
    return {
        "id": ident,
        "conversation": conversation,
        "from": {"id": conversation, "name": "Ada"},
        "text": text,
        **more,
    }


def signed(
    body: bytes, *, secret: str = SECRET, ident: str = "evt_1", at: float | None = None
) -> dict[str, str]:
    """The headers of a genuine request."""
    stamp = int(time.time() if at is None else at)
    return {"Content-Type": "application/json", **sign([signing_key(secret)], ident, stamp, body)}


async def post(host: Host, body: Any, name: str = "shop", **headers: Any) -> HookAnswer:
    """A signed request to a channel's webhook."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await host.hooks.answer(name, "POST", f"/hooks/{name}", {}, signed(raw, **headers), raw)


def answered(answer: HookAnswer) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.body)
