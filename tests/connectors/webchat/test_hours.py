"""Opening hours: time zones, edges, and what cannot be meant."""

from datetime import UTC, datetime

import pytest

from connectors.webchat.hours import Hours, is_open

WEEK: dict[str, tuple[str, ...]] = {
    "mon": ("09:00-12:00", "13:00-17:30"),
    "sat": ("22:00-24:00",),
    "sun": ("00:00-02:00",),
}


def at(day: int, hour: int, minute: int) -> float:
    """2026-11-23 is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("now", "there"),
    [
        (at(23, 8, 59), False), (at(23, 9, 0), True), (at(23, 11, 59), True), (at(23, 12, 0), False), (at(23, 17, 29), True),
        (at(23, 17, 30), False), (at(24, 10, 0), False), (at(28, 23, 59), True), (at(29, 1, 59), True), (at(29, 2, 0), False),
    ],
)  # fmt: skip
def test_hours_hold_from_their_first_to_before_their_last_minute(now: float, there: bool) -> None:
    assert is_open(Hours(week=WEEK), now) is there


def test_hours_are_local() -> None:
    berlin = Hours(timezone="Europe/Berlin", week={"mon": ("09:00-10:00",)})
    assert is_open(berlin, at(23, 8, 30))
    assert not is_open(berlin, at(23, 9, 30))


def test_without_hours_somebody_is_there() -> None:
    assert is_open(None, 0.0)
    assert not is_open(Hours(), 0.0)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../etc"}, "timezone"),
        ({"week": {"monday": ("09:00-10:00",)}}, "monday"),
        ({"week": {"mon": ("9-17",)}}, r"week\.mon"),
        ({"week": {"mon": ("17:00-09:00",)}}, "24:00"),
        ({"week": {"mon": ("09:00-24:30",)}}, "24:00"),
    ],
)
def test_what_cannot_be_meant_is_named(facts: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Hours(**facts)  # type: ignore[arg-type]  # wrong on purpose
