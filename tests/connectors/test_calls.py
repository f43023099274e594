"""The worker that tells other programs: again until it is taken, over a restart under the same id, and a dead letter in the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from connectors import calls
from connectors.calling import Told
from connectors.calls import Caller
from connectors.contract import Accepted, Outcome, Rejected, Retry
from connectors.running import Running
from connectors.webhook import MANIFEST
from stream.commands import Automate, RuleRun
from stream.dead import list_dead
from stream.ids import new_token
from stream.journal import Journal
from stream.leases import acquire
from tests.making import committed, message


class Partner:
    """Takes calls; `answers` are the first outcomes, then it accepts."""

    def __init__(self, *answers: Outcome) -> None:
        self.answers, self.heard = list(answers), list[str]()

    async def call(self, ident: str, _body: bytes) -> Outcome:
        self.heard.append(ident)
        return self.answers.pop(0) if self.answers else Accepted()

    def running(self) -> dict[str, Running]:
        found = SimpleNamespace(connector=self, channel=SimpleNamespace(manifest=MANIFEST))
        return {"partner": cast("Running", found)}


async def until(true: Callable[[], Any], within: float = 30.0) -> None:
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


async def ran(journal: Journal, epoch: int) -> None:
    """A rule that tells the partner."""
    done = await committed(journal, message("ada", new_token()))
    run = RuleRun(rule="r", webhooks=("partner",))
    await committed(
        journal, Automate(token=new_token(), epoch=epoch, conversation=done.conversation, key=new_token(), trigger="received", runs=(run,))
    )  # fmt: skip


async def told(journal: Journal, partner: Partner) -> tuple[Caller, asyncio.Task[None]]:
    caller = Caller(journal, partner.running(), worker=new_token(), exclusive=True)
    caller.tell(Told(automation=True))
    task = asyncio.create_task(caller.run())
    await until(lambda: caller._lease is not None)
    await asyncio.sleep(0.05)
    return caller, task


async def end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def epoch_of(journal: Journal) -> int:
    lease = await acquire(journal.store, "router", "test", 3600.0)
    assert lease is not None
    return lease.epoch


async def test_it_tries_again_and_under_the_same_id_after_a_restart(journal: Journal) -> None:
    epoch = await epoch_of(journal)
    partner = Partner(Retry(text="busy", after=0.0), Retry(text="busy", after=0.2))
    _, task = await told(journal, partner)
    await ran(journal, epoch)
    await until(lambda: len(partner.heard) == 2)
    await end(task)
    _, task = await told(journal, partner)
    await until(lambda: len(partner.heard) >= 3)
    await asyncio.sleep(0.1)
    await end(task)
    assert len(set(partner.heard)) == 1
    assert await list_dead(journal.store) == []


async def test_what_is_refused_is_a_dead_letter_with_its_body(journal: Journal) -> None:
    epoch = await epoch_of(journal)
    _, task = await told(journal, Partner(Rejected(text="Gone.")))
    await ran(journal, epoch)

    async def letters() -> int:
        return len(await list_dead(journal.store))

    while not await letters():
        await asyncio.sleep(0.02)
    await end(task)
    (letter,) = await list_dead(journal.store)
    assert (letter.channel, letter.direction, letter.error) == ("partner", "out", "Gone.")


async def test_a_full_line_takes_no_more(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "MOST_WAITING", 1)
    epoch = await epoch_of(journal)
    partner = Partner(Retry(text="busy", after=60.0))
    caller, task = await told(journal, partner)
    await ran(journal, epoch)
    await until(lambda: len(partner.heard) == 1)
    await ran(journal, epoch)
    while not await list_dead(journal.store):
        await asyncio.sleep(0.02)
    assert len(caller._waiting) == 1
    await end(task)


async def test_what_happened_while_nobody_was_told_is_not_told_later(journal: Journal) -> None:
    epoch = await epoch_of(journal)
    partner = Partner()
    caller = Caller(journal, partner.running(), worker="w", exclusive=True)
    task = asyncio.create_task(caller.run())
    await ran(journal, epoch)
    caller.tell(Told(automation=True))
    await until(lambda: caller._lease is not None)
    await asyncio.sleep(0.05)
    await ran(journal, epoch)
    await until(lambda: len(partner.heard) == 1)
    await end(task)
    assert len(partner.heard) == 1
