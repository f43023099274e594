"""When somebody is there to answer, as far as the widget says so to customers. Pure: the time is an argument.

Routing has business hours of its own; these here only choose what the widget's head says.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open times per day (`mon` ... `sun`) as `09:00-17:30`, in `timezone`; a day that is not named is closed.

    A span may end at 24:00; one over midnight is written as two.
    """

    timezone: str = "UTC"
    week: dict[str, tuple[str, ...]] = {}

    def __post_init__(self) -> None:
        """Refuse what could never match. Raises ValueError with the key."""
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"timezone: {self.timezone!r} is not known; write one like Europe/Berlin"
            ) from None
        for day, spans in self.week.items():
            if day not in DAYS:
                raise ValueError(f"week: {day!r} is no day; use {', '.join(DAYS)}")
            for span in spans:
                _minutes(day, span)


def _minutes(day: str, span: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(span)
    if found is None:
        raise ValueError(f"week.{day}: {span!r} is no span of time; write it like 09:00-17:30")
    begin = int(found[1]) * 60 + int(found[2])
    end = int(found[3]) * 60 + int(found[4])
    if not begin < end <= 24 * 60:
        raise ValueError(f"week.{day}: {span!r} must end after it begins, at 24:00 at the latest")
    return begin, end


def is_open(hours: Hours | None, now: float) -> bool:
    """Tell whether somebody is there at `now` (seconds since the epoch); without hours always."""
    if hours is None:
        return True
    local = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(hours.timezone))
    day = DAYS[local.weekday()]
    minute = local.hour * 60 + local.minute
    spans = (_minutes(day, span) for span in hours.week.get(day, ()))
    return any(begin <= minute < end for begin, end in spans)
