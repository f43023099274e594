"""Large mails of every kind that could cost more than their size: time and memory stay within what is promised, caps are said.

The short form reads 2 MB of each in this process; `make soak` reads 25 MB and 50 MB of each, every one in a process of its own.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.email.codec import parse
from connectors.email.wall import Wall

ROOT = Path(__file__).resolve().parents[3]
MB = 1 << 20
SECONDS, GROWTH = 2.0, 200 * MB
HEAD = b"From: Ann <ann@example.org>\r\nTo: s@example.com\r\nSubject: x\r\nDate: Mon, 4 Mar 2024 10:15:00 +0100\r\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
PART = b"--b\r\nContent-Type: "


def full(piece: bytes, size: int, lead: bytes = b"\r\n") -> bytes:
    """A mail of about `size` bytes: `lead` and then `piece` again and again."""
    return HEAD + lead + piece * (size // len(piece))


def body(kind: str, piece: bytes) -> Callable[[int], bytes]:
    return lambda size: full(piece, size, f"Content-Type: {kind}\r\n\r\n".encode())


def field(name: str, piece: bytes) -> Callable[[int], bytes]:
    return lambda size: full(piece, size, f"{name}: ".encode()) + b"\r\n\r\nhi"


def files(count: int) -> Callable[[int], bytes]:
    part = PART + b"application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return lambda size: HEAD + MIXED + (part + base64.encodebytes(bytes(size * 7 // 10 // count))) * count


def nested(size: int) -> bytes:
    levels = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2_000)
    )
    return HEAD + levels + b"x" * max(0, size - len(levels))


def many_htmls(size: int) -> bytes:
    one = PART + b"text/html\r\n\r\n" + b"<p>a &eacute; b</p>" * 20_000 + b"\r\n"
    return HEAD + MIXED + one * (size // len(one) + 1)


KINDS: dict[str, Callable[[int], bytes]] = {
    "one file": files(1),
    "many files": files(190),
    "quoted-printable file": lambda size: full(b"=41=42=C3=\r\n", size, MIXED + PART + b"application/x; name=a\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"),
    "noisy base64": lambda size: full(b"A=!", size, b"Content-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
    "text": body("text/plain", b"> On 4 Mar 2024 Ann wrote: x\r\n"),
    "text without lines": body("text/plain", b"wrote: "),
    "blank lines": body("text/plain", b"\n"),
    "wrong charset": body("text/plain; charset=iso-2022-jp", b"\x1b$B$\xe9"),
    "html": body("text/html", b"<div><p>hello <b>x</b></p>"),
    "html of quotes": body("text/html", b"<blockquote class=x>On 4 Mar 2024, Ann wrote:</blockquote>"),
    "html of references": body("text/html", b"&#x26;"),
    "html of stray ends": body("text/html", b"<p><table><td>" + b"<i>" * 140 + b"</p>" * 4_000),
    "many htmls": many_htmls,
    "subject": field("Subject", b"=?utf-8?Q?=C3=A9?= "),
    "recipients": field("To", b"a@example.org, "),
    "references": field("References", b"<a@b> "),
    "fields": lambda size: full(b"X-A: a\r\n", size, b""),
    "parts": lambda size: full(PART + b"text/plain\r\n\r\nhi\r\n", size, MIXED),
    "lines like a boundary": lambda size: full(b"--bx\r\n", size, MIXED),
    "nested parts": nested,
    "nested mails": lambda size: full(b"Content-Type: message/rfc822\r\n\r\n", size, b""),
    "uuencode": body("text/plain", b"begin 644 a\n"),
    "nothing": lambda size: b"\0" * size,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_two_megabytes_of_each_kind_stay_quick(kind: str) -> None:
    raw = KINDS[kind](2 * MB)
    begun = time.process_time()
    mail = parse(raw)
    assert time.process_time() - begun < 2 * SECONDS  # tests share the cores; the soak holds it to SECONDS
    assert "could-not-parse" not in mail.defects


MEASURE = """
import json, resource, sys, time
from connectors.email.codec import parse
from tests.connectors.email.test_large import KINDS
raw = KINDS[sys.argv[1]](int(sys.argv[2]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begun = time.process_time()
mail = parse(raw)
took = time.process_time() - begun
print(json.dumps([took, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024, mail.defects]))
"""


@pytest.mark.soak
@pytest.mark.alone
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("megabytes", [25, 50])
def test_time_and_memory_for_the_largest_mails(kind: str, megabytes: int) -> None:
    command = [sys.executable, "-W", "ignore", "-c", MEASURE, kind, str(megabytes * MB)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100)
    took, grown, defects = json.loads(done.stdout)
    print(f"{kind}, {megabytes} MB: {took:.2f} s, {grown / MB:.0f} MB, {' '.join(defects)}")
    scale = max(1.0, megabytes / 25)
    assert took < SECONDS * scale
    assert grown < GROWTH * scale


def test_a_mail_above_the_cap_is_cut_and_says_so() -> None:
    wall = Wall()
    try:
        mail = wall.read(KINDS["text"](66 * MB))
    finally:
        wall.close()
    assert "mail-cut" in mail.defects
    assert mail.subject == "x"
