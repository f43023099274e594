"""The widget's websocket as a line: who may open one, how large a frame may be, how it is closed. What is said on it is `session`'s."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from aiohttp import web

from connectors.contract import ConnectorError
from connectors.webchat.codec import FRAME_LIMIT
from connectors.webchat.front import Front
from connectors.webchat.limits import network
from connectors.webchat.session import HangUp, Session

FAREWELL_SECONDS = 2.0
BUFFERED = 64 * 1024


async def serve(front: Front, request: web.Request) -> web.StreamResponse:
    """Serve one widget until it goes. The origin has been checked. 503 when the channel has as many sockets as it may."""
    if front.sockets.full:
        raise web.HTTPServiceUnavailable(text="too many visitors at once", headers={"Retry-After": "5"})
    # No deflate: it costs four times the processor and opens the door to bombs. The ping notices visitors who vanished.
    line = web.WebSocketResponse(
        max_msg_size=FRAME_LIMIT,
        compress=False,
        heartbeat=front.timing.heartbeat,
        timeout=FAREWELL_SECONDS,
        writer_limit=BUFFERED,
    )
    try:
        await line.prepare(request)
    except ConnectionError:  # gone before the handshake was answered: nobody reads this
        return web.Response(status=400)
    session = Session(front, line, network(request.remote))
    front.sockets.enter(session.seat)
    try:
        end = await _run(front, session)
        await _close(request, line, end)
    finally:
        front.sockets.leave(session.key, session.seat)
    return line


async def _run(front: Front, session: Session) -> HangUp:
    try:
        return await session.run()
    except ConnectorError as error:
        front.sandbox.log("webchat.socket_ended", reason=str(error))
        return HangUp(4000, "try again")
    except Exception as error:  # noqa: BLE001  # whatever fails behind one socket: its widget resumes, the others go on
        front.sandbox.log("webchat.socket_failed", error=type(error).__name__)
        return HangUp(4000, "try again")


async def _close(request: web.Request, line: Any, end: HangUp) -> None:
    """Say why, but do not wait long for somebody who does not read."""
    with contextlib.suppress(TimeoutError, ConnectionError, RuntimeError):
        async with asyncio.timeout(FAREWELL_SECONDS):
            await line.close(code=end.code, message=str(end).encode())
            return
    if request.transport is not None:
        request.transport.abort()
