"""Handing a mail in by SMTP, step by step, so that the outcome is known: before the final dot nothing was sent, after it only an answer tells."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import time
from collections.abc import Callable
from typing import Any

import aiosmtplib
from aiosmtplib import SMTPResponse

from connectors.contract import Accepted, NeedsOperator, Outcome, Rejected, Retry, TryLater, Unknown
from connectors.email.compose import Letter
from connectors.email.dialling import said, tls_context
from connectors.email.ports import TokenSource
from connectors.email.settings import SmtpSettings

CONNECT_SECONDS = 20.0
ANSWER_SECONDS = 600.0
"""RFC 5321 4.5.3.2.6: a server that filters a mail before it confirms it gets ten minutes; who gives up earlier makes two mails of one."""
DRAIN_STEP = 0.01
CHECK_SECONDS = 5.0
IDLE_SECONDS = 30.0
MAILS_PER_CONNECTION = 100
INITIAL_RESPONSE = 480
_BAD_CERTIFICATE = re.compile(r"certificate verify failed: (.{1,200}?)(?: \(_ssl\.c|\n|$)")
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")
_SES = re.compile(r"email-smtp\.([a-z0-9-]{4,20})\.amazonaws\.com\Z")


class _Step(Exception):  # control flow of this module: the outcome is inside
    def __init__(self, outcome: Outcome, *, reusable: bool = False) -> None:
        super().__init__()
        self.outcome = outcome
        self.reusable = reusable


async def hand_in(letter: Letter, settings: SmtpSettings, tokens: TokenSource | None = None) -> Outcome:
    """One connection, one mail, in less time than the host gives a part (`PART_SECONDS` of the manifest).

    Raises `NeedsOperator` when the server refuses our sign-in or shows a wrong certificate.
    """
    pool = Pool(settings, tokens)
    try:
        return await pool.hand_in(letter)
    finally:
        await pool.close()


class Pool:
    """Connections to one server, used for several mails: at most `settings.connections`, each for at most 100 mails and 30 idle seconds.

    A connection is asked (RSET) before it is used again: one that died meanwhile is noticed while nothing of the mail has gone out.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        tokens: TokenSource | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._clock = clock
        self._room = asyncio.Semaphore(settings.connections)
        self._idle: list[_Line] = []

    async def hand_in(self, letter: Letter) -> Outcome:
        """See the function of this name."""
        line: _Line | None = None
        try:
            async with asyncio.timeout(self._settings.timeout) as limit, self._room:
                line = await self._line()
                await _transaction(line.client, letter, self._settings)
                limit.reschedule(None)
                # Only the answer tells what became of it from here on; it has a time of its own.
                outcome = await _final_dot(line.client, letter, self._settings)
                self._give_back(line)
                line = None
                return outcome
        except _Step as step:
            if line is not None and step.reusable:
                self._give_back(line)
                line = None
            return step.outcome
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # Whatever is lost up to the final dot was lost before the mail was complete. (TimeoutError is an OSError.)
            return Retry(text=f"SMTP {self._settings.host}: {said(error)}")
        finally:
            if line is not None:
                line.client.close()

    async def close(self) -> None:
        """Say goodbye on idle connections, at most two seconds."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_leave(line.client) for line in idle), return_exceptions=True)

    async def _line(self) -> _Line:
        while self._idle:
            line = self._idle.pop()
            if self._clock() < line.good_until and await _answers(line.client):
                return line
            line.client.close()
        client = _client(self._settings)
        try:
            await _connect(client, self._settings, self._tokens)
        except BaseException:
            client.close()
            raise
        return _Line(client)

    def _give_back(self, line: _Line) -> None:
        line.mails += 1
        line.good_until = self._clock() + IDLE_SECONDS
        if line.mails < MAILS_PER_CONNECTION and line.client.is_connected:
            self._idle.append(line)
            asyncio.get_running_loop().call_later(IDLE_SECONDS + 1.0, self._tidy)
        else:
            line.client.close()

    def _tidy(self) -> None:
        """Close what has been idle for too long; servers do not like to be kept waiting."""
        now = self._clock()
        old = [line for line in self._idle if now >= line.good_until]
        self._idle = [line for line in self._idle if now < line.good_until]
        for line in old:
            line.client.close()


class _Line:
    """A connection and how much it was used."""

    __slots__ = ("client", "good_until", "mails")

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self.client = client
        self.mails = 0
        self.good_until = 0.0


async def _answers(client: aiosmtplib.SMTP) -> bool:
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        return (await client.rset(timeout=CHECK_SECONDS)).code == 250
    return False


async def _leave(client: aiosmtplib.SMTP) -> None:
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=2)
    client.close()


async def probe(settings: SmtpSettings, tokens: TokenSource | None = None) -> str:
    """Sign in and leave; a sentence for the operator. Raises `NeedsOperator` and `TryLater`."""
    client = _client(settings)
    try:
        await _connect(client, settings, tokens)
        await _leave(client)
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


async def _connect(client: aiosmtplib.SMTP, settings: SmtpSettings, tokens: TokenSource | None) -> None:
    try:
        await client.connect()
        await _greet(client)
        if settings.user and settings.password is not None:
            await client.login(settings.user, settings.password.reveal())
        elif settings.user and tokens is not None:
            await _show_token(client, settings, tokens)
    except aiosmtplib.SMTPAuthenticationError as error:
        if error.code < 500:
            raise _Step(
                Retry(text=f"SMTP {settings.host}: {error.code} {_one_line(error.message)}", scope="account")
            ) from error
        what = "name or password of" if settings.password is not None else "access token for"
        raise NeedsOperator(
            f"SMTP {settings.host} refuses the {what} {settings.user}: {error.code} {_one_line(error.message)}"
        ) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        if found := _BAD_CERTIFICATE.search(f"{error} {error.__cause__}"):
            raise NeedsOperator(f"SMTP {settings.host}: its certificate is not valid: {found[1]}") from error
        raise _Step(Retry(text=f"SMTP {settings.host}: {said(error)}", scope="account")) from error


async def _show_token(client: aiosmtplib.SMTP, settings: SmtpSettings, tokens: TokenSource) -> None:
    """XOAUTH2 (Google's and Microsoft's documents); a refused token may have been withdrawn early: a second one, once."""
    token = await tokens.access()
    try:
        await _xoauth2(client, settings.user, token)
    except aiosmtplib.SMTPAuthenticationError as error:
        if error.code < 500:
            raise
        await _xoauth2(client, settings.user, await tokens.access(refused=token))


async def _xoauth2(client: aiosmtplib.SMTP, user: str, token: str) -> None:
    first = base64.b64encode(f"user={user}\1auth=Bearer {token}\1\1".encode())
    if len(first) < INITIAL_RESPONSE:
        response = await client.execute_command(b"AUTH", b"XOAUTH2", first)
    else:
        # A command line has an end (RFC 5321 4.5.3.1.4: 512 bytes); an answer to a challenge may be longer (RFC 4954 4: 12,288).
        response = await client.execute_command(b"AUTH", b"XOAUTH2")
        if response.code == 334:
            response = await client.execute_command(first)
    if response.code == 334:
        response = await client.execute_command(
            b""
        )  # the challenge describes the refusal; an empty answer gets it
    if response.code != 235:
        raise aiosmtplib.SMTPAuthenticationError(response.code, response.message)


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
        raise _Step(Rejected(text=sentence, code="552"), reusable=True)


def _megabytes(size: int) -> str:
    return f"{size / 1_048_576:.1f} MB"


def _judge(response: SMTPResponse, address: str = "", expected: int = 250) -> None:
    """Goes on only with the expected answer (251 is one, too)."""
    if response.code in {expected, 251}:
        return
    said = f"{response.code} {_one_line(response.message)}"
    if response.code >= 500:
        text = f"{address}: {said}" if address else said
        raise _Step(Rejected(text=text, code=_code(response)), reusable=True)
    raise _Step(Retry(text=f"The mail server says: {said}"), reusable=response.code != 421)


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
            text=f"The mail was handed over completely, but {settings.host} did not confirm it: {said(error)}"
        )
    _judge(response)
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
