"""Handing a mail in by SMTP, step by step, so that the outcome is known: before the final dot nothing was sent, after it only an answer tells."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Any

import aiosmtplib
from aiosmtplib import SMTPResponse

from connectors.contract import Accepted, NeedsOperator, Outcome, Rejected, Retry, TryLater, Unknown
from connectors.email.compose import Letter
from connectors.email.imap import tls_context
from connectors.email.settings import SmtpSettings

CONNECT_SECONDS = 20.0
ANSWER_SECONDS = 600.0
"""RFC 5321 4.5.3.2.6: a server that filters a mail before it confirms it gets ten minutes; who gives up earlier makes two mails of one."""
DRAIN_STEP = 0.01
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")
_SES = re.compile(r"email-smtp\.([a-z0-9-]{4,20})\.amazonaws\.com$")


class _Step(Exception):  # control flow of this module: the outcome is inside
    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


async def hand_in(letter: Letter, settings: SmtpSettings) -> Outcome:
    """One connection, one mail, in less time than the host gives a part (`PART_SECONDS` of the manifest).

    Raises `NeedsOperator` when the server refuses our sign-in or shows a wrong certificate.
    """
    client = _client(settings)
    try:
        async with asyncio.timeout(settings.timeout):
            await _connect(client, settings)
            await _transaction(client, letter, settings)
        return await _final_dot(client, letter, settings)
    except _Step as step:
        return step.outcome
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        # Whatever is lost up to the final dot was lost before the mail was complete. (TimeoutError is an OSError.)
        return Retry(text=f"SMTP {settings.host}: {_said(error)}")
    finally:
        client.close()


async def probe(settings: SmtpSettings) -> str:
    """Sign in and leave; a sentence for the operator. Raises `NeedsOperator` and `TryLater`."""
    client = _client(settings)
    try:
        await _connect(client, settings)
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.quit()
    except _Step as step:
        raise TryLater(getattr(step.outcome, "text", "")) from step
    finally:
        client.close()
    return f"SMTP {settings.host}: signed in" if settings.user else f"SMTP {settings.host}: reached"


def _client(settings: SmtpSettings) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port or (465 if settings.tls == "tls" else 587),
        use_tls=settings.tls == "tls",
        start_tls=settings.tls == "starttls",
        tls_context=tls_context(settings.ca_file) if settings.tls != "none" else None,
        timeout=CONNECT_SECONDS,
    )


async def _connect(client: aiosmtplib.SMTP, settings: SmtpSettings) -> None:
    try:
        await client.connect()
        await _greet(client)
        if settings.user and settings.password is not None:
            await client.login(settings.user, settings.password.reveal())
    except aiosmtplib.SMTPAuthenticationError as error:
        if error.code < 500:
            raise _Step(
                Retry(text=f"SMTP {settings.host}: {error.code} {_one_line(error.message)}", scope="account")
            ) from error
        raise NeedsOperator(
            f"SMTP {settings.host} refuses the name or password of {settings.user}: {error.code} {_one_line(error.message)}"
        ) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in f"{error} {error.__cause__}":
            raise NeedsOperator(f"SMTP {settings.host}: its certificate is not valid") from error
        raise _Step(Retry(text=f"SMTP {settings.host}: {_said(error)}", scope="account")) from error


async def _greet(client: aiosmtplib.SMTP) -> None:
    """EHLO, which tells the server's limits; HELO where that is not known."""
    if client.is_ehlo_or_helo_needed:
        try:
            await client.ehlo()
        except aiosmtplib.SMTPHeloError as error:
            if error.code < 500:
                raise
            await client.helo()


async def _transaction(client: aiosmtplib.SMTP, letter: Letter, settings: SmtpSettings) -> None:
    """Everything up to the end of the mail, without its final dot: a server cannot have accepted anything by then."""
    _check_size(client, letter, settings)
    _judge(await client.execute_command(b"MAIL", f"FROM:<{letter.sender}>".encode("ascii")))
    for number, address in enumerate(letter.recipients):
        response = await client.execute_command(b"RCPT", f"TO:<{address}>".encode("ascii"))
        # The customer must get it; a colleague of theirs whose address is dead does not stop the mail.
        if number == 0 or response.code < 500:
            _judge(response, address)
    _judge(await client.execute_command(b"DATA"), expected=354)
    protocol: Any = client.protocol
    protocol.write(_dotted(letter.raw))
    await _drained(protocol)


def _check_size(client: aiosmtplib.SMTP, letter: Letter, settings: SmtpSettings) -> None:
    said = client.esmtp_extensions.get("size", "").strip() if client.esmtp_extensions else ""
    limit = min(
        settings.max_mail_bytes, int(said) if said.isdigit() and int(said) else settings.max_mail_bytes
    )
    if len(letter.raw) > limit:
        sentence = f"The mail has {_megabytes(len(letter.raw))}, more than the {_megabytes(limit)} that can be sent. Send fewer or smaller files."
        raise _Step(Rejected(text=sentence, code="552"))


def _megabytes(size: int) -> str:
    return f"{size / 1_048_576:.1f} MB"


def _judge(response: SMTPResponse, address: str = "", expected: int = 250) -> None:
    """Goes on only with the expected answer (251 is one, too)."""
    if response.code in {expected, 251}:
        return
    said = f"{response.code} {_one_line(response.message)}"
    if response.code >= 500:
        raise _Step(Rejected(text=f"{address}: {said}" if address else said, code=_code(response)))
    raise _Step(Retry(text=f"The mail server says: {said}"))


def _code(response: SMTPResponse) -> str:
    found = re.match(r"([245]\.\d{1,3}\.\d{1,3})\b", response.message)
    return found.group(1) if found else str(response.code)


async def _final_dot(client: aiosmtplib.SMTP, letter: Letter, settings: SmtpSettings) -> Outcome:
    protocol: Any = client.protocol
    protocol.write(b".\r\n")
    try:
        response = await protocol.read_response(timeout=ANSWER_SECONDS)
    except (aiosmtplib.SMTPException, OSError) as error:
        return Unknown(
            text=f"The mail was handed over completely, but {settings.host} did not confirm it: {_said(error)}"
        )
    _judge(response)
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=2)
    return Accepted(provider_ids=(letter.message_id, *_renamed(response, settings)))


def _dotted(raw: bytes) -> bytes:
    """RFC 5321 4.5.2: lines end with CRLF, a dot at the start of a line is doubled, the last line is complete."""
    lines = _LINE_ENDS.sub(b"\r\n", raw)
    lines = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines)


async def _drained(protocol: Any) -> None:
    """Waits until everything has been given to the network. Bounded by the caller."""
    while True:
        transport = protocol.transport
        if transport is None or transport.is_closing():
            raise aiosmtplib.SMTPServerDisconnected("the connection was lost while the mail was sent")
        if not transport.get_write_buffer_size():
            # What the network knows already (a reset) is told in the next turn of the loop.
            await asyncio.sleep(DRAIN_STEP)
            if protocol.transport is not None and not protocol.transport.is_closing():
                return
        await asyncio.sleep(DRAIN_STEP)


def _renamed(response: SMTPResponse, settings: SmtpSettings) -> tuple[str, ...]:
    """Amazon SES gives mails ids of its own; answers refer to those. Its documentation: `<id>@<region>.amazonses.com`."""
    region = _SES.search(settings.host.lower())
    found = re.search(r"\bOk ([0-9a-f-]{20,80})\b", response.message)
    if not region or not found:
        return ()
    where = "email" if region.group(1) == "us-east-1" else region.group(1)
    return (f"{found.group(1)}@{where}.amazonses.com",)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:400]


def _said(error: BaseException) -> str:
    return _one_line(str(error)) or type(error).__name__
