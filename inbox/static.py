"""The page: every file of `inbox/web` read once at the start, under an address that changes with any of them, so that it is kept for ever.

Only exact names of that list are served: there is no path to climb. `index.html` is never kept and carries the page's policy.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

WEB = Path(__file__).parent / "web"
TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".json": "application/json",
    ".mp3": "audio/mpeg",
    ".txt": "text/plain",
}
PACKED = {"text/javascript", "text/css", "image/svg+xml", "text/html", "application/json", "text/plain"}
_IMPORT_MAP = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)
PLAIN = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


# A mail's frame has no origin, so what it loads is asked for from elsewhere.
FRAMED = {"styles/mail.css": {"Cross-Origin-Resource-Policy": "cross-origin"}}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, also packed where that makes it smaller."""

    content_type: str
    body: bytes
    packed: bytes | None


class Page:
    """The files, the build id made of them, and the shell with its policy. Raises `OSError` when the folder cannot be read."""

    def __init__(self, folder: Path = WEB) -> None:
        self.assets: dict[str, Asset] = {}
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in TYPES:
                name, body = path.relative_to(folder).as_posix(), path.read_bytes()
                digest.update(f"{name}\0{len(body)}\0".encode() + body)
                self.assets[name] = _asset(TYPES[path.suffix], body)
        self.build = digest.hexdigest()[:12]
        shell = self.assets.pop("index.html", None)  # only ever with its policy, by `index`
        text = shell.body.decode("utf-8").replace("/ui/0/", f"/ui/{self.build}/") if shell else ""
        self.policy = policy(text)
        self.shell = _asset("text/html", text.encode("utf-8"))

    async def index(self, request: web.Request) -> web.Response:
        """The shell, at `/` and `/sign-in`."""
        headers = {
            **PLAIN,
            "Content-Security-Policy": self.policy,
            "Cache-Control": "no-cache",
            "X-Frame-Options": "DENY",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        }
        return _answer(request, self.shell, headers)

    async def file(self, request: web.Request) -> web.Response:
        """A file of the page at `/ui/{build}/{name}`; any build id answers with the current files, only ours is kept for ever."""
        name = request.match_info["name"]
        asset = self.assets.get(name)
        if asset is None:
            raise web.HTTPNotFound(headers=PLAIN)
        current = request.match_info["build"] == self.build
        kept = "public, max-age=31536000, immutable" if current else "no-cache"
        return _answer(request, asset, {**PLAIN, **FRAMED.get(name, {}), "Cache-Control": kept})


def policy(shell: str) -> str:
    """The page's Content-Security-Policy: our own files, and the one import map that stands in the shell."""
    maps = "".join(f" 'sha256-{_digest(found)}'" for found in _IMPORT_MAP.findall(shell))
    return (
        f"default-src 'none'; script-src 'self'{maps}; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; font-src 'self'; media-src 'self'; manifest-src 'self'; frame-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


def _asset(content_type: str, body: bytes) -> Asset:
    packed = gzip.compress(body, 9, mtime=0) if content_type in PACKED else None
    return Asset(content_type, body, packed if packed and len(packed) < len(body) else None)


def _answer(request: web.Request, asset: Asset, headers: dict[str, str]) -> web.Response:
    headers = {**headers, "Vary": "Accept-Encoding"}
    charset = "; charset=utf-8" if asset.content_type in PACKED else ""
    headers["Content-Type"] = asset.content_type + charset
    if asset.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=asset.packed, headers={**headers, "Content-Encoding": "gzip"})
    return web.Response(body=asset.body, headers=headers)
