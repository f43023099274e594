"""The channel in the host, on a journal, between real servers: a conversation stays one, whoever writes; bounces find their mail."""

from __future__ import annotations

import asyncio
import smtplib
import time

from connectors.channel import Channel
from connectors.contract import Secret
from connectors.email import MANIFEST
from connectors.email.codec import parse
from connectors.email.imap import ImapMailbox
from connectors.email.mail import ParsedMail
from connectors.email.settings import EmailConfig, SmtpSettings
from stream import events as ev
from stream.ids import new_token
from stream.model import Message
from tests.connectors.email.room import ann_works, ann_writes, imap_settings, smtp_settings
from tests.connectors.ground import Ground, until
from tests.servers.dovecot import DovecotServer, Mailbox
from tests.servers.postfix import PostfixServer


def channel(
    dovecot: DovecotServer, postfix: PostfixServer, mailbox: Mailbox, name: str = "support-email"
) -> Channel:
    config = EmailConfig(
        address=mailbox.address,
        name="Support",
        imap=imap_settings(dovecot, mailbox, poll_seconds=5, import_days=1),
        smtp=smtp_settings(postfix, mailbox),
    )
    return Channel(name=name, manifest=MANIFEST, config=config)


class Customer:
    """Somebody with a mailbox and an ordinary mail program."""

    def __init__(self, dovecot: DovecotServer, postfix: PostfixServer) -> None:
        self.mailbox = dovecot.mailbox("customer")
        self._reading = ImapMailbox(imap_settings(dovecot, self.mailbox, import_days=1))
        self._postfix = postfix
        self._mark = None

    async def writes(
        self, to: str, text: str, subject: str = "Lamp", answers: ParsedMail | None = None, ident: str = ""
    ) -> None:
        threading = f"In-Reply-To: <{answers.message_id}>\r\n" if answers else ""
        head = f"From: Customer <{self.mailbox.address}>\r\nTo: {to}\r\nSubject: {subject}\r\n{threading}"
        raw = f"{head}Message-ID: <{ident or new_token()}@example.org>\r\n\r\n{text}\r\n"
        await asyncio.to_thread(self._hand_in, to, raw)

    def _hand_in(self, to: str, raw: str) -> None:
        with smtplib.SMTP(self._postfix.host, self._postfix.port) as client:
            client.sendmail(self.mailbox.address, [to], raw)

    async def receives(self) -> ParsedMail:
        """The next mail in their mailbox."""
        async with asyncio.timeout(20):
            while True:
                async for one in self._reading.fetch_since("INBOX", self._mark):
                    self._mark = one.mark  # type: ignore[assignment]  # None only before the first look
                    if one.raw:
                        return parse(one.raw)
                await asyncio.sleep(0.1)

    async def leaves(self) -> None:
        await self._reading.close()


async def arrived(ground: Ground, count: int) -> list[Message]:
    """The customers' messages, once there are so many."""

    async def there() -> list[Message] | None:
        found = [one for one in await ground.messages() if one.direction == "in"]
        return found if len(found) >= count else None

    return await until(there, 20)


async def test_a_conversation_stays_one(
    ground: Ground, dovecot: DovecotServer, postfix: PostfixServer
) -> None:
    support, customer = dovecot.mailbox("support"), Customer(dovecot, postfix)
    async with ground.host(channel(dovecot, postfix, support)):
        await customer.writes(support.address, "My lamp is broken.")
        (first,) = await arrived(ground, 1)
        reply = await ground.reply(first.conversation, "Which one is it?")
        sent = await ground.delivery(reply, "sent", seconds=20)
        answer = await customer.receives()
        assert (answer.reply, answer.subject) == ("Which one is it?", "Re: Lamp")
        assert sent.provider_ids == (answer.message_id,)
        await customer.writes(
            support.address,
            f"The red one.\n\nOn Monday, Support wrote:\n> {answer.reply}",
            "Re: Lamp",
            answer,
        )
        await customer.writes(support.address, "Another matter.", "Lamp")
        rest = await arrived(ground, 3)
        texts = {(await ground.content(one.id)).text: one.conversation for one in rest}
    assert texts == {
        "My lamp is broken.": first.conversation,
        "The red one.": first.conversation,
        "Another matter.": next(one.conversation for one in rest if one.conversation != first.conversation),
    }
    await customer.leaves()


async def test_one_mail_twice_is_one_message(
    ground: Ground, dovecot: DovecotServer, postfix: PostfixServer
) -> None:
    support, customer = dovecot.mailbox("support"), Customer(dovecot, postfix)
    async with ground.host(channel(dovecot, postfix, support)):
        for text in ("same", "same", "different"):
            await customer.writes(support.address, text, ident="one-id-for-all")
        found = await arrived(ground, 2)
        await asyncio.sleep(1)
        assert len(await arrived(ground, 2)) == len(found) == 2
    await customer.leaves()


async def test_an_agent_writes_first_and_a_bounce_marks_the_mail(
    ground: Ground, dovecot: DovecotServer, postfix: PostfixServer
) -> None:
    support = dovecot.mailbox("support")
    await ann_works(ground)
    async with ground.host(channel(dovecot, postfix, support)) as host:
        message = await ann_writes(ground, host, f"Nobody <nobody-{new_token()}@{dovecot.domain}>")
        row = await ground.delivery(message, "failed", seconds=30)
        assert row.provider_ids
        errors = [
            recorded.event
            for recorded in await ground.journal.read(0, 1_000)
            if isinstance(recorded.event, ev.DeliveryChanged)
        ]
        assert errors[-1].error.startswith("Came back for good from")
        assert "(5.1.1)" in errors[-1].error
        assert [one.direction for one in await ground.messages()] == ["out"]


async def test_an_address_that_the_server_refuses_fails_with_its_sentence(
    ground: Ground, dovecot: DovecotServer, postfix: PostfixServer
) -> None:
    support, customer = dovecot.mailbox("support"), Customer(dovecot, postfix)
    strict = channel(dovecot, postfix, support)
    async with ground.host(strict):
        await asyncio.to_thread(
            customer._hand_in,
            support.address,
            f"From: Eve <eve@elsewhere.example>\r\nTo: {support.address}\r\nSubject: x\r\n\r\nHello\r\n",
        )
        (first,) = await arrived(ground, 1)
        row = await ground.delivery(await ground.reply(first.conversation), "failed", seconds=20)
        assert row.delivery == "failed"
    await customer.leaves()


async def test_a_dead_relay_holds_the_mail_back(
    ground: Ground, dovecot: DovecotServer, postfix: PostfixServer
) -> None:
    support, customer = dovecot.mailbox("support"), Customer(dovecot, postfix)
    whole = channel(dovecot, postfix, support)
    dead = SmtpSettings(host="127.0.0.1", port=1, tls="none", user="u", password=Secret("secret"))
    config = EmailConfig(address=support.address, imap=whole.config.imap, smtp=dead)
    async with ground.host(Channel(name="support-email", manifest=MANIFEST, config=config)):
        await customer.writes(support.address, "Hello")
        (first,) = await arrived(ground, 1)
        reply = await ground.reply(first.conversation)
        until_then = time.monotonic() + 2
        while time.monotonic() < until_then:
            assert (await ground.delivery(reply, "queued", "sending")).delivery != "sent"
            await asyncio.sleep(0.2)
    await customer.leaves()
