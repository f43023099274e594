"""The composition root: one Parley process, its parts built, started and stopped in order.

Start: store, bus, journal, secrets, configuration, channels, router, HTTP; ready means routing. Stop: not ready, sockets told to resume
elsewhere, sends finished, the lead given up, then everything else backwards. Drivers and connectors are imported only when chosen.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Coroutine
from typing import Any

import msgspec
import structlog
from aiohttp import web

from config import adapters, canary
from config.active import Active, NoConfig
from config.catalogue import Catalogue, installed
from config.faults import Fault
from config.keys import MasterKey
from config.load import ENDED, digest_of, revive
from config.opening import Opened
from config.pulse import Pulse
from config.references import Sources
from config.reload import Outcome, Reloader, apply
from config.replaying import Replayer
from config.secrets import Vault
from config.widgets import Mounts
from connectors.host import Host, HostSettings
from inbox import ports
from inbox.app import HOOKS, SERVER, make_app
from inbox.front import Front
from router.canary import Canary
from router.plan import Plan
from router.service import RouterService
from stream import reads
from stream.blobs import open_blobs
from stream.bus import open_bus
from stream.ids import new_token
from stream.journal import Journal
from stream.retention import keep_clean
from stream.search import SearchFollower
from stream.writer import open_writing

READY_SECONDS = 30.0
CONFIG_SECONDS = 120.0
LEAVE_SECONDS = 5.0
CHILD_SECONDS = 3.0
OUTSIDE = ("/hooks/", "/widget/", "/healthz", "/readyz", "/metrics")
_log = structlog.get_logger("parley")


class Process:
    """One process with its roles. `failed` is set when a part ended that must not end."""

    def __init__(self, found: Opened, keys: tuple[MasterKey, ...], version: str) -> None:
        place = found.place
        self.found = found
        self.failed = asyncio.Event()
        self.draining = False
        self._keys = keys
        self._version = version
        self._name = f"{socket.gethostname()}-{os.getpid()}-{new_token()[-6:]}"
        self._catalogue: Catalogue = installed()
        self._sources = Sources(environment=found.environment, folder=found.loaded.files.folder)
        self.store, writer = open_writing(place.store)
        self.bus = open_bus(place.bus)
        self.blobs = open_blobs(place.blobs)
        self.journal = Journal(self.store, self.bus, writer)
        self.vault = Vault(self.store, keys)
        self.active = Active(self.journal, self._sources, self._catalogue, blocks="connectors" in place.roles)
        self.reloader = Reloader(
            self.journal,
            found.path,
            found.environment,
            self._catalogue,
            keys[0].value,
            found.written,
            self.active,
        )
        self.host: Host | None = None
        self.router: RouterService | None = None
        self._runner: web.AppRunner | None = None
        self._front: Front | None = None
        self.port = 0
        """The port that is listened on (the real one when port 0 was asked for)."""
        self._tasks: list[asyncio.Task[None]] = []
        self._children: list[asyncio.subprocess.Process] = []
        self._closing = contextlib.AsyncExitStack()
        self._pulse = Pulse(self.store, time.monotonic)

    # --- start

    async def open(self) -> None:
        """Start everything; returns once it routes and answers. Raises `Fault`, `StoreError`, `SecretFault`, `ConfigError`."""
        try:
            await self._open()
        except BaseException:
            await self.close(0.0)
            raise

    async def _open(self) -> None:
        await self._open_stream()
        await self._open_config()
        if "connectors" in self.found.place.roles:
            await self._open_host()
        if "router" in self.found.place.roles:
            await self._open_router()
            self.watch(
                "retention",
                keep_clean(
                    self.store,
                    time.time,
                    adapters.retention_of(self.found.loaded.parley),
                    self.blobs,
                    tell=lambda one: _log.warning("trimming_held_up", **msgspec.structs.asdict(one)),
                ),
            )
        self.watch("configuration", self.active.follow())
        if "inbox" in self.found.place.roles:
            self.watch("search", SearchFollower(self.journal).run())
        await self._listen()

    async def _open_stream(self) -> None:
        await self.store.open()
        self._closing.push_async_callback(self.store.close)
        await self.bus.open()
        self._closing.push_async_callback(self.bus.close)
        await self.journal.open()
        self._closing.push_async_callback(self.journal.close)
        await self.vault.open()

    async def _open_config(self) -> None:
        """An embedded Parley's files are what is active; processes that share a database apply theirs only when there is nothing yet."""
        loaded = self.found.loaded
        known = await reads.active_config(self.store)
        if self.found.place.embedded or (known is None and "connectors" in self.found.place.roles):
            outcome = await apply(self.journal, loaded, self._keys[0].value, "start")
            if outcome.errors:
                raise Fault(outcome.errors[0])
            await self.active.open(loaded.house, outcome.hash)
            return
        if known is None:
            await self._wait_for_config()
        await self.active.open()

    async def _wait_for_config(self) -> None:
        _log.info("waiting_for_config", seconds=CONFIG_SECONDS)
        try:
            async with asyncio.timeout(CONFIG_SECONDS):
                while await reads.active_config(self.store) is None:  # noqa: ASYNC110  # another process's work: nothing here can wake us
                    await asyncio.sleep(0.25)
        except TimeoutError:
            raise NoConfig(
                "no configuration was applied to this database: start a process with the role connectors"
            ) from None

    async def _open_host(self) -> None:
        parley = self.found.loaded.parley
        self.host = Host(
            self.journal,
            self.blobs,
            HostSettings(
                master=self.vault.signing("connectors"),
                public_url=parley.public_url,
                allow_private=parley.allow_private,
                max_file_bytes=parley.limits.upload,
                exclusive=self.found.place.embedded,
                worker=self._name,
            ),
        )
        try:
            await self.host.open(adapters.channels_of(self.active.house), adapters.told_of(self.active.house))
        except ValueError as fault:
            raise Fault(str(fault)) from None

    async def _open_router(self) -> None:
        self.router = RouterService(
            self.journal,
            self.store,
            self.bus,
            self.active.house.plan,
            self._plan_of,
            exclusive=self.found.place.embedded,
            holder=self._name,
            give_up=self._give_up,
        )
        from config.metrics import RouterCollector

        collector = RouterCollector(self.router)
        collector.register()
        self._closing.callback(collector.unregister)
        await self.router.start()
        async with asyncio.timeout(READY_SECONDS):
            while not (self.router.ready or self.router.standing_by):  # noqa: ASYNC110  # a few turns of the loop
                await asyncio.sleep(0.005)

    def _plan_of(self, bundle: Any) -> Plan:
        known = None if ENDED in bundle else self.active.known(digest_of(bundle))
        if known is not None:
            return known.plan
        return revive(bundle, self._sources, self._catalogue, blocks=False).plan

    async def _give_up(self, trial: Canary, reason: str) -> None:
        await canary.give_up(self.journal, trial, reason, self.active.house.agents)

    async def _listen(self) -> None:
        mounts = Mounts(self.host.routes if self.host else dict)
        mounts.refresh()

        async def changed(active: Active) -> None:
            if self.host is not None:
                await self.host.apply(adapters.channels_of(active.house), adapters.told_of(active.house))
            mounts.refresh()

        self.active.listen(changed)
        app = make_app(self._services(mounts))
        if "inbox" not in self.found.place.roles:
            app.middlewares.append(_outside_only)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=LEAVE_SECONDS, **SERVER)
        await self._runner.setup()
        host, _, port = self.found.loaded.parley.listen.rpartition(":")
        server = self._runner.server
        assert server is not None  # the runner has been set up
        self._front = Front(
            server, app[HOOKS].answer, app[HOOKS].fits, others=lambda: len(server.connections)
        )
        try:
            self.port = await self._front.listen(host.strip("[]"), int(port))
        except OSError as fault:
            raise Fault(
                f"{host}:{port} cannot be listened on: {fault.strerror or fault}; choose another with --listen"
            ) from None

    def _services(self, mounts: Mounts) -> ports.Services:
        from connectors.kit.html import clean

        parley = self.found.loaded.parley
        settings = adapters.settings_of(parley, self.vault.signing("inbox")[0], self._version, self._name)
        replayer = Replayer(
            self.journal,
            self.blobs,
            lambda: self.active.house,
            "dead letters",
            self.vault.signing("connectors"),
            parley.allow_private,
        )
        extra: dict[str, Any] = {}
        if self.host is not None:
            extra = {"hooks": adapters.hooks_of(self.host), "health": adapters.health_of(self.host)}
        return ports.Services(
            store=self.store,
            bus=self.bus,
            journal=self.journal,
            blobs=self.blobs,
            settings=settings,
            house=adapters.house_facts(self.active),
            duty=adapters.duty_of(self.active),
            opening=adapters.opening_of(self.active),
            reach=adapters.reach_of(self.active),
            clean_html=clean,
            reload=adapters.reload_of(self.reloader, self.active),
            replay=adapters.replay_of(replayer),
            readiness={
                "writing": self._pulse.check,
                "configuration": self._config_ready,
                "router": self._router_ready,
                "stopping": self._not_stopping,
            },
            extra_routes=(mounts.route(),),
            **extra,
        )

    # --- /readyz

    async def _config_ready(self) -> ports.Check:
        return ports.Check(ok=not self.active.behind, detail=self.active.behind)

    async def _router_ready(self) -> ports.Check:
        if self.router is None:
            return ports.Check(ok=True, detail="another process's role")
        if self.router.standing_by:
            return ports.Check(ok=True, detail="standing by")
        return ports.Check(ok=self.router.ready, detail="" if self.router.ready else "not routing yet")

    async def _not_stopping(self) -> ports.Check:
        return ports.Check(ok=not self.draining, detail="this process is stopping" if self.draining else "")

    # --- run and stop

    async def reload(self, by: str) -> Outcome:
        """Read the files again; returns once what was applied is active in this process too. See `Reloader`."""
        outcome = await self.reloader.reload(by)
        if not outcome.errors:
            await self.active.wait_for(outcome.version, adapters.RELOAD_SECONDS)
        return outcome

    def watch(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run a part that must not end while the process runs."""

        async def watched() -> None:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except Exception:  # noqa: BLE001  # whatever ended it, the process must not go on without it
                _log.exception("part_failed", part=name)
            if not self.draining:
                self.failed.set()

        self._tasks.append(asyncio.get_running_loop().create_task(watched(), name=name))

    def keep(self, child: asyncio.subprocess.Process) -> None:
        """A child that ends with this process: when its standard input does, or when it is asked to."""
        self._children.append(child)

    async def _let_go(self) -> None:
        for child in self._children:
            if child.stdin is not None:
                child.stdin.close()
            try:
                async with asyncio.timeout(CHILD_SECONDS):
                    await child.wait()
            except TimeoutError:
                child.kill()
                await child.wait()

    async def close(self, seconds: float) -> None:
        """Stop in order; what is under way has `seconds` to finish."""
        self.draining = True
        await self._let_go()
        if self._front is not None:
            await self._front.close()
        if self._runner is not None:
            await self._runner.shutdown()
        if self.host is not None:
            await self.host.close(seconds)
        if self.router is not None:
            await self.router.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        await self._pulse.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._closing.aclose()


@web.middleware
async def _outside_only(request: web.Request, handler: Any) -> web.StreamResponse:
    """A process without the role inbox answers the outside world and its operators, nobody else."""
    if not request.path.startswith(OUTSIDE):
        raise web.HTTPNotFound
    response: web.StreamResponse = await handler(request)
    return response
