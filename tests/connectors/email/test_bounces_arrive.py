"""Reports on mail of ours, brought to a running host by a mail server: what becomes of the mail, and who gets to see it."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import time
from collections.abc import AsyncIterator
from typing import Any

from connectors.channel import Channel
from connectors.email import MANIFEST
from connectors.email.codec import parse
from connectors.email.settings import EmailConfig, ListenSettings, SmtpSettings
from connectors.host import Host
from stream import commands as cmd
from stream import events as ev
from stream.ids import new_token
from tests.connectors.email.letters import multipart, part
from tests.connectors.email.odd_smtp import HANG_UP, OddServer
from tests.connectors.email.room import ADDRESS, ann_works, ann_writes
from tests.connectors.ground import ANN, Ground, until
from tests.servers.process import free_port


class Desk:
    """A host, the server that it sends by, and the port at which it takes mail."""

    def __init__(self, host: Host, odd: OddServer, port: int) -> None:
        self.host = host
        self.odd = odd
        self._port = port

    async def takes(self, raw: bytes, to: str = ADDRESS) -> None:
        """A mail server brings a report; it is kept when this returns."""
        await asyncio.to_thread(self._hand_in, raw, to)

    def _hand_in(self, raw: bytes, to: str) -> None:
        with smtplib.SMTP("127.0.0.1", self._port, timeout=30) as client:
            client.sendmail("", [to], raw)


@contextlib.asynccontextmanager
async def desk(ground: Ground, odd: OddServer | None = None, **more: Any) -> AsyncIterator[Desk]:
    await ann_works(ground)
    port = free_port()
    async with (odd or OddServer()).running() as served:
        config = EmailConfig(
            address=ADDRESS,
            smtp=SmtpSettings(host="127.0.0.1", port=served.port, tls="none"),
            listen=ListenSettings(port=port, protocol="smtp"),
            **more,
        )
        channel = Channel(name="support-email", manifest=MANIFEST, config=config)
        async with ground.host(channel) as host:
            await until(lambda: _open(host))
            yield Desk(host, served, port)


async def _open(host: Host) -> bool:
    return host.health()[0].state == "connected"


def report(raw: bytes, action: str, status: str, whom: str = "pat@example.org") -> bytes:
    """What a mail server says about the mail `raw`, with its headers."""
    heads = raw.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n")
    told = f"Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; {whom}\nAction: {action}\nStatus: {status}\n"
    return multipart(
        "report; report-type=delivery-status",
        part("text/plain", f"About {new_token()}: this is the mail system."),
        part("message/delivery-status", told),
        part("text/rfc822-headers", heads + "\n"),
    )


async def test_a_delay_and_a_dead_address_in_copy_are_remarks_and_a_bounce_is_a_failure(
    ground: Ground,
) -> None:
    async with desk(ground) as at:
        message = await ann_writes(ground, at.host, cc=["bob@example.org"])
        await ground.delivery(message, "sent")
        raw = at.odd.mails[0]
        for status, action, whom, words in (
            ("4.4.1", "delayed", "pat@example.org", "Not delivered to pat@example.org yet (4.4.1)"),
            ("5.1.1", "failed", "bob@example.org", "from bob@example.org (5.1.1), who was in copy"),
        ):
            await at.takes(report(raw, action, status, whom))
            row = await ground.delivery(message, "sent", "failed")
            assert (row.delivery, words in row.error) == ("sent", True)
        await at.takes(report(raw, "failed", "5.1.1"))
        row = await ground.delivery(message, "failed")
        assert row.error == "Came back for good from pat@example.org (5.1.1)."
        assert [one.direction for one in await ground.messages()] == ["out"]


async def test_a_bounce_after_months_opens_the_conversation_that_was_closed_over_it(ground: Ground) -> None:
    async with desk(ground, reply_days=1, bounce_address="bounces@example.com") as at:
        message = await ann_writes(ground, at.host)
        row = await ground.delivery(message, "sent")
        closing = cmd.Resolve(token=new_token(), conversation=row.conversation, by=ANN)
        assert isinstance(await ground.journal.submit(closing), cmd.Committed)
        bare = report(at.odd.mails[0], "failed", "5.4.7").replace(b"Message-ID:", b"X-Was:")
        sender = next(line for line in at.odd.told if line.startswith("MAIL")).partition("<")[2].rstrip(">")
        await at.takes(bare, sender)
        await ground.delivery(message, "failed")
        events = [recorded.event for recorded in await ground.journal.read(0, 1_000)]
        (opened,) = (one for one in events if isinstance(one, ev.ConversationReopened))
        assert (opened.conversation, opened.reason) == (row.conversation, "a message did not arrive")


async def test_a_bounce_wakes_the_conversation_that_sleeps_until_an_answer_comes(ground: Ground) -> None:
    async with desk(ground) as at:
        message = await ann_writes(ground, at.host)
        row = await ground.delivery(message, "sent")
        until_then = time.time() + 86_400
        sleeping = cmd.Snooze(token=new_token(), conversation=row.conversation, by=ANN, until=until_then)
        assert isinstance(await ground.journal.submit(sleeping), cmd.Committed)
        await at.takes(report(at.odd.mails[0], "delayed", "4.4.1"))
        assert await woken(ground) == [], "it is still tried"
        await at.takes(report(at.odd.mails[0], "failed", "5.1.1"))
        await ground.delivery(message, "failed")
        (event,) = await woken(ground)
        assert (event.conversation, event.reason) == (row.conversation, "a message did not arrive")


async def woken(ground: Ground) -> list[ev.SnoozeEnded]:
    events = [recorded.event for recorded in await ground.journal.read(0, 1_000)]
    return [one for one in events if isinstance(one, ev.SnoozeEnded)]


async def test_a_mail_in_doubt_that_comes_back_has_failed(ground: Ground) -> None:
    async with desk(ground, OddServer({".": [HANG_UP]})) as at:
        message = await ann_writes(ground, at.host)
        await ground.delivery(message, "unknown")
        await at.takes(report(at.odd.mails[0], "failed", "5.1.1"))
        assert (await ground.delivery(message, "failed")).error.startswith("Came back for good")


async def test_an_answer_to_a_mail_in_doubt_joins_its_conversation(ground: Ground) -> None:
    async with desk(ground, OddServer({".": [HANG_UP]})) as at:
        row = await ground.delivery(await ann_writes(ground, at.host), "unknown")
        ours = parse(at.odd.mails[0]).message_id
        answer = f"From: Pat <pat@example.org>\r\nTo: {ADDRESS}\r\nSubject: Re: Your order\r\nIn-Reply-To: <{ours}>\r\n\r\nThank you!\r\n"
        await at.takes(answer.encode())
        (came,) = (one for one in await ground.messages() if one.direction == "in")
        assert came.conversation == row.conversation
