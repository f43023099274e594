"""A websocket client as small as it can be: hundreds of them live in one process beside the server that is measured.

RFC 6455 without extensions and fragments, which the server uses none of. The masking key is zero, so that what is sent need not be copied.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from collections.abc import Callable
from typing import cast

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A


class Wire(asyncio.Protocol):
    """One connection; `heard` gets the text of every frame. `over` is done once it has ended."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self._heard = heard
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._key = base64.b64encode(os.urandom(16))
        self._open = False
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one, without the base class

    def connection_lost(self, error: Exception | None) -> None:
        """Whoever waits goes on."""
        self._transport = None
        if not self.over.done():
            self.over.set_result(None)

    def ask(self, host: str, path: str, token: str) -> None:
        """Ask for the socket."""
        assert self._transport is not None
        self._transport.write(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nAuthorization: Bearer {token}\r\n"
            f"Sec-WebSocket-Key: {self._key.decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def say(self, text: bytes, kind: int = TEXT) -> None:
        """Send a frame of less than 64 kB; nothing once the line is down."""
        size = len(text)
        head = (
            bytes((kind, 0x80 | size)) if size < 126 else bytes((kind, 0xFE)) + size.to_bytes(2, "big")
        ) + b"\0\0\0\0"
        if self._transport is not None:
            self._transport.write(head + text)

    def abort(self) -> None:
        """Drop the line without a word."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take whole frames out of what has come."""
        buffer = self._buffer + data if self._buffer else data
        if not self._open:
            buffer = self._greeted(buffer)
        start, size = 0, len(buffer)
        while self._open and size - start >= 2:
            length, body = buffer[start + 1], start + 2
            if length == 126:
                length, body = int.from_bytes(buffer[body : body + 2], "big"), body + 2
            elif length == 127:
                length, body = int.from_bytes(buffer[body : body + 8], "big"), body + 8
            if size < body + length:
                break
            self._frame(buffer[start], buffer[body : body + length])
            start = body + length
        self._buffer = buffer[start:]

    def _greeted(self, buffer: bytes) -> bytes:
        """Check the answer to the hand-shake; what follows it."""
        head, end, rest = buffer.partition(b"\r\n\r\n")
        if not end:
            return buffer
        accept = base64.b64encode(hashlib.sha1(self._key + MAGIC, usedforsecurity=False).digest())
        if not head.startswith(b"HTTP/1.1 101") or accept not in head:
            self.abort()
            return b""
        self._open = True
        return rest

    def _frame(self, kind: int, text: bytes) -> None:
        if kind == TEXT:
            self._heard(text)
        elif kind == PING:
            self.say(text, PONG)
        elif kind == CLOSE:
            self.say(text[:2], CLOSE)
            if self._transport is not None:
                self._transport.close()
        else:
            raise AssertionError(f"a frame of kind {kind:#x} is none of the server's")
