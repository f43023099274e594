"""Attachments' bytes behind one small seam: a local folder or an S3-compatible bucket, both by obstore.

Keys are random and say nothing; names and types of files are claims that live in content rows. Nothing here trusts or unpacks a file.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import msgspec

from stream.ids import ALPHABET, new_token
from stream.store.ports import Unavailable

if TYPE_CHECKING:
    from obstore.store import ObjectStore

CHUNK = 1 << 20
PAGE = 500
_KEY = re.compile(r"[0-9a-z]{2}/[0-9a-z]{26}")


class TooLarge(Exception):
    """The file is larger than allowed; nothing of it was kept."""


class BlobMissing(Exception):
    """No file under this key."""


class Stored(msgspec.Struct, frozen=True):
    """A kept file: its key, its size in bytes, and the SHA-256 of its bytes in hex."""

    key: str
    size: int
    sha256: str


class Blobs:
    """Files by key. Made by `open_blobs`."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    async def put(self, chunks: AsyncIterable[bytes], limit: int) -> Stored:
        """Keep a file of at most `limit` bytes, streamed; it is durable on return. Raises `TooLarge`, `Unavailable`."""
        import obstore

        token = new_token()
        key = f"{token[-2:]}/{token}"
        meter = _Meter(chunks, limit)
        try:
            with _answering():
                await obstore.put_async(self._store, key, meter.read(), chunk_size=5 * CHUNK)
        except TooLarge:
            raise
        except Exception as error:
            if meter.over:
                raise TooLarge(meter.sentence) from error
            raise
        if self._folder is not None:
            await asyncio.get_running_loop().run_in_executor(None, _make_durable, self._folder / key)
        return Stored(key, meter.size, meter.digest.hexdigest())

    async def put_bytes(self, content: bytes, limit: int) -> Stored:
        """Keep a file whose bytes are here. Raises `TooLarge`."""

        async def once() -> AsyncIterator[bytes]:
            yield content

        return await self.put(once(), limit)

    async def get(self, key: str) -> AsyncIterator[bytes]:
        """The bytes of a file in chunks. Raises `BlobMissing`, `Unavailable`."""
        import obstore

        if not _KEY.fullmatch(key):
            raise BlobMissing(f"{key!r} is not the key of a file")
        with _answering():
            try:
                result = await obstore.get_async(self._store, key)
            except FileNotFoundError as error:
                raise BlobMissing(f"there is no file {key}") from error
            async for chunk in result.stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

    async def read(self, key: str, limit: int) -> bytes:
        """A whole file of at most `limit` bytes. Raises `BlobMissing`, `TooLarge`."""
        parts: list[bytes] = []
        size = 0
        async for chunk in self.get(key):
            size += len(chunk)
            if size > limit:
                raise TooLarge(f"the file {key} has more than {limit} bytes")
            parts.append(chunk)
        return b"".join(parts)

    async def keys(self, shard: str) -> AsyncIterator[list[str]]:
        """The keys that begin with `shard` (two characters), in pages of at most `PAGE`. Raises `Unavailable`."""
        import obstore

        with _answering():
            async for page in obstore.list(self._store, shard, chunk_size=PAGE):
                found = [file["path"] for file in page if _KEY.fullmatch(file["path"])]
                if found:
                    yield found

    async def delete(self, key: str) -> None:
        """Forget a file; a missing one is fine."""
        import obstore

        if _KEY.fullmatch(key):
            with _answering(), contextlib.suppress(FileNotFoundError):
                await obstore.delete_async(self._store, key)


def made_at(key: str) -> float:
    """When the file of a key was stored, in seconds since the epoch: its token says so."""
    milliseconds = 0
    for letter in key[3:13]:
        milliseconds = milliseconds * 32 + ALPHABET.find(letter)
    return milliseconds / 1000


@contextlib.contextmanager
def _answering() -> Iterator[None]:
    """Name what the place of the files does wrong as what callers know: try again later."""
    from obstore.exceptions import BaseError

    try:
        yield
    except BaseError as error:
        raise Unavailable(f"The place of the attachments does not take it now: {str(error)[:300]}") from error


def _make_durable(path: Path) -> None:
    """A local file survives a power cut once it and the names that lead to it are on the disk."""
    for place in (path, path.parent, path.parent.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class _Meter:
    """Counts and digests what passes through, and stops past the limit."""

    def __init__(self, chunks: AsyncIterable[bytes], limit: int) -> None:
        self._chunks = chunks
        self._limit = limit
        self.size = 0
        self.over = False
        self.digest = hashlib.sha256()
        self.sentence = f"the file has more than {limit} bytes"

    async def read(self) -> AsyncIterator[bytes]:
        """The chunks, unchanged."""
        async for chunk in self._chunks:
            self.size += len(chunk)
            if self.size > self._limit:
                self.over = True
                raise TooLarge(self.sentence)
            self.digest.update(chunk)
            yield chunk


def open_blobs(url: str) -> Blobs:
    """The blobs of `url`: `file:///folder` (made when missing) or `s3://bucket/prefix?endpoint=…&region=…&allow_http=true`.

    S3 credentials come from the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, or the machine's role). Raises `ValueError`.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        from obstore.store import LocalStore

        folder = Path(parts.path)
        folder.mkdir(parents=True, exist_ok=True)
        return Blobs(LocalStore(folder), folder)
    if parts.scheme == "s3":
        return Blobs(_s3(parts.netloc, parts.path.strip("/"), dict(parse_qsl(parts.query))))
    raise ValueError(
        f"blobs: {parts.scheme}:// is not a place that Parley knows; use file:///folder or s3://bucket/prefix"
    )


def _s3(bucket: str, prefix: str, options: dict[str, str]) -> ObjectStore:
    from obstore.store import S3Store

    unknown = set(options) - {"endpoint", "region", "allow_http"}
    if unknown:
        raise ValueError(
            f"blobs: unknown option {min(unknown)!r} in the s3 URL; known are endpoint, region, allow_http"
        )
    return S3Store(
        bucket,
        prefix=prefix or None,
        region=options.get("region", "us-east-1"),
        endpoint=options.get("endpoint"),
        client_options={"allow_http": options.get("allow_http") == "true", "timeout": timedelta(seconds=30)},
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
        virtual_hosted_style_request=False,
    )
