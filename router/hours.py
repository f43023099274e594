"""Business hours: weekly times in a time zone, with holidays and special days. Pure: the moment is an argument.

Moments are seconds since the Unix epoch. Daylight saving follows the zone: 09:00 is 09:00 on the wall, whatever the offset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON = 400
"""Days ahead that the next opening is looked for; further away means never."""

KEPT_DAYS = 8_192
"""Days whose openings are remembered."""

Span = tuple[int, int]
"""Minutes of the day from and to, with 0 <= from < to <= 1440."""


class Hours(msgspec.Struct, frozen=True):
    """`week` has seven tuples of spans from Monday on; `dates` replaces the week's on single days (a holiday has none)."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    dates: Mapping[date, tuple[Span, ...]] = {}

    def is_open(self, at: float) -> bool:
        """Whether `at` lies within the hours."""
        return _within(self.zone, self._spans(datetime.fromtimestamp(at, self.zone).date()), at)

    def next_change(self, at: float) -> float | None:
        """When they next open or close after `at`; None when never within the horizon."""
        now_open = self.is_open(at)
        day = datetime.fromtimestamp(at, self.zone).date()
        for _ in range(HORIZON):
            for edge in self._edges(day):
                if edge > at and self.is_open(edge) != now_open:
                    return edge
            day += timedelta(days=1)
        return None

    def next_opening(self, at: float) -> float | None:
        """When they next open; `at` itself while they are open, None when never within the horizon."""
        return at if self.is_open(at) else self.next_change(at)

    def _spans(self, day: date) -> tuple[Span, ...]:
        special = self.dates.get(day)
        return self.week[day.weekday()] if special is None else special

    def between(self, start: float, end: float) -> float:
        """How many seconds they are open from `start` to `end`; none beyond the horizon."""
        total = 0.0
        for opens, closes in self._openings(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def after(self, at: float, length: float) -> float | None:
        """The moment when they have been open for `length` seconds since `at`; None when never within the horizon."""
        for opens, closes in self._openings(at):
            if closes - opens >= length:
                return opens + length
            length -= closes - opens
        return None

    def _openings(self, at: float) -> Iterator[tuple[float, float]]:
        """When they are open from `at` on, piece by piece."""
        day = datetime.fromtimestamp(at, self.zone).date()
        for _ in range(HORIZON):
            for opens, closes in _pieces(self.zone, day, self._spans(day)):
                if closes > at:
                    yield max(opens, at), closes
            day += timedelta(days=1)

    def _edges(self, day: date) -> list[float]:
        return _edges(self.zone, day, self._spans(day))

    def spoken(self, at: float) -> str:
        """A moment on these clocks: `Mon 2026-01-05 09:00 (Europe/Berlin)`."""
        here = datetime.fromtimestamp(at, self.zone)
        return f"{DAYS[here.weekday()].capitalize()} {here:%Y-%m-%d %H:%M} ({self.zone.key})"


@lru_cache(maxsize=KEPT_DAYS)
def _pieces(zone: ZoneInfo, day: date, spans: tuple[Span, ...]) -> tuple[tuple[float, float], ...]:
    """From when to when `spans` are open on a day."""
    if not spans:
        return ()
    end = _moment(zone, day, 1440)
    edges = [*(edge for edge in _edges(zone, day, spans) if edge < end), end]
    return tuple((opens, closes) for opens, closes in pairwise(edges) if _within(zone, spans, opens))


def _within(zone: ZoneInfo, spans: tuple[Span, ...], at: float) -> bool:
    here = datetime.fromtimestamp(at, zone)
    return any(start <= here.hour * 60 + here.minute < end for start, end in spans)


def _edges(zone: ZoneInfo, day: date, spans: tuple[Span, ...]) -> list[float]:
    """Every moment at which something may open or close: where spans begin and end, also in an hour that comes twice, and where clocks jump."""
    minutes = {minute for span in spans for minute in span} | {0}
    edges = {_moment(zone, day, minute, fold) for minute in minutes for fold in (0, 1)}
    first, last = _moment(zone, day, 0), _moment(zone, day, 1440)
    if _offset(zone, first) != _offset(zone, last):
        edges.add(_jump(zone, first, last))
    return sorted(edges)


def _moment(zone: ZoneInfo, day: date, minute: int, fold: int = 0) -> float:
    extra, minute = divmod(minute, 1440)
    day += timedelta(days=extra)
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone, fold=fold)
    return wall.timestamp()


def _offset(zone: ZoneInfo, at: float) -> timedelta | None:
    return datetime.fromtimestamp(at, zone).utcoffset()


def _jump(zone: ZoneInfo, before: float, after: float) -> float:
    """When the clocks change between two moments, to the second."""
    old = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(zone, middle) == old else (before, middle)
    return after


def moment(text: str, zone: ZoneInfo) -> float:
    """A day or a time as people write it, on the clocks of `zone` unless it names its own offset. Raises `ValueError`."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).timestamp()


def parse_days(text: str) -> tuple[int, ...]:
    """The weekdays of `mon`, `mon-fri`, `fri-mon` or `sat,sun`. Raises `ValueError` with a sentence."""
    found: list[int] = []
    for part in text.replace(" ", "").lower().split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f'"{text}" is not a weekday: write mon, mon-fri or sat,sun')
        start = DAYS.index(first)
        count = (DAYS.index(last) - start) % 7 + 1 if dash else 1
        found.extend((start + step) % 7 for step in range(count))
    return tuple(found)


def parse_span(text: str) -> Span:
    """`09:00-17:30` as minutes; an end before the start is past midnight (end above 1440). Raises `ValueError`."""
    first, dash, last = text.replace(" ", "").partition("-")
    start, end = _minute(first, text), _minute(last, text)
    if not dash or start in {end, 1440}:
        raise ValueError(f'"{text}" is not a time span: write it as 09:00-17:30')
    return (start, end) if end > start else (start, end + 1440)


def _minute(text: str, whole: str) -> int:
    hour, colon, minute = text.partition(":")
    digits = hour.isascii() and minute.isascii() and hour.isdigit() and minute.isdigit()
    if (
        not (colon and digits and len(minute) == 2)
        or not 0 <= int(hour) * 60 + int(minute) <= 1440
        or int(minute) > 59
    ):
        raise ValueError(f'"{whole}" is not a time span: write it as 09:00-17:30')
    return int(hour) * 60 + int(minute)


def wrap_week(days: Mapping[int, tuple[Span, ...]]) -> tuple[tuple[Span, ...], ...]:
    """Seven days of spans; what runs past midnight goes on the next day."""
    week: list[list[Span]] = [[] for _ in DAYS]
    for day, spans in days.items():
        for start, end in spans:
            week[day].append((start, min(end, 1440)))
            if end > 1440:
                week[(day + 1) % 7].append((0, end - 1440))
    return tuple(tuple(sorted(spans)) for spans in week)


def wrap_dates(
    special: Mapping[date, tuple[Span, ...]], week: tuple[tuple[Span, ...], ...]
) -> dict[date, tuple[Span, ...]]:
    """Single days with their own spans; what runs past midnight goes on the next day, beside what that day has anyway."""
    found = {day: tuple((start, min(end, 1440)) for start, end in spans) for day, spans in special.items()}
    for day, spans in special.items():
        if night := tuple((0, end - 1440) for _, end in spans if end > 1440):
            after = day + timedelta(days=1)
            found[after] = (*night, *found.get(after, week[after.weekday()]))
    return found
