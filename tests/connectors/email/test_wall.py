"""The child process that reads mails: the same result as in process, and a mail that breaks a limit costs only itself."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.contract import MessageReceived
from connectors.email import wall
from connectors.email.codec import parse, unreadable
from connectors.email.manifest import MANIFEST
from connectors.email.settings import EmailConfig, SmtpSettings
from connectors.email.wall import Wall
from tests.connectors.email.letters import html, multipart, part, plain

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.eml"))
HEAVY = html("<blockquote type=cite>On 4 Mar 2024, Ann wrote: &eacute;<p>" * 16_000)


@pytest.fixture
def guarded() -> Iterator[Wall]:
    here = Wall()
    yield here
    here.close()


def test_the_child_reads_what_the_codec_reads(guarded: Wall) -> None:
    for path in CORPUS[::7]:
        raw = path.read_bytes()
        assert guarded.read(raw) == parse(raw), path.stem


def test_the_codec_loads_without_the_channel() -> None:
    code = "import connectors.email.codec, sys; print('aiosmtplib' in sys.modules or 'imapclient' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_a_dead_letter_is_read_again_behind_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """`parley dead replay` reads foreign bytes like a poll does: never in the server's own process."""
    strict = Wall(cpu_seconds=1, memory=1, patience=0.001)
    monkeypatch.setattr(wall, "shared", lambda: strict)
    config = EmailConfig(address="support@example.com", smtp=SmtpSettings(host="mail.example.com"))
    assert MANIFEST.read is not None
    [found] = MANIFEST.read(plain("Hello"), config, lambda _purpose: (b"k" * 32,))
    strict.close()
    assert isinstance(found, MessageReceived)
    assert "could-not-parse" in found.data["defects"]


def test_files_arrive_whole(guarded: Wall) -> None:
    content = "x" * 3_000_000
    mail = guarded.read(multipart("mixed", part("application/pdf; name=a.pdf", content, encode=True)))
    assert mail.attachments[0].content == content.encode()


def test_a_mail_that_takes_too_long_is_given_up_and_the_next_one_is_read() -> None:
    here = Wall(cpu_seconds=1, patience=0.05)
    try:
        begun = time.monotonic()
        mail = here.read(HEAVY)
        assert mail.defects == ("could-not-parse", "too-slow")
        assert (mail.from_address, mail.subject) == ("ann@example.org", "Question")
        assert "<blockquote" in mail.reply
        assert time.monotonic() - begun < 5
    finally:
        here.close()


def test_a_lost_child_is_replaced(guarded: Wall) -> None:
    assert guarded.read(plain("one")).text == "one"
    child = guarded._child
    assert child is not None
    os.kill(child.pid, signal.SIGSTOP)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert guarded.read(plain("two")).text == "two"


def test_a_mail_that_wants_too_much_memory_is_given_up_and_the_next_one_is_read() -> None:
    here = Wall(memory=16 << 20)
    try:
        assert "could-not-parse" in here.read(HEAVY).defects
        assert here._child is None, "what ran out of memory is still asked"
        assert here.read(b"Subject: x\n\nshort").text == "short"
    finally:
        here.close()


def test_a_large_mail_wears_the_child_out(guarded: Wall) -> None:
    guarded.read(plain("x" * (wall.WORN + 1)))
    assert guarded._child is None
    assert guarded.read(plain("one")).text == "one"


def test_the_child_ends_with_its_parent() -> None:
    sink = io.BytesIO()
    wall.serve(io.BytesIO(), sink, 5, 0)
    assert sink.getvalue() == b""


def test_an_unreadable_mail_still_says_whose_it_is() -> None:
    mail = unreadable(
        b"From: =?utf-8?Q?Zo=C3=AB?= <zoe@example.org>\r\nSubject: Help\r\nMessage-ID: <a@b>\r\n\r\nbody", "x"
    )
    assert (mail.from_name, mail.from_address, mail.subject, mail.message_id) == (
        "Zoë",
        "zoe@example.org",
        "Help",
        "a@b",
    )
    assert mail.defects == ("could-not-parse", "x")
