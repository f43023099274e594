"""Mails that are made to hurt: nesting, thousands of parts, huge ones, next to nothing; and boundaries that are lost."""

from __future__ import annotations

import time

import pytest

from connectors.email.codec import parse
from tests.connectors.email.letters import container, letter, multipart, part


def test_a_thousand_nested_parts_stop_at_a_depth() -> None:
    inner = part("text/plain", "core")
    for level in range(1_200):
        inner = container("mixed", inner, boundary=f"b{level}")
    mail = parse(letter(inner))
    assert "too-deep" in mail.defects


def test_a_thousand_nested_mails_stop_at_a_depth() -> None:
    assert "too-deep" in parse(letter("Content-Type: message/rfc822\n\n" * 1_200)).defects


def test_five_thousand_parts_stop_at_a_number_and_stay_quick() -> None:
    begun = time.process_time()
    mail = parse(multipart("mixed", *(part("text/plain", f"part {n}") for n in range(5_000))))
    assert "too-many-parts" in mail.defects
    assert "part 0" in mail.text
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("size", [1, 5, 25])
def test_large_mails_take_linear_time(size: int) -> None:
    raw = multipart(
        "mixed",
        part("text/plain", "see file"),
        part("application/pdf; name=a.pdf", "x" * (size << 20), encode=True),
    )
    begun = time.process_time()
    mail = parse(raw)
    assert mail.attachments[0].size == size << 20
    assert time.process_time() - begun < 0.5 + size * 0.15


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n\r\n", b"\0" * 100, b" ", b"\xff" * 1000, b":", b"\n:\n", b"--\n--", b"=?" * 1000]
)
def test_next_to_nothing_is_a_mail_too(raw: bytes) -> None:
    mail = parse(raw)
    assert "could-not-parse" not in mail.defects


def test_an_old_mac_breaks_lines_with_carriage_returns() -> None:
    mail = parse(b"Subject: x\rFrom: ann@example.org\r\rfirst\rsecond")
    assert (mail.subject, mail.text) == ("x", "first\nsecond")


def test_doubled_carriage_returns_are_one_line_end() -> None:
    mail = parse(b"Subject: x\r\r\nFrom: ann@example.org\r\r\n\r\r\nfirst\r\r\n")
    assert (mail.subject, mail.from_address) == ("x", "ann@example.org")


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [("multipart/mixed", "abc"), ("multipart/mixed; boundary=wrong", "abc"), ("", "=_abc_123")],
)
def test_a_lost_boundary_is_found(content_type: str, boundary: str) -> None:
    body = f"--{boundary}\nContent-Type: text/plain\n\nhello\n--{boundary}\nContent-Type: application/pdf; name=a.pdf\n\nx\n--{boundary}--\n"
    mail = parse(letter(f"Content-Type: {content_type}\n" if content_type else "", body))
    assert mail.text == "hello"
    assert [one.filename for one in mail.attachments] == ["a.pdf"]


def test_a_missing_closing_boundary_loses_nothing() -> None:
    raw = multipart("mixed", part("text/plain", "hello"), part("application/pdf; name=a.pdf", "x"))
    mail = parse(raw.replace(b"--b1--", b""))
    assert mail.text == "hello"
    assert len(mail.attachments) == 1


def test_a_multipart_without_parts_is_its_text() -> None:
    mail = parse(letter("Content-Type: multipart/mixed; boundary=zzz\n", "just text"))
    assert mail.text == "just text"
    assert "multipart-without-parts" in mail.defects
