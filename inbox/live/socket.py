"""The wire of `/ws`: who may connect, what is read, what is written, how it ends. What frames mean is in `catch_up`, `deeds` and `hub`."""

from __future__ import annotations

import asyncio
import contextlib

import structlog
from aiohttp import WSMessage, WSMsgType, web

from inbox import metrics
from inbox.auth import Asker, ask, require_own_page
from inbox.errors import ApiError, error_response
from inbox.live import frames
from inbox.live.catch_up import begin, go_on
from inbox.live.deeds import do
from inbox.live.hub import Hub
from inbox.live.keeper import Keeper
from inbox.live.outlet import WRITER_LIMIT, Outlet
from inbox.live.seat import FLOOD, RESUME, Seat
from inbox.policy import may, sees
from stream import reads
from stream.fold import scope_of
from stream.store.ports import StoreError

log = structlog.get_logger(__name__)
GREETING_SECONDS = 20.0
CLOSE_SECONDS = 3.0


class Line:
    """One socket from hello to close."""

    def __init__(
        self,
        hub: Hub,
        keeper: Keeper,
        seat: Seat,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
    ) -> None:
        self._hub = hub
        self._keeper = keeper
        self._seat = seat
        self._socket = socket
        seat.wake = Outlet(seat, transport).wake

    async def run(self) -> None:
        """Serve until one side ends it."""
        self._seat.heard_at = asyncio.get_running_loop().time()
        self._hub.enter(self._seat)
        self._keeper.moved()
        settings = self._hub.services.settings
        self._seat.say(frames.hello(settings.heartbeat, self._hub.services.journal.epoch))
        tasks = {asyncio.create_task(work) for work in (self._read(), self._watch())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(ended, Exception) and not isinstance(ended, ConnectionError):
                    log.error("socket_defect", agent=self._seat.login, exc_info=ended)
            await self._leave()

    async def _leave(self) -> None:
        looked_at = [conversation for conversation, seen in self._seat.open.items() if seen]
        self._hub.leave(self._seat)
        self._keeper.moved()
        if self._seat.ended:
            metrics.closed.labels(str(self._seat.ended)).inc()
        await self._close()
        for conversation in looked_at:
            await self._keeper.tell_looking(conversation)

    async def _close(self) -> None:
        """Say why, wait a little for the client to agree, then hang up: a client that reads nothing cannot keep us."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close(code=self._seat.ended or 1000)

    async def _watch(self) -> None:
        await self._seat.over.wait()

    # --- in

    async def _read(self) -> None:
        first = asyncio.get_running_loop().call_later(GREETING_SECONDS, self._unless_live)
        try:
            async for message in self._socket:
                await self._hear(message)
                if self._seat.ended:
                    return
        finally:
            first.cancel()

    def _unless_live(self) -> None:
        if not self._seat.live:
            self._seat.end(RESUME)

    async def _hear(self, message: WSMessage) -> None:
        if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
            return
        if self._seat.flooded(asyncio.get_running_loop().time()):
            self._seat.end(FLOOD)
            return
        try:
            await self._act(frames.read_frame(message.data))
        except frames.BadFrame as error:
            self._seat.say(
                frames.encode({"t": "error", "error": {"code": "malformed", "message": str(error)}})
            )
        except StoreError as error:
            log.warning("socket_store", error=str(error))
            self._seat.end(RESUME)

    async def _act(self, frame: frames.AnyClientFrame | frames.Do) -> None:
        seat = self._seat
        begins = isinstance(frame, frames.Start | frames.Resume)
        if begins and seat.begins_too_often(asyncio.get_running_loop().time()):
            seat.end(FLOOD)
        elif isinstance(frame, frames.Start):
            await begin(self._hub, self._keeper.company, seat)
            self._keeper.tell_hours(seat)
        elif isinstance(frame, frames.Resume):
            reason = await go_on(self._hub, seat, frame)
            if reason:
                seat.say(frames.start_over(reason))
            else:
                self._keeper.tell_hours(seat)
            for conversation in list(seat.open):
                await self._keeper.tell_looking(conversation)
        elif not isinstance(frame, frames.Beat):
            seat.acted = True
            await self._work(frame)

    async def _work(self, frame: frames.Open | frames.Close | frames.TypingSign | frames.Do) -> None:
        seat = self._seat
        if isinstance(frame, frames.Open):
            await self._open(frame.conversation)
        elif isinstance(frame, frames.Close):
            if self._hub.look_away(seat, frame.conversation):
                await self._keeper.tell_looking(frame.conversation)
        elif isinstance(frame, frames.TypingSign):
            if seat.open.get(frame.conversation):
                await self._keeper.tell_typing(seat, frame.conversation, on=frame.on)
        else:
            seat.say(frames.encode(await do(self._hub.services, seat.person, frame)))

    async def _open(self, conversation: str) -> None:
        """Noted first and judged after the read: a farewell that comes in between takes the note away again."""
        seat = self._seat
        gives_way = seat.opening(conversation)
        if gives_way and self._hub.look_away(seat, gives_way):
            await self._keeper.tell_looking(gives_way)
        row = await reads.conversation(self._hub.services.store, conversation)
        if row is None or not sees(seat.person, scope_of(row)):
            self._hub.look_away(seat, conversation)
        elif conversation in seat.open:
            await self._keeper.open_up(seat, conversation)


async def connect(request: web.Request, hub: Hub, keeper: Keeper) -> web.StreamResponse:
    """Answer a request for `/ws`."""
    services = hub.services
    try:
        asker = await _let_in(request, hub)
    except ApiError as error:
        return error_response(error)
    limits = services.settings.limits
    socket = web.WebSocketResponse(
        compress=False,
        max_msg_size=limits.frame,
        timeout=CLOSE_SECONDS,
        writer_limit=WRITER_LIMIT,
        autoping=True,
    )
    await socket.prepare(request)
    seat = Seat(
        asker.person,
        asker.key,
        limits,
        token=asker.session is None,
        role=asker.role,
        ceiling=asker.ceiling,
        rights_at=asker.rights_at,
    )
    transport = request.transport
    if transport is not None:
        await Line(hub, keeper, seat, socket, transport).run()
        transport.abort()  # closed in any case: only what the client would not take is left, and would keep the connection
    return socket


async def _let_in(request: web.Request, hub: Hub) -> Asker:
    settings = hub.services.settings
    asker = await ask(request, hub.services)
    if asker.session is not None:
        if "Origin" not in request.headers:
            raise ApiError(403, "A browser's socket names its page's origin; programs use a token.")
        require_own_page(request, settings)
    if not may(asker.person, "socket.open"):
        raise ApiError(403, "You may not connect.")
    if hub.closing:
        raise ApiError(503, "Parley is stopping; try again in a moment.", retry_after=2)
    if sum(seat.login == asker.person.login for seat in hub.seats) >= settings.limits.sockets_per_login:
        raise ApiError(429, "You are connected too many times.", retry_after=5)
    return asker
