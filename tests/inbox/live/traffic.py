"""Random happenings in the small house, for sockets to follow."""

from __future__ import annotations

import random
from typing import Any

from stream import commands as cmd
from stream.ids import new_token
from stream.model import Author
from tests.inbox.world import World


class Traffic:
    """Random happenings: messages, routing, verbs. Refusals are part of it."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.conversations: list[str] = []
        self.agents = ["ada", "bob", "tom", "sue"]

    async def prepare(self) -> None:
        """Room, and everybody online."""
        await self.world.configure_roomy()
        await self.world.online(*self.agents)
        await self.world.router()

    async def step(self) -> None:
        """One thing happens."""
        kind = self.random.choice([self._message] * 6 + [self._route] * 3 + [self._verb] * 5)
        await kind()

    async def _message(self) -> None:
        conversation = await self.world.message(f"c{self.random.randrange(12)}", "words")
        if conversation not in self.conversations:
            self.conversations.append(conversation)

    async def _route(self) -> None:
        if not self.conversations:
            return
        conversation = self.random.choice(self.conversations)
        base: dict[str, Any] = {"token": new_token(), "epoch": self.world.epoch, "conversation": conversation}
        queue, team = self.random.choice([("billing", "money"), ("tech", "tech")])
        agent = self.random.choice(self.agents)
        await self.world.journal.submit(
            self.random.choice(
                [
                    cmd.Enqueue(**base, queue=queue, team=team),
                    cmd.MakeOffer(**base, offer=f"off_{new_token()}", agent=agent, units=1, expires_at=9e9),
                    cmd.Push(**base, agent=agent, units=1),
                    cmd.HandBack(**base, agent=agent),
                ]
            )
        )

    async def _verb(self) -> None:
        if not self.conversations:
            return
        agent = self.random.choice(self.agents)
        base: dict[str, Any] = {
            "token": new_token(),
            "conversation": self.random.choice(self.conversations),
            "by": Author(kind="agent", id=agent),
        }
        await self.world.journal.submit(
            self.random.choice(
                [
                    cmd.Take(**base),
                    cmd.Assign(**base, agent=self.random.choice(self.agents)),
                    cmd.Transfer(**base, queue=self.random.choice(["billing", "tech"])),
                    cmd.Resolve(**base),
                    cmd.Reopen(**base),
                    cmd.Snooze(**base, until=self.world.clock() + 1000),
                    cmd.Wake(**base),
                    cmd.SetTags(**base, add=(self.random.choice("abc"),)),
                    cmd.MarkRead(**base, seq=self.random.randrange(5)),
                ]
            )
        )
