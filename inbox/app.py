"""The inbox as one aiohttp application, made of `Services`. Starting and stopping its companions; nothing is decided here."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web

from inbox import accounts, health, openapi
from inbox.auth import SignIn
from inbox.call import PARTS, Parts, endpoint
from inbox.errors import CODE_OF_STATUS, ApiError, error_response
from inbox.hooks import Hooks
from inbox.live.hub import Hub
from inbox.live.keeper import Keeper
from inbox.live.seat import RESUME
from inbox.live.socket import connect
from inbox.passwords import Passwords
from inbox.ports import Services
from inbox.routes import API, ROUTES
from inbox.static import Page
from stream.blobs import BlobMissing
from stream.store.ports import StoreError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HOOKS = web.AppKey("hooks", Hooks)
log = structlog.get_logger(__name__)
SWEEP_SECONDS = 600.0
BODY_SECONDS = 300.0
"""For a request's whole body, also an upload's: nobody holds a connection by a byte now and then."""
SERVER: dict[str, Any] = {"auto_decompress": False, "keepalive_timeout": 75.0}
"""For `web.AppRunner`: a body is taken as it came, a small one may unpack to any size; an idle connection, or the next head, has this long."""
UPLOAD_SECONDS = 86_400.0
GOODBYES, GOODBYE_SECONDS, HANG_UP_SECONDS = 40, 0.1, 5.0
"""Sockets that are closed at once when the process stops, the pause between them, and how long it may take at most."""


def make_app(services: Services) -> web.Application:
    """The application. The store, the bus and the journal are open already, and stay open until it has been cleaned up."""
    passwords = Passwords()
    hub = Hub(services)
    parts = Parts(services, passwords, SignIn(services, passwords), hub, Keeper(hub))
    app = web.Application(middlewares=[_in_time], client_max_size=services.settings.limits.body)
    app[PARTS] = parts
    _add_outside(app, parts)
    app.add_subapp(API, _api(parts))
    app.add_routes(services.extra_routes)
    app.cleanup_ctx.append(_companions)
    app.on_shutdown.append(_hang_up)
    return app


def _add_outside(app: web.Application, parts: Parts) -> None:
    page = Page()
    hooks = app[HOOKS] = Hooks(parts.services)

    async def socket(request: web.Request) -> web.StreamResponse:
        return await connect(request, parts.hub, parts.keeper)

    app.router.add_route("*", "/hooks/{channel}", hooks.take)
    app.router.add_get("/ws", socket, allow_head=False)
    app.router.add_get("/", page.index)
    app.router.add_get("/sign-in", page.index)
    app.router.add_get("/ui/{build}/{name:.+}", page.file)
    app.router.add_get("/healthz", health.healthz)
    app.router.add_get("/readyz", health.readyz)
    app.router.add_get("/metrics", health.prometheus)


def _api(parts: Parts) -> web.Application:
    api = web.Application(middlewares=[_errors], client_max_size=parts.services.settings.limits.body)
    api[PARTS] = parts
    for route in ROUTES:
        api.router.add_route(route.method, route.path, endpoint(route))
    api.router.add_get("/openapi.json", openapi.serve(ROUTES, parts.services.settings.version))
    return api


@web.middleware
async def _in_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Hang up on a body that does not come in its time."""
    if request.content.is_eof():
        return await handler(request)
    timer = asyncio.get_running_loop().call_later(BODY_SECONDS, _too_slow, request)
    try:
        return await handler(request)
    finally:
        timer.cancel()


def _too_slow(request: web.Request) -> None:
    if not request.content.is_eof() and request.transport is not None:
        request.transport.abort()


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Unknown paths, wrong methods and defects in the API's error shape."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        message = "There is nothing here." if error.status == 404 else error.reason
        answer = error_response(
            ApiError(error.status, message, code=CODE_OF_STATUS.get(error.status, "error"))
        )
        if isinstance(error, web.HTTPMethodNotAllowed):
            answer.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return answer
    except (ConnectionError, asyncio.CancelledError):
        raise
    except Exception:
        log.exception("request_defect", method=request.method, route=_route_of(request))
        return error_response(ApiError(500, "This is a defect of Parley's; it has been logged."))


def _route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "?"


async def _companions(app: web.Application) -> AsyncIterator[None]:
    parts = app[PARTS]
    await parts.hub.open()
    await parts.keeper.open()
    sweeper = asyncio.create_task(_sweep_loop(parts.services), name="inbox-sweep")
    yield
    sweeper.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sweeper
    await parts.keeper.close()
    await parts.hub.close()


async def _hang_up(app: web.Application) -> None:
    """Every socket is told to resume elsewhere before the server stops waiting for requests; a crowd is spread over some seconds."""
    hub = app[PARTS].hub
    hub.closing = True
    seats = list(hub.seats)
    for start in range(0, len(seats), GOODBYES):
        for seat in seats[start : start + GOODBYES]:
            seat.end(RESUME)
        if start + GOODBYES < len(seats):
            await asyncio.sleep(min(GOODBYE_SECONDS, HANG_UP_SECONDS * GOODBYES / len(seats)))


async def _sweep_loop(services: Services) -> None:
    while True:
        try:
            await sweep(services)
        except StoreError as error:
            log.warning("sweep_later", error=str(error))
        except Exception:
            log.exception("sweep_defect")
        await asyncio.sleep(SWEEP_SECONDS)


async def sweep(services: Services) -> None:
    """Forget sessions and links that are over, and files that no message has taken within a day."""
    now = services.now()
    await accounts.expire(services.store, now, services.settings.session_idle)
    stale = await accounts.stale_uploads(services.store, now - UPLOAD_SECONDS)
    for _ident, blob, used in stale:
        if not used:
            with contextlib.suppress(BlobMissing):
                await services.blobs.delete(blob)
    await accounts.drop_uploads(services.store, [ident for ident, _blob, _used in stale])
