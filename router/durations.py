"""Durations as people write them: `25s`, `2m`, `1h30m`. A bare number has no unit and is refused."""

from __future__ import annotations

import re

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
LONGEST = 400 * 86400.0


def seconds(text: str) -> float:
    """The length in seconds. Raises `ValueError` with a sentence."""
    total, at = 0.0, 0
    compact = text.replace(" ", "")
    for part in _PART.finditer(compact):
        if part.start() != at:
            break
        total, at = total + float(part[1]) * _UNITS[part[2]], part.end()
    if not compact or at != len(compact):
        raise ValueError(
            f'"{text}" is not a duration: write a number with its unit (s, m, h, d, w), such as 25s, 2m or 1h30m'
        )
    if total > LONGEST:
        raise ValueError(f'"{text}" is longer than 400 days')
    return total


def spoken(length: float) -> str:
    """A length for people, to two units: `2 min 5 s`."""
    rest = max(0, round(length))
    names = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
    parts = []
    for size, name in names:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"
