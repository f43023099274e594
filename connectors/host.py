"""The host: runs the configured channels of this process and puts their parts together. What each part does stands in its own module.

`open` starts everything and returns; channels that cannot be opened keep trying beside the others. `apply` follows a new configuration:
only what changed is closed and opened again. Nothing here reads YAML or imports a connector: `config/` hands over finished channels.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

import msgspec
import structlog

from connectors.calling import NOBODY, Told
from connectors.calls import Caller
from connectors.channel import Channel
from connectors.contract import Address, Attentive, Malformed, Unsupported
from connectors.delivery import Delivery
from connectors.destination import Destination
from connectors.files import Files, Limits
from connectors.health import Report
from connectors.hooks import Hooks, door_for
from connectors.identities import sender_of
from connectors.kit.http import GuardedClient
from connectors.media import Fetch, MediaQueue
from connectors.metrics import Meter
from connectors.outbox import Outbox
from connectors.pollers import Poller
from connectors.read_marks import Mark, ReadMarks
from connectors.running import Running
from connectors.sandbox import ChannelSandbox, Services
from connectors.typing_signs import Show, TypingSigns
from stream.blobs import Blobs
from stream.commands import From
from stream.ids import new_token
from stream.journal import Journal

if TYPE_CHECKING:
    from aiohttp.web import RouteDef

DRAIN_SECONDS = 35.0
RESTART_SECONDS = 1.0
SETTLE_SECONDS = 10.0
_log = structlog.get_logger(__name__)


class HostSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is the same for all channels.

    `master` are the installation's keys (newest first). `allow_private` names hosts (or `host:port`) that requests may reach although
    their addresses are private. `exclusive`: no other process uses this database (embedded), so what a predecessor held is ours at once.
    """

    master: tuple[bytes, ...]
    public_url: str = ""
    allow_private: tuple[str, ...] = ()
    max_file_bytes: int = Limits().bytes
    max_files: int = Limits().files
    exclusive: bool = False
    worker: str = ""


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """Where an agent's first message goes: the customer, and the key of the new conversation."""

    to: From
    conversation_key: str


class Host:
    """One per process with the role `connectors`."""

    def __init__(
        self, journal: Journal, blobs: Blobs, settings: HostSettings, clock: Callable[[], float] = time.time
    ) -> None:
        self._journal = journal
        self._settings = settings
        self._clock = clock
        self._worker = settings.worker or f"{socket.gethostname()}-{os.getpid()}-{new_token()[-6:]}"
        self._running: dict[str, Running] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._parts: list[asyncio.Task[None]] = []
        files = Files(blobs, Limits(files=settings.max_files, bytes=settings.max_file_bytes))
        self._typing = TypingSigns(journal)
        self._read_marks = ReadMarks(journal, self._marks)
        self._media = MediaQueue(journal, files, clock)
        self._delivery = Delivery(journal, files, self._media, self._typing)
        self._http = GuardedClient(settings.allow_private)
        self.hooks = Hooks(self._delivery, clock)
        self.outbox = Outbox(
            journal, files, self._running, worker=self._worker, exclusive=settings.exclusive, clock=clock
        )
        self.caller = Caller(
            journal, self._running, worker=self._worker, exclusive=settings.exclusive, clock=clock
        )
        self._services = Services(
            journal=journal,
            delivery=self._delivery,
            files=files,
            http=self._http,
            master=settings.master,
            public_url=settings.public_url,
        )

    # --- life

    async def open(self, channels: Iterable[Channel], told: Told = NOBODY) -> None:
        """Start. The journal is open already. Raises `ValueError` when a channel's secrets cannot be used."""
        await self._http.open()
        await self.apply(channels, told)
        self._parts = [
            self._spawn("outbox", self.outbox.run),
            self._spawn("calls", self.caller.run),
            self._spawn("typing", lambda: self._typing.run(self._show)),
            self._spawn("read marks", self._read_marks.run),
            self._spawn("media", lambda: self._media.run(self._ready, self._fetch)),
        ]

    async def apply(self, channels: Iterable[Channel], told: Told = NOBODY) -> None:
        """Run exactly these channels, and tell `told` what happens: what is unchanged goes on undisturbed.

        Raises `ValueError` before anything is changed.
        """
        wanted = {channel.name: channel for channel in channels}
        doors = {name: door_for(channel, Meter(name)) for name, channel in wanted.items()}
        for name in [name for name, running in self._running.items() if wanted.get(name) != running.channel]:
            await self._remove(name)
        for name, channel in wanted.items():
            if name not in self._running:
                self._add(channel)
                door = doors[name]
                if door is not None:
                    self.hooks.add(door)
        self.caller.tell(told)
        self.outbox.wake()

    def _add(self, channel: Channel) -> None:
        meter = Meter(channel.name)
        sandbox = ChannelSandbox(channel, self._services, meter)
        running = Running(channel, channel.manifest.create(channel.config, sandbox), meter, self._clock)
        self._running[channel.name] = running
        self._tasks[channel.name] = self._spawn(f"channel {channel.name}", lambda: self._run(running))

    async def _run(self, running: Running) -> None:
        """Open the connector, then poll if it is of that kind."""
        await running.open()
        self.outbox.wake()
        if {"poll", "stream"} & set(running.channel.transports):
            poller = Poller(
                running.channel,
                running.connector,
                self._journal,
                self._delivery,
                running.meter,
                running.health,
                worker=self._worker,
                exclusive=self._settings.exclusive,
                clock=self._clock,
            )
            await poller.run()

    async def _remove(self, name: str) -> None:
        self.hooks.remove(name)
        running = self._running.pop(name)
        await self.outbox.settle(name, SETTLE_SECONDS)
        await _cancelled([self._tasks.pop(name)])
        await running.close()

    def _spawn(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(self._kept_up(name, work), name=name)

    async def _kept_up(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A part that ends by a defect is started again: nothing of the host may be silently gone."""
        while True:
            try:
                await work()
            except Exception:  # noqa: BLE001  # named in the log, then started again
                _log.exception("host_part_failed", part=name)
                await asyncio.sleep(RESTART_SECONDS)
            else:
                return

    async def close(self, seconds: float = DRAIN_SECONDS) -> None:
        """Take nothing new, finish what is under way (at most `seconds`), close every connector."""
        await asyncio.gather(self.hooks.drain(seconds), self.outbox.drain(seconds))
        tasks = [*self._tasks.values(), *self._parts]
        self._tasks, self._parts = {}, []
        await _cancelled(tasks)
        await asyncio.gather(self._typing.close(), self._media.close())
        await asyncio.gather(*(running.close() for running in self._running.values()))
        self._running.clear()
        await self._http.close()

    # --- what others ask

    def channels(self) -> list[Channel]:
        """The channels of this process."""
        return [running.channel for running in self._running.values()]

    def health(self) -> list[Report]:
        """How each channel fares."""
        return [running.report() for running in self._running.values()]

    async def probe(self, channel: str) -> str:
        """Ask the provider, read-only, whether the channel would work. Raises the connector's errors, `LookupError`."""
        return await self._running[channel].connector.probe()

    def routes(self) -> dict[str, Sequence[RouteDef]]:
        """The addresses of channels with sockets of ours, by channel, relative to `/widget/<channel>`."""
        found: dict[str, Sequence[RouteDef]] = {}
        for name, running in self._running.items():
            routes = getattr(running.connector, "routes", None)
            if routes is not None and "socket" in running.channel.transports:
                found[name] = routes()
        return found

    def degraded(self, channel: str, message: Any) -> tuple[str, ...]:
        """What of an `Outbound` would be lost on a channel, in sentences for the agent who writes it."""
        running = self._running.get(channel)
        return running.connector.plan(message).degraded if running else ()

    def start(self, channel: str, to: str, name: str = "") -> Started:
        """Where an agent's first message to `to` goes. Raises `Malformed` (not an address), `Unsupported`, `LookupError`."""
        running = self._running[channel]
        return start(running.channel, to, name)

    # --- what the parts ask

    def _ready(self) -> list[str]:
        return [name for name, running in self._running.items() if running.ready]

    def _fetch(self, channel: str) -> Fetch | None:
        running = self._running.get(channel)
        return running.connector.media if running and running.ready else None

    def _show(self, channel: str) -> Show | None:
        running = self._running.get(channel)
        if running is None or not running.ready or not running.channel.manifest.capabilities.typing_out:
            return None

        async def show(destination: Destination, on: bool) -> None:
            await running.connector.typing(destination.to, destination.about.key, on)

        return show

    def _marks(self) -> dict[str, Mark]:
        return {name: _mark_of(running) for name, running in self._running.items() if _shows_reads(running)}


def _shows_reads(running: Running) -> bool:
    able = running.ready and running.channel.manifest.capabilities.read_out
    return able and hasattr(running.connector, "read")


def _mark_of(running: Running) -> Mark:
    async def mark(destination: Destination, n: int) -> None:
        await cast("Attentive", running.connector).read(destination.to, destination.about.key, n)

    return mark


def start(channel: Channel, to: str, name: str = "") -> Started:
    """Where an agent's first message to `to` goes on `channel`: pure, so that a process without connectors can ask it too."""
    if channel.manifest.start is None or not channel.manifest.capabilities.starts_conversations:
        raise Unsupported(f"On {channel.name} the customer has to write first.")
    address, conversation_key = channel.manifest.start(to, new_token())
    if not address.value:
        raise Malformed("This is not an address.", "to")
    shown: Address = msgspec.structs.replace(address, display=name) if name else address
    return Started(to=sender_of(channel, shown), conversation_key=conversation_key or address.value)


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
