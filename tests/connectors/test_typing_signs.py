"""Typing signs, both ways: over the bus, never kept, shown by one process, and harmless when something is missing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from connectors import typing_signs
from connectors.channel import Channel
from connectors.contract import Address, Capabilities, Manifest, NoConfig, Outbound, Sandbox, TypingObserved
from connectors.echo.codec import parse
from connectors.host import Host
from connectors.kit.connector import BaseConnector
from connectors.metrics import Meter
from tests.connectors.ground import Ground, answered, channel, until

SHOWN: list[tuple[str, str, bool]] = []


class Showing(BaseConnector):
    """Records the signs that it shows."""

    capabilities = Capabilities(transports=("webhook",), typing_out=True, typing_in=True)

    def __init__(self, config: Any, sandbox: Sandbox) -> None:
        super().__init__(config, sandbox)
        SHOWN.clear()

    async def typing(self, to: Address, conversation_key: str, on: bool) -> None:
        SHOWN.append((to.value, conversation_key, on))
        if conversation_key == "broken":
            raise ValueError("a defect")

    async def send(self, message: Outbound, part: Any) -> Any:
        raise NotImplementedError


LAB: Channel = channel(
    "lab",
    Manifest(
        id="showing",
        name="Showing",
        contract=1,
        config=NoConfig,
        capabilities=Showing.capabilities,
        create=Showing,
        parse=parse,
    ),
)


async def conversation(ground: Ground, host: Host, who: str = "ada") -> str:
    body = json.dumps({"id": f"m-{who}", "who": who, "text": "hi"}).encode()
    (ident,) = answered(await host.hooks.answer("lab", "POST", "/", {}, {}, body))["ids"]
    return next(message.conversation for message in await ground.messages() if message.id == ident)


async def sign(ground: Ground, conversation: str, kind: str = "agent", on: bool = True) -> None:
    payload = {"conversation": conversation, "who": {"kind": kind, "id": "ann", "name": "Ann"}, "on": on}
    await ground.journal.bus.publish("typing", json.dumps(payload).encode())


async def _shown(count: int) -> bool:
    return len(SHOWN) >= count


def typed(who: str = "ada", on: bool = True) -> TypingObserved:
    return TypingObserved(
        source_key="", conversation_key=who, sender=Address(scheme="echo", value=who, display="Ada"), on=on
    )


async def test_customers_signs_reach_the_bus(ground: Ground) -> None:
    heard: list[Any] = []

    async def listen() -> None:
        async for _topic, payload in ground.journal.bus.subscribe("typing"):
            heard.append(json.loads(payload))

    async with ground.host(LAB) as host:
        task = asyncio.create_task(listen())
        await asyncio.sleep(0.01)
        await host._delivery.take_in(LAB, [typed("stranger")], [], Meter("lab"))
        ident = await conversation(ground, host)
        head = ground.journal.head
        await host._delivery.take_in(LAB, [typed(), typed(on=False)], [], Meter("lab"))
        await asyncio.sleep(0.01)
        task.cancel()
    who = {"kind": "contact", "name": "Ada"}
    assert [
        (sign["conversation"], {k: v for k, v in sign["who"].items() if v}, sign["on"]) for sign in heard
    ] == [
        (ident, who, True),
        (ident, who, False),
    ]
    assert ground.journal.head == head


async def test_agents_signs_reach_the_customer(ground: Ground) -> None:
    async with ground.host(LAB) as host:
        ident = await conversation(ground, host)
        await sign(ground, ident)
        await sign(ground, ident, on=False)
        await until(lambda: _shown(2))
    assert sorted(SHOWN) == [("ada", "ada", False), ("ada", "ada", True)]


async def test_what_cannot_be_shown_harms_nobody(ground: Ground) -> None:
    async with ground.host(LAB) as host:
        ident, broken = await conversation(ground, host), await conversation(ground, host, "broken")
        await ground.journal.bus.publish("typing", b"nonsense")
        await ground.journal.bus.publish("typing", b'{"conversation": 7}')
        await sign(ground, "cnv_nowhere")
        await sign(ground, ident, kind="contact")
        await sign(ground, broken)
        await sign(ground, ident)
        await until(lambda: _shown(2))
    assert sorted(SHOWN) == [("ada", "ada", True), ("broken", "broken", True)]


async def test_of_two_processes_one_shows_it(ground: Ground) -> None:
    async with ground.host(LAB) as host, ground.host(LAB):
        ident = await conversation(ground, host)
        await sign(ground, ident)
        await until(lambda: _shown(1))
        await asyncio.sleep(0.05)
    assert SHOWN == [("ada", "ada", True)]


async def test_what_is_remembered_is_bounded(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typing_signs, "REMEMBERED", 3)
    async with ground.host(LAB) as host:
        for number in range(6):
            await conversation(ground, host, f"v{number}")
            await host._delivery.take_in(LAB, [typed(f"v{number}")], [], Meter("lab"))
            await sign(ground, f"cnv_{number}")
        await asyncio.sleep(0.1)
        assert len(host._typing._conversations) == 3
        assert len(host._typing._destinations) == 3
