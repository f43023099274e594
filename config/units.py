"""Durations and sizes as people write them: `90s`, `25 MB`. The typed settings hold seconds and bytes."""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Meta

DURATION_PATTERN = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$"
SIZE_PATTERN = r"^[0-9]+(\.[0-9]+)? ?(B|KB|MB|GB|TB)$"

Duration = Annotated[float, Meta(extra={"unit": "duration"}, extra_json_schema={"x-unit": "duration"})]
"""Seconds. Written with a unit: `500ms`, `25s`, `10m`, `12h`, `14d`, `2w`, or several: `1h30m`."""

Size = Annotated[int, Meta(extra={"unit": "size"}, extra_json_schema={"x-unit": "size"})]
"""Bytes. Written with a unit: `64KB`, `25MB`, `2GB` (1 KB = 1024 B)."""

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_BYTES = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}


def duration(text: str) -> float:
    """Seconds. Raises ValueError with the sentence for the reader."""
    if not re.fullmatch(DURATION_PATTERN, text) or len(text) > 40:
        raise ValueError("expected a duration with its unit, like 25s, 10m, 1h30m or 14d")
    return sum(
        float(n) * _SECONDS[unit] for n, _, unit in re.findall(r"([0-9]+(\.[0-9]+)?)(ms|s|m|h|d|w)", text)
    )


def size(text: str) -> int:
    """Bytes. Raises ValueError with the sentence for the reader."""
    found = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?(B|KB|MB|GB|TB)", text)
    if found is None:
        raise ValueError("expected a size with its unit, like 64KB, 25MB or 2GB")
    return int(float(found[1]) * _BYTES[found[2]])


def spell_duration(seconds: float) -> str:
    """The shortest way to write `seconds`."""
    for unit in ("d", "h", "m", "s"):
        if seconds and seconds % _SECONDS[unit] == 0:
            return f"{int(seconds // _SECONDS[unit])}{unit}"
    return f"{round(seconds * 1000)}ms"


def spell_size(count: int) -> str:
    """The shortest way to write `count` bytes."""
    for unit in ("GB", "MB", "KB"):
        if count and count % _BYTES[unit] == 0:
            return f"{count // _BYTES[unit]}{unit}"
    return f"{count}B"
