"""The worker behind `calling`: one process at a time, by the lease `calls`, follows the journal and tells what is to be told.

What waits is kept beside the pollers' checkpoints before it is tried, and after every outcome: a crash repeats a call under the same
webhook id, it loses none. While nobody is to be told anything it holds no lease and follows nothing.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from typing import cast

import msgspec
import structlog

from connectors.calling import (
    MOST_WAITING,
    NOBODY,
    TRIES,
    Awaited,
    Call,
    Calls,
    Told,
    body,
    bot_body,
    called,
    due,
    waits,
)
from connectors.contract import Accepted, Outcome, Rejected, Telling, Unsupported
from connectors.outcomes import Attempt, outcome_of, rule
from connectors.running import Running
from stream import commands as cmd
from stream import events as ev
from stream import leases, reads
from stream.dead import keep_dead
from stream.decide.draft import DeadLetter
from stream.ids import derived, new_token
from stream.journal import Journal
from stream.leases import Lease
from stream.model import Author, MessageContent
from stream.store.ports import StoreError
from stream.trimming import CALLS

LEASE = "calls"
TTL = 15.0
PAUSE = 1.0
LOOK_SECONDS = 1.0
KEEP_SECONDS = 5.0
SECONDS = 30.0
_log = structlog.get_logger(__name__)


class Lost(Exception):
    """Another process tells now."""


class Caller:
    """One per process. `running` are the channels of this process (looked at anew each time)."""

    def __init__(
        self,
        journal: Journal,
        running: Mapping[str, Running],
        *,
        worker: str,
        exclusive: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._journal, self._running = journal, running
        self._worker, self._exclusive, self._clock = worker, exclusive, clock
        self._told = NOBODY
        self._changed = asyncio.Event()
        self._wake = asyncio.Event()
        self._lease: Lease | None = None
        self._cursor = 0
        self._waiting: dict[str, Call] = {}
        self._busy: dict[str, Call] = {}
        self._awaited: dict[str, Awaited] = {}
        self._dirty = False

    def tell(self, told: Told) -> None:
        """Whom to tell from now on."""
        if told != self._told:
            self._told = told
            self._changed.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            self._changed.clear()
            if not self._told:
                await self._rest()
                await self._changed.wait()
                continue
            try:
                await self._lead()
            except* (Lost, StoreError):
                self._lease = None
            await asyncio.sleep(PAUSE)

    async def _rest(self) -> None:
        """What happens while nobody is told is not told later."""
        try:
            kept = await self._load()
            if kept.on:
                self._lease = await leases.acquire(
                    self._journal.store, LEASE, self._worker, TTL, force=self._exclusive
                )
                self._take(kept)
                await self._save(on=False)
                await self._release()
        except (StoreError, Lost):
            return

    async def _lead(self) -> None:
        self._lease = await leases.acquire(
            self._journal.store, LEASE, self._worker, TTL, force=self._exclusive
        )
        if self._lease is None:
            return
        head = self._journal.head
        kept = await self._load()
        self._take(kept if kept.on else msgspec.structs.replace(kept, cursor=head))
        try:
            async with asyncio.TaskGroup() as group:
                for work in (
                    self._follow(),
                    self._send(),
                    self._keep(),
                    self._renew(),
                    self._until_changed(),
                ):
                    group.create_task(work)
        finally:
            self._busy.clear()
            await self._release()

    async def _release(self) -> None:
        lease, self._lease = self._lease, None
        if lease is not None:
            try:
                await leases.release(self._journal.store, lease)
            except StoreError:
                return

    async def _until_changed(self) -> None:
        while True:
            await self._changed.wait()
            if not self._told:
                raise Lost
            self._changed.clear()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(TTL / 3)
            if self._lease is None or await leases.renew(self._journal.store, self._lease, TTL) is None:
                raise Lost

    # --- its place

    async def _load(self) -> Calls:
        kept = (await reads.checkpoints(self._journal.store, CALLS[0])).get(CALLS[1])
        return msgspec.json.decode(kept, type=Calls) if kept else Calls()

    def _take(self, kept: Calls) -> None:
        self._cursor = kept.cursor
        self._waiting = {one.id: one for one in kept.waiting}
        self._awaited = {one.conversation: one for one in kept.awaited}

    async def _save(self, *, on: bool = True) -> None:
        if self._lease is None:
            raise Lost
        self._dirty = False
        state = Calls(
            cursor=self._cursor, on=on, waiting=tuple(self._waiting.values()), awaited=tuple(self._awaited.values())
        )  # fmt: skip
        value = msgspec.json.encode(state).decode()
        point = cmd.Checkpoint(
            channel=CALLS[0], key=CALLS[1], value=value, lease=LEASE, epoch=self._lease.epoch
        )
        result = await self._journal.submit(cmd.KeepCheckpoint(token=new_token(), checkpoint=point))
        if isinstance(result, cmd.Refused):
            raise Lost

    async def _keep(self) -> None:
        kept = self._cursor
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            if self._dirty or self._cursor > kept:
                kept = self._cursor
                await self._save()

    # --- what happens

    async def _follow(self) -> None:
        async for batch in self._journal.follow(self._cursor):
            found = [call for recorded in batch for call in called(recorded, self._told)]
            for recorded in batch:
                self._await(recorded)
            for call in found:
                if len(self._waiting) >= MOST_WAITING:
                    await self._bury(call, f"{MOST_WAITING} calls wait already.")
                else:
                    self._waiting[call.id] = call
            self._cursor = batch[-1].n
            if found:
                await self._save()
                self._wake.set()

    def _await(self, recorded: ev.Recorded) -> None:
        event = recorded.event
        if not self._told.bots or not isinstance(event, ev.ConversationEvent):
            return
        before = self._awaited.get(event.conversation)
        after = waits(recorded, self._told, before)
        if after == before:
            return
        self._dirty = True
        if after is None:
            del self._awaited[event.conversation]
        else:
            self._awaited[event.conversation] = after

    # --- telling

    async def _send(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                await self._overdue()
                for call in due(list(self._waiting.values()), self._busy, self._clock()):
                    self._busy[call.id] = call
                    group.create_task(self._one(call))
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._wake.wait()
                except TimeoutError:
                    continue

    async def _overdue(self) -> None:
        """Customers whom no bot answered in time go to people."""
        now = self._clock()
        for one in [one for one in self._awaited.values() if one.until <= now]:
            bot = self._told.bots.get(one.bot)
            within = f"{bot.answer_within:g} s" if bot else "its time"
            await self._hand_over(one.conversation, one.bot, f"no answer within {within}")
            self._awaited.pop(one.conversation, None)
            self._dirty = True

    async def _hand_over(self, conversation: str, bot: str, reason: str) -> None:
        """Refused where the bot has answered or lost it meanwhile."""
        by = Author(kind="system", id=LEASE)
        await self._journal.submit(
            cmd.HandOver(token=new_token(), conversation=conversation, by=by, agent=bot, reason=reason, unanswered=True)
        )  # fmt: skip

    async def _one(self, call: Call) -> None:
        running = self._running.get(call.channel)
        outcome = await self._outcome(call, running)
        attempt = Attempt(outcome=outcome, parts_done=0, parts=1)
        waited, chance = self._clock() - call.first_at, random.random()  # noqa: S311  # jitter, not a secret
        if running is None or isinstance(outcome, Rejected | Accepted) or call.attempts + 1 >= TRIES:
            await self._over(call, outcome)
        else:
            manifest = msgspec.structs.replace(running.channel.manifest, tries=TRIES, hold=86_400.0)
            ruling = rule(attempt, manifest, call.attempts, waited, chance)
            self._waiting[call.id] = msgspec.structs.replace(
                call, attempts=call.attempts + 1, due_at=self._clock() + ruling.wait
            )
        self._busy.pop(call.id, None)
        await self._save()
        self._wake.set()

    async def _outcome(self, call: Call, running: Running | None) -> Outcome:
        if running is None or not hasattr(running.connector, "call"):
            return Rejected(text=f"There is no channel {call.channel} to tell it over.")
        recorded = await self._event(call)
        if recorded is None:
            return Rejected(text="What was to be told is not in the journal any more.")
        try:
            async with asyncio.timeout(SECONDS):
                return await cast("Telling", running.connector).call(
                    call.id, await self._body(recorded, call)
                )
        except Exception as error:  # noqa: BLE001  # every failure of a connector is an outcome
            if isinstance(error, Unsupported):
                return Rejected(text=str(error))
            return outcome_of(error)

    async def _event(self, call: Call) -> ev.Recorded | None:
        page = await self._journal.read(call.n - 1, 1)
        return page[0] if page and page[0].n == call.n else None

    async def _body(self, recorded: ev.Recorded, call: Call) -> bytes:
        if not call.bot:
            return body(recorded, call)
        row = await reads.conversation(self._journal.store, call.conversation)
        if row is None:
            return bot_body(recorded, call, {})
        event = recorded.event
        said = event.content if isinstance(event, ev.MessageReceived) else row.preview
        content = (await self._journal.contents([said])).get(said)
        text = content.text if isinstance(content, MessageContent) else ""
        return bot_body(recorded, call, {"channel": row.channel, "language": row.language, "text": text})

    async def _over(self, call: Call, outcome: Outcome) -> None:
        if not isinstance(outcome, Accepted):
            text = getattr(outcome, "text", "")
            tried = f"Given up after {call.attempts + 1} tries: " if call.attempts else ""
            await self._bury(call, f"{tried}{text}")
            if call.bot:
                await self._hand_over(call.conversation, call.bot, f"it could not be told: {text}"[:500])
        self._waiting.pop(call.id, None)

    async def _bury(self, call: Call, error: str) -> None:
        recorded = await self._event(call)
        raw = await self._body(recorded, call) if recorded else b""
        letter = DeadLetter(
            id=derived("dead", new_token()), channel=call.channel, ref=call.id, direction="out", error=error[:1000], at=self._clock(), raw=raw
        )  # fmt: skip
        await keep_dead(self._journal.store, letter)
        _log.warning("call_failed", channel=call.channel, conversation=call.conversation, error=error)
