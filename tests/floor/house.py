"""A whole Parley as a process of its own: its configuration folder, its people with tokens, start, kill and stop."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import msgspec

from inbox.accounts import add_account, add_token
from stream.store import open_store

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0


class Plan(msgspec.Struct, kw_only=True):
    """What to run. `store` and `bus` as in parley.yaml; `channels`, `team` and `routing` are the YAML texts of their files."""

    folder: Path
    agents: dict[str, str]
    channels: str
    team: str
    routing: str
    store: str = "sqlite"
    bus: str = "memory:"
    blobs: str = "file"
    more: str = ""
    secrets: dict[str, str] = {}


SECRET = b"k" * 32
WEBHOOK = """
shop:
  connector: webhook
  name: Shop
  config:
    secrets: ["${SHOP_SECRET}"]
"""
ROUTING = """
version: 1
skills: {}
channels:
  webhook: {weight: 1}
capacity: {units: 10000}
offer: {accept_within: 60s, silent_after: 100}
hand_back: {after: 60s, asynchronous: false}
"""


def team_of(agents: list[str], teams: int = 1) -> str:
    """A team file: `teams` teams with a queue each, the agents dealt out evenly."""
    crews = "\n".join(
        f"  crew{number}: {{name: Crew {number}, queues: [queue{number}]}}" for number in range(teams)
    )
    people = "\n".join(
        f"  {login}: {{name: {login.capitalize()}, teams: [crew{index % teams}]}}"
        for index, login in enumerate(agents)
    )
    return f"version: 1\nteams:\n{crews}\nagents:\n{people}\n"


def routing_of(teams: int = 1) -> str:
    """A routing file: a conversation goes to the queue whose number its customer names (`... for crew 7`), else to the first."""
    queues = "\n".join(f"  queue{number}: {{name: Queue {number}}}" for number in range(teams))
    rules = "\n".join(
        f"  - {{name: crew-{number}, when: 'text.has(\"crew{number}\")', queue: queue{number}}}"
        for number in range(1, teams)
    )
    return f"{ROUTING}queues:\n{queues}\nrules:\n{rules}\n  - {{name: everything, queue: queue0}}\n"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def crew(folder: Path, count: int, teams: int = 1, *, store: str = "sqlite", bus: str = "memory:") -> Plan:
    """A plan with `count` agents dealt out to `teams` teams, and a webhook channel called `shop`."""
    agents = {f"agent{number:03}": "agent" for number in range(count)}
    return Plan(
        folder=folder,
        agents=agents,
        channels=WEBHOOK,
        routing=routing_of(teams),
        team=team_of(list(agents), teams),
        store=store,
        bus=bus,
    )


class House:
    """One deployment: a folder, tokens by login, and the process that runs all roles (or several processes with one role each)."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.port = free_port()
        self.tokens: dict[str, str] = {}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.data = plan.folder / "data"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def store_url(self) -> str:
        """The store as `open_store` takes it."""
        return self.plan.store if "://" in self.plan.store else f"sqlite:///{self.data / 'parley.db'}"

    async def prepare(self) -> None:
        """Write the configuration and give everybody an account with an API token."""
        plan = self.plan
        plan.folder.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(exist_ok=True)
        (plan.folder / "channels.yaml").write_text(plan.channels)
        (plan.folder / "team.yaml").write_text(plan.team)
        (plan.folder / "routing.yaml").write_text(plan.routing)
        self._settings(self.port, plan.folder / "parley.yaml")
        store = open_store(self.store_url)
        await store.open()
        try:
            for login, role in plan.agents.items():
                await add_account(store, login, time.time(), name=login.capitalize(), role=role)
                self.tokens[login] = (await add_token(store, login, "test", time.time()))[1]
        finally:
            await store.close()

    def _settings(self, port: int, path: Path) -> None:
        plan = self.plan
        path.write_text(
            f"version: 1\nlisten: 127.0.0.1:{port}\ndata: data\nstore: {plan.store}\nbus: '{plan.bus}'\nblobs: {plan.blobs}\n"
            f"public_url: http://127.0.0.1:{port}\nlog: {{level: warning, format: json}}\n{plan.more}"
        )

    def spawn(self, *roles: str, port: int = 0) -> subprocess.Popen[bytes]:
        """Start a process; `roles` empty means all."""
        command = [sys.executable, "-m", "config.main", "serve", "--config", str(self.plan.folder)]
        if roles:
            command += ["--roles", ",".join(roles)]
        if port:
            command += ["--listen", f"127.0.0.1:{port}"]
        log = (self.plan.folder / "server.log").open("ab")
        environment = {**os.environ, **self.plan.secrets, "PYTHONPATH": str(ROOT)}
        environment["SHOP_SECRET"] = f"whsec_{base64.b64encode(SECRET).decode()}"
        environment["PARLEY_KEY"] = base64.b64encode(b"m" * 32).decode()
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.plan.folder, env=environment)
        log.close()
        self.processes.append(process)
        return process

    async def start(self) -> float:
        """Start one process with all roles; seconds until it is ready (ready means routing)."""
        started = time.perf_counter()
        self.spawn()
        await self.ready(self.url)
        return time.perf_counter() - started

    async def ready(self, url: str) -> None:
        """Wait until /readyz says so. Raises `RuntimeError` with the end of the log when the process ends or takes too long."""
        end = time.perf_counter() + START_SECONDS
        async with aiohttp.ClientSession() as session:
            while time.perf_counter() < end:
                if any(process.poll() is not None for process in self.processes):
                    break
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with session.get(f"{url}/readyz", timeout=aiohttp.ClientTimeout(2)) as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.02)
        raise RuntimeError(f"Parley did not get ready:\n{self.log()}")

    def log(self) -> str:
        """The end of what the processes wrote."""
        path = self.plan.folder / "server.log"
        return path.read_text(errors="replace")[-6000:] if path.exists() else ""

    def kill(self) -> None:
        """Kill -9, all of them."""
        for process in self.processes:
            process.kill()
            process.wait(10)
        self.processes.clear()

    def stop(self, seconds: float = 40.0) -> list[int]:
        """SIGTERM and wait; the exit codes. Whoever does not end in time is killed and gives -9."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        codes = []
        for process in self.processes:
            try:
                codes.append(process.wait(seconds))
            except subprocess.TimeoutExpired:
                process.kill()
                codes.append(process.wait(10))
        self.processes.clear()
        return codes
