"""`python -m tests.bench.backfill`: a mailbox on a real Dovecot is taken in whole, through the host into SQLite. One JSON line.

Mails are of several kinds (plain, HTML with history, a small picture) and written into the maildir beforehand. Memory is the highest
resident set of this process from the first mail on, over what it had before; the child that reads mails is named beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import resource
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from connectors.channel import Channel
from connectors.contract import Secret
from connectors.email import MANIFEST
from connectors.email.settings import EmailConfig, ImapSettings
from connectors.host import Host, HostSettings
from stream.blobs import open_blobs
from stream.bus import open_bus
from stream.journal import Journal
from stream.store import open_store
from tests.servers.dovecot import DovecotServer, Mailbox, dovecot_server
from tests.servers.process import ServerMissing

ADDRESS = "support@parley.example"
PICTURE = base64.encodebytes(bytes(range(256)) * 24).decode().replace("\n", "\r\n")


def mail(number: int) -> bytes:
    """About 3 kB; every fourth one has HTML, every eighth a picture."""
    writer = f"ann{number % 500}@example.org"
    head = (
        f"From: Ann <{writer}>\r\nTo: {ADDRESS}\r\nSubject: Order {number}\r\nMessage-ID: <b{number}@example.org>\r\n"
        "Date: Mon, 4 Mar 2024 10:15:00 +0100\r\nMIME-Version: 1.0\r\n"
    )
    said = "".join(f"This is line {line} of what was written about order {number}.\r\n" for line in range(12))
    history = "On Monday, Support wrote:\r\n" + "".join(
        f"> and this is line {line} of history\r\n" for line in range(20)
    )
    if number % 4:
        return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{said}\r\n{history}".encode()
    html = f"<div>{said}</div><div class='gmail_quote'><blockquote>{history}</blockquote></div>"
    alternative = (
        'Content-Type: multipart/alternative; boundary="a"\r\n\r\n'
        f"--a\r\nContent-Type: text/plain\r\n\r\n{said}\r\n--a\r\nContent-Type: text/html\r\n\r\n{html}\r\n--a--\r\n"
    )
    if number % 8:
        return (head + alternative).encode()
    picture = f"--m\r\nContent-Type: image/png; name=p.png\r\nContent-Transfer-Encoding: base64\r\n\r\n{PICTURE}\r\n"
    return f'{head}Content-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\n{alternative}{picture}--m--\r\n'.encode()


def fill(dovecot: DovecotServer, mailbox: Mailbox, count: int) -> None:
    """Write the mails where Dovecot looks for them."""
    dovecot.admin("mailbox", "status", "-u", mailbox.address, "messages", "INBOX")
    folder = dovecot.home / "mail" / mailbox.address / "Maildir"
    made = folder / "new"
    owner = folder.stat()
    for number in range(count):
        path = made / f"{1_700_000_000 + number}.M{number}P1.bench"
        path.write_bytes(mail(number))
        os.chown(path, owner.st_uid, owner.st_gid)


def resident(pid: int | str = "self") -> float:
    """The resident set in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def children() -> float:
    """The resident set of the child that reads mails, in MB."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and "connectors.email.wall" in (folder / "cmdline").read_text():
                return resident(folder.name)
        except OSError:
            continue  # it ended meanwhile
    return 0.0


async def measure(dovecot: DovecotServer, mailbox: Mailbox, count: int, folder: Path) -> dict[str, object]:
    """Take everything in, and look at the memory meanwhile."""
    store = open_store(f"sqlite:///{folder}/parley.db")
    await store.open()
    journal = Journal(store, open_bus("memory:"))
    await journal.open()
    host = Host(
        journal, open_blobs(f"file://{folder}/blobs"), HostSettings(master=(b"m" * 32,), exclusive=True)
    )
    imap = ImapSettings(
        host=dovecot.host,
        port=dovecot.imap_port,
        tls="none",
        user=mailbox.address,
        password=Secret(mailbox.password),
        import_days=3_650,
    )
    config = EmailConfig(address=ADDRESS, imap=imap)
    before, begun, cpu = resident(), time.perf_counter(), _cpu()
    peak = wall = 0.0
    await host.open([Channel(name="support-email", manifest=MANIFEST, config=config)])
    while (there := _count(folder)) < count:
        peak, wall = max(peak, resident()), max(wall, children())
        if time.perf_counter() - begun > 1_200:
            raise SystemExit(f"only {there} of {count} mails after 20 minutes")
        await asyncio.sleep(0.2)
    seconds = time.perf_counter() - begun
    spent = _cpu() - cpu
    await host.close()
    await journal.close()
    await store.close()
    return {
        "bench": "backfill",
        "mails": count,
        "seconds": round(seconds, 1),
        "mails_per_s": round(count / seconds),
        "peak_mb": round(peak),
        "before_mb": round(before),
        "reader_mb": round(wall),
        "cpu_ms_per_mail": round(1_000 * spent / count, 2),
    }


def _count(folder: Path) -> int:
    with contextlib.closing(sqlite3.connect(f"file:{folder}/parley.db?mode=ro", uri=True)) as reading:
        return int(reading.execute("SELECT COUNT(*) FROM inbound").fetchone()[0])


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """One run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.backfill")
    parser.add_argument("--mails", type=int, default=10_000)
    options = parser.parse_args()
    try:
        with dovecot_server() as dovecot, tempfile.TemporaryDirectory() as name:
            mailbox = dovecot.mailbox("backfill")
            fill(dovecot, mailbox, options.mails)
            print(json.dumps(asyncio.run(measure(dovecot, mailbox, options.mails, Path(name)))), flush=True)
    except ServerMissing as missing:
        print(f"# backfill: not measured, {missing}", file=sys.stderr)


if __name__ == "__main__":
    main()
