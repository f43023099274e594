"""A connection to an SMTP server that is ready to take mail: dialled, greeted, encrypted, signed in. What is handed in stands in `smtp`."""

from __future__ import annotations

import base64
import re

import aiosmtplib

from connectors.contract import NeedsOperator, TryLater
from connectors.email.dialling import said, tls_context
from connectors.email.ports import TokenSource
from connectors.email.settings import SmtpSettings

INITIAL_RESPONSE = 480
UNKNOWN_MECHANISM = 504
_BAD_CERTIFICATE = re.compile(r"certificate verify failed: (.{1,200}?)(?: \(_ssl\.c|\n|$)")
_MECHANISMS = ("plain", "login", "cram-md5")
"""Of those that the server offers the first: each one that is tried is one more wrong password where it is wrong."""


class SignInRefused(NeedsOperator):
    """The server does not take this name and password, or this token."""


async def signed_in(
    settings: SmtpSettings, tokens: TokenSource | None, seconds: float = 0.0
) -> aiosmtplib.SMTP:
    """A client that may hand mail in; each answer is waited for at most `seconds` (0.0: as configured).

    Raises `NeedsOperator` (a refused sign-in, a certificate, encryption that is not offered) and `TryLater`.
    """
    client = _client(settings, seconds or float(settings.timeout))
    try:
        await _connect(client, settings, tokens)
    except BaseException:
        client.close()
        raise
    return client


def one_line(text: str) -> str:
    """What a server said, in one short line."""
    return " ".join(text.split())[:400]


def _client(settings: SmtpSettings, seconds: float) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port or (465 if settings.tls == "tls" else 587),
        use_tls=settings.tls == "tls",
        start_tls=settings.tls == "starttls",
        tls_context=tls_context(settings.ca_file) if settings.tls != "none" else None,
        timeout=seconds,
    )


async def _connect(client: aiosmtplib.SMTP, settings: SmtpSettings, tokens: TokenSource | None) -> None:
    host = settings.host
    try:
        await client.connect()
        await _greet(client)
        if settings.user and settings.password is not None:
            await _sign_in(client, settings, settings.password.reveal())
        elif settings.user and tokens is not None:
            await _show_token(client, settings, tokens)
    except aiosmtplib.SMTPAuthenticationError as error:
        answer = f"{error.code} {one_line(error.message)}"
        if error.code < 500:
            raise TryLater(f"SMTP {host}: sign-in is not possible now: {answer}") from error
        what = "name or password of" if settings.password is not None else "access token for"
        raise SignInRefused(f"SMTP {host} refuses the {what} {settings.user}: {answer}") from error
    except (aiosmtplib.SMTPException, OSError) as error:
        if found := _BAD_CERTIFICATE.search(f"{error} {error.__cause__}"):
            raise NeedsOperator(f"SMTP {host}: its certificate is not valid: {found[1]}") from error
        if "STARTTLS" in str(error) and not client.supports_extension("starttls"):
            hint = "a port that is encrypted from the start wants `tls: tls`"
            raise NeedsOperator(
                f"SMTP {host} offers no STARTTLS on this port, so nothing is sent: {hint}"
            ) from error
        raise TryLater(f"SMTP {host}: {said(error)}") from error


async def _sign_in(client: aiosmtplib.SMTP, settings: SmtpSettings, password: str) -> None:
    """By one mechanism, the next one only where the server does not know the first after all."""
    offered = [name for name in _MECHANISMS if name in client.supported_auth_methods]
    if not offered:
        hint = "" if settings.tls != "none" else "; many servers do only on an encrypted connection (`tls`)"
        raise NeedsOperator(
            f"SMTP {settings.host} offers no sign-in with a password on this port: leave out `user`, or take another `port`{hint}"
        )
    for name in offered:
        try:
            await getattr(client, f"auth_{name.replace('-', '')}")(settings.user, password)
        except aiosmtplib.SMTPAuthenticationError as error:
            if error.code != UNKNOWN_MECHANISM or name == offered[-1]:
                raise
        else:
            return


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
        # The challenge describes the refusal; an empty answer gets it.
        response = await client.execute_command(b"")
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
