"""What one message costs in the append, by part: a micro bench beside the bench of the whole path.

    python -m tests.bench.append [MESSAGES]        # one JSON line; microseconds per message, medians over groups of 64

2,000 assigned conversations on SQLite FULL; every message goes to one of them. `inline` drives the append program in this thread and
splits its time: statements that read, statements that write, the commit, and the rest (deciding, folding, encoding). `journal` is the
whole `Journal.submit` with 128 callers.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

from stream import commands as cmd
from stream.append import append
from stream.bus import open_bus
from stream.ids import new_token
from stream.journal import Journal
from stream.leases import acquire
from stream.model import Author
from stream.store.program import Many, Rows, Step
from stream.store.sqlite import SqliteStore
from tests.making import agent, message, team

CONVERSATIONS = 2_000
GROUP = 64
CALLERS = 128
TEXT = (
    "Hello, my order has not arrived yet and the tracking page shows nothing. Could somebody look, please? "
    * 3
)


class TimedStore(SqliteStore):
    """Adds up what statements cost."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.reading = 0.0
        self.writing = 0.0

    def _run(self, connection: sqlite3.Connection, step: Step) -> Rows:
        started = time.perf_counter()
        rows = super()._run(connection, step)
        spent = time.perf_counter() - started
        if isinstance(step, Many):
            self.writing += spent
        else:
            self.reading += spent
        return rows


def incoming(who: int) -> cmd.ReceiveMessage:
    """A message of customer `who`, with the ids that a channel gives."""
    token = new_token()
    return message(f"v{who}", f"msg:{token}", TEXT, provider_id=token)


async def furnish(journal: Journal) -> None:
    """A team of 200 that has 2,000 conversations."""
    lease = await acquire(journal.store, "router", "bench", 3600.0)
    assert lease is not None
    names = [f"a{number}" for number in range(200)]
    await journal.submit(team(*(agent(name, capacity=20) for name in names)))
    made = await asyncio.gather(*(journal.submit(incoming(who)) for who in range(CONVERSATIONS)))
    for index, done in enumerate(made):
        assert isinstance(done, cmd.Committed)
        assert done.conversation is not None
        by = names[index % len(names)]
        take = cmd.Assign(
            token=new_token(), conversation=done.conversation.id, by=Author(kind="agent", id=by), agent=by
        )
        result = await journal.submit(take)
        assert isinstance(result, cmd.Committed), result


def inline(store: TimedStore, messages: int, chance: random.Random) -> dict[str, float]:
    """Drive the program in this thread; microseconds per message by part."""
    parts: dict[str, list[float]] = {"total": [], "read": [], "write": [], "commit": [], "python": []}
    connection = store._connection()
    for _ in range(messages // GROUP):
        commands = [incoming(chance.randrange(CONVERSATIONS)) for _ in range(GROUP)]
        store.reading = store.writing = 0.0
        started = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        store._drive(connection, append(commands, time.time()))
        driven = time.perf_counter()
        connection.execute("COMMIT")
        ended = time.perf_counter()
        parts["total"].append(ended - started)
        parts["read"].append(store.reading)
        parts["write"].append(store.writing)
        parts["commit"].append(ended - driven)
        parts["python"].append(driven - started - store.reading - store.writing)
    return {name: round(statistics.median(times) / GROUP * 1e6, 1) for name, times in parts.items()}


async def submitting(journal: Journal, messages: int, chance: random.Random) -> float:
    """Microseconds per message with many callers at once."""

    async def caller(count: int) -> None:
        for _ in range(count):
            await journal.submit(incoming(chance.randrange(CONVERSATIONS)))

    started = time.perf_counter()
    await asyncio.gather(*(caller(messages // CALLERS) for _ in range(CALLERS)))
    return (time.perf_counter() - started) / (messages // CALLERS * CALLERS) * 1e6


async def main(messages: int) -> None:
    """Measure and print."""
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        store = TimedStore(Path(folder) / "bench.db")
        await store.open()
        journal = Journal(store, open_bus("memory:"))
        await journal.open()
        await furnish(journal)
        whole = await submitting(journal, messages, chance)
        await journal.close()
        split = await asyncio.get_running_loop().run_in_executor(
            store._writer, inline, store, messages, chance
        )
        await store.close()
    figures = {f"{name}_us": value for name, value in split.items()}
    print(json.dumps({"bench": "append", "group": GROUP, **figures, "journal_us": round(whole, 1)}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 12_800))
