"""Messages that go out in several parts: in order, each once, within the channel's time, and on from where an attempt ended."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import outbox as outbox_module
from connectors.contract import Accepted, Rejected, Retry, Unknown
from stream import commands as cmd
from stream.ids import new_token
from stream.model import Attachment
from stream.outbox import part_done
from stream.store.ports import Unavailable
from tests.connectors.ground import ANN, Ground
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


async def test_a_part_that_takes_too_long_is_given_up(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "PART_SECONDS", 0.05)
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        connector(host).pause = 10.0
        row = await ground.delivery(await ground.reply(ident), "unknown")
    assert "did not answer in time" in row.error


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
