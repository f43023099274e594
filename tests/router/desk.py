"""What the service's tests do: hire agents, let customers write, answer offers, and wait until something is true."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from router.compiling import compile_routing
from router.plan import Plan
from router.presence import Present
from router.routing import Routing
from router.service import RouterService
from stream import commands as cmd
from stream import reads
from stream.bus.ports import Bus
from stream.ids import new_token
from stream.journal import Journal
from stream.model import Author, Conversation
from stream.store.ports import Store, Unavailable
from tests.making import committed, message
from tests.router.plans import CONTENT, KNOWN

TEAM = (
    cmd.AgentFacts(
        agent="ann",
        name="Ann",
        queues=("support", "billing"),
        skills={"lang.de": 4, "billing": 3},
        capacity=6,
    ),
    cmd.AgentFacts(
        agent="ben",
        name="Ben",
        queues=("support", "billing"),
        teams=("red",),
        skills={"technical": 2},
        capacity=6,
    ),
    cmd.AgentFacts(agent="cid", name="Cid", queues=("support", "billing", "sales"), capacity=6),
)


def plan_of(bundle: Any) -> Plan:
    """The plan of a bundle as the desk applies it."""
    found, problems = compile_routing(msgspec.convert(bundle["routing"], Routing), KNOWN, bundle["name"])
    assert found is not None, problems
    return found


class Stumbling(Journal):
    """A journal whose database is not there for the next `stumbles` decisions of the router."""

    stumbles = 0

    async def submit(self, command: cmd.Command) -> cmd.Result:
        if self.stumbles and isinstance(command, cmd.Decision | cmd.SetStatus) and command.epoch:
            self.stumbles -= 1
            raise Unavailable("The database is not there for a moment.")
        return await super().submit(command)


class Desk:
    """Everything around one router."""

    def __init__(self, journal: Stumbling, store: Store, bus: Bus) -> None:
        self.journal, self.store, self.bus = journal, store, bus
        self.router = self.another()
        self.here: set[str] = set()

    def another(self, **settings: Any) -> RouterService:
        """A router over the same store."""
        plan = plan_of({"routing": CONTENT, "name": "first"})
        return RouterService(self.journal, self.store, self.bus, plan, plan_of, **settings)

    async def hire(self, *team: cmd.AgentFacts, **changes: Any) -> None:
        """Apply a configuration."""
        name = new_token()
        bundle = {"routing": {**CONTENT, **changes}, "name": name}
        await committed(
            self.journal, cmd.ApplyConfig(token=new_token(), hash=name, bundle=bundle, agents=team or TEAM)
        )

    async def open(self) -> None:
        """The router starts."""
        await self.router.start()
        await self.until(lambda: self.router.ready)

    async def close(self) -> None:
        """The router hands over."""
        await self.router.stop()

    async def status(self, agent: str, status: Any = "online") -> None:
        """An agent chooses a status."""
        by = Author(kind="agent", id=agent)
        await committed(self.journal, cmd.SetStatus(token=new_token(), agent=agent, status=status, by=by))

    async def connect(self, *agents: str, drop: tuple[str, ...] = ()) -> None:
        """Agents come online and are seen connected; `drop` are not any more."""
        self.here = (self.here | set(agents)) - set(drop)
        for agent in agents:
            await self.status(agent)
        present = Present(process="inbox", agents=tuple(sorted(self.here)), at=time.time())
        await self.bus.publish("presence", msgspec.json.encode(present))
        await asyncio.sleep(0)

    async def arrive(self, who: str, text: str = "hello", **more: Any) -> str:
        """A customer writes; the conversation's id."""
        facts = {"channel": "widget", "connector": "webchat", **more}
        done = await committed(self.journal, message(who, new_token(), text, **facts))
        return done.conversation

    async def row(self, conversation: str) -> Conversation:
        """A conversation as the store has it."""
        found = await reads.conversation(self.store, conversation)
        assert found is not None
        return found

    async def accept(self, conversation: str) -> cmd.Result:
        """The agent who is asked accepts."""
        row = await self.row(conversation)
        assert row.offer is not None
        by = Author(kind="agent", id=row.offer.agent)
        return await self.journal.submit(
            cmd.AcceptOffer(token=new_token(), conversation=conversation, by=by, offer=row.offer.id)
        )

    async def do(self, kind: type[cmd.OnConversation], conversation: str, agent: str, **more: Any) -> None:
        """An agent's verb."""
        by = Author(kind="agent", id=agent)
        await committed(self.journal, kind(token=new_token(), conversation=conversation, by=by, **more))

    async def offered(self, conversation: str, agent: str, within: float = 30.0) -> Conversation:
        """Wait until it is offered to this agent."""

        async def there() -> bool:
            row = await self.row(conversation)
            return row.offer is not None and row.offer.agent == agent

        await self.until(there, within)
        return await self.row(conversation)

    async def queued(self, conversation: str) -> None:
        """Wait until it waits in a queue."""

        async def there() -> bool:
            return (await self.row(conversation)).waiting_since > 0

        await self.until(there)

    async def until(self, true: Callable[[], bool | Awaitable[bool]], within: float = 30.0) -> None:
        """Wait until something is true; fail when it never is."""
        end = time.monotonic() + within
        while True:
            answer = true()
            if isinstance(answer, bool):
                done = answer
            else:
                done = await answer
            if done:
                return
            assert time.monotonic() < end, "it did not happen in time"
            await asyncio.sleep(0.005)
