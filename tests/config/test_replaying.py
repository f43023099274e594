"""A dead letter tried again: in through the codec, out through the outbox, or still dead with the reason."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from config.catalogue import installed
from config.load import House, load
from config.opening import DEMO
from config.replaying import Replayer, StillDead
from connectors import registry
from connectors.email import ids
from connectors.sandbox import channel_keys
from stream import reads
from stream.blobs import open_blobs
from stream.commands import AgentFacts, ApplyConfig, Committed, ReceivePoison, RecordDelivery, Reply
from stream.dead import list_dead
from stream.ids import new_token
from stream.journal import Journal
from stream.model import Author, MessageContent
from stream.outbox import claim
from tests.config.test_samples import ENVIRONMENT, sample

__all__ = ["sample"]

MASTER = (b"m" * 32,)
MAIL = b"From: Ada <ada@example.org>\r\nTo: help@example.com\r\nSubject: Lamp\r\nMessage-ID: <m1@example.org>\r\n\r\nIt is dark.\r\n"
EVENT = {"type": "message", "id": "m1", "conversation": "c1", "from": {"id": "u1"}, "text": "Hello"}


@pytest.fixture(scope="module")
def house() -> House:
    return load(DEMO, ENVIRONMENT, installed()).house


@pytest.fixture
def replayer(journal: Journal, house: House, tmp_path: Path) -> Replayer:
    return Replayer(journal, open_blobs(f"file://{tmp_path}/blobs"), lambda: house, "test", MASTER)


async def letter(journal: Journal, channel: str, raw: bytes, source_key: str = "") -> str:
    command = ReceivePoison(
        token=new_token(),
        channel=channel,
        connector="webhook",
        source_key=source_key or f"poison:{new_token()}",
        raw=raw,
        error="unreadable",
    )
    assert isinstance(await journal.submit(command), Committed)
    return (await list_dead(journal.store))[0].id


async def test_what_can_be_read_now_is_taken_in_and_the_letter_is_gone(
    journal: Journal, replayer: Replayer
) -> None:
    ident = await letter(journal, "partner-api", msgspec.json.encode(EVENT))
    assert await replayer.replay(ident) == "1 taken in"
    assert await list_dead(journal.store) == []
    again = await letter(journal, "partner-api", msgspec.json.encode([EVENT, {**EVENT, "id": "m2"}]))
    assert await replayer.replay(again) == "1 taken in, 1 known already"


@pytest.mark.parametrize(
    ("channel", "raw", "said"),
    [
        ("partner-api", b"{", "truncated"),
        ("partner-api", msgspec.json.encode([EVENT, {"type": "message"}]), "from"),
        ("gone", b"{}", "there is no channel gone any more"),
        ("website", b"{}", "nothing of it can be read again"),
    ],
)
async def test_what_cannot_stays_with_the_reason(
    journal: Journal, replayer: Replayer, channel: str, raw: bytes, said: str
) -> None:
    ident = await letter(journal, channel, raw)
    with pytest.raises(StillDead, match=said):
        await replayer.replay(ident)
    assert [one.id for one in await list_dead(journal.store)] == [ident]


async def test_a_letter_does_not_stand_in_its_own_way(journal: Journal, replayer: Replayer) -> None:
    """What was refused under its own key is taken in under that key, and is known from then on."""
    raw = msgspec.json.encode(EVENT)
    assert await replayer.replay(await letter(journal, "partner-api", raw, "msg:m1")) == "1 taken in"
    (row,) = await reads.unresolved(journal.store, "", 10)
    assert row.seq == 1
    again = await letter(journal, "partner-api", raw)
    assert await replayer.replay(again) == "0 taken in, 1 known already"


async def test_a_dead_mail_is_read_again(journal: Journal, sample: Path, tmp_path: Path) -> None:
    house = load(sample, ENVIRONMENT, installed()).house
    replayer = Replayer(journal, open_blobs(f"file://{tmp_path}/blobs"), lambda: house, "test", MASTER)
    ident = await letter(journal, "support-mail", MAIL, "msg::0123")
    assert await replayer.replay(ident) == "1 taken in"
    (row,) = await reads.unresolved(journal.store, "", 10)
    message = await reads.message(journal.store, row.last_message)
    assert message is not None
    assert (message.provider_ids, row.connector) == (("m1@example.org",), "email")
    assert await replayer.replay(await letter(journal, "support-mail", MAIL)) == "0 taken in, 1 known already"


async def test_a_dead_mail_about_our_own_send_finds_it(
    journal: Journal, sample: Path, tmp_path: Path
) -> None:
    """The channel's signing keys are the ones that the connector has: a mail of ours is known as ours."""
    house = load(sample, ENVIRONMENT, installed()).house
    config = house.channels["support-mail"].config
    keys = channel_keys("support-mail", MASTER, ids.PURPOSE)
    ours = ids.Ids(keys, config.address, config.answers_to).message_id("msg_1", time.time())
    replayer = Replayer(journal, open_blobs(f"file://{tmp_path}/blobs"), lambda: house, "test", MASTER)
    mail = MAIL.replace(b"m1@example.org", ours.encode())
    assert await replayer.replay(await letter(journal, "support-mail", mail)) == "1 taken in"
    assert await reads.unresolved(journal.store, "", 10) == []  # only kept: it came from us


async def test_there_is_no_such_letter(replayer: Replayer) -> None:
    with pytest.raises(LookupError, match="There is no dead letter x"):
        await replayer.replay("x")


async def test_a_failed_send_is_queued_again(journal: Journal, replayer: Replayer) -> None:
    await journal.submit(
        ApplyConfig(token=new_token(), hash="h", bundle={}, agents=(AgentFacts(agent="ann", name="Ann"),))
    )
    await replayer.replay(await letter(journal, "partner-api", msgspec.json.encode(EVENT)))
    conversation = (await reads.unresolved(journal.store, "", 10))[0].id
    reply = Reply(
        token=new_token(),
        conversation=conversation,
        by=Author(kind="agent", id="ann"),
        message=f"msg_{new_token()}",
        content=MessageContent(text="Hi"),
    )
    assert isinstance(await journal.submit(reply), Committed)
    (claimed,) = await claim(journal.store, "w", ["partner-api"], time.time() + 1)
    await journal.submit(
        RecordDelivery(
            token=new_token(), message=reply.message, fence=claimed.fence, delivery="failed", error="refused"
        )
    )
    (dead,) = await list_dead(journal.store)
    assert (dead.direction, dead.ref) == ("out", reply.message)
    assert await replayer.replay(dead.id) == "queued again"
    message = await reads.message(journal.store, reply.message)
    assert message is not None
    assert message.delivery == "queued"


def test_the_registry_is_what_the_demo_needs(house: House) -> None:
    assert set(house.manifests) <= set(registry.names())
