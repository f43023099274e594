"""Business hours: holidays, special days, midnight, and the two odd nights of the year."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from router import sections
from router.hours import Hours, moment, parse_days, parse_span, wrap_week
from router.routing import HoursEntry
from router.sections import Notes

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = wrap_week(dict.fromkeys(range(5), ((9 * 60, 17 * 60 + 30),)))


def at(text: str, zone: ZoneInfo = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def test_open_from_the_first_to_before_the_last_minute() -> None:
    hours = Hours(BERLIN, OFFICE)
    for text, is_open in (("08:59", False), ("09:00", True), ("17:29", True), ("17:30", False)):
        assert hours.is_open(at(f"2026-03-04T{text}")) is is_open
    assert not hours.is_open(at("2026-03-07T12:00"))


def test_the_next_opening_is_after_the_weekend_and_the_holiday() -> None:
    hours = Hours(BERLIN, OFFICE, {date(2026, 4, 6): ()})
    assert hours.next_opening(at("2026-04-03T18:00")) == at("2026-04-07T09:00")
    assert hours.next_opening(at("2026-04-03T10:00")) == at("2026-04-03T10:00")
    assert hours.next_change(at("2026-04-03T10:00")) == at("2026-04-03T17:30")


def test_a_special_day_has_its_own_times() -> None:
    hours = Hours(BERLIN, OFFICE, {date(2026, 12, 24): ((480, 720),)})
    assert hours.is_open(at("2026-12-24T08:30"))
    assert not hours.is_open(at("2026-12-24T14:00"))


def test_past_midnight() -> None:
    hours = Hours(BERLIN, wrap_week({4: (parse_span("22:00-02:00"),)}))
    assert hours.is_open(at("2026-03-06T23:00"))
    assert hours.is_open(at("2026-03-07T01:59"))
    assert not hours.is_open(at("2026-03-07T02:00"))
    assert hours.next_change(at("2026-03-06T23:00")) == at("2026-03-07T02:00")


def test_nine_is_nine_on_the_wall_in_summer_and_in_winter() -> None:
    hours = Hours(BERLIN, OFFICE)
    opening = hours.next_opening(at("2026-03-27T18:00"))
    assert opening == at("2026-03-30T09:00")
    assert hours.spoken(opening or 0) == "Mon 2026-03-30 09:00 (Europe/Berlin)"


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
def test_the_odd_nights_do_not_open_or_close_twice(night: str) -> None:
    hours = Hours(BERLIN, wrap_week(dict.fromkeys(range(7), ((60, 240),))))
    opens = hours.next_opening(at(f"{night}T00:30"))
    assert opens == at(f"{night}T01:00")
    closes = hours.next_change(opens or 0)
    assert closes == at(f"{night}T04:00")


def test_always_and_never() -> None:
    always = Hours(BERLIN, wrap_week(dict.fromkeys(range(7), ((0, 1440),))))
    assert always.next_change(at("2026-03-04T12:00")) is None
    never = Hours(BERLIN, ((),) * 7)
    assert never.next_opening(at("2026-03-04T12:00")) is None


def test_days() -> None:
    assert parse_days("mon-fri") == (0, 1, 2, 3, 4)
    assert parse_days("fri-mon, Wed") == (4, 5, 6, 0, 2)
    for wrong in ("monday", "mon-", "", "mon-xyz"):
        with pytest.raises(ValueError, match="weekday"):
            parse_days(wrong)


def test_spans() -> None:
    assert parse_span("09:00 - 17:30") == (540, 1050)
    assert parse_span("00:00-24:00") == (0, 1440)
    assert parse_span("22:00-06:00") == (1320, 1800)
    for wrong in (
        "9-17",
        "09:00",
        "25:00-26:00",
        "09:00-09:00",
        "09:60-10:00",
        "24:00-01:00",
        "a:b-c:d",
        "09:5-10:00",
    ):
        with pytest.raises(ValueError, match="time span"):
            parse_span(wrong)


def test_a_single_day_may_run_past_midnight() -> None:
    entry = HoursEntry(
        week={"mon-fri": ["09:00-17:00"]},
        holidays=["2027-01-01"],
        dates={"2026-12-31": ["18:00-02:00"], "2026-12-29": ["20:00-01:00"]},
    )
    notes = Notes()
    hours = sections.hours(notes, ("hours", "office"), entry, BERLIN)
    assert not notes.problems
    for text, is_open in (
        ("2026-12-31T10:00", False), ("2026-12-31T18:00", True), ("2027-01-01T01:59", True), ("2027-01-01T02:00", False),
        ("2026-12-30T00:59", True), ("2026-12-30T01:00", False), ("2026-12-30T09:00", True),
    ):  # fmt: skip
        assert hours.is_open(at(text)) is is_open, text


def test_a_moment_may_name_its_own_offset() -> None:
    assert moment("2026-03-02 09:00", BERLIN) == at("2026-03-02T09:00")
    assert moment("2026-03-02T09:00+00:00", BERLIN) == at("2026-03-02T10:00")
