"""The serving process's side of the writer: starts it, asks it one question at a time, starts another when it is gone.

Reads stay here, on threads with connections of their own: WAL lets them go on beside the writer. A writer that dies in the middle leaves
the question's end unknown, as any database does whose connection breaks: the caller is told `Unavailable`, tries again, and the
deduplication keys answer what was kept already.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections import deque
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from stream.append import Appended
from stream.commands import Command
from stream.store.ports import Unavailable
from stream.store.program import Program, Rows, Step, drive_awaiting
from stream.store.sqlite import SqliteStore
from stream.writer import wire

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
"""Migrations run before it answers first."""
END_SECONDS = 10.0
AGAIN_SECONDS = 0.5
LOOK_SECONDS = 5.0
LOOKS = 12
"""A writer that has answered nothing over so many looks is stuck: a minute in which this process ran, too."""


class Line(asyncio.Protocol):
    """The socket to one writer: frames out, as many back, in the same order."""

    def __init__(self) -> None:
        self.closed = False
        self.answered = 0
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answers: deque[asyncio.Future[bytes]] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport  # type: ignore[assignment] # a stream's transport, also uvloop's, which has another base

    def data_received(self, data: bytes) -> None:
        """Answer with every frame that is whole."""
        self._buffer += data
        size = wire.LENGTH.size
        while len(self._buffer) >= size:
            (length,) = wire.LENGTH.unpack_from(self._buffer)
            if len(self._buffer) < size + length:
                return
            body = bytes(memoryview(self._buffer)[size : size + length])
            del self._buffer[: size + length]
            answer = self._answers.popleft()
            self.answered += 1
            if not answer.done():
                answer.set_result(body)

    def connection_lost(self, _error: Exception | None) -> None:
        """Whoever waits learns that there will be no answer."""
        self.closed = True
        for answer in self._answers:
            if not answer.done():
                answer.set_exception(Unavailable("The database's writer has ended; another is started."))

    def ask(self, word: wire.Word | None) -> asyncio.Future[bytes]:
        """Say `word` (or only listen); the answer's bytes, in time. Raises `Unavailable` when nobody is there."""
        if self.closed or self._transport is None:
            raise Unavailable("The database's writer has ended; another is started.")
        said = wire.frame(word) if word is not None else b""  # may fail: nothing is awaited then
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._answers.append(answer)
        if said:
            self._transport.write(said)
        return answer

    async def answer(self, word: wire.Word | None) -> wire.Kept | wire.Found | wire.Indexed:
        """Say `word` (or only listen) and take the answer. Raises what the writer says went wrong."""
        return self.said(await self.ask(word))

    @staticmethod
    def said(body: bytes) -> wire.Kept | wire.Found | wire.Indexed:
        """What an answer says. Raises what the writer says went wrong."""
        try:
            said = wire.answer(body)
        except msgspec.MsgspecError as error:
            # It may be kept: as any other error it would be tried again at once, and perhaps done twice.
            raise Unavailable(f"The database's writer answered what cannot be read: {error}") from error
        if isinstance(said, wire.Failed):
            raise wire.error_of(said)
        return said

    @property
    def awaited(self) -> bool:
        """Whether an answer is outstanding."""
        return bool(self._answers)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


class SqliteProcess(SqliteStore):
    """A `Store` and a `Writer` over one SQLite file that this process serves alone.

    A second group waits over there while this process is busy with something else: otherwise the writer would wait for the loop. Groups
    are kept small, so that the two work at the same time and not by turns: 64 gave a tenth more than 256 (`docs/performance.md`).
    """

    depth = 2
    group = 64

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.pid = 0
        self._turn = asyncio.Lock()
        self._line: Line | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._closed = False
        self._not_before = 0.0
        self._watch: asyncio.Task[None] | None = None
        self._file_id: tuple[int, int] | None = None

    async def open(self) -> None:
        """See the port."""
        async with self._turn:
            await self._begin()
        self._file_id = _identity(self.path)
        self._watch = asyncio.get_running_loop().create_task(self._look(), name="writer-watch")

    async def close(self) -> None:
        """See the port."""
        async with self._turn:
            self._closed = True
            await self._end()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await super().close()

    async def write(self, program: Program[T]) -> T:
        """See the port. The program runs here, its statements there; whoever is cancelled meanwhile has still asked for it."""
        return await asyncio.shield(asyncio.ensure_future(self._write(program)))

    async def append(self, commands: Sequence[Command], now: float) -> Appended:
        """See `stream.writer.ports.Writer`."""
        said = await self._ask(wire.Append(list(commands), now))  # type: ignore[arg-type] # every command is one of the union
        assert isinstance(said, wire.Kept)
        return wire.appended_of(said)

    async def index(self, limit: int) -> int:
        """See `stream.writer.ports.Writer`."""
        said = await self._ask(wire.Index(limit))
        assert isinstance(said, wire.Indexed)
        return said.n

    # --- in turns: a program of several statements has the writer alone, questions follow each other without a pause

    async def _ask(self, word: wire.Word) -> wire.Kept | wire.Found | wire.Indexed:
        async with self._turn:
            answer = (await self._ready()).ask(word)
        return Line.said(await answer)

    async def _write(self, program: Program[T]) -> T:
        async with self._turn:
            line = await self._ready()
            try:
                return await _through(line, program)
            except BaseException:
                with contextlib.suppress(Unavailable):
                    await line.answer(wire.End(commit=False))
                raise

    async def _ready(self) -> Line:
        if self._closed:
            raise Unavailable("The store is closed.")
        if self._line is None or self._line.closed:
            loop = asyncio.get_running_loop()
            if loop.time() < self._not_before:
                raise Unavailable("The database's writer has ended; another is started in a moment.")
            await self._end()
            try:
                await self._begin()
            finally:
                self._not_before = loop.time() + AGAIN_SECONDS
        assert self._line is not None
        return self._line

    # --- the process

    async def _look(self) -> None:
        """Kill a writer that is stuck, or whose file is not at its place any more: whoever waits for it is told `Unavailable`."""
        looks, line, answered = 0, self._line, 0
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if line is not None and line is self._line and line.awaited and line.answered == answered > 0:
                looks += 1  # a start has a limit of its own
            else:
                looks, line = 0, self._line
            answered = line.answered if line is not None else 0
            if (looks >= LOOKS or self._moved()) and self._process is not None:
                looks = 0
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()

    def _moved(self) -> bool:
        """Whether the file that was opened first was removed or replaced: what is written to it would be lost."""
        return self._file_id is not None and _identity(self.path) != self._file_id

    async def _begin(self) -> None:
        """Start a writer; returns once it has the database open. Raises what it says, `Unavailable` when it says nothing."""
        if self._moved():
            raise Unavailable(
                f"{self.path} was moved or replaced while Parley runs: stop Parley, put it back, start again."
            )
        try:
            ours, theirs = socket.socketpair()
        except OSError as error:  # no more open files, say
            raise Unavailable(f"The database's writer cannot be started: {error}") from error
        ours.settimeout(0)
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        _transport, line = await asyncio.get_running_loop().create_unix_connection(Line, sock=ours)
        opened = line.ask(None)  # before there is anybody who could answer
        try:
            with theirs:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "stream.writer.child", str(self.path.absolute()), str(theirs.fileno()),
                    pass_fds=(theirs.fileno(),), stdin=asyncio.subprocess.DEVNULL, env=environment,
                )  # fmt: skip
        except BaseException as error:
            opened.cancel()
            line.close()
            if isinstance(error, OSError):
                raise Unavailable(f"The database's writer cannot be started: {error}") from error
            raise
        self.pid, self._line = self._process.pid, line
        try:
            async with asyncio.timeout(START_SECONDS):
                Line.said(await opened)
        except TimeoutError:
            await self._end()
            raise Unavailable(f"The database's writer did not open {self.path} in time.") from None
        except BaseException:
            await self._end()
            raise

    async def _end(self) -> None:
        """Hang up; the writer finishes its transaction and goes. One that does not is killed."""
        if self._line is not None:
            self._line.close()
            self._line = None
        process, self._process = self._process, None
        if process is None:
            return
        try:
            async with asyncio.timeout(END_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


async def _through(line: Line, program: Program[T]) -> T:
    """Run `program` with its statements over there, and commit."""
    result = await drive_awaiting(program, partial(_run, line))
    await line.answer(wire.End(commit=True))
    return result


async def _run(line: Line, step: Step) -> Rows:
    said = await line.answer(wire.run_of(step))
    assert isinstance(said, wire.Found)
    return said.rows
