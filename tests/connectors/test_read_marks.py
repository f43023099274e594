"""Read marks: what an agent has read reaches channels that can show it, up to the right number, once, and harms nobody."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from connectors import read_marks
from connectors.channel import Channel
from connectors.contract import Address, Capabilities, Manifest, NoConfig, Sandbox
from connectors.echo.codec import parse
from connectors.host import Host
from connectors.kit.connector import BaseConnector
from stream import commands as cmd
from stream.ids import new_token
from tests.connectors.ground import ANN, Ground, answered, channel, until

SHOWN: list[tuple[str, str, int]] = []


class Showing(BaseConnector):
    """Records the marks that it shows."""

    capabilities = Capabilities(transports=("webhook",), read_out=True)

    def __init__(self, config: Any, sandbox: Sandbox) -> None:
        super().__init__(config, sandbox)
        SHOWN.clear()

    async def read(self, to: Address, conversation_key: str, n: int) -> None:
        SHOWN.append((to.value, conversation_key, n))
        if conversation_key == "broken":
            raise ValueError("a defect")


def lab(name: str, **can: Any) -> Channel:
    return channel(
        name,
        Manifest(
            id="showing",
            name="Showing",
            contract=1,
            config=NoConfig,
            capabilities=Capabilities(transports=("webhook",), **can),
            create=Showing,
            parse=parse,
        ),
    )


LAB, QUIET = lab("lab", read_out=True), lab("quiet")


async def write(ground: Ground, host: Host, text: str, who: str = "ada", name: str = "lab") -> str:
    """A customer writes; the conversation."""
    body = json.dumps({"id": f"{who}-{text}", "who": who, "text": text}).encode()
    (ident,) = answered(await host.hooks.answer(name, "POST", "/", {}, {}, body))["ids"]
    return next(message.conversation for message in await ground.messages() if message.id == ident)


async def read(ground: Ground, conversation: str, seq: int) -> None:
    """Ann reads up to `seq`."""
    command = cmd.MarkRead(token=new_token(), conversation=conversation, by=ANN, seq=seq)
    assert isinstance(await ground.journal.submit(command), cmd.Committed)


async def numbers(ground: Ground, conversation: str) -> list[int]:
    """The journal numbers of a conversation's messages."""
    found = await ground.journal.read(0, 1_000)
    return [
        one.n
        for one in found
        if getattr(one.event, "conversation", "") == conversation and hasattr(one.event, "seq")
        and hasattr(one.event, "message")
    ]  # fmt: skip


async def _shown(count: int) -> bool:
    return len(SHOWN) >= count


async def test_the_customer_sees_how_far_an_agent_has_read(ground: Ground) -> None:
    async with ground.host(LAB) as host:
        ident = await write(ground, host, "one")
        await write(ground, host, "two")
        first, second = await numbers(ground, ident)
        await read(ground, ident, 1)
        await until(lambda: _shown(1))
        await read(ground, ident, 2)
        await until(lambda: _shown(2))
    assert [n for _to, _key, n in SHOWN] == [first, second]
    assert {(to, key) for to, key, _n in SHOWN} == {("ada", "ada")}


async def test_only_channels_that_declare_it_are_asked(ground: Ground) -> None:
    async with ground.host(LAB, QUIET) as host:
        quiet = await write(ground, host, "one", name="quiet")
        loud = await write(ground, host, "one")
        await read(ground, quiet, 1)
        await read(ground, loud, 1)
        await until(lambda: _shown(1))
    assert [shown[1] for shown in SHOWN] == ["ada"]
    assert [shown[2] for shown in SHOWN] == await numbers(ground, loud)


async def test_a_defect_costs_its_own_mark_only(ground: Ground) -> None:
    async with ground.host(LAB) as host:
        broken, ident = await write(ground, host, "x", "broken"), await write(ground, host, "one")
        await read(ground, broken, 1)
        await until(lambda: _shown(1))
        await read(ground, ident, 1)
        await until(lambda: _shown(2))
    assert [key for _to, key, _n in SHOWN] == ["broken", "ada"]


async def test_of_two_processes_one_tells_it(ground: Ground) -> None:
    async with ground.host(LAB) as host, ground.host(LAB):
        await read(ground, await write(ground, host, "one"), 1)
        await until(lambda: _shown(1))
        await asyncio.sleep(0.05)
    assert len(SHOWN) == 1


async def test_a_mark_too_far_back_is_not_told(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_marks, "LOOK_BACK", 2)
    async with ground.host(LAB) as host:
        ident = await write(ground, host, "one")
        for text in ("two", "three", "four"):
            await write(ground, host, text)
        await read(ground, ident, 1)
        await read(ground, ident, 3)
        await until(lambda: _shown(1))
        await asyncio.sleep(0.05)
    assert [n for _to, _key, n in SHOWN] == (await numbers(ground, ident))[2:3]


async def test_no_more_than_some_are_told_at_once(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_marks, "MAX_AT_ONCE", 2)
    under_way, most = 0, 0

    async def slow(self: Showing, to: Address, conversation_key: str, n: int) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        SHOWN.append((to.value, conversation_key, n))

    monkeypatch.setattr(Showing, "read", slow)
    async with ground.host(LAB) as host:
        idents = [await write(ground, host, "one", f"v{number}") for number in range(6)]
        await asyncio.gather(*(read(ground, ident, 1) for ident in idents))
        await until(lambda: _shown(6))
    assert most <= 2
