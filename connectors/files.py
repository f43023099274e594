"""Files of messages: into the blob store before the message is kept, out of it when a reply is sent. Names and types stay claims."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from connectors.contract import AnyFile, File, Malformed, MediaRef, OutFile, StoredFile, TryLater, Unsupported
from connectors.intake import Kept
from connectors.kit.names import safe_name
from stream.blobs import BlobMissing, Blobs, TooLarge
from stream.ids import derived
from stream.model import Attachment

MAX_FILES = 50
MAX_FILE_BYTES = 26_214_400
_TYPE_LENGTH = 120


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How many files a message may have, and how many bytes a file."""

    files: int = MAX_FILES
    bytes: int = MAX_FILE_BYTES


class Files:
    """The blob store as channels use it."""

    def __init__(self, blobs: Blobs, limits: Limits | None = None) -> None:
        self.blobs = blobs
        self.limits = limits or Limits()

    async def keep(self, files: Sequence[AnyFile], token: str, start: int = 0) -> Kept:
        """Store the files of one message; what is too large or too many is named in `missing`, what is elsewhere in `pending`.

        Attachment ids derive from the message's `token`, so that an attachment leads to its content row.
        """
        kept = Kept()
        for index, file in enumerate(files):
            if index + start >= self.limits.files:
                kept.missing.append(missing(file, f"a message has at most {self.limits.files} files"))
            elif isinstance(file, MediaRef):
                kept.pending.append(pending(file))
            else:
                await self._keep_one(file, derived("att", token, str(index + start)), kept)
        return kept

    async def _keep_one(self, file: File | StoredFile, ident: str, kept: Kept) -> None:
        if isinstance(file, StoredFile):
            kept.attachments.append(_attachment(ident, file.blob, file, file.size))
            return
        try:
            stored = await self.blobs.put_bytes(file.content, self.limits.bytes)
        except TooLarge:
            kept.missing.append(missing(file, f"larger than {self.limits.bytes} bytes"))
            return
        kept.fresh.append(stored.key)
        kept.attachments.append(_attachment(ident, stored.key, file, stored.size))

    async def upload(self, name: str, content_type: str, content: bytes) -> StoredFile:
        """Keep a file ahead of its message. Raises `Malformed` when it is too large."""
        try:
            stored = await self.blobs.put_bytes(content, self.limits.bytes)
        except TooLarge:
            raise Malformed(f"A file may have at most {self.limits.bytes} bytes.", "file") from None
        return StoredFile(
            blob=stored.key, name=safe_name(name), content_type=_type(content_type), size=stored.size
        )

    async def forget(self, blobs: Sequence[str]) -> None:
        """Drop what no message points to after all."""
        for blob in blobs:
            await self.blobs.delete(blob)

    def outgoing(self, attachment: Attachment) -> OutFile:
        """An attachment to be sent: its bytes are read when the part is under way."""
        return OutFile(
            name=safe_name(attachment.name),
            content_type=attachment.content_type,
            size=attachment.size,
            read=self._reader(attachment),
            content_id=attachment.content_id,
        )

    def _reader(self, attachment: Attachment) -> Callable[[], Awaitable[bytes]]:
        async def read() -> bytes:
            try:
                return await self.blobs.read(attachment.blob, max(attachment.size, self.limits.bytes))
            except (BlobMissing, TooLarge):
                raise Unsupported(f"The file {safe_name(attachment.name)} is not there any more.") from None
            except OSError as error:
                raise TryLater("The files cannot be read now.") from error

        return read


def pending(ref: MediaRef) -> dict[str, object]:
    """How a message says that a file is still to come."""
    return {"name": safe_name(ref.name), "content_type": _type(ref.content_type), "size": ref.size}


def missing(file: AnyFile, reason: str) -> dict[str, object]:
    """How a message says that a file did not come."""
    return {"name": safe_name(file.name), "content_type": _type(file.content_type), "reason": reason}


def _attachment(ident: str, blob: str, file: File | StoredFile, size: int) -> Attachment:
    inline = isinstance(file, File) and file.inline
    content_id = file.content_id if isinstance(file, File) else ""
    return Attachment(
        id=ident,
        blob=blob,
        name=safe_name(file.name),
        content_type=_type(file.content_type),
        size=size,
        inline=inline,
        content_id=content_id[:200],
    )


def _type(claimed: str) -> str:
    """A media type as claimed, or `application/octet-stream` when it is none (RFC 9110 8.3.1: type/subtype of token characters)."""
    kind = claimed.split(";", 1)[0].strip().lower()
    main, _, sub = kind.partition("/")
    if len(kind) > _TYPE_LENGTH or not main or not sub:
        return "application/octet-stream"
    good = all(char.isascii() and (char.isalnum() or char in "!#$&^_.+-") for char in main + sub)
    return kind if good else "application/octet-stream"
