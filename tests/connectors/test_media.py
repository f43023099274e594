"""Files that come later: written down before the message, fetched after it, joined to what it says, and found again after a crash."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import pytest

from connectors import media as media_module
from connectors.channel import Channel
from connectors.contract import (
    Address,
    Capabilities,
    File,
    Manifest,
    MediaRef,
    MessageEdited,
    MessageReceived,
    NoConfig,
    Sandbox,
    TryLater,
    Unsupported,
)
from connectors.echo.codec import parse
from connectors.host import Host
from connectors.kit.connector import BaseConnector
from connectors.metrics import Meter
from stream import commands as cmd
from stream import events as ev
from stream import reads
from stream.ids import new_token
from stream.model import MessageContent
from stream.store.program import Sql, execute
from tests.connectors.ground import ANN, Ground, channel, until

METER = Meter("lab")
ADA = Address(scheme="echo", value="ada")


class Fetching(BaseConnector):
    """Fetches files by their token; fails as told; waits for the gate."""

    capabilities = Capabilities(transports=("webhook",))

    def __init__(self, config: Any, sandbox: Sandbox) -> None:
        super().__init__(config, sandbox)
        self.faults: deque[Exception] = deque()
        self.fetched: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def media(self, ref: MediaRef) -> File:
        self.fetched.append(ref.token)
        await self.gate.wait()
        if self.faults:
            raise self.faults.popleft()
        return File(name=ref.name, content_type=ref.content_type, content=ref.token.encode())


LAB: Channel = channel(
    "lab",
    Manifest(
        id="fetching",
        name="Fetching",
        contract=1,
        config=NoConfig,
        capabilities=Fetching.capabilities,
        create=Fetching,
        parse=parse,
    ),
)


def ref(token: str, size: int = 0) -> MediaRef:
    return MediaRef(token=token, name=f"{token}.jpg", content_type="image/jpeg", size=size)


def said(ident: str, *refs: MediaRef) -> MessageReceived:
    return MessageReceived(
        source_key=f"msg:{ident}",
        conversation_key="ada",
        sender=ADA,
        text="see",
        provider_id=ident,
        files=refs,
    )


def connector(host: Host) -> Fetching:
    found = host._running["lab"].connector
    assert isinstance(found, Fetching)
    return found


async def take(host: Host, item: Any) -> None:
    (verdict,) = await host._delivery.take_in(LAB, [item], [b""], METER)
    assert verdict.ok


async def landed(ground: Ground, count: int = 1) -> MessageContent:
    """Wait until the first message has `count` files, or names that many as missing."""

    async def there() -> MessageContent | None:
        (message, *_others) = await ground.messages()
        content = await ground.content(message.id)
        return content if len(content.attachments) + len(content.data.get("missing", ())) >= count else None

    return await until(there)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_module, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(media_module, "full_jitter", lambda *_args, **_more: 0.0)
    monkeypatch.setattr(media_module, "SHORTEST_WAIT", 0.01)
    monkeypatch.setattr(media_module, "GRACE_SECONDS", 0.1)


async def test_a_file_is_fetched_after_the_commit_and_joins_the_message(ground: Ground) -> None:
    async with ground.host(LAB) as host:
        connector(host).gate.clear()
        await take(host, said("1", ref("a"), ref("b")))
        (message,) = await ground.messages()
        content = await ground.content(message.id)
        assert [entry["name"] for entry in content.data["pending"]] == ["a.jpg", "b.jpg"]
        assert await ground.rows("media_count") == [(1,)]
        connector(host).gate.set()
        content = await landed(ground, 2)
        await until(lambda: _empty(ground))
    assert [file.name for file in content.attachments] == ["a.jpg", "b.jpg"]
    assert [await ground.blobs.read(file.blob, 10) for file in content.attachments] == [b"a", b"b"]
    assert "pending" not in content.data
    assert content.text == "see"
    row = await reads.message(ground.journal.store, message.id)
    assert row is not None
    assert row.edited_at == 0.0
    kinds = [type(recorded.event) for recorded in await ground.journal.read(0)]
    assert kinds.count(ev.MessageEdited) == 1


async def _empty(ground: Ground) -> bool:
    return await ground.rows("media_count") == [(0,)]


async def test_a_crash_after_the_commit_loses_no_file(ground: Ground) -> None:
    async with ground.host(LAB) as host:
        connector(host).gate.clear()
        await take(host, said("1", ref("a")))
        await until(lambda: _fetched(host))
    async with ground.host(LAB) as host:
        await _claims_are_over(ground)
        assert [file.name for file in (await landed(ground)).attachments] == ["a.jpg"]


async def _fetched(host: Host) -> bool:
    return bool(connector(host).fetched)


async def _claims_are_over(ground: Ground) -> None:
    await ground.journal.store.write(execute(Sql("media_later", ("lab", "msg:1", 0.0))))


async def test_a_crash_before_the_commit_leaves_a_row_that_waits_for_its_message(ground: Ground) -> None:
    async with ground.host(LAB) as host:
        await host._media.put("lab", "msg:1", [ref("a")])
        await asyncio.sleep(0.2)
        assert connector(host).fetched == []
        await take(host, said("1", ref("a")))
        assert [file.name for file in (await landed(ground)).attachments] == ["a.jpg"]
        assert connector(host).fetched == ["a"]


async def test_a_row_whose_message_never_came_is_dropped(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_module, "ORPHAN_SECONDS", 0.1)
    async with ground.host(LAB) as host:
        await host._media.put("lab", "msg:never", [ref("a")])
        await until(lambda: _empty(ground))
        assert connector(host).fetched == []


async def test_an_outage_is_tried_again(ground: Ground) -> None:
    async with ground.host(LAB) as host:
        connector(host).faults.extend([TryLater("down"), TryLater("down"), ValueError("a defect")])
        await take(host, said("1", ref("a"), ref("b")))
        content = await landed(ground, 2)
        assert len(connector(host).fetched) == 5
    assert [file.name for file in content.attachments] == ["a.jpg", "b.jpg"]


async def test_what_can_never_be_fetched_is_named(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_module, "MAX_TRIES", 2)
    async with ground.host(LAB, max_file_bytes=100) as host:
        connector(host).faults.extend(
            [Unsupported("it is gone"), TryLater("down"), Unsupported("it is gone"), TryLater("down")]
        )
        await take(host, said("1", ref("a"), ref("b"), ref("c", size=101), ref("d")))
        content = await landed(ground, 4)
    assert [file.name for file in content.attachments] == ["d.jpg"]
    assert [(entry["name"], entry["reason"]) for entry in content.data["missing"]] == [
        ("a.jpg", "it is gone"),
        ("b.jpg", "down"),
        ("c.jpg", "larger than 100 bytes"),
    ]


async def test_a_file_joins_what_the_message_says_by_then(ground: Ground) -> None:
    async with ground.host(LAB) as host:
        connector(host).gate.clear()
        await take(host, said("1", ref("a")))
        await until(lambda: _fetched(host))
        await take(
            host,
            MessageEdited(source_key="e", conversation_key="ada", sender=ADA, provider_id="1", text="look"),
        )
        connector(host).gate.set()
        content = await landed(ground)
    assert (content.text, [file.name for file in content.attachments]) == ("look", ["a.jpg"])
    assert "pending" not in content.data


async def test_an_edit_between_reading_and_joining_is_not_lost(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ground.host(LAB) as host:
        joined = media_module.joined
        raced: list[Any] = []

        def racing(content: MessageContent, refs: Any, kept: Any) -> MessageContent:
            if not raced:
                raced.append(ground.journal.submit(_edit()))
                raced[0].send(None)  # it stands in the queue now, before the files do
            return joined(content, refs, kept)

        monkeypatch.setattr(media_module, "joined", racing)
        await take(host, said("1", ref("a")))
        content = await landed(ground)
    raced[0].close()
    assert (content.text, [file.name for file in content.attachments]) == ("meanwhile", ["a.jpg"])


def _edit() -> cmd.ReceiveEdit:
    return cmd.ReceiveEdit(
        token=new_token(),
        channel="lab",
        connector="fetching",
        source_key="edit:raced",
        provider_id="1",
        content=MessageContent(text="meanwhile"),
    )


async def test_erased_messages_get_no_files(ground: Ground) -> None:
    async with ground.host(LAB) as host:
        connector(host).gate.clear()
        await take(host, said("1", ref("a")))
        await until(lambda: _fetched(host))
        (message,) = await ground.messages()
        await ground.journal.submit(cmd.EraseContent(token=new_token(), contents=(message.content,), by=ANN))
        connector(host).gate.set()
        await until(lambda: _empty(ground))
    assert [type(recorded.event) for recorded in await ground.journal.read(0)].count(ev.MessageEdited) == 0


async def test_fetches_under_way_are_bounded(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_module, "CONCURRENT", 2)
    async with ground.host(LAB) as host:
        connector(host).gate.clear()
        for number in range(5):
            await take(host, said(str(number), ref(f"t{number}")))
        await asyncio.sleep(0.2)
        assert len(connector(host).fetched) == 2
        connector(host).gate.set()
        await until(lambda: _empty(ground))
        assert len(connector(host).fetched) == 5
