"""Machines that answer everything, on both ends of a conversation, between real servers: each stops after one answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from connectors.channel import Channel
from connectors.email import MANIFEST
from connectors.email.mail import ParsedMail
from connectors.email.settings import EmailConfig
from stream import commands as cmd
from stream.ids import new_token
from stream.model import MessageContent
from tests.connectors.email.room import imap_settings, smtp_settings
from tests.connectors.email.test_in_host import Customer
from tests.connectors.ground import ANN, Ground
from tests.servers.dovecot import DovecotServer, Mailbox
from tests.servers.postfix import PostfixServer

POLITE = "Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\n"
QUIET = 3.0
"""So long nothing more may come: the mails travel in well under a second here."""


def channel(dovecot: DovecotServer, postfix: PostfixServer, mailbox: Mailbox, most: int) -> Channel:
    config = EmailConfig(
        address=mailbox.address,
        imap=imap_settings(dovecot, mailbox, poll_seconds=5, import_days=1),
        smtp=smtp_settings(postfix, mailbox),
        automatic_per_day=most,
    )
    return Channel(name="support-email", manifest=MANIFEST, config=config)


@contextlib.asynccontextmanager
async def answering_everything(ground: Ground) -> AsyncIterator[list[str]]:
    """A rule of ours at its worst: an automatic answer to every message that comes in, whatever it is."""
    sent: list[str] = []

    async def answer() -> None:
        seen: set[str] = set()
        while True:
            for one in await ground.messages():
                if one.direction == "in" and one.id not in seen:
                    seen.add(one.id)
                    sent.append(await _automatic(ground, one.conversation))
            await asyncio.sleep(0.1)

    task = asyncio.create_task(answer())
    yield sent
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _automatic(ground: Ground, conversation: str) -> str:
    message = f"msg_{new_token()}"
    content = MessageContent(text="Thank you. We will answer within a day.")
    command = cmd.Reply(
        token=new_token(), conversation=conversation, by=ANN, message=message, content=content, automatic=True
    )
    await ground.journal.submit(command)
    return message


class Away(Customer):
    """A customer whose mail program answers every mail; a polite one says so in its header and leaves machines alone."""

    def __init__(self, dovecot: DovecotServer, postfix: PostfixServer, header: str, *, polite: bool) -> None:
        super().__init__(dovecot, postfix)
        self.got: list[ParsedMail] = []
        self.said = 0
        self._header = header
        self._polite = polite

    async def answers(self) -> None:
        """Until nothing more comes."""
        while True:
            try:
                async with asyncio.timeout(QUIET + (6.0 if not self.got else 0.0)):
                    mail = await self.receives()
            except TimeoutError:
                return
            self.got.append(mail)
            if self._polite and mail.auto_reply is not None:
                continue
            self.said += 1
            raw = (
                f"From: {self.mailbox.address}\r\nTo: {mail.from_address}\r\nSubject: {mail.subject}\r\n{self._header}"
                f"In-Reply-To: <{mail.message_id}>\r\nMessage-ID: <{new_token()}@example.org>\r\n\r\nThank you, I have read it.\r\n"
            )
            await asyncio.to_thread(self._hand_in, mail.from_address, raw)


@pytest.mark.parametrize(
    ("header", "polite", "automatic"),
    [
        (POLITE, True, 1),  # both keep to RFC 3834
        (POLITE, False, 1),  # theirs answers machines, too: what it says is marked, so ours is quiet
        (
            "",
            False,
            2,
        ),  # theirs answers everything and shows by nothing what it is: the limit per address ends it
    ],
)
async def test_two_machines_stop(
    ground: Ground, dovecot: DovecotServer, postfix: PostfixServer, header: str, polite: bool, automatic: int
) -> None:
    support, customer = dovecot.mailbox("support"), Away(dovecot, postfix, header, polite=polite)
    async with ground.host(channel(dovecot, postfix, support, 2)), answering_everything(ground) as sent:
        await customer.writes(support.address, "My lamp is broken.")
        await customer.answers()
        states = [(await ground.delivery(one, "sent", "failed")) for one in sent]
    await customer.leaves()
    assert len(customer.got) == automatic
    assert all(mail.auto_reply is not None for mail in customer.got)
    assert [one.delivery for one in states].count("sent") == automatic
    assert all("Not sent: " in one.error for one in states if one.delivery == "failed")
    if polite:
        assert (customer.said, len(sent)) == (0, 1)
