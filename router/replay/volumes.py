"""Volumes out of what was recorded, as `parley staff` reads them: arrivals by weekday and hour, how long work takes, who gives up. Pure.

A class is a queue, the connector and the skills that were asked for at first. What had come before the recording is not counted.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from math import inf, isnan
from typing import Any
from zoneinfo import ZoneInfo

from router.plan import Plan
from router.replay.survey import Survey

JUDGE = 5_000
"""Arrivals played for every number: there are many hours."""
MOST_CLASSES = 100
HOUR = 3600.0
LEAST = 0.5
"""Of an hour at least this part counts as recorded, so that a few minutes do not stand for all of it."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Class:
    def __init__(self) -> None:
        self.hours: Counter[str] = Counter()
        self.worked = self.waited = 0.0
        self.left = 0


def volumes(survey: Survey, plan: Plan) -> dict[str, Any]:
    """The plain values of a file of volumes, its classes the most frequent ones first; hours are on the house's clocks."""
    zone = plan.rules.zone
    early = {index for index, _ in survey.waiting} | {one.index for one in survey.held}
    found: dict[tuple[int, int, int], _Class] = {}
    for index, came in enumerate(survey.came):
        if index in early or not survey.queue[index]:
            continue
        one = found.setdefault((survey.queue[index], survey.kind[index], survey.need[index]), _Class())
        one.hours[_hour(datetime.fromtimestamp(came, zone))] += 1
        one.worked += survey.worked[index]
        one.left += survey.left[index] < inf
        waited = survey.wait[index] if not isnan(survey.wait[index]) else survey.left[index]
        one.waited += waited if waited < inf else survey.end - came
    often = _often(survey, zone)
    busiest = sorted(found, key=lambda key: -found[key].hours.total())[:MOST_CLASSES]
    return {"judge": JUDGE, "classes": [_told(survey, plan, key, found[key], often) for key in busiest]}


def _hour(at: datetime) -> str:
    return f"{DAYS[at.weekday()]} {at:%H}:00"


def _often(survey: Survey, zone: ZoneInfo) -> dict[str, float]:
    """How often each hour of the week lies in the recording; one that lies in it only in part counts as that part."""
    at = datetime.fromtimestamp(survey.start, UTC).replace(minute=0, second=0, microsecond=0)
    hours: dict[str, float] = {}
    while (begin := at.timestamp()) <= survey.end:
        name = _hour(at.astimezone(zone))
        within = min(survey.end, begin + HOUR) - max(survey.start, begin)
        hours[name] = hours.get(name, 0.0) + within / HOUR
        at += timedelta(seconds=HOUR)
    return hours


def _order(hour: str) -> tuple[int, str]:
    return DAYS.index(hour[:3]), hour


def _told(
    survey: Survey, plan: Plan, key: tuple[int, int, int], one: _Class, often: dict[str, float]
) -> dict[str, Any]:
    names = [survey.names.all[number] for number in key]
    terms = plan.channel("", names[1])
    at_once = max(1, plan.units // terms.weight)
    if terms.most:
        at_once = min(at_once, terms.most)
    return {
        "name": "-".join(name for name in names if name),
        "service": round(max(0.01, one.worked / one.hours.total() / 60.0), 3),
        "patience": round(one.left * 60.0 / one.waited, 5) if one.waited else 0.0,
        "at_once": min(20, at_once),
        "hours": {
            name: round(one.hours[name] / max(LEAST, often.get(name, 0.0)), 3)
            for name in sorted(one.hours, key=_order)
        },
    }
