"""Handing a mail in by SMTP, step by step, so that the outcome is known: before the final dot nothing was sent, after it only an answer tells."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import aiosmtplib
from aiosmtplib import SMTPResponse

from connectors.contract import Accepted, NeedsOperator, Outcome, Rejected, Retry, TryLater, Unknown
from connectors.email.compose import Letter
from connectors.email.dialling import said
from connectors.email.ports import TokenSource
from connectors.email.settings import SmtpSettings
from connectors.email.submission import SignInRefused, one_line, signed_in

HANDOVER_SECONDS = 600.0
"""For everything up to the end of a mail: a connection that is free, the sign-in, the mail itself."""
ANSWER_SECONDS = 600.0
"""RFC 5321 4.5.3.2.6: a server that filters a mail before it confirms it gets ten minutes; who gives up earlier makes two mails of one."""
PROBE_SECONDS = 15.0
DRAIN_STEP = 0.01
CHECK_SECONDS = 5.0
IDLE_SECONDS = 30.0
MAILS_PER_CONNECTION = 100
LATER_SECONDS = 60.0
"""A server that answers "not now" (greylisting, a full mailbox) means minutes (RFC 5321 4.5.4.1); it is well itself."""
REFUSED_SECONDS = 300.0
"""A name or password that was refused is shown again only after so long: servers lock accounts after a handful of wrong ones."""
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")
WANTS_SIGN_IN = frozenset({530, 534, 535, 538})
"""To a mail: sign in first, or encrypt first (RFC 4954 section 6, RFC 3207 section 4). No fault of the mail."""
_SES = re.compile(r"email-smtp\.([a-z0-9-]{4,20})\.amazonaws\.com\Z")


class _Step(Exception):  # control flow of this module: the outcome is inside
    def __init__(self, outcome: Outcome, *, reusable: bool = False) -> None:
        super().__init__()
        self.outcome = outcome
        self.reusable = reusable


async def hand_in(
    letter: Letter, settings: SmtpSettings, tokens: TokenSource | None = None, *, patient: bool = False
) -> Outcome:
    """One connection, one mail, in less time than the host gives a part (`PART_SECONDS` of the manifest).

    `patient`: that the server does not take somebody in copy just now is worth another try. Raises `NeedsOperator` when the server refuses our sign-in or shows a wrong certificate.
    """
    pool = Pool(settings, tokens)
    try:
        return await pool.hand_in(letter, patient=patient)
    finally:
        await pool.close()


class Pool:
    """Connections to one server, used for several mails: at most `settings.connections`, each for at most 100 mails and 30 idle seconds.

    A connection is asked (RSET) before it is used again: one that died meanwhile is noticed while nothing of the mail has gone out.
    Until the server has taken our name once, connections are made one after the other: a wrong password is shown once, not by all.
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
        self._one = asyncio.Lock()
        self._known = False
        self._refusal: tuple[float, str] = (0.0, "")
        self._idle: list[_Line] = []

    async def hand_in(self, letter: Letter, *, patient: bool = False) -> Outcome:
        """See the function of this name."""
        line: _Line | None = None
        try:
            async with asyncio.timeout(HANDOVER_SECONDS) as limit, self._room:
                line = await self._line()
                left_out = await _transaction(line.client, letter, self._settings, patient=patient)
                limit.reschedule(None)
                # Only the answer tells what became of it from here on; it has a time of its own.
                outcome = await _final_dot(line.client, letter, self._settings, left_out)
                if not isinstance(outcome, Unknown):
                    # (An answer that is still to come would be taken for that to the next command.)
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
        if self._known:
            return await self._new()
        async with self._one:
            return await self._new()

    async def _new(self) -> _Line:
        until, refusal = self._refusal
        if self._clock() < until:
            raise NeedsOperator(refusal)
        try:
            client = await signed_in(self._settings, self._tokens)
        except SignInRefused as error:
            self._known = False
            self._refusal = (self._clock() + REFUSED_SECONDS, str(error))
            raise
        except TryLater as error:
            raise _Step(Retry(text=str(error), scope="account")) from error
        self._known = True
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


async def probe(
    settings: SmtpSettings,
    tokens: TokenSource | None = None,
    sender: str = "",
    tagged: Sequence[str] = (),
) -> str:
    """Sign in, ask whether the server would take mail to the addresses `tagged`, and leave; a sentence for the operator.

    Raises `NeedsOperator` and `TryLater`.
    """
    client = await signed_in(settings, tokens, PROBE_SECONDS)
    try:
        refused = [await _refusal(client, sender, address) for address in tagged]
        await _leave(client)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise TryLater(f"SMTP {settings.host}: {said(error)}") from error
    finally:
        client.close()
    did = "signed in" if settings.user else "reached"
    return "; ".join([f"SMTP {settings.host}: {did}", *filter(None, refused)])


async def _refusal(client: aiosmtplib.SMTP, sender: str, address: str) -> str:
    """Why this server takes no mail to `address`; empty when it does, or leaves that to another server. Nothing is sent."""
    await client.execute_command(b"MAIL", f"FROM:<{sender}>".encode("ascii"))
    response = await client.execute_command(b"RCPT", f"TO:<{address}>".encode("ascii"))
    await client.rset()
    if response.code < 500:
        return ""
    return f"WARNING: mail to {address} would not arrive: {response.code} {one_line(response.message)}"


async def _transaction(
    client: aiosmtplib.SMTP, letter: Letter, settings: SmtpSettings, *, patient: bool
) -> tuple[str, ...]:
    """Everything up to the end of the mail, without its final dot: a server cannot have accepted anything by then.

    Gives who is left out and why: the customer must get it, but one colleague of theirs whom the server does not take stops no mail
    (`patient`: not at once; "not now" may be over soon).
    """
    _check_size(client, letter, settings)
    _judge(await client.execute_command(b"MAIL", f"FROM:<{letter.sender}>".encode("ascii")), settings)
    left_out: list[str] = []
    for number, address in enumerate(letter.recipients):
        response = await client.execute_command(b"RCPT", f"TO:<{address}>".encode("ascii"))
        refused = response.code >= 500 or (response.code >= 400 and response.code != 421 and not patient)
        if number and refused:
            left_out.append(f"{address} ({response.code} {one_line(response.message)})")
        else:
            _judge(response, settings, address)
    _judge(await client.execute_command(b"DATA"), settings, expected=354)
    protocol: Any = client.protocol
    protocol.write(_dotted(letter.raw))
    await _drained(protocol, float(settings.timeout))
    return tuple(left_out)


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


def _judge(response: SMTPResponse, settings: SmtpSettings, address: str = "", expected: int = 250) -> None:
    """Goes on only with the expected answer (251 is one, too)."""
    if response.code in {expected, 251}:
        return
    said = f"{response.code} {one_line(response.message)}"
    if response.code in WANTS_SIGN_IN:
        raise NeedsOperator(f"SMTP {settings.host} takes no mail from us like this (`user`, `tls`): {said}")
    if response.code >= 500:
        text = f"{address}: {said}" if address else said
        raise _Step(Rejected(text=text, code=_code(response)), reusable=True)
    whom = f" of {address}" if address else ""
    text = f"The mail server {settings.host} says{whom}: {said}"
    if response.code == 421 or response.code < 400:  # it hangs up; or it is not talking about what we asked
        raise _Step(Retry(text=text, scope="account"))
    raise _Step(Retry(text=text, after=LATER_SECONDS), reusable=True)


def _code(response: SMTPResponse) -> str:
    found = re.match(r"([245]\.\d{1,3}\.\d{1,3})\b", response.message)
    return found.group(1) if found else str(response.code)


async def _final_dot(
    client: aiosmtplib.SMTP, letter: Letter, settings: SmtpSettings, left_out: Sequence[str]
) -> Outcome:
    protocol: Any = client.protocol
    protocol.write(b".\r\n")
    try:
        response = await protocol.read_response(timeout=ANSWER_SECONDS)
    except (aiosmtplib.SMTPException, OSError) as error:
        return Unknown(
            text=f"The mail was handed over completely, but {settings.host} did not confirm it: {said(error)}"
        )
    _judge(response, settings)
    text = f"Not sent to {', '.join(left_out)}." if left_out else ""
    return Accepted(provider_ids=(letter.message_id, *_renamed(response, settings)), text=text)


def _dotted(raw: bytes) -> bytes:
    """RFC 5321 4.5.2: lines end with CRLF, a dot at the start of a line is doubled, the last line is complete."""
    lines = _LINE_ENDS.sub(b"\r\n", raw)
    lines = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines)


async def _drained(protocol: Any, seconds: float) -> None:
    """Waits until everything has been given to the network, as long as some of it goes every `seconds`. Bounded by the caller."""
    waiting, since = -1, time.monotonic()
    while True:
        transport = protocol.transport
        if transport is None or transport.is_closing():
            raise aiosmtplib.SMTPServerDisconnected("the connection was lost while the mail was sent")
        left = transport.get_write_buffer_size()
        if left != waiting:
            waiting, since = left, time.monotonic()
        elif left and time.monotonic() - since > seconds:
            raise aiosmtplib.SMTPServerDisconnected("the server stopped reading while the mail was sent")
        if not left:
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
