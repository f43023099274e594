"""Pollers and streams: one process per account by a lease, batches committed with their checkpoints, restarted after every failure.

An outage is logged once when it starts and once when it is over; what a provider says about waiting is obeyed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable

import structlog

from connectors.channel import Channel
from connectors.contract import Batch, Connector, NeedsOperator, TryLater
from connectors.delivery import Delivery, LeaseLost
from connectors.health import Health, Side, State
from connectors.kit.backoff import full_jitter
from connectors.metrics import RETRIES, Meter
from stream import commands as cmd
from stream.journal import Journal
from stream.leases import Lease, acquire, release, renew
from stream.store.ports import StoreError

LEASE_SECONDS = 30.0
LONGEST_CHECKPOINT = 4_096
BACKOFF_CAP = 120.0
OPERATOR_SECONDS = 300.0
PAUSE_SECONDS = 1.0
_log = structlog.get_logger(__name__)


class Poller:
    """One channel's poller in this process. `exclusive`: this process alone owns the database, so a lease left behind is taken at once."""

    def __init__(
        self,
        channel: Channel,
        connector: Connector,
        journal: Journal,
        delivery: Delivery,
        meter: Meter,
        health: Health,
        *,
        worker: str,
        exclusive: bool = False,
        clock: Callable[[], float] = time.time,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._channel = channel
        self._connector = connector
        self._journal = journal
        self._delivery = delivery
        self._meter = meter
        self._health = health
        self._worker = worker
        self._exclusive = exclusive
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._failures = 0

    @property
    def _lease_name(self) -> str:
        return f"poll:{self._channel.name}"

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            lease = await self._acquire()
            if lease is None:
                self._note("connected", "Another process polls this account.")
                await asyncio.sleep(self._lease_seconds / 3 * (1 + random.random()))  # noqa: S311  # jitter, not a secret
                continue
            try:
                await self._hold(lease)
            finally:
                with contextlib.suppress(StoreError):
                    await asyncio.shield(release(self._journal.store, lease))

    async def _acquire(self) -> Lease | None:
        try:
            lease = await acquire(
                self._journal.store,
                self._lease_name,
                self._worker,
                self._lease_seconds,
                force=self._exclusive,
            )
        except StoreError as error:
            await self._back_off(error, None)
            return None
        return lease

    async def _hold(self, lease: Lease) -> None:
        """Poll while the lease is ours; returns once it is not."""
        polling = asyncio.create_task(self._poll_again(lease))
        renewing = asyncio.create_task(self._renew(lease))
        try:
            await asyncio.wait({polling, renewing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (polling, renewing):
                task.cancel()
            await asyncio.gather(polling, renewing, return_exceptions=True)

    async def _renew(self, lease: Lease) -> None:
        """Returns when the lease is lost, or could not be renewed in its time."""
        good_until = time.monotonic() + self._lease_seconds
        while time.monotonic() < good_until:
            await asyncio.sleep(self._lease_seconds / 3)
            with contextlib.suppress(StoreError):
                if await renew(self._journal.store, lease, self._lease_seconds) is None:
                    return
                good_until = time.monotonic() + self._lease_seconds

    async def _poll_again(self, lease: Lease) -> None:
        while True:
            try:
                await self._poll_once(lease)
            except LeaseLost:
                return
            except TryLater as error:
                await self._back_off(error, error.after)
            except NeedsOperator as error:
                self._note("needs_operator", str(error), OPERATOR_SECONDS)
                await asyncio.sleep(OPERATOR_SECONDS)
            except Exception as error:  # noqa: BLE001  # a defect in one connector stops neither it nor the others
                await self._back_off(error, None)
            else:
                await asyncio.sleep(PAUSE_SECONDS)

    async def _poll_once(self, lease: Lease) -> None:
        batches = self._connector.poll()
        try:
            async for batch in batches:
                await self._commit(batch, lease)
                self._well(batch.trouble)
        finally:
            end = getattr(batches, "aclose", None)
            if end is not None:
                await end()

    async def _commit(self, batch: Batch, lease: Lease) -> None:
        if not batch.items and not batch.checkpoint:
            return
        point = None
        if batch.checkpoint:
            if len(batch.checkpoint) > LONGEST_CHECKPOINT:
                raise ValueError(f"a checkpoint has at most {LONGEST_CHECKPOINT} characters")
            point = cmd.Checkpoint(
                channel=self._channel.name,
                key=batch.checkpoint_key,
                value=batch.checkpoint,
                lease=lease.name,
                epoch=lease.epoch,
            )
        await self._delivery.take_in(self._channel, batch.items, batch.raw, self._meter, point=point)

    def _well(self, trouble: str) -> None:
        self._failures = 0
        self._note("degraded" if trouble else "connected", trouble)

    async def _back_off(self, error: Exception, after: float | None) -> None:
        known = isinstance(error, TryLater | StoreError)
        wait = full_jitter(self._failures, random.random(), cap=BACKOFF_CAP) if after is None else after  # noqa: S311  # jitter
        self._failures += 1
        RETRIES.labels(self._channel.name, "poll").inc()
        sentence = str(error) if known else f"The connector has failed ({type(error).__name__})."
        if not known and self._failures == 1:
            _log.error("connector_defect", channel=self._channel.name, exc_info=error)
        self._note("disconnected", sentence, wait)
        await asyncio.sleep(max(wait, 0.05))

    def _note(self, state: State, reason: str, wait: float = 0.0) -> None:
        note(self._health, self._channel.name, state, reason, self._clock(), wait, "in")


def note(
    health: Health,
    channel: str,
    state: State,
    reason: str,
    now: float,
    wait: float = 0.0,
    side: Side = "",
) -> None:
    """Change a channel's health, and log when it was lost or is back."""
    before = health.state
    if not health.change(state, now, reason, now + wait if wait else 0.0, side):
        return
    if health.state == "connected":
        _log.info("channel_connected", channel=channel, before=before)
    else:
        _log.warning("channel_lost", channel=channel, state=health.state, reason=health.reason)
