"""A large file made active: 1,000 rules in 6,000 lines, read, checked, compiled and live in a running router. Prints one JSON line.

`python -m tests.bench.rules [--quick]`
"""

from __future__ import annotations

import asyncio
import json
import platform
import sys
import tempfile
import time
from pathlib import Path

from config.active import Active
from config.catalogue import installed
from config.load import load
from config.references import Sources
from config.reload import Reloader
from stream.bus import open_bus
from stream.journal import Journal
from stream.store import open_store
from tests.bench.router import calibration

TEAM = """\
teams: {support: {queues: [support, billing]}}
agents:
  anna: {teams: [support], skills: {billing: 3, technical: 2}}
  ben: {teams: [support], skills: {lang.de: 4}}
"""
HEAD = """\
skills: {billing: {levels: 3}, technical: {levels: 3}, lang.de: {}}
tags: [vip, money]
attributes: [tier, product]
queues: {support: {}, billing: {}}
rules:
"""
LAST = "  - {name: everything, queue: support}\n"


def routing(rules: int) -> str:
    """So many rules, six lines each, and the last."""
    return "".join([HEAD, *map(rule, range(rules - 1)), LAST])


def rule(number: int) -> str:
    """One of them."""
    return (
        f"  - name: rule-{number}\n"
        f'    when: channel == "website" && contact.product == "p{number}" || text.has("word{number}*")\n'
        f"    queue: {('support', 'billing')[number % 2]}\n"
        f"    priority: {number % 10}\n"
        f"    tags: [{('vip', 'money')[number % 2]}]\n"
        f"    steps: [{{need: [billing >= 2], for: {number % 50 + 1}s}}, {{need: [billing], for: 1m}}, {{}}]\n"
    )


def write(folder: Path, rules: int) -> int:
    """A configuration with that routing; how many lines it has."""
    text = routing(rules)
    (folder / "parley.yaml").write_text("version: 1\n")
    (folder / "channels.yaml").write_text("website: {connector: webchat}\n")
    (folder / "team.yaml").write_text(TEAM)
    (folder / "routing.yaml").write_text(text)
    return text.count("\n")


async def measure(rules: int) -> dict[str, float]:
    """Seconds until the file was checked, and until it was live, of a reload beside a smaller one that is active."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder, 2)
        store, bus = open_store(f"sqlite:///{folder}/parley.db"), open_bus("memory:")
        await store.open()
        await bus.open()
        journal = Journal(store, bus)
        await journal.open()
        catalogue, parley = installed(), load(folder, {}, installed()).parley
        active = Active(journal, Sources(environment={}, folder=folder), catalogue)
        reloader = Reloader(journal, folder, {}, catalogue, bytes(32), parley, active)
        await reloader.reload()
        await active.open()
        following = asyncio.get_running_loop().create_task(active.follow())
        lines = write(folder, rules)
        started, spent = time.perf_counter(), time.process_time()
        outcome = await reloader.reload()
        assert not outcome.errors, outcome.errors[:3]
        checked = time.perf_counter() - started
        assert await active.wait_for(outcome.version, 60.0)
        live, cpu = time.perf_counter() - started, time.process_time() - spent
        assert len(active.house.plan.rules.rules) == rules
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await journal.close()
        await bus.close()
        await store.close()
    return {
        "rules": rules,
        "lines": lines,
        "checked_s": round(checked, 3),
        "live_s": round(live, 3),
        "cpu_s": round(cpu, 3),
    }


def main() -> None:
    """Print the line."""
    rules = 100 if "--quick" in sys.argv else 1_000
    line = {
        "bench": "rules",
        "python": platform.python_version(),
        "heapq_ops_s": round(calibration()),
        **asyncio.run(measure(rules)),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
