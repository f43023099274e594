"""The way out: lanes, outcomes, rates, pauses, and what a dead worker leaves behind. A connector that does as it is told sends."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from connectors import outbox as outbox_module
from connectors.contract import (
    Capabilities,
    NeedsOperator,
    RateLimit,
    Rejected,
    Retry,
    SentUnknown,
    TryLater,
    Unknown,
)
from stream import reads
from stream.dead import list_dead
from stream.model import Attachment, Identity
from stream.outbox import claim
from tests.connectors.ground import Ground, until
from tests.connectors.told import connector, conversation, told


async def test_a_reply_is_sent_at_once(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        took = []
        for _try in range(5):  # the least of them: a busy machine may stop us in the midst of one
            started = time.monotonic()
            message = await ground.reply(ident, "hello")
            row = await ground.delivery(message, "sent")
            took.append(time.monotonic() - started)
            assert row.provider_ids == (f"{message}:0",)
        assert min(took) < 0.5
        assert connector(host).sent == [("ada", "hello")] * 5


async def test_what_the_connector_gets(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        first = await ground.reply(ident, "one")
        await ground.delivery(first, "sent")
        await ground.delivery(await ground.reply(ident, "two"), "sent")
        message = connector(host).messages[-1]
    assert (message.to.scheme, message.to.value, message.conversation_key) == ("echo", "ada", "ada")
    assert message.context["conversation"] == ident
    assert message.context["last"]["text"] == "hi"
    assert message.context["last"]["provider_ids"] == ("first-ada",)
    assert message.context["thread"] == ("first-ada", f"{first}:0")


async def test_one_in_flight_per_conversation_many_over_all(ground: Ground) -> None:
    async with ground.host(told()) as host:
        idents = {who: await conversation(ground, host, who) for who in ("ada", "bob", "cyd")}
        connector(host).pause = 0.02
        messages = [
            await ground.reply(ident, f"{number}") for number in range(6) for ident in idents.values()
        ]
        for message in messages:
            await ground.delivery(message, "sent")
        for who in idents:
            assert connector(host).most[who] == 1
            assert [text for lane, text in connector(host).sent if lane == who] == [
                str(number) for number in range(6)
            ]
        assert connector(host).most["all"] > 1


async def test_sends_under_way_are_bounded_per_channel(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "PER_CHANNEL", 2)
    async with ground.host(told()) as host:
        idents = [await conversation(ground, host, f"c{number}") for number in range(8)]
        connector(host).pause = 0.02
        messages = [await ground.reply(ident) for ident in idents]
        for message in messages:
            await ground.delivery(message, "sent")
        assert connector(host).most["all"] == 2


async def test_a_rejection_fails_visibly_and_frees_the_lane(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        connector(host).doing["ada"].append(Rejected(text="They have left.", stopped=True))
        first, second = await ground.reply(ident, "one"), await ground.reply(ident, "two")
        row = await ground.delivery(first, "failed")
        await ground.delivery(second, "sent")
    assert row.error == "They have left."
    found = await reads.conversation(ground.journal.store, ident)
    assert found is not None
    identity = await reads.identity(ground.journal.store, found.identity)
    assert isinstance(identity, Identity)
    assert identity.stopped
    (letter,) = await list_dead(ground.journal.store)
    assert (letter.ref, letter.direction) == (first, "out")


async def test_unknown_is_never_sent_again_by_itself(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        connector(host).doing["ada"].append(SentUnknown("No answer."))
        row = await ground.delivery(await ground.reply(ident, "once"), "unknown")
        await asyncio.sleep(0.2)
        assert connector(host).sent == []
        assert len(connector(host).at) == 1
    assert row.error == "No answer."


async def test_unknown_is_sent_again_where_the_provider_knows_repeats(ground: Ground) -> None:
    face: dict[str, Any] = {"capabilities": Capabilities(transports=("webhook",), idempotent_send=True)}
    async with ground.host(told(**face)) as host:
        ident = await conversation(ground, host)
        connector(host).doing["ada"].append(Unknown(text="No answer."))
        await ground.delivery(await ground.reply(ident), "sent")
        assert len({message.id for message in connector(host).messages}) == 1
        assert len(connector(host).at) == 2


@pytest.mark.parametrize(
    ("what", "state", "says"),
    [
        (KeyError("secret-text"), "unknown", "The connector failed while it sent (KeyError)."),
        (TimeoutError(), "unknown", "did not answer in time"),
    ],
)
async def test_a_defect_is_an_unknown(ground: Ground, what: Exception, state: str, says: str) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        connector(host).doing["ada"].append(what)
        row = await ground.delivery(await ground.reply(ident), state)
    assert says in row.error
    assert "secret-text" not in row.error


async def test_retry_after_is_obeyed_and_holds_only_its_conversation(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ada, bob = await conversation(ground, host, "ada"), await conversation(ground, host, "bob")
        connector(host).doing["ada"].append(Retry(text="slow down", after=0.4))
        slow, quick = await ground.reply(ada, "slow"), await ground.reply(bob, "quick")
        await ground.delivery(quick, "sent")
        assert connector(host).sent == [("bob", "quick")]
        await ground.delivery(slow, "sent")
        tries = [
            at
            for at, message in zip(connector(host).at, connector(host).messages, strict=True)
            if message.id == slow
        ]
    assert tries[1] - tries[0] >= 0.4


async def test_a_retry_of_the_account_holds_everything(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ada, bob = await conversation(ground, host, "ada"), await conversation(ground, host, "bob")
        connector(host).doing["ada"].append(Retry(text="slow down", after=0.4, scope="account"))
        await ground.reply(ada, "slow")
        await until(lambda: _async(connector(host).at))
        message = await ground.reply(bob, "waits")
        await ground.delivery(message, "sent")
        assert connector(host).at[1] - connector(host).at[0] >= 0.4


async def _async(value: Any) -> Any:
    return value


async def test_after_its_tries_a_message_fails_visibly(ground: Ground) -> None:
    async with ground.host(told(tries=3)) as host:
        ident = await conversation(ground, host)
        connector(host).doing["ada"].extend([Retry(text="busy", after=0.01)] * 9)
        row = await ground.delivery(await ground.reply(ident), "failed")
        assert len(connector(host).at) == 3
    assert row.error == "Given up after 3 tries: busy"


async def test_a_lane_is_held_no_longer_than_its_time(ground: Ground) -> None:
    async with ground.host(told(hold=0.3)) as host:
        ident = await conversation(ground, host)
        connector(host).doing["ada"].extend([Retry(text="busy", after=0.1)] * 9)
        first, second = await ground.reply(ident, "one"), await ground.reply(ident, "two")
        connector(host).doing["ada"].clear()
        connector(host).doing["ada"].extend([Retry(text="busy", after=0.1)] * 4)
        row = await ground.delivery(first, "failed", "sent")
        await ground.delivery(second, "sent")
    assert row.delivery == "failed"


async def test_a_channel_that_is_down_lets_messages_fail_in_time(ground: Ground) -> None:
    async with ground.host(told(hold=0.5)) as host:
        idents = [await conversation(ground, host, f"c{number}") for number in range(6)]
        connector(host).doing[""].extend([TryLater("No connection.")] * 100)
        messages = [await ground.reply(ident) for ident in idents]
        for message in messages:
            await ground.delivery(message, "failed", seconds=15.0)
        (health,) = host.health()
    assert health.state == "disconnected"
    assert health.circuit == "open"


async def test_the_circuit_closes_after_one_probe(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.health.OPEN_SECONDS", 0.2)
    async with ground.host(told()) as host:
        idents = [await conversation(ground, host, f"c{number}") for number in range(8)]
        connector(host).doing[""].extend([TryLater("No connection.")] * 6)
        messages = [await ground.reply(ident) for ident in idents]
        for message in messages:
            await ground.delivery(message, "sent", seconds=15.0)
        (health,) = host.health()
    assert (health.state, health.circuit) == ("connected", "closed")


async def test_refused_credentials_ask_for_the_operator(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        connector(host).doing["ada"].append(NeedsOperator("The token was refused."))
        await ground.reply(ident)
        await until(lambda: _async([report for report in host.health() if report.state == "needs_operator"]))
        (health,) = host.health()
    assert health.reason == "The token was refused."


@pytest.mark.parametrize(("scope", "least"), [("account", 0.5), ("conversation", 0.0)])
async def test_declared_rates_are_kept(ground: Ground, scope: Any, least: float) -> None:
    async with ground.host(told(rates=(RateLimit(count=2, seconds=0.5, scope=scope),))) as host:
        idents = [await conversation(ground, host, f"c{number}") for number in range(4)]
        messages = [await ground.reply(ident) for ident in idents]
        for message in messages:
            await ground.delivery(message, "sent")
        times = connector(host).at
    assert times[-1] - times[0] >= least - 0.3
    assert (times[-1] - times[0] < 0.3) is (scope == "conversation")


async def test_what_cannot_be_planned_fails(ground: Ground) -> None:
    file = Attachment(id="att_1", blob="x", name="big.bin", content_type="application/octet-stream", size=101)
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        row = await ground.delivery(await ground.reply(ident, "", attachments=(file,)), "failed")
    assert "big.bin is left out" in row.error


async def test_sends_of_a_dead_worker_are_settled(ground: Ground) -> None:
    twice: dict[str, Any] = {"capabilities": Capabilities(transports=("webhook",), idempotent_send=True)}
    async with ground.host(told(), told("safe", **twice)) as host:
        idents = [await conversation(ground, host, "ada"), await conversation(ground, host, "bob", "safe")]
    messages = [await ground.reply(ident) for ident in idents]
    assert len(await claim(ground.journal.store, "dead", ["lab", "safe"], time.time(), 10, 3600.0)) == 2
    async with ground.host(told(), told("safe", **twice), exclusive=True) as host:
        row = await ground.delivery(messages[0], "unknown")
        await ground.delivery(messages[1], "sent")
        assert connector(host).sent == []
        assert connector(host, "safe").sent == [("bob", "hello")]
    assert "nobody knows whether it went out" in row.error


async def test_a_loop_that_starts_again_leaves_its_own_sends_alone(ground: Ground) -> None:
    """The host starts it again after a defect: what is under way is not a dead predecessor's then."""
    async with ground.host(told(), exclusive=True) as host:
        ident = await conversation(ground, host)
        connector(host).pause = 1.0
        message = await ground.reply(ident)
        await until(lambda: _async(connector(host).busy["ada"]))
        again = asyncio.create_task(host.outbox.run())
        row = await ground.delivery(message, "sent")
        again.cancel()
        assert connector(host).sent == [("ada", "hello")]
    assert not row.error


async def test_claims_of_others_are_left_alone_until_their_time_is_over(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
    message = await ground.reply(ident)
    await claim(ground.journal.store, "other", ["lab"], time.time(), 10, 3600.0)
    async with ground.host(told()) as host:
        assert await host.outbox.recover(time.time()) == 0
        assert await host.outbox.recover(time.time() + 3601.0) == 1
        await ground.delivery(message, "unknown")


async def test_draining_finishes_what_is_under_way_and_starts_nothing(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        connector(host).pause = 0.2
        first, second = await ground.reply(ident, "one"), await ground.reply(ident, "two")
        await until(lambda: _async(connector(host).busy["ada"]))
        await host.outbox.drain(5.0)
        row = await reads.message(ground.journal.store, first)
        later = await reads.message(ground.journal.store, second)
    assert row is not None
    assert later is not None
    assert (row.delivery, later.delivery) == ("sent", "queued")


async def test_replies_from_before_the_start_are_sent(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
    message = await ground.reply(ident)
    async with ground.host(told()):
        await ground.delivery(message, "sent")


async def test_a_file_that_is_gone_fails_the_message(ground: Ground) -> None:
    file = Attachment(id="att_1", blob="ab/" + "0" * 26, name="a.txt", content_type="text/plain", size=5)
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        row = await ground.delivery(await ground.reply(ident, "", attachments=(file,)), "failed")
    assert row.error == "The file a.txt is not there any more."


async def test_a_message_that_cannot_be_put_together_fails(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def defect(*_given: Any) -> None:
        raise KeyError("a defect of ours")

    monkeypatch.setattr(outbox_module, "send_for", defect)
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        row = await ground.delivery(await ground.reply(ident), "failed")
    assert row.error == "This message could not be put together (KeyError)."


async def test_a_channel_that_is_taken_out_finishes_what_is_under_way(ground: Ground) -> None:
    async with ground.host(told()) as host:
        ident = await conversation(ground, host)
        sending = connector(host)
        sending.pause = 0.2
        first, second = await ground.reply(ident, "one"), await ground.reply(ident, "two")
        await until(lambda: _async(sending.busy["ada"]))
        await host.apply([])
        await ground.delivery(first, "sent")
        await host.apply([told()])
        await ground.delivery(second, "sent")
        assert sending.sent == [("ada", "one")]
