"""Clocks that differ: what a mail or a mail server says about time decides neither order nor what is read, and ours need not agree with theirs."""

from __future__ import annotations

import functools
import time
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from connectors.channel import Channel
from connectors.contract import Secret
from connectors.email import MANIFEST
from connectors.email.codec import parse
from connectors.email.ids import Ids
from connectors.email.settings import EmailConfig, ImapSettings, SmtpSettings
from connectors.email.threads import threading_of
from connectors.host import Host, HostSettings
from tests.connectors.email.letters import plain
from tests.connectors.email.odd_smtp import OddServer
from tests.connectors.email.room import ADDRESS, ann_works, ann_writes
from tests.connectors.email.scripted_imap import Script, Session, scripted
from tests.connectors.email.test_bounces_arrive import desk
from tests.connectors.ground import Ground, until

DAY = 86_400.0


async def test_a_conversation_is_in_the_order_in_which_its_mails_came(ground: Ground) -> None:
    """Some are dated in the future, some in the past, and some not at all."""
    dates = (
        "Thu, 01 Jan 2099 00:00:00 +0000",
        "Fri, 01 Jan 1999 00:00:00 +0000",
        "",
        "Fri, 31 Dec 9999 23:59:59 -1400",
    )
    async with desk(ground) as at:
        for number, date in enumerate(dates):
            said = f"Date: {date}\r\n" if date else ""
            head = f"From: Pat <pat@example.org>\r\nTo: {ADDRESS}\r\nSubject: Clock\r\nMessage-ID: <c{number}@example.org>\r\n"
            await at.takes(f"{head}References: <c0@example.org>\r\n{said}\r\nmail {number}\r\n".encode())
        assert await ground.texts() == [f"mail {number}" for number in range(len(dates))]
        rows = await ground.messages()
    assert len({row.conversation for row in rows}) == 1
    assert [row.seq for row in rows] == [1, 2, 3, 4]
    assert all(abs(row.at - time.time()) < 60 for row in rows)


@pytest.mark.parametrize("hours", [-5, 5])
async def test_a_reply_goes_at_once_from_a_machine_with_another_clock(ground: Ground, hours: int) -> None:
    """Of several processes the one that sends may live on another machine than the one that an agent writes to."""
    async with OddServer().running() as odd:
        config = EmailConfig(address=ADDRESS, smtp=SmtpSettings(host="127.0.0.1", port=odd.port, tls="none"))
        settings = HostSettings(master=(b"m" * 32,), allow_private=("127.0.0.1",))
        host = Host(ground.journal, ground.blobs, settings, clock=lambda: time.time() + hours * 3_600)
        await ann_works(ground)
        await host.open([Channel(name="support-email", manifest=MANIFEST, config=config)])
        try:
            await ground.delivery(await ann_writes(ground, host), "sent")
        finally:
            await host.close(5.0)
    assert len(odd.mails) == 1


class Anew(Session):
    """Says of each mail that it arrived in 2099, as whoever filed it there wanted, and knows what to look for by that."""

    validity = 5

    def say(self, *lines: str) -> None:
        said = (line.replace("04-Mar-2024", "01-Jan-2099") for line in lines)
        super().say(*(line.replace("UIDVALIDITY 5", f"UIDVALIDITY {self.validity}") for line in said))

    def on_search(self, command: str) -> str:
        if "SINCE" in command and int(command[-4:]) > datetime.now(UTC).year:
            self.say("* SEARCH")
            return "OK done"
        return super().on_search(command)


async def test_a_mail_from_the_future_hides_none_when_the_server_counts_anew(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From when the last mail arrived a mailbox is looked through once the numbers of its mails are worth nothing."""
    script = Script((plain("mail 1"), ""))
    imap = ImapSettings(
        host="127.0.0.1", tls="none", user=ADDRESS, password=Secret("x"), import_days=1, poll_seconds=5
    )
    for validity, count in ((5, 1), (6, 2)):
        monkeypatch.setattr(Anew, "validity", validity)
        with scripted(script, Anew) as port:
            config = EmailConfig(address=ADDRESS, imap=replace(imap, port=port))
            async with ground.host(Channel(name="support-email", manifest=MANIFEST, config=config)):
                await until(functools.partial(_came, ground, count))
        script.mails = [(plain("mail 2"), "")]
    assert await ground.texts() == ["mail 1", "mail 2"]


async def _came(ground: Ground, count: int) -> bool:
    return len(await ground.texts()) >= count


def test_an_answer_to_a_mail_of_tomorrow_joins_its_conversation() -> None:
    """Our clock was set back, or another machine of ours is ahead: only what is too old does not count."""
    config = EmailConfig(address=ADDRESS, smtp=SmtpSettings(host="mail.example.com"), reply_days=1)
    ids, now = Ids((b"k" * 32,), ADDRESS, ADDRESS), time.time()
    for days, held in ((-3, True), (-1, False), (0, False), (1, False), (400, False)):
        ours = ids.message_id("msg_1", now + days * DAY)
        answer = parse(
            f"From: pat@example.org\r\nIn-Reply-To: <{ours}>\r\nSubject: Re: x\r\n\r\nyes\r\n".encode()
        )
        found = threading_of(answer, config, ids, now)
        assert (bool(found.held), bool(found.ids)) == (held, not held)
