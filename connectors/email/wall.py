"""The second wall around the codec: mails are read in a child process with limits of time and memory. The first wall is the codec's own.

One child for the whole process, started when the first mail comes and again after it was lost; it ends by itself when its parent does.
A mail that costs the child its life, or too long, comes back as one that could not be parsed: its neighbours are read by the next child.
Nothing about what a mail means is here.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import msgspec

from connectors.email.codec import parse, unreadable
from connectors.email.mail import ParsedMail

CPU_SECONDS = 5
"""Of processor time for a mail; twice what the largest ordinary one needs on a slow machine."""
CPU_BYTES = 8 << 20
"""One second more for so many bytes."""
PATIENCE = 8
"""Times the processor time: how long a crowded machine may take by the clock."""
MEMORY = 400 << 20
"""Of address space above what the idle child has, and eight times the mail: most of it is reserved, not used."""
WORN = 8 << 20
"""After a mail of this size the child is replaced, so that what it took is given back."""

_LENGTH = struct.Struct(">Q")
_ROOT = Path(__file__).resolve().parents[2]
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(ParsedMail)


class Wall:
    """Reads mails one after the other. Thread-safe; blocking: call it in a thread."""

    def __init__(
        self, *, cpu_seconds: int = CPU_SECONDS, memory: int = MEMORY, patience: float = PATIENCE
    ) -> None:
        self._limits = (cpu_seconds, memory)
        self._patience = patience
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, raw: bytes) -> ParsedMail:
        """What `codec.parse` returns; a mail that broke a limit has the defects `could-not-parse` and the limit's name. Never raises."""
        with self._lock:
            try:
                mail = self._ask(raw)
            except (OSError, EOFError, msgspec.MsgspecError):
                lost = self._end()
                return unreadable(raw, "too-slow" if lost == "slow" else "reader-lost")
            if len(raw) > WORN or "could-not-parse" in mail.defects:
                self._end()  # one that was refused memory keeps what it had, and would refuse the next mail too
            return mail

    def close(self) -> None:
        """Ends the child; a further `read` starts another."""
        with self._lock:
            self._end()

    def _ask(self, raw: bytes) -> ParsedMail:
        child = self._running()
        assert child.stdin is not None
        assert child.stdout is not None
        seconds = _seconds(len(raw), self._limits[0])
        watch = threading.Timer(seconds * self._patience, child.kill)
        watch.daemon = True
        watch.start()
        try:
            _put(child.stdin, raw)
            return _DECODER.decode(_take(child.stdout))
        finally:
            watch.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            command = [sys.executable, "-m", "connectors.email.wall", *map(str, self._limits)]
            self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=_ROOT
            )
        return self._child

    def _end(self) -> str:
        """Ends the child and says how it had ended before: `slow` when a limit of time did it."""
        child, self._child = self._child, None
        if child is None:
            return ""
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(0.05)
        ended = child.poll()
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        return "slow" if ended in _SLOW else ""


_SLOW = (-24, -9)
"""How a child ends at a limit of time: SIGXCPU from the system, SIGKILL from the watch."""


@functools.cache
def shared() -> Wall:
    """The wall of this process; its child ends with it."""
    wall = Wall()
    atexit.register(wall.close)
    return wall


def _seconds(size: int, least: int) -> int:
    return least + size // CPU_BYTES


def _put(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def _take(pipe: IO[bytes]) -> bytes:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data


# --- the child ---------------------------------------------------------------------------------------------------


def serve(source: IO[bytes], sink: IO[bytes], cpu_seconds: int, memory: int) -> None:
    """Reads mails from `source` until it ends, with fresh limits for each, and writes what they are to `sink`."""
    idle = _address_space()
    while True:
        try:
            raw = _take(source)
        except EOFError:
            return
        _limit(_seconds(len(raw), cpu_seconds), idle + memory + 8 * len(raw) if idle else 0)
        _put(sink, _ENCODER.encode(parse(raw)))


def _limit(seconds: int, space: int) -> None:
    """Soft limits from now on: the system ends the process at the first, and refuses memory at the second."""
    try:
        import resource
    except ImportError:  # no such limits on this system: the parent's watch remains
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    for kind, value in ((resource.RLIMIT_CPU, spent + seconds), (resource.RLIMIT_AS, space)):
        hard = resource.getrlimit(kind)[1]
        if value and (hard == resource.RLIM_INFINITY or value < hard):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(kind, (value, hard))


def _address_space() -> int:
    """Bytes of address space in use; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    import resource

    return pages * resource.getpagesize()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer, int(sys.argv[1]), int(sys.argv[2]))
