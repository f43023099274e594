"""The one client with which connectors ask the outside world: every address checked, no redirect followed, sizes and times bounded.

A name is resolved once, every address of the answer is judged, and the connection goes to exactly those: no second look-up, so nothing can
rebind. It also tells what a sender must know: `TryLater` means that nothing went out, `SentUnknown` that something may have.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Mapping
from types import SimpleNamespace

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from connectors.contract import Response, SentUnknown, TryLater, Unsupported
from connectors.kit.addresses import is_allowed, is_public, refusal

CONNECT_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 15.0
MAX_CONNECTIONS = 100
MAX_PER_HOST = 20
MAX_ADDRESSES = 16


class GuardedResolver(AbstractResolver):
    """Resolves like the machine does and refuses a name as soon as one of its addresses is not public."""

    def __init__(self, allowed: frozenset[str], inner: AbstractResolver | None = None) -> None:
        self._allowed = allowed
        self._inner = inner or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses to connect to. Raises `OSError` when the name leads into a private network."""
        found = (await self._inner.resolve(host, port, family))[:MAX_ADDRESSES]
        if not is_allowed(host, port, self._allowed) and not all(
            is_public(result["host"]) for result in found
        ):
            raise Forbidden(f"{host} leads to an address that is not public")
        return found

    async def close(self) -> None:
        """Let go of the machine's resolver."""
        await self._inner.close()


class Forbidden(OSError):
    """The name leads where we do not go."""


class GuardedClient:
    """Make one per process with `open`, close it at the end. Safe for any number of tasks."""

    def __init__(self, allow_private: Iterable[str] = (), resolver: AbstractResolver | None = None) -> None:
        self._allowed = frozenset(name.lower() for name in allow_private)
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Get ready; connects to nothing yet."""
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_headers_sent)
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(self._allowed, self._resolver),
            use_dns_cache=False,
            limit=MAX_CONNECTIONS,
            limit_per_host=MAX_PER_HOST,
            keepalive_timeout=KEEP_ALIVE_SECONDS,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            trace_configs=[trace],
            headers={"User-Agent": "Parley", "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 30.0,  # noqa: ASYNC109  # the client knows best what had been sent when the time was over
        max_body: int = 1_048_576,
    ) -> Response:
        """One request, one answer of any status. The body is cut at `max_body` (`truncated`).

        Raises `Unsupported` (the URL is not one that we ask for), `TryLater` (nothing was sent), `SentUnknown` (no whole answer).
        """
        wrong = refusal(url, self._allowed)
        if wrong:
            raise Unsupported(f"The request was not made: {wrong}.")
        if self._session is None:
            raise TryLater("The HTTP client is closed.")
        sent = SimpleNamespace(headers=False)
        limits = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, CONNECT_SECONDS))
        try:
            async with self._session.request(
                method,
                url,
                headers=headers,
                data=body,
                timeout=limits,
                allow_redirects=False,
                trace_request_ctx=sent,
            ) as answer:
                return await _read(answer, max_body)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise _told(error, url, went=sent.headers) from error


async def _headers_sent(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
    context.trace_request_ctx.headers = True


async def _read(answer: aiohttp.ClientResponse, limit: int) -> Response:
    pieces: list[bytes] = []
    size = 0
    async for piece in answer.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            answer.close()
            break
    body = b"".join(pieces)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Response(status=answer.status, headers=headers, body=body[:limit], truncated=size > limit)


def _told(error: BaseException, url: str, *, went: bool) -> TryLater | SentUnknown | Unsupported:
    """What happened, in a sentence that shows the host only: paths and queries may hold secrets."""
    host = url.split("/", 3)[2] if url.count("/") >= 2 else "?"
    cause = _cause(error)
    if isinstance(cause, Forbidden):
        return Unsupported(f"The request was not made: {cause}.")
    if isinstance(error, aiohttp.InvalidURL):
        return Unsupported("The request was not made: this is not a URL.")
    if went:
        return SentUnknown(f"{host} was asked, but no whole answer came ({_kind(error)}).")
    return TryLater(f"{host} cannot be reached ({_kind(error)}).")


def _cause(error: BaseException) -> BaseException:
    seen = error
    for _step in range(8):
        inner = getattr(seen, "os_error", None) or seen.__cause__
        if inner is None or inner is seen:
            break
        seen = inner
    return seen


def _kind(error: BaseException) -> str:
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return "time-out"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "name not found"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return "TLS failed"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "connection refused" if isinstance(error.os_error, ConnectionRefusedError) else "no connection"
    return "connection lost"
