"""Messages that go out in several parts: in order, each once, within the channel's time, and on from where an attempt ended."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from connectors import outbox as outbox_module
from connectors.contract import Accepted, Rejected, Retry, Unknown
from connectors.host import Host
from stream import commands as cmd
from stream.ids import new_token
from stream.model import Attachment
from stream.outbox import abandoned, part_done
from stream.store.ports import Unavailable
from tests.connectors.ground import ANN, Ground, until
from tests.connectors.told import connector, conversation, told


async def test_a_long_message_goes_in_parts_and_in_order(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        message = await ground.reply(ident, "one two three four")
        row = await ground.delivery(message, "sent")
        assert [text for _who, text in connector(host).sent] == ["one two", "three four"]
        assert row.provider_ids == (f"{message}:0", f"{message}:1")


async def test_a_part_that_was_accepted_is_never_sent_again(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        connector(host).doing["ada"].extend([Accepted(), Retry(text="busy", after=0.05), Accepted()])
        message = await ground.reply(ident, "one two three four five six")
        await ground.delivery(message, "sent")
        assert [text for _who, text in connector(host).sent] == ["one two", "three four", "five six"]


async def test_a_failure_says_how_much_has_gone_out(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        connector(host).doing["ada"].extend([Accepted(provider_ids=("p1",)), Rejected(text="Too rude.")])
        message = await ground.reply(ident, "one two three four")
        row = await ground.delivery(message, "failed")
    assert row.error == "Too rude. (Part 1 of 2 has been sent.)"
    assert row.provider_ids == ("p1",)


@pytest.mark.parametrize("outcome", [Rejected(text="Too rude."), Unknown(text="No answer.")])
async def test_a_retry_by_hand_goes_on_after_what_went_out(ground: Ground, outcome: Any) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        connector(host).doing["ada"].extend([Accepted(provider_ids=("p1",)), outcome])
        message = await ground.reply(ident, "one two three four five six")
        await ground.delivery(message, "failed", "unknown")
        again = cmd.RetrySend(token=new_token(), conversation=ident, by=ANN, message=message)
        assert isinstance(await ground.journal.submit(again), cmd.Committed)
        await ground.delivery(message, "sent")
        assert [text for _who, text in connector(host).sent] == ["one two", "three four", "five six"]


async def test_files_follow_the_text(ground: Ground) -> None:
    stored = await ground.blobs.put_bytes(b"bytes", 100)
    file = Attachment(id="att_1", blob=stored.key, name="a.txt", content_type="text/plain", size=5)
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        message = await ground.reply(ident, "see", attachments=(file,))
        await ground.delivery(message, "sent")
        assert connector(host).files == [b"bytes"]


async def test_a_part_that_takes_longer_than_its_channel_declares_is_given_up(ground: Ground) -> None:
    async with ground.host(told(part_seconds=0.05), told("slow", part_seconds=5.0)) as host:
        ident = await conversation(ground, host)
        other = await conversation(ground, host, "bob", "slow")
        connector(host).pause = 10.0
        connector(host, "slow").pause = 0.3
        row = await ground.delivery(await ground.reply(ident), "unknown")
        await ground.delivery(await ground.reply(other), "sent")
    assert "did not answer in time" in row.error


async def test_a_part_that_takes_longer_than_a_claim_stays_its_workers(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "CLAIM_SECONDS", 0.4)
    async with ground.host(told(part_seconds=30.0)) as host:
        ident = await conversation(ground, host)
        connector(host).pause = 1.2
        message = await ground.reply(ident)
        await until(lambda: _busy(host))
        while connector(host).busy["ada"]:
            assert await abandoned(ground.journal.store, ["lab"], time.time()) == []
            await asyncio.sleep(0.05)
        await ground.delivery(message, "sent")


async def _busy(host: Host) -> int:
    return connector(host).busy["ada"]


async def test_what_a_worker_sends_that_fell_silent_is_settled_by_another(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_given: Any) -> bool:
        raise Unavailable("away")

    monkeypatch.setattr(outbox_module, "extend", silent)
    monkeypatch.setattr(outbox_module, "CLAIM_SECONDS", 0.2)
    async with ground.host(told(part_seconds=30.0)) as host:
        ident = await conversation(ground, host)
        connector(host).pause = 1.0
        message = await ground.reply(ident)
        await until(lambda: _busy(host))
        await until(lambda: host.outbox.recover(time.time()))
        await until(lambda: _idle(host))
        await asyncio.sleep(0.1)
        row = await ground.delivery(message, "unknown")
    assert "nobody knows whether it went out" in row.error


async def _idle(host: Host) -> bool:
    return not connector(host).busy["ada"]


async def test_a_database_that_is_away_between_parts_sends_nothing_twice(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, away = part_done, [True]

    async def sometimes(*given: Any) -> bool:
        if away:
            away.pop()
            raise Unavailable("away")
        return await real(*given)

    monkeypatch.setattr(outbox_module, "part_done", sometimes)
    monkeypatch.setattr(outbox_module, "POLL_SECONDS", 0.1)
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        row = await ground.delivery(await ground.reply(ident, "one two three four"), "sent")
        assert [text for _who, text in connector(host).sent] == ["one two", "three four"]
    assert len(row.provider_ids) >= 1
