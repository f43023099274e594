"""What `parse` promises for any bytes whatever, as one function for all fuzzers."""

from __future__ import annotations

import time

import msgspec

from connectors.email.codec import parse
from connectors.email.mail import ParsedMail

SECONDS = 2


def check(raw: bytes) -> ParsedMail:
    """Fails when `parse` raises, takes long, or returns what a database, a page or a file system would choke on."""
    begun = time.process_time()
    mail = parse(raw)
    assert time.process_time() - begun < SECONDS
    assert isinstance(mail, ParsedMail)
    assert "could-not-parse" not in mail.defects, mail.defects
    assert not any("\0" in text for text in (mail.subject, mail.text, mail.reply, mail.html, mail.from_name))
    for one in mail.attachments:
        assert len(one.content) == one.size
        assert one.filename
        assert not set(one.filename) & set("/\\\0\r\n")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(mail), type=ParsedMail) == mail
    return mail
