"""What keeps the hub honest beside the journal: heartbeats, credentials that end, presence, typing and viewing between processes.

All of it is bounded and repeated: a lost hint is made good by the next tick, a lost bus by the store.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
import structlog

from inbox import accounts, metrics
from inbox.live import frames
from inbox.live.by_clock import ByClock
from inbox.live.company import Company, Looking, Present, TypingHint
from inbox.live.hub import Hub
from inbox.live.seat import RESUME, SIGN_IN, Seat
from stream.store.ports import StoreError

log = structlog.get_logger(__name__)
PRESENCE, VIEWING, TYPING, ACCOUNTS = "presence", "viewing", "typing", "accounts"
ASKED = "presence.asked"
"""Somebody has begun to route and does not know yet who is connected."""
TICK = 1.0
COALESCE = 0.1
TOUCH_SECONDS = 60.0
FAR = 5
"""A client that is behind by this part of what it may resume over gets a beat."""
FEW = 8
"""More agents than this come or go at once (a restart): one frame says who is here."""


class Keeper:
    """The hub's companions: one tick a second, one reader of the bus, one teller of presence."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.company = Company()
        self.by_clock = ByClock(hub.services)
        self._services = hub.services
        self._process = hub.services.settings.process
        self._moved = asyncio.Event()
        self._recheck = asyncio.Event()
        self._touched_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Start. The hub is open already."""
        self._tasks = [
            asyncio.create_task(_for_ever(name, work), name=f"inbox-{name}")
            for name, work in (
                ("tick", self._tick_loop),
                ("recheck", self._recheck_loop),
                ("presence", self._presence_loop),
                ("hints", self._listen),
            )
        ]

    async def close(self) -> None:
        """Stop, and say that nobody is connected here any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._tell(PRESENCE, Present(process=self._process, agents=(), at=self._services.now()))

    # --- what sockets do

    def moved(self) -> None:
        """A seat came or went: presence is told soon."""
        self._moved.set()

    async def open_up(self, seat: Seat, conversation: str) -> None:
        """`seat` looks at a conversation that it may see."""
        self.hub.look(seat, conversation)
        seat.whisper(frames.viewing_frame(conversation, self.company.looking(conversation)))
        await self.tell_looking(conversation)

    async def tell_looking(self, conversation: str) -> None:
        """Tell who looks at it here."""
        here = {seat.login for seat in self.hub.lookers.get(conversation, ())}
        await self._tell(
            VIEWING, Looking(process=self._process, conversation=conversation, agents=tuple(sorted(here)))
        )

    def tell_hours(self, seat: Seat) -> None:
        """After it has begun or gone on: what the clock has done may have been while it was not there."""
        self._show_hours()
        if self.by_clock.changes:
            seat.say(self.by_clock.frame)

    async def tell_typing(self, seat: Seat, conversation: str, *, on: bool) -> None:
        """Tell colleagues, and the customer by their connector."""
        agent = self.hub.agents.get(seat.login)
        who = {"kind": "agent", "id": seat.login, "name": agent.name if agent else seat.login}
        await self._tell(TYPING, TypingHint(conversation=conversation, who=who, on=on))

    async def _tell(self, topic: str, hint: msgspec.Struct) -> None:
        await self._services.bus.publish(topic, msgspec.json.encode(hint))

    # --- ticks

    async def _tick_loop(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK
            await asyncio.sleep(TICK)
            metrics.lag.set(max(0.0, loop.time() - due))
            self.tick(loop.time())

    def tick(self, now: float) -> None:
        """Heartbeats for who has not had one, an end for who has gone silent, and what the house has changed. `now` is monotonic.

        On a busy house somebody who sees little of it is told more often where it is: else their cursor would be too old to resume from.
        """
        every = self._services.settings.heartbeat
        waiting = 0
        for seat in list(self.hub.seats):
            waiting += seat.bytes
            if now - seat.heard_at > 2 * every + 10:
                seat.end(RESUME)
            elif seat.live and (now >= seat.beat_at or self._far_behind(seat)):
                seat.beat_at = now + every
                seat.put(self.hub.done, b"")
        metrics.send_buffer.set(waiting)
        self.hub.check_house()
        self._show_hours()
        gone, touched = self.company.forget_silent(now)
        self._show_presence(gone)
        for conversation in touched:
            self._show_looking(conversation, self.company.looking(conversation))

    def _far_behind(self, seat: Seat) -> bool:
        return self.hub.done - seat.last > seat.limits.resume_events // FAR and not seat.queue

    # --- credentials

    def recheck_soon(self) -> None:
        """An account has changed here."""
        self._recheck.set()

    async def _recheck_loop(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._services.settings.recheck_seconds):
                    await self._recheck.wait()
            self._recheck.clear()
            with contextlib.suppress(StoreError):
                await self.recheck()

    async def recheck(self) -> None:
        """End the seats whose session or token no longer holds, and those whose account has another role."""
        seats = list(self.hub.seats)
        if not seats:
            return
        sessions = list({seat.key for seat in seats if not seat.token})
        tokens = list({seat.key for seat in seats if seat.token})
        now, idle = self._services.now(), self._services.settings.session_idle
        await self._touch(seats, now)
        holding = await accounts.still_hold(self._services.store, sessions, tokens, now, idle)
        for seat in seats:
            credential = holding.get(seat.key)
            if credential is None:
                self.hub.detach(seat)
                seat.end(SIGN_IN)
            elif credential.role != seat.role:
                seat.role = credential.role
                self.hub.judge(seat)

    async def _touch(self, seats: list[Seat], now: float) -> None:
        """Working on the socket keeps a session from going idle; being connected alone does not."""
        if now - self._touched_at < TOUCH_SECONDS:
            return
        self._touched_at = now
        acted = {seat.key for seat in seats if seat.acted and not seat.token}
        for seat in seats:
            seat.acted = False
        await accounts.touch_sessions(self._services.store, sorted(acted), now)

    # --- presence and hints

    async def _presence_loop(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._services.settings.presence_seconds):
                    await self._moved.wait()
                await asyncio.sleep(COALESCE)
            self._moved.clear()
            here = sorted({seat.login for seat in self.hub.seats if not seat.ended})
            self._show_presence(
                self.company.note_present(self._process, here, asyncio.get_running_loop().time())
            )
            await self._tell(
                PRESENCE, Present(process=self._process, agents=tuple(here), at=self._services.now())
            )

    async def _listen(self) -> None:
        async for topic, payload in self._services.bus.subscribe(PRESENCE, ASKED, VIEWING, TYPING, ACCOUNTS):
            try:
                self.hint(topic, payload)
            except msgspec.MsgspecError as error:
                log.warning("bad_hint", topic=topic, error=str(error))

    def hint(self, topic: str, payload: bytes) -> None:
        """Take a hint from the bus. Raises `MsgspecError` for one that is malformed."""
        if topic == TYPING:
            self._show_typing(msgspec.json.decode(payload, type=TypingHint))
        elif topic == VIEWING:
            looking = msgspec.json.decode(payload, type=Looking)
            everybody = self.company.note_looking(looking.process, looking.conversation, looking.agents)
            self._show_looking(looking.conversation, everybody)
        elif topic == PRESENCE:
            present = msgspec.json.decode(payload, type=Present)
            if present.process != self._process:
                now = asyncio.get_running_loop().time()
                self._show_presence(self.company.note_present(present.process, present.agents, now))
        elif topic == ASKED:
            self._moved.set()
        elif topic == ACCOUNTS:
            self._recheck.set()

    def _show_hours(self) -> None:
        if self.by_clock.look(self.hub.agents):
            self._whisper_all([self.by_clock.frame])

    def _show_presence(self, changes: dict[str, bool]) -> None:
        if len(changes) > FEW:
            frame = frames.encode({"t": "presence", "agents": changes})
            self._whisper_all([frame])
        else:
            self._whisper_all([frames.presence_frame(login, connected=on) for login, on in changes.items()])

    def _whisper_all(self, hints: list[bytes]) -> None:
        for frame in hints:
            for seat in self.hub.audience.all:
                seat.whisper(frame)

    def _show_looking(self, conversation: str, everybody: list[str]) -> None:
        frame = frames.viewing_frame(conversation, everybody)
        for seat in self.hub.lookers.get(conversation, ()):
            seat.whisper(frame)

    def _show_typing(self, hint: TypingHint) -> None:
        frame = frames.typing_frame(hint.conversation, hint.who, on=hint.on)
        for seat in self.hub.lookers.get(hint.conversation, ()):
            if hint.who.get("kind") != "agent" or seat.login != hint.who.get("id"):
                seat.whisper(frame)


async def _for_ever(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a loop again when it fails: a defect in a hint must not end the heartbeats."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("keeper_defect", loop=name)
        await asyncio.sleep(TICK)
