"""A desk for cases of routing through the live service: store, journal and router, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from stream import commands as cmd
from stream import reads
from stream.ids import new_token
from stream.model import Author, MessageContent
from tests.router.desk import TEAM
from tests.router.test_service_levels import Timed

OPEN: dict[str, Any] = {
    "queues": {"support": {}, "billing": {}, "sales": {}},
    "rules": [{"name": "all", "queue": "support"}],
}
OFFERED: dict[str, Any] = {
    "channels": {"webchat": {"weight": 3}, "email": {"weight": 1}, "telegram": {"weight": 2}}
}
Case = Callable[["Live"], Awaitable[None]]
Cases = list[tuple[dict[str, Any], Case]]


class Live(Timed):
    """A desk of one case."""

    routing: dict[str, Any]

    async def accepts(self, conversation: str, agent: str, offer: str) -> cmd.Result:
        """This agent accepts, whether or not they still can."""
        by = Author(kind="agent", id=agent)
        return await self.journal.submit(
            cmd.AcceptOffer(token=new_token(), conversation=conversation, by=by, offer=offer)
        )

    async def given(self, conversation: str, agent: str) -> None:
        """It is offered to this agent, who accepts."""
        await self.offered(conversation, agent)
        await self.accept(conversation)

    async def again(self) -> None:
        """The router ends, another one begins."""
        await self.quiet()
        await self.close()
        self.router = self.another()
        await self.open()
        await self.connect()

    async def stands(self, conversation: str, agent: str = "") -> None:
        """Everything is decided, and it is offered to this agent (or nobody)."""
        await self.quiet()
        offer = (await self.row(conversation)).offer
        assert (offer.agent if offer else "") == agent

    async def says(self, conversation: str, agent: str) -> None:
        """An agent answers."""
        content = MessageContent(text="Here you are.")
        await self.do(cmd.Reply, conversation, agent, message=f"msg_{new_token()}", content=content)

    async def answered(self, conversation: str) -> list[str]:
        """What was said automatically."""
        found = [one.content for one in await reads.messages(self.store, conversation) if one.automatic]
        return [str(getattr(one, "text", "")) for one in (await self.journal.contents(found)).values()]

    async def load(self, agent: str) -> int:
        """Units that an agent holds."""
        row = await reads.agent(self.store, agent)
        assert row is not None
        return row.load

    def why(self, conversation: str, agent: str) -> str:
        """Why not this agent, as the live engine sees it."""
        told = self.router.explain(conversation)
        assert told is not None
        return {one["agent"]: str(one["why_not"]) for one in told["agents"]}[agent]


def cases() -> tuple[Cases, Callable[..., Callable[[Case], Case]]]:
    """A list of cases, and what notes one with its routing (beside `OPEN`) in it."""
    noted: Cases = []

    def case(**routing: Any) -> Callable[[Case], Case]:
        def note(told: Case) -> Case:
            noted.append(({**OPEN, **OFFERED, **routing}, told))
            return told

        return note

    return noted, case


def rule(**facts: Any) -> list[dict[str, Any]]:
    return [{"name": "all", "queue": "support", **facts}]


async def either(desk: Live, *ones: str) -> bool:
    return any([(await desk.row(one)).offer for one in ones])


async def lives(desk: Live, routing: dict[str, Any], told: Case) -> None:
    """A case from its beginning to its end."""
    desk.routing = routing
    await desk.hire(*TEAM, **routing)
    await desk.open()
    await told(desk)
