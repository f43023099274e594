"""A process's life from the outside: the loop, the signals, the drain. What it consists of is `wiring`'s."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import structlog

from config.faults import FAILED, OK
from config.keys import MasterKey
from config.opening import ADDRESS, Opened, keys_of
from config.reload import Outcome
from config.wiring import Process
from stream.collector import settle

HARD_EXTRA = 30.0
SWITCH_SECONDS = 0.0005
"""Threads and the loop take turns ten times as often as by default: a read on a thread does not wait for the loop."""
DESCRIPTORS = 16_384
"""Files and sockets that the process asks for, as far as the system lets it: many systems begin with 1,024, which is 768 connections."""
BALANCER_SECONDS = 3.0
AGAIN_SECONDS = 1.0
RESULT = "reload.json"
_log = structlog.get_logger("parley")
Announce = Callable[[Process], Awaitable[None]]


def run(found: Opened, version: str, announce: Announce) -> int:
    """Serve until a signal asks to stop; the exit code."""
    with contextlib.ExitStack() as stack:
        if found.place.embedded:
            from config.lock import DataFolder

            stack.enter_context(DataFolder(found.place.data))
        keys = keys_of(found)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_serve(found, keys, version, announce))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def _serve(found: Opened, keys: tuple[MasterKey, ...], version: str, announce: Announce) -> int:
    began = time.perf_counter()
    sys.setswitchinterval(SWITCH_SECONDS)
    ask_for_descriptors()
    signals = Signals(asyncio.get_running_loop())
    process = Process(found, keys, version)
    if not await _unless(signals.stop, process.open()):
        return OK
    settle()
    seconds = round(time.perf_counter() - began, 3)
    _log.info("ready", version=version, roles=found.place.roles, seconds=seconds, port=process.port)
    if found.place.embedded:
        leave_address(found.place.data, found.loaded.parley.listen, process.port)
    signals.on_reload(lambda: _reload(process))
    await announce(process)
    await _unless(signals.stop, process.failed.wait())
    await _drain(process)
    return FAILED if process.failed.is_set() else OK


def ask_for_descriptors() -> None:
    """Raise the process's soft limit of open files, where the hard one allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, Any]) -> bool:
    """Do `work`, unless `stop` is set before it is done: then it is cancelled. Whether it was done; raises what it raises."""
    doing = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            doing.result()
            return True
        return False
    finally:
        stopping.cancel()
        doing.cancel()
        await asyncio.gather(stopping, doing, return_exceptions=True)


async def _drain(process: Process) -> None:
    """Not ready first; with others to take over, time for the balancer to see it; then everything in order, or a hard end."""
    seconds = process.found.loaded.parley.drain
    _log.info("stopping", seconds=seconds)
    process.draining = True
    end = asyncio.get_running_loop().call_later(seconds + HARD_EXTRA, _hard_end)
    if not process.found.place.embedded:
        await asyncio.sleep(BALANCER_SECONDS)
    await process.close(seconds)
    end.cancel()
    _log.info("stopped")


def _hard_end() -> None:
    _log.error("stopped_hard", reason="something did not finish in its time")
    os._exit(FAILED)


class Signals:
    """SIGTERM and SIGINT stop (another one a second later: at once, for some senders send two); SIGHUP reloads, one at a time, once there is something to reload."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.stop = asyncio.Event()
        self._loop = loop
        self._asked_at = 0.0
        self._reload: Callable[[], Awaitable[object]] | None = None
        self._tasks: set[asyncio.Future[Any]] = set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._asked_to_reload)

    def on_reload(self, work: Callable[[], Awaitable[object]]) -> None:
        """From now on SIGHUP does this."""
        self._reload = work

    def _asked_to_stop(self) -> None:
        if self._asked_at and self._loop.time() - self._asked_at < AGAIN_SECONDS:
            return
        if self._asked_at:
            _log.warning("stopped_at_once", reason="asked a second time")
            os._exit(FAILED)
        self._asked_at = self._loop.time()
        self.stop.set()

    def _asked_to_reload(self) -> None:
        if (
            self._reload is not None and len(self._tasks) < 2
        ):  # one under way, one to see what changed meanwhile
            task = asyncio.ensure_future(self._reload())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _reload(process: Process) -> None:
    """Reload, and leave what came of it where `parley reload` looks for it."""
    outcome = await process.reload("signal")
    if process.found.place.embedded:
        write_result(process.found.place.data, outcome)


def leave_address(data: Path, listen: str, port: int) -> None:
    """Tell the other commands on this machine where this server listens."""
    host = listen.rpartition(":")[0]
    reachable = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104  # written down, not bound
    (data / ADDRESS).write_text(f"{reachable}:{port}\n", "utf-8")


def write_result(data: Path, outcome: Outcome) -> None:
    """Put the outcome beside the data, whole or not at all."""
    half = data / f"{RESULT}.half"
    half.write_bytes(msgspec.json.encode(outcome))
    half.replace(data / RESULT)
