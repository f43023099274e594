"""Three hundred mailboxes in one process on a real Dovecot: each waits on its own thread, and a mail in any of them is there at once."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path

import pytest

from connectors.channel import Channel
from connectors.contract import Secret
from connectors.email import MANIFEST
from connectors.email.settings import EmailConfig, ImapSettings
from tests.connectors.email.test_imap import deliver, mail
from tests.connectors.ground import Ground
from tests.servers.dovecot import DovecotServer, Mailbox

MANY = 300
MEMORY_MB = 60
"""For all of them together, above what the process has without them."""


def resident() -> float:
    """In MB."""
    status = Path(f"/proc/{os.getpid()}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def channel(dovecot: DovecotServer, mailbox: Mailbox, number: int) -> Channel:
    imap = ImapSettings(
        host=dovecot.host,
        port=dovecot.imap_port,
        tls="none",
        user=mailbox.address,
        password=Secret(mailbox.password),
        poll_seconds=3_600,
    )
    return Channel(
        name=f"mail-{number}", manifest=MANIFEST, config=EmailConfig(address=mailbox.address, imap=imap)
    )


@pytest.mark.soak
@pytest.mark.alone
@pytest.mark.timeout(300)
async def test_three_hundred_mailboxes_in_one_process(ground: Ground, dovecot: DovecotServer) -> None:
    mailboxes = [dovecot.mailbox(f"many{number}") for number in range(MANY)]
    before, threads = resident(), threading.active_count()
    async with ground.host(*(channel(dovecot, one, n) for n, one in enumerate(mailboxes))) as host:
        async with asyncio.timeout(200):
            while sum(report.state == "connected" for report in host.health()) < MANY:
                await asyncio.sleep(0.5)
        await asyncio.sleep(5.0)
        memory, waiting = resident() - before, threading.active_count() - threads
        used = time.process_time()
        await asyncio.sleep(10.0)
        idle = (time.process_time() - used) / 10.0
        begun = time.perf_counter()
        for number in (0, 150, 299):
            await asyncio.to_thread(deliver, dovecot, mailboxes[number], mail(number))
        async with asyncio.timeout(20):
            while len(await ground.messages()) < 3:
                await asyncio.sleep(0.05)
        seconds = time.perf_counter() - begun
    print(
        f"\n{MANY} mailboxes: {waiting} threads, {memory:.0f} MB, {idle * 100:.1f} % of a core idle, three mails in {seconds:.2f} s"
    )
    assert memory < MEMORY_MB
    assert waiting <= MANY + 20
    assert idle < 0.1
    assert seconds < 5
