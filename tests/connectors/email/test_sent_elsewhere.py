"""What our own people write in another mail program, read from the folder of sent mail: ours, in the conversation, and answered there."""

from __future__ import annotations

from connectors.channel import Channel
from connectors.email import MANIFEST
from connectors.email.codec import parse
from connectors.email.imap import ImapMailbox
from connectors.email.settings import EmailConfig
from stream.model import Message
from tests.connectors.email.room import imap_settings, smtp_settings
from tests.connectors.email.test_in_host import Customer
from tests.connectors.ground import Ground, until
from tests.servers.dovecot import DovecotServer, Mailbox
from tests.servers.postfix import PostfixServer


def channel(dovecot: DovecotServer, postfix: PostfixServer, mailbox: Mailbox) -> Channel:
    config = EmailConfig(
        address=mailbox.address,
        imap=imap_settings(
            dovecot, mailbox, poll_seconds=5, import_days=1, sent_folder="\\Sent", read_sent="\\Sent"
        ),
        smtp=smtp_settings(postfix, mailbox),
    )
    return Channel(name="support-email", manifest=MANIFEST, config=config)


async def messages(ground: Ground, count: int) -> list[Message]:
    async def there() -> list[Message] | None:
        found = await ground.messages()
        return found if len(found) >= count else None

    return await until(there, 20)


async def test_an_answer_from_another_program_is_ours_and_stays_in_the_conversation(
    ground: Ground, dovecot: DovecotServer, postfix: PostfixServer
) -> None:
    support, customer = dovecot.mailbox("support"), Customer(dovecot, postfix)
    phone = ImapMailbox(imap_settings(dovecot, support))
    async with ground.host(channel(dovecot, postfix, support)):
        await customer.writes(support.address, "My lamp is broken.", ident="asked")
        (asked,) = await messages(ground, 1)
        reply = await ground.reply(asked.conversation, "From the desk.")
        await ground.delivery(reply, "sent", seconds=20)
        # A colleague answers from their phone, whose program files the mail.
        raw = (
            f"From: {support.address}\r\nTo: {customer.mailbox.address}\r\nSubject: Re: Lamp\r\n"
            "Message-ID: <from-the-phone@parley.example>\r\nIn-Reply-To: <asked@example.org>\r\n\r\nFrom the phone.\r\n"
        )
        await phone.append("\\Sent", raw.encode())
        await customer.writes(support.address, "Something new.", "Other")
        await messages(ground, 4)
        await customer.writes(support.address, "Thanks.", "Re: Lamp", parse(raw.encode()))
        found = await messages(ground, 5)
    await phone.close()
    await customer.leaves()
    ours = [one for one in found if one.direction == "out"]
    # The copy of what went out from here is known: nothing of it comes twice.
    assert sorted([(await ground.content(one.id)).text for one in ours]) == [
        "From the desk.",
        "From the phone.",
    ]
    assert {one.conversation for one in ours} == {asked.conversation}
    assert [one.conversation == asked.conversation for one in found if one.direction == "in"] == [
        True,
        False,
        True,
    ]
