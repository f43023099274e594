"""A storm on a real mailbox: cut lines, a server that is away, a new UIDVALIDITY, doubles, moved and deleted mail. None lost, none twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections import Counter

import imapclient

from connectors.channel import Channel
from connectors.contract import Secret
from connectors.email import MANIFEST
from connectors.email.settings import EmailConfig, ImapSettings
from tests.connectors.email.room import ADDRESS
from tests.connectors.email.storm import Line
from tests.connectors.email.test_imap import deliver
from tests.connectors.ground import Ground
from tests.servers.dovecot import DovecotServer, Mailbox

MAILS = 36
SIZE = 6_000


def mail(number: int, ident: int | None = None) -> bytes:
    """A mail of some kilobytes with its number; another one may have the same Message-ID."""
    head = f"From: Ann <ann{number}@example.org>\r\nTo: {ADDRESS}\r\nSubject: Mail {number}\r\n"
    filler = f"line {number} of the mail\r\n" * (SIZE // 24)
    return f"{head}Message-ID: <m{number if ident is None else ident}@example.org>\r\n\r\n{filler}".encode()


def channel(mailbox: Mailbox, port: int) -> Channel:
    imap = ImapSettings(
        host="127.0.0.1",
        port=port,
        tls="none",
        user=mailbox.address,
        password=Secret(mailbox.password),
        folders=("INBOX", "Done"),
        import_days=3,
        poll_seconds=5,
    )
    return Channel(name="support-email", manifest=MANIFEST, config=EmailConfig(address=ADDRESS, imap=imap))


async def subjects(ground: Ground) -> Counter[str]:
    found = [await ground.content(one.id) for one in await ground.messages()]
    return Counter(one.subject for one in found)


async def everything(ground: Ground, wanted: set[str], seconds: float) -> Counter[str]:
    """What is there once all that is wanted is there."""
    until = time.monotonic() + seconds
    while not wanted <= set(found := await subjects(ground)) and time.monotonic() < until:
        await asyncio.sleep(0.25)
    return found


def new_validity(dovecot: DovecotServer, mailbox: Mailbox) -> None:
    """The server forgets its numbers, as after a restored backup; the mails stay."""
    maildir = dovecot.home / "mail" / mailbox.address / "Maildir"
    for name in (
        "dovecot-uidlist",
        "dovecot.index",
        "dovecot.index.log",
        "dovecot.index.cache",
        "dovecot-uidvalidity",
    ):
        (maildir / name).unlink(missing_ok=True)
    for path in maildir.glob("dovecot-uidvalidity*"):
        path.unlink()


def kick(dovecot: DovecotServer, mailbox: Mailbox) -> None:
    """End the mailbox's connections, if it has any just now."""
    with contextlib.suppress(subprocess.CalledProcessError):
        dovecot.admin("kick", mailbox.address)


async def test_nothing_is_lost_and_nothing_comes_twice(ground: Ground, dovecot: DovecotServer) -> None:
    mailbox = dovecot.mailbox("storm")
    dovecot.admin("mailbox", "create", "-u", mailbox.address, "Done")
    peer = imapclient.IMAPClient(dovecot.host, dovecot.imap_port, ssl=False)
    peer.login(mailbox.address, mailbox.password)
    seed = int(time.time())
    line = Line(dovecot.imap_port, seed, 3_000, 24_000)
    wanted = {f"Mail {number}" for number in range(MAILS)}
    async with line.running(), ground.host(channel(mailbox, line.port)):
        for start in range(0, MAILS, 12):
            mails = [mail(number, number // 2 * 2) for number in range(start, start + 12)]
            await asyncio.to_thread(deliver, dovecot, mailbox, *mails)
            await _trouble(start // 12, dovecot, mailbox, peer, line)
        await _cut(line)
        line.calm = True
        found = await everything(ground, wanted, 60)
        await asyncio.sleep(1.0)
        found = await subjects(ground)
    with contextlib.suppress(OSError):
        peer.shutdown()
    assert set(found) >= wanted, f"lost {wanted - set(found)}, seed {seed}"
    assert [subject for subject, count in found.items() if count > 1] == [], f"twice, seed {seed}"
    assert line.cuts >= 2, f"the line held, seed {seed}"


async def _cut(line: Line) -> None:
    """Until the line broke twice: what is still to be read is more than it lets through."""
    until = time.monotonic() + 60
    while line.cuts < 2 and time.monotonic() < until:
        await asyncio.sleep(0.1)


async def _trouble(
    kind: int, dovecot: DovecotServer, mailbox: Mailbox, peer: imapclient.IMAPClient, line: Line
) -> None:
    """One thing after another, while the mails are being read."""
    await asyncio.sleep(1.0)
    if kind == 0:
        peer.select_folder("INBOX")
        peer.move(peer.search()[:6], "Done")
    elif kind == 1:
        line.down = True
        os.kill(dovecot.pid, signal.SIGHUP)
        kick(dovecot, mailbox)
        await asyncio.sleep(1.0)
        line.down = False
    else:
        await asyncio.to_thread(new_validity, dovecot, mailbox)
        kick(dovecot, mailbox)
