"""Files that nothing points to go after the grace; those of messages, young ones and those from before the journal stay. Folder and bucket."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from stream import commands as cmd
from stream import retention, sweep
from stream.blobs import BlobMissing, Blobs, Stored, made_at, open_blobs
from stream.ids import new_token
from stream.journal import Journal
from stream.model import Attachment, Author, MessageContent
from stream.retention import keep_clean
from tests.making import committed, message

LATER = time.time() + sweep.GRACE_SECONDS + 86_400.0  # a day, however long the other tests take


async def sent(journal: Journal, blob: str) -> str:
    """A message with this file; its content's id."""
    file = Attachment(id="a", blob=blob, name="a.txt", content_type="text/plain", size=1)
    command = message("v1", f"msg:{blob}", content=MessageContent(attachments=(file,)))
    done = await committed(journal, command)
    return next(event.content for event in done.events if hasattr(event, "content"))


async def swept(journal: Journal, blobs: Blobs, files: list[Stored], now: float = LATER) -> int:
    """A whole round of passes from `now` on, over the shards that these files are in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep, "SHARDS", tuple(sorted({file.key[:2] for file in files})))
        hours = [now + number * sweep.PASS_SECONDS for number in range(sweep.PASSES)]
        return sum([await sweep.sweep(journal.store, blobs, hour) for hour in hours])


async def there(blobs: Blobs, key: str) -> bool:
    try:
        await blobs.read(key, 100)
    except BlobMissing:
        return False
    return True


async def test_what_no_message_points_to_goes_and_the_rest_stays(journal: Journal, blobs: Blobs) -> None:
    await committed(journal, message("v0", "msg:0"))
    used, left = await blobs.put_bytes(b"1", 9), await blobs.put_bytes(b"2", 9)
    content = await sent(journal, used.key)
    assert await swept(journal, blobs, [used, left]) == 1
    assert (await there(blobs, used.key), await there(blobs, left.key)) == (True, False)
    ann = Author(kind="agent", id="ann")
    await committed(journal, cmd.EraseContent(token=new_token(), contents=(content,), by=ann))
    assert await swept(journal, blobs, [used, left]) == 1
    assert not await there(blobs, used.key)


async def test_young_files_and_those_from_before_the_journal_stay(journal: Journal, blobs: Blobs) -> None:
    before = await blobs.put_bytes(b"0", 9)
    assert await swept(journal, blobs, [before]) == 0
    await asyncio.sleep(0.002)
    await committed(journal, message("v0", "msg:0"))
    young = await blobs.put_bytes(b"1", 9)
    assert await swept(journal, blobs, [before, young], time.time()) == 0
    assert await swept(journal, blobs, [before, young]) == 1
    assert (await there(blobs, before.key), await there(blobs, young.key)) == (True, False)


async def test_a_pass_is_bounded(journal: Journal, blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "MOST", 2)
    monkeypatch.setattr(sweep, "PASSES", 1)
    await committed(journal, message("v0", "msg:0"))
    files = [await blobs.put_bytes(b"1", 9) for _ in range(5)]
    monkeypatch.setattr(sweep, "SHARDS", tuple(sorted({file.key[:2] for file in files})))
    assert [await sweep.sweep(journal.store, blobs, LATER) for _ in range(4)] == [2, 2, 1, 0]


async def test_a_shard_is_read_in_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.blobs.PAGE", 2)
    blobs = open_blobs(f"file://{tmp_path}/kept")
    folder = tmp_path / "kept" / "ab"
    folder.mkdir()
    keys = sorted(f"ab/{new_token()[:24]}ab" for _ in range(5))
    for key in [*keys, "ab/not-a-key"]:
        (tmp_path / "kept" / key).write_bytes(b"1")
    pages = [page async for page in blobs.keys("ab")]
    assert max(map(len, pages)) <= 2
    assert sorted(key for page in pages for key in page) == keys
    assert [page async for page in blobs.keys("zz")] == []


def test_every_shard_is_seen_in_a_round_of_passes() -> None:
    seen = [shard for number in range(sweep.PASSES) for shard in sweep.SHARDS[number :: sweep.PASSES]]
    assert sorted(seen) == sorted(sweep.SHARDS)
    assert len(set(seen)) == 1024
    token = new_token()
    assert token[-2:] in seen


def test_a_key_says_when_it_was_made() -> None:
    token = new_token()
    assert abs(made_at(f"{token[-2:]}/{token}") - time.time()) < 5.0


async def test_the_follower_of_the_retention_sweeps(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "PASSES", 1)
    monkeypatch.setattr(retention, "EVERY_SECONDS", 0.01)
    blobs = open_blobs(f"file://{tmp_path}/kept")
    await committed(journal, message("v0", "msg:0"))
    left = await blobs.put_bytes(b"1", 9)
    task = asyncio.create_task(keep_clean(journal.store, lambda: LATER, blobs=blobs))
    async with asyncio.timeout(30):
        while await there(blobs, left.key):
            await asyncio.sleep(0.01)
    task.cancel()
