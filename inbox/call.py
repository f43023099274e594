"""One API request from its bytes to its answer: who asks, may they, what did they send, what do they get. Handlers see a `Call` only.

A handler's annotations say what it takes and gives: `async def reply(call: Call[ReplyBody, NoQuery]) -> Posted`. The OpenAPI document is
made from the same annotations.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from aiohttp import web

from inbox.auth import SAFE, Asker, SignIn, ask, require_own_page
from inbox.decode import Body, decode_body, decode_query
from inbox.errors import ApiError, error_response, forbidden, malformed, not_found
from inbox.live.hub import Hub
from inbox.live.keeper import Keeper
from inbox.passwords import Passwords
from inbox.policy import Person, Thing, may
from inbox.ports import Services
from stream.store.ports import StoreError, Unavailable

B = TypeVar("B")
Q = TypeVar("Q")
_IDENT = re.compile(r"[A-Za-z0-9_.~@+-]{1,128}")


class NoBody(Body, frozen=True):
    """The request carries no body, or `{}`."""


class NoQuery(Body, frozen=True):
    """The request carries no query."""


class Raw(Body, frozen=True):
    """The body is bytes that the handler reads itself, in bounds."""


class Ok(msgspec.Struct, frozen=True):
    """It is done."""

    ok: bool = True


@dataclass(frozen=True, slots=True)
class Parts:
    """What the inbox is made of, for its handlers."""

    services: Services
    passwords: Passwords
    sign_in: SignIn
    hub: Hub
    keeper: Keeper


PARTS: web.AppKey[Parts] = web.AppKey("parts", Parts)


@dataclass(frozen=True, slots=True)
class Call(Generic[B, Q]):
    """A request that has been let in: decoded, and its asker known (None on open routes)."""

    parts: Parts
    request: web.Request
    asker: Asker | None
    body: B
    query: Q

    @property
    def services(self) -> Services:
        """What the inbox stands on."""
        return self.parts.services

    @property
    def person(self) -> Person:
        """Who asks."""
        if self.asker is None:
            raise ApiError(401, "Sign in first.")
        return self.asker.person

    def arg(self, name: str = "id") -> str:
        """An id of the path. Raises `ApiError` 404 for text that is no id of ours."""
        value = self.request.match_info[name]
        if not _IDENT.fullmatch(value):
            raise not_found()
        return value

    def require(self, verb: str, thing: Thing = None) -> None:
        """Raise `ApiError` 403 unless the asker may do `verb` to `thing`."""
        if not may(self.person, verb, thing):
            raise forbidden()


Handler = Callable[[Call[Any, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a handler's annotations say."""

    body: type[Any]
    query: type[Any]
    answer: type[Any]


def shape_of(handler: Handler) -> Shape:
    """Read a handler's annotations."""
    hints = typing.get_type_hints(handler)
    body, query = typing.get_args(hints["call"])
    return Shape(body, query, hints["return"])


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the sitemap. `verb` is asked of policy before anything is read; "" leaves a route open to everybody."""

    method: str
    path: str
    handler: Handler
    verb: str
    status: int = 200


def endpoint(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler of a route."""
    shape = shape_of(route.handler)

    async def handle(request: web.Request) -> web.StreamResponse:
        parts = request.app[PARTS]
        try:
            asker = await _let_in(request, route, parts.services)
            query = decode_query(request.query, shape.query)
            body = await _body(request, shape.body, parts.services.settings.limits.body)
            answer = await route.handler(Call(parts, request, asker, body, query))
        except ApiError as error:
            return error_response(error)
        except Unavailable as error:
            return error_response(ApiError(503, str(error), retry_after=2))
        except StoreError:
            return error_response(ApiError(503, "The database did not take this; try again.", retry_after=2))
        return answer if isinstance(answer, web.StreamResponse) else json_response(answer, route.status)

    handle.__doc__ = route.handler.__doc__
    return handle


async def _let_in(request: web.Request, route: Route, services: Services) -> Asker | None:
    if not route.verb:
        if request.method not in SAFE:
            require_own_page(request, services.settings)
        return None
    asker = await ask(request, services)
    if not may(asker.person, route.verb):
        raise forbidden()
    return asker


async def _body(request: web.Request, shape: type[Any], limit: int) -> Any:
    if shape is Raw:
        return Raw()
    if request.method in SAFE or not request.body_exists:
        return decode_body(b"", shape)
    if request.content_type not in {"application/json", "application/octet-stream"}:
        raise malformed("", f"Send JSON (Content-Type: application/json), not {request.content_type}.")
    if (request.content_length or 0) > limit:
        raise ApiError(413, f"The body has more than {limit} bytes.")
    return decode_body(await read_body(request, limit), shape)


async def read_body(request: web.Request, limit: int) -> bytes:
    """The body's bytes. Raises `ApiError` 413 above `limit`."""
    parts: list[bytes] = []
    size = 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > limit:
            raise ApiError(413, f"The body has more than {limit} bytes.")
        parts.append(chunk)
    return b"".join(parts)


def json_response(answer: Any, status: int = 200) -> web.Response:
    """A struct as an answer that nobody keeps."""
    return web.Response(
        status=status,
        body=msgspec.json.encode(answer),
        content_type="application/json",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )
