"""A message's HTML as a page of its own, for the frame that shows remote pictures once they are asked for."""

from __future__ import annotations

import base64
import html
import re
from typing import Literal
from urllib.parse import unquote

from aiohttp import web

from inbox.api.conversations import visible
from inbox.call import Call, NoBody
from inbox.decode import Body
from inbox.errors import not_found
from inbox.sniff import image_type
from inbox.static import WEB
from stream import reads
from stream.blobs import BlobMissing, Blobs, TooLarge
from stream.model import MessageContent

MOST_INLINE = 5 << 20
STYLE = (WEB / "styles" / "mail.css").read_text("utf-8")
_CID = re.compile(r'(<img\b[^<>]{0,2000}?\bsrc=")cid:([^"<>]{1,500})"', re.IGNORECASE)


class HtmlQuery(Body, frozen=True, kw_only=True):
    """`images` 1 lets pictures be fetched from elsewhere; `theme` is the reader's."""

    images: Literal["0", "1"] = "0"
    theme: Literal["system", "light", "dark"] = "system"


async def read_html(call: Call[NoBody, HtmlQuery]) -> web.StreamResponse:
    """A message's HTML, sanitised at intake, as a page without scripts and without our origin, with the pictures that came with it."""
    row = await visible(call, call.arg())
    message = await reads.message(call.services.store, call.arg("message"))
    if message is None or message.conversation != row.id:
        raise not_found("This message")
    content = (await call.services.journal.contents([message.content])).get(message.content)
    if not isinstance(content, MessageContent) or not content.html:
        raise not_found("This message's HTML")
    pictures = "https: data:" if call.query.images == "1" else "data:"
    body = with_pictures(content.html, await _pictures(content, call.services.blobs))
    document = (
        f'<!doctype html><html data-theme="{call.query.theme}"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<base target="_blank"><style>{STYLE}</style></head><body>{body}</body></html>'
    )
    return web.Response(
        text=document,
        content_type="text/html",
        headers={
            "Content-Security-Policy": (
                "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
                f"img-src {pictures}; style-src 'unsafe-inline'; frame-ancestors 'self'"
            ),
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        },
    )


def wanted(text: str) -> set[str]:
    """The content ids of the pictures that stand in this HTML."""
    return {_ident(found[1]) for found in _CID.findall(text)}


def with_pictures(text: str, pictures: dict[str, str]) -> str:
    """The HTML with the `data:` addresses of the pictures that came with it; the frame has no cookies to fetch them by."""
    return _CID.sub(lambda found: f'{found[1]}{pictures.get(_ident(found[2]), "")}"', text)


def _ident(written: str) -> str:
    return unquote(html.unescape(written))


async def _pictures(content: MessageContent, blobs: Blobs) -> dict[str, str]:
    ids, left, found = wanted(content.html), MOST_INLINE, {}
    for file in content.attachments:
        if file.content_id not in ids or file.size > left:
            continue
        try:
            said = await blobs.read(file.blob, left)
        except (BlobMissing, TooLarge):
            continue
        if kind := image_type(said):
            left -= len(said)
            found[file.content_id] = f"data:{kind};base64,{base64.b64encode(said).decode()}"
    return found
