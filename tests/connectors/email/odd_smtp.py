"""A small SMTP server on loopback that answers as it is told: refusals that pass, late answers, hung-up connections, odd certificates."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from typing import Self

HANG_UP = "hang up"


class OddServer:
    """`says` holds, by what was said (`MAIL`, `RCPT bob`, `.` for the end of a mail), the next answers; then the usual one comes.

    An answer that begins with a number of seconds and a blank (`0.5 250 Ok`) comes late. `told` are all commands, `mails` those confirmed.
    """

    def __init__(
        self, says: dict[str, list[str]] | None = None, *, extensions: str = "SIZE 10000000"
    ) -> None:
        self.extensions = extensions
        self.says = {name: list(answers) for name, answers in (says or {}).items()}
        self.every: dict[str, str] = {}
        self.told: list[str] = []
        self.mails: list[bytes] = []
        self.connections = 0
        self.port = 0
        self._lines: set[asyncio.StreamWriter] = set()

    @contextlib.asynccontextmanager
    async def running(self, context: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[Self]:
        """Serve until the block ends."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=context, limit=1 << 24)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for line in list(self._lines):
                line.transport.abort()
            while self._lines:
                await asyncio.sleep(0.01)

    def count(self, verb: str) -> int:
        """How often a command came."""
        return sum(1 for line in self.told if line.upper().startswith(verb))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._lines.add(writer)
        try:
            if await self._answer(writer, "CONNECT", "220 odd ESMTP"):
                while line := await reader.readline():
                    if not await self._command(line.decode().strip(), reader, writer):
                        break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            self._lines.discard(writer)

    async def _command(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        self.told.append(line)
        verb = line.split(" ", maxsplit=1)[0].upper()
        if verb == "EHLO":
            words = ["odd", *(word for word in self.extensions.split(",") if word)]
            lines = [f"250{' ' if word == words[-1] else '-'}{word}" for word in words]
            return await self._answer(writer, "EHLO", "\r\n".join(lines))
        if verb == "DATA":
            if not await self._answer(writer, "DATA", "354 go on") or self.told[-1] != line:
                return False
            raw = await reader.readuntil(b"\r\n.\r\n")
            before = len(self.told)
            kept = await self._answer(writer, ".", "250 2.0.0 Ok", raw)
            return kept and len(self.told) == before
        name = line.partition("<")[2].partition("@")[0]
        key = f"{verb} {name}" if f"{verb} {name}" in {*self.says, *self.every} else verb
        return await self._answer(writer, key, "235 Ok" if verb == "AUTH" else "250 Ok") and verb != "QUIT"

    async def _answer(self, writer: asyncio.StreamWriter, key: str, usual: str, raw: bytes = b"") -> bool:
        waiting = self.says.get(key)
        said = waiting.pop(0) if waiting else self.every.get(key, usual)
        first, _, rest = said.partition(" ")
        if "." in first and first.replace(".", "").isdigit() and not first.startswith("."):
            await asyncio.sleep(float(first))
            said = rest
        if raw and (said.startswith("250") or said == HANG_UP):
            self.mails.append(raw)
        if said == HANG_UP:
            return False
        writer.write(f"{said}\r\n".encode())
        await writer.drain()
        return True
