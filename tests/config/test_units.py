"""Durations and sizes, read and spelt."""

from __future__ import annotations

import pytest

from config import units


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("25s", 25), ("1h30m", 5400), ("14d", 1_209_600), ("250ms", 0.25), ("1.5h", 5400), ("2w", 1_209_600)],
)
def test_durations(text: str, seconds: float) -> None:
    assert units.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "5 s", "s5", "-5s", "1h 30m", "5S", "9" * 50 + "s"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        units.duration(text)


@pytest.mark.parametrize(
    ("text", "count"), [("64KB", 65_536), ("25 MB", 26_214_400), ("2GB", 2**31), ("10B", 10), ("1.5KB", 1536)]
)
def test_sizes(text: str, count: int) -> None:
    assert units.size(text) == count


@pytest.mark.parametrize("text", ["", "5", "5mb", "-1MB", "9999999999999MB"])
def test_no_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="expected a size"):
        units.size(text)


@pytest.mark.parametrize("text", ["25s", "90m", "14d", "250ms", "12h"])
def test_durations_are_spelt_as_they_are_read(text: str) -> None:
    assert units.spell_duration(units.duration(text)) == text


@pytest.mark.parametrize("text", ["25MB", "64KB", "3GB", "7B"])
def test_sizes_are_spelt_as_they_are_read(text: str) -> None:
    assert units.spell_size(units.size(text)) == text
