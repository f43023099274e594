"""Durations as people write and read them, always with units."""

from __future__ import annotations

import pytest

from router.durations import seconds, spoken


@pytest.mark.parametrize(
    ("text", "length"),
    [("25s", 25), ("2m", 120), ("1h30m", 5400), ("1.5h", 5400), ("250ms", 0.25), ("1 d", 86400), ("0s", 0)],
)
def test_lengths(text: str, length: float) -> None:
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["", "25", "s", "2 weeks", "1h30", "-5s", "5s!", "500d"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=text or "not a duration"):
        seconds(text)


def test_spoken() -> None:
    assert [spoken(length) for length in (0, 59.6, 125, 3600, 90061)] == [
        "0 s",
        "1 min",
        "2 min 5 s",
        "1 h",
        "1 d 1 h",
    ]
