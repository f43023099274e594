"""One connected socket as state without I/O: who sits there, what they have open, how far they are, and what waits to be sent.

The hub puts frames in; the socket's writer takes them out and gives each numbered one its `prev`. A seat that cannot keep up is ended
with a code that lets its client resume: it never holds others up.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from inbox.live.frames import beat, numbered
from inbox.policy import Person
from inbox.ports import Limits

RESUME, SIGN_IN, RIGHTS, FLOOD = 4000, 4001, 4003, 4008
GENTLE = 4
"""Hints (typing, presence) are dropped once a queue is a fourth full: they are not worth a reconnect."""

BEGINS, BEGINS_SECONDS = 10, 60.0
"""How often a socket may start or resume: a client that loses its place again and again is told to come back later."""

Entry = tuple[int, bytes]
"""(n, tail of a numbered frame), (n, b"") for a beat, or (n, whole frame): n is where the client is after it, 0 leaves it where it is."""


def asleep() -> None:
    """Wake nobody: no outlet serves the seat yet."""


class Seat:
    """A socket of `person`, let in by the session or token with digest `key`. `ended` is the close code once it has to go.

    While it catches up (`holding`), what happens meanwhile waits in `later`, behind what it has missed.
    """

    def __init__(
        self,
        person: Person,
        key: str,
        limits: Limits,
        *,
        token: bool = False,
        role: str = "",
        ceiling: str = "",
        rights_at: float = 0.0,
    ) -> None:
        self.person = person
        self.key = key
        self.limits = limits
        self.token = token
        self.role = role
        self.ceiling = ceiling
        self.rights_at = rights_at
        self.open: dict[str, bool] = {}
        self.queue: deque[Entry] = deque()
        self.later: deque[Entry] = deque()
        self.bytes = 0
        self._held = 0
        self.last = 0
        self.floor = 0
        self.holding = False
        self.live = False
        self.acted = False
        self.ended = 0
        self.heard_at = 0.0
        self.beat_at = 0.0
        self._stamps: deque[float] = deque()
        self._begins: deque[float] = deque()
        self.wake: Callable[[], None] = asleep
        self.calm = asyncio.Event()
        self.over = asyncio.Event()

    @property
    def login(self) -> str:
        """Whose it is."""
        return self.person.login

    # --- filling

    def put(self, n: int, tail: bytes, *, patient: bool = False) -> None:
        """Queue what happens now: a numbered frame's tail, or a beat. A full queue ends the seat with 4000.

        A frame that the client's state holds already (up to `floor`) is not queued. A `patient` one waits until somebody wakes the writer.
        """
        if self.ended or n < self.floor + bool(tail):
            return
        if self.holding:
            self.later.append((n, tail))
            self._held += len(tail)
            self._bound(len(self.later), self._held)
        else:
            self.queue.append((n, tail))
            self._grown(len(tail), patient=patient)

    def say(self, frame: bytes) -> None:
        """Queue a whole frame."""
        if not self.ended:
            self.queue.append((0, frame))
            self._grown(len(frame))

    def whisper(self, frame: bytes) -> None:
        """Queue a hint; dropped when the queue is filling up, or before the client has begun."""
        if self.live and not self.holding and len(self.queue) * GENTLE <= self.limits.queue_frames:
            self.say(frame)

    def _grown(self, size: int, *, patient: bool = False) -> None:
        self.bytes += size
        if not self.holding:
            self._bound(len(self.queue), self.bytes)
        if not patient:
            self.wake()

    def _bound(self, frames: int, size: int) -> None:
        if frames > self.limits.queue_frames or size > self.limits.queue_bytes:
            self.end(RESUME)

    # --- catching up

    def hold(self, floor: int) -> None:
        """From now on what happens after `floor` waits until `release`."""
        self.floor = floor
        self.later.clear()
        self._held = 0
        self.holding = True

    def restart(self, n: int) -> None:
        """The client is (or will be, by an answer that waits) at `n`; numbered frames that wait for it are void."""
        self.queue = deque(entry for entry in self.queue if not entry[0])
        self.bytes = sum(len(tail) for _, tail in self.queue)
        self.last = n

    def missed(self, n: int, tail: bytes) -> None:
        """Queue what the client has to catch up with. Not held against it: whoever sends these waits for calm between pages."""
        if not self.ended:
            self.queue.append((n, tail))
            self.bytes += len(tail)
            self.wake()

    def release(self, n: int = 0) -> None:
        """It has caught up (its state holds everything up to `n`): what happened meanwhile follows."""
        self.floor = max(self.floor, n)
        self.queue.extend(entry for entry in self.later if entry[0] > self.floor)
        self.later.clear()
        self.bytes = sum(len(tail) for _, tail in self.queue)
        self.holding = False
        self.live = True
        self.wake()

    # --- emptying

    def take(self) -> bytes:
        """The next whole frame. Raises `IndexError` when nothing waits."""
        n, tail = self.queue.popleft()
        self.bytes -= len(tail)
        before, self.last = self.last, n or self.last
        if tail.startswith(b"{"):
            return tail
        return numbered(n, before, tail) if tail else beat(n)

    def end(self, code: int) -> None:
        """Ask the socket to close; the first code counts."""
        if not self.ended:
            self.ended = code
            self.queue.clear()
            self.later.clear()
            self.bytes = 0
            for event in (self.over, self.calm):
                event.set()

    # --- the client's frames

    def flooded(self, now: float) -> bool:
        """Count a client's frame; true once there are too many in the window."""
        self.heard_at = now
        return _too_many(self._stamps, now, self.limits.frames, self.limits.frames_seconds)

    def begins_too_often(self, now: float) -> bool:
        """Count a start or a resume: each reads much."""
        return _too_many(self._begins, now, BEGINS, BEGINS_SECONDS)

    def opening(self, conversation: str) -> str:
        """Note that the client wants it open; not yet allowed. Answers one that has to give way ("" if none)."""
        if conversation in self.open:
            return ""
        gives_way = next(iter(self.open)) if len(self.open) >= self.limits.open else ""
        self.open[conversation] = False
        return gives_way


def _too_many(stamps: deque[float], now: float, most: int, seconds: float) -> bool:
    stamps.append(now)
    while stamps[0] <= now - seconds:
        stamps.popleft()
    return len(stamps) > most
