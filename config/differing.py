"""What differs between two trees of settings, as lines for people. Pure.

Lists of named things (rules, tests) are compared by name, so that moving one says so instead of calling everything changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MOST_LINES = 1_000


def differences(before: Any, after: Any, at: str = "") -> Iterator[str]:
    """One line for each thing that is new, gone, moved or changed."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            here = f"{at}.{key}" if at else str(key)
            if key not in after:
                yield f"- {here}: {_short(before[key])}"
            elif key not in before:
                yield f"+ {here}: {_short(after[key])}"
            else:
                yield from differences(before[key], after[key], here)
    elif _named(before) and _named(after):
        old, new = ({one["name"]: one for one in those} for those in (before, after))
        yield from differences(old, new, at)
        stayed = [name for name in old if name in new]
        moved = [name for name in new if name in old]
        if stayed != moved:
            yield f"~ {at}: the order is now {', '.join(moved)}"
    elif before != after:
        yield f"~ {at}: {_short(before)} -> {_short(after)}"


def _named(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and "name" in one for one in value)


def _short(value: Any) -> str:
    said = str(value)
    return said if len(said) <= 200 else f"{said[:197]}..."
