"""A small stream in memory that keeps what a chat connector hands over, and the sandbox that gives it to one connector.

Several sandboxes on one stream are several processes. It keeps the contract's promises and no others: numbers grow, source keys are unique,
hints may be lost (`deaf`), a store may be away (`away`). Real routing and storing are tested elsewhere.
"""

import asyncio
import hashlib
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.contract import (
    Address,
    AnyInbound,
    Correspondence,
    File,
    HistoryFile,
    HistoryItem,
    Malformed,
    MessageReceived,
    ReceiptObserved,
    Response,
    StoredFile,
    TryLater,
    TypingObserved,
    Unsupported,
    Verdict,
)

HINTS_WAITING = 100


@dataclass
class ChatStream:
    """What was said, on one channel, and who is listening."""

    rows: dict[str, list[HistoryItem]] = field(default_factory=lambda: defaultdict(list))
    blobs: dict[str, File] = field(default_factory=dict)
    received: list[AnyInbound] = field(default_factory=list)
    keys: dict[str, Verdict] = field(default_factory=dict)
    listeners: dict[str, set[asyncio.Queue[tuple[str, bytes]]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(7, 3))
    clock: float = 1_790_000_000.0
    away: bool = False
    deaf: bool = False
    blocked: set[str] = field(default_factory=set)

    def say(
        self,
        key: str,
        text: str,
        author: str = "Mara",
        *,
        automatic: bool = False,
        files: tuple[File, ...] = (),
    ) -> HistoryItem:
        """An agent's reply is committed (its connector is told by `send`)."""
        n = next(self.numbers)
        item = HistoryItem(
            n=n,
            id=f"msg_{n:08}",
            conversation=f"cnv_{key}",
            direction="out",
            text=text,
            at=self.clock,
            author=author,
            delivery="queued",
            automatic=automatic,
            files=tuple(self.keep(one) for one in files),
        )
        self.rows[key].append(item)
        return item

    def keep(self, file: File) -> HistoryFile:
        """Store a file's bytes; gives what the history shows of it."""
        blob = f"blob_{len(self.blobs)}_{hashlib.sha256(file.content).hexdigest()[:8]}"
        self.blobs[blob] = file
        return HistoryFile(id=blob, name=file.name, content_type=file.content_type, size=len(file.content))

    def texts(self, key: str | None = None) -> list[str]:
        """What customers wrote, in the order of the journal."""
        rows = self.rows[key] if key else [row for rows in self.rows.values() for row in rows]
        return [row.text for row in sorted(rows, key=lambda row: row.n) if row.direction == "in"]

    def of(self, kind: type[Any]) -> list[Any]:
        """What was delivered of one kind."""
        return [item for item in self.received if isinstance(item, kind)]

    def receive(self, item: AnyInbound) -> Verdict:
        """Commit one item, once."""
        key = getattr(item, "conversation_key", "")
        if key in self.blocked:
            return Verdict(ok=False, error="blocked")
        if isinstance(item, TypingObserved):
            self.received.append(item)
            return Verdict(ok=True)
        known = self.keys.get(item.source_key)
        if known is not None:
            return Verdict(ok=True, n=known.n, id=known.id, duplicate=True)
        n = next(self.numbers)
        self.received.append(item)
        if isinstance(item, MessageReceived):
            self._add(item, n)
        if isinstance(item, ReceiptObserved):
            self._mark(item)
        self.keys[item.source_key] = Verdict(ok=True, n=n, id=f"msg_{n:08}")
        return self.keys[item.source_key]

    def _add(self, item: MessageReceived, n: int) -> None:
        files = tuple(
            HistoryFile(id=one.blob, name=one.name, content_type=one.content_type, size=one.size)
            for one in item.files
            if isinstance(one, StoredFile)
        )
        row = HistoryItem(
            n=n,
            id=f"msg_{n:08}",
            conversation=f"cnv_{item.conversation_key}",
            direction="in",
            text=item.text,
            at=self.clock,
            source_key=item.source_key,
            files=files,
        )
        self.rows[item.conversation_key].append(row)

    def _mark(self, item: ReceiptObserved) -> None:
        rows = self.rows[item.conversation_key]
        upto = next((row.n for row in rows if row.id == item.provider_id), 0)
        for place, row in enumerate(rows):
            if row.direction == "out" and row.n <= upto and row.delivery != "read":
                facts = {name: getattr(row, name) for name in row.__struct_fields__}
                rows[place] = HistoryItem(**{**facts, "delivery": item.state})

    def publish(self, topic: str, payload: bytes) -> None:
        """Give a hint to whoever listens now."""
        if self.deaf:
            return
        for queue in tuple(self.listeners[topic]):
            if queue.qsize() < HINTS_WAITING:
                queue.put_nowait((topic, payload))


class ChatSandbox:
    """What one process' connector gets of a `ChatStream`."""

    def __init__(self, stream: ChatStream, channel: str = "site", public_url: str = "") -> None:
        self.stream = stream
        self._channel = channel
        self._public_url = public_url
        self.lines: list[tuple[str, dict[str, object]]] = []
        self.kept: dict[str, str] = {}
        self.signing: tuple[bytes, ...] = (b"k" * 32,)

    @property
    def channel(self) -> str:
        return self._channel

    @property
    def public_url(self) -> str:
        return self._public_url

    async def http(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 30.0,  # noqa: ASYNC109  # the contract's
        max_body: int = 1_048_576,
    ) -> Response:
        raise Unsupported("a chat asks nobody else")

    async def deliver(self, items: Sequence[AnyInbound], raw: Sequence[bytes] = ()) -> list[Verdict]:
        await asyncio.sleep(0)
        if self.stream.away:
            raise TryLater("the store is away", after=0.1)
        verdicts = [self.stream.receive(item) for item in items]
        await asyncio.sleep(0)
        return verdicts

    async def upload(self, name: str, content_type: str, content: bytes) -> StoredFile:
        if self.stream.away:
            raise TryLater("the store is away")
        if name == "refused.txt":
            raise Malformed("this file is refused", "name")
        kept = self.stream.keep(File(name=name, content_type=content_type, content=content))
        return StoredFile(blob=kept.id, name=name, content_type=content_type, size=len(content))

    async def history(self, conversation_key: str, after: int = 0, limit: int = 100) -> list[HistoryItem]:
        await asyncio.sleep(0)
        if self.stream.away:
            raise TryLater("the store is away")
        rows = self.stream.rows[conversation_key]
        return rows[-limit:] if after < 0 else [row for row in rows if row.n > after][:limit]

    async def correspondence(self, sender: Address) -> list[Correspondence]:  # the contract's
        return []

    async def read_file(self, conversation_key: str, attachment: str) -> File | None:
        theirs = {file.id for row in self.stream.rows[conversation_key] for file in row.files}
        return self.stream.blobs.get(attachment) if attachment in theirs else None

    async def notify(self, topic: str, payload: bytes) -> None:
        self.stream.publish(topic, payload)

    async def hints(self, *topics: str) -> AsyncIterator[tuple[str, bytes]]:
        queue: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(HINTS_WAITING)
        for topic in topics:
            self.stream.listeners[topic].add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            for topic in topics:
                self.stream.listeners[topic].discard(queue)

    async def take(self, key: str, count: int, seconds: float) -> float:
        now = asyncio.get_running_loop().time()
        used = [at for at in self.stream.taken[key] if at > now - seconds]
        if len(used) >= count:
            self.stream.taken[key] = used
            return used[0] + seconds - now
        self.stream.taken[key] = [*used, now]
        return 0.0

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        return tuple(hashlib.sha256(key + purpose.encode()).digest() for key in self.signing)

    async def checkpoints(self) -> dict[str, str]:
        return dict(self.kept)

    async def exchange(self, key: str, change: Callable[[str], Awaitable[str]]) -> None:
        self.kept[key] = await change(self.kept.get(key, "")) or self.kept.get(key, "")

    def log(self, event: str, **facts: object) -> None:
        self.lines.append((event, facts))
