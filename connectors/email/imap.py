"""IMAP behind the `Mailbox` seam: IMAPClient on one dedicated thread per mailbox, one owner, every call in order.

Folders are opened read-only, so nothing is ever marked as read. A dead connection shows itself: after every return from IDLE the server is
asked (NOOP), since IDLE dies silently, and all waits are bounded. Every failure ends this connection; the host makes another one.
"""

from __future__ import annotations

import asyncio
import imaplib
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import imapclient
import msgspec
from imapclient import imap_utf7

from connectors.contract import ConnectorError, NeedsOperator, TryLater
from connectors.email.dialling import TokenRefused, connect, drop, said
from connectors.email.ports import Fetched, Mark, TokenSource
from connectors.email.settings import ImapSettings

T = TypeVar("T")
IDLE_RENEWAL = 240.0
CUT_BYTES = 262_144
RESCAN_DAYS = 3
UID_CHUNK = 500
ROUND_MAILS = 20
ROUND_BYTES = 524_288
MAX_LABELS = 50
_PLACES = {
    "\\Inbox": b"\\Inbox",
    "\\Sent": b"\\Sent",
    "\\Junk": b"\\Junk",
    "\\All": b"\\All",
    "\\Archive": b"\\Archive",
}


class _Fact(msgspec.Struct, frozen=True):
    """What is known of a mail before it is fetched. `labels` are Gmail's."""

    uid: int
    size: int
    at: int
    labels: tuple[str, ...] = ()


class _Look(msgspec.Struct, frozen=True):
    """Where reading starts, the numbers of the mails to read (ascending), and the folder's state before we looked."""

    start: Mark
    uids: list[int]
    state: tuple[int, ...] | None = None


class FolderClosed(NeedsOperator):
    """One folder cannot be opened (it was renamed, or its rights were taken away); others may."""


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
        self._at_a_time = 1
        self._refused: set[str] = set()
        self._states: dict[str, tuple[int, ...]] = {}
        self._looked: dict[str, tuple[int, ...]] = {}
        self._closing = threading.Event()

    # --- the seam ------------------------------------------------------------------------------------------------

    async def fetch_since(self, folder: str, mark: Mark | None) -> AsyncIterator[Fetched]:
        """See `ports.Mailbox`. Small mails are fetched some at a time; only the numbers of the others are held."""
        look = await self._run(self._find, folder, mark)
        start = look.start
        if mark is None or mark.validity != start.validity:
            # Written down at once: a crash now must neither import again nor leave out what arrives meanwhile.
            yield Fetched(start)
        for first in range(0, len(look.uids), UID_CHUNK):
            facts = await self._run(self._facts, folder, start.validity, look.uids[first : first + UID_CHUNK])
            while facts:
                some = _round(facts, self._at_a_time)
                raws = await self._run(self._fetch, folder, start.validity, some)
                # One at first: over a line that breaks again and again, each mail that came through is kept.
                self._at_a_time = min(self._at_a_time * 2, ROUND_MAILS)
                facts = facts[len(some) :]
                for fact in some:
                    if (raw := raws.get(fact.uid)) is not None:
                        yield self._fetched(start.validity, fact, raw)
        if look.state is not None:
            self._states[folder] = look.state

    def _fetched(self, validity: int, fact: _Fact, raw: bytes) -> Fetched:
        size = fact.size if fact.size > self._settings.max_mail_bytes else len(raw)
        return Fetched(Mark(validity, fact.uid, max(fact.at, 0)), raw, size, fact.labels)

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
        drop(client)
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def probe(self) -> str:
        """Sign in and look at the folders, those of sent mail too; a sentence for the operator."""
        settings = self._settings
        folders = dict.fromkeys((*settings.folders, settings.read_sent, settings.sent_folder))
        counts = [f"{folder}: {await self._run(self._count, folder)} mails" for folder in folders if folder]
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
        except TokenRefused:
            self._token = await tokens.access(refused=self._token)
            await self._in_thread(_nothing)

    async def _in_thread(self, call: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, call, arguments)

    def _guarded(self, call: Callable[..., T], arguments: tuple[object, ...]) -> T:
        try:
            if self._client is None:
                self._client = connect(self._settings, self._token)
            if self._closing.is_set():
                # Closed while this thread was still connecting: nobody else knows the connection.
                client, self._client = self._client, None
                drop(client)
                raise TryLater("The mailbox was closed.")
            return call(*arguments)
        except ConnectorError:
            raise
        except (imaplib.IMAP4.error, OSError, ValueError, AttributeError) as error:
            # ValueError and AttributeError: the library on a socket that was closed under it.
            raise TryLater(f"IMAP {self._settings.host}: {said(error)}") from error

    def _select(self, folder: str, *, readonly: bool = True) -> dict[bytes, Any]:
        try:
            found: dict[bytes, Any] = self._client.select_folder(self._named(folder), readonly=readonly)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise FolderClosed(
                f"IMAP {self._settings.host}: the folder {folder!r} cannot be opened: {said(error)}"
            ) from error
        self._opened = folder
        return found

    def _count(self, folder: str) -> int:
        return int(self._select(folder).get(b"EXISTS", 0))

    def _find(self, folder: str, mark: Mark | None) -> _Look:
        """What is to be read. A folder that has not changed since it was last read through is not even opened."""
        status = self._status(folder)
        if mark is not None and status is not None and self._states.get(folder) == status:
            return _Look(mark, [])
        state = self._select(folder)
        self._looked[folder] = _size(state)
        validity, upcoming = int(state.get(b"UIDVALIDITY", 1)), int(state.get(b"UIDNEXT", 0))
        if mark is not None and mark.validity == validity:
            return _Look(mark, self._above(mark.uid), status)
        since = self._since(mark)
        if since is None:
            last = upcoming - 1 if upcoming else max(self._above(0), default=0)
            return _Look(Mark(validity, max(last, 0), int(self._clock())), [])
        uids = sorted(self._client.search(["SINCE", since]))
        before = uids[0] - 1 if uids else max(upcoming - 1, 0)
        return _Look(Mark(validity, before, mark.at if mark else 0), uids, status)

    def _status(self, folder: str) -> tuple[int, ...] | None:
        """Numbers that change with the folder; None for the open folder (RFC 9051 6.3.11) and where the server gives none.

        With CONDSTORE (RFC 7162) the highest modification number is among them. Its other half, and QRESYNC, tell what became of
        flags and of mails that are gone: no copy of those is kept here, so there is nothing to bring up to date.
        """
        if folder == self._opened:
            return None
        wanted = [
            "UIDVALIDITY",
            "UIDNEXT",
            *(["HIGHESTMODSEQ"] if self._can("CONDSTORE") else []),
        ]
        try:
            found = self._client.folder_status(self._named(folder), wanted)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, TypeError, IndexError, ValueError):
            return None  # opening it tells why; the others: the library on an answer without numbers
        numbers = tuple(int(found.get(name.encode(), 0) or 0) for name in wanted)
        return numbers if numbers[1] else None

    def _named(self, folder: str) -> str:
        r"""The folder's name; `\Sent` and the like are looked up among the server's special-use folders (RFC 6154)."""
        place = _PLACES.get(folder)
        if place is None:
            return folder
        name = self._client.find_special_folder(place)
        if not name:
            raise FolderClosed(f"IMAP {self._settings.host}: it has no folder marked {folder}; name it.")
        return str(name)

    def _above(self, uid: int) -> list[int]:
        # `n:*` answers with the last mail even when nothing is above n (RFC 9051 6.4.8).
        return sorted(one for one in self._client.search(["UID", f"{uid + 1}:*"]) if one > uid)

    def _since(self, mark: Mark | None) -> date | None:
        """From which day on to read when the server's numbers are new to us; None: nothing that is there already."""
        if mark is not None:
            # Whoever puts a mail into a folder says when it arrived: what is yet to come is no place to look from.
            known = min(mark.at or self._clock() - RESCAN_DAYS * 86_400, self._clock())
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

    def _facts(self, folder: str, validity: int, uids: list[int]) -> list[_Fact]:
        """Of each mail that is still there."""
        self._again(folder, validity)
        wanted = ["RFC822.SIZE", "INTERNALDATE"]
        try:
            found = self._client.fetch(uids, [*wanted, *(["X-GM-LABELS"] if self._can("X-GM-EXT-1") else [])])
        except imaplib.IMAP4.error as error:
            self._cannot("X-GM-EXT-1", error)
            found = self._client.fetch(uids, wanted)
        return [_fact(uid, found[uid]) for uid in uids if uid in found]

    def _fetch(self, folder: str, validity: int, some: list[_Fact]) -> dict[int, bytes]:
        self._again(folder, validity)
        limit = self._settings.max_mail_bytes
        cut = some[0].size > limit
        item = f"BODY.PEEK[]<0.{min(CUT_BYTES, limit)}>" if cut else "BODY.PEEK[]"
        found = self._client.fetch([fact.uid for fact in some], [item])
        raws = {uid: _body(found.get(uid, {})) for uid in (fact.uid for fact in some)}
        return {uid: raw for uid, raw in raws.items() if raw is not None}

    def _can(self, extension: str) -> bool:
        """What the server says it can, and has not refused yet."""
        return extension not in self._refused and bool(self._client.has_capability(extension))

    def _cannot(self, extension: str, error: imaplib.IMAP4.error) -> None:
        """The server refuses what it offers: it is not asked again. Raises `error` where that is no refusal."""
        if isinstance(error, imaplib.IMAP4.abort) or not self._can(extension):
            raise error
        self._refused.add(extension)

    def _wait(self, folder: str, timeout: float) -> None:
        until = time.monotonic() + min(timeout, IDLE_RENEWAL)
        if not self._can("IDLE"):
            self._closing.wait(max(0.0, until - time.monotonic()))
            self._client.noop()
            return
        size = _size(self._select(folder))
        if self._looked.get(folder, size) != size:
            return  # what came since we looked is no news to the server: IDLE would not tell of it
        try:
            self._client.idle()
        except imaplib.IMAP4.error as error:
            self._cannot("IDLE", error)
            return
        while not self._closing.is_set() and (left := until - time.monotonic()) > 0:
            news = self._client.idle_check(timeout=left)
            # Nothing before the time is over: the stream has ended, and NOOP below says so.
            if not news or any(_is_news(one, size[-1]) for one in news):
                break
        self._client.idle_done()
        self._client.noop()

    def _move(self, folder: str, uid: int, target: str) -> None:
        self._select(folder, readonly=False)
        try:
            target = self._named(target)
            if self._client.has_capability("MOVE"):
                self._client.move([uid], target)
            else:
                self._client.copy([uid], target)
                self._client.delete_messages([uid])
                self._client.uid_expunge([uid])
        finally:
            self._select(folder)

    def _append(self, folder: str, raw: bytes) -> None:
        self._client.append(self._named(folder), raw, flags=[imapclient.SEEN])


def _nothing() -> None:
    """What is done by connecting alone."""


def _round(facts: list[_Fact], most: int) -> list[_Fact]:
    """Mails to fetch by one command: the first `most`, and 512 kB together; a larger one alone."""
    size = 0
    for count, fact in enumerate(facts[:most]):
        size += fact.size
        if count and size > ROUND_BYTES:
            return facts[:count]
    return facts[:most]


def _fact(uid: int, found: dict[bytes, Any]) -> _Fact:
    labels = found.get(b"X-GM-LABELS") or ()
    return _Fact(
        uid,
        int(found.get(b"RFC822.SIZE", 0)),
        _seconds(found.get(b"INTERNALDATE")),
        tuple(str(imap_utf7.decode(one)) for one in labels)[:MAX_LABELS],
    )


def _body(found: dict[bytes, Any]) -> bytes | None:
    raw = next((value for key, value in found.items() if key.startswith(b"BODY[")), None)
    return raw if isinstance(raw, bytes) else None


def _size(state: dict[bytes, Any]) -> tuple[int, ...]:
    """What changes when mail comes."""
    return tuple(int(state.get(name, 0)) for name in (b"UIDVALIDITY", b"UIDNEXT", b"EXISTS"))


def _seconds(at: object) -> int:
    return int(at.timestamp()) if isinstance(at, datetime) else 0


def _is_news(response: object, held: int) -> bool:
    """A mail came to the `held` ones or went, or the server says goodbye; `OK Still here` is none, nor is a number that was known."""
    if not isinstance(response, tuple):
        return True
    if b"EXISTS" in response:
        return held not in response
    return any(word in (b"BYE", b"EXPUNGE") for word in response)
