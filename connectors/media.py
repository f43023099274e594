"""Files that a message only points to: written down before the message, fetched after its commit, joined to it when they are here.

What is durable: a row of `media` per message (or edit) with files elsewhere, put there *before* the message is committed. So a crash at
any point leaves either a row without a message (dropped after a while) or a message whose row is found again by any process. The files
land as new content of the message, under the deduplication key `media:<source key>`, on the condition that its content did not change
meanwhile. What can never be fetched is named in the message's `data["missing"]`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import structlog

from connectors.contract import ConnectorError, File, Malformed, MediaRef, TryLater, Unsupported
from connectors.files import Files, missing, pending
from connectors.intake import Kept
from connectors.kit.backoff import full_jitter
from connectors.metrics import RETRIES
from stream import commands as cmd
from stream import reads
from stream.ids import new_token
from stream.journal import Journal
from stream.model import Message, MessageContent
from stream.store.ports import StoreError
from stream.store.program import Many, Program, Rows, Sql, execute, fetch

MAX_TRIES = 10
CONCURRENT = 4
CLAIM_SECONDS = 300.0
FETCH_SECONDS = 120.0
POLL_SECONDS = 10.0
SHORTEST_WAIT = 1.0
GRACE_SECONDS = 5.0
MAX_KEPT = 10_000
ORPHAN_SECONDS = 3600.0
MAX_LANDING_TRIES = 5

_log = structlog.get_logger(__name__)
Fetch = Callable[[MediaRef], Awaitable[File]]


class Job(msgspec.Struct, frozen=True):
    """The files of one message that are still elsewhere."""

    channel: str
    source_key: str
    refs: tuple[MediaRef, ...]
    attempts: int
    created_at: float


_refs = msgspec.json.Decoder(tuple[MediaRef, ...])


class MediaQueue:
    """What has to be fetched; `run` fetches for the channels of this process."""

    def __init__(self, journal: Journal, files: Files, clock: Callable[[], float]) -> None:
        self._journal = journal
        self._files = files
        self._clock = clock
        self._wake = asyncio.Event()
        self._kept: deque[tuple[str, str]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    async def put(self, channel: str, source_key: str, refs: Sequence[MediaRef]) -> None:
        """Write down what a message is going to point to. Raises `Unavailable`."""
        body = msgspec.json.encode(refs).decode()
        now = self._clock()
        row = (channel, source_key, body, now, now + GRACE_SECONDS)
        await self._journal.store.write(execute(Sql("media_put", row)))

    def ready(self, channel: str, source_key: str) -> None:
        """The message is kept: fetch its files now."""
        if len(self._kept) < MAX_KEPT:
            self._kept.append((channel, source_key))
        self._wake.set()

    async def run(
        self, channels: Callable[[], Sequence[str]], fetch_for: Callable[[str], Fetch | None]
    ) -> None:
        """Fetch until cancelled. `fetch_for` gives a channel's way to its files, None while it is not open."""
        while True:
            self._wake.clear()
            with contextlib.suppress(StoreError):
                free = CONCURRENT - len(self._tasks)
                jobs = await self._claim(list(channels()), free) if free > 0 else []
                for job in jobs:
                    self._start(job, fetch_for(job.channel))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()

    def _start(self, job: Job, fetch_one: Fetch | None) -> None:
        task = asyncio.get_running_loop().create_task(self._job(job, fetch_one))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()

    async def close(self) -> None:
        """Stop; what was under way is claimed again when its time is over."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _claim(self, channels: list[str], limit: int) -> list[Job]:
        """Files of messages that were kept just now, and those that are due."""
        kept = [self._kept.popleft() for _entry in range(min(len(self._kept), limit))]
        if self._kept:
            self._wake.set()
        rows = await self._journal.store.write(_claim(channels, kept, self._clock(), limit))
        return [
            Job(channel, source_key, _refs.decode(body), attempts + 1, created_at)
            for channel, source_key, body, attempts, created_at in rows
        ]

    async def _job(self, job: Job, fetch_one: Fetch | None) -> None:
        try:
            if fetch_one is None:
                raise TryLater("The channel is not open.")
            await self._fetch(job, fetch_one)
        except Exception as error:  # noqa: BLE001  # whatever went wrong, the files are still to be fetched
            await self._later(job, error)

    async def _fetch(self, job: Job, fetch_one: Fetch) -> None:
        message = await self._message(job)
        if message is None:
            return
        kept, token = Kept(), new_token()
        try:
            for index, ref in enumerate(job.refs):
                await self._fetch_one(job, ref, fetch_one, kept, token, index)
            landed = await self._land(job, message, kept, token)
        except BaseException:
            await self._files.forget(kept.fresh)
            raise
        if not landed:
            await self._files.forget(kept.fresh)
        await self._drop(job)

    async def _message(self, job: Job) -> Message | None:
        """The message that points to the files. None (and no more tries) when there is none to come."""
        rows = await self._journal.store.read(fetch("inbound_ref", job.channel, job.source_key))
        if not rows and self._clock() - job.created_at < ORPHAN_SECONDS:
            raise TryLater("The message is not kept yet.")
        message = await reads.message(self._journal.store, rows[0][0]) if rows else None
        if message is None or message.deleted_at:
            await self._drop(job)
            return None
        return message

    async def _fetch_one(
        self, job: Job, ref: MediaRef, fetch_one: Fetch, kept: Kept, token: str, index: int
    ) -> None:
        if ref.size > self._files.limits.bytes:
            kept.missing.append(missing(ref, f"larger than {self._files.limits.bytes} bytes"))
            return
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                file = await fetch_one(ref)
        except (Unsupported, Malformed) as error:
            kept.missing.append(missing(ref, str(error)))
            return
        except Exception as error:
            if job.attempts < MAX_TRIES:
                raise
            known = isinstance(error, ConnectorError | TimeoutError)
            kept.missing.append(
                missing(ref, str(error) or "time-out" if known else "it could not be fetched")
            )
            return
        stored = await self._files.keep([file], token, index)
        for name in ("attachments", "missing", "fresh"):
            getattr(kept, name).extend(getattr(stored, name))

    async def _land(self, job: Job, message: Message, kept: Kept, token: str) -> bool:
        """Join the files to what the message says now. False when it says nothing any more (erased), or had them already."""
        for _try in range(MAX_LANDING_TRIES):
            row = await reads.message(self._journal.store, message.id) or message
            content = (await self._journal.contents([row.content])).get(row.content)
            if not isinstance(content, MessageContent):
                return False
            conversation = await reads.conversation(self._journal.store, row.conversation)
            command = cmd.ReceiveEdit(
                token=token,
                workspace=conversation.workspace if conversation else "main",
                channel=job.channel,
                connector=conversation.connector if conversation else "",
                source_key=f"media:{job.source_key}",
                message=row.id,
                content=joined(content, job.refs, kept),
                expected=row.content,
                files=True,
            )
            result = await self._journal.submit(command)
            if not isinstance(result, cmd.Refused):
                return isinstance(result, cmd.Committed)
        raise TryLater("The message changes faster than its files can join it.")

    async def _later(self, job: Job, error: Exception) -> None:
        RETRIES.labels(job.channel, "media").inc()
        _log.info("media_later", channel=job.channel, attempts=job.attempts, error=str(error))
        wait = full_jitter(job.attempts, random.random(), base=2.0, cap=600.0)  # noqa: S311  # jitter, not a secret
        due = self._clock() + max(wait, SHORTEST_WAIT)
        with contextlib.suppress(StoreError):
            store = self._journal.store
            await store.write(execute(Sql("media_later", (job.channel, job.source_key, due))))

    async def _drop(self, job: Job) -> None:
        await self._journal.store.write(execute(Sql("media_drop", (job.channel, job.source_key))))


def joined(content: MessageContent, refs: Sequence[MediaRef], kept: Kept) -> MessageContent:
    """What the message says, with the files that came and the reasons of those that did not."""
    done = [pending(ref) for ref in refs]
    data: dict[str, Any] = dict(content.data)
    left = [entry for entry in data.pop("pending", ()) if entry not in done]
    gone = [*data.pop("missing", ()), *kept.missing]
    if left:
        data["pending"] = left
    if gone:
        data["missing"] = gone
    attachments = (*content.attachments, *kept.attachments)
    return msgspec.structs.replace(content, attachments=attachments, data=data)


def _claim(channels: list[str], kept: list[tuple[str, str]], now: float, limit: int) -> Program[Rows]:
    yield Sql("outbox_lock")
    rows: Rows = []
    for channel, source_key in kept:
        rows += yield Sql("media_of", (channel, source_key, now))
    due = yield Sql("media_claimable", (channels, now, limit - len(rows)))
    rows += [row for row in due if (row[0], row[1]) not in kept]
    if rows:
        yield Many("media_take", [(row[0], row[1], now + CLAIM_SECONDS) for row in rows])
    return rows
