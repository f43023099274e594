"""The path bench: webhook in -> commit -> router -> agents' sockets, on the whole product, beside the ceiling of the same run.

The server is a process of its own, driven from this one. Closed loop for the maximum, open loop at half of it for latency. 10 % of the
messages open conversations of their own, which go through offer and accept on the socket. `lost` and `duplicates` are judged from the
acknowledged ids against the frames received and the database.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from stream.store import open_store
from stream.store.program import Program, Sql
from tests.bench.load import TEAMS, Poster, Run, Seen, closed_loop, connections, open_loop, quantile, settle
from tests.floor.house import SECRET, House, crew
from tests.floor.people import Person, online

AGENTS = 200
CONVERSATIONS = 2_000
CONNECTIONS = 128
Figures = dict[str, float]


def spread(name: str, fresh: int = 10) -> Any:
    """Which conversation message `number` belongs to: every `fresh`th one opens its own."""

    def conversation(number: int) -> str:
        return f"{name}-{number}" if number % fresh == 0 else f"warm-{number % CONVERSATIONS}"

    return conversation


async def ceiling_run(seconds: float) -> Figures:
    """The maximum of the bare stack."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(__file__).with_name("ceiling.py")
        command = [sys.executable, str(program), f"{folder}/ceiling.db", SECRET.decode()]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline().split()[1])
            return await _ceiling_load(port, seconds)
        finally:
            server.kill()
            server.wait()


async def _ceiling_load(port: int, seconds: float) -> Figures:
    seen = Seen()

    async def agent(session: aiohttp.ClientSession, number: int) -> None:
        async with session.ws_connect(
            f"http://127.0.0.1:{port}/ws?agent=a{number}", max_msg_size=0
        ) as connection:
            async for message in connection:
                seen.frame(message.data)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        tasks = [asyncio.create_task(agent(session, number)) for number in range(AGENTS)]
        await asyncio.sleep(0.5)
        posters = await connections("127.0.0.1", port, CONNECTIONS)
        await closed_loop(posters, "/hooks/shop", SECRET, "warm", lambda n: f"warm-{n % CONVERSATIONS}", 1.0)
        run = await closed_loop(posters, "/hooks/shop", SECRET, "max", spread("max"), seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return {"msgs_s": run.rate}


async def product_run(seconds: float, folder: Path, **more: str) -> Figures:
    """Maximum, then latency at half of it, with everything on."""
    house = House(crew(folder, AGENTS, TEAMS, **more))
    await house.prepare()
    try:
        figures: Figures = {"start_s": await house.start()}
        figures["idle_rss_mb"] = _rss(house)
        figures.update(await _product_load(house, seconds))
    finally:
        house.kill()
    return figures


async def _product_load(house: House, seconds: float) -> Figures:
    seen = Seen()
    people = [Person(house.url, login, token, seen.frame) for login, token in house.tokens.items()]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await online(house.url, people, session)
        posters = await connections("127.0.0.1", house.port, CONNECTIONS)
        warm = await _warm(posters)
        await settle(lambda: sum(len(person.accepted) for person in people) >= CONVERSATIONS, 30)
        before = _cpu(house)
        top = await closed_loop(posters, "/hooks/shop", SECRET, "max", spread("max"), seconds)
        await settle(lambda: all(ident in seen.count for ident in top.acked), 20)
        cpu = _cpu(house) - before
        half = await open_loop(posters, "/hooks/shop", SECRET, "half", spread("half"), seconds, top.rate / 2)
        await settle(lambda: all(ident in seen.count for ident in half.acked), 20)
        for person in people:
            await person.stop()
    runs = [warm, top, half]
    figures = _latency(half, seen)
    figures |= {
        "msgs_s": top.rate,
        "cpu_us_per_msg": cpu / max(1, len(top.acked)) * 1e6,
        "rss_mb": _rss(house),
    }
    figures |= await _judge(house, runs, seen, people)
    return figures


async def _warm(posters: list[Poster]) -> Run:
    """A message in each of the conversations, so that none is made later by accident."""
    run = Run()
    while len(run.acked) < CONVERSATIONS:
        start = len(run.acked)
        part = await closed_loop(posters[:32], "/hooks/shop", SECRET, f"warm{start}", _next_of(start), 1.0)
        run.acked |= part.acked
        run.sent |= part.sent
        run.refused += part.refused
    return run


def _next_of(start: int) -> Callable[[int], str]:
    return lambda number: f"warm-{(start + number) % CONVERSATIONS}"


def _latency(run: Run, seen: Seen) -> Figures:
    acks = [run.acked[ident] - run.sent[ident] for ident in run.acked]
    pushes = [seen.first[ident] - run.sent[ident] for ident in run.acked if ident in seen.first]
    return {
        "ack_p50_ms": quantile(acks, 0.5),
        "ack_p99_ms": quantile(acks, 0.99),
        "push_p50_ms": quantile(pushes, 0.5),
        "push_p99_ms": quantile(pushes, 0.99),
    }


async def _judge(house: House, runs: list[Run], seen: Seen, people: list[Person]) -> Figures:
    acked = {ident for run in runs for ident in run.acked}
    refused = sum(sum(run.refused.values()) for run in runs)
    unseen = [ident for ident in acked if ident not in seen.count]
    faults = [fault for person in people for fault in person.faults]
    store = open_store(house.store_url)
    await store.open()
    kept = await store.read(_kept())
    await store.close()
    missing = [ident for ident in acked if f"msg:{ident.decode()}" not in kept]
    repeated = sum(1 for count in kept.values() if count > 1)
    for fault in faults[:3]:
        print(f"# {fault}", file=sys.stderr)
    return {
        "lost": len(missing) + len(unseen),
        "duplicates": repeated + sum("again" in fault for fault in faults),
        "gaps": sum("gap" in fault for fault in faults),
        "refused": refused,
        "acked": len(acked),
    }


def _kept() -> Program[dict[str, int]]:
    rows = yield Sql("bench_source_keys")
    kept: dict[str, int] = {}
    for (key,) in rows:
        kept[key] = kept.get(key, 0) + 1
    return kept


def _pids(house: House) -> list[int]:
    """The house's processes and what they started (SQLite's writer)."""
    pids = [process.pid for process in house.processes]
    for pid in list(pids):
        pids += [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return pids


def _cpu(house: House) -> float:
    """Seconds of CPU of all processes of the house so far."""
    total = 0.0
    for pid in _pids(house):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / 100
    return total


def _rss(house: House) -> float:
    """Megabytes in memory."""
    total = 0
    for pid in _pids(house):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                total += int(line.split()[1])
    return round(total / 1024, 1)


async def empty_database(url: str, name: str) -> str:
    """Make a database called `name` beside the one of `url`; its URL."""
    connection = await asyncpg.connect(url)
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    return f"{url.rpartition('/')[0]}/{name}"


async def bench(
    rounds: int = 3, seconds: float = 8.0, store: str = "sqlite", url: str = "", bus: str = "memory:"
) -> dict[str, Any]:
    """Medians of alternating runs, and the JSON line. On PostgreSQL every round begins with an empty database at `url`."""
    ceilings: list[Figures] = []
    products: list[Figures] = []
    for number in range(rounds):
        ceilings.append(await ceiling_run(seconds / 2))
        with tempfile.TemporaryDirectory() as folder:
            more = {"store": await empty_database(url, f"bench{number}"), "bus": bus} if url else {}
            products.append(await product_run(seconds, Path(folder) / f"run{number}", **more))
    median = {name: statistics.median(run[name] for run in products) for name in products[0]}
    top = statistics.median(run["msgs_s"] for run in ceilings)
    worst = {name: max(run[name] for run in products) for name in ("lost", "duplicates", "gaps", "refused")}
    line: dict[str, Any] = {
        "bench": "path",
        "store": store,
        "rounds": rounds,
        "agents": AGENTS,
        "queues": TEAMS,
    }
    line |= {name: round(value, 2) for name, value in median.items()}
    line |= {"ceiling_msgs_s": round(top, 1), "ratio": round(median["msgs_s"] / top, 3)} | worst
    return line
