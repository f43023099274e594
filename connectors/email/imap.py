"""IMAP behind the `Mailbox` seam: IMAPClient on one dedicated thread per mailbox, one owner, every call in order.

Folders are opened read-only, so nothing is ever marked as read. A dead connection shows itself: after every return from IDLE the server is
asked (NOOP), since IDLE dies silently, and all waits are bounded. Every failure ends this connection; the host makes another one.
"""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import re
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import imapclient
from imapclient.exceptions import LoginError

from connectors.contract import ConnectorError, NeedsOperator, TryLater
from connectors.email.ports import Fetched, Mark, TokenSource
from connectors.email.settings import ImapSettings

T = TypeVar("T")
CONNECT_SECONDS = 20.0
READ_SECONDS = 60.0
IDLE_RENEWAL = 240.0
IDLE_SLICE = 2.0
CUT_BYTES = 262_144
RESCAN_DAYS = 3
UID_CHUNK = 500
_TEMPORARY = re.compile(
    r"UNAVAILABLE|INUSE|LIMIT|try again|temporar|too many|maximum number of connections|later|internal",
    re.IGNORECASE,
)


class _TokenRefused(NeedsOperator):
    """The server does not take this access token."""


class _Client(imapclient.IMAPClient):  # type: ignore[misc]  # the library has no types
    """IMAPClient that takes news arriving between the IDLE command and its answer as news, not as a fault."""

    def idle(self) -> None:
        self._idle_tag = self._imap._command("IDLE")  # noqa: SLF001  # as the library itself does
        for _ in range(1_000):
            if self._imap._get_response() is None:  # noqa: SLF001  # None: the continuation line
                return
        raise imaplib.IMAP4.abort("the server talks instead of idling")


class ImapMailbox:
    """One account over one connection, made on first use."""

    def __init__(
        self,
        settings: ImapSettings,
        tokens: TokenSource | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._tokens = None if settings.password is not None else tokens
        self._token = ""
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="imap")
        self._client: Any = None
        self._opened = ""
        self._closing = threading.Event()

    # --- the seam ------------------------------------------------------------------------------------------------

    async def fetch_since(self, folder: str, mark: Mark | None) -> AsyncIterator[Fetched]:
        """See `ports.Mailbox`. Mails are fetched one by one; only their numbers are held."""
        start, uids = await self._run(self._find, folder, mark)
        if mark is None or mark.validity != start.validity:
            # Written down at once: a crash now must neither import again nor leave out what arrives meanwhile.
            yield Fetched(start)
        for first in range(0, len(uids), UID_CHUNK):
            facts = await self._run(self._facts, folder, start.validity, uids[first : first + UID_CHUNK])
            for uid, size, at in facts:
                raw = await self._run(self._fetch, folder, start.validity, uid, size)
                if raw is not None:
                    yield Fetched(
                        Mark(start.validity, uid, max(at, 0)),
                        raw,
                        size if size > self._settings.max_mail_bytes else len(raw),
                    )

    async def wait(self, folder: str, timeout: float) -> None:  # noqa: ASYNC109  # the wait itself is what is asked for
        """See `ports.Mailbox`."""
        await self._run(self._wait, folder, timeout)

    async def move(self, folder: str, uid: int, target: str) -> None:
        """See `ports.Mailbox`."""
        await self._run(self._move, folder, uid, target)

    async def append(self, folder: str, raw: bytes) -> None:
        """See `ports.Mailbox`."""
        await self._run(self._append, folder, raw)

    async def close(self) -> None:
        """See `ports.Mailbox`. The thread ends by itself once its call has failed."""
        self._closing.set()
        client, self._client = self._client, None
        _drop(client)
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def probe(self) -> str:
        """Sign in and look at the folders; a sentence for the operator."""
        counts = [
            f"{folder}: {await self._run(self._count, folder)} mails" for folder in self._settings.folders
        ]
        return f"IMAP {self._settings.host}: signed in; {', '.join(counts)}"

    # --- on the thread -------------------------------------------------------------------------------------------

    async def _run(self, call: Callable[..., T], *arguments: object) -> T:
        if self._closing.is_set():
            raise TryLater("The mailbox was closed.")
        if self._client is None and self._tokens is not None:
            await self._sign_in_by_token(self._tokens)
        return await self._in_thread(call, *arguments)

    async def _sign_in_by_token(self, tokens: TokenSource) -> None:
        """Connect; a token that the server refuses may have been withdrawn early, so a second one is asked for, once."""
        self._token = await tokens.access()
        try:
            await self._in_thread(_nothing)
        except _TokenRefused:
            self._token = await tokens.access(refused=self._token)
            await self._in_thread(_nothing)

    async def _in_thread(self, call: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, call, arguments)

    def _guarded(self, call: Callable[..., T], arguments: tuple[object, ...]) -> T:
        try:
            if self._client is None:
                self._client = self._connect()
            if self._closing.is_set():
                # Closed while this thread was still connecting: nobody else knows the connection.
                client, self._client = self._client, None
                _drop(client)
                raise TryLater("The mailbox was closed.")
            return call(*arguments)
        except ConnectorError:
            raise
        except (imaplib.IMAP4.error, OSError, ValueError, AttributeError) as error:
            # ValueError and AttributeError: the library on a socket that was closed under it.
            raise TryLater(f"IMAP {self._settings.host}: {_said(error)}") from error

    def _connect(self) -> Any:
        try:
            return self._signed_in(self._dialled())
        except ssl.SSLCertVerificationError as error:
            sentence = f"IMAP {self._settings.host}: its certificate is not valid: {error.verify_message}"
            raise NeedsOperator(sentence) from error

    def _dialled(self) -> Any:
        settings = self._settings
        return _Client(
            settings.host,
            settings.port or (993 if settings.tls == "tls" else 143),
            ssl=settings.tls == "tls",
            ssl_context=tls_context(settings.ca_file),
            timeout=imapclient.SocketTimeout(CONNECT_SECONDS, READ_SECONDS),
        )

    def _signed_in(self, client: Any) -> Any:
        try:
            client.normalise_times = False
            if self._settings.tls == "starttls":
                client.starttls(tls_context(self._settings.ca_file))
            self._login(client)
        except BaseException:
            _drop(client)
            raise
        return client

    def _login(self, client: Any) -> None:
        settings = self._settings
        try:
            if settings.password is not None:
                client.login(settings.user, settings.password.reveal())
            else:
                client.sasl_login(*_mechanism(client, settings.user, self._token))
        except (LoginError, imaplib.IMAP4.error) as error:
            if isinstance(error, imaplib.IMAP4.abort) or _TEMPORARY.search(str(error)):
                raise TryLater(
                    f"IMAP {settings.host}: sign-in is not possible now: {_said(error)}"
                ) from error
            if settings.password is None:
                sentence = (
                    f"IMAP {settings.host} refuses the access token for {settings.user}: {_said(error)}"
                )
                raise _TokenRefused(sentence) from error
            raise NeedsOperator(
                f"IMAP {settings.host} refuses the name or password of {settings.user}: {_said(error)}"
            ) from error

    def _select(self, folder: str, *, readonly: bool = True) -> dict[bytes, Any]:
        try:
            found: dict[bytes, Any] = self._client.select_folder(folder, readonly=readonly)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise NeedsOperator(
                f"IMAP {self._settings.host}: the folder {folder!r} cannot be opened: {_said(error)}"
            ) from error
        self._opened = folder
        return found

    def _count(self, folder: str) -> int:
        return int(self._select(folder).get(b"EXISTS", 0))

    def _find(self, folder: str, mark: Mark | None) -> tuple[Mark, list[int]]:
        """Where reading starts and the numbers of the mails to read, ascending."""
        state = self._select(folder)
        validity, upcoming = int(state.get(b"UIDVALIDITY", 1)), int(state.get(b"UIDNEXT", 0))
        if mark is not None and mark.validity == validity:
            return mark, self._above(mark.uid)
        since = self._since(mark)
        if since is None:
            last = upcoming - 1 if upcoming else max(self._above(0), default=0)
            return Mark(validity, max(last, 0), int(self._clock())), []
        uids = sorted(self._client.search(["SINCE", since]))
        before = uids[0] - 1 if uids else max(upcoming - 1, 0)
        return Mark(validity, before, mark.at if mark else 0), uids

    def _above(self, uid: int) -> list[int]:
        # `n:*` answers with the last mail even when nothing is above n (RFC 9051 6.4.8).
        return sorted(one for one in self._client.search(["UID", f"{uid + 1}:*"]) if one > uid)

    def _since(self, mark: Mark | None) -> date | None:
        """From which day on to read when the server's numbers are new to us; None: nothing that is there already."""
        if mark is not None:
            known = mark.at or self._clock() - RESCAN_DAYS * 86_400
            return datetime.fromtimestamp(known - RESCAN_DAYS * 86_400, UTC).date()
        if not self._settings.import_days:
            return None
        return datetime.fromtimestamp(self._clock() - self._settings.import_days * 86_400, UTC).date()

    def _again(self, folder: str, validity: int) -> None:
        """Another folder may have been opened between two steps."""
        if self._opened != folder:
            state = self._select(folder)
            if int(state.get(b"UIDVALIDITY", 1)) != validity:
                raise TryLater(f"IMAP {self._settings.host}: {folder} was made anew while it was read.", 0.0)

    def _facts(self, folder: str, validity: int, uids: list[int]) -> list[tuple[int, int, int]]:
        """(uid, size, arrival) of each mail that is still there."""
        self._again(folder, validity)
        found = self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
        return [
            (uid, int(found[uid].get(b"RFC822.SIZE", 0)), _seconds(found[uid].get(b"INTERNALDATE")))
            for uid in uids
            if uid in found
        ]

    def _fetch(self, folder: str, validity: int, uid: int, size: int) -> bytes | None:
        self._again(folder, validity)
        whole = size <= self._settings.max_mail_bytes
        item = "BODY.PEEK[]" if whole else f"BODY.PEEK[]<0.{min(CUT_BYTES, self._settings.max_mail_bytes)}>"
        found = self._client.fetch([uid], [item]).get(uid, {})
        raw = next((value for key, value in found.items() if key.startswith(b"BODY[")), None)
        return raw if isinstance(raw, bytes) else None

    def _wait(self, folder: str, timeout: float) -> None:
        until = time.monotonic() + min(timeout, IDLE_RENEWAL)
        if not self._client.has_capability("IDLE"):
            self._closing.wait(max(0.0, until - time.monotonic()))
            self._client.noop()
            return
        self._select(folder)
        self._client.idle()
        while not self._closing.is_set() and time.monotonic() < until:
            begun = time.monotonic()
            news = self._client.idle_check(timeout=min(IDLE_SLICE, max(0.01, until - begun)))
            early = time.monotonic() - begun < IDLE_SLICE / 2 and time.monotonic() < until
            if early or any(_is_news(one) for one in news):
                break
        self._client.idle_done()
        self._client.noop()

    def _move(self, folder: str, uid: int, target: str) -> None:
        self._select(folder, readonly=False)
        try:
            if self._client.has_capability("MOVE"):
                self._client.move([uid], target)
            else:
                self._client.copy([uid], target)
                self._client.delete_messages([uid])
                self._client.uid_expunge([uid])
        finally:
            self._select(folder)

    def _append(self, folder: str, raw: bytes) -> None:
        self._client.append(folder, raw, flags=[imapclient.SEEN])


def _drop(client: Any) -> None:
    """Close a connection at once; whoever waits on it in another thread wakes up with an error."""
    if client is not None:
        with contextlib.suppress(Exception):
            client.socket().shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(Exception):
            client.shutdown()


def _nothing() -> None:
    """What is done by connecting alone."""


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


def tls_context(ca_file: str) -> ssl.SSLContext:
    """Certificates are always checked: against the system's authorities, or those of `ca_file`."""
    return ssl.create_default_context(cafile=ca_file or None)


def _seconds(at: object) -> int:
    return int(at.timestamp()) if isinstance(at, datetime) else 0


def _is_news(response: object) -> bool:
    """A mail came, or the server says goodbye; `OK Still here` is none."""
    if not isinstance(response, tuple):
        return True
    return any(word in (b"EXISTS", b"RECENT", b"BYE", b"EXPUNGE") for word in response)


def _said(error: BaseException) -> str:
    text = " ".join(str(error).strip("b'\"").split())[:300]
    return text or type(error).__name__
