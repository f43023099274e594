"""No bytes make the codec raise, hang or grow: random bytes, and real mails broken at random. `make soak` runs it for longer."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.email.codec import parse
from connectors.email.mail import ParsedMail

CORPUS = [path.read_bytes() for path in sorted((Path(__file__).parent / "corpus").glob("*.eml"))]
PIECES = [
    b"\r\n", b"\n\n", b"--b1\r\n", b"--b1--\r\n", b"From: ", b"To: a@b, ", b"Subject: ", b"=?utf-8?Q?", b"?=", b"=?x?B?", b"Content-Type: ",
    b"multipart/mixed; boundary=b1", b"multipart/alternative; boundary=b1", b"message/rfc822", b"text/html; charset=", b"text/plain", b"utf-7",
    b"iso-2022-jp", b"base64", b"Content-Transfer-Encoding: ", b"quoted-printable", b"Content-Disposition: attachment; filename*0*=", b"''%",
    b"<div>", b"<blockquote type=cite>", b"<!--", b"</", b"&#x", b"> ", b"On 4 Mar 2024, a@b wrote:", b"-----Original Message-----", b"-- \n",
    b"begin 644 a\n", b"\nend\n", b"\x1b$B", b"\xff\xfe", b"\0", b"\xe2\x80\xae", b'"', b"(", b"<", b">", b";", b":", b"@", b"Date: ",
    b"Final-Recipient: rfc822; ", b"Action: failed", b"Status: 5.", b"message/delivery-status", b"winmail.dat", b"application/ms-tnef",
]  # fmt: skip
COUNT = int(os.environ.get("PARLEY_FUZZ_EXAMPLES", "400"))
SECONDS = float(os.environ.get("PARLEY_FUZZ_SECONDS", "20"))


def check(raw: bytes) -> None:
    begun = time.process_time()
    mail = parse(raw)
    assert isinstance(mail, ParsedMail)
    assert "could-not-parse" not in mail.defects, mail.defects
    assert time.process_time() - begun < 2
    assert not any("\0" in text for text in (mail.subject, mail.text, mail.reply, mail.html, mail.from_name))
    for one in mail.attachments:
        assert len(one.content) == one.size
        assert not set(one.filename) & set("/\\\0\r\n")
    mail.text.encode()


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=40)), max_size=60).map(b"".join))
@settings(max_examples=COUNT, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_pieces_of_mail_in_any_order(raw: bytes) -> None:
    check(raw)


@given(st.binary(max_size=2_000))
@settings(max_examples=COUNT, deadline=None)
def test_any_bytes(raw: bytes) -> None:
    check(raw)


def broken(raw: bytes, chance: random.Random) -> bytes:
    """A mail with a few places changed, dropped, doubled or taken from another."""
    data = bytearray(raw)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = bytes((chance.randrange(256),))
            case 1:
                del data[at : at + chance.randrange(60)]
            case 2:
                data[at:at] = data[chance.randrange(len(data) + 1) :][: chance.randrange(200)]
            case 3:
                data[at:at] = chance.choice(PIECES)
            case _:
                other = chance.choice(CORPUS)
                data[at:at] = other[chance.randrange(len(other)) :][: chance.randrange(300)]
    return bytes(data)


@pytest.mark.timeout(SECONDS * 3 + 60)
def test_real_mails_broken_at_random() -> None:
    chance = random.Random(20240304)
    until = time.monotonic() + SECONDS
    count = 0
    while time.monotonic() < until:
        check(broken(chance.choice(CORPUS), chance))
        count += 1
    assert count > 100
