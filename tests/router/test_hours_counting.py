"""Counting open time: held against looking at every single minute, over days on which the clocks change."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from router.hours import Hours, wrap_week

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Hours(BERLIN, wrap_week(dict.fromkeys(range(5), ((540, 1020),))), {date(2026, 12, 25): ()})


def at(text: str, zone: ZoneInfo = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def test_an_evening_and_a_weekend_do_not_count() -> None:
    assert OFFICE.between(at("2026-03-06 16:30"), at("2026-03-09 09:45")) == 75 * 60
    assert OFFICE.after(at("2026-03-06 16:30"), 75 * 60) == at("2026-03-09 09:45")


def test_a_holiday_does_not_count() -> None:
    assert OFFICE.after(at("2026-12-24 16:00"), 2 * 3600) == at("2026-12-28 10:00")
    assert OFFICE.between(at("2026-12-25 00:00"), at("2026-12-26 00:00")) == 0


def test_nothing_counts_where_nothing_ever_opens() -> None:
    never = Hours(BERLIN, ((),) * 7)
    assert never.after(at("2026-03-06 12:00"), 1.0) is None
    assert never.between(at("2026-03-06 12:00"), at("2026-05-06 12:00")) == 0


def test_nights_on_which_the_clocks_change_have_their_true_length() -> None:
    always = Hours(BERLIN, (((0, 1440),),) * 7)
    assert always.between(at("2026-03-29 00:00"), at("2026-03-30 00:00")) == 23 * 3600
    assert always.between(at("2026-10-25 00:00"), at("2026-10-26 00:00")) == 25 * 3600
    early = Hours(BERLIN, (((150, 240),),) * 7)
    assert early.between(at("2026-03-29 00:00"), at("2026-03-30 00:00")) == 3600
    assert early.between(at("2026-10-25 00:00"), at("2026-10-26 00:00")) == (30 + 90) * 60
    assert early.next_change(at("2026-03-29 00:00")) == at("2026-03-29 03:00")


SPAN = st.tuples(st.integers(0, 1438), st.integers(1, 1440)).map(
    lambda one: (min(one), max(one[1], one[0] + 1))
)
WEEK = st.dictionaries(st.integers(0, 6), st.lists(SPAN, min_size=1, max_size=2).map(tuple), max_size=7)
DAYS = st.sampled_from(["2026-03-28 12:00", "2026-10-24 12:00", "2026-06-01 00:00", "2026-12-31 23:59"])
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])


@settings(max_examples=60)
@given(WEEK, DAYS, ZONES, st.integers(0, 4 * 1440), st.booleans())
def test_counting_is_looking_at_every_minute(
    days: dict[int, tuple[tuple[int, int], ...]], start: str, zone: str, length: int, holiday: bool
) -> None:
    here = ZoneInfo(zone)
    begins = at(start, here)
    closed: dict[date, tuple[tuple[int, int], ...]] = {date(2026, 6, 2): ()} if holiday else {}
    hours = Hours(here, wrap_week(days), closed)
    seen = 60.0 * sum(hours.is_open(begins + 60 * minute) for minute in range(length))
    assert hours.between(begins, begins + 60 * length) == seen
    if seen:
        reached = hours.after(begins, seen)
        assert reached is not None
        assert reached <= begins + 60 * length
        assert hours.between(begins, reached) == seen
