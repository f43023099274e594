"""A connection to an IMAP server that is ready to be used: dialled, encrypted, signed in. Blocking: it is called on the mailbox's thread."""

from __future__ import annotations

import contextlib
import functools
import imaplib
import re
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imapclient
from imapclient.exceptions import LoginError

from connectors.contract import NeedsOperator, TryLater
from connectors.email.settings import ImapSettings

CONNECT_SECONDS = 15.0
READ_SECONDS = 60.0
MOST_EARLY = 1_000
"""So many lines a server may say between the IDLE command and its answer."""
_BYTES = re.compile(r"b(['\"])(.*)\1")
_TEMPORARY = re.compile(
    r"UNAVAILABLE|INUSE|LIMIT|try again|temporar|too many|maximum number of connections|later|internal",
    re.IGNORECASE,
)


class TokenRefused(NeedsOperator):
    """The server does not take this access token."""


class _Client(imapclient.IMAPClient):  # type: ignore[misc]  # the library has no types
    """IMAPClient that takes news arriving between the IDLE command and its answer as news, not as a fault."""

    _early: tuple[bytes, ...] = ()

    def idle(self) -> None:
        self._idle_tag = self._imap._command("IDLE")  # noqa: SLF001  # as the library itself does
        self._early = ()
        for _ in range(MOST_EARLY):
            line = self._imap._get_response()  # noqa: SLF001  # as the library itself does
            if line is None:  # the continuation line
                return
            self._early += (line,)
            if self._imap.tagged_commands.get(self._idle_tag):
                self._imap.tagged_commands.pop(self._idle_tag)
                raise imaplib.IMAP4.error("the server offers IDLE and refuses it")
        raise imaplib.IMAP4.abort("the server talks instead of idling")

    def idle_check(self, timeout: float | None = None) -> list[Any]:
        """What came before the word that it idles comes first, without waiting for more."""
        early, self._early = self._early, ()
        return [_parsed(line) for line in early] or list(super().idle_check(timeout))

    def _poll_socket(self, sock: Any, timeout: float | None = None) -> Any:
        return self._ahead() or super()._poll_socket(sock, timeout)

    def _select_poll_socket(self, sock: Any, timeout: float | None = None) -> Any:
        return self._ahead() or super()._select_poll_socket(sock, timeout)

    def _ahead(self) -> bytes:
        """What came in one piece with the server's word that it idles: it is in the buffer, and no longer on the socket (which does not block now)."""
        try:
            found: bytes = self._imap.file.peek()
        except OSError:  # nothing is there
            return b""
        return found if b"\n" in found else b""


def _parsed(line: bytes) -> tuple[int | bytes, ...]:
    """An untagged line in the form in which the library gives those that it reads while idling, as far as it matters: number and words."""
    return tuple(int(word) if word.isdigit() else word for word in line.removeprefix(b"* ").split(maxsplit=2))


def connect(settings: ImapSettings, token: str) -> Any:
    """A signed-in client. `token` is used when there is no password. Raises the errors of the contract and what the library raises."""
    try:
        return _signed_in(_dialled(settings), settings, token)
    except ssl.SSLCertVerificationError as error:
        sentence = f"IMAP {settings.host}: its certificate is not valid: {error.verify_message}"
        raise NeedsOperator(sentence) from error
    except TimeoutError as error:
        hint = "" if settings.tls == "tls" else "; a port that wants TLS from the start needs `tls: tls`"
        raise TryLater(f"IMAP {settings.host}: no answer in {CONNECT_SECONDS:.0f} s{hint}") from error


def _dialled(settings: ImapSettings) -> Any:
    client = _Client(
        settings.host,
        settings.port or (993 if settings.tls == "tls" else 143),
        ssl=settings.tls == "tls",
        ssl_context=tls_context(settings.ca_file) if settings.tls == "tls" else None,
        timeout=imapclient.SocketTimeout(CONNECT_SECONDS, READ_SECONDS),
    )
    with contextlib.suppress(OSError):
        client.socket().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return client


def _signed_in(client: Any, settings: ImapSettings, token: str) -> Any:
    try:
        client.normalise_times = False
        if settings.tls == "starttls":
            client.starttls(tls_context(settings.ca_file))
        _login(client, settings, token)
    except BaseException:
        drop(client)
        raise
    return client


def _login(client: Any, settings: ImapSettings, token: str) -> None:
    try:
        if settings.password is not None:
            client.login(settings.user, settings.password.reveal())
        else:
            client.sasl_login(*_mechanism(client, settings.user, token))
    except (LoginError, imaplib.IMAP4.error) as error:
        if isinstance(error, imaplib.IMAP4.abort) or _TEMPORARY.search(str(error)):
            raise TryLater(f"IMAP {settings.host}: sign-in is not possible now: {said(error)}") from error
        if settings.password is None:
            sentence = f"IMAP {settings.host} refuses the access token for {settings.user}: {said(error)}"
            raise TokenRefused(sentence) from error
        raise NeedsOperator(
            f"IMAP {settings.host} refuses the name or password of {settings.user}: {said(error)}"
        ) from error


def _mechanism(client: Any, user: str, token: str) -> tuple[str, Callable[[bytes], bytes]]:
    """How to show a token: XOAUTH2 (Google's and Microsoft's documents), or OAUTHBEARER (RFC 7628) where only that is offered.

    A refusal comes as a challenge that wants an empty answer; only then does the server say no.
    """
    if client.has_capability("AUTH=OAUTHBEARER") and not client.has_capability("AUTH=XOAUTH2"):
        identity = user.replace("=", "=3D").replace(",", "=2C")
        name, first = "OAUTHBEARER", f"n,a={identity},\1auth=Bearer {token}\1\1"
    else:
        name, first = "XOAUTH2", f"user={user}\1auth=Bearer {token}\1\1"
    answers = iter((first.encode(),))
    return name, lambda _challenge: next(answers, b"\1" if name == "OAUTHBEARER" else b"")


def drop(client: Any) -> None:
    """Close a connection at once; whoever waits on it in another thread wakes up with an error."""
    if client is not None:
        with contextlib.suppress(Exception):
            client.socket().shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(Exception):
            client.shutdown()


def tls_context(ca_file: str) -> ssl.SSLContext:
    """Certificates are always checked: against the system's authorities, or those of `ca_file`. Raises `NeedsOperator` when that cannot be read."""
    try:
        return _context(ca_file, Path(ca_file).stat().st_mtime_ns if ca_file else 0)
    except OSError as error:
        raise NeedsOperator(f"ca_file {ca_file} cannot be read: {error.strerror or error}") from error


@functools.lru_cache(maxsize=32)
def _context(ca_file: str, _changed: int) -> ssl.SSLContext:
    # Shared: the system's authorities take half a megabyte and some milliseconds each time they are read.
    return ssl.create_default_context(cafile=ca_file or None)


def said(error: BaseException) -> str:
    """What the server or the network said, as one short line."""
    text = " ".join(str(error).split())[:300]
    quoted = _BYTES.fullmatch(text)
    if "WRONG_VERSION_NUMBER" in text:
        return "TLS does not begin there at once: see `tls` and `port`"
    return (quoted[2] if quoted else text) or type(error).__name__
