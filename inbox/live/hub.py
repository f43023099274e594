"""The hub of a process: one follower of the journal, everybody's frames. What a frame says is `plan`; the wire is `socket`.

A batch is planned, what it needs is read once for everybody, then each seat that may see it gets it. A seat that joins while a batch
is under way begins after that batch (`reading`) and reads the rest itself; beats speak of what is queued already (`done`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator, Sequence

import structlog

from inbox import metrics
from inbox.live.audience import Audience
from inbox.live.known import learn
from inbox.live.plan import frames_of, make_plan
from inbox.live.seat import RESUME, RIGHTS, Seat
from inbox.policy import Person, person_of
from inbox.ports import Services
from stream import events as ev
from stream import reads
from stream.fold import fold_row
from stream.journal import Restored
from stream.model import Agent
from stream.store.ports import StoreError

log = structlog.get_logger(__name__)
PATIENCE = 0.1
"""Seconds that a frame about somebody else's conversation may wait for more of its kind: each write to a socket costs more than what it says."""


class Hub:
    """Seats of this process, and the follower that feeds them. Companions (presence, re-checks) are `live.keeper`'s."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.audience = Audience()
        self.seats: set[Seat] = set()
        self.agents: dict[str, Agent] = {}
        self.lookers: dict[str, set[Seat]] = defaultdict(set)
        self.reading = 0
        self.done = 0
        self._patient: set[Seat] = set()
        self._nudge: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self.closing = False

    async def open(self) -> None:
        """Begin to follow from the journal's head."""
        await self._begin()
        self._task = asyncio.create_task(self._follow(), name="inbox-hub")

    async def close(self) -> None:
        """End every seat so that its client resumes elsewhere, and stop."""
        self.closing = True
        self.end_all(RESUME)
        if self._nudge is not None:
            self._nudge.cancel()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    # --- seats

    def enter(self, seat: Seat) -> None:
        """A socket has come. It gets nothing until it is attached."""
        self.seats.add(seat)
        metrics.connections.set(len(self.seats))
        self.judge(seat)

    def leave(self, seat: Seat) -> None:
        """It is gone."""
        self.detach(seat)
        for conversation in list(seat.open):
            self.look_away(seat, conversation)
        self.seats.discard(seat)
        metrics.connections.set(len(self.seats))

    def attach(self, seat: Seat) -> int:
        """From now on it gets what happens after the number that this answers; held until it has caught up."""
        seat.hold(self.reading)
        self.audience.add(seat)
        return self.reading

    def detach(self, seat: Seat) -> None:
        """It gets nothing more."""
        seat.live = False
        self.audience.remove(seat)

    def look(self, seat: Seat, conversation: str) -> None:
        """It has the conversation open (and may)."""
        seat.open[conversation] = True
        self.lookers[conversation].add(seat)

    def look_away(self, seat: Seat, conversation: str) -> bool:
        """It has closed it; false when it did not have it open."""
        seen = seat.open.pop(conversation, False)
        here = self.lookers.get(conversation)
        if here is not None:
            here.discard(seat)
            if not here:
                del self.lookers[conversation]
        return seen

    def end_all(self, code: int) -> None:
        """Ask every socket to close."""
        for seat in list(self.seats):
            seat.end(code)

    # --- rights

    def person(self, login: str, role: str, ceiling: str = "") -> Person:
        """The rights of a login as the hub knows them."""
        return person_of(
            login, role, self.agents, everything=self.services.house().visibility == "all", ceiling=ceiling
        )

    def judge(self, seat: Seat) -> None:
        """End a seat whose rights are no longer those that it came with."""
        if self.person(seat.login, seat.role, seat.ceiling) != seat.person:
            self.detach(seat)
            seat.end(RIGHTS)

    def judge_all(self) -> None:
        """After the team or the house has changed."""
        for seat in list(self.seats):
            self.judge(seat)

    def check_house(self) -> None:
        """A configuration may have opened or closed what everybody sees."""
        everything = self.services.house().visibility == "all"
        if any(seat.person.everything != everything for seat in self.seats):
            self.judge_all()

    # --- following

    async def _begin(self) -> None:
        self.reading = self.done = self.services.journal.head
        self.agents = {agent.id: agent for agent in await reads.agents(self.services.store)}

    async def _follow(self) -> None:
        """Follow until the hub closes. Whatever goes wrong, clients resume; after a restore everything here starts over."""
        restored = False
        while not self.closing:
            try:
                if restored:
                    await self._begin()
                    restored = False
                async for batch in self.services.journal.follow(self.done):
                    for part in in_parts(batch):
                        await self._deliver(part)
            except StoreError as error:
                restored = restored or isinstance(error, Restored)
                log.warning("hub_store", error=str(error))
            except Exception:
                log.exception("hub_defect")
            else:
                return
            self.done = max(self.reading, self.done)
            self.end_all(RESUME)
            await asyncio.sleep(0.2)

    async def _deliver(self, batch: Sequence[ev.Recorded]) -> None:
        self.reading = batch[-1].n
        if self.seats:
            plan = make_plan(batch, self.audience.of, self.audience.all)
            known = await learn(self.services, plan)
            for seat, n, tail, lost, patient in frames_of(plan, known, self.audience.of):
                seat.put(n, tail, patient=patient)
                if patient:
                    self._patient.add(seat)
                if lost:
                    self.look_away(seat, lost)
            metrics.delivery.observe(max(0.0, self.services.now() - batch[-1].at))
            if self._patient and self._nudge is None:
                self._nudge = asyncio.get_running_loop().call_later(PATIENCE, self._wake_patient)
        self._note_agents(batch)
        self.done = batch[-1].n

    def _wake_patient(self) -> None:
        self._nudge = None
        for seat in self._patient:
            seat.wake()
        self._patient.clear()

    def _note_agents(self, batch: Sequence[ev.Recorded]) -> None:
        changed = False
        for recorded in batch:
            event = recorded.event
            if isinstance(event, ev.AgentConfigured):
                row = fold_row(("agent", event.agent), self.agents.get(event.agent), event, recorded.at)
                if isinstance(row, Agent):
                    self.agents[event.agent] = row
                changed = True
            elif isinstance(event, ev.ConfigApplied):
                self.check_house()
        if changed:
            self.judge_all()


def in_parts(batch: Sequence[ev.Recorded]) -> Iterator[Sequence[ev.Recorded]]:
    """Cut a batch after each run of changes to the team: what follows is judged by the new rights."""
    start = 0
    for index in range(1, len(batch)):
        if isinstance(batch[index - 1].event, ev.AgentConfigured) and not isinstance(
            batch[index].event, ev.AgentConfigured
        ):
            yield batch[start:index]
            start = index
    yield batch[start:]
