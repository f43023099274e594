"""A report as a table for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from router.simulation.report import Figures, Report
from router.simulation.staffing import Hour

HEAD = (
    "class", "arrivals", "served", "gone", "blocked", "mean wait", "±", "p50", "p95", "p99", "≤ 20 s", "≤ 60 s", "waited", "queue",
)  # fmt: skip


def lines(report: Report) -> list[str]:
    """Waits in minutes, one row per class and one for all; below, one row per group of agents."""
    rows = [HEAD, *(_row(name, found) for name, found in report.classes.items()), _row("all", report.overall)]
    loads = [
        ("agents", "utilisation", "jain"),
        *((name, _share(load.utilisation), f"{load.jain:.4f}") for name, load in report.agents.items()),
    ]
    return [*aligned(rows), "", *aligned(loads)]


def _row(name: str, found: Figures) -> tuple[str, ...]:
    counts = (found.arrivals, found.served, found.abandoned, found.blocked)
    waits = (found.mean_wait, found.mean_wait_se, found.p50_wait, found.p95_wait, found.p99_wait)
    shares = (found.sl_20s, found.sl_60s, found.p_wait)
    queue = f"{found.mean_queue:.3f}"
    return (name, *map(str, counts), *map(_minutes, waits), *map(_share, shares), queue)


def _minutes(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value * 100:.2f} %"


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The first column to the left, numbers to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(text.rjust(width) if at else text.ljust(width) for at, (text, width) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]  # fmt: skip


def hours(found: Mapping[str, Hour]) -> list[str]:
    """One row per hour: agents per class with the level that they come to, and all of them."""
    names = list(dict.fromkeys(name for hour in found.values() for name in hour.classes))
    rows = [("hour", *(text for name in names for text in (name, "level")), "agents")]
    for at, hour in found.items():
        cells: list[str] = []
        for name in names:
            team = hour.classes.get(name)
            cells += ["0", "-"] if team is None else [str(team.agents), f"{team.level * 100:.1f} %"]
        rows.append((at, *cells, str(hour.total)))
    return aligned(rows)
