"""Random lives on a real database: any verb on any conversation, most of them sensible, some refused."""

from __future__ import annotations

import random
import time
from typing import Any

from stream import commands as cmd
from stream import reads
from stream.ids import new_token
from stream.journal import Journal
from stream.model import Author, Conversation, MessageContent
from tests.making import ANN, BEN, Floor, message


async def live(journal: Journal, floor: Floor, chance: random.Random, steps: int) -> None:
    """`steps` verbs; after each, agents hold what their conversations say."""
    known: list[str] = [await floor.arrive("v0")]
    for _ in range(steps):
        row = await reads.conversation(journal.store, chance.choice(known))
        assert row is not None
        result = await journal.submit(_verb(floor, chance, row))
        made = result.conversation if isinstance(result, cmd.Committed) else ""
        if made and made not in known:
            known.append(made)
        await check_capacity(journal)


def _verb(floor: Floor, chance: random.Random, row: Conversation) -> cmd.Command:
    who: Author = chance.choice([ANN, BEN])
    return chance.choice([_customers, _routers, _movers, _others])(floor, chance, row, who)


def _customers(floor: Floor, chance: random.Random, row: Conversation, who: Author) -> cmd.Command:
    return message(
        f"v{chance.randrange(12)}",
        new_token(),
        reopen_window=chance.choice([0.0, 1e6]),
        provider_id=new_token(),
    )


def _routers(floor: Floor, chance: random.Random, row: Conversation, who: Author) -> cmd.Command:
    offer = row.offer.id if row.offer else "off_none"
    on: dict[str, Any] = {"token": new_token(), "conversation": row.id}
    choices: list[cmd.Command] = [
        floor.enqueue(row.id, priority=chance.randrange(3)),
        floor.offer(row.id, who.id, chance.choice([1, 2])),
        cmd.AcceptOffer(**on, by=who, offer=offer),
        cmd.DeclineOffer(**on, by=who, offer=offer),
        cmd.EndOffer(**on, epoch=floor.lease.epoch, offer=offer, how="expired"),
        cmd.HandBack(**on, epoch=floor.lease.epoch, agent=row.assignee),
    ]
    return chance.choice(choices)


def _movers(floor: Floor, chance: random.Random, row: Conversation, who: Author) -> cmd.Command:
    on: dict[str, Any] = {"token": new_token(), "conversation": row.id, "by": who}
    choices: list[cmd.Command] = [
        cmd.Take(**on, override=chance.random() < 0.2),
        cmd.Assign(**on, agent=chance.choice(["ann", "ben"])),
        cmd.Transfer(**on, queue="sales"),
        cmd.Resolve(**on),
        cmd.Reopen(**on),
        cmd.Snooze(**on, until=time.time() + 60),
        cmd.Wake(**on),
        cmd.MarkSpam(**on, spam=chance.random() < 0.3),
    ]
    return chance.choice(choices)


def _others(floor: Floor, chance: random.Random, row: Conversation, who: Author) -> cmd.Command:
    on: dict[str, Any] = {"token": new_token(), "conversation": row.id, "by": who}
    note = MessageContent(text="note")
    choices: list[cmd.Command] = [
        cmd.SetTags(**on, add=(chance.choice("abc"),), remove=(chance.choice("abc"),)),
        cmd.SetPriority(**on, priority=chance.randrange(4)),
        cmd.MarkRead(**on, seq=row.seq),
        cmd.AddNote(**on, message=f"msg_{new_token()}", content=note, mentions=("ben",)),
        floor.reply(row.id, by=who),
        cmd.SetStatus(token=new_token(), agent=who.id, status=chance.choice(["online", "away"]), by=who),
    ]
    return chance.choice(choices)


async def check_capacity(journal: Journal) -> None:
    """Agents hold exactly what their conversations say."""
    rows = await reads.unresolved(journal.store)
    for agent in await reads.agents(journal.store):
        held = sum(row.units for row in rows if row.status == "open" and row.assignee == agent.id)
        offered = sum(row.offer.units for row in rows if row.offer and row.offer.agent == agent.id)
        assert agent.load == held + offered
