"""Taking in: files first, order kept, edits that keep their files, refusals as dead letters, checkpoints with their events."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import (
    Address,
    File,
    MessageEdited,
    MessageReceived,
    Poison,
    Signal,
    StoredFile,
    TypingObserved,
)
from connectors.delivery import LeaseLost
from connectors.files import Limits
from connectors.host import Host
from connectors.metrics import Meter
from stream import reads
from stream.commands import Checkpoint
from stream.dead import list_dead, show_dead
from stream.leases import acquire
from stream.store.ports import StoreError
from tests.connectors.ground import Ground, channel

LAB = channel("lab", "echo")
METER = Meter("lab")


def said(ident: str, text: str = "hello", who: str = "ada", **more: Any) -> MessageReceived:
    address = Address(scheme="echo", value=who)
    return MessageReceived(
        source_key=f"msg:{ident}", conversation_key=who, sender=address, text=text, provider_id=ident, **more
    )


def edited(ident: str, text: str, number: int = 1, **more: Any) -> MessageEdited:
    address = Address(scheme="echo", value="ada")
    return MessageEdited(
        source_key=f"edit:{ident}:{number}",
        conversation_key="ada",
        sender=address,
        provider_id=ident,
        text=text,
        **more,
    )


async def take(host: Host, *items: Any, **more: Any) -> list[Any]:
    return await host._delivery.take_in(LAB, items, [b"raw"] * len(items), METER, **more)


async def test_order_is_kept_whatever_the_items_need(ground: Ground) -> None:
    file = File(name="a.txt", content_type="text/plain", content=b"x" * 1000)
    async with ground.host(LAB) as host:
        verdicts = await take(
            host,
            said("1", "one", files=(file,)),
            said("2", "two"),
            edited("2", "two!"),
            said("3", "three", files=(file,)),
            said("4", "four"),
        )
    assert [verdict.ok for verdict in verdicts] == [True] * 5
    assert await ground.texts() == ["one", "two!", "three", "four"]


async def test_typing_has_a_verdict_and_leaves_no_trace(ground: Ground) -> None:
    sign = TypingObserved(source_key="", conversation_key="ada", sender=Address(scheme="echo", value="ada"))
    async with ground.host(LAB) as host:
        verdicts = await take(host, sign, said("1"), sign)
    assert [(verdict.ok, verdict.n > 0) for verdict in verdicts] == [
        (True, False),
        (True, True),
        (True, False),
    ]
    assert len(await ground.messages()) == 1


async def test_files_are_stored_and_bounded(ground: Ground) -> None:
    files = (
        File(
            name="../a.txt",
            content_type="Text/Plain; charset=x",
            content=b"abc",
            inline=True,
            content_id="c1",
        ),
        File(name="big.bin", content_type="nonsense", content=b"x" * 101),
        StoredFile(blob="ab/00000000000000000000000000", name="up.png", content_type="image/png", size=7),
        File(name="one-too-many.txt", content_type="text/plain", content=b""),
    )
    async with ground.host(LAB, max_files=3, max_file_bytes=100) as host:
        assert host._services.files.limits == Limits(files=3, bytes=100)
        await take(host, said("1", files=files))
    (message,) = await ground.messages()
    content = await ground.content(message.id)
    first, second = content.attachments
    assert (first.name, first.content_type, first.size, first.inline, first.content_id) == (
        "a.txt",
        "text/plain",
        3,
        True,
        "c1",
    )
    assert await ground.blobs.read(first.blob, 10) == b"abc"
    assert second.blob == "ab/00000000000000000000000000"
    assert [entry["name"] for entry in content.data["missing"]] == ["big.bin", "one-too-many.txt"]
    assert content.data["missing"][0]["content_type"] == "application/octet-stream"
    assert first.id == f"att_{message.id.removeprefix('msg_')}.0"


async def test_a_repeat_leaves_no_second_copy_of_its_files(ground: Ground) -> None:
    item = said("1", files=(File(name="a.txt", content_type="text/plain", content=b"abc"),))
    folder = ground.blobs
    async with ground.host(LAB) as host:
        await take(host, item)
        kept: list[str] = []
        put = folder.put_bytes

        async def spying(content: bytes, limit: int) -> Any:
            stored = await put(content, limit)
            kept.append(stored.key)
            return stored

        folder.put_bytes = spying  # type: ignore[method-assign]  # to learn the key of the second copy
        (verdict,) = await take(host, item)
    assert verdict.duplicate
    with pytest.raises(Exception, match="there is no file"):
        await folder.read(kept[0], 100)


async def test_an_edit_keeps_the_files_unless_it_brings_its_own(ground: Ground) -> None:
    old = File(name="old.txt", content_type="text/plain", content=b"old")
    new = File(name="new.txt", content_type="text/plain", content=b"new")
    async with ground.host(LAB) as host:
        await take(host, said("1", "one", files=(old,)))
        await take(host, edited("1", "uno"))
        (message,) = await ground.messages()
        first = await ground.content(message.id)
        await take(host, edited("1", "eins", 2, files=(new,)))
        second = await ground.content(message.id)
    assert (first.text, [file.name for file in first.attachments]) == ("uno", ["old.txt"])
    assert (second.text, [file.name for file in second.attachments]) == ("eins", ["new.txt"])
    row = await reads.message(ground.journal.store, message.id)
    assert row is not None
    assert row.edited_at > 0


async def test_an_edit_of_something_unknown_is_only_kept(ground: Ground) -> None:
    async with ground.host(LAB) as host:
        (verdict,) = await take(host, edited("nowhere", "x"))
        (again,) = await take(host, edited("nowhere", "x"))
    assert (verdict.ok, again.duplicate) == (True, True)
    assert await ground.messages() == []


async def test_what_the_database_will_not_take_becomes_a_dead_letter(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = ground.journal.submit

    async def picky(command: Any) -> Any:
        if getattr(command, "provider_id", "") == "2":
            raise StoreError("This command could not be kept: a reason.")
        return await submit(command)

    async with ground.host(LAB) as host:
        monkeypatch.setattr(ground.journal, "submit", picky)
        items = [said("1"), said("2"), said("3")]
        verdicts = await host._delivery.take_in(LAB, items, [b"all of it"], METER, body=b"all of it")
        strict = await take(host, said("2"), letters=False)
    assert [verdict.ok for verdict in verdicts] == [True] * 3
    assert verdicts[1].error == "This command could not be kept: a reason."
    assert (strict[0].ok, strict[0].error) == (False, "This command could not be kept: a reason.")
    assert [message.source_key for message in await ground.messages()] == ["msg:1", "msg:3"]
    (letter,) = await list_dead(ground.journal.store)
    assert letter.ref == "msg:2"
    whole = await show_dead(ground.journal.store, letter.id)
    assert whole is not None
    assert whole.raw == b"all of it"


async def _point(ground: Ground, value: str, epoch: int = 0) -> Checkpoint:
    lease = await acquire(ground.journal.store, "poll:lab", "me", 60.0, force=True)
    assert lease is not None
    return Checkpoint(channel="lab", key="k", value=value, lease="poll:lab", epoch=epoch or lease.epoch)


@pytest.mark.parametrize(
    "items",
    [
        [said("1")],
        [said("1"), said("2")],
        [],
        [
            said("1"),
            TypingObserved(source_key="", conversation_key="ada", sender=Address(scheme="echo", value="ada")),
        ],
        [said("1"), Poison(source_key="p", error="x")],
        [said("1"), edited("1", "x")],
        [
            Signal(
                source_key="s", conversation_key="ada", sender=Address(scheme="echo", value="ada"), name="x"
            )
        ],
    ],
    ids=["one", "two", "none", "typing last", "poison last", "edit last", "signal"],
)
async def test_a_checkpoint_is_kept_with_its_events_also_for_a_repeat(
    ground: Ground, items: list[Any]
) -> None:
    async with ground.host(LAB) as host:
        await take(host, *items, point=await _point(ground, "1"))
        assert await reads.checkpoints(ground.journal.store, "lab") == {"k": "1"}
        await take(host, *items, point=await _point(ground, "2"))
        assert await reads.checkpoints(ground.journal.store, "lab") == {"k": "2"}


async def test_without_the_lease_nothing_moves_the_checkpoint(ground: Ground) -> None:
    async with ground.host(LAB) as host:
        old = await _point(ground, "1")
        await _point(ground, "other")
        for items in ([said("1")], []):
            with pytest.raises(LeaseLost, match="Another process polls lab"):
                await take(host, *items, point=old)
    assert await reads.checkpoints(ground.journal.store, "lab") == {}
    assert await ground.messages() == []
    assert await list_dead(ground.journal.store) == []
