"""Postfix ends and starts again while a host hands mail in: nothing is lost, nothing goes twice, and what nobody can know is said to be so."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import defaultdict

import imapclient
import pytest

from connectors.channel import Channel
from connectors.email import MANIFEST
from connectors.email.settings import EmailConfig
from stream import reads
from stream.model import Message
from tests.connectors.email.odd_smtp import HANG_UP, OddServer
from tests.connectors.email.room import ann_works, ann_writes, smtp_settings
from tests.connectors.email.test_sending_goes_wrong import again, serving
from tests.connectors.ground import Ground, until
from tests.servers.dovecot import DovecotServer, Mailbox
from tests.servers.needed import skipping_when_missing
from tests.servers.postfix import PostfixPlace, postfix_place

MAILS = 24
TEXT = "a line of a letter that is long enough to be interrupted\n" * 2_000
OVER = ("sent", "unknown", "failed")
QUEUE_ID = re.compile(rb"ESMTPS?A? id ([0-9A-Za-z]+)")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not go is tried again after a moment."""
    monkeypatch.setattr("connectors.outcomes.BACKOFF_CAP", 0.3)
    monkeypatch.setattr("connectors.health.OPEN_SECONDS", 0.3)


async def over(ground: Ground, messages: list[str], count: int) -> list[Message]:
    """The messages, once so many of them have an outcome."""

    async def there() -> list[Message]:
        rows = [await reads.message(ground.journal.store, one) for one in messages]
        found = [row for row in rows if row is not None]
        return found if sum(row.delivery in OVER for row in found) >= count else []

    return await until(there, 90)


def taken(dovecot: DovecotServer, mailbox: Mailbox) -> dict[str, set[bytes]]:
    """How often the mail server took in what is in a mailbox: its queue's ids by Message-ID (that it delivers one twice is its own affair)."""
    found: dict[str, set[bytes]] = defaultdict(set)
    with imapclient.IMAPClient(dovecot.host, dovecot.imap_port, ssl=False) as client:
        client.login(mailbox.address, mailbox.password)
        client.select_folder("INBOX", readonly=True)
        item = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID RECEIVED)]"
        for one in client.fetch(client.search(), [item]).values():
            head = next(value for name, value in one.items() if name.startswith(b"BODY["))
            ident = re.search(rb"(?i)message-id:\s*<([^>]+)>", head)
            queued = QUEUE_ID.search(head)
            assert ident is not None
            assert queued is not None
            found[ident[1].decode()].add(queued[1])
    return found


async def delivered(
    dovecot: DovecotServer, place: PostfixPlace, mailbox: Mailbox, wanted: set[str]
) -> dict[str, set[bytes]]:
    """What is in the mailbox once all that is wanted is, and nothing is in the queue."""

    async def there() -> dict[str, set[bytes]]:
        waiting = [name for name in ("incoming", "active", "deferred") if _files(place, name)]
        found = await asyncio.to_thread(taken, dovecot, mailbox)
        return found if wanted <= set(found) and not waiting else {}

    return await until(there, 60)


def _files(place: PostfixPlace, name: str) -> bool:
    return any(path.is_file() for path in (place.home / "queue" / name).rglob("*"))


async def test_a_mail_server_that_restarts_loses_and_doubles_nothing(
    ground: Ground, dovecot: DovecotServer
) -> None:
    box, customer = dovecot.mailbox("support"), dovecot.mailbox("customer")
    with contextlib.ExitStack() as set_up, contextlib.ExitStack() as server:
        with skipping_when_missing():
            place = set_up.enter_context(postfix_place(dovecot))
            first = server.enter_context(place.running())
        config = EmailConfig(address=box.address, smtp=smtp_settings(first, box))
        await ann_works(ground)
        async with ground.host(Channel(name="support-email", manifest=MANIFEST, config=config)) as host:
            messages = [await ann_writes(ground, host, customer.address, text=TEXT) for _ in range(MAILS)]
            for count in (3, 10):
                await over(ground, messages, count)
                await asyncio.to_thread(server.close)
                await asyncio.to_thread(server.enter_context, place.running())
            rows = await over(ground, messages, MAILS)
            assert {row.delivery for row in rows} <= {"sent", "unknown"}
            sent = {row.provider_ids[0] for row in rows if row.delivery == "sent"}
            found = await delivered(dovecot, place, customer, sent)
            assert {len(times) for times in found.values()} == {1}, "each was handed in once"
            for row in rows:
                if row.delivery == "unknown":
                    assert "did not confirm it" in row.error
                    await again(ground, row)
                    await ground.delivery(row.id, "sent")
            found = await delivered(dovecot, place, customer, {row.provider_ids[0] for row in rows})
    assert len(found) == MAILS
    assert {ident for ident in sent if len(found[ident]) > 1} == set()


@pytest.mark.parametrize(
    ("step", "outcome"),
    [("EHLO", "sent"), ("MAIL", "sent"), ("RCPT", "sent"), ("DATA", "sent"), (".", "unknown")],
)
async def test_a_mail_server_that_is_killed_at_a_step(ground: Ground, step: str, outcome: str) -> None:
    """Whatever is lost before the final dot is tried again; after it nobody knows, and nothing is repeated."""
    odd = OddServer({step: [HANG_UP]})
    async with serving(ground, odd) as host:
        row = await ground.delivery(await ann_writes(ground, host), *OVER)
        assert row.delivery == outcome
        if outcome == "unknown":
            assert "did not confirm it" in row.error
            await again(ground, row)
            row = await ground.delivery(row.id, "sent")
    assert (odd.connections, len(odd.mails), len(row.provider_ids)) == (2, 1 if outcome == "sent" else 2, 1)
