"""The journal on both databases: deduplication, order, groups, refolding, and the classic late-commit gap."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream import reads
from stream.bus import open_bus
from stream.fold import Key, fold_row, touches
from stream.ids import new_token
from stream.journal import Journal
from stream.model import Agent, Contact, Conversation, Entity, Identity, Message, PersonContent
from stream.store import open_store
from stream.store.ports import Store
from stream.store.program import fetch
from tests.contracts.life import live
from tests.making import ANN, BEN, Floor, committed, message, refused, sender


async def test_a_redelivery_is_a_no_op_with_the_same_answer(journal: Journal) -> None:
    first = await committed(journal, message("v1", "msg:1"))
    again = await journal.submit(message("v1", "msg:1", "other words"))
    assert again == cmd.Duplicate(n=first.n, id=first.id)
    assert [type(r.event).__name__ for r in await journal.read(0)] == [
        "ContactCreated", "IdentityAdded", "ConversationStarted", "MessageReceived",
    ]  # fmt: skip


async def test_the_same_key_twice_in_one_group_gives_each_caller_the_right_answer(journal: Journal) -> None:
    results = await asyncio.gather(*(journal.submit(message("v1", "msg:1")) for _ in range(50)))
    done = [r for r in results if isinstance(r, cmd.Committed)]
    assert len(done) == 1
    assert all(r == cmd.Duplicate(n=done[0].n, id=done[0].id) for r in results if r is not done[0])
    assert len(await reads.unresolved(journal.store)) == 1


async def test_one_refused_command_in_a_group_of_64_leaves_its_neighbours(journal: Journal) -> None:
    commands: list[cmd.Command] = [message(f"v{i}", f"msg:{i}") for i in range(64)]
    commands[31] = cmd.Take(token=new_token(), conversation="cnv_nowhere", by=ANN)
    results = await asyncio.gather(*(journal.submit(command) for command in commands))
    assert isinstance(results[31], cmd.Refused)
    assert results[31].code == "not_found"
    assert sum(isinstance(r, cmd.Committed) for r in results) == 63


async def test_a_command_that_the_database_refuses_fails_alone(journal: Journal) -> None:
    broken = message("v1", "msg:bad\ud800")  # a lone surrogate: no database takes it
    results = await asyncio.gather(
        *(journal.submit(c) for c in [message("a", "msg:a"), broken, message("b", "msg:b")]),
        return_exceptions=True,
    )
    assert isinstance(results[0], cmd.Committed)
    assert isinstance(results[2], cmd.Committed)
    assert isinstance(results[1], Exception)


async def test_messages_of_a_key_share_one_conversation_until_it_is_resolved(journal: Journal) -> None:
    floor = await Floor.open(journal)
    first = await floor.arrive("v1")
    assert await floor.arrive("v1") == first
    await committed(journal, cmd.Resolve(token=new_token(), conversation=first, by=ANN))
    reopened = await floor.arrive("v1")
    assert reopened == first
    await committed(journal, cmd.Resolve(token=new_token(), conversation=first, by=ANN))
    later = await floor.arrive("v1", reopen_window=0.0)
    assert later != first
    row = await reads.conversation(journal.store, later)
    assert row is not None
    assert row.previous == first


async def test_accept_against_time_out_the_first_to_commit_wins(journal: Journal) -> None:
    floor = await Floor.open(journal)
    for number in range(20):
        conversation = await floor.arrive(f"v{number}")
        await committed(journal, floor.enqueue(conversation))
        offer = floor.offer(conversation)
        await committed(journal, offer)
        accept = cmd.AcceptOffer(token=new_token(), conversation=conversation, by=ANN, offer=offer.offer)
        expire = cmd.EndOffer(
            token=new_token(),
            epoch=floor.lease.epoch,
            conversation=conversation,
            offer=offer.offer,
            how="expired",
        )
        pair: list[cmd.Command] = [accept, expire]
        random.Random(number).shuffle(pair)
        results = await asyncio.gather(*(journal.submit(command) for command in pair))
        assert sorted(type(r).__name__ for r in results) == ["Committed", "Refused"]
        await committed(journal, cmd.Resolve(token=new_token(), conversation=conversation, by=ANN))
    ann = await reads.agent(journal.store, "ann")
    assert ann is not None
    assert (ann.load, ann.held) == (0, {})


async def test_nobody_is_ever_over_capacity(journal: Journal) -> None:
    floor = await Floor.open(journal, capacity=3)
    waiting = [await floor.arrive(f"v{i}") for i in range(10)]
    takes = [
        cmd.Take(token=new_token(), conversation=c, by=random.Random(i).choice([ANN, BEN]))
        for i, c in enumerate(waiting)
    ]
    results = await asyncio.gather(*(journal.submit(take) for take in takes))
    rows = {row.id: row for row in await reads.agents(journal.store)}
    assert all(row.load <= 3 for row in rows.values())
    assert sum(row.load for row in rows.values()) == sum(isinstance(r, cmd.Committed) for r in results)
    assert {r.code for r in results if isinstance(r, cmd.Refused)} == {"capacity"}


async def test_a_supervisor_may_go_above_capacity_and_it_is_recorded(journal: Journal) -> None:
    floor = await Floor.open(journal, capacity=1)
    await floor.assigned("v1")
    second = await floor.arrive("v2")
    assert (
        await refused(journal, cmd.Assign(token=new_token(), conversation=second, by=BEN, agent="ann"))
    ).code == "capacity"
    done = await committed(
        journal, cmd.Assign(token=new_token(), conversation=second, by=BEN, agent="ann", override=True)
    )
    assert any(isinstance(e, ev.ConversationAssigned) and e.over_capacity for e in done.events)


async def test_an_old_router_changes_nothing(journal: Journal) -> None:
    floor = await Floor.open(journal)
    conversation = await floor.arrive("v1")
    stale = msgspec.structs.replace(floor.enqueue(conversation), epoch=floor.lease.epoch - 1)
    assert (await refused(journal, stale)).code == "epoch"


async def test_a_reply_is_queued_once_whatever_the_client_repeats(journal: Journal) -> None:
    floor = await Floor.open(journal)
    conversation = await floor.assigned("v1")
    reply = floor.reply(conversation)
    first = await committed(journal, reply)
    await floor.arrive("v2")
    again = await journal.submit(msgspec.structs.replace(reply, token=new_token()))
    assert again == cmd.Duplicate(n=first.n, id=reply.message)
    assert len(await reads.messages(journal.store, conversation)) == 2


async def test_receipts_never_move_backwards_and_early_ones_wait(journal: Journal) -> None:
    floor = await Floor.open(journal)
    conversation = await floor.assigned("v1")
    reply = floor.reply(conversation)
    await committed(journal, reply)

    def receipt(state: str) -> cmd.ReceiveReceipt:
        return cmd.ReceiveReceipt(
            token=new_token(), channel="website", connector="webchat", source_key=f"r:{state}:{new_token()}",
            provider_id="p1", state=state,  # type: ignore[arg-type]  # the literal is one of the four
        )  # fmt: skip

    await committed(journal, receipt("delivered"))
    from stream.outbox import claim

    (claimed,) = await claim(journal.store, "w", ["website"], 1e12)
    await committed(
        journal,
        cmd.RecordDelivery(
            token=new_token(),
            message=reply.message,
            fence=claimed.fence,
            delivery="sent",
            provider_ids=("p1",),
        ),
    )
    assert await _delivery(journal, reply.message) == "delivered"
    for state in ("read", "sent", "delivered", "failed"):
        await journal.submit(receipt(state))
    assert await _delivery(journal, reply.message) == "read"


async def _delivery(journal: Journal, ident: str) -> str:
    row = await reads.message(journal.store, ident)
    assert row is not None
    return row.delivery


async def test_merge_and_unmerge_lose_nothing(journal: Journal) -> None:
    floor = await Floor.open(journal)
    ids = {who: await floor.arrive(who) for who in ("a", "b", "c")}
    rows = await reads.conversations(journal.store, list(ids.values()))
    identities = await reads.identities(journal.store, [row.identity for row in rows.values()])
    owner = {who: identities[rows[ids[who]].identity].contact for who in ids}
    await committed(
        journal, cmd.MergeContacts(token=new_token(), contact=owner["b"], merged=owner["c"], by=ANN)
    )
    await committed(
        journal, cmd.MergeContacts(token=new_token(), contact=owner["a"], merged=owner["b"], by=ANN)
    )
    kin = await reads.identities_of(journal.store, owner["a"])
    assert len(kin) == 3
    assert len(await reads.conversations_of(journal.store, [row.id for row in kin])) == 3
    assert (
        await refused(
            journal, cmd.MergeContacts(token=new_token(), contact=owner["b"], merged=owner["a"], by=ANN)
        )
    ).code
    await committed(
        journal, cmd.UnmergeContacts(token=new_token(), contact=owner["a"], merged=owner["b"], by=ANN)
    )
    assert [row.home for row in await reads.identities_of(journal.store, owner["a"])] == [owner["a"]]
    assert len(await reads.identities_of(journal.store, owner["b"])) == 2


async def test_a_blocked_identity_makes_no_conversation_but_its_words_are_kept(journal: Journal) -> None:
    floor = await Floor.open(journal)
    conversation = await floor.arrive("v1")
    row = await reads.conversation(journal.store, conversation)
    assert row is not None
    await committed(
        journal, cmd.BlockIdentity(token=new_token(), identity=row.identity, blocked=True, by=ANN)
    )
    head = journal.head
    await committed(journal, message("v1", "msg:blocked", "let me in"))
    assert journal.head == head
    assert await reads.raw_input(journal.store, "website", "msg:blocked") == b"let me in"


async def test_followers_see_every_event_in_order_without_gap(journal: Journal) -> None:
    seen: list[int] = []

    async def follow() -> None:
        async for batch in journal.follow(0):
            seen.extend(recorded.n for recorded in batch)

    task = asyncio.create_task(follow())
    await asyncio.gather(*(journal.submit(message(f"v{i % 7}", f"msg:{i}")) for i in range(300)))
    while not seen or seen[-1] < journal.head:
        await asyncio.sleep(0.01)
    task.cancel()
    assert seen == list(range(1, journal.head + 1))


async def test_two_writers_leave_no_late_commit_gap(store_url: str) -> None:
    """A reader of "everything after N" on one process never skips what another one commits late."""
    journals = []
    bus = open_bus("memory:")
    for _ in range(2):
        store = open_store(store_url)
        await store.open()
        journal = Journal(store, bus)
        await journal.open()
        journals.append(journal)
    seen: list[int] = []

    async def follow() -> None:
        async for batch in journals[0].follow(0):
            seen.extend(recorded.n for recorded in batch)

    task = asyncio.create_task(follow())
    await asyncio.gather(
        *(journals[i % 2].submit(message(f"v{i % 13}", f"msg:{i}")) for i in range(400)),
    )
    for _ in range(400):
        if (
            seen
            and seen[-1] >= max(journal.head for journal in journals)
            and journals[0].head == journals[1].head
        ):
            break
        await asyncio.sleep(0.01)
    assert seen == list(range(1, journals[1].head + 1))
    task.cancel()
    for journal in journals:
        await journal.close()
        await journal.store.close()


async def test_refolding_any_history_equals_the_tables(journal: Journal) -> None:
    floor = await Floor.open(journal, capacity=4)
    await live(journal, floor, random.Random(7), 250)
    rows: dict[Key, Entity] = {}
    for recorded in await journal.read(0, 100_000):
        for key in touches(recorded.event):
            rows[key] = fold_row(key, rows.get(key), recorded.event, recorded.at)
    by_kind: dict[str, dict[str, Entity]] = defaultdict(dict)
    for (kind, ident), row in rows.items():
        by_kind[kind][ident] = row
    for kind, type_ in (
        ("conversation", Conversation), ("message", Message), ("agent", Agent), ("contact", Contact), ("identity", Identity),
    ):  # fmt: skip
        assert by_kind[kind] == await _table(journal.store, kind, type_, list(by_kind[kind])), kind


async def _table(store: Store, kind: str, type_: type[Entity], idents: list[str]) -> dict[str, Entity]:
    rows = await store.read(fetch(f"load_{kind}", idents))
    return {ident: msgspec.json.decode(body, type=type_) for ident, body in rows}


def claim(who: str, source: str, display: str = "", **attributes: str) -> cmd.ReceiveSignal:
    """`who` says about themselves how they are called and where else they are reached."""
    given = msgspec.structs.replace(sender(who), display=display, attributes=attributes)
    return cmd.ReceiveSignal(
        token=new_token(), channel="website", connector="webchat", source_key=source, sender=given, name=cmd.PROFILE
    )  # fmt: skip


async def profile_of(journal: Journal, conversation: str) -> PersonContent:
    """The profile of the contact that a conversation is with."""
    row = await reads.conversation(journal.store, conversation)
    assert row is not None
    identity = await reads.identity(journal.store, row.identity)
    assert identity is not None
    contact = (await reads.contacts(journal.store, [identity.contact]))[identity.contact]
    profile = (await journal.contents([contact.profile]))[contact.profile]
    assert isinstance(profile, PersonContent)
    return profile


async def test_what_people_say_about_themselves_goes_into_their_profile_and_joins_nobody(
    journal: Journal,
) -> None:
    floor = await Floor.open(journal)
    ada, bob = await floor.arrive("a"), await floor.arrive("b")
    first = await committed(journal, claim("a", "about:1", "Ada", email="ada@example.net"))
    assert [type(event) for event in first.events] == [ev.ContactChanged]
    again = await journal.submit(claim("a", "about:1", "Ada", email="ada@example.net"))
    assert again == cmd.Duplicate(n=first.n, id=first.id)
    await committed(journal, claim("b", "about:2", email="ada@example.net"))
    await committed(journal, claim("stranger", "about:3", email="ada@example.net"))
    assert await profile_of(journal, ada) == PersonContent(
        name="Ada", attributes={"email": "ada@example.net"}
    )
    assert await profile_of(journal, bob) == PersonContent(name="b", attributes={"email": "ada@example.net"})
    kinds = [type(recorded.event) for recorded in await journal.read(0, 1_000)]
    assert kinds.count(ev.ContactCreated) == 2
    assert ev.ContactsMerged not in kinds


async def test_claims_of_one_group_add_up(journal: Journal) -> None:
    floor = await Floor.open(journal)
    ada = await floor.arrive("a")
    said = [
        claim("a", f"about:{label}", **{label: "x"}) for label in ("email", "phone", "city", "shop", "size")
    ]
    await asyncio.gather(*(committed(journal, one) for one in said))
    assert set((await profile_of(journal, ada)).attributes) == {"email", "phone", "city", "shop", "size"}
