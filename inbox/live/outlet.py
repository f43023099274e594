"""The way out of a seat: what waits there is written in one piece as soon as the loop comes round, without a task that has to be woken."""

from __future__ import annotations

import asyncio

import structlog

from inbox.live.frames import head
from inbox.live.seat import RESUME, Seat

log = structlog.get_logger(__name__)
WRITER_LIMIT = 65_536
SHORT_PAUSE, LONG_PAUSE = 0.005, 0.2


class Outlet:
    """Writes to `transport` what `seat` queues, and no more than the client takes."""

    def __init__(self, seat: Seat, transport: asyncio.Transport) -> None:
        self._seat = seat
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._due = False
        self._pause = 0.0

    def wake(self) -> None:
        """Something waits: write it at the next turn of the loop, unless the client is behind and is looked after already."""
        if not self._due:
            self._due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        """Most of a frame's price is the call to the system, so all that wait go in one piece."""
        self._due = False
        try:
            self._write()
        except Exception:
            log.exception("socket_defect", agent=self._seat.login)
            self._seat.end(RESUME)

    def _write(self) -> None:
        seat, transport = self._seat, self._transport
        while not seat.ended and not transport.is_closing():
            if transport.get_write_buffer_size() > WRITER_LIMIT:
                self._pause = min(LONG_PAUSE, 2 * self._pause or SHORT_PAUSE)
                self._due = True
                self._loop.call_later(self._pause, self._flush)
                return
            self._pause = 0.0
            if not seat.queue:
                seat.calm.set()
                return
            transport.write(self._waiting())

    def _waiting(self) -> bytes:
        """Frames as they are: from a server unmasked (RFC 6455 section 5.2)."""
        piece = bytearray()
        while self._seat.queue and len(piece) < WRITER_LIMIT:
            text = self._seat.take()
            piece += head(len(text))
            piece += text
        return bytes(piece)
