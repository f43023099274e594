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
from stream.store.program import Many, Rows, Step, drive
from stream.store.sqlite_file import SqliteFile
from stream.writer import open_writing
from tests.making import agent, message, team

CONVERSATIONS = 2_000
GROUP = 64
CALLERS = 128
TEXT = (
    "Hello, my order has not arrived yet and the tracking page shows nothing. Could somebody look, please? "
    * 3
)


class TimedFile(SqliteFile):
    """Adds up what statements cost."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.reading = 0.0
        self.writing = 0.0

    def run(self, step: Step) -> Rows:
        """See the file's."""
        started = time.perf_counter()
        rows = super().run(step)
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
        by = names[index % len(names)]
        take = cmd.Assign(
            token=new_token(), conversation=done.conversation, by=Author(kind="agent", id=by), agent=by
        )
        result = await journal.submit(take)
        assert isinstance(result, cmd.Committed), result


def inline(file: TimedFile, messages: int, chance: random.Random) -> dict[str, float]:
    """Drive the program in this thread; microseconds per message by part."""
    parts: dict[str, list[float]] = {"total": [], "read": [], "write": [], "commit": [], "python": []}
    for _ in range(messages // GROUP):
        commands = [incoming(chance.randrange(CONVERSATIONS)) for _ in range(GROUP)]
        file.reading = file.writing = 0.0
        started = time.perf_counter()
        file.begin("BEGIN IMMEDIATE")
        drive(append(commands, time.time()), file.run)
        driven = time.perf_counter()
        file.end(commit=True)
        ended = time.perf_counter()
        parts["total"].append(ended - started)
        parts["read"].append(file.reading)
        parts["write"].append(file.writing)
        parts["commit"].append(ended - driven)
        parts["python"].append(driven - started - file.reading - file.writing)
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
        path = Path(folder) / "bench.db"
        store, writer = open_writing(f"sqlite:///{path}")
        await store.open()
        journal = Journal(store, open_bus("memory:"), writer)
        await journal.open()
        await furnish(journal)
        whole = await submitting(journal, messages, chance)
        await journal.close()
        await store.close()
        file = TimedFile(path)
        split = inline(file, messages, chance)
        file.close()
    figures = {f"{name}_us": value for name, value in split.items()}
    print(json.dumps({"bench": "append", "group": GROUP, **figures, "journal_us": round(whole, 1)}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 12_800))
