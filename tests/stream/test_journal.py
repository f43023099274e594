"""The journal's own behaviour: groups, full queues, cancelled callers, closing, slow followers, other processes, another stream.

The database here is dictionaries behind the Store's port, with a gate and faults; both real databases are in tests/contracts.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import pytest

from stream import commands as cmd
from stream import journal as journal_module
from stream.append import Appended
from stream.bus import open_bus
from stream.ids import new_token
from stream.journal import Journal, QueueFull, Restored
from stream.loading import DECODERS
from stream.model import Erased, MessageContent
from stream.store.ports import StoreError, Unavailable
from stream.store.program import Program
from stream.writer.here import WriterHere
from tests.making import ANN, committed, message
from tests.stream.shelf import Shelf

T = TypeVar("T")


class GatedStore:
    """A Store over dictionaries. While `gate` is shut writes wait; `fault` is raised by the next ones."""

    dialect: Literal["sqlite", "postgres"] = "sqlite"

    def __init__(self, tables: Shelf) -> None:
        self.tables = tables
        self.gate = asyncio.Event()
        self.gate.set()
        self.faults: list[Exception] = []
        self.away = False
        self.groups: list[int] = []
        self.reads: list[str] = []

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def backup(self, target: Path) -> None:
        """Nothing to copy."""

    async def read(self, program: Program[T]) -> T:
        if self.away:
            raise Unavailable("away")
        self.tables.log.clear()
        result = self.tables.run(program)
        self.reads += self.tables.log
        return result

    async def peek(self, program: Program[T]) -> T:
        return await self.read(program)

    async def write(self, program: Program[T]) -> T:
        await self.gate.wait()
        if self.faults:
            program.close()
            raise self.faults.pop(0)
        before = self.tables.n
        result = self.tables.run(program)
        self.groups.append(self.tables.n - before)
        return result


class TwoAtOnce(WriterHere):
    """Takes a second group while the first is under way; `handed` are the sizes in their order."""

    depth = 2
    group = 8

    def __init__(self, store: GatedStore) -> None:
        super().__init__(store)
        self.handed: list[int] = []

    async def append(self, commands: Sequence[cmd.Command], now: float) -> Appended:
        self.handed.append(len(commands))
        return await super().append(commands, now)


@pytest.fixture
def store() -> GatedStore:
    return GatedStore(Shelf())


@pytest.fixture
async def journal(store: GatedStore) -> AsyncIterator[Journal]:
    opened = Journal(store, open_bus("memory:"))
    await opened.open()
    yield opened
    store.gate.set()
    await opened.close()


async def waiting(journal: Journal, count: int) -> None:
    while journal.waiting < count:
        await asyncio.sleep(0)


async def turns() -> None:
    """Let everything that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


# --- appending -----------------------------------------------------------------------------------------------------------


async def test_what_gathers_while_a_commit_is_under_way_is_the_next_group(
    journal: Journal, store: GatedStore
) -> None:
    store.gate.clear()
    tasks = [
        asyncio.create_task(journal.submit(message(f"v{n}", f"m{n}"))) for n in range(WriterHere.group + 40)
    ]
    await waiting(journal, 1)
    await asyncio.sleep(0.01)
    store.gate.set()
    results = await asyncio.gather(*tasks)
    assert all(isinstance(result, cmd.Committed) for result in results)
    assert store.groups == [4 * WriterHere.group, 4 * 40]


async def test_a_group_that_would_only_wait_goes_when_it_is_half_full(store: GatedStore) -> None:
    writer = TwoAtOnce(store)
    journal = Journal(store, open_bus("memory:"), writer)
    await journal.open()
    callers: list[asyncio.Task[cmd.Result]] = []

    async def handed(more: int) -> list[int]:
        start = len(callers)
        work = [journal.submit(message(f"v{n}", f"m{n}")) for n in range(start, start + more)]
        callers.extend(map(asyncio.create_task, work))
        await turns()
        return writer.handed

    store.gate.clear()
    assert await handed(1) == [1]
    assert await handed(3) == [1]
    assert await handed(1) == [1, 4]
    assert await handed(20) == [1, 4]
    store.gate.set()
    assert all(isinstance(result, cmd.Committed) for result in await asyncio.gather(*callers))
    assert await handed(1) == [1, 4, 8, 8, 4, 1]
    await journal.close()


async def test_a_full_queue_says_so_at_once_and_goes_on_later(store: GatedStore) -> None:
    journal = Journal(store, open_bus("memory:"), max_waiting=10)
    await journal.open()
    store.gate.clear()
    first = asyncio.create_task(journal.submit(message("v", "m")))
    await asyncio.sleep(0.01)
    tasks = [asyncio.create_task(journal.submit(message("v", f"m{n}"))) for n in range(10)]
    await waiting(journal, 10)
    with pytest.raises(QueueFull, match="10 commands wait"):
        await journal.submit(message("v", "m10"))
    store.gate.set()
    await asyncio.gather(first, *tasks)
    await committed(journal, message("v", "m11"))
    await journal.close()


async def test_the_bytes_that_wait_are_bounded_too(
    journal: Journal, store: GatedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "MAX_WAITING_BYTES", 1_000)
    store.gate.clear()
    tasks = [asyncio.create_task(journal.submit(message("v", "m", "x" * 600)))]
    await asyncio.sleep(0.01)
    tasks += [asyncio.create_task(journal.submit(message("v", f"m{n}", "x" * 600))) for n in range(2)]
    await waiting(journal, 2)
    with pytest.raises(QueueFull):
        await journal.submit(message("v", "m3", "x"))
    store.gate.set()
    await asyncio.gather(*tasks)
    await committed(journal, message("v", "m4", "x" * 600))
    assert journal._waiting_bytes == 0


async def test_a_caller_who_goes_away_has_still_asked(journal: Journal, store: GatedStore) -> None:
    store.gate.clear()
    tasks = [asyncio.create_task(journal.submit(message("v", f"m{n}"))) for n in range(3)]
    await asyncio.sleep(0.01)
    tasks[1].cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await tasks[1]
    store.gate.set()
    await asyncio.gather(tasks[0], tasks[2])
    again = await journal.submit(message("v", "m1"))
    assert isinstance(again, cmd.Duplicate)


async def test_when_the_commit_fails_every_caller_of_the_group_is_told(
    journal: Journal, store: GatedStore
) -> None:
    store.gate.clear()
    tasks = [asyncio.create_task(journal.submit(message("v", f"m{n}"))) for n in range(5)]
    await asyncio.sleep(0.01)
    store.faults = [Unavailable("The disk is full")]
    store.gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, Unavailable) for result in results)
    assert (store.tables.journal, journal.head) == ([], 0)
    await committed(journal, message("v", "m0"))


async def test_a_defect_in_one_command_takes_nobody_with_it(journal: Journal, store: GatedStore) -> None:
    store.gate.clear()
    broken = message("v", "broken", content=MessageContent(text="half a pair: \ud800"))
    tasks = [asyncio.create_task(journal.submit(c)) for c in (message("a", "a"), broken, message("b", "b"))]
    await asyncio.sleep(0.01)
    store.gate.set()
    first, second, third = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, cmd.Committed)
    assert isinstance(third, cmd.Committed)
    assert isinstance(second, StoreError)
    assert not isinstance(second, Unavailable)
    assert "could not be kept" in str(second)


async def test_closing_commits_what_waits_and_takes_nothing_new(journal: Journal, store: GatedStore) -> None:
    store.gate.clear()
    tasks = [asyncio.create_task(journal.submit(message("v", f"m{n}"))) for n in range(3)]
    await asyncio.sleep(0.01)
    closing = asyncio.create_task(journal.close())
    await asyncio.sleep(0.01)
    with pytest.raises(Unavailable, match="stopping"):
        await journal.submit(message("v", "late"))
    store.gate.set()
    await closing
    assert all(isinstance(task.result(), cmd.Committed) for task in tasks)
    await journal.close()


async def test_a_journal_that_was_never_opened_closes() -> None:
    await Journal(GatedStore(Shelf()), open_bus("memory:")).close()


# --- following -----------------------------------------------------------------------------------------------------------


async def test_a_slow_follower_misses_nothing_and_holds_nobody_up(
    journal: Journal, store: GatedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "TAIL", 50)
    seen: list[int] = []
    go_on = asyncio.Event()

    async def slow() -> None:
        async for batch in journal.follow(0):
            seen.extend(recorded.n for recorded in batch)
            await go_on.wait()

    task = asyncio.create_task(slow())
    for number in range(120):
        await committed(journal, message(f"v{number % 5}", f"m{number}"))
    assert len(journal._tail) <= 100
    assert journal._tail[-1].n == journal.head
    assert seen
    assert seen[-1] < journal._tail[0].n
    go_on.set()
    while seen[-1] < journal.head:
        await asyncio.sleep(0.001)
    task.cancel()
    assert seen == list(range(1, journal.head + 1))
    assert "journal_after" in store.reads


async def test_a_follower_of_the_newest_reads_no_database(journal: Journal, store: GatedStore) -> None:
    seen: list[int] = []

    async def follow() -> None:
        async for batch in journal.follow(journal.head):
            seen.extend(recorded.n for recorded in batch)

    task = asyncio.create_task(follow())
    for number in range(20):
        await committed(journal, message("v", f"m{number}"))
    await asyncio.sleep(0.01)
    task.cancel()
    assert seen == list(range(1, journal.head + 1))
    assert "journal_after" not in store.reads


async def test_followers_end_when_the_journal_closes_after_the_last_event(journal: Journal) -> None:
    seen: list[int] = []

    async def follow() -> None:
        async for batch in journal.follow(0):
            seen.extend(recorded.n for recorded in batch)

    task = asyncio.create_task(follow())
    await committed(journal, message("v", "m"))
    await journal.close()
    await asyncio.wait_for(task, 20)
    assert seen == [1, 2, 3, 4]


async def test_a_follower_waits_for_a_database_that_is_away(
    journal: Journal, store: GatedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "RETRY_SECONDS", 0.01)
    await committed(journal, message("v", "m"))
    journal._tail.clear()
    store.away = True
    first = asyncio.ensure_future(anext(journal.follow(0)))
    await asyncio.sleep(0.05)
    assert not first.done()
    store.away = False
    assert [recorded.n for recorded in await asyncio.wait_for(first, 20)] == [1, 2, 3, 4]


async def test_what_other_processes_append_is_found_by_the_hint_and_in_order(store: GatedStore) -> None:
    bus = open_bus("memory:")
    one, other = Journal(store, bus), Journal(store, bus)
    for opened in (one, other):
        await opened.open()
    await asyncio.sleep(0)
    results = await asyncio.gather(*((one, other)[n % 2].submit(message("v", f"m{n}")) for n in range(40)))
    assert all(isinstance(result, cmd.Committed) for result in results)
    for _ in range(3000):
        if one.head == other.head == store.tables.n:
            break
        await asyncio.sleep(0.01)
    for journal in (one, other):
        assert [recorded.n for recorded in await journal.read(0)] == list(range(1, store.tables.n + 1))
        await journal.close()


async def test_what_another_process_erased_is_forgotten_here(store: GatedStore) -> None:
    bus = open_bus("memory:")
    one, other = Journal(store, bus), Journal(store, bus)
    for opened in (one, other):
        await opened.open()
    await asyncio.sleep(0)
    done = await committed(one, message("v", "m", "secret"))
    content = DECODERS["message"].decode(store.tables.bodies["message"][done.id]).content  # type: ignore[union-attr]  # a message
    assert one.cached(content) == MessageContent(text="secret")
    await committed(other, cmd.EraseContent(token=new_token(), contents=(content,), by=ANN))
    for _ in range(3000):
        if one.head == store.tables.n:
            break
        await asyncio.sleep(0.01)
    assert isinstance((await one.contents([content]))[content], Erased)
    assert isinstance((await other.contents([content]))[content], Erased)
    for opened in (one, other):
        await opened.close()


async def test_a_restored_database_is_noticed_and_every_follower_starts_over(
    journal: Journal, store: GatedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await committed(journal, message("v", f"m{number}", "old words"))
    ended = asyncio.create_task(_until_restored(journal))
    await asyncio.sleep(0.01)
    old = store.tables
    store.tables = Shelf()
    store.tables.epoch = "e2"
    journal._behind.set()
    assert await asyncio.wait_for(ended, 20) == old.n
    assert (journal.epoch, journal.head, await journal.read(0)) == ("e2", 0, [])
    assert not [ident for ident in old.content if journal.cached(ident)]
    await committed(journal, message("v", "m0", "new words"))
    assert [recorded.n for recorded in await journal.read(0)] == [1, 2, 3, 4]


async def _until_restored(journal: Journal) -> int:
    last = 0
    try:
        async for batch in journal.follow(0):
            last = batch[-1].n
    except Restored:
        return last
    raise AssertionError("the follower ended as if the journal had closed")


async def test_contents_come_from_memory_and_else_from_the_store(journal: Journal, store: GatedStore) -> None:
    await committed(journal, message("v", "m"))
    idents = list(store.tables.content)
    assert set(await journal.contents([*idents, "", "ct_nowhere"])) == set(idents)
    journal._contents.clear()
    store.reads.clear()
    assert set(await journal.contents(idents)) == set(idents)
    assert store.reads == ["contents"]
