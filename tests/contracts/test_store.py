"""What every database promises: transactions, conflicts, migrations, backups, leases, the outbox's lanes, and the search index."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from stream import commands as cmd
from stream import dead, outbox, reads
from stream.ids import new_token
from stream.journal import Journal
from stream.leases import acquire, holder, release, renew
from stream.search import SearchFollower, search
from stream.store import open_store
from stream.store.ports import Conflict, Store, TooNew, Unavailable
from stream.store.program import Many, Program, Sql, execute, fetch
from stream.store.statements import migrations
from stream.visibility import EVERYTHING, Visibility
from tests.making import ANN, Floor, committed, message, refused


async def test_an_exception_in_a_program_rolls_everything_back(store: Store) -> None:
    def failing() -> Program[None]:
        yield Sql("save_checkpoint", ("c", "k", "v"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.write(failing())
    assert await reads.checkpoints(store, "c") == {}


async def test_a_broken_unique_key_is_a_conflict(store: Store) -> None:
    with pytest.raises(Conflict):
        await store.write(execute(Many("save_content", [("c1", "{}"), ("c1", "{}")])))
    assert await store.read(fetch("contents", ["c1"])) == []


async def test_a_database_of_a_newer_program_is_refused(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(store_url)
    await store.open()
    await store.close()
    steps = migrations(store.dialect)
    module = {"sqlite": "sqlite_file", "postgres": "postgres"}[store.dialect]
    monkeypatch.setattr(f"stream.store.{module}.migrations", lambda _dialect: steps[:-1])
    again = open_store(store_url)
    with pytest.raises(TooNew, match="newer"):
        await again.open()
    await again.close()


async def test_opening_twice_keeps_the_epoch_and_the_rows(store_url: str) -> None:
    heads = []
    for _ in range(2):
        store = open_store(store_url)
        await store.open()
        heads.append(await store.read(fetch("head")))
        await store.close()
    assert heads[0] == heads[1]
    assert len(heads[0][0][1]) == 16


async def test_a_store_that_is_not_there_says_what_to_do(store_url: str, tmp_path: Path) -> None:
    missing = (
        f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}"
        if store_url.startswith("sqlite")
        else "postgresql://a@127.0.0.1:1/x"
    )
    store = open_store(missing)
    with pytest.raises(Unavailable, match="Check t"):
        await store.open()
    await store.close()


async def test_a_lease_has_one_holder_and_every_change_of_holder_an_epoch(store: Store) -> None:
    mine = await acquire(store, "router", "a", 1.5)
    assert mine is not None
    assert await acquire(store, "router", "b", 5.0) is None
    mine = await renew(store, mine, 1.5)
    assert mine is not None
    await asyncio.sleep(1.6)
    theirs = await acquire(store, "router", "b", 5.0)
    assert theirs is not None
    assert theirs.epoch == mine.epoch + 1
    assert await renew(store, mine, 5.0) is None
    assert (await holder(store, "router")) == theirs
    await release(store, theirs)
    assert await acquire(store, "router", "c", 5.0) is not None
    forced = await acquire(store, "router", "d", 5.0, force=True)
    assert forced is not None
    assert forced.epoch == theirs.epoch + 2


async def test_one_send_in_flight_per_conversation_and_lanes_in_order(journal: Journal) -> None:
    floor = await Floor.open(journal)
    first, second = await floor.assigned("a"), await floor.assigned("b")
    replies = [floor.reply(c, text) for text in ("one", "two") for c in (first, second)]
    for reply in replies:
        await committed(journal, reply)
    now = time.time() + 1
    claims = await outbox.claim(journal.store, "w1", ["website"], now)
    assert [c.message for c in claims] == [replies[0].message, replies[1].message]
    assert await outbox.claim(journal.store, "w2", ["website"], now) == []
    assert await outbox.claim(journal.store, "w2", ["other"], now) == []
    await committed(journal, _done(claims[0], "sent"))
    (third,) = await outbox.claim(journal.store, "w2", ["website"], now)
    assert third.message == replies[2].message
    assert (await refused(journal, _done(claims[0], "sent"))).code == "state"


def _done(claim: outbox.Claim, delivery: Any, **more: Any) -> cmd.RecordDelivery:
    return cmd.RecordDelivery(
        token=new_token(), message=claim.message, fence=claim.fence, delivery=delivery, **more
    )


async def test_a_retry_holds_the_lane_and_a_failure_releases_it_with_a_mark(journal: Journal) -> None:
    floor = await Floor.open(journal)
    conversation = await floor.assigned("a")
    replies = [floor.reply(conversation, text) for text in ("one", "two")]
    for reply in replies:
        await committed(journal, reply)
    now = time.time() + 1
    (claim,) = await outbox.claim(journal.store, "w", ["website"], now)
    await committed(journal, _done(claim, "queued", due_at=now + 50, error="busy", parts_done=1))
    assert await outbox.claim(journal.store, "w", ["website"], now) == []
    (again,) = await outbox.claim(journal.store, "w", ["website"], now + 51)
    assert (again.message, again.attempts, again.parts_done) == (replies[0].message, 1, 1)
    await committed(journal, _done(again, "failed", error="550 no such user"))
    row = await reads.conversation(journal.store, conversation)
    assert row is not None
    assert row.send_mark == replies[0].message
    (letter,) = await dead.list_dead(journal.store)
    assert (letter.ref, letter.error) == (replies[0].message, "550 no such user")
    (following,) = await outbox.claim(journal.store, "w", ["website"], now)
    assert following.message == replies[1].message


async def test_a_dead_workers_claims_are_found_and_it_can_no_longer_report(journal: Journal) -> None:
    floor = await Floor.open(journal)
    conversation = await floor.assigned("a")
    await committed(journal, floor.reply(conversation))
    (claim,) = await outbox.claim(journal.store, "dead", ["website"], time.time() + 1, seconds=0.0)
    (found,) = await outbox.abandoned(journal.store, ["website"], time.time() + 2)
    assert found.fence == claim.fence
    await committed(journal, _done(found, "unknown", error="the worker died"))
    assert (await refused(journal, _done(claim, "sent"))).code == "state"
    assert (await outbox.pending(journal.store)).count == 0


async def test_a_poison_item_is_a_dead_letter_and_its_neighbours_pass(journal: Journal) -> None:
    poison = cmd.ReceivePoison(
        token=new_token(),
        channel="website",
        connector="webchat",
        source_key="bad",
        raw=b"\xff\x00",
        error="no text",
    )
    results = await asyncio.gather(
        *(journal.submit(c) for c in (message("a", "1"), poison, message("b", "2")))
    )
    assert all(isinstance(r, cmd.Committed) for r in results)
    (letter,) = await dead.list_dead(journal.store)
    shown = await dead.show_dead(journal.store, letter.id)
    assert shown is not None
    assert (bytes(shown.raw), shown.error) == (b"\xff\x00", "no text")
    await dead.drop_dead(journal.store, letter.id)
    assert await dead.count_dead(journal.store) == 0


async def test_checkpoints_need_the_lease_of_their_poller(journal: Journal) -> None:
    lease = await acquire(journal.store, "poll:mail", "a", 60.0)
    assert lease is not None

    def point(epoch: int, value: str) -> cmd.KeepCheckpoint:
        place = cmd.Checkpoint(channel="mail", key="INBOX", value=value, lease="poll:mail", epoch=epoch)
        return cmd.KeepCheckpoint(token=new_token(), checkpoint=place)

    await committed(journal, point(lease.epoch, "1:10"))
    assert (await refused(journal, point(lease.epoch + 1, "1:99"))).code == "lease"
    assert await reads.checkpoints(journal.store, "mail") == {"INBOX": "1:10"}


async def indexed(follower: SearchFollower, journal: Journal) -> float:
    """The seconds until all that is in the journal is found."""
    started = time.monotonic()
    async with asyncio.timeout(30):
        while follower.indexed < journal.head:
            await asyncio.sleep(0.02)
    return time.monotonic() - started


async def test_search_finds_prefixes_folded_accents_and_cjk_within_two_seconds_and_only_what_is_visible(
    journal: Journal,
) -> None:
    follower = SearchFollower(journal)
    task = asyncio.create_task(follower.run())
    floor = await Floor.open(journal)
    texts = {
        "a": "Meine Rechnung für März ist fälschlich doppelt",
        "b": "注文した商品がまだ届きません",
        "c": "Żółta łódź; naïve café",
    }
    ids, took = {}, []
    for who, text in texts.items():
        ids[who] = (await committed(journal, message(who, who, text))).conversation
        took.append(await indexed(follower, journal))
    assert min(took) < 2.0  # the least of them: a busy machine may pause in the midst of one

    async def found(query: str, visible: Visibility = EVERYTHING) -> set[str]:
        return {
            hit.conversation for hit in await search(journal.store, query, visible) if hit.kind == "message"
        }

    assert await found("rechn") == {ids["a"]}
    assert await found("RECHNUNG marz") == {ids["a"]}
    assert await found("fur falschlich") == {ids["a"]}
    assert await found("商品") == {ids["b"]}
    assert await found("届きません") == {ids["b"]}
    assert await found("cafe naive") == {ids["c"]}
    assert await found("rechnung cafe") == set()
    assert await found("\"'*()-:&|!<> OR") == set()
    nobody = Visibility(agent="zoe")
    assert await found("rechn", nobody) == set()
    await committed(journal, floor.enqueue(ids["a"], queue="billing"))
    assert await found("rechn", Visibility(agent="zoe", queues=("billing",))) == {ids["a"]}
    contacts = [hit.kind for hit in await search(journal.store, "a", EVERYTHING)]
    assert "contact" in contacts
    task.cancel()


async def test_erased_content_is_replayed_as_erased_and_leaves_the_index(journal: Journal) -> None:
    follower = SearchFollower(journal)
    task = asyncio.create_task(follower.run())
    done = await committed(journal, message("a", "1", "my secret word xylophone"))
    (row,) = await reads.messages(journal.store, done.conversation)
    await committed(
        journal, cmd.EraseContent(token=new_token(), contents=(row.content,), by=ANN, reason="asked")
    )
    await indexed(follower, journal)
    stored = await reads.contents(journal.store, [row.content])
    assert type(stored[row.content]).__name__ == "Erased"
    assert await search(journal.store, "xylophone", EVERYTHING) == []
    task.cancel()


async def test_a_backup_is_a_whole_copy(journal: Journal, tmp_path_factory: pytest.TempPathFactory) -> None:
    done = await committed(journal, message("a", "1"))
    folder = tmp_path_factory.mktemp("copy")
    await journal.store.backup(folder)
    copy = folder / {"sqlite": "parley.db", "postgres": "parley.dump"}[journal.store.dialect]
    if journal.store.dialect == "sqlite":
        again = open_store(f"sqlite:///{copy}")
        await again.open()
        assert await reads.message(again, done.id) == await reads.message(journal.store, done.id)
        await again.close()
    else:
        assert copy.read_bytes().startswith(b"PGDMP")


async def test_lists_page_through_everything_once(journal: Journal) -> None:
    floor = await Floor.open(journal)
    ids = {await floor.arrive(f"v{i}") for i in range(25)}
    seen: list[str] = []
    cursor = ""
    chosen = reads.ConversationFilter(visible_to=EVERYTHING, waiting=True)
    while True:
        page, cursor = await reads.list_conversations(journal.store, chosen, cursor, 10)
        seen += [row.id for row in page]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 25
    assert set(seen) == ids
    with pytest.raises(ValueError, match="could not convert"):
        await reads.list_conversations(journal.store, chosen, "nonsense|x")
