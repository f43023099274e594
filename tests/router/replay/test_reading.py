"""Recorded traffic under two plans: twice the same, what differs is told, and a million events within a minute."""

from __future__ import annotations

import time
import tracemalloc
from heapq import heapreplace
from math import isnan
from pathlib import Path
from typing import Any

import msgspec
import pytest

from router.inputs import Colleague
from router.plan import Plan
from router.replay.picture import picture
from router.replay.playing import LEFT, SERVED, WAITING
from router.replay.reading import Side, replay
from router.replay.report import Report, report
from router.replay.survey import Survey
from router.replay.table import lines
from router.simulation.svg import svg
from stream.store import open_store
from tests.router.plans import plan
from tests.router.replay.recording import write

AGENTS = [f"a{number:02d}" for number in range(48)]


def team(**more: Any) -> tuple[Colleague, ...]:
    facts = {"queues": ("support", "billing", "sales"), "capacity": 8, **more}
    return tuple(Colleague(id=ident, name=ident, **facts) for ident in AGENTS)


async def recorded(tmp_path: Path, conversations: int, **more: Any) -> Path:
    """A database with a recording."""
    database = tmp_path / "parley.db"
    store = open_store(f"sqlite:///{database}")
    await store.open()
    await store.close()
    write(database, conversations, time.time(), AGENTS, **more)
    return database


async def played(database: Path, before: Side, after: Side, since: float = 7 * 86400.0) -> tuple[Report, str]:
    """A replay's report, and its picture."""
    store = open_store(f"sqlite:///{database}")
    await store.open()
    try:
        survey, players = await replay(store, (before, after), since)
    finally:
        await store.close()
    found = report(survey, players)
    return found, svg(picture(survey, players, found)).decode()


def house(**changes: Any) -> Plan:
    return plan(skills={"technical": {"levels": 5}, "billing": {"levels": 5}, "lang.de": {"levels": 5}, "lang.en": {}}, **changes)  # fmt: skip


EASY = {"rules": [{"name": "all", "queue": "support"}]}
SPLIT = {
    "rules": [
        {"name": "hello", "when": 'text.has("hello")', "queue": "sales", "need": ["team:red"]},
        {"name": "all", "queue": "support"},
    ]
}


async def test_the_same_plan_moves_nothing(tmp_path: Path) -> None:
    database = await recorded(tmp_path, 400)
    side = Side(house(**EASY), team())
    found, _ = await played(database, side, side)
    assert (found.moved.rule, found.moved.queue, found.moved.agent) == (0, 0, 0)
    assert found.before == found.after
    overall = found.before.overall
    assert overall.conversations == found.recorded.overall.conversations == 400
    assert overall.served + overall.left + overall.waiting == 400
    assert overall.mean_wait is not None
    assert overall.mean_wait < 8  # there is room, so a wait is the time in which an offer is accepted
    assert 0 < found.recorded.overall.left <= 20


async def test_what_moves_is_told_and_twice_is_the_same(tmp_path: Path) -> None:
    database = await recorded(tmp_path, 400, every=2.0)
    sides = Side(house(**EASY), team()), Side(house(**SPLIT), team())
    found, drawn = await played(database, *sides)
    again, drawn_again = await played(database, *sides)
    assert msgspec.json.encode(found) == msgspec.json.encode(again)
    assert drawn == drawn_again
    assert [(one.before, one.after) for one in found.moved.queues] == [("support", "sales")]
    assert found.moved.rule == found.moved.queues[0].conversations == 100
    assert found.after.queues["sales"].served == 0  # nobody is in the team red
    assert found.before.digest != found.after.digest
    said = "\n".join(lines(found))
    assert "support -> sales: 100" in said
    assert "fairness (Jain)" in said


async def test_every_wait_is_that_of_one_pool(tmp_path: Path) -> None:
    """Thirty agents for the work of sixty: whoever comes begins when the first of them is free, or has left by then."""
    database = await recorded(tmp_path, 400)
    side = Side(
        house(**EASY, channels={"webchat": {"weight": 3, "give": "push"}}),
        tuple(Colleague(id=ident, name=ident, queues=("support",), capacity=3) for ident in AGENTS[:30]),
    )
    store = open_store(f"sqlite:///{database}")
    await store.open()
    survey, (player, _) = await replay(store, (side, side), 7 * 86400.0)
    await store.close()
    free = [0.0] * 30
    told: list[tuple[int, float | None]] = []
    for came, left, work in zip(survey.came, survey.left, survey.worked, strict=True):
        begins = max(came, free[0])
        if min(begins, came + left) > survey.end:
            told.append((WAITING, None))
        elif came + left < begins:
            told.append((LEFT, None))
        else:
            heapreplace(free, begins + work)
            told.append((SERVED, begins - came))
    assert {fate for fate, _ in told} == {WAITING, LEFT, SERVED}
    assert list(player.fate) == [fate for fate, _ in told]
    waits = [wait for wait in player.wait if not isnan(wait)]
    assert waits == pytest.approx([wait for _, wait in told if wait is not None], abs=1e-6)


async def test_a_shorter_time_begins_in_the_middle(tmp_path: Path) -> None:
    """Who works on what when it begins is there, and is busy for the rest of it."""
    database = await recorded(tmp_path, 400)
    side = Side(house(**EASY), team())
    whole, _ = await played(database, side, side)
    found, _ = await played(database, side, side, since=600.0)
    assert found.since > whole.since
    assert found.recorded.overall.conversations < whole.recorded.overall.conversations / 2
    busy = [one.utilisation for one in found.before.agents.values() if one.utilisation]
    assert len(busy) == len(AGENTS)


async def test_nobody_online_serves_nobody(tmp_path: Path) -> None:
    database = await recorded(tmp_path, 100)
    found, _ = await played(database, Side(house(**EASY), ()), Side(house(**EASY), team(capacity=0)))
    assert found.before.overall.served == found.after.overall.served == 0
    assert found.before.overall.mean_wait is None
    assert found.before.overall.left > 0


async def test_nothing_recorded(tmp_path: Path) -> None:
    database = await recorded(tmp_path, 100)
    side = Side(house(**EASY), team())
    found, _ = await played(database, side, side, since=0.0)
    assert found.before.overall.conversations == 0


def test_memory_is_by_the_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = Survey(0.0)
    tracemalloc.start()
    for number in range(20_000):
        survey.comes("one", float(number))
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used < 20_000 * 100


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_a_million_events_within_a_minute(tmp_path: Path) -> None:
    database = await recorded(tmp_path, 147_000, every=4.0)
    sides = Side(house(**EASY), team()), Side(house(**SPLIT), team())
    started = time.process_time()
    found, _ = await played(database, *sides, since=30 * 86400.0)
    spent = time.process_time() - started
    assert found.events >= 1_000_000
    assert spent < 60.0, f"{found.events} events took {spent:.1f} s"
    assert (await played(database, *sides, since=30 * 86400.0))[0] == found
