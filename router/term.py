"""One leadership: load, follow, feed the engine, submit what it decides, until the lease is lost or somebody says stop.

All calls of the engine happen in one event loop without an await in between, so there is one writer of its state. Decisions are
submitted side by side; one that is refused is looked at again once everything has been heard that may have refused it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import msgspec
import structlog

from router import decisions as say
from router import inputs, remembering
from router.automation import Automator, Outpaced
from router.clock import Clock
from router.decisions import Decision
from router.engine import Engine
from router.inputs import Input
from router.items import Phase
from router.loading import Reader, load, name_contacts
from router.mirror import Mirror, colleague
from router.plan import Plan
from router.presence import Attendance, Present
from router.submitting import command
from stream import commands as cmd
from stream import events as ev
from stream import reads
from stream.bus.ports import Bus
from stream.ids import new_token
from stream.journal import Journal
from stream.store.ports import Store, StoreError

IN_FLIGHT = 1_000
"""Decisions that are submitted at once; the others wait their turn in order."""
MOST_TROUBLES = 10_000
"""Conversations and agents whose refusals in a row are remembered."""
FIRST_RETRY = 0.25
LONGEST_RETRY = 30.0
LOOK_SECONDS = 1.0
"""How often presence is looked over."""
SETTLED = 0.05
"""Seconds for the subscription to stand, before everybody is asked who is connected (again with every look, until somebody tells)."""
SLICE = 200
"""Inputs between two breaths for the rest of the process."""

log = structlog.get_logger("router")


class SteppedDown(Exception):
    """Somebody else leads."""


class Term:
    """`run` ends with `SteppedDown` when another one leads, and with whatever broke."""

    def __init__(
        self,
        journal: Journal,
        store: Store,
        bus: Bus,
        plan: Plan,
        plan_of: Callable[[Any], Plan],
        epoch: int,
        workspace: str,
        clock: Clock | None = None,
    ) -> None:
        self._journal, self._store, self._bus = journal, store, bus
        self._plan_of, self.epoch, self._workspace = plan_of, epoch, workspace
        self.engine = Engine(plan)
        self.mirror = Mirror()
        self.ready = False
        self.counts: Counter[str] = Counter()
        self.busy = 0.0
        self.cursor = 0
        self._clock = clock or Clock()
        self._reader = Reader(journal, store, self.mirror)
        self._outgoing: deque[Decision] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._troubles: dict[str, int] = {}
        self._heard = asyncio.Event()
        self._over: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.automator: Automator | None = None
        self._acting: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Lead until it is over."""
        loop = asyncio.get_running_loop()
        self._over = loop.create_future()
        self._attendance = Attendance(loop.time())
        try:
            for body in (self._follow(), self._listen(), self._look()):
                self._start(body)
            await self._over
        finally:
            self.ready = False
            if self._timer:
                self._timer.cancel()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def end(self, error: BaseException | None = None) -> None:
        """Stop leading."""
        if self._over is None or self._over.done():
            return
        if error is None:
            self._over.set_result(None)
        else:
            self._over.set_exception(error)

    def _start(self, body: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(body)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.end(task.exception())

    # --- hearing -----------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        """Load, catch up with what happened meanwhile, then begin to decide and go on."""
        self.cursor = self._journal.head
        await self._newest_plan()
        self.mirror.listening = self.engine.board.plan.listens()
        await load(self.mirror, self._store, self._workspace)
        await self._feed_all([inputs.Config(self.engine.board.plan), *self.mirror.everything()])
        await self._remember()
        loaded = self._journal.head
        if self.cursor >= loaded:
            await self._begin()
        async for batch in self._journal.follow(self.cursor):
            await self._hear(batch)
            if not self.ready and self.cursor >= loaded:
                await self._begin()
        self.end()

    async def _remember(self) -> None:
        """What no row says."""
        plan, now = self.engine.board.plan, self._clock.now()
        wrapping = await remembering.wrapping_up(self._store, plan, self.mirror.agents, now, self._workspace)
        waits = await remembering.waits(self._store, plan, self.cursor, now)
        await self._feed_all([*wrapping, *waits])

    async def _newest_plan(self) -> None:
        active = await reads.active_config(self._store)
        if active is not None and active.hash != self.engine.board.plan.hash:
            self.engine = Engine(self._plan(active.bundle, active.hash))

    def _plan(self, bundle: Any, digest: str) -> Plan:
        """The plan of an applied configuration; one that this process cannot use changes nothing."""
        try:
            return msgspec.structs.replace(self._plan_of(bundle), hash=digest)
        except Exception:
            log.exception("plan_not_usable", hash=digest)
            return self.engine.board.plan

    async def _begin(self) -> None:
        self._see(self._attendance.know(self.mirror.agents, asyncio.get_running_loop().time()))
        self.feed([inputs.Begin()])
        await self._arrivals()
        await self._automation(self.cursor)
        self.ready = True
        log.info("routing", epoch=self.epoch, items=len(self.mirror.rows), agents=len(self.mirror.agents))

    async def _hear(self, batch: list[ev.Recorded]) -> None:
        unknown = self.mirror.wants(batch)
        if unknown:
            self.mirror.put((await reads.conversations(self._store, unknown)).values())
        strangers = self.mirror.strangers(batch)
        if strangers:
            await name_contacts(self.mirror, self._store, strangers)
        told = self.mirror.tell(batch)
        if told:
            await self._feed_all(told)
            if len(self._attendance) != len(self.mirror.agents):
                self._see(self._attendance.know(self.mirror.agents, asyncio.get_running_loop().time()))
        configs = [(one.event, one.n) for one in batch if type(one.event) is ev.ConfigApplied]
        if configs:
            await self._configure(*configs[-1])
        if self.mirror.unplaced and self.engine.board.begun:
            await self._arrivals()
        self.cursor = batch[-1].n
        self._heard.set()
        self._heard = asyncio.Event()

    async def _arrivals(self) -> None:
        arrived = await self._reader.arrivals(self.engine.board.plan, self._clock.now())
        if arrived:
            await self._feed_all(arrived)

    async def _configure(self, event: ev.ConfigApplied, n: int) -> None:
        document = (await self._journal.contents([event.bundle])).get(event.bundle)
        plan = self._plan(getattr(document, "body", None), event.hash)
        deaf, self.mirror.listening = not self.mirror.listening, plan.listens()
        self.feed([inputs.Config(plan)])
        if deaf and self.mirror.listening:
            await load(self.mirror, self._store, self._workspace)
            await self._feed_all(self.mirror.everything())
        await self._automation(n)
        lost = [
            ident
            for ident, entry in self.engine.board.entries.items()
            if entry.phase is Phase.WAITING and entry.item.queue not in plan.queues
        ]
        if lost and self.engine.board.begun:
            await self._feed_all(await self._reader.again(plan, lost, self._clock.now()))

    # --- rules beyond assignment -----------------------------------------------------------------------------------

    async def _automation(self, since: int) -> None:
        """Begin anew with the rules of the plan, active since event `since`, or rest while there are none."""
        if self._acting is not None:
            self._acting.cancel()
            await asyncio.gather(self._acting, return_exceptions=True)
        try:
            await self._act_by(since)
        except Outpaced:
            raise SteppedDown from None

    async def _act_by(self, since: int) -> None:
        if self.automator is not None:
            await self.automator.leave()
        self._acting, self.automator = None, None
        automator = Automator(
            self._journal, self._store, self.mirror, lambda: self.engine.board.plan, self._clock.now, self.epoch, self._workspace
        )  # fmt: skip
        if self.engine.board.plan.automations.reactions:
            self.automator = automator
            self._acting = self._start(self._act(automator, since))
        else:
            await automator.rest()

    async def _act(self, automator: Automator, since: int) -> None:
        try:
            await automator.run(since)
        except* Outpaced:
            self.end(SteppedDown())

    # --- presence ----------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        async for topic, payload in self._bus.subscribe("presence"):
            if not topic:
                self._see(self._attendance.doubt(loop.time()))
                continue
            with contextlib.suppress(msgspec.MsgspecError):
                self._see(self._attendance.note(msgspec.json.decode(payload, type=Present), loop.time()))

    async def _look(self) -> None:
        await asyncio.sleep(SETTLED)
        while True:
            if not self._attendance.told:
                await self._bus.publish("presence.asked", b"")
            await asyncio.sleep(LOOK_SECONDS)
            self._see(self._attendance.tick(asyncio.get_running_loop().time()))

    def _see(self, changes: dict[str, Any]) -> None:
        if changes:
            self.feed([inputs.Presence(agent, seen) for agent, seen in changes.items()])

    # --- the engine --------------------------------------------------------------------------------------------

    async def _feed_all(self, told: Iterable[Input]) -> None:
        """Feed in slices, so that a long list does not hold up the process."""
        batch = list(told)
        for start in range(0, len(batch), SLICE):
            if start:
                await asyncio.sleep(0)
            self.feed(batch[start : start + SLICE])

    def feed(self, told: Iterable[Input]) -> None:
        """Tell the engine, send off what it decides, set the clock for what is due next."""
        loop = asyncio.get_running_loop()
        started, now = loop.time(), self._clock.now()
        for one in told:
            self._outgoing.extend(self.engine.handle(one, now))
        self._send()
        self._set_timer()
        self.busy += loop.time() - started

    def _set_timer(self) -> None:
        due = self.engine.next_due() if self.engine.board.begun else None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None:
            wait = min(max(0.0, due - self._clock.now()), 3600.0)
            self._timer = asyncio.get_running_loop().call_later(wait, self._ring)

    def _ring(self) -> None:
        self._timer = None
        try:
            self.feed([inputs.Tick()])
        except Exception as error:  # noqa: BLE001  # a timer has nobody above it: the term ends and a new one loads anew
            self.end(error)

    # --- decisions ---------------------------------------------------------------------------------------------

    def _send(self) -> None:
        over = self._over is None or self._over.done()
        while not over and self._outgoing and len(self._tasks) < IN_FLIGHT:
            self._start(self._submit(self._outgoing.popleft()))

    async def _submit(self, decision: Decision) -> None:
        kind = type(decision).__name__
        self.counts[kind] += 1
        try:
            result = await self._journal.submit(command(decision, self.epoch, new_token(), self._workspace))
        except StoreError as error:
            log.warning("decision_not_kept", kind=kind, error=str(error))
            await self._refused(decision, unavailable=True)
        else:
            if isinstance(result, cmd.Refused):
                self.counts[f"refused_{result.code}"] += 1
                if result.code == "epoch":
                    raise SteppedDown
                await self._refused(decision)
            elif not isinstance(decision, say.SetAway):
                self._troubles.pop(decision.id, None)
        asyncio.get_running_loop().call_soon(self._send)

    async def _refused(self, decision: Decision, *, unavailable: bool = False) -> None:
        """Hear everything that may have refused it, read the truth, and let the engine decide anew."""
        if isinstance(decision, say.AutoReply):
            return
        ident = decision.agent if isinstance(decision, say.SetAway) else decision.id
        if len(self._troubles) > MOST_TROUBLES:
            self._troubles.clear()
        trouble = self._troubles[ident] = self._troubles.get(ident, 0) + 1
        if unavailable or trouble > 1:
            await asyncio.sleep(min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(trouble, 10)))
        while True:
            try:
                await self._caught_up()
                await self._read_again(decision)
            except StoreError:
                await asyncio.sleep(1.0)
            else:
                return

    async def _caught_up(self) -> None:
        head = self._journal.head
        while self.cursor < head:
            await self._heard.wait()

    async def _read_again(self, decision: Decision) -> None:
        if isinstance(decision, say.SetAway):
            agent = await reads.agent(self._store, decision.agent)
            told: list[Input] = [inputs.AgentChanged(colleague(agent))] if agent else []
            self.feed([*told, inputs.AwayRefused(decision.agent)])
            return
        row = await reads.conversation(self._store, decision.id)
        if row is None or row.status == "resolved":
            self.mirror.drop(decision.id)
            self._troubles.pop(decision.id, None)
            self.feed([inputs.Refused(decision.id, None)])
            return
        self.mirror.put([row])
        item = self.mirror.item(self.mirror.rows[row.id])
        if isinstance(decision, say.SetLevel | say.ReachMark):
            self.feed([inputs.LevelRefused(item)])
            return
        self.feed([inputs.Refused(decision.id, item)])
        await self._arrivals()
