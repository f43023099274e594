"""The mailbox against a real Dovecot: news, marks, a new UIDVALIDITY, moved and doubled mail, a restart; nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import os
import signal
import smtplib
import time
from collections.abc import Callable, Iterator

import imapclient
import pytest

from connectors.contract import NeedsOperator, Secret, TryLater
from connectors.email.connector import EmailConnector
from connectors.email.imap import ImapMailbox
from connectors.email.ports import Mark
from connectors.email.settings import EmailConfig, ImapSettings, Security
from tests.connectors.email.room import ADDRESS, Box, Taking, collected, connector, imap_settings
from tests.servers.dovecot import DovecotServer, Mailbox, dovecot_server
from tests.servers.needed import skipping_when_missing


def deliver(dovecot: DovecotServer, mailbox: Mailbox, *raws: bytes) -> None:
    """Put mails into a mailbox by LMTP, as a mail server does: again where Dovecot is just starting anew."""
    left, until = list(raws), time.monotonic() + 30
    while left:
        try:
            with smtplib.LMTP(dovecot.host, dovecot.lmtp_port) as lmtp:
                while left:
                    lmtp.sendmail("ann@example.org", [mailbox.address], left[0])
                    del left[0]
        except (smtplib.SMTPException, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def mail(number: int, text: str = "Hello") -> bytes:
    return f"From: Ann <ann@example.org>\r\nSubject: Mail {number}\r\nMessage-ID: <m{number}@example.org>\r\n\r\n{text} {number}\r\n".encode()


@pytest.fixture
def client(dovecot: DovecotServer) -> Iterator[Callable[[Mailbox], imapclient.IMAPClient]]:
    made = []

    def make(mailbox: Mailbox) -> imapclient.IMAPClient:
        one = imapclient.IMAPClient(dovecot.host, dovecot.imap_port, ssl=False)
        one.login(mailbox.address, mailbox.password)
        made.append(one)
        return one

    yield make
    for one in made:
        one.shutdown()


def taking(dovecot: DovecotServer, mailbox: Mailbox, box: Box | None = None, **more: object) -> Taking:
    def making(of: Box) -> EmailConnector:
        return connector(EmailConfig(address=ADDRESS, imap=imap_settings(dovecot, mailbox, **more)), of)

    return Taking(making, box)


async def test_mail_comes_in_at_once_and_its_mark_is_kept(dovecot: DovecotServer) -> None:
    mailbox = dovecot.mailbox("in")
    deliver(dovecot, mailbox, mail(0))
    async with taking(dovecot, mailbox) as taken:
        await taken.started()
        await asyncio.sleep(0.3)
        begun = asyncio.get_running_loop().time()
        await asyncio.to_thread(deliver, dovecot, mailbox, mail(1))
        item = await taken.next()
        assert asyncio.get_running_loop().time() - begun < 5
    assert (item.subject, item.text, item.provider_id) == ("Mail 1", "Hello 1", "m1@example.org")
    mark = Mark.read(taken.box.marks["INBOX"])
    assert mark is not None
    assert mark.uid == 2
    assert not taken.failures


async def test_a_restart_goes_on_where_it_was(dovecot: DovecotServer) -> None:
    mailbox = dovecot.mailbox("again")
    box = Box()
    async with taking(dovecot, mailbox, box) as taken:
        await taken.started()
    deliver(dovecot, mailbox, *(mail(n) for n in range(50)))
    async with taking(dovecot, mailbox, box) as taken:
        subjects = [(await taken.next()).subject for _ in range(50)]
        assert subjects == [f"Mail {n}" for n in range(50)]
        assert max(len(batch.items) for batch in taken.batches) <= 20
    async with taking(dovecot, mailbox, box) as taken:
        await asyncio.sleep(0.7)
        assert taken.items.empty()


async def test_a_first_connection_imports_the_last_days_if_asked(dovecot: DovecotServer) -> None:
    mailbox = dovecot.mailbox("import")
    deliver(dovecot, mailbox, mail(1), mail(2))
    async with taking(dovecot, mailbox, import_days=3) as taken:
        assert [(await taken.next()).subject, (await taken.next()).subject] == ["Mail 1", "Mail 2"]


async def test_nothing_is_marked_as_read(
    dovecot: DovecotServer, client: Callable[[Mailbox], imapclient.IMAPClient]
) -> None:
    mailbox = dovecot.mailbox("unseen")
    deliver(dovecot, mailbox, mail(1))
    async with taking(dovecot, mailbox, import_days=3) as taken:
        await taken.next()
    peer = client(mailbox)
    peer.select_folder("INBOX")
    assert peer.search(["UNSEEN"]) == [1]


async def test_a_folder_made_anew_is_read_again_and_the_keys_stay(
    dovecot: DovecotServer, client: Callable[[Mailbox], imapclient.IMAPClient]
) -> None:
    mailbox = dovecot.mailbox("validity")
    peer = client(mailbox)
    peer.create_folder("Work")
    peer.append("Work", mail(1))
    box = Box()
    async with taking(dovecot, mailbox, box, folders=("Work",), import_days=3) as taken:
        first = await taken.next()
    before = Mark.read(box.marks["Work"])
    peer.delete_folder("Work")
    await asyncio.sleep(1.1)  # the server's new number is a time in seconds
    peer.create_folder("Work")
    peer.append("Work", mail(1))
    peer.append("Work", mail(2))
    async with taking(dovecot, mailbox, box, folders=("Work",)) as taken:
        again, new = await taken.next(), await taken.next()
    after = Mark.read(box.marks["Work"])
    assert before is not None
    assert after is not None
    assert before.validity != after.validity
    assert again.source_key == first.source_key
    assert new.subject == "Mail 2"


async def test_a_mail_that_was_moved_has_the_same_key_and_one_id_twice_has_two(
    dovecot: DovecotServer, client: Callable[[Mailbox], imapclient.IMAPClient]
) -> None:
    mailbox = dovecot.mailbox("moved")
    async with taking(dovecot, mailbox, folders=("INBOX", "Junk"), poll_seconds=5) as taken:
        await taken.started()
        await asyncio.to_thread(deliver, dovecot, mailbox, mail(1))
        first = await taken.next()
        peer = client(mailbox)
        peer.select_folder("INBOX")
        peer.move(peer.search(), "Junk")
        moved = await taken.next()
        await asyncio.to_thread(deliver, dovecot, mailbox, mail(1, "Something else"))
        other = await taken.next()
    assert moved.source_key == first.source_key
    assert other.provider_id == first.provider_id
    assert other.source_key != first.source_key


async def test_deleted_mail_leaves_a_gap_and_nothing_else(
    dovecot: DovecotServer, client: Callable[[Mailbox], imapclient.IMAPClient]
) -> None:
    mailbox = dovecot.mailbox("gap")
    box = Box()
    async with taking(dovecot, mailbox, box) as taken:
        await taken.started()
    deliver(dovecot, mailbox, *(mail(n) for n in range(1, 5)))
    peer = client(mailbox)
    peer.select_folder("INBOX")
    peer.delete_messages([2])
    peer.expunge()
    async with taking(dovecot, mailbox, box) as taken:
        assert [(await taken.next()).subject for _ in range(3)] == ["Mail 1", "Mail 3", "Mail 4"]


async def test_of_a_huge_mail_the_beginning_comes_with_a_note(dovecot: DovecotServer) -> None:
    mailbox = dovecot.mailbox("huge")
    deliver(
        dovecot, mailbox, mail(1, "Hello\r\n" + "x" * 70 + "\r\n" * 3 + ("y" * 76 + "\r\n") * 2_000), mail(2)
    )
    async with taking(dovecot, mailbox, import_days=3, max_mail_bytes=65_536) as taken:
        huge, small = await taken.next(), await taken.next()
    assert huge.text.startswith("[This mail has 0.1 MB, more than this channel takes in.")
    assert "Hello" in huge.text
    assert small.text == "Hello 2"


async def test_a_wrong_password_needs_a_person(dovecot: DovecotServer) -> None:
    mailbox = dovecot.mailbox("wrong")
    settings = ImapSettings(
        host=dovecot.host,
        port=dovecot.imaps_port,
        user=mailbox.address,
        password=Secret("wrong"),
        ca_file=str(dovecot.ca_file),
    )
    reading = ImapMailbox(settings)
    with pytest.raises(NeedsOperator, match="refuses the name or password"):
        await reading.probe()
    await reading.close()


@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_a_certificate_that_nobody_vouches_for_needs_a_person(
    dovecot: DovecotServer, tls: Security
) -> None:
    port = dovecot.imaps_port if tls == "tls" else dovecot.imap_port
    settings = ImapSettings(
        host=dovecot.host, port=port, tls=tls, user="x@parley.example", password=Secret("x")
    )
    reading = ImapMailbox(settings)
    with pytest.raises(NeedsOperator, match="certificate"):
        await reading.probe()
    await reading.close()


async def test_a_missing_folder_needs_a_person(dovecot: DovecotServer) -> None:
    reading = ImapMailbox(imap_settings(dovecot, dovecot.mailbox("missing"), folders=("No & such * folder",)))
    with pytest.raises(NeedsOperator, match="cannot be opened"):
        await reading.probe()
    await reading.close()


async def test_starttls_and_no_encryption(dovecot: DovecotServer) -> None:
    mailbox = dovecot.mailbox("plain")
    for tls in ("starttls", "none"):
        settings = ImapSettings(
            host=dovecot.host,
            port=dovecot.imap_port,
            tls=tls,
            user=mailbox.address,
            password=Secret(mailbox.password),
            ca_file=str(dovecot.ca_file),
        )
        reading = ImapMailbox(settings)
        assert "signed in" in await reading.probe()
        await reading.close()


async def test_move_and_append(
    dovecot: DovecotServer, client: Callable[[Mailbox], imapclient.IMAPClient]
) -> None:
    mailbox = dovecot.mailbox("file")
    deliver(dovecot, mailbox, mail(1))
    reading = ImapMailbox(imap_settings(dovecot, mailbox, import_days=3))
    found = await collected(reading.fetch_since("INBOX", None), 2)
    await reading.move("INBOX", found[1].mark.uid, "Junk")
    await reading.append("Sent", mail(2))
    await reading.close()
    peer = client(mailbox)
    assert [peer.folder_status(folder)[b"MESSAGES"] for folder in ("INBOX", "Junk", "Sent")] == [0, 1, 1]


async def test_closing_ends_a_wait_at_once(dovecot: DovecotServer) -> None:
    reading = ImapMailbox(imap_settings(dovecot, dovecot.mailbox("close")))
    waiting = asyncio.create_task(reading.wait("INBOX", 100))
    await asyncio.sleep(0.5)
    await reading.close()
    with pytest.raises(TryLater):
        await asyncio.wait_for(waiting, 30)
    with pytest.raises(TryLater, match="closed"):
        await reading.wait("INBOX", 1)


async def test_a_server_that_restarts_loses_nothing() -> None:
    with skipping_when_missing(), dovecot_server() as dovecot:
        mailbox = dovecot.mailbox("restart")
        async with taking(dovecot, mailbox) as taken:
            await taken.started()
            await asyncio.to_thread(deliver, dovecot, mailbox, mail(1))
            assert (await taken.next()).subject == "Mail 1"
            os.kill(dovecot.pid, signal.SIGHUP)
            dovecot.admin("kick", mailbox.address)
            await asyncio.to_thread(deliver, dovecot, mailbox, mail(2))
            assert (await taken.next(30)).subject == "Mail 2"
            await asyncio.sleep(0.5)
            assert taken.items.empty()
        assert all(isinstance(failure, TryLater) for failure in taken.failures)
