"""The connector of a web chat: what the host calls. The customers' side of it is behind `routes()`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from connectors.contract import (
    Accepted,
    Address,
    Batch,
    ConnectorError,
    File,
    MediaRef,
    Outbound,
    Outcome,
    Plan,
    PlannedPart,
    Sandbox,
    Unsupported,
)
from connectors.webchat import assets, codec
from connectors.webchat.front import Front, Timing
from connectors.webchat.routes import routes
from connectors.webchat.settings import WebchatConfig
from connectors.webchat.sockets import Sockets

UPLOADS_AT_ONCE = 16
CLOSE_SECONDS = 4.0
LISTEN_AGAIN_SECONDS = 1.0


class WebchatConnector:
    """One configured widget. The messages are in the journal before `send` is called: sending is telling the sockets to look."""

    def __init__(self, config: WebchatConfig, sandbox: Sandbox, timing: Timing | None = None) -> None:
        self._sandbox = sandbox
        self._config = config
        self._front = Front(
            config=config,
            sandbox=sandbox,
            sockets=Sockets(config.max_sockets, config.sockets_per_visitor),
            uploads=asyncio.Semaphore(UPLOADS_AT_ONCE),
            timing=timing or Timing(),
        )
        self._listening: asyncio.Task[None] | None = None

    def routes(self) -> list[web.RouteDef]:
        """The widget's addresses, relative to `/widget/<channel>`."""
        return routes(self._front)

    async def probe(self) -> str:
        """Say who may carry the widget: there is nobody to sign in to."""
        allowed = ", ".join(self._config.origins) or "only the preview page (allowed_origins is empty)"
        return f"Ready. Sites that may carry the widget: {allowed}."

    async def open(self) -> None:
        """Read the widget's files, so that the first visitor does not wait for them, and listen to the other processes."""
        assets.assets()
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        """Pass hints on to the sockets. Whatever ends the bus, the sockets look by themselves until it is back."""
        while True:
            with contextlib.suppress(ConnectorError, OSError):
                async for topic, payload in self._sandbox.hints(codec.TOPIC):
                    self._front.sockets.tell(codec.read_hint(payload) if topic else None)
            await asyncio.sleep(LISTEN_AGAIN_SECONDS)
            self._front.sockets.tell(None)

    async def poll(self) -> AsyncIterator[Batch]:
        """Nothing is fetched: visitors come to us."""
        nothing: tuple[Batch, ...] = ()
        for batch in nothing:
            yield batch

    def plan(self, message: Outbound) -> Plan:
        """One part: text and files appear together."""
        lost = ("Formatting is not shown in the web chat.",) if message.html else ()
        return Plan(
            parts=(PlannedPart(key=f"{message.id}:0", kind="text", text=message.text),), degraded=lost
        )

    async def send(self, message: Outbound, part: PlannedPart) -> Outcome:  # noqa: ARG002  # the contract's: there is one part
        """Tell the visitor's sockets in every process to look. Without any, the visitor finds it when they return."""
        with contextlib.suppress(ConnectorError):  # a lost hint costs their next look, never the message
            await self._sandbox.notify(codec.TOPIC, codec.hint(codec.Hint(key=message.conversation_key)))
        return Accepted(provider_ids=(message.id,), state="sent")

    async def typing(self, to: Address, conversation_key: str, on: bool) -> None:  # noqa: ARG002  # the contract's
        """Show the visitor that an agent is writing."""
        hint = codec.Hint(key=conversation_key, kind="typing", on=on)
        await self._sandbox.notify(codec.TOPIC, codec.hint(hint))

    async def read(self, to: Address, conversation_key: str, n: int) -> None:  # noqa: ARG002  # the contract's
        """Show the visitor that an agent has read up to item `n`."""
        hint = codec.Hint(key=conversation_key, kind="read", n=n)
        await self._sandbox.notify(codec.TOPIC, codec.hint(hint))

    async def media(self, ref: MediaRef) -> File:  # noqa: ARG002  # the contract's
        """Files come by upload and are here already."""
        raise Unsupported("the web chat has no files elsewhere")

    async def close(self) -> None:
        """Ask every visitor's socket to come back later."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            self._listening = None
        await self._front.sockets.close(CLOSE_SECONDS)
