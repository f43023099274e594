"""A connector that does as it is told, for tests of the way out; and customers who write so that somebody can answer."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from connectors.channel import Channel
from connectors.contract import (
    Accepted,
    Capabilities,
    Manifest,
    NoConfig,
    Outbound,
    Outcome,
    PlannedPart,
    Sandbox,
)
from connectors.echo.codec import parse
from connectors.kit.connector import BaseConnector
from stream import reads
from tests.connectors.ground import Ground, channel

Doing = Outcome | Exception | Callable[[], Awaitable[Outcome]]


class Told(BaseConnector):
    """Answers each send with the next outcome it was told, then accepts. Records when what was sent, and how many at once."""

    capabilities = Capabilities(transports=("webhook",), text_limit=10, files=True, max_file_bytes=100)
    doing: defaultdict[str, deque[Doing]]

    def __init__(self, config: Any, sandbox: Sandbox) -> None:
        super().__init__(config, sandbox)
        self.doing = defaultdict(deque)
        self.sent: list[tuple[str, str]] = []
        self.files: list[bytes] = []
        self.messages: list[Outbound] = []
        self.at: list[float] = []
        self.busy: defaultdict[str, int] = defaultdict(int)
        self.most: defaultdict[str, int] = defaultdict(int)
        self.pause = 0.0

    async def send(self, message: Outbound, part: PlannedPart) -> Outcome:
        lane = message.conversation_key
        self.busy[lane] += 1
        self.most[lane] = max(self.most[lane], self.busy[lane])
        self.most["all"] = max(self.most["all"], sum(self.busy.values()))
        try:
            if self.pause:
                await asyncio.sleep(self.pause)
            return await self._do(message, part)
        finally:
            self.busy[lane] -= 1

    async def _do(self, message: Outbound, part: PlannedPart) -> Outcome:
        self.at.append(time.monotonic())
        self.messages.append(message)
        told = self.doing[message.conversation_key] or self.doing[""]
        what: Doing = told.popleft() if told else Accepted(provider_ids=(part.key,))
        if isinstance(what, Exception):
            raise what
        outcome = what if isinstance(what, msgspec.Struct) else await what()
        if isinstance(outcome, Accepted):
            self.sent.append((message.conversation_key, part.text))
            if part.file:
                self.files.append(await part.file.read())
        return outcome


def told(name: str = "lab", **more: Any) -> Channel:
    """A channel whose connector does as it is told."""
    facts: dict[str, Any] = {
        "id": "told", "name": "Told", "contract": 1, "config": NoConfig, "capabilities": Told.capabilities, "create": Told, "parse": parse,
    }  # fmt: skip
    return channel(name, Manifest(**{**facts, **more}))


def connector(host: Any, name: str = "lab") -> Told:
    found = host._running[name].connector
    assert isinstance(found, Told)
    return found


async def conversation(ground: Ground, host: Any, who: str = "ada", name: str = "lab") -> str:
    """A customer writes; the conversation's id."""
    body = msgspec.json.encode({"id": f"first-{who}", "who": who, "text": "hi"})
    answer = await host.hooks.answer(name, "POST", f"/hooks/{name}", {}, {}, body)
    assert answer.status == 200
    (ident,) = msgspec.json.decode(answer.body)["ids"]
    row = await reads.message(ground.journal.store, ident)
    assert row is not None
    return row.conversation
