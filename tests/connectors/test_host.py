"""The host: starting, following a new configuration, keeping its parts up, and closing; one bad channel never stops another."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from prometheus_client import REGISTRY

from connectors import host as host_module
from connectors import running as running_module
from connectors.contract import (
    Address,
    Capabilities,
    Malformed,
    Manifest,
    NeedsOperator,
    Outbound,
    TryLater,
    Unsupported,
)
from connectors.echo.codec import parse
from connectors.host import start
from connectors.kit.connector import BaseConnector
from tests.connectors.ground import SECRET, Ground, channel, event, post, shop, until

OPENED: list[str] = []
CLOSED: list[str] = []
FAULTS: dict[str, list[Exception]] = {}


class Careful(BaseConnector):
    """Records its life; fails to open as told."""

    capabilities = Capabilities(transports=("webhook", "socket"), starts_conversations=True)

    async def open(self) -> None:
        faults = FAULTS.get(self.sandbox.channel, [])
        if faults:
            raise faults.pop(0)
        OPENED.append(self.sandbox.channel)

    async def close(self) -> None:
        CLOSED.append(self.sandbox.channel)
        if self.sandbox.channel == "stuck":
            await asyncio.sleep(60)

    def routes(self) -> list[str]:
        return [f"/{self.sandbox.channel}"]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that can change."""

    colour: str = "red"


def begin(typed: str, token: str) -> tuple[Address, str]:
    if "@" not in typed:
        raise Malformed("no address", "to")
    return Address(scheme="email", value=typed.strip(), scope="global"), f"new:{token[:4]}" if token else ""


FACE = Manifest(
    id="careful",
    name="Careful",
    contract=1,
    config=Config,
    capabilities=Careful.capabilities,
    create=Careful,
    parse=parse,
    start=begin,
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    OPENED.clear()
    CLOSED.clear()
    FAULTS.clear()
    monkeypatch.setattr(running_module, "full_jitter", lambda *_args, **_more: 0.02)


async def opened(*names: str) -> bool:
    return all(name in OPENED for name in names)


async def test_a_channel_that_cannot_open_stops_no_other(ground: Ground) -> None:
    FAULTS["bad"] = [TryLater("down"), ValueError("a defect"), TimeoutError()]
    async with ground.host(channel("bad", FACE), channel("good", FACE), shop()) as host:
        await until(lambda: opened("bad", "good"))
        assert (await post(host, event())).status == 200
        assert {report.channel: report.state for report in host.health()} == dict.fromkeys(
            ("bad", "good", "shop"), "connected"
        )
    assert sorted(CLOSED) == ["bad", "good"]


async def test_refused_credentials_are_told(ground: Ground) -> None:
    FAULTS["bad"] = [NeedsOperator("The password was refused.")]
    async with ground.host(channel("bad", FACE)) as host:

        async def told() -> bool:
            return host.health()[0].state == "needs_operator"

        await until(told)
        assert host.health()[0].reason == "The password was refused."
    assert CLOSED == []


async def test_a_new_configuration_changes_only_what_it_changes(ground: Ground) -> None:
    async with ground.host(channel("same", FACE), channel("changed", FACE), channel("gone", FACE)) as host:
        await until(lambda: opened("same", "changed", "gone"))
        same = host._running["same"]
        OPENED.clear()
        await host.apply(
            [channel("same", FACE), channel("changed", FACE, colour="blue"), channel("new", FACE), shop()]
        )
        await until(lambda: opened("changed", "new"))
        assert host._running["same"] is same
        assert sorted(OPENED) == ["changed", "new"]
        assert sorted(CLOSED) == ["changed", "gone"]
        assert {running.name for running in host.channels()} == {"same", "changed", "new", "shop"}
        assert (await post(host, event(), "gone")).status == 404
        assert (await post(host, event())).status == 200


async def test_a_configuration_that_cannot_be_used_changes_nothing(ground: Ground) -> None:
    async with ground.host(shop()) as host:
        face = msgspec.structs.replace(shop().manifest, id="other")
        bad = msgspec.structs.replace(
            shop("second"),
            manifest=msgspec.structs.replace(
                face, verification=msgspec.structs.replace(face.verification, secret="nothing")
            ),
        )
        with pytest.raises(ValueError, match="nothing could be verified"):
            await host.apply([bad])
        assert [running.name for running in host.channels()] == ["shop"]
        assert (await post(host, event())).status == 200


async def test_secrets_rotate_by_a_new_configuration(ground: Ground) -> None:
    newer = "whsec_" + "bmV3" * 8
    async with ground.host(shop()) as host:
        await host.apply([shop(secrets=[newer, SECRET])])
        assert (await post(host, event("1"))).status == 200
        assert (await post(host, event("2"), secret=newer)).status == 200
        await host.apply([shop(secrets=[newer])])
        assert (await post(host, event("3"))).status == 401


async def test_a_part_that_fails_is_started_again(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "RESTART_SECONDS", 0.01)
    runs: list[int] = []

    async def failing() -> None:
        runs.append(1)
        if len(runs) < 3:
            raise RuntimeError("a defect")

    async with ground.host() as host:
        task = host._spawn("part", failing)
        await asyncio.wait_for(task, 20)
    assert len(runs) == 3


async def test_closing_is_bounded(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_module, "CLOSE_SECONDS", 0.05)
    started = asyncio.get_running_loop().time()
    async with ground.host(channel("stuck", FACE)):
        await until(lambda: opened("stuck"))
    assert asyncio.get_running_loop().time() - started < 2.0
    assert CLOSED == ["stuck"]


async def test_what_others_ask(ground: Ground) -> None:
    async with ground.host(channel("lab", FACE), channel("tryout", "echo")) as host:
        assert {name: [*map(str, routes)] for name, routes in host.routes().items()} == {"lab": ["/lab"]}
        assert await host.probe("lab") == "There is nothing to check: the channel has no account."
        message = Outbound(
            id="msg_1", to=Address(scheme="x", value="y"), conversation_key="y", text="hi", html="<b>hi</b>"
        )
        assert host.degraded("lab", message) == (
            "Formatting is not shown on this channel: the text goes without it.",
        )
        assert host.degraded("nowhere", message) == ()
        with pytest.raises(LookupError):
            await host.probe("nowhere")


def test_an_agent_writes_first() -> None:
    lab = channel("lab", FACE)
    started = start(lab, " Ada@example.org ", "Ada")
    assert (started.to.scheme, started.to.value, started.to.display) == ("email", "Ada@example.org", "Ada")
    assert started.conversation_key.startswith("new:")
    with pytest.raises(Malformed):
        start(lab, "nobody")
    with pytest.raises(Unsupported, match="has to write first"):
        start(channel("tryout", "echo"), "ada@example.org")


async def test_what_is_counted(ground: Ground) -> None:
    def count(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0.0

    before = {
        result: count("parley_inbound_messages_total", channel="counted", result=result)
        for result in ("accepted", "duplicate", "unmapped")
    }
    async with ground.host(shop("counted")) as host:
        await post(host, event(), "counted")
        await post(host, event(), "counted")
        await post(host, {"type": "teleport"}, "counted")
        await post(host, event(), "counted", at=1.0)
    after = {
        result: count("parley_inbound_messages_total", channel="counted", result=result) for result in before
    }
    assert {result: after[result] - before[result] for result in before} == {
        "accepted": 1,
        "duplicate": 1,
        "unmapped": 1,
    }
    assert count("parley_webhook_requests_total", channel="counted", status="401") >= 1
    assert count("parley_inbound_ack_duration_seconds_count", channel="counted") >= 4


def test_settings_need_keys() -> None:
    with pytest.raises(TypeError):
        host_module.HostSettings()  # type: ignore[call-arg]  # what must fail
