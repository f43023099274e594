"""The sections of `routing.yaml` checked and compiled one by one; every problem is noted with its path, none stops the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from router import hours as clocks
from router import plan
from router.durations import seconds
from router.names import nearest
from router.routing import (
    ChannelEntry,
    HoursEntry,
    Kind,
    Known,
    OrderEntry,
    Path,
    Problem,
    QueueEntry,
    Word,
)

NAME = re.compile(r"[A-Za-z0-9_][\w.\-]*", re.ASCII)
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
MOST_ASKED = 20
HIGHEST_LEVEL = 5


class Notes:
    """Collects problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def note(
        self, path: Path, message: str, suggestion: str = "", offset: int = 0, *, key: bool = False
    ) -> None:
        """Something is wrong here."""
        self.problems.append(Problem(path, message, suggestion, offset, key))

    def one_of(self, path: Path, what: str, word: str, known: Iterable[str], *, key: bool = False) -> bool:
        """Whether `word` (with `key` the key of its place) is in a closed list; noted with the nearest name when it is not."""
        names = list(known)
        if word in names:
            return True
        self.note(path, f'unknown {what} "{word}"', nearest(word, names), key=key)
        return False

    def length(self, path: Path, text: str, *, least: float = 0.0) -> float:
        """A duration in seconds."""
        try:
            found = seconds(text)
        except ValueError as fault:
            self.note(path, str(fault))
            return least
        if found < least:
            self.note(path, f"at least {least:g}s")
        return found

    def between(self, path: Path, number: int, low: int, high: int) -> None:
        """A number with bounds."""
        if not low <= number <= high:
            self.note(path, f"{number} is not between {low} and {high}")

    def names(self, path: Path, names: Iterable[str], *, word: bool = False) -> None:
        """Names that the file itself gives."""
        for key in names:
            if not (_WORD if word else NAME).fullmatch(key):
                self.note(
                    (*path, key),
                    f'"{key}" is not a name: letters, digits and _' + ("" if word else " . -"),
                    key=True,
                )


def zone(notes: Notes, path: Path, name: str) -> ZoneInfo:
    """A time zone by its name in the IANA database."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        from zoneinfo import available_timezones

        notes.note(path, f'unknown time zone "{name}"', nearest(name, available_timezones()))
        return ZoneInfo("UTC")


def hours(notes: Notes, path: Path, entry: HoursEntry, default: ZoneInfo, key: str = "week") -> clocks.Hours:
    """Weekly times, with what runs past midnight moved to the next day."""
    here = zone(notes, (*path, "timezone"), entry.timezone) if entry.timezone else default
    days: dict[int, tuple[clocks.Span, ...]] = {}
    for text, times in entry.week.items():
        where = (*path, key, text)
        try:
            named = clocks.parse_days(text)
        except ValueError as fault:
            notes.note(where, str(fault), key=True)
            continue
        found = _spans(notes, where, times)
        for day in named:
            days[day] = (*days.get(day, ()), *found)
    closed = _dates(notes, (*path, "holidays"), dict(enumerate(entry.holidays)))
    special: dict[date, tuple[clocks.Span, ...]] = dict.fromkeys(closed, ())
    for text, times in entry.dates.items():
        for single in _dates(notes, (*path, "dates"), {text: text}):
            if single in special:
                notes.note((*path, "dates", text), f"{text} stands under holidays, too", key=True)
            special[single] = _spans(notes, (*path, "dates", text), times)
    week = clocks.wrap_week(days)
    return clocks.Hours(here, week, clocks.wrap_dates(special, week))


def _spans(notes: Notes, path: Path, times: list[str]) -> tuple[clocks.Span, ...]:
    found: list[clocks.Span] = []
    for index, text in enumerate(times):
        try:
            found.append(clocks.parse_span(text))
        except ValueError as fault:
            notes.note((*path, index), str(fault))
    return tuple(found)


def _dates(notes: Notes, path: Path, texts: Mapping[int, str] | Mapping[str, str]) -> list[date]:
    found: list[date] = []
    for key, text in texts.items():
        try:
            found.append(date.fromisoformat(text))
        except ValueError:
            notes.note(
                (*path, key), f'"{text}" is not a date: write it as 2026-12-25', key=isinstance(key, str)
            )
    return found


def queue(
    notes: Notes, path: Path, name: str, entry: QueueEntry, known: Mapping[str, clocks.Hours]
) -> plan.Queue:
    """A queue with its hours."""
    if entry.hours:
        notes.one_of((*path, "hours"), "hours", entry.hours, known)
    elif entry.closed.reply:
        notes.note((*path, "closed", "reply"), "this queue has no hours, so it is never closed")
    for braces in re.finditer(r"\{(\w*)\}", entry.closed.reply):
        if braces[1] != "opens":
            notes.note(
                (*path, "closed", "reply"),
                f"{braces[0]} cannot be filled in: only {{opens}}",
                "{opens}",
                braces.start(),
            )
    return plan.Queue(
        name=entry.name or name,
        hours=known.get(entry.hours),
        closed=plan.Closed(reply=entry.closed.reply, offer=entry.closed.offer, queue=entry.closed.queue),
        order=None if entry.order is None else order(notes, (*path, "order"), entry.order),
        pick=pick(notes, (*path, "pick"), entry.pick),
        level=entry.service_level,
    )


def order(notes: Notes, path: Path, entry: Kind | OrderEntry) -> plan.Order:
    """How a queue lines up; just the kind, or with its numbers."""
    if isinstance(entry, str):
        return plan.Order(kind=entry)
    ahead = notes.length((*path, "per_priority"), entry.per_priority)
    if ahead and entry.kind != "head_start":
        notes.note((*path, "per_priority"), f"only the order head_start has head starts, not {entry.kind}")
    if entry.slope_per_priority and entry.kind != "ageing":
        notes.note((*path, "slope_per_priority"), f"only the order ageing has slopes, not {entry.kind}")
    if not 0 <= entry.slope_per_priority <= 1000:
        notes.note((*path, "slope_per_priority"), f"{entry.slope_per_priority:g} is not between 0 and 1000")
    worth = entry.slope_per_priority if entry.kind == "ageing" else ahead
    due = notes.length((*path, "due"), entry.due, least=1.0)
    return plan.Order(kind=entry.kind, per_priority=worth, due=due)


def pick(notes: Notes, path: Path, words: list[Word]) -> plan.Pick:
    """A chain: every word once, `sticky` first."""
    for index, word in enumerate(words):
        if word in words[:index]:
            notes.note((*path, index), f'"{word}" stands here twice')
        elif word == "sticky" and index:
            notes.note((*path, index), "sticky comes first: it does not compare agents, it names one")
    return tuple(words)


def channel(
    notes: Notes, path: Path, name: str, entry: ChannelEntry, known: Known, units: int
) -> plan.Channel:
    """The terms of a connector or of a channel."""
    connectors = known.connectors | set(known.channels.values())
    if name not in known.channels and name not in connectors:
        names = [*known.channels, *connectors]
        notes.note(path, f'"{name}" is neither a channel nor a connector', nearest(name, names), key=True)
    notes.between((*path, "weight"), entry.weight, 1, 1000)
    if 1 <= units < entry.weight <= 1000:
        notes.note((*path, "weight"), f"a weight of {entry.weight} never fits into {units} units")
    if entry.max is not None:
        notes.between((*path, "max"), entry.max, 0, 10_000)
        if name in known.channels and name not in connectors:
            notes.note(
                (*path, "max"), "caps count per connector: give it to the connector", known.channels[name]
            )
    if entry.ask is not None:
        notes.between((*path, "ask"), entry.ask, 1, MOST_ASKED)
    for index, other in enumerate(entry.yields_to):
        notes.one_of((*path, "yields_to", index), "connector", other, connectors)
    if entry.yields_to and name not in connectors:
        notes.note((*path, "yields_to"), "what yields counts per connector: give it to the connector")
    connector = known.channels.get(name, name)
    live = connector in known.live if entry.live is None else entry.live
    return plan.Channel(
        weight=entry.weight,
        most=entry.max,
        live=live,
        give=entry.give,
        accept_within=notes.length((*path, "accept_within"), entry.accept_within, least=1.0)
        if entry.accept_within
        else 0.0,
        ask=entry.ask or 0,
        idle_release=notes.length((*path, "idle_release"), entry.idle_release, least=1.0)
        if entry.idle_release
        else 0.0,
        wrap_up=notes.length((*path, "wrap_up"), entry.wrap_up),
        yields_to=tuple(entry.yields_to),
    )
