"""A kept value that is replaced by what was made of it: one at a time over all processes, bounded, and nothing lost on a failure."""

from __future__ import annotations

import asyncio

import pytest

from connectors import exchange as module
from connectors.contract import TryLater
from connectors.exchange import exchange
from stream import leases, reads
from tests.connectors.ground import Ground


async def test_each_gets_what_the_one_before_it_made(ground: Ground) -> None:
    inside, most = 0, 0

    async def one_more(kept: str) -> str:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.01)
        inside -= 1
        return str(int(kept or "0") + 1)

    await asyncio.gather(*(exchange(ground.journal, "mail", "count", one_more) for _ in range(6)))
    assert (await reads.checkpoints(ground.journal.store, "mail"))["count"] == "6"
    assert most == 1


async def test_nothing_and_a_failure_keep_what_there_was_and_end_the_turn(ground: Ground) -> None:
    async def first(_kept: str) -> str:
        return "first"

    async def nothing(kept: str) -> str:
        assert kept == "first"
        return ""

    async def broken(_kept: str) -> str:
        raise TryLater("The token server does not answer.")

    await exchange(ground.journal, "mail", "token", first)
    with pytest.raises(TryLater, match="does not answer"):
        await exchange(ground.journal, "mail", "token", broken)
    await exchange(ground.journal, "mail", "token", nothing)
    assert await reads.checkpoints(ground.journal.store, "mail") == {"token": "first"}
    assert await reads.checkpoints(ground.journal.store, "other") == {}


async def test_waiting_is_bounded_and_who_took_too_long_keeps_nothing(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.2)
    name = "exchange:mail:token"
    held = await leases.acquire(ground.journal.store, name, "another process", 60.0)
    assert held is not None

    async def late(_kept: str) -> str:
        assert await leases.acquire(ground.journal.store, name, "the next one", 60.0, force=True)
        return "late"

    with pytest.raises(TryLater, match="Another process is renewing this now"):
        await exchange(ground.journal, "mail", "token", late)
    await leases.release(ground.journal.store, held)
    with pytest.raises(TryLater):
        await exchange(ground.journal, "mail", "token", late)
    assert await reads.checkpoints(ground.journal.store, "mail") == {}
