"""The automation's shell within one term: follows the journal from where it was left, asks the rules, and submits what they do.

Every cause has a key of its own, so whatever is looked at twice (after a restart, a fail-over, a database that was away) acts once. The
place in the journal and the hits are kept about once a second, under the lease's epoch. Conversations are looked at side by side, the
events of one of them in their order. Not started while no rule is configured.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

import msgspec
import structlog

from router import acting, loading
from router.acting import Occasion, Standing
from router.alarms import Alarm, Alarms, began
from router.happenings import Happenings, said_in
from router.happenings import began as begun_by
from router.mirror import Mirror, Said
from router.plan import Plan
from stream import commands as cmd
from stream import events as ev
from stream import reads
from stream.automation import PLACE, Automation, state
from stream.ids import new_token
from stream.journal import Journal
from stream.model import Conversation
from stream.store.ports import Store, StoreError

AT_ONCE = 32
"""Conversations that are looked at side by side."""
KEEP_SECONDS = 1.0
RETRY_SECONDS = 0.5
PLACED_SECONDS = 5.0
"""How long a new conversation is waited for until the rules of routing have placed it: what they set would replace what is set here."""

log = structlog.get_logger("router")


class Outpaced(Exception):
    """Somebody else leads."""


class Automator:
    """One per term. `plan` answers the plan that is active, `now` the time that routing runs by."""

    def __init__(
        self,
        journal: Journal,
        store: Store,
        mirror: Mirror,
        plan: Callable[[], Plan],
        now: Callable[[], float],
        epoch: int,
        workspace: str,
    ) -> None:
        self._journal, self._store, self._mirror = journal, store, mirror
        self._plan, self._now = plan, now
        self._epoch, self._workspace = epoch, workspace
        self.heard = Happenings(Automation())
        self._alarms = Alarms({})
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._kept = self._done = Automation()
        self._rung = 0.0

    async def run(self, since: int) -> None:
        """Act until cancelled; on events after `since` if no place was kept. Raises `Outpaced` when another router leads."""
        before = await self._state()
        if not before.on:
            before = msgspec.structs.replace(before, on=True, cursor=since, at=self._now())
            await self._save(before)
        self.heard, self._kept, self._done = Happenings(before), before, before
        self._rung = before.at
        self._alarms = Alarms(self._plan().automations.times)
        for row in list(self._mirror.rows.values()):
            self._alarms.know(row, before.at)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(before.cursor))
            group.create_task(self._watch())
            group.create_task(self._keep())

    async def leave(self) -> None:
        """Keep the place that was come to: other rules go on from there."""
        if self._done.cursor > self._kept.cursor:
            await self._save(self._done)

    async def rest(self) -> None:
        """No rule is configured any more: what happens from here on is no cause for rules to come."""
        kept = await self._state()
        if kept.on:
            await self._save(msgspec.structs.replace(kept, on=False))

    async def _state(self) -> Automation:
        while True:
            try:
                return await state(self._store)
            except StoreError:
                await asyncio.sleep(RETRY_SECONDS)

    # --- what happens

    async def _follow(self, after: int) -> None:
        async for batch in self._journal.follow(after):
            causes: dict[str, list[tuple[ev.Recorded, Occasion]]] = {}
            for recorded in batch:
                occasion = self.heard.hear(recorded)
                event = recorded.event
                if not isinstance(event, ev.ConversationEvent):
                    continue
                self._wait_for(recorded, event)
                if occasion is not None and occasion.kind in self._plan().automations.kinds:
                    causes.setdefault(event.conversation, []).append((recorded, occasion))
            await asyncio.gather(*(self._causes(ident, found) for ident, found in causes.items()))
            if not self.heard.between:
                self._done = self.heard.state(self._rung)

    def _wait_for(self, recorded: ev.Recorded, event: ev.ConversationEvent) -> None:
        if isinstance(event, ev.ConversationResolved):
            self._alarms.forget(event.conversation)
        for kind, at in begun_by(recorded).items():
            self._alarms.begin(event.conversation, kind, at, self._kept.at)

    async def _causes(self, ident: str, causes: list[tuple[ev.Recorded, Occasion]]) -> None:
        async with self._turn:
            for recorded, occasion in causes:
                said = Said(*said_in(recorded.event))
                await self._cause(ident, occasion, said, f"event:{recorded.n}", recorded.n)

    async def _cause(self, ident: str, occasion: Occasion, said: Said, key: str, cause: int) -> None:
        """One cause; a defect in what it asks for must not end the term, nor hold up the others."""
        try:
            row = await self._row(ident)
            if row is not None:
                await self._act(row, occasion, said, key, cause)
        except Exception as error:
            if isinstance(error, Outpaced):
                raise
            log.exception("automation_failed", conversation=ident, trigger=occasion.kind)

    async def _row(self, ident: str) -> Conversation | None:
        """As it is now, once the rules of routing have looked at it; None when no rule may act on it."""
        until = self._now() + PLACED_SECONDS
        while True:
            try:
                row = await reads.conversation(self._store, ident)
            except StoreError:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if row is None or row.workspace != self._workspace or row.spam:
                return None
            if row.queue or row.assignee or row.status != "open" or self._now() > until:
                return row
            await asyncio.sleep(0.02)

    # --- what does not happen

    async def _watch(self) -> None:
        """Ring for what falls due; looked at once a second, or when the next is due."""
        while True:
            due = self._alarms.next()
            wait = KEEP_SECONDS if due is None else min(KEEP_SECONDS, max(0.01, due - self._now()))
            await asyncio.sleep(wait)
            now = self._now()
            await asyncio.gather(*(self._ring(alarm) for alarm in self._alarms.ring(now)))
            self._rung = now

    async def _ring(self, alarm: Alarm) -> None:
        async with self._turn:
            row = await self._row(alarm.conversation)
            if row is None or began(row, alarm.kind) != alarm.began:
                return
            occasion = Occasion(kind=alarm.kind, after=alarm.after, by="system")
            key = f"{alarm.kind}:{alarm.after:g}:{alarm.began!r}"
            await self._cause(row.id, occasion, Said(row.preview), key, 0)

    # --- rules

    async def _act(self, row: Conversation, occasion: Occasion, said: Said, key: str, cause: int) -> None:
        plan = self._plan()
        fired = await self._fired(plan, row, occasion, said)
        if not fired.runs and not fired.cut:
            return
        trigger = f"{occasion.kind} {occasion.after:g}s" if occasion.after else occasion.kind
        guard = plan.automations.guard
        command = cmd.Automate(
            token=token_of(row.id, key), workspace=self._workspace, epoch=self._epoch, conversation=row.id, key=key,
            trigger=trigger, cause=cause, runs=fired.runs, chain=occasion.chain, depth=occasion.depth, cut=fired.cut,
            most=guard.runs, within=guard.within,
        )  # fmt: skip
        result = await self._submitted(command)
        if isinstance(result, cmd.Refused):
            if result.code == "epoch":
                raise Outpaced
            log.warning("automation_refused", conversation=row.id, trigger=trigger, why=result.sentence)
        elif fired.cut:
            log.warning("automation_cut", conversation=row.id, trigger=trigger, why=fired.cut)

    async def _fired(self, plan: Plan, row: Conversation, occasion: Occasion, said: Said) -> acting.Fired:
        automations = plan.automations
        facts = loading.facts(row, said, await self._found(automations.facts.reads, row, said), self._now())
        standing = Standing(
            queue=row.queue, team=row.team, agent=row.assignee, status=row.status, priority=row.priority, messages=occasion.seq or row.seq
        )  # fmt: skip
        known = automations.facts.values(facts) | acting.values(occasion, standing)
        return acting.fire(automations, occasion, known)

    async def _found(self, names: frozenset[str], row: Conversation, said: Said) -> loading.Found:
        while True:
            try:
                return await loading.find(
                    self._store, self._journal.contents, names, {row.id: row}, {row.id: said}
                )
            except StoreError:
                await asyncio.sleep(RETRY_SECONDS)

    async def _submitted(self, command: cmd.Command) -> cmd.Result:
        while True:
            try:
                return await self._journal.submit(command)
            except StoreError as error:
                log.warning("automation_waits", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    # --- its place

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            if self._done.cursor > self._kept.cursor:
                await self._save(self._done)

    async def _save(self, wanted: Automation) -> None:
        value = msgspec.json.encode(wanted).decode()
        point = cmd.Checkpoint(channel=PLACE[0], key=PLACE[1], value=value, lease="router", epoch=self._epoch)
        result = await self._submitted(cmd.KeepCheckpoint(token=new_token(), checkpoint=point))
        if isinstance(result, cmd.Refused):
            raise Outpaced
        self._kept = wanted


def token_of(conversation: str, key: str) -> str:
    """The same for the same cause, so that whatever a repeat would create has the name of what is there."""
    return hashlib.blake2b(f"{conversation}\0{key}".encode(), digest_size=16).hexdigest()
