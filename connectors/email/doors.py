"""Addresses of ours that belong to a mailbox: where a provider posts its mail, and where somebody leaves with one click."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable

from aiohttp import web

from connectors.contract import Address, ConnectorError, Malformed, Sandbox, Signal
from connectors.email import providers
from connectors.email.ids import Ids
from connectors.email.reading import Reader
from connectors.email.settings import EmailConfig

MAX_BODY = 50_331_648
MAX_UNDER_WAY = 4
BODY_SECONDS = 60.0
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE_HEADERS = {
    **_HEADERS,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
}


class Doors:
    """The handlers of one channel."""

    def __init__(
        self, config: EmailConfig, ids: Ids, reader: Reader, sandbox: Sandbox, clock: Callable[[], float]
    ) -> None:
        self._config = config
        self._ids = ids
        self._reader = reader
        self._sandbox = sandbox
        self._clock = clock
        self._room = asyncio.Semaphore(MAX_UNDER_WAY)

    def routes(self) -> list[web.RouteDef]:
        """Relative to `/widget/<channel>`; only what is configured."""
        found: list[web.RouteDef] = []
        if self._config.webhook is not None:
            found += [web.post(path, self.take) for path in ("/inbound", "/inbound/mime")]
        if self._config.unsubscribe:
            found += [web.get("/unsubscribe/{token}", self.ask), web.post("/unsubscribe/{token}", self.leave)]
        return found

    def probe(self) -> list[str]:
        """Sentences for the operator: where a provider is to post, and why no mail names a way to leave."""
        said = []
        base = self._sandbox.public_url or "https://<public_url>"
        if (settings := self._config.webhook) is not None:
            path = "/inbound/mime" if settings.provider == "mailgun" else "/inbound"
            said.append(f"{settings.provider} posts to {base}/widget/{self._sandbox.channel}{path}")
        if self._config.unsubscribe and not self._sandbox.public_url.startswith("https://"):
            said.append("unsubscribe: without a public_url with https no mail names a way to leave")
        return said

    def unsubscribe_url(self, address: str) -> str:
        """Where the owner of this address leaves; empty when there is no such place."""
        base = self._sandbox.public_url
        if not self._config.unsubscribe or not base.startswith("https://"):
            return ""
        return f"{base}/widget/{self._sandbox.channel}/unsubscribe/{self._ids.leaving(address)}"

    # --- mail of a provider --------------------------------------------------------------------------------------

    async def take(self, request: web.Request) -> web.Response:
        """401 before anything is read from a stranger; 2xx once the mail is kept; 406 for what will never be one (Mailgun stops then)."""
        settings = self._config.webhook
        headers = {name.lower(): value for name, value in request.headers.items()}
        if settings is None or not providers.is_known(headers, settings):
            return _said(401, "The request could not be verified.", **{"WWW-Authenticate": "Basic"})
        async with self._room:
            body = await _body(request)
            if body is None:
                return _said(413, f"A request may have at most {MAX_BODY} bytes.")
            try:
                posted = await asyncio.to_thread(providers.posted, headers, body, settings, self._clock())
                if posted is None:
                    return _said(401, "The request could not be verified.")
                kept = await self._reader.take(posted.raw, posted.sender, posted.recipients)
            except Malformed as error:
                return _said(406, str(error))
            except (ConnectorError, TimeoutError):
                kept = False
        return (
            _said(200, "kept")
            if kept
            else _said(503, "The mail cannot be kept now.", **{"Retry-After": "60"})
        )

    # --- leaving ---------------------------------------------------------------------------------------------------

    async def ask(self, request: web.Request) -> web.Response:
        """A page with a button: programs that only look at links must not change anything (RFC 8058 section 1)."""
        address = self._ids.leaves(request.match_info["token"])
        if not address:
            return _page(404, "This link is not complete.", "")
        return _page(200, f"No more mail from us to {html.escape(address)}?", "<button>Unsubscribe</button>")

    async def leave(self, request: web.Request) -> web.Response:
        """One click (RFC 8058 section 3.1), or the button."""
        address = self._ids.leaves(request.match_info["token"])
        if not address:
            return _page(404, "This link is not complete.", "")
        signal = Signal(
            source_key=f"unsubscribed:{request.match_info['token'][-20:]}:{int(self._clock())}",
            conversation_key="",
            sender=Address(scheme="email", value=address, scope="global", verified="claimed"),
            name="unsubscribed",
            stopped=True,
        )
        try:
            verdicts = await self._sandbox.deliver([signal])
        except ConnectorError:
            verdicts = []
        if not verdicts or not verdicts[0].ok:
            return _page(503, "This is not possible now. Please try again in a minute.", "")
        return _page(
            200,
            f"{html.escape(address)} gets no more mail from us, unless somebody writes to us from it.",
            "",
        )


async def _body(request: web.Request) -> bytes | None:
    """The whole body; None when it is too large. Raises TimeoutError when it does not come."""
    found = bytearray()
    async with asyncio.timeout(BODY_SECONDS):
        async for piece in request.content.iter_chunked(262_144):
            found += piece
            if len(found) > MAX_BODY:
                return None
    return bytes(found)


def _said(status: int, text: str, **headers: str) -> web.Response:
    return web.json_response(
        {"ok": status < 300, "message": text}, status=status, headers={**_HEADERS, **headers}
    )


def _page(status: int, sentence: str, button: str) -> web.Response:
    form = f'<form method="post">{button}</form>' if button else ""
    text = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Unsubscribe</title></head><body><p>{sentence}</p>{form}</body></html>'
    return web.Response(text=text, status=status, content_type="text/html", headers=_PAGE_HEADERS)
