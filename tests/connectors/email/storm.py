"""A line between us and a mail server that breaks: cuts after so many bytes, or nobody answers at all. It knows no protocol."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator


class Line:
    """Every connection through it ends after a random number of bytes of the server's, `least` to `most`; `down`: at once."""

    def __init__(self, port: int, seed: int, least: int, most: int) -> None:
        self.down = False
        self.calm = False
        self.cuts = 0
        self.port = 0
        self._target = port
        self._random = random.Random(seed)
        self._least, self._most = least, most
        self._open: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Line]:
        """For as long as the block lasts."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in list(self._open):
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            if not self.down:
                await self._connected(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", self._target)
        limit = self._random.randint(self._least, self._most)
        up = asyncio.create_task(self._copy(reader, outer, 1 << 60))
        try:
            await self._copy(inner, writer, limit)
        finally:
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
            outer.close()

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, limit: int) -> None:
        while (data := await source.read(1_024)) and (limit > 0 or self.calm):
            part = data if self.calm else data[:limit]
            limit -= len(data)
            target.write(part)
            await target.drain()
        if limit <= 0:
            self.cuts += 1
