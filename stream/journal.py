"""The journal: append (grouped, durable, then published), read from a cursor, follow.

`submit` puts a command among those that wait; one writer task takes what has gathered while the last commit was under way and runs it
as one transaction. The tail keeps the newest events in memory, contiguous, so that followers in this process read no database; one that
falls behind it reads the store, and nobody waits for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import cast

import msgspec

from stream import events as ev
from stream.append import Appended
from stream.bus.ports import Bus
from stream.cache import ContentCache
from stream.commands import Command, Receive, Result
from stream.model import Content
from stream.store.ports import Store, StoreError, Unavailable, read_by_keys
from stream.store.program import fetch
from stream.writer.here import WriterHere
from stream.writer.ports import Writer

TOPIC = "journal"
MAX_WAITING = 20_000
MAX_WAITING_BYTES = 128 << 20
TAIL = 20_000
RETRY_SECONDS = 0.5
POLL_SECONDS = 1.0
READ_PAGE = 1_000
_events = msgspec.json.Decoder(ev.AnyEvent)
_scopes = msgspec.json.Decoder(ev.Scope)
_content = msgspec.json.Decoder(Content)


class QueueFull(Unavailable):
    """Too many commands wait for the database."""


class Restored(StoreError):
    """The database is another stream now (a backup was restored): what was read before does not count any more. Start over."""


class Trimmed(Restored):
    """The events that were to be read next have been trimmed (`stream/trimming.py`): start over from the current state."""


class Journal:
    """One per process. `clock` gives the time of events, in seconds since the epoch."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        writer: Writer | None = None,
        *,
        clock: Callable[[], float] = time.time,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self.store = store
        self.bus = bus
        self.writer = writer or WriterHere(store)
        self.epoch = ""
        self.head = 0
        self._clock = clock
        self._max_waiting = max_waiting
        self._second = max(1, self.writer.group // 2)
        self._waiting: deque[tuple[Command, asyncio.Future[Result]]] = deque()
        self._waiting_bytes = 0
        self._arrived = asyncio.Event()
        self._tail: list[ev.Recorded] = []
        self._contents = ContentCache()
        self._generation = 0
        self._followers: set[asyncio.Event] = set()
        self._behind = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False

    async def open(self) -> None:
        """Read where the journal stands and start the writer. The store and the bus are open already."""
        self.head, self.epoch = await self._read_head()
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._write_loop()),
            loop.create_task(self._listen()),
            loop.create_task(self._catch_up_loop()),
        ]

    async def close(self) -> None:
        """Commit what waits, end the followers, stop."""
        self._closing = True
        self._arrived.set()
        writers, others = self._tasks[:1], self._tasks[1:]
        await asyncio.gather(*writers, return_exceptions=True)
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self._tasks.clear()
        self._wake_followers()

    # --- appending

    async def submit(self, command: Command) -> Result:
        """Decide and keep `command`; returns after its transaction is durable. A caller who is cancelled meanwhile has still asked for it.

        Raises `QueueFull` when too many wait, `Unavailable` when the database does not take it (try again later), and `StoreError`
        when the database refuses this very command.
        """
        if self._closing:
            raise Unavailable("Parley is stopping; try again in a few seconds.")
        if len(self._waiting) >= self._max_waiting or self._waiting_bytes > MAX_WAITING_BYTES:
            raise QueueFull(
                f"{len(self._waiting)} commands wait for the database already; try again in a few seconds."
            )
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, future))
        if isinstance(command, Receive):
            self._waiting_bytes += len(command.raw)
        if len(self._waiting) in (1, self._second):
            self._arrived.set()
        return await future

    @property
    def waiting(self) -> int:
        """How many commands wait for the next group."""
        return len(self._waiting)

    async def _write_loop(self) -> None:
        """Hand groups to the writer, as many at once as it takes; what they became is taken over in the order in which they were handed.

        A group that would only wait behind another goes when it is half full: until then it can still grow, and costs less.
        """
        under_way: deque[asyncio.Task[None]] = deque()
        while True:
            while under_way and (len(under_way) >= self.writer.depth or under_way[0].done()):
                await under_way.popleft()
            if len(self._waiting) < (self._second if under_way and not self._closing else 1):
                if self._closing and not self._waiting:
                    break
                self._arrived.clear()
                await self._arrived.wait()
                continue
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), self.writer.group))]
            if not self._waiting:
                self._waiting_bytes = 0
            else:
                self._waiting_bytes -= sum(len(c.raw) for c, _ in group if isinstance(c, Receive))
            task = asyncio.create_task(self._commit(group))
            task.add_done_callback(lambda _task: self._arrived.set())
            under_way.append(task)
        await asyncio.gather(*under_way)

    async def _commit(self, group: Sequence[tuple[Command, asyncio.Future[Result]]]) -> None:
        try:
            done = await self.writer.append([command for command, _ in group], self._clock())
        except Unavailable as error:
            _fail(group, error)
        except Exception as error:  # noqa: BLE001  # a defect in one command must fail that command only
            await self._one_by_one(group, error)
        else:
            self._take_over(done)
            for (_, future), result in zip(group, done.results, strict=True):
                if not future.done():
                    future.set_result(result)
            if done.recorded:
                await self.bus.publish(TOPIC, str(done.head).encode())

    async def _one_by_one(
        self, group: Sequence[tuple[Command, asyncio.Future[Result]]], error: Exception
    ) -> None:
        """A command that breaks its group must not take its neighbours with it: each is tried alone."""
        if len(group) == 1:
            _fail(
                group,
                error
                if isinstance(error, StoreError)
                else StoreError(f"This command could not be kept: {error!r}"),
            )
            return
        for entry in group:
            await self._commit([entry])

    def _take_over(self, done: Appended) -> None:
        """Let this process know what it has just appended, unless others came between: then the store is read."""
        for ident, content, size in done.contents:
            self._contents.put(ident, content, size)
        if not done.recorded:
            return
        if done.recorded[0].n == self.head + 1:
            self._extend(done.recorded)
        else:
            self._behind.set()

    def _extend(self, recorded: Sequence[ev.Recorded]) -> None:
        self._tail.extend(recorded)
        if len(self._tail) > 2 * TAIL:
            del self._tail[:-TAIL]
        self.head = recorded[-1].n
        self._wake_followers()

    def _wake_followers(self) -> None:
        for follower in self._followers:
            follower.set()

    # --- other processes' appends

    async def _listen(self) -> None:
        async for topic, payload in self.bus.subscribe(TOPIC):
            if not topic or int(payload) > self.head:
                self._behind.set()

    async def _catch_up_loop(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):  # wait_for of 3.11 can swallow a cancellation
                    await self._behind.wait()
            self._behind.clear()
            with contextlib.suppress(StoreError):
                await self._catch_up()

    async def _catch_up(self) -> None:
        """Read what others appended: a poll finds it also when the bus is lost."""
        head, epoch = await self._read_head()
        if epoch != self.epoch:
            self._start_over(head, epoch)
        while self.head < head:
            page = await self._from_store(self.head, READ_PAGE)
            fresh = [recorded for recorded in page if recorded.n > self.head]
            if not fresh:
                return
            if fresh[0].n != self.head + 1:  # away for longer than the journal is kept
                self._start_over(head, epoch)
                return
            for recorded in fresh:
                if isinstance(recorded.event, ev.ContentErased):
                    for ident in recorded.event.contents:
                        self._contents.drop(ident)
            self._extend(fresh)

    async def reaches(self, n: int) -> bool:
        """Whether event `n` is known here by now; what another process has just appended is read for that. Raises `StoreError`."""
        if n > self.head:
            await self._catch_up()
        return n <= self.head

    def _start_over(self, head: int, epoch: str) -> None:
        """A backup was restored below us: nothing that is in memory counts, and every follower is told."""
        self.epoch, self.head = epoch, head
        self._tail.clear()
        self._contents.clear()
        self._generation += 1
        self._wake_followers()

    async def _read_head(self) -> tuple[int, str]:
        rows = await self.store.read(fetch("head"))
        return cast("int", rows[0][0]), cast("str", rows[0][1])

    # --- reading

    async def read(self, after: int, limit: int = READ_PAGE) -> list[ev.Recorded]:
        """The events numbered `after + 1` and on, at most `limit`, in order."""
        if after >= self.head:
            return []
        if self._tail and self._tail[0].n <= after + 1:
            start = after + 1 - self._tail[0].n
            return self._tail[start : start + limit]
        return await self._from_store(after, limit)

    async def _from_store(self, after: int, limit: int) -> list[ev.Recorded]:
        rows = await self.store.read(fetch("journal_after", after, limit))
        return [recorded(*row) for row in rows]

    async def follow(self, after: int) -> AsyncIterator[list[ev.Recorded]]:
        """Batches of events after `after`: first what there is, then what comes, without gap or repeat, until the journal closes.

        A database that is away is waited for. Raises `Restored` when the stream is another one now, `Trimmed` when it begins later.
        """
        wake = asyncio.Event()
        generation = self._generation
        self._followers.add(wake)
        try:
            while True:
                wake.clear()
                batch = await self._read_patiently(after)
                if generation != self._generation:
                    raise Restored("The database was restored from a backup: start over.")
                if batch:
                    if batch[0].n != after + 1:
                        raise Trimmed(f"The journal begins at {batch[0].n}, not at {after + 1}: start over.")
                    after = batch[-1].n
                    yield batch
                elif self._closing:
                    return
                else:
                    await wake.wait()
        finally:
            self._followers.discard(wake)

    async def _read_patiently(self, after: int) -> list[ev.Recorded]:
        while True:
            try:
                return await self.read(after)
            except Unavailable:
                if self._closing:
                    return []
                await asyncio.sleep(RETRY_SECONDS)

    async def contents(self, idents: Sequence[str]) -> dict[str, Content]:
        """Content rows by id; the newest are in memory. Unknown ids are left out."""
        found = {ident: row for ident in idents if (row := self._contents.get(ident)) is not None}
        missing = [ident for ident in idents if ident and ident not in found]
        if missing:
            rows = await read_by_keys(self.store, fetch("contents", missing), len(missing))
            found.update((ident, _content.decode(body)) for ident, body in rows)
        return found

    def cached(self, ident: str) -> Content | None:
        """A content row if it is in memory (it is, for what this process has just appended)."""
        return self._contents.get(ident)


def recorded(n: int, at: float, body: str, scope: str | None) -> ev.Recorded:
    """A journal row as an event."""
    return ev.Recorded(n=n, at=at, event=_events.decode(body), scope=_scopes.decode(scope) if scope else None)


def _fail(group: Sequence[tuple[Command, asyncio.Future[Result]]], error: Exception) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)
