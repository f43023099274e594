"""The router's life in a process: it stands by, leads while it holds the lease `router`, and hands over.

Scaled out the lease lasts a few seconds and is renewed at a third of that; whoever was paused too long finds every decision refused
by its epoch and stands by again. Embedded, the lock on the data folder proves that nobody else runs: the next epoch is taken at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from router.canary import Canary
from router.clock import Clock
from router.explain import candidates
from router.plan import Plan
from router.term import SteppedDown, Term
from stream import leases
from stream.bus.ports import Bus
from stream.ids import new_token
from stream.journal import Journal
from stream.leases import Lease
from stream.store.ports import Store, StoreError

LEASE = "router"
TTL = 6.0
LOOK = 1.0
"""Seconds between looks at a canary."""
PAUSE = 1.0
"""Seconds before a term that broke is begun anew."""

log = structlog.get_logger("router")


class RouterService:
    """`plan_of` makes the plan of an applied configuration's bundle. `exclusive`: nobody else can use this store.

    `clock` makes the time that a term goes by. `give_up` keeps that a canary is over, and why.
    """

    def __init__(
        self,
        journal: Journal,
        store: Store,
        bus: Bus,
        plan: Plan,
        plan_of: Callable[[Any], Plan],
        *,
        exclusive: bool = True,
        workspace: str = "main",
        holder: str = "",
        ttl: float = TTL,
        clock: Callable[[], Clock] = Clock,
        give_up: Callable[[Canary, str], Awaitable[None]] | None = None,
    ) -> None:
        self._journal, self._store, self._bus = journal, store, bus
        self._plan, self._plan_of = plan, plan_of
        self._exclusive, self._workspace, self._ttl, self._clock = exclusive, workspace, ttl, clock
        self._holder = holder or f"router-{new_token()}"
        self._give_up = give_up
        self._task: asyncio.Task[None] | None = None
        self._term: Term | None = None
        self._standing_by = False

    @property
    def ready(self) -> bool:
        """Whether this process routes at the moment."""
        return self._term is not None and self._term.ready

    @property
    def standing_by(self) -> bool:
        """Whether this process runs and somebody else routes."""
        return self._standing_by

    async def start(self) -> None:
        """Begin to stand by or to lead; returns at once."""
        self._task = asyncio.get_running_loop().create_task(self._live())

    async def stop(self) -> None:
        """Hand over and end."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
            self._standing_by = False

    def metrics(self) -> dict[str, float]:
        """Gauges and counters by name, for the process that publishes them."""
        term = self._term
        if term is None:
            return {"leading": 0.0}
        board = term.engine.board
        figures = {
            "leading": 1.0,
            "ready": float(term.ready),
            "epoch": float(term.epoch),
            "waiting": float(board.waiting),
            "items": float(len(board.entries)),
            "agents_available": float(sum(agent.available for agent in board.agents.values())),
            "lag_events": float(max(0, self._journal.head - term.cursor)),
            "busy_seconds_total": term.busy,
        }
        figures |= board.watch.figures() if board.watch is not None else {}
        return figures | {f"decisions_{kind}_total": float(count) for kind, count in term.counts.items()}

    def outcomes(self) -> dict[tuple[str, str], int]:
        """How many targets of service levels were met and missed since this process leads, by (target, outcome)."""
        return dict(self._term.mirror.outcomes) if self._term else {}

    def automation(self) -> tuple[dict[str, int], int]:
        """How often each rule of the automation matched, and how often its guard cut, as this process has heard; empty when it does not lead."""
        automator = self._term.automator if self._term else None
        return (dict(automator.heard.hits), automator.heard.cuts) if automator else ({}, 0)

    def explain(self, conversation: str) -> dict[str, Any] | None:
        """Everything about a conversation as the live engine sees it; None when this process does not lead or does not know it."""
        return candidates(self._term.engine.board, conversation) if self._term else None

    async def _live(self) -> None:
        while True:
            lease = await self._acquire()
            self._standing_by = lease is None
            if lease is None:
                await asyncio.sleep(self._ttl / 4)
                continue
            try:
                return await self._lead(lease)
            except SteppedDown:
                log.warning("stepped_down", epoch=lease.epoch)
            except Exception:
                log.exception("term_broke", epoch=lease.epoch)
                await asyncio.sleep(PAUSE)
            finally:
                self._term = None
                await self._release(lease)

    async def _acquire(self) -> Lease | None:
        try:
            return await leases.acquire(self._store, LEASE, self._holder, self._ttl, force=self._exclusive)
        except StoreError as error:
            log.warning("no_lease", error=str(error))
            return None

    async def _release(self, lease: Lease) -> None:
        with contextlib.suppress(StoreError):
            await asyncio.wait_for(asyncio.shield(leases.release(self._store, lease)), 2.0)

    async def _lead(self, lease: Lease) -> None:
        """One term; ends when the journal closes."""
        term = self._term = Term(
            self._journal,
            self._store,
            self._bus,
            self._plan,
            self._plan_of,
            lease.epoch,
            self._workspace,
            self._clock(),
        )
        loop = asyncio.get_running_loop()
        beside = [loop.create_task(self._renew(lease, term)), loop.create_task(self._judge(term))]
        try:
            await term.run()
        finally:
            self._plan = term.engine.board.plan
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _judge(self, term: Term) -> None:
        """See that a canary which the engine has given up stays so."""
        while self._give_up is not None:
            await asyncio.sleep(LOOK)
            watch = term.engine.board.watch
            if watch is not None and watch.reason and not watch.canary.ended:
                try:
                    await self._give_up(watch.canary, watch.reason)
                except StoreError as error:
                    log.warning("canary_end_not_kept", error=str(error))

    async def _renew(self, lease: Lease, term: Term) -> None:
        loop = asyncio.get_running_loop()
        held_until = loop.time() + self._ttl
        while True:
            await asyncio.sleep(self._ttl / 3)
            asked = loop.time()
            try:
                renewed = await leases.renew(self._store, lease, self._ttl)
            except StoreError:
                if loop.time() >= held_until and not self._exclusive:
                    term.end(SteppedDown())
                continue
            if renewed is None:
                term.end(SteppedDown())
                return
            held_until = asked + self._ttl
