"""A message's HTML as a page of its own, for the frame that shows remote pictures once they are asked for."""

from __future__ import annotations

from typing import Literal

from aiohttp import web

from inbox.api.conversations import visible
from inbox.call import Call, NoBody
from inbox.decode import Body
from inbox.errors import not_found
from stream import reads
from stream.model import MessageContent


class HtmlQuery(Body, frozen=True, kw_only=True):
    """`images` 1 lets pictures be fetched from elsewhere."""

    images: Literal["0", "1"] = "0"


async def read_html(call: Call[NoBody, HtmlQuery]) -> web.StreamResponse:
    """A message's HTML, sanitised at intake, as a page without scripts and without our origin."""
    row = await visible(call, call.arg())
    message = await reads.message(call.services.store, call.arg("message"))
    if message is None or message.conversation != row.id:
        raise not_found("This message")
    content = (await call.services.journal.contents([message.content])).get(message.content)
    if not isinstance(content, MessageContent) or not content.html:
        raise not_found("This message's HTML")
    pictures = "https: data:" if call.query.images == "1" else "data:"
    document = (
        '<!doctype html><html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<base target="_blank"></head><body>{content.html}</body></html>'
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
