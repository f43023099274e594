"""Handing mail in: a server for every refusal that Postfix does not give on demand, and what each means for the message."""

from __future__ import annotations

import socketserver
import time
from collections.abc import Callable
from typing import ClassVar, get_args

import msgspec
import pytest
from aiosmtplib import SMTPResponse

from connectors.contract import Accepted, NeedsOperator, Outcome, Rejected, Retry, Secret, Unknown
from connectors.email import MANIFEST, smtp
from connectors.email.compose import Letter
from connectors.email.settings import SmtpSettings
from tests.connectors.email.room import tcp_server

LETTER = Letter(
    sender="support@example.com",
    recipients=("ann@example.org", "bob@example.org"),
    message_id="id@example.com",
    raw=b"Subject: x\r\n\r\n.leading dot\r\nbare\nline end",
)
Script = dict[str, str | None]
"""Answers by verb (`MAIL`, `RCPT bob`, `.` for the end of the data); None closes the connection instead."""


class Session(socketserver.StreamRequestHandler):
    """An SMTP server that answers by its script and remembers what it was told."""

    script: ClassVar[Script] = {}
    told: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        if not self.answer("CONNECT", "220 ready"):
            return
        for line in iter(self.rfile.readline, b""):
            verb = line.split(b" ")[0].strip().decode().upper()
            if verb == "EHLO":
                said = self.script.get("EHLO") or "250-hello\n250 SIZE 100000"
                self.wfile.write(said.encode().replace(b"\n", b"\r\n") + b"\r\n")
            elif verb == "DATA":
                if not self.answer("DATA", "354 go on") or not self.data():
                    return
            elif not self.answer(f"{verb} bob" if b"bob" in line else verb, "250 OK"):
                return
            if verb == "QUIT":
                return

    def data(self) -> bool:
        if self.script.get("BODY", "") is None:
            self.rfile.readline()
            return False
        for line in iter(self.rfile.readline, b""):
            if line == b".\r\n":
                return self.answer(".", "250 2.0.0 Ok: queued as 1")
            self.told.append(line)
        return False

    def answer(self, key: str, usual: str) -> bool:
        said = self.script.get(key, self.script.get(key.split(maxsplit=1)[0], usual) if " " in key else usual)
        if said is None:
            return False
        if said.startswith("WAIT"):
            time.sleep(float(said.split()[1]))
            return False
        self.wfile.write(said.encode() + b"\r\n")
        return True


async def handed_in(script: Script, letter: Letter = LETTER, **more: object) -> tuple[Outcome, list[bytes]]:
    told: list[bytes] = []
    handler = type("Scripted", (Session,), {"script": script, "told": told})
    with tcp_server(handler) as port:
        settings = SmtpSettings(host="127.0.0.1", port=port, tls="none", **more)  # type: ignore[arg-type]  # a test's choice
        return await smtp.hand_in(letter, settings), told


async def test_a_mail_is_accepted_and_arrives_as_it_was() -> None:
    outcome, told = await handed_in({})
    assert outcome == Accepted(provider_ids=("id@example.com",))
    assert b"".join(told) == b"Subject: x\r\n\r\n..leading dot\r\nbare\r\nline end\r\n"


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        ({"CONNECT": "421 too busy"}, Retry, "421"),
        ({"CONNECT": None}, Retry, ""),
        ({"MAIL": "451 4.3.0 try again later"}, Retry, "451 4.3.0 try again later"),
        ({"MAIL": "550 5.7.1 not with this sender"}, Rejected, "550 5.7.1 not with this sender"),
        ({"RCPT": "450 4.2.0 greylisted"}, Retry, "greylisted"),
        ({"RCPT": "550 5.1.1 no such user"}, Rejected, "ann@example.org: 550 5.1.1 no such user"),
        ({"RCPT": None}, Retry, ""),
        ({"DATA": "554 5.5.1 no data"}, Rejected, "no data"),
        ({"DATA": None}, Retry, ""),
        ({"BODY": None}, Retry, ""),
        ({".": "451 4.7.1 try later"}, Retry, "try later"),
        ({".": "554 5.7.1 looks like spam"}, Rejected, "looks like spam"),
        ({".": None}, Unknown, "did not confirm"),
    ],
)  # fmt: skip
async def test_every_refusal_has_its_meaning(script: Script, kind: type, words: str) -> None:
    letter = (
        LETTER
        if "BODY" not in script
        else Letter("a@example.com", ("ann@example.org",), "id@x", b"x" * 90_000)
    )
    outcome, _ = await handed_in(script, letter)
    assert isinstance(outcome, kind), outcome
    assert words in getattr(outcome, "text", "")


async def test_the_codes_of_refusals_are_kept() -> None:
    outcome, _ = await handed_in({"RCPT": "550 5.1.1 no such user"})
    assert isinstance(outcome, Rejected)
    assert outcome.code == "5.1.1"


async def test_a_dead_address_in_copy_does_not_stop_the_mail() -> None:
    outcome, told = await handed_in({"RCPT bob": "550 5.1.1 no such user"})
    assert isinstance(outcome, Accepted)
    assert told


async def test_silence_before_the_end_is_tried_again() -> None:
    outcome, _ = await handed_in({"RCPT": "WAIT 4"}, timeout=1)
    assert isinstance(outcome, Retry)


def test_the_host_gives_a_mail_the_time_that_rfc_5321_gives_the_server() -> None:
    (timeout,) = (field for field in msgspec.structs.fields(SmtpSettings) if field.name == "timeout")
    bounds = next(one for one in get_args(timeout.type) if isinstance(one, msgspec.Meta))
    assert bounds.le is not None
    assert smtp.ANSWER_SECONDS >= 600
    assert bounds.le < smtp.HANDOVER_SECONDS
    assert MANIFEST.part_seconds > smtp.HANDOVER_SECONDS + smtp.ANSWER_SECONDS + 30


async def test_silence_after_the_final_dot_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.5)
    outcome, _ = await handed_in({".": "WAIT 3"})
    assert isinstance(outcome, Unknown)


@pytest.mark.parametrize(("ehlo", "limit"), [("250-hello\n250 SIZE 1000", 26_214_400), ("250 hello", 65_536)])
async def test_a_mail_above_the_limit_is_not_even_tried(ehlo: str, limit: int) -> None:
    letter = Letter("a@example.com", ("ann@example.org",), "id@x", b"x" * 70_000)
    outcome, told = await handed_in({"EHLO": ehlo}, letter, max_mail_bytes=limit)
    assert isinstance(outcome, Rejected)
    assert "more than" in outcome.text
    assert not told


@pytest.mark.parametrize(("answer", "error"), [("535 5.7.8 wrong", NeedsOperator), ("454 4.7.0 later", None)])
async def test_a_refused_sign_in(answer: str, error: type[Exception] | None) -> None:
    script: Script = {"EHLO": "250-hello\n250 AUTH PLAIN", "AUTH": answer}
    if error is None:
        outcome, _ = await handed_in(script, user="support", password=Secret("secret"))
        assert isinstance(outcome, Retry)
        assert outcome.scope == "account"
        return
    with pytest.raises(error, match="refuses the name or password") as caught:
        await handed_in(script, user="support", password=Secret("secret"))
    assert "secret" not in str(caught.value)


async def test_nobody_listens() -> None:
    settings = SmtpSettings(host="127.0.0.1", port=1, tls="none")
    outcome = await smtp.hand_in(LETTER, settings)
    assert isinstance(outcome, Retry)
    assert outcome.scope == "account"


async def test_starttls_that_the_server_does_not_know_is_no_reason_to_send_openly() -> None:
    told: list[bytes] = []
    handler = type("Scripted", (Session,), {"script": {}, "told": told})
    with tcp_server(handler) as port, pytest.raises(NeedsOperator, match="offers no STARTTLS on this port"):
        await smtp.hand_in(LETTER, SmtpSettings(host="127.0.0.1", port=port, tls="starttls"))
    assert not told


def test_the_ids_that_amazon_gives_are_kept() -> None:
    made: Callable[[str], SmtpSettings] = lambda host: SmtpSettings(host=host)  # noqa: E731  # one line, used thrice
    answer = SMTPResponse(250, "Ok 0102018e0a1b2c3d-0a1b2c3d-000000")
    assert smtp._renamed(answer, made("email-smtp.eu-west-1.amazonaws.com")) == (
        "0102018e0a1b2c3d-0a1b2c3d-000000@eu-west-1.amazonses.com",
    )
    assert smtp._renamed(answer, made("email-smtp.us-east-1.amazonaws.com")) == (
        "0102018e0a1b2c3d-0a1b2c3d-000000@email.amazonses.com",
    )
    assert smtp._renamed(answer, made("mail.example.com")) == ()
