"""Pollers: one process per account, checkpoints with their events, and after every failure on from the last checkpoint."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors import pollers
from connectors.channel import Channel
from connectors.contract import (
    Address,
    Batch,
    Capabilities,
    Manifest,
    MessageReceived,
    NeedsOperator,
    NoConfig,
    TryLater,
)
from connectors.health import Health
from connectors.kit.connector import BaseConnector
from connectors.metrics import Meter
from connectors.pollers import Poller
from stream import reads
from stream.leases import acquire, holder
from stream.store.program import Sql, execute
from tests.connectors.ground import Ground, channel, until


class Mailbox:
    """A provider's numbered messages, and what goes wrong with it."""

    def __init__(self) -> None:
        self.size = 0
        self.faults: list[Exception] = []
        self.starts: list[int] = []
        self.readers = 0
        self.most = 0


class Polling(BaseConnector):
    """Reads the mailbox from the checkpoint on, three messages a batch."""

    capabilities = Capabilities(transports=("poll",))

    async def poll(self) -> AsyncIterator[Batch]:
        box: Mailbox = BOXES[self.sandbox.channel]
        place = int((await self.sandbox.checkpoints()).get("box", "0"))
        box.starts.append(place)
        box.readers += 1
        box.most = max(box.most, box.readers)
        try:
            while True:
                if box.faults:
                    raise box.faults.pop(0)
                if place < box.size:
                    until_n = min(place + 3, box.size)
                    items = tuple(said(number) for number in range(place, until_n))
                    place = until_n
                    yield Batch(items=items, checkpoint_key="box", checkpoint=str(place), raw=(b"raw",))
                else:
                    yield Batch(items=())
                    await asyncio.sleep(0.01)
        finally:
            box.readers -= 1


BOXES: dict[str, Mailbox] = {}


def said(number: int) -> MessageReceived:
    who = Address(scheme="echo", value="ada")
    return MessageReceived(source_key=f"msg:{number}", conversation_key="ada", sender=who, text=str(number))


FACE = Manifest(
    id="polling",
    name="Polling",
    contract=1,
    config=NoConfig,
    capabilities=Polling.capabilities,
    create=Polling,
)


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    monkeypatch.setattr(pollers, "full_jitter", lambda *_args, **_more: 0.02)
    monkeypatch.setattr(pollers, "PAUSE_SECONDS", 0.02)
    BOXES["box"] = Mailbox()
    return BOXES["box"]


BOX: Channel = channel("box", FACE)


async def arrived(ground: Ground, count: int) -> list[str]:
    async def there() -> list[str] | None:
        texts = await ground.texts()
        return texts if len(texts) >= count else None

    return await until(there)


async def test_what_is_there_and_what_comes(ground: Ground, box: Mailbox) -> None:
    box.size = 7
    async with ground.host(BOX) as host:
        assert await arrived(ground, 7) == [str(number) for number in range(7)]
        box.size = 9
        await arrived(ground, 9)
        (health,) = host.health()
    assert health.state == "connected"
    assert await reads.checkpoints(ground.journal.store, "box") == {"box": "9"}


async def test_a_restart_goes_on_where_it_stopped(ground: Ground, box: Mailbox) -> None:
    box.size = 5
    async with ground.host(BOX):
        await arrived(ground, 5)
    box.size = 8
    async with ground.host(BOX):
        assert await arrived(ground, 8) == [str(number) for number in range(8)]
    assert box.starts == [0, 5]


async def test_a_lost_checkpoint_only_costs_work(ground: Ground, box: Mailbox) -> None:
    box.size = 5
    async with ground.host(BOX):
        await arrived(ground, 5)
    await ground.journal.store.write(execute(Sql("save_checkpoint", ("box", "box", "0"))))
    box.size = 6
    async with ground.host(BOX):
        assert await arrived(ground, 6) == [str(number) for number in range(6)]


@pytest.mark.parametrize(
    "fault", [TryLater("down"), TryLater("down", 0.05), ValueError("a defect"), RuntimeError()]
)
async def test_a_failure_is_followed_by_another_try(ground: Ground, box: Mailbox, fault: Exception) -> None:
    box.size, box.faults = 4, [fault, fault]
    async with ground.host(BOX) as host:
        assert await arrived(ground, 4) == ["0", "1", "2", "3"]
        (health,) = host.health()
    assert box.starts[:3] == [0, 0, 0]
    assert health.state == "connected"


async def test_an_outage_is_logged_once_when_it_begins_and_once_when_it_ends(
    ground: Ground, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []

    class Log:
        def info(self, event: str, **_facts: Any) -> None:
            lines.append(event)

        warning = error = info

    monkeypatch.setattr(pollers, "_log", Log())
    box.size, box.faults = 1, [TryLater("down")] * 5
    async with ground.host(BOX):
        await arrived(ground, 1)
    assert lines == ["channel_connected", "channel_lost", "channel_connected"]


async def test_refused_credentials_wait_for_a_person(ground: Ground, box: Mailbox) -> None:
    box.faults = [NeedsOperator("The password was refused.")]
    async with ground.host(BOX) as host:

        async def told() -> bool:
            return host.health()[0].state == "needs_operator"

        await until(told)
        (health,) = host.health()
        await asyncio.sleep(0.1)
    assert health.reason == "The password was refused."
    assert health.retry_at > 0
    assert len(box.starts) == 1


async def test_only_one_process_polls_an_account(ground: Ground, box: Mailbox) -> None:
    box.size = 3
    async with ground.host(BOX, worker="one"), ground.host(BOX, worker="two"):
        await arrived(ground, 3)
        await asyncio.sleep(0.1)
        assert box.most == 1
        lease = await holder(ground.journal.store, "poll:box")
        assert lease is not None
        assert lease.holder in {"one", "two"}


async def test_who_lost_the_lease_stops_at_the_next_batch(ground: Ground, box: Mailbox) -> None:
    async with ground.host(BOX) as host:
        await until(lambda: _value(box.starts))
        await acquire(ground.journal.store, "poll:box", "thief", 3600.0, force=True)
        box.size = 3
        await until(lambda: _value(box.readers == 0))
        # Real messages, and repeats for whoever polls now; the last one would have moved the checkpoint.
        assert await ground.texts() == ["0", "1"]
        await until(lambda: _value(host.health()[0].reason == "Another process polls this account."))
    assert await reads.checkpoints(ground.journal.store, "box") == {}


async def _value(value: object) -> object:
    return value


async def test_a_process_that_owns_the_database_takes_the_lease_at_once(ground: Ground, box: Mailbox) -> None:
    await acquire(ground.journal.store, "poll:box", "killed", 3600.0)
    box.size = 1
    async with ground.host(BOX, exclusive=True):
        assert await arrived(ground, 1) == ["0"]


async def test_the_lease_is_renewed_and_given_up(ground: Ground, box: Mailbox) -> None:
    async with ground.host(BOX) as host:
        await until(lambda: _value(box.starts))
        running = host._running["box"]
        other = Poller(
            BOX, running.connector, ground.journal, host._delivery, Meter("box"), Health("box", "polling", 0.0),
            worker="second", lease_seconds=1.5,
        )  # fmt: skip
        lease = await acquire(ground.journal.store, "poll:box", "second", 1.5, force=True)
        assert lease is not None
        renewing = asyncio.create_task(other._renew(lease))

        async def renewed() -> bool:
            now = await holder(ground.journal.store, "poll:box")
            return now is not None and now.expires_at > lease.expires_at

        await until(renewed)
        assert not renewing.done()
        await acquire(ground.journal.store, "poll:box", "third", 1.0, force=True)
        await asyncio.wait_for(renewing, 20)


async def test_closing_gives_the_lease_to_the_next(ground: Ground, box: Mailbox) -> None:
    async with ground.host(BOX):
        await until(lambda: _value(box.starts))
    lease = await holder(ground.journal.store, "poll:box")
    assert lease is not None
    assert await acquire(ground.journal.store, "poll:box", "next", 1.0) is not None


async def test_a_checkpoint_is_bounded(ground: Ground, box: Mailbox) -> None:
    async with ground.host(BOX) as host:
        running = host._running["box"]
        poller = Poller(
            BOX,
            running.connector,
            ground.journal,
            host._delivery,
            Meter("box"),
            Health("box", "polling", 0.0),
            worker="w",
        )
        lease = await acquire(ground.journal.store, "poll:box", "w", 60.0, force=True)
        assert lease is not None
        with pytest.raises(ValueError, match="at most 4096"):
            await poller._commit(Batch(items=(), checkpoint="x" * 5000), lease)


async def test_an_iterator_without_an_end_is_fine_too(ground: Ground, box: Mailbox) -> None:
    class Plain:
        def __init__(self) -> None:
            self.left = [Batch(items=(said(1),), checkpoint="1")]

        def __aiter__(self) -> Plain:
            return self

        async def __anext__(self) -> Batch:
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop()

    async with ground.host() as host:
        connector: Any = Polling(None, None)  # type: ignore[arg-type]  # nothing of it is used but poll
        connector.poll = Plain
        poller = Poller(
            BOX,
            connector,
            ground.journal,
            host._delivery,
            Meter("box"),
            Health("box", "polling", 0.0),
            worker="w",
        )
        task = asyncio.create_task(poller.run())
        assert await arrived(ground, 1) == ["1"]
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
