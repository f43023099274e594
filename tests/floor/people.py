"""Agents as clients of the live socket: start, resume by cursor, accept every offer, and keep a log of all that they were shown."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import aiohttp
import msgspec

from tests.floor.wire import Wire


class Offer(msgspec.Struct):
    """An offer in a conversation's row."""

    id: str
    agent: str


class Row(msgspec.Struct):
    """What of a conversation is looked at."""

    id: str
    offer: Offer | None = None


class Told(msgspec.Struct):
    """What of an event is looked at."""

    type: str
    conversation: str = ""
    offer: str = ""
    agent: str = ""


class Frame(msgspec.Struct):
    """What of a frame is looked at: many agents live in one process, and what they read must cost little."""

    t: str
    id: str = ""
    n: int = 0
    prev: int = 0
    epoch: str = ""
    ok: bool = True
    code: str = ""
    reason: str = ""
    event: Told | None = None
    conversations: list[Row] = []


_decode = msgspec.json.Decoder(Frame).decode
_encode = msgspec.json.Encoder().encode


class Person:
    """One agent on one socket. `log` holds the numbers of the frames in order; a gap or a repeat is a defect of the server's."""

    def __init__(self, url: str, login: str, token: str, seen: Callable[[bytes], None] | None = None) -> None:
        self.url = url
        self.login = login
        self.token = token
        self.seen = seen
        self.n = 0
        self.epoch = ""
        self.open: list[str] = []
        self.log: list[int] = []
        self.faults: list[str] = []
        self.accepting = True
        self.accepted: set[str] = set()
        self.refused: list[Frame] = []
        self.snapshots = 0
        self.told_to_start_over: list[str] = []
        self.resumes = 0
        self.ready = asyncio.Event()
        self._wire: Wire | None = None
        self._task: asyncio.Task[None] | None = None
        self._number = 0

    def start(self) -> None:
        """Connect and stay connected until `stop`."""
        self._task = asyncio.create_task(self._stay())

    async def stop(self) -> None:
        """Leave."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def cut(self) -> None:
        """Drop the line without a word; the client comes back by itself."""
        if self._wire is not None:
            self._wire.abort()

    async def _stay(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                await self._once()
            self.ready.clear()
            await asyncio.sleep(0.05)

    async def _once(self) -> None:
        place = self.url.removeprefix("http://")
        host, _, port = place.rpartition(":")
        wire = Wire(self._hear)
        await asyncio.get_running_loop().create_connection(lambda: wire, host, int(port))
        self._wire = wire
        try:
            wire.ask(place, "/ws", self.token)
            await wire.over
        finally:
            wire.abort()

    def _hear(self, text: bytes) -> None:
        if self.seen is not None:
            self.seen(text)
        self._frame(_decode(text))

    def _say(self, frame: dict[str, Any]) -> None:
        if self._wire is not None:
            self._wire.say(_encode(frame))

    def _frame(self, frame: Frame) -> None:
        kind = frame.t
        if kind == "hello":
            self._say(self._hello(frame))
        elif kind == "snapshot":
            self.snapshots += 1
            self.epoch, self.n = frame.epoch, frame.n
            self.log = [self.n]
            for row in frame.conversations:
                self._consider(row.id, row.offer)
            self.ready.set()
        elif kind == "resumed":
            self.resumes += 1
            self.n = max(self.n, frame.n)
            self.ready.set()
        elif kind == "start_over":
            self.told_to_start_over.append(frame.reason)
            self.n = 0
            self._say({"t": "start"})
        elif kind == "beat":
            self.n = max(self.n, frame.n)
            self._say({"t": "beat", "n": self.n})
        elif kind == "event":
            self._event(frame)
        elif kind == "done" and not frame.ok:
            self.refused.append(frame)

    def _hello(self, frame: Frame) -> dict[str, Any]:
        if self.n and frame.epoch == self.epoch:
            return {"t": "resume", "epoch": self.epoch, "n": self.n, "open": self.open}
        return {"t": "start"}

    def _event(self, frame: Frame) -> None:
        if frame.n <= self.n:
            self.faults.append(f"{self.login}: frame {frame.n} again after {self.n}")
        elif frame.prev > self.n:
            self.faults.append(
                f"{self.login}: a gap: frame {frame.n} follows {frame.prev}, we are at {self.n}"
            )
        self.n = frame.n
        self.log.append(self.n)
        event = frame.event
        if event is not None and event.type == "offer.made":
            self._consider(event.conversation, Offer(event.offer, event.agent))

    def _consider(self, conversation: str, offer: Offer | None) -> None:
        if not self.accepting or offer is None or offer.agent != self.login:
            return
        self._number += 1
        self.accepted.add(conversation)
        verb = {
            "t": "do",
            "id": f"c{self._number}",
            "verb": "accept",
            "conversation": conversation,
            "offer": offer.id,
        }
        self._say(verb)


async def online(url: str, people: list[Person], session: aiohttp.ClientSession) -> None:
    """Connect everybody and set their status."""
    for person in people:
        person.start()
    for person in people:
        await asyncio.wait_for(person.ready.wait(), 30)
        headers = {"Authorization": f"Bearer {person.token}"}
        body = {"status": "online"}
        async with session.post(
            f"{url}/api/v1/agents/{person.login}/status", json=body, headers=headers
        ) as answer:
            assert answer.status == 200, await answer.text()
