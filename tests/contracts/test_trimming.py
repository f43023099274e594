"""The journal is trimmed by age, in small batches, behind everybody who has a place in it; what is left works. On both databases."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from stream import commands as cmd
from stream import reads, retention, trimming
from stream.automation import PLACE, Automation
from stream.erasing import erase_contact
from stream.ids import new_token
from stream.indexing import CURSOR
from stream.journal import Journal, Trimmed
from stream.search import SearchFollower
from stream.store.program import Many, execute, fetch
from stream.trimming import CALLS, trim
from tests.contracts.dumping import by_hand, holding
from tests.making import ANN, Floor, committed, message

DAY = 86_400.0


@pytest.fixture(params=["sqlite with a writer", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    """Say which store it is: the programs are one, with and without a writer's process."""
    return str(request.param)


async def first(journal: Journal) -> int:
    """The number of the oldest event that is kept."""
    return int((await journal.store.read(fetch("journal_after", 0, 1)))[0][0])


async def indexed(journal: Journal) -> None:
    """Let the search index be up with the journal."""
    while await journal.writer.index(400) < journal.head:
        pass


async def place(journal: Journal, where: tuple[str, str], value: str) -> None:
    """Keep a follower's place."""
    await journal.store.write(execute(Many("save_checkpoint", [(*where, value)])))


async def aged(journal: Journal, url: str, *, days: float = 40, upto: int = 2**53) -> None:
    """Everything until now was long ago; the index has it."""
    await indexed(journal)
    await by_hand(url, f"UPDATE journal SET at = at - {days * DAY} WHERE n <= {upto}")  # numbers


def now(journal: Journal) -> float:
    """Thirty days ago: older goes."""
    return journal._clock() - 30 * DAY


async def test_what_is_older_goes_in_batches_and_what_was_said_stays(
    journal: Journal, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "BATCH", 4)
    monkeypatch.setattr(trimming, "BATCHES", 2)
    floor = await Floor.open(journal)
    conversation = await floor.arrive("ada", text="the old words")
    await aged(journal, store_url)
    old = journal.head
    young = await committed(journal, message("ada", "young", "the new words"))
    assert old > 8
    assert [await trim(journal.store, now(journal)) for _ in range(3)] == [8, old - 8, 0]
    assert await first(journal) == old + 1
    said = await reads.messages(journal.store, conversation)
    contents = await journal.contents([row.content for row in said])
    assert [getattr(contents[row.content], "text", "") for row in said] == ["the old words", "the new words"]
    assert [one.n for one in await reads.events_of(journal.store, conversation)] == [young.n]
    again = await journal.submit(message("ada", "young"))
    assert isinstance(again, cmd.Duplicate)
    await committed(journal, floor.reply(conversation))


async def test_the_newest_event_and_what_somebody_has_still_to_read_stay(
    journal: Journal, store_url: str
) -> None:
    await Floor.open(journal)
    for number in range(20):
        await committed(journal, message(f"v{number}", f"m:{number}"))
    await by_hand(store_url, f"UPDATE journal SET at = at - {40 * DAY}")  # a number
    assert await trim(journal.store, now(journal)) == 0, "nothing is indexed yet"
    for where, value, expected in (
        (CURSOR, "7", 8),
        (PLACE, msgspec.json.encode(Automation(cursor=9, on=True)).decode(), 10),
        (CALLS, '{"cursor":11,"on":true,"waiting":[],"awaited":[]}', 12),
    ):
        if where != CURSOR:
            await indexed(journal)
        await place(journal, where, value)
        await trim(journal.store, now(journal))
        assert await first(journal) == expected
        if where != CURSOR:
            await place(journal, where, value.replace("true", "false"))
    await trim(journal.store, now(journal))
    assert await first(journal) == journal.head


async def test_who_holds_the_trimming_up_is_told_once_until_they_go_on(
    journal: Journal, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "EVERY_SECONDS", 0.01)
    await Floor.open(journal)
    for number in range(5):
        await committed(journal, message(f"v{number}", f"m:{number}"))
    await aged(journal, store_url)
    asleep = Automation(cursor=3, on=True)
    await place(journal, PLACE, msgspec.json.encode(asleep).decode())
    told: list[trimming.HeldUp] = []
    passes = 0

    def clock() -> float:
        nonlocal passes
        passes += 1
        return journal._clock()

    limits = retention.Retention(journal_seconds=30 * DAY)
    task = asyncio.create_task(retention.keep_clean(journal.store, clock, limits, tell=told.append))

    async def again() -> None:
        before = passes
        while passes < before + 8:
            await asyncio.sleep(0.01)

    async with asyncio.timeout(60):
        await again()
        assert [(one.follower, one.cursor) for one in told] == [("automations", 3)]
        await place(journal, PLACE, msgspec.json.encode(Automation(cursor=journal.head, on=True)).decode())
        await again()
        assert len(told) == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_two_who_trim_at_once_and_one_who_is_interrupted_do_no_harm(
    journal: Journal, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "BATCH", 3)
    monkeypatch.setattr(trimming, "PAUSE", 3_600)
    for number in range(10):
        await committed(journal, message(f"v{number}", f"m:{number}"))
    await aged(journal, store_url)
    task = asyncio.create_task(trim(journal.store, now(journal)))
    async with asyncio.timeout(60):
        while await first(journal) == 1:
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await first(journal) == 4
    monkeypatch.setattr(trimming, "PAUSE", 0)
    await asyncio.gather(*(trim(journal.store, now(journal)) for _ in range(3)))
    assert await first(journal) == journal.head


async def test_who_comes_back_from_before_is_told_to_start_over(journal: Journal, store_url: str) -> None:
    for number in range(3):
        await committed(journal, message(f"v{number}", f"m:{number}"))
    await aged(journal, store_url)
    await trim(journal.store, now(journal))
    journal._tail.clear()  # as in a process that was started since
    with pytest.raises(Trimmed, match=f"begins at {journal.head}, not at 3"):
        async for _batch in journal.follow(2):
            pass
    with pytest.raises(Trimmed, match="would lack what was before"):
        await SearchFollower(journal).rebuild()
    async for batch in journal.follow(journal.head - 1):
        assert [one.n for one in batch] == [journal.head]
        break


async def test_a_process_that_slept_through_it_starts_over(journal: Journal, store_url: str) -> None:
    await committed(journal, message("v", "m:1"))
    asleep = Journal(journal.store, journal.bus, journal.writer)
    asleep.head, asleep.epoch = 1, journal.epoch
    for number in range(2, 5):
        await committed(journal, message("v", f"m:{number}"))
    await aged(journal, store_url)
    await trim(journal.store, now(journal))
    await asleep._catch_up()
    assert (asleep.head, asleep._tail) == (journal.head, [])


async def test_records_of_decisions_go_with_their_events(journal: Journal, store_url: str) -> None:
    floor = await Floor.open(journal)
    conversation = await floor.arrive("ada")
    await committed(journal, floor.enqueue(conversation, explain={"why": "an old record"}))
    assert await holding(store_url, "an old record") == ["content"]
    await aged(journal, store_url)
    young = await floor.arrive("ben")
    await committed(journal, floor.enqueue(young, explain={"why": "a young record"}))
    await trim(journal.store, now(journal))
    assert await holding(store_url, "an old record") == []
    assert await holding(store_url, "a young record") == ["content"]


async def test_a_person_is_erased_whole_though_their_events_are_gone(
    journal: Journal, store_url: str
) -> None:
    floor = await Floor.open(journal)
    conversation = await floor.arrive("ada-visitor", "msg:1", text="first words", provider_id="p1")
    row = await reads.conversation(journal.store, conversation)
    identity = await reads.identity(journal.store, row.identity) if row else None
    assert identity is not None
    rename = cmd.ChangeContact(token=new_token(), contact=identity.contact, name="Ada of old", by=ANN)
    await committed(journal, rename)
    edit = cmd.ReceiveEdit(
        token=new_token(), channel="website", connector="webchat", source_key="edit:1", raw=b"second words",
        provider_id="p1", content=message("x", "y", "second words").content,
    )  # fmt: skip
    await committed(journal, edit)
    await committed(journal, msgspec.structs.replace(rename, token=new_token(), name="Ada L."))
    third = {
        "token": new_token(),
        "source_key": "edit:2",
        "content": message("x", "y", "third words").content,
    }
    await aged(journal, store_url)
    await trim(journal.store, now(journal))
    await committed(journal, msgspec.structs.replace(edit, **third))
    for word in ("Ada", "words"):
        assert "content" in await holding(store_url, word)
    await erase_contact(journal, identity.contact, ANN)
    await indexed(journal)
    assert await holding(store_url, "Ada", "words") == []


async def test_when_it_all_began_is_remembered_for_the_sweep_of_files(
    journal: Journal, store_url: str
) -> None:
    await committed(journal, message("v", "m:1"))
    await aged(journal, store_url)
    ((began,),) = await journal.store.read(fetch("journal_begin"))
    await committed(journal, message("v", "m:2"))
    for _twice in range(2):
        await trim(journal.store, now(journal))
        ((begin,),) = await journal.store.read(fetch("journal_begin"))
        assert begin == began


async def test_an_empty_database_is_left_alone(journal: Journal) -> None:
    assert await trim(journal.store, 1e12) == 0
    assert (await journal.store.read(fetch("journal_begin")))[0][0] is None
