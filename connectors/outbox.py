"""The way out: claims queued sends, one in flight per conversation, sends them part by part, and records what came of each.

Woken by the journal (a reply was queued), with a look every few seconds in case nothing woke it. What an attempt means is decided in
`outcomes.py`; the rows, lanes and fences are the stream's. Everything is bounded: sends under way per process and per channel, the time of
a part (as its channel declares), the tries and the waiting time of a message. A claim is short and kept while its part lasts: when a
worker dies, its sends are settled after `CLAIM_SECONDS`, however long their parts may take.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping

import msgspec
import structlog

from connectors.contract import (
    Accepted,
    ConnectorError,
    NeedsOperator,
    Outbound,
    Outcome,
    Plan,
    PlannedPart,
    Rejected,
    Retry,
    Unknown,
)
from connectors.files import Files
from connectors.metrics import OUTBOUND, OUTBOUND_SECONDS, RETRIES
from connectors.outcomes import Attempt, Ruling, outcome_of, rule
from connectors.rates import Rates
from connectors.running import Running
from connectors.sends import NothingToSend, send_for
from stream import commands as cmd
from stream import events as ev
from stream.ids import new_token
from stream.journal import Journal
from stream.outbox import Claim, abandoned, claim, claim_expired, extend, next_due, part_done
from stream.store.ports import StoreError

CONCURRENT = 64
PER_CHANNEL = 16
CLAIM_SECONDS = 120.0
POLL_SECONDS = 2.0
RECOVER_SECONDS = 15.0
RECORD_SECONDS = 100.0
DRAIN_SECONDS = 35.0
_log = structlog.get_logger(__name__)


class ClaimLost(Exception):
    """Another worker has this send now."""


class Outbox:
    """One per process. `running` are the channels that send here (looked at anew each time)."""

    def __init__(
        self,
        journal: Journal,
        files: Files,
        running: Mapping[str, Running],
        *,
        worker: str,
        exclusive: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._journal = journal
        self._files = files
        self._running = running
        self._worker = worker
        self._exclusive = exclusive
        self._clock = clock
        self._rates = Rates(journal.bus)
        self._wake = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._open = True

    # --- when to look

    async def run(self) -> None:
        """Send until cancelled."""
        if self._exclusive:
            await self._recover_all()
            self._exclusive = False  # should this be started again: what is under way then is ours
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._recover_again())
            group.create_task(self._send_again())

    def wake(self) -> None:
        """Look now."""
        self._wake.set()

    async def _follow(self) -> None:
        async for batch in self._journal.follow(self._journal.head):
            for recorded in batch:
                event = recorded.event
                if isinstance(event, ev.ReplyQueued) or (
                    isinstance(event, ev.DeliveryChanged)
                    and event.delivery in {"queued", "failed", "unknown"}
                ):
                    self._wake.set()
                    break

    async def _send_again(self) -> None:
        while True:
            self._wake.clear()
            wait = POLL_SECONDS
            try:
                wait = await self._turn()
            except StoreError:
                wait = POLL_SECONDS * (1 + random.random())  # noqa: S311  # jitter, not a secret
            if wait > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._wake.wait()

    async def _turn(self) -> float:
        """Claim and start what is due; the seconds until the next look (0.0: at once)."""
        free = self._free()
        down = {
            name: wait
            for name, channel in self._running.items()
            if channel.ready and (wait := channel.wait()) > 0
        }
        if down:
            await self._expire(list(down))
        longest = min(POLL_SECONDS, *down.values()) if down else POLL_SECONDS
        if not free or not self._open:
            return longest
        ready = list(free)
        due = await next_due(self._journal.store, ready)
        now = self._clock()
        if due is None or due > now:
            return longest if due is None else min(longest, max(due - now, 0.01))
        limit = min(*free.values(), CONCURRENT - len(self._under_way), CONCURRENT)
        claims = await claim(self._journal.store, self._worker, ready, now, limit, CLAIM_SECONDS)
        for claimed in claims:
            self._start(claimed)
        return 0.0 if claims else longest

    def _free(self) -> dict[str, int]:
        """How many sends each channel may start now; channels that may start none are left out."""
        if len(self._under_way) >= CONCURRENT:
            return {}
        busy = Counter(self._under_way.values())
        free: dict[str, int] = {}
        for name, channel in self._running.items():
            room = PER_CHANNEL - busy[name]
            if channel.ready and room > 0 and channel.wait() == 0.0:
                free[name] = room if channel.breaker.state == "closed" else 1
        return free

    def _start(self, claimed: Claim) -> None:
        channel = self._running.get(claimed.channel)
        if channel is not None:
            channel.breaker.begin()
        task = asyncio.get_running_loop().create_task(self._send(claimed, channel))
        self._under_way[task] = claimed.channel
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("send_defect", exc_info=error)

    # --- one send

    async def _send(self, claimed: Claim, channel: Running | None) -> None:
        if channel is None:  # it was taken out meanwhile: whoever has it next sends this
            await self._record(claimed, "", nothing_tried(claimed), Ruling(delivery="queued"))
            return
        try:
            attempt = await self._attempt(claimed, channel)
        except ClaimLost:
            channel.breaker.unprobed()
            return
        _learn(channel, attempt)
        waited = self._clock() - claimed.first_at
        chance = random.random()  # noqa: S311  # jitter, not a secret
        ruling = rule(attempt, channel.channel.manifest, claimed.attempts, waited, chance)
        if ruling.account:
            channel.pause(ruling.wait)
        OUTBOUND.labels(claimed.channel, ruling.delivery).inc()
        if ruling.delivery == "queued":
            RETRIES.labels(claimed.channel, "send").inc()
        await self._record(claimed, channel.channel.workspace, attempt, ruling)

    async def _attempt(self, claimed: Claim, channel: Running) -> Attempt:
        """Prepare and send. A database that is away before or between parts leaves nothing in doubt: the rest goes later."""
        attempt = nothing_tried(claimed)
        try:
            send = await send_for(self._journal, self._files, claimed.message)
            plan = _planned(channel, send.outbound)
            if isinstance(plan, Rejected):
                return msgspec.structs.replace(attempt, outcome=plan)
            attempt = msgspec.structs.replace(attempt, parts=len(plan.parts), outcome=Accepted())
            while isinstance(attempt.outcome, Accepted) and attempt.parts_done < attempt.parts:
                await self._may_send(claimed, channel, send.outbound)
                attempt = await self._next_part(claimed, channel, send.outbound, plan, attempt)
                done = attempt.parts_done
                if claimed.parts_done < done < attempt.parts and not await part_done(
                    self._journal.store, claimed, done
                ):
                    raise ClaimLost
        except NothingToSend as error:
            return msgspec.structs.replace(attempt, outcome=Rejected(text=str(error)))
        except StoreError:
            away = Retry(text="The database was away.", after=POLL_SECONDS)
            return msgspec.structs.replace(attempt, outcome=away)
        except Exception as error:
            if isinstance(error, ClaimLost) or attempt.parts:
                raise
            _log.exception("send_defect", channel=claimed.channel)
            wrong = Rejected(text=f"This message could not be put together ({type(error).__name__}).")
            return msgspec.structs.replace(attempt, outcome=wrong)
        return attempt

    async def _next_part(
        self, claimed: Claim, channel: Running, message: Outbound, plan: Plan, attempt: Attempt
    ) -> Attempt:
        keeping = asyncio.create_task(self._keep(claimed))
        try:
            outcome, operator = await self._part(channel, message, plan.parts[attempt.parts_done])
        finally:
            keeping.cancel()
        if not isinstance(outcome, Accepted):
            ids = attempt.ids
            if isinstance(outcome, Unknown):  # should it have gone, answers and reports name it so
                ids += plan.parts[attempt.parts_done].provider_ids
            return msgspec.structs.replace(attempt, outcome=outcome, operator=operator, ids=ids)
        ids = attempt.ids + outcome.provider_ids
        return msgspec.structs.replace(attempt, outcome=outcome, parts_done=attempt.parts_done + 1, ids=ids)

    async def _keep(self, claimed: Claim) -> None:
        """Keep the claim while a part is under way. Should it be lost all the same, the report of the outcome is refused."""
        while True:
            await asyncio.sleep(CLAIM_SECONDS / 4)
            with contextlib.suppress(StoreError):
                await extend(self._journal.store, claimed, self._clock() + CLAIM_SECONDS)

    async def _may_send(self, claimed: Claim, channel: Running, message: Outbound) -> None:
        """Wait for the rate limits' leave, and keep the claim meanwhile."""
        until = claimed.claimed_until
        while True:
            wait = await self._rates.wait(channel.channel, message.conversation_key)
            now = self._clock()
            if until - now < CLAIM_SECONDS / 2 + min(wait, POLL_SECONDS):
                until = now + CLAIM_SECONDS
                if not await extend(self._journal.store, claimed, until):
                    raise ClaimLost
            if not wait:
                return
            await asyncio.sleep(min(wait, POLL_SECONDS))

    async def _part(self, channel: Running, message: Outbound, part: PlannedPart) -> tuple[Outcome, bool]:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(channel.channel.manifest.part_seconds):
                return await channel.connector.send(message, part), False
        except Exception as error:  # noqa: BLE001  # every failure of a connector is an outcome
            if not isinstance(error, ConnectorError | TimeoutError):
                _log.error("connector_defect", channel=channel.channel.name, exc_info=error)
            return outcome_of(error), isinstance(error, NeedsOperator)
        finally:
            OUTBOUND_SECONDS.labels(channel.channel.name).observe(time.perf_counter() - started)

    async def _record(self, claimed: Claim, workspace: str, attempt: Attempt, ruling: Ruling) -> None:
        """Keep the outcome; an outcome that is known is worth several tries to keep it."""
        command = cmd.RecordDelivery(
            token=new_token(),
            workspace=workspace,
            message=claimed.message,
            fence=claimed.fence,
            delivery=ruling.delivery,
            provider_ids=attempt.ids,
            parts_done=attempt.parts_done,
            due_at=self._clock() + ruling.wait,
            error=ruling.error,
            stopped=ruling.stopped,
        )
        give_up = time.monotonic() + RECORD_SECONDS
        while True:
            try:
                await self._journal.submit(command)
            except StoreError:
                if time.monotonic() > give_up:
                    _log.warning("outcome_not_kept", channel=claimed.channel, delivery=ruling.delivery)
                    return
                await asyncio.sleep(1.0)
            else:
                return

    # --- what nobody works on any more

    async def _expire(self, down: list[str]) -> None:
        """Let sends of channels that are down fail visibly once their time is over."""
        now = self._clock()
        for name in down:
            manifest = self._running[name].channel.manifest
            old = await claim_expired(self._journal.store, self._worker, [name], now - manifest.hold, now)
            for claimed in old:
                error = f"Not sent: the channel could not be reached for {manifest.hold / 60:.0f} minutes."
                attempt = Attempt(outcome=Rejected(text=error), parts_done=claimed.parts_done, parts=0)
                ruling = Ruling(delivery="failed", error=error)
                await self._record(claimed, self._running[name].channel.workspace, attempt, ruling)

    async def _recover_again(self) -> None:
        while True:
            await asyncio.sleep(RECOVER_SECONDS)
            with contextlib.suppress(StoreError):
                await self.recover(self._clock())

    async def _recover_all(self) -> None:
        """At the start of the only process there is, everything under way was its predecessor's."""
        while True:
            try:
                if not await self.recover(float("inf")):
                    return
            except StoreError:
                await asyncio.sleep(POLL_SECONDS)

    async def recover(self, now: float) -> int:
        """Settle the sends of workers that are gone; how many there were. Resent where the provider knows repeats, else unknown."""
        found = await abandoned(self._journal.store, list(self._running), now)
        for claimed in found:
            channel = self._running[claimed.channel].channel
            again = channel.manifest.capabilities.idempotent_send
            told = "Parley stopped while this was being sent; nobody knows whether it went out."
            ruling = Ruling(delivery="queued" if again else "unknown", error="" if again else told)
            ids = () if again else await self._known_ids(claimed)
            attempt = Attempt(outcome=Unknown(text=told), parts_done=claimed.parts_done, parts=0, ids=ids)
            await self._record(claimed, channel.workspace, attempt, ruling)
        return len(found)

    async def _known_ids(self, claimed: Claim) -> tuple[str, ...]:
        """The ids of the part that was under way, where the channel gives them itself."""
        channel = self._running[claimed.channel]
        try:
            send = await send_for(self._journal, self._files, claimed.message)
        except NothingToSend:
            return ()
        plan = _planned(channel, send.outbound)
        parts = () if isinstance(plan, Rejected) else plan.parts[claimed.parts_done :]
        return parts[0].provider_ids if parts else ()

    async def settle(self, channel: str, seconds: float) -> None:
        """Wait for the sends of a channel that is taken out, at most `seconds`."""
        tasks = [task for task, name in self._under_way.items() if name == channel]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    async def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Start nothing new; let what is under way finish, at most `seconds`. The rest is recovered as what it is: unknown."""
        self._open = False
        if self._under_way:
            _done, left = await asyncio.wait(set(self._under_way), timeout=seconds)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)


def nothing_tried(claimed: Claim) -> Attempt:
    """An attempt at its beginning: what former ones have sent is sent."""
    return Attempt(outcome=Unknown(text="Nothing was tried."), parts_done=claimed.parts_done, parts=0)


def _planned(channel: Running, message: Outbound) -> Plan | Rejected:
    try:
        plan = channel.connector.plan(message)
    except Exception as error:  # noqa: BLE001  # a plan is pure: whatever it raises, nothing was sent
        _log.error("connector_defect", channel=channel.channel.name, exc_info=error)
        return Rejected(text=f"The connector could not plan this message ({type(error).__name__}).")
    if plan.parts:
        return plan
    return Rejected(
        text=" ".join(plan.degraded) or "There is nothing in this message that the channel can carry."
    )


def _learn(channel: Running, attempt: Attempt) -> None:
    """Let the circuit breaker and the health know how the provider fares."""
    outcome = attempt.outcome
    if isinstance(outcome, Retry | Unknown) and (attempt.operator or getattr(outcome, "after", None) is None):
        channel.failed(outcome.text, operator=attempt.operator)
    else:
        channel.worked()
