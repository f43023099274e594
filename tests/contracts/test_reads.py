"""Reading on both databases: lists, histories, a conversation's events."""

from __future__ import annotations

from typing import Any

from stream import commands as cmd
from stream import reads
from stream.ids import new_token
from stream.journal import Journal
from stream.visibility import Visibility
from tests.making import ANN, Floor, committed


async def test_a_conversations_events_are_all_there_in_order(journal: Journal) -> None:
    floor = await Floor.open(journal)
    first, other = await floor.assigned("v1"), await floor.assigned("v2")
    for conversation in (first, other, first):
        await committed(journal, floor.reply(conversation))
        await committed(
            journal, cmd.SetTags(token=new_token(), conversation=conversation, by=ANN, add=(new_token(),))
        )
    whole = [r for r in await journal.read(0) if getattr(r.event, "conversation", "") == first]
    assert len(whole) == 9
    assert await reads.events_of(journal.store, first) == whole
    assert await reads.events_of(journal.store, first, whole[3].n, 4) == whole[4:8]


async def test_the_tables_lists_and_histories_agree(journal: Journal) -> None:
    floor = await Floor.open(journal)
    waiting, mine, done = await floor.arrive("v1"), await floor.assigned("v2"), await floor.assigned("v3")
    await committed(journal, floor.enqueue(waiting))
    await committed(journal, cmd.Resolve(token=new_token(), conversation=done, by=ANN))
    await floor.arrive("v2")
    everything = Visibility(everything=True)

    async def listed(**chosen: Any) -> list[str]:
        rows, _ = await reads.list_conversations(
            journal.store, reads.ConversationFilter(visible_to=everything, **chosen)
        )
        return [row.id for row in rows]

    assert await listed() == [mine, waiting]
    assert await listed(statuses=("resolved",)) == [done]
    assert set(await listed(statuses=("open", "resolved"))) == {waiting, mine, done}
    assert await listed(assignee="ann") == [mine]
    assert await listed(waiting=True) == [waiting]
    assert await listed(queues=("support",)) == [mine, waiting]
    assert await listed(queues=("nowhere",)) == []
    assert await reads.waiting_by_queue(journal.store) == {"support": 1}
    assert [row.id for row in await reads.list_own(journal.store, "ann")] == [mine]
    hers = reads.ConversationFilter(visible_to=Visibility(agent="ann"), statuses=("open", "resolved"))
    rows, _ = await reads.list_conversations(journal.store, hers)
    assert {row.id for row in rows} == {mine, done}
    row = await reads.conversation(journal.store, mine)
    assert row is not None
    history = await reads.history(journal.store, row.channel, row.key, 0, 10)
    assert [message.seq for _n, message in history] == [1, 2]
    assert await reads.history(journal.store, row.channel, row.key, -1, 1) == history[1:]


async def test_everybody_who_is_asked_finds_the_offer_for_as_long_as_it_asks_them(journal: Journal) -> None:
    floor = await Floor.open(journal)
    conversation = await floor.arrive("v1")
    await committed(journal, floor.enqueue(conversation))

    async def found(agent: str) -> tuple[list[str], list[str]]:
        own = await reads.list_own(journal.store, agent)
        seen = reads.ConversationFilter(visible_to=Visibility(agent=agent))
        return [row.id for row in own], [
            row.id for row in (await reads.list_conversations(journal.store, seen))[0]
        ]

    offer = floor.offer(conversation, also=(("ben", 0),))
    await committed(journal, offer)
    assert await found("ann") == await found("ben") == ([conversation], [conversation])
    decline = cmd.DeclineOffer(token=new_token(), conversation=conversation, by=ANN, offer=offer.offer)
    await committed(journal, decline)
    assert await found("ann") == ([], [])
    assert await found("ben") == ([conversation], [conversation])
    end = cmd.EndOffer(
        token=new_token(),
        epoch=floor.lease.epoch,
        conversation=conversation,
        offer=offer.offer,
        how="expired",
    )
    await committed(journal, end)
    assert await found("ben") == ([], [])
