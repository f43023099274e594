"""A replay's report for people: rows of figures before and after, what moved, and how even the load is."""

from __future__ import annotations

from datetime import UTC, datetime

from router.replay.report import Figures, Move, Outcome, Report
from router.simulation.table import aligned

HEAD = (
    "",
    "conversations",
    "served",
    "left",
    "waiting",
    "mean wait",
    "p50",
    "p95",
    "p99",
    "≤ 20 s",
    "≤ 60 s",
)
MOST_ROWS = 40
"""Queues and rules that are shown; all of them are in the JSON."""


def lines(found: Report) -> list[str]:
    """Waits in seconds."""
    said = f"{_moment(found.since)} to {_moment(found.until)}, {found.events:,} events"
    rows = [
        HEAD,
        _row("recorded", found.recorded.overall),
        _row("before", found.before.overall),
        _row("after", found.after.overall),
    ]
    told = [said, "", *aligned(rows), ""]
    for title, before, after in (
        ("queue", found.before.queues, found.after.queues),
        ("rule", found.before.rules, found.after.rules),
    ):
        told += [*aligned(_both(title, before, after)), ""]
    told += _moves("rule", found.moved.rule, found.moved.rules)
    told += _moves("queue", found.moved.queue, found.moved.queues)
    told.append(f"another agent: {found.moved.agent:,} conversations")
    told.append(f"fairness (Jain): {found.before.jain:.4f} before, {found.after.jain:.4f} after")
    return [*told, "", *aligned(_agents(found.before, found.after))]


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def _both(title: str, before: dict[str, Figures], after: dict[str, Figures]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [(title, *HEAD[1:])]
    for name in sorted(before.keys() | after.keys())[:MOST_ROWS]:
        for side, figures in (("before", before.get(name)), ("after", after.get(name))):
            if figures is not None:
                rows.append(_row(f"{name} {side}", figures))
    return rows


def _row(name: str, found: Figures) -> tuple[str, ...]:
    counts = (found.conversations, found.served, found.left, found.waiting)
    waits = (found.mean_wait, found.p50_wait, found.p95_wait, found.p99_wait)
    return (name, *map(str, counts), *map(_seconds, waits), *map(_share, (found.sl_20s, found.sl_60s)))


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value * 100:.1f} %"


def _moves(what: str, count: int, moves: list[Move]) -> list[str]:
    pairs = [f"  {one.before or '(none)'} -> {one.after or '(none)'}: {one.conversations:,}" for one in moves]
    return [f"another {what}: {count:,} conversations", *pairs]


def _agents(before: Outcome, after: Outcome) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("agent", "before", "busy", "after", "busy")]
    for name in sorted(before.agents.keys() | after.agents.keys()):
        cells: list[str] = []
        for side in (before, after):
            one = side.agents.get(name)
            cells += ["-", "-"] if one is None else [str(one.conversations), _share(one.utilisation)]
        rows.append((name, *cells))
    return rows
