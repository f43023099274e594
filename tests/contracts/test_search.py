"""The search index on both databases: odd words, merged contacts, who may see a contact, paging, rebuilding."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from stream import commands as cmd
from stream import reads
from stream.ids import new_token
from stream.journal import Journal
from stream.model import MessageContent
from stream.search import SearchFollower, search
from stream.visibility import EVERYTHING, Visibility
from tests.making import ANN, Floor, committed, message, sender

ODD = [
    "1e5", "12abc", "abc12", "0x1F", "v2", "007", "3.14", "10,50", "a1b2c3", "x86_64", "foo.bar", "user@example.org",
    "https://example.org/a-b?c=d", "O'Neill", "C++", "naïveté", "½", "ｗｉｄｅ", "Ⅷ", "ﬃ", "ß", "ǅ", "हिन्दी", "ไทย", "עברית",
    "中", "ひらがな", "カタカナ", "한국", "ab中文cd", "-5", "+49151", "#tag", "TRUE", "and", "or", "not", "to", "the",
]  # fmt: skip


@pytest.fixture
async def follower(journal: Journal) -> AsyncIterator[SearchFollower]:
    """Give a follower at work."""
    opened = SearchFollower(journal)
    task = asyncio.create_task(opened.run())
    yield opened
    task.cancel()


async def indexed(follower: SearchFollower, journal: Journal) -> None:
    """Wait until the index is up with the journal."""
    async with asyncio.timeout(30):
        while follower.indexed < journal.head:
            await asyncio.sleep(0.02)


async def found(journal: Journal, query: str, who: Visibility = EVERYTHING) -> set[str]:
    """The ids of what is found."""
    return {hit.ref for hit in await search(journal.store, query, who, limit=100)}


async def test_odd_words_are_found_as_they_were_written(journal: Journal, follower: SearchFollower) -> None:
    texts = {word: f"first {word} last" for word in ODD}
    made = {word: (await committed(journal, message("v", word, text))).id for word, text in texts.items()}
    await indexed(follower, journal)
    missing = [word for word, ident in made.items() if ident not in await found(journal, word)]
    assert missing == []
    assert len(await found(journal, "first last")) == len(ODD)


async def test_an_edited_message_is_found_by_its_new_words_only(
    journal: Journal, follower: SearchFollower
) -> None:
    done = await committed(journal, message("v", "1", "elephant", provider_id="p1"))
    edit = cmd.ReceiveEdit(
        token=new_token(), channel="website", connector="webchat", source_key="e", provider_id="p1",
        content=MessageContent(text="giraffe"),
    )  # fmt: skip
    await committed(journal, edit)
    await indexed(follower, journal)
    assert await found(journal, "giraffe") == {done.id}
    assert await found(journal, "elephant") == set()


async def test_contacts_are_found_by_who_may_see_a_conversation_of_theirs(
    journal: Journal, follower: SearchFollower
) -> None:
    floor = await Floor.open(journal)
    conversation = await floor.arrive("wilhelmina", sender=sender("wilhelmina"))
    row = await reads.conversation(journal.store, conversation)
    assert row is not None
    identity = await reads.identity(journal.store, row.identity)
    assert identity is not None
    await indexed(follower, journal)
    hits = {identity.id, identity.contact}
    assert await found(journal, "wilhelm") == hits
    assert await found(journal, "wilhelm", Visibility(agent="zoe")) == set()
    note = {
        "conversation": conversation,
        "by": ANN,
        "message": f"msg_{new_token()}",
        "content": MessageContent(text="n"),
    }
    await committed(journal, cmd.AddNote(token=new_token(), mentions=("zoe",), **note))  # type: ignore[arg-type]  # of the line above
    assert await found(journal, "wilhelm", Visibility(agent="zoe")) == hits


async def test_a_merged_contact_is_found_by_its_old_name(journal: Journal, follower: SearchFollower) -> None:
    floor = await Floor.open(journal)
    owners = {}
    for who in ("adalbert", "bertrand"):
        row = await reads.conversation(journal.store, await floor.arrive(who))
        assert row is not None
        identity = await reads.identity(journal.store, row.identity)
        assert identity is not None
        owners[who] = identity.contact
    merge = cmd.MergeContacts(
        token=new_token(), contact=owners["adalbert"], merged=owners["bertrand"], by=ANN
    )
    await committed(journal, merge)
    await indexed(follower, journal)
    assert owners["bertrand"] in await found(journal, "bertrand")


async def test_finding_goes_page_by_page_newest_first(journal: Journal, follower: SearchFollower) -> None:
    made = [(await committed(journal, message("v", f"m{n}", f"common {n}"))).id for n in range(25)]
    await indexed(follower, journal)
    seen: list[str] = []
    before = 2**62
    while page := await search(journal.store, "common", EVERYTHING, before=before, limit=10):
        seen += [hit.ref for hit in page]
        before = page[-1].id
    assert seen == made[::-1]


async def test_a_rebuilt_index_finds_the_same(journal: Journal, follower: SearchFollower) -> None:
    done = await committed(journal, message("v", "1", "elephant"))
    await indexed(follower, journal)
    await follower.rebuild()
    assert await found(journal, "elephant") == set()
    again = SearchFollower(journal)
    task = asyncio.create_task(again.run())
    await indexed(again, journal)
    task.cancel()
    assert await found(journal, "elephant") == {done.id}
