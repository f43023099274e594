"""A person who is erased is gone from contents, raw input and dead letters, and nobody else is; raw input goes by age. On both databases."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from stream import commands as cmd
from stream import raw, reads
from stream.bus import open_bus
from stream.dead import list_dead
from stream.erasing import Marks, NotErased, erase_contact
from stream.ids import new_token
from stream.journal import Journal
from stream.model import Attachment, Erased, MessageContent
from stream.outbox import claim
from stream.raw import forget_old
from stream.search import SearchFollower, search
from stream.store.ports import Store
from stream.store.program import Program, Sql, execute, fetch
from stream.store.statements import migrations
from stream.visibility import EVERYTHING
from stream.writer.ports import Writer
from tests.contracts.dumping import by_hand, holding
from tests.making import ANN, Floor, committed, message

WHO = "ada-visitor"


async def kept(journal: Journal) -> set[str]:
    """The keys of the deliveries whose bytes are still there."""
    return {one.source_key for one in await raw.page_of(journal.store, raw.BEGIN) if one.raw}


def poison(key: str, said: bytes) -> cmd.ReceivePoison:
    return cmd.ReceivePoison(
        token=new_token(),
        channel="website",
        connector="webchat",
        source_key=key,
        raw=said,
        error="unreadable",
    )


async def lived(journal: Journal) -> tuple[str, str]:
    """Ada writes, is answered in vain, writes again, is blocked; somebody else writes. Their contacts."""
    floor = await Floor.open(journal)
    conversation = await floor.arrive(WHO, "msg:1", provider_id="p1")
    edit = cmd.ReceiveEdit(
        token=new_token(), channel="website", connector="webchat", source_key="edit:1", raw=b"new",
        provider_id="p1", content=message(WHO, "x").content,
    )  # fmt: skip
    await committed(journal, edit)
    reply = floor.reply(conversation)
    await committed(journal, reply)
    (claimed,) = await claim(journal.store, "w", ["website"], 1e12)
    failed = cmd.RecordDelivery(
        token=new_token(),
        message=reply.message,
        fence=claimed.fence,
        delivery="failed",
        error=f"550 <{WHO}> unknown",
    )
    await committed(journal, failed)
    asked = cmd.Transfer(token=new_token(), conversation=conversation, by=ANN, reason=f"{WHO} asks for it")
    await committed(journal, asked)
    for letter in (poison("dead:1", b"from " + WHO.encode() + b"!"), poison("dead:2", b"from ada-visitors")):
        await committed(journal, letter)
    other = await floor.arrive("ben", "msg:2")
    contacts = []
    for one in (conversation, other):
        row = await reads.conversation(journal.store, one)
        assert row is not None
        identity = await reads.identity(journal.store, row.identity)
        assert identity is not None
        contacts.append(identity.contact)
        if one == conversation:
            await committed(
                journal, cmd.BlockIdentity(token=new_token(), identity=identity.id, blocked=True, by=ANN)
            )
    await committed(journal, message(WHO, "msg:3"))
    return contacts[0], contacts[1]


async def test_a_person_is_erased_everywhere_and_nobody_else_is(journal: Journal) -> None:
    ada, ben = await lived(journal)
    rename = cmd.ChangeContact(token=new_token(), contact=ada, name="Ada L.", by=ANN)
    await committed(journal, rename)
    assert await kept(journal) == {"msg:1", "edit:1", "dead:1", "dead:2", "msg:2", "msg:3"}
    done = await erase_contact(journal, ada, ANN, "asked")
    assert await kept(journal) == {"dead:2", "msg:2"}
    assert [one.ref for one in await list_dead(journal.store)] == ["dead:2"]
    assert (done.raw, done.letters) == (4, 2)
    rows = await journal.store.read(fetch("contents", await _contents(journal)))
    left = " ".join(str(body) for _ident, body in rows)
    assert "Ada" not in left
    assert WHO not in left
    assert "ben" in left
    profile = (await reads.contact(journal.store, ada) or pytest.fail("gone")).profile
    assert isinstance((await journal.contents([profile]))[profile], Erased)
    again = await erase_contact(journal, ada, ANN)
    assert (again.raw, again.letters) == (0, 0)
    assert await reads.contact(journal.store, ben) is not None


async def test_nothing_of_theirs_is_left_in_any_table(journal: Journal, store_url: str) -> None:
    ada, _ben = await lived(journal)
    for name in ("Ada of old", "Ada L."):
        await committed(journal, cmd.ChangeContact(token=new_token(), contact=ada, name=name, by=ANN))
    follower = SearchFollower(journal)
    following = asyncio.create_task(follower.run())
    await _indexed(follower, journal)
    before = await holding(store_url, WHO)
    assert {"content", "inbound", "journal", "message", "dead_letter"} <= set(before)
    assert await holding(store_url, "of old") == ["content"]
    found = {hit.kind for hit in await search(journal.store, "ada", EVERYTHING)}
    assert found == {"contact"}
    await erase_contact(journal, ada, ANN, "asked")
    await _indexed(follower, journal)
    # another visitor's name begins with hers: a whole word is looked for, and his letter stays
    assert await holding(store_url, WHO) == ["dead_letter", "inbound"]
    assert "ada-visitors" in str(await by_hand(store_url, "SELECT raw FROM dead_letter"))
    assert await holding(store_url, "of old") == []
    (kept,) = [
        one
        for one in await journal.store.read(fetch("journal_after", 0, 1_000))
        if "message.delivery" in one[2] and "failed" in one[2]
    ]
    assert "error" not in kept[2]
    following.cancel()
    await follower.rebuild()
    again = SearchFollower(journal)
    following = asyncio.create_task(again.run())
    await _indexed(again, journal)
    assert await search(journal.store, "ada", EVERYTHING) == []
    assert {hit.kind for hit in await search(journal.store, "ben", EVERYTHING)} == {"contact"}
    following.cancel()


async def _indexed(follower: SearchFollower, journal: Journal) -> None:
    async with asyncio.timeout(60):
        while follower.indexed < journal.head:
            await asyncio.sleep(0.02)


async def test_files_and_what_is_still_to_be_fetched_go(journal: Journal, store_url: str) -> None:
    file = Attachment(id="a", blob="ab/" + "0" * 26, name="ada.pdf", content_type="application/pdf", size=1)
    floor = await Floor.open(journal)
    conversation = await floor.arrive(WHO, "msg:1", content=MessageContent(text="see", attachments=(file,)))
    later = execute(Sql("media_put", ("website", "msg:1", '["of ada"]', 1.0, 1e12)))
    await journal.store.write(later)
    row = await reads.conversation(journal.store, conversation)
    identity = await reads.identity(journal.store, row.identity) if row else None
    assert identity is not None
    assert await holding(store_url, file.blob) == ["blob_ref", "content"]
    assert "media" in await holding(store_url, "of ada")
    await erase_contact(journal, identity.contact, ANN)
    assert await holding(store_url, file.blob) == []
    assert await holding(store_url, "ada") == []


MANY = 100_000
SERIES = f"WITH RECURSIVE s (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM s WHERE x < {MANY}) "
STRANGER = """'{"type":"message.received","conversation":"cnv_' || x || '","message":"msg_' || x || '","seq":1,"author":{"kind":"contact"},"content":"ct_' || x || '","source_key":"m:' || x || '"}'"""


async def test_erasing_reads_only_what_is_theirs_however_long_the_journal(
    store: Store, writing: tuple[Store, Writer | None], store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand events and inputs of others, made by the database itself."""
    await by_hand(
        store_url,
        f"INSERT INTO journal (n, at, conversation, body, scope) {SERIES} SELECT x, x, NULL, {STRANGER}, NULL FROM s",
        f"INSERT INTO inbound (channel, source_key, n, ref, at, raw) {SERIES} SELECT 'website', 'm:' || x, x, 'msg_' || x, x, NULL FROM s",
        f"UPDATE journal_head SET n = {MANY}",
    )
    bus = open_bus("memory:")
    await bus.open()
    journal = Journal(store, bus, writing[1])
    await journal.open()
    ada, _ben = await lived(journal)
    rows: list[int] = []
    statements: set[str] = set()
    real = store.read

    async def counted(program: Program[Any]) -> Any:
        def heard() -> Program[Any]:
            step = next(program)
            while True:
                got = yield step
                statements.add(step.name)
                rows.append(len(got))
                try:
                    step = program.send(got)
                except StopIteration as stop:
                    return stop.value

        return await real(heard())

    monkeypatch.setattr(store, "read", counted)
    done = await erase_contact(journal, ada, ANN, "asked")
    await journal.close()
    await bus.close()
    assert (done.raw, done.letters) == (4, 2)
    assert sum(rows) < 200
    assert not statements & {"journal_after", "inbound_page", "journal_moment"}


async def test_what_was_kept_before_the_tables_is_found(journal: Journal, store_url: str) -> None:
    ada, _ben = await lived(journal)
    for name in ("Ada of old", "Ada L."):
        await committed(journal, cmd.ChangeContact(token=new_token(), contact=ada, name=name, by=ANN))
    for table in ("past", "inbound_of"):
        await by_hand(store_url, f"DELETE FROM {table}")  # of these two
    (step,) = (one for one in migrations(journal.store.dialect) if one.name == "keeping")
    for statement in step.statements:
        if "INSERT" in statement:
            await by_hand(store_url, statement)
    await erase_contact(journal, ada, ANN)
    assert await kept(journal) == {"dead:2", "msg:2"}
    assert await holding(store_url, "Ada ") == []


async def _contents(journal: Journal) -> list[str]:
    """Every content row that an event names."""
    found = []
    for recorded in await journal.read(0, 10_000):
        for field in ("content", "profile", "address", "about"):
            found += [name] if (name := getattr(recorded.event, field, "")) else []
    return found


async def test_bytes_that_came_with_somebody_elses_go_too(journal: Journal) -> None:
    floor = await Floor.open(journal)
    conversation = await floor.arrive("ada")
    await floor.arrive("late")
    together = [
        message("ben", "msg:1", raw=b"[ben, ada]"),
        message("ada", "msg:2", raw=b""),
        poison("dead:1", b"nothing of hers"),
        poison("dead:2", b""),
    ]
    await asyncio.gather(*(committed(journal, command) for command in together[:2]))
    for command in together[2:]:
        await committed(journal, command)
    row = await reads.conversation(journal.store, conversation)
    identity = await reads.identity(journal.store, row.identity) if row else None
    assert identity is not None
    before = await kept(journal)
    await erase_contact(journal, identity.contact, ANN)
    assert {"msg:1", "msg:2"} & await kept(journal) == set()
    assert len(before - await kept(journal)) == 3
    assert {one.ref for one in await list_dead(journal.store)} == {"dead:1", "dead:2"}


async def test_who_was_merged_is_erased_with_the_other(journal: Journal) -> None:
    ada, ben = await lived(journal)
    await committed(journal, cmd.MergeContacts(token=new_token(), contact=ben, merged=ada, by=ANN))
    with pytest.raises(NotErased, match=f"merged into {ben}"):
        await erase_contact(journal, ada, ANN)
    await erase_contact(journal, ben, ANN)
    assert await kept(journal) == {"dead:2"}
    with pytest.raises(LookupError, match="no contact ctc_nowhere"):
        await erase_contact(journal, "ctc_nowhere", ANN)


async def test_raw_input_goes_by_age_in_bounded_passes(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        await committed(journal, message("v", f"msg:{number}"))
    monkeypatch.setattr(raw, "PAGE", 2)
    monkeypatch.setattr(raw, "PAGES", 1)
    assert [await forget_old(journal.store, time.time() + 1) for _ in range(5)] == [2, 2, 2, 1, 0]
    monkeypatch.setattr(raw, "PAGE", 100)
    assert await kept(journal) == set()
    again = await journal.submit(message("v", "msg:3"))
    assert isinstance(again, cmd.Duplicate)
    await committed(journal, message("v", "msg:young"))
    assert await forget_old(journal.store, time.time() - 60) == 0
    assert await kept(journal) == {"msg:young"}


def test_what_is_theirs_is_told_by_addresses_and_by_bytes() -> None:
    marks = Marks(["ada@example.org", "+4930123", "42"])
    assert marks.on(b"From: <ADA@example.org>")
    assert marks.on(b'{"phone":"+4930123"}')
    assert not marks.on(b"+49301234 42")
    assert not Marks(["42"]).on(b"42")
    marks.learn(b"[1, 2]")
    assert marks.on(b"[1, 2]")
    assert not marks.on(b"[1, 2, 3]")
    marks.learn(b"")
    assert not marks.on(b"")
