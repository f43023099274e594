"""Attachments in a local folder and in a bucket: streamed, bounded, under names that say nothing; half a file is never kept."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from stream.blobs import CHUNK, BlobMissing, Blobs, TooLarge, open_blobs
from stream.store.ports import Unavailable
from tests.servers.process import HOST, free_port


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def pieces(content: bytes, size: int) -> AsyncIterator[bytes]:
    async def give() -> AsyncIterator[bytes]:
        for start in range(0, len(content), size):
            yield content[start : start + size]

    return give()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, 6 * CHUNK, 11 * CHUNK + 7])
async def test_what_went_in_comes_out_in_pieces(blobs: Blobs, size: int) -> None:
    content = os.urandom(size)
    stored = await blobs.put(pieces(content, 300_000), limit=size)
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert re.fullmatch(r"[0-9a-z]{2}/[0-9a-z]{26}", stored.key)
    chunks = [chunk async for chunk in blobs.get(stored.key)]
    assert b"".join(chunks) == content
    assert await blobs.read(stored.key, limit=size) == content


async def test_a_file_over_the_limit_is_refused_while_it_comes(blobs: Blobs, tmp_path: Path) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += CHUNK
            yield bytes(CHUNK)

    with pytest.raises(TooLarge, match=f"more than {7 * CHUNK} bytes"):
        await blobs.put(endless(), limit=7 * CHUNK)
    assert given <= 30 * CHUNK
    assert files(tmp_path) == []
    with pytest.raises(TooLarge):
        await blobs.put_bytes(b"123", limit=2)


async def test_a_sender_who_breaks_off_leaves_nothing(blobs: Blobs, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        for _ in range(8):
            yield bytes(CHUNK)
        raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError, match="gone"):
        await blobs.put(broken(), limit=100 * CHUNK)
    assert files(tmp_path) == []


async def test_reading_is_bounded_too(blobs: Blobs) -> None:
    stored = await blobs.put_bytes(b"x" * 100, limit=100)
    with pytest.raises(TooLarge):
        await blobs.read(stored.key, limit=99)


async def test_a_missing_file_and_a_name_that_is_none(blobs: Blobs) -> None:
    for key in ("00/" + "0" * 26, "", "../../etc/passwd", "/etc/passwd", "00/" + "0" * 26 + "/.."):
        with pytest.raises(BlobMissing):
            await blobs.read(key, limit=10)
        await blobs.delete(key)


async def test_what_is_deleted_is_gone_and_may_be_deleted_again(blobs: Blobs) -> None:
    stored = await blobs.put_bytes(b"x", limit=10)
    for _ in range(2):
        await blobs.delete(stored.key)
    with pytest.raises(BlobMissing):
        await blobs.read(stored.key, limit=10)


async def test_equal_files_have_names_of_their_own(blobs: Blobs) -> None:
    keys = {(await blobs.put_bytes(b"same", limit=10)).key for _ in range(5)}
    assert len(keys) == 5


async def test_a_bucket_that_does_not_answer_is_to_be_tried_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    away = open_blobs(f"s3://b?endpoint=http://{HOST}:{free_port()}&allow_http=true")
    with pytest.raises(Unavailable, match="does not take it now"):
        await away.put_bytes(b"x", limit=10)


async def test_a_local_file_is_on_the_disk_before_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: dict[int, str] = {}
    synced: list[str] = []

    def opened(path: Path, flags: int, really: Any = os.open) -> int:
        handle: int = really(path, flags)
        names[handle] = str(path)
        return handle

    def flushed(handle: int, really: Any = os.fsync) -> None:
        really(handle)
        synced.append(names[handle])

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "fsync", flushed)
    stored = await open_blobs(f"file://{tmp_path}").put_bytes(b"x", limit=10)
    path = tmp_path / stored.key
    assert synced == [str(path), str(path.parent), str(tmp_path)]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://x", "ftp:// is not a place"),
        ("s3://b?region=x&path=y", "unknown option 'path'"),
    ],
)
def test_a_place_that_is_none_is_named(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        open_blobs(url)
