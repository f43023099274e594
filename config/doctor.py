"""What `parley doctor` looks at: read-only, one line per finding, the same data as JSON. It changes nothing and sends nothing to customers."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import msgspec

from config.canary import carried
from config.keys import KeyFault
from config.opening import Opened, keys_of
from config.probing import probe
from config.references import stars
from config.secrets import SecretFault, Vault
from stream import reads
from stream.bus.ports import Bus
from stream.dead import count_dead
from stream.ids import new_token
from stream.leases import holder
from stream.store.ports import Store, StoreError
from stream.store.program import fetch
from stream.trimming import held_up

FREE_BYTES = 1024**3
SLOW_SYNC = 0.05
CLOCK_SKEW = 2.0
OLD_OUTBOX = 900.0
PROBE_SECONDS = 20.0
BUS_SECONDS = 5.0
HELD_UP = 7200.0
"""Trimming goes by every hour: what is older than this is held up."""
READERS = {
    "search": "the search index (role inbox)",
    "automations": "the automation (role router)",
    "calls": "calls to other programs and bots (role connectors)",
}

State = Literal["ok", "warn", "fail", "skip"]


class Finding(msgspec.Struct, frozen=True):
    """One line: `about` what, how it is, and a sentence that says what to do where it is not well."""

    about: str
    state: State
    sentence: str


async def examine(found: Opened, *, server: bool = True) -> AsyncIterator[Finding]:
    """Everything that can be looked at from here; `server` also asks the running one."""
    for warning in found.loaded.warnings:
        yield Finding("configuration", "warn", str(warning))
    yield Finding("configuration", "ok", f"{found.path} is right")
    yield _public_url(found)
    for finding in _folder(found) if found.place.embedded else []:
        yield finding
    async for finding in _database(found):
        yield finding
    yield await _bus(found)
    async for channel, well, sentence in probe(found, PROBE_SECONDS):
        yield Finding(f"channel {channel}", "ok" if well else "fail", sentence)
    if server:
        yield await _server(found)


def _public_url(found: Opened) -> Finding:
    parley = found.loaded.parley
    if not parley.public_url:
        return Finding("public_url", "warn", "not set: links and webhooks use the address of each request")
    if parley.public_url.startswith("http://"):
        return Finding("public_url", "warn", "http: sign-in cookies travel unprotected; put https in front")
    return Finding("public_url", "ok", parley.public_url)


def _folder(found: Opened) -> list[Finding]:
    data = found.place.data
    if not data.is_dir():
        return [Finding("data folder", "warn", f"{data} does not exist yet; `parley serve` makes it")]
    mode = data.stat().st_mode & 0o777
    free = shutil.disk_usage(data).free
    took = _sync_seconds(data)
    return [
        Finding("data folder", "warn", f"{data} can be entered by others (mode {mode:o}): chmod 700")
        if mode & 0o077
        else Finding("data folder", "ok", str(data)),
        Finding("disk space", "ok" if free > FREE_BYTES else "fail", f"{free / 1024**3:.1f} GB free"),
        Finding("disk sync", "ok" if took < SLOW_SYNC else "warn", f"{took * 1000:.1f} ms per durable write"),
    ]


def _sync_seconds(folder: Path) -> float:
    """The median of five durable writes of 4 kB."""
    path = folder / ".doctor"
    times = []
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        for _ in range(5):
            began = time.perf_counter()
            os.pwrite(descriptor, b"x" * 4096, 0)
            os.fsync(descriptor)
            times.append(time.perf_counter() - began)
    finally:
        os.close(descriptor)
        path.unlink()
    return sorted(times)[2]


async def _database(found: Opened) -> AsyncIterator[Finding]:
    from stream.store import open_store

    shown = stars(found.place.store)
    if found.place.database is not None and not found.place.database.exists():
        yield Finding("database", "skip", "there is none yet; `parley serve` makes it")
        return
    store = open_store(found.place.store)
    try:
        await store.open()
    except StoreError as fault:
        yield Finding("database", "fail", f"{shown}: {fault}")
        return
    try:
        yield Finding("database", "ok", shown)
        yield await _keys(found, store)
        async for finding in _contents(found, store):
            yield finding
    finally:
        await store.close()


async def _keys(found: Opened, store: Store) -> Finding:
    try:
        keys = keys_of(found)
        await Vault(store, keys).open()
    except (KeyFault, SecretFault) as fault:
        return Finding("master key", "fail", str(fault))
    return Finding("master key", "ok", f"{keys[0].id} opens the stored secrets")


async def _contents(found: Opened, store: Store) -> AsyncIterator[Finding]:
    skew = abs(float((await store.read(fetch("database_now")))[0][0]) - time.time())
    yield Finding("clock", "ok" if skew < CLOCK_SKEW else "fail", f"{skew:.1f} s from the database's")
    active = await reads.active_config(store)
    yield _applied(found, active)
    letters = await count_dead(store)
    yield Finding(
        "dead letters",
        "warn" if letters else "ok",
        f"{letters}" + ("; `parley dead list` shows them" if letters else ""),
    )
    count, oldest = (await store.read(fetch("outbox_pending")))[0]
    age = time.time() - oldest if count else 0.0
    waiting = f"{count} waiting, the oldest for {age / 60:.0f} min" if count else "nothing waits"
    yield Finding("outbox", "warn" if age > OLD_OUTBOX else "ok", waiting)
    if found.loaded.parley.retention.journal:
        yield await _trimming(store, time.time() - found.loaded.parley.retention.journal)
    lease = await holder(store, "router")
    alive = lease is not None and lease.expires_at > time.time()
    yield Finding(
        "router",
        "ok" if alive else "warn",
        f"epoch {lease.epoch}" if lease and alive else "nobody leads: is a server running?",
    )


async def _trimming(store: Store, before: float) -> Finding:
    """Who keeps events that are older than `retention.journal`, with an hour and more for the next pass."""
    stuck = await held_up(store, before - HELD_UP)
    if not stuck:
        return Finding("journal", "ok", "nobody holds its trimming up")
    said = "; ".join(
        f"{READERS[one.follower]} stands at event {one.cursor}, the next is from {time.strftime('%Y-%m-%d', time.gmtime(one.since))}"
        for one in stuck
    )
    return Finding(
        "journal", "warn", f"events older than retention.journal are kept: {said}. Is that role running?"
    )


def _applied(found: Opened, active: reads.ActiveConfig | None) -> Finding:
    if active is None:
        return Finding("active configuration", "skip", "none yet")
    try:
        digest = carried(found.loaded, keys_of(found)[0].value, active.bundle)[1]
    except KeyFault:
        return Finding("active configuration", "skip", "cannot be compared without the master key")
    if digest != active.hash:
        said = f"version {active.version} is active and the files say something else: `parley reload`"
        return Finding("active configuration", "warn", said)
    return Finding("active configuration", "ok", f"version {active.version}, as the files say")


async def _bus(found: Opened) -> Finding:
    """A hint there and back; a bus that is away only makes hints get lost, so opening it says nothing."""
    from stream.bus import open_bus

    shown = stars(found.place.bus)
    bus = open_bus(found.place.bus)
    try:
        await bus.open()
        async with asyncio.timeout(BUS_SECONDS):
            await _round_trip(bus)
    except Exception as fault:  # noqa: BLE001  # a driver's own errors: any of them means that it does not answer
        reason = f": {fault}" if str(fault) else ""
        return Finding("bus", "fail", f"{shown} does not answer{reason}")
    finally:
        await bus.close()
    return Finding("bus", "ok", shown)


async def _round_trip(bus: Bus) -> None:
    topic = f"doctor:{new_token()}"

    async def heard() -> None:
        async for where, _payload in bus.subscribe(topic):
            if where == topic:
                return

    hearing = asyncio.ensure_future(heard())
    try:
        while not hearing.done():
            await bus.publish(topic, b"?")
            await asyncio.wait({hearing}, timeout=0.1)
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


async def _server(found: Opened) -> Finding:
    from config.asking import ask

    status, body = await ask(found, "/readyz")
    if status == 0:
        return Finding("server", "skip", f"{found.listening} does not answer: {body}")
    return Finding("server", "ok" if status == 200 else "fail", f"/readyz answers {status}: {body[:200]}")
