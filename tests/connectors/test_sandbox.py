"""What a connector gets: its own channel and nothing else, with every limit, and no secret in its log lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.contract import Address, File, Malformed, MessageReceived, StoredFile, TryLater, Unsupported
from connectors.host import Host
from connectors.sandbox import ChannelSandbox
from stream import commands as cmd
from stream.ids import new_token
from stream.model import MessageContent
from stream.store.ports import Unavailable
from stream.store.program import Sql, execute
from tests.connectors.ground import ANN, Ground, channel

LAB = channel("lab", "echo")


@pytest.fixture
async def host(ground: Ground) -> AsyncIterator[Host]:
    other = channel(
        "bot",
        "telegram",
        token="4711:a-very-secret-token",
        secrets=["hush-hush"],
        register=False,
        api="http://127.0.0.1:9",
    )
    async with ground.host(
        LAB, other, public_url="https://desk.example/", master=(b"new" * 11, b"old" * 11), max_file_bytes=100
    ) as host:
        yield host


def sandbox(host: Host, name: str = "lab") -> ChannelSandbox:
    found = host._running[name].connector.sandbox  # type: ignore[attr-defined]  # echo's and telegram's keep it
    assert isinstance(found, ChannelSandbox)
    return found


def said(ident: str, text: str = "hello", who: str = "ada", **more: Any) -> MessageReceived:
    return MessageReceived(
        source_key=f"msg:{ident}",
        conversation_key=who,
        sender=Address(scheme="echo", value=who),
        text=text,
        **more,
    )


async def test_who_and_where_it_is(host: Host) -> None:
    assert sandbox(host).channel == "lab"
    assert sandbox(host).public_url == "https://desk.example"


async def test_delivering(host: Host, ground: Ground) -> None:
    first, second = await sandbox(host).deliver([said("1"), said("2")], [b"one", b"two"])
    (again,) = await sandbox(host).deliver([said("1")])
    assert (first.ok, second.ok, again.ok, again.duplicate) == (True, True, True, True)
    assert again.id == first.id
    assert second.n > first.n
    assert len(await ground.messages()) == 2


async def test_delivering_without_a_database(
    host: Host, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_args: object) -> None:
        raise Unavailable("no")

    monkeypatch.setattr(ground.journal, "submit", away)
    with pytest.raises(TryLater, match="could not be kept now"):
        await sandbox(host).deliver([said("1")])


async def test_uploads_and_their_limit(host: Host, ground: Ground) -> None:
    stored = await sandbox(host).upload("../x.png", "image/png", b"png")
    assert (stored.name, stored.size) == ("x.png", 3)
    assert await ground.blobs.read(stored.blob, 10) == b"png"
    with pytest.raises(Malformed, match="at most 100 bytes"):
        await sandbox(host).upload("big", "image/png", b"x" * 101)


async def _talk(host: Host, ground: Ground) -> str:
    """The customer writes twice, an agent answers and notes; the conversation's id."""
    await sandbox(host).deliver(
        [said("1", "one", files=(File(name="a.txt", content_type="text/plain", content=b"abc"),))]
    )
    (message,) = await ground.messages()
    reply = await ground.reply(message.conversation, "answer")
    await ground.delivery(reply, "delivered")
    note = cmd.AddNote(
        token=new_token(),
        conversation=message.conversation,
        by=ANN,
        message=f"msg_{new_token()}",
        content=MessageContent(text="secret note"),
    )
    await ground.journal.submit(note)
    await sandbox(host).deliver([said("2", "two")])
    return message.conversation


async def test_history_has_both_sides_and_no_notes(host: Host, ground: Ground) -> None:
    conversation = await _talk(host, ground)
    history = await sandbox(host).history("ada")
    assert [(item.direction, item.text) for item in history] == [
        ("in", "one"),
        ("out", "answer"),
        ("in", "two"),
    ]
    assert [item.conversation for item in history] == [conversation] * 3
    assert history[1].delivery == "delivered"
    assert history[0].files[0].name == "a.txt"
    assert [item.n for item in history] == sorted(item.n for item in history)
    assert await sandbox(host).history("ada", after=history[0].n) == history[1:]
    assert await sandbox(host).history("ada", after=-1, limit=2) == history[2:]
    assert await sandbox(host).history("bob") == []
    assert await sandbox(host, "bot").history("ada") == []


async def test_history_looks_past_a_page_of_notes(host: Host, ground: Ground) -> None:
    await _talk(host, ground)
    history = await sandbox(host).history("ada")
    assert [item.text for item in await sandbox(host).history("ada", after=history[1].n, limit=1)] == ["two"]


async def test_files_are_given_to_those_whose_they_are(host: Host, ground: Ground) -> None:
    await _talk(host, ground)
    ident = (await sandbox(host).history("ada"))[0].files[0].id
    file = await sandbox(host).read_file("ada", ident)
    assert file is not None
    assert (file.name, file.content) == ("a.txt", b"abc")
    assert await sandbox(host).read_file("bob", ident) is None
    assert await sandbox(host).read_file("ada", "att_nothing.0") is None
    assert await sandbox(host, "bot").read_file("ada", ident) is None
    await sandbox(host).deliver(
        [said("3", files=(StoredFile(blob="ab/" + "0" * 26, name="gone", content_type="x/y", size=1),))]
    )
    gone = (await sandbox(host).history("ada"))[-1].files[0].id
    assert await sandbox(host).read_file("ada", gone) is None


async def test_hints_stay_within_the_channel(host: Host) -> None:
    heard: list[tuple[str, bytes]] = []

    async def listen() -> None:
        async for hint in sandbox(host).hints("a", "b"):
            heard[len(heard) :] = [hint]

    task = asyncio.create_task(listen())
    await asyncio.sleep(0.01)
    await sandbox(host).notify("a", b"1")
    await sandbox(host, "bot").notify("a", b"not ours")
    await sandbox(host).notify("c", b"not asked for")
    await sandbox(host).notify("b", b"2")
    await asyncio.sleep(0.01)
    task.cancel()
    assert heard == [("a", b"1"), ("b", b"2")]


async def test_buckets_stay_within_the_channel(host: Host) -> None:
    assert await sandbox(host).take("k", 1, 60.0) == 0.0
    assert await sandbox(host).take("k", 1, 60.0) > 0.0
    assert await sandbox(host, "bot").take("k", 1, 60.0) == 0.0


async def test_keys_differ_by_channel_purpose_and_master(host: Host) -> None:
    keys = sandbox(host).keys("visitors")
    assert keys == sandbox(host).keys("visitors")
    assert [len(key) for key in keys] == [32, 32]
    assert len({*keys, *sandbox(host).keys("files"), *sandbox(host, "bot").keys("visitors")}) == 6


async def test_requests_are_guarded(host: Host) -> None:
    with pytest.raises(Unsupported, match="not a public one"):
        await sandbox(host).http("GET", "http://10.0.0.1/")


async def test_log_lines_are_redacted(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[Any] = []

    class Log:
        def info(self, event: str, **facts: Any) -> None:
            lines.append((event, facts))

    monkeypatch.setattr("connectors.sandbox._log", Log())
    sandbox(host, "bot").log(
        "asked", url="https://api/bot4711:a-very-secret-token/x", count=3, more={"s": "hush-hush"}, none=None
    )
    ((event, facts),) = lines
    assert event == "asked"
    assert facts == {
        "channel": "bot",
        "url": "https://api/bot****/x",
        "count": 3,
        "more": "{'s': '****'}",
        "none": None,
    }


async def test_checkpoints(host: Host, ground: Ground) -> None:
    await ground.journal.store.write(execute(Sql("save_checkpoint", ("lab", "k", "7"))))
    assert await sandbox(host).checkpoints() == {"k": "7"}
    assert await sandbox(host, "bot").checkpoints() == {}
