"""Agents who do everything that agents do: accept, decline, let pass, resolve, transfer, take, snooze, go away and come back, lose their line."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any

import aiohttp

from stream.ids import new_token
from tests.floor.people import Frame, Offer, Person

LATE = {"offer_over", "capacity", "state", "version", "not_found"}
"""Why somebody may be refused who was too late, or has no room."""


class Clerk(Person):
    """One agent on one socket who also calls the API. `calm`: accepts whatever comes and does nothing else."""

    def __init__(self, url: str, login: str, token: str, session: aiohttp.ClientSession, seed: int) -> None:
        super().__init__(url, login, token)
        self.calm = False
        self.mine: set[str] = set()
        self.seen_waiting: set[str] = set()
        self.told: list[str] = []
        self.won: list[tuple[str, str]] = []
        self._session = session
        self._chance = random.Random(f"{login} {seed}")
        self._life: asyncio.Task[None] | None = None
        self._deeds: set[asyncio.Task[None]] = set()

    def live(self) -> None:
        """Begin to do things."""
        self._life = asyncio.create_task(self._busy())

    async def settle(self) -> None:
        """Stop doing things, be there and online, and accept whatever comes."""
        self.calm = True
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, *self._deeds, return_exceptions=True)
        await asyncio.wait_for(self.ready.wait(), 30)
        await self.choose("online")

    async def choose(self, status: str) -> None:
        """Set the status."""
        await self.call(f"agents/{self.login}/status", {"status": status})

    async def call(self, path: str, body: dict[str, Any]) -> int:
        """Ask the API; the status. Anything but yes or a refusal is kept in `told`."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.url}/api/v1/{path}"
        async with self._session.post(url, json=body, headers=headers) as answer:
            said = await answer.json()
            if answer.status != 200 and said["error"]["code"] not in LATE:
                self.told.append(f"{path} {body}: {answer.status} {said}")
            return answer.status

    # --- offers

    def _consider(self, conversation: str, offer: Offer | None) -> None:
        self.seen_waiting.add(conversation)
        if offer is None or offer.agent != self.login:
            return
        roll = 0.0 if self.calm else self._chance.random()
        verb = "accept" if roll < 0.6 else "decline" if roll < 0.85 else ""
        if verb:
            delay = self._chance.uniform(0.0, 0.1)
            asyncio.get_running_loop().call_later(delay, self._answer, verb, conversation, offer.id)

    def _answer(self, verb: str, conversation: str, offer: str) -> None:
        if self._chance.random() < 0.5:
            self._do(verb, conversation, offer=offer)
            return
        self._post(verb, conversation, offer=offer)

    def _post(self, verb: str, conversation: str, **fields: Any) -> None:
        async def deed() -> None:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                if await self.call(f"conversations/{conversation}/{verb}", fields) == 200:
                    self._did(verb, conversation)

        task = asyncio.create_task(deed())
        self._deeds.add(task)
        task.add_done_callback(self._deeds.discard)

    def _do(self, verb: str, conversation: str, **fields: Any) -> None:
        ident = f"{verb} {conversation} {new_token()}"
        self._say({"t": "do", "id": ident, "verb": verb, "conversation": conversation, **fields})

    def _did(self, verb: str, conversation: str) -> None:
        if verb == "accept":
            self.won.append((conversation, self.login))

    # --- what comes

    def _event(self, frame: Frame) -> None:
        super()._event(frame)
        event = frame.event
        if event is None or not event.conversation:
            return
        if event.type == "conversation.assigned" and event.agent == self.login:
            self.mine.add(event.conversation)
        elif event.type in {"conversation.assigned", "conversation.queued", "conversation.resolved"}:
            self.mine.discard(event.conversation)
        if event.type == "conversation.queued":
            self.seen_waiting.add(event.conversation)

    def _frame(self, frame: Frame) -> None:
        super()._frame(frame)
        if frame.t == "done" and frame.ok:
            self._did(*frame.id.split()[:2])
        elif frame.t == "done" and frame.code not in LATE:
            self.told.append(f"{frame.id} was answered {frame.code}")

    # --- what they do by themselves

    async def _busy(self) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(0.01, 0.08))
            with contextlib.suppress(aiohttp.ClientError, OSError):
                await self._something()

    async def _something(self) -> None:
        roll = self._chance.random()
        if roll < 0.6 and self.mine:
            self._with_one_of_mine()
        elif roll < 0.7 and self.seen_waiting:
            self._do("take", self._chance.choice(sorted(self.seen_waiting)))
        elif roll < 0.76:
            self.cut()
        elif roll < 0.78:
            await self._leave(self._chance.uniform(0.1, 1.6))
        elif roll < 0.84:
            await self.choose(self._chance.choice(["away", "busy", "offline"]))
            await asyncio.sleep(self._chance.uniform(0.05, 0.3))
            await self.choose("online")

    async def _leave(self, seconds: float) -> None:
        """The page is closed for a while; what they have may go back meanwhile."""
        await self.stop()
        self.ready.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self.start()

    def _with_one_of_mine(self) -> None:
        conversation = self._chance.choice(sorted(self.mine))
        roll = self._chance.random()
        if roll < 0.75:
            self._do("resolve", conversation)
        elif roll < 0.9:
            queue = self._chance.choice(["support", "billing", ""])
            self._post("transfer", conversation, queue=queue)
        else:
            self._do("reply", conversation, message=f"msg_{new_token()}", text="Here you are.")
