"""Commands as the tests make them: short to write, whole in every field that matters."""

from __future__ import annotations

import time
from typing import Any

from stream import commands as cmd
from stream.ids import lookup, new_token
from stream.journal import Journal
from stream.leases import Lease, acquire
from stream.model import Author, MessageContent

ANN = Author(kind="agent", id="ann")
BEN = Author(kind="agent", id="ben")


def sender(who: str, **more: Any) -> cmd.From:
    """A chat visitor called `who`."""
    return cmd.From(
        scheme="webchat",
        scope="channel",
        lookup=lookup("main", "webchat", "channel", who),
        value=who,
        display=who,
        **more,
    )


def message(who: str, source: str, text: str = "hello", **more: Any) -> cmd.ReceiveMessage:
    """A chat message of `who` under the deduplication key `source`."""
    facts: dict[str, Any] = {
        "token": new_token(),
        "channel": "website",
        "connector": "webchat",
        "source_key": source,
        "conversation_key": who,
        "sender": sender(who),
        "content": MessageContent(text=text),
        "raw": text.encode(),
    }
    return cmd.ReceiveMessage(**(facts | more))


def team(*agents: cmd.AgentFacts, digest: str = "") -> cmd.ApplyConfig:
    """A configuration with these agents."""
    return cmd.ApplyConfig(token=new_token(), hash=digest or new_token(), bundle={}, agents=agents)


def agent(login: str, **facts: Any) -> cmd.AgentFacts:
    """An agent with ten units of capacity."""
    return cmd.AgentFacts(agent=login, name=login.capitalize(), **facts)


async def committed(journal: Journal, command: cmd.Command) -> cmd.Committed:
    """Submit; fails the test unless it was committed."""
    result = await journal.submit(command)
    assert isinstance(result, cmd.Committed), result
    return result


async def refused(journal: Journal, command: cmd.Command) -> cmd.Refused:
    """Submit; fails the test unless it was refused."""
    result = await journal.submit(command)
    assert isinstance(result, cmd.Refused), result
    return result


class Floor:
    """A team of two who are online, the router's lease, and the verbs that tests use."""

    def __init__(self, journal: Journal, lease: Lease) -> None:
        self.journal = journal
        self.lease = lease

    @classmethod
    async def open(cls, journal: Journal, **facts: Any) -> Floor:
        """Ann and Ben come online."""
        lease = await acquire(journal.store, "router", "test", 3600.0)
        assert lease is not None
        await committed(journal, team(agent("ann", **facts), agent("ben", **facts)))
        for who in (ANN, BEN):
            await committed(journal, cmd.SetStatus(token=new_token(), agent=who.id, status="online", by=who))
        return cls(journal, lease)

    async def arrive(self, who: str, source: str = "", **more: Any) -> str:
        """A message of `who`; the conversation's id."""
        done = await committed(self.journal, message(who, source or new_token(), **more))
        return done.conversation

    def enqueue(self, conversation: str, **more: Any) -> cmd.Enqueue:
        """Into the queue `support`."""
        return cmd.Enqueue(
            token=new_token(),
            epoch=self.lease.epoch,
            conversation=conversation,
            queue=more.pop("queue", "support"),
            **more,
        )

    def offer(self, conversation: str, agent: str = "ann", units: int = 1, **more: Any) -> cmd.MakeOffer:
        """Twenty seconds to accept."""
        token = new_token()
        facts: dict[str, Any] = {"epoch": self.lease.epoch, "expires_at": time.time() + 20} | more
        return cmd.MakeOffer(
            token=token, offer=f"off_{token}", conversation=conversation, agent=agent, units=units, **facts
        )

    async def assigned(self, who: str, agent: Author = ANN) -> str:
        """A conversation of `who` that `agent` has accepted."""
        conversation = await self.arrive(who)
        await committed(self.journal, self.enqueue(conversation))
        offer = self.offer(conversation, agent.id)
        await committed(self.journal, offer)
        accept = cmd.AcceptOffer(token=new_token(), conversation=conversation, by=agent, offer=offer.offer)
        await committed(self.journal, accept)
        return conversation

    def reply(self, conversation: str, text: str = "hi", by: Author = ANN) -> cmd.Reply:
        """A reply with a message id of its own."""
        return cmd.Reply(
            token=new_token(),
            conversation=conversation,
            by=by,
            message=f"msg_{new_token()}",
            content=MessageContent(text=text),
        )
