"""The widget's addresses, below `/widget/<channel>`: its script, its frame, its socket, its files. One list, handed over to be mounted."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from aiohttp import web

from connectors.contract import File, Malformed, TryLater
from connectors.webchat import assets, origins, socket
from connectors.webchat.codec import clean_file_name
from connectors.webchat.front import Front
from connectors.webchat.limits import network
from connectors.webchat.settings import accepts

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
UPLOAD_SECONDS = 120.0
FOREVER = "public, max-age=31536000, immutable"
PREVIEW_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PLAIN = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def routes(front: Front) -> list[web.RouteDef]:
    """Every address of one channel, relative to where it is mounted."""

    def told(handler: Callable[[Front, web.Request], Awaitable[web.StreamResponse]]) -> Handler:
        return functools.partial(handler, front)

    async def loader_script(_: web.Request) -> web.StreamResponse:
        return loader(front)

    async def theme_sheet(_: web.Request) -> web.StreamResponse:
        return theme(front)

    async def preview_page(_: web.Request) -> web.StreamResponse:
        return page(front)

    return [
        web.get("/loader.js", loader_script),
        web.get("/theme.css", theme_sheet),
        web.get("/page", preview_page),
        web.get("/assets/{build}/{name:.+}", asset),
        web.get("/frame", told(frame)),
        web.get("/socket", told(open_socket)),
        web.post("/upload", told(upload)),
        web.get("/files/{id}", told(file)),
    ]


def _refuse(status: int, code: str, message: str, **headers: str) -> web.Response:
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.json_response(
        {"error": {"code": code, "message": message}},
        status=status,
        headers={"Cache-Control": "no-store", **PLAIN, **shown},
    )


# --- what is the same for everybody --------------------------------------------------------------------------------


def loader(front: Front) -> web.Response:
    """The embedding page's script; any site may fetch it, only allowed ones can show the frame."""
    text = assets.loader(front.sandbox.channel, front.config)
    headers = {
        "Cache-Control": "public, max-age=300",
        "Cross-Origin-Resource-Policy": "cross-origin",
        **PLAIN,
    }
    return web.Response(text=text, content_type="text/javascript", charset="utf-8", headers=headers)


def theme(front: Front) -> web.Response:
    """The channel's colours."""
    headers = {"Cache-Control": "no-cache", **PLAIN}
    return web.Response(
        text=assets.theme(front.config), content_type="text/css", charset="utf-8", headers=headers
    )


async def asset(request: web.Request) -> web.StreamResponse:
    """One of our own files. Another version's address gets this version's file, but is not kept."""
    name = request.match_info["name"]
    body = assets.assets().files.get(name)
    if body is None or name.endswith(".html"):
        return _refuse(404, "not_found", "There is no such file.")
    same = request.match_info["build"] == assets.assets().build
    headers = {"Cache-Control": FOREVER if same else "no-store", **PLAIN}
    return web.Response(body=body, content_type=assets.content_type(name), charset="utf-8", headers=headers)


async def frame(front: Front, request: web.Request) -> web.StreamResponse:
    """The widget's page; the browser shows it only inside the allowed sites."""
    public_url, host = front.sandbox.public_url, request.host
    policy = "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
            f"connect-src 'self' {origins.socket_sources(public_url, host)}".rstrip(),
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {origins.frame_ancestors(front.config.origins)}",
        )
    )
    return _html(assets.frame(front.sandbox.channel, front.config), policy)


def page(front: Front) -> web.Response:
    """A customer's page with the widget on it, to look at and to demonstrate."""
    policy = PREVIEW_POLICY
    return _html(assets.preview(front.config), policy, {"X-Robots-Tag": "noindex"})


def _html(text: str, policy: str, more: dict[str, str] | None = None) -> web.Response:
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-cache", **PLAIN, **(more or {})}
    return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)


# --- what belongs to a visitor -------------------------------------------------------------------------------------


def _from_us(front: Front, request: web.Request) -> bool:
    """Tell whether the request comes from our frame, or from a site that is allowed to have a client of its own."""
    origin = request.headers.get("Origin", "")
    ours = origins.own(origin, front.sandbox.public_url, request.host)
    return ours or origins.matches(origin, front.config.origins)


async def open_socket(front: Front, request: web.Request) -> web.StreamResponse:
    """The widget's websocket."""
    if not _from_us(front, request):
        return _refuse(
            403, "origin", "This site may not open the chat: it is not among the channel's allowed_origins."
        )
    return await socket.serve(front, request)


async def upload(front: Front, request: web.Request) -> web.StreamResponse:
    """Take a file's raw bytes; the answer's `file` goes into the message."""
    if not _from_us(front, request):
        return _refuse(
            403, "origin", "This site may not upload: it is not among the channel's allowed_origins."
        )
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    key = front.holder(shown) if scheme == "Bearer" else None
    if key is None:
        return _refuse(401, "pass", "The upload pass is missing or too old: open the chat again.")
    limit = front.config.max_file_bytes if front.config.max_files else 0
    if not limit or not accepts(front.config, request.content_type):
        return _refuse(415, "type", "Files of this type cannot be sent here.")
    if (request.content_length or 0) > limit:
        return _refuse(413, "too_large", f"The file is too large: {limit} bytes are allowed.")
    take = front.sandbox.take
    wait = await take(f"upload:{key}", 20, 60.0) or await take(
        f"uploads:{network(request.remote)}", 100, 60.0
    )
    if wait:
        return _refuse(429, "slow_down", "Too many files at once.", Retry_After=str(int(wait) + 1))
    if front.uploads.locked():
        return _refuse(503, "busy", "Too many uploads at once.", Retry_After="2")
    async with front.uploads:
        return await _store(front, request, key, limit)


async def _store(front: Front, request: web.Request, key: str, limit: int) -> web.Response:
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            content = await _body(request, limit)
        name = clean_file_name(request.query.get("name", ""))
        stored = await front.sandbox.upload(name, request.content_type, content)
    except TimeoutError:
        return _refuse(408, "too_slow", "The upload took too long.")
    except Malformed as error:
        return _refuse(413 if error.field in {"size", "file"} else 400, "malformed", str(error))
    except TryLater as error:
        return _refuse(
            503, "try_later", "Files cannot be kept right now.", Retry_After=str(int(error.after or 5))
        )
    shown = {"name": stored.name, "type": stored.content_type, "size": stored.size}
    return web.json_response(
        {"file": front.file_reference(key, stored), **shown},
        status=201,
        headers={"Cache-Control": "no-store"},
    )


async def _body(request: web.Request, limit: int) -> bytes:
    """The body, at most `limit` bytes of it. Raises Malformed."""
    body = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > limit:
            raise Malformed(f"The file is too large: {limit} bytes are allowed.", "size")
    if not body:
        raise Malformed("The file is empty.", "body")
    return bytes(body)


async def file(front: Front, request: web.Request) -> web.StreamResponse:
    """A file of the visitor's own history, by a link that we made for them."""
    wanted = request.match_info["id"]
    key = front.linked_key(wanted, request.query.get("p", ""))
    if key is None:
        return _refuse(403, "link", "This link is too old: open the chat again.")
    found = await front.sandbox.read_file(key, wanted)
    if found is None:
        return _refuse(404, "not_found", "This file is gone.")
    return _served(found)


def _served(found: File) -> web.Response:
    """Only raster images are shown; everything else is saved, and nothing can run."""
    shown = found.content_type.partition(";")[0].strip().lower()
    inline = shown in INLINE
    name = clean_file_name(found.name)
    headers = {
        "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=3600",
        "Cross-Origin-Resource-Policy": "same-origin",
        **PLAIN,
    }
    return web.Response(
        body=found.content, content_type=shown if inline else "application/octet-stream", headers=headers
    )
