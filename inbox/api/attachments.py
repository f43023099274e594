"""Files: streamed up within limits, and down to who may see their message. Only sniffed images are ever shown in place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from inbox import accounts
from inbox.api.conversations import visible
from inbox.call import Call, NoBody, NoQuery, Raw
from inbox.decode import Body
from inbox.errors import ApiError, not_found
from inbox.policy import Own
from inbox.sniff import HEAD, disposition, image_type, safe_name, safe_type
from inbox.views import attachment_url
from stream import reads
from stream.blobs import BlobMissing, TooLarge
from stream.ids import derived, new_token
from stream.model import Attachment, MessageContent


class NameQuery(Body, frozen=True, kw_only=True):
    """What the sender calls the file."""

    name: Annotated[str, Meta(max_length=1000)] = "file"


class UploadView(msgspec.Struct, frozen=True, kw_only=True):
    """A kept file: its id goes into a reply's `attachments`."""

    id: str
    name: str
    content_type: str
    size: int
    url: str


async def create(call: Call[Raw, NameQuery]) -> UploadView:
    """Upload a file (the raw bytes as the body, with their Content-Type)."""
    services, limits, login = call.services, call.services.settings.limits, call.person.login
    wait = await services.bus.take(f"upload:{login}", limits.uploads_per_hour, 3600.0)
    if wait > 0:
        raise ApiError(429, "Too many files in the last hour.", retry_after=wait)
    if (call.request.content_length or 0) > limits.upload:
        raise ApiError(413, f"A file may have at most {limits.upload} bytes.")
    sniffed = bytearray()
    try:
        stored = await services.blobs.put(_body(call.request, sniffed), limits.upload)
    except TooLarge as error:
        raise ApiError(413, f"A file may have at most {limits.upload} bytes.") from error
    claimed = safe_type(call.request.headers.get("Content-Type", ""))
    upload = accounts.Upload(
        id=derived("upl", new_token()),
        login=login,
        blob=stored.key,
        name=safe_name(call.query.name),
        content_type=image_type(bytes(sniffed)) or _not_an_image(claimed),
        size=stored.size,
    )
    await accounts.add_upload(services.store, upload, services.now())
    return UploadView(
        id=upload.id,
        name=upload.name,
        content_type=upload.content_type,
        size=upload.size,
        url=attachment_url(upload.id),
    )


async def _body(request: web.Request, head: bytearray) -> AsyncIterator[bytes]:
    async for chunk in request.content.iter_any():
        if len(head) < HEAD:
            head += chunk[: HEAD - len(head)]
        yield bytes(chunk)


def _not_an_image(claimed: str) -> str:
    """A claimed image type that the bytes do not bear out is no image."""
    return "application/octet-stream" if claimed.startswith("image/") else claimed


async def read(call: Call[NoBody, NoQuery]) -> web.StreamResponse:
    """The bytes of a file."""
    ident = call.arg()
    found = await (_of_message(call, ident) if "~" in ident else _of_upload(call, ident))
    chunks = call.services.blobs.get(found.blob)
    try:
        first = await anext(chunks, b"")
    except BlobMissing as error:
        raise not_found("This file") from error
    return await _stream(call.request, found, first, chunks)


async def _of_upload(call: Call[NoBody, NoQuery], ident: str) -> Attachment:
    upload = (await accounts.uploads(call.services.store, [ident])).get(ident)
    if upload is None or upload.login != call.person.login:
        raise not_found("This file")
    call.require("attachment.read", Own(upload.login))
    return Attachment(
        id=upload.id, blob=upload.blob, name=upload.name, content_type=upload.content_type, size=upload.size
    )


async def _of_message(call: Call[NoBody, NoQuery], ident: str) -> Attachment:
    message_id, _, attachment_id = ident.partition("~")
    message = await reads.message(call.services.store, message_id)
    if message is None:
        raise not_found("This file")
    await visible(call, message.conversation, "This file")
    content = (await call.services.journal.contents([message.content])).get(message.content)
    files = content.attachments if isinstance(content, MessageContent) else ()
    found = next((attachment for attachment in files if attachment.id == attachment_id), None)
    if found is None:
        raise not_found("This file")
    return found


async def _stream(
    request: web.Request, found: Attachment, first: bytes, rest: AsyncIterator[bytes]
) -> web.StreamResponse:
    shown = image_type(first[:HEAD])
    response = web.StreamResponse(
        headers={
            "Content-Type": shown or "application/octet-stream",
            "Content-Disposition": disposition(found.name, inline=bool(shown)),
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, max-age=3600, immutable",
            "Referrer-Policy": "no-referrer",
        }
    )
    if found.size:
        response.content_length = found.size
    await response.prepare(request)
    await response.write(first)
    async for chunk in rest:
        await response.write(chunk)
    await response.write_eof()
    return response
