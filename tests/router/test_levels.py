"""The clocks of service levels by themselves: hours, holidays, nights on which clocks change, pauses, chains, and turns that come late."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router import levels
from router.hours import Hours, wrap_week
from router.levels import Case, Clock, Deed, Level, Mark, Promise
from stream.fold.level import MOST_TURNS, answered, ended, resolved, turned
from stream.model import ServiceLevel, Target

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Hours(BERLIN, wrap_week(dict.fromkeys(range(5), ((540, 1020),))), {date(2026, 12, 25): ()})
ALWAYS, IN_OFFICE = Clock(None), Clock(OFFICE)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


def promise(within: float, *later: tuple[float, Deed]) -> Promise:
    marks = [Mark(within * 0.8, "at_risk"), Mark(within, "breached")]
    return Promise(within, (*marks, *(Mark(seconds, "escalated", deed) for seconds, deed in later)))


def level(*pauses: str, **promised: float) -> Level:
    return Level(
        name="gold",
        promises={name: promise(within) for name, within in promised.items()},  # type: ignore[misc]  # names by keyword
        pauses=frozenset(pauses),
    )


GOLD = level("closed", "customer", "snoozed", first_reply=600.0, next_reply=1800.0, resolution=7200.0)


def asked(moment: float, terms: Level = GOLD, clock: Clock = ALWAYS) -> ServiceLevel:
    return levels.opened(terms, clock, "support", Case(opened_at=moment, asked_at=moment, answered_at=0.0))


def target(known: ServiceLevel | None, name: str) -> Target:
    assert known is not None
    return next(one for one in known.targets if one.name == name)


def after(
    known: ServiceLevel, *turns: tuple[float, str], terms: Level = GOLD, clock: Clock = ALWAYS
) -> ServiceLevel:
    """As the stream and the router do it together."""
    for moment, what in turns:
        folded = answered(known, moment) if what == "agent" else turned(known, moment, what)
        assert folded is not None
        known = msgspec.structs.replace(levels.settled(terms, clock, folded), turns=())
    return known


def test_a_customer_who_writes_is_owed_a_first_reply_and_a_resolution() -> None:
    known = asked(1000.0)
    assert (target(known, "first_reply").due_at, target(known, "resolution").due_at) == (1600.0, 8200.0)
    assert levels.due(known) == 1600.0
    coming = levels.coming(GOLD, ALWAYS, known)
    assert coming is not None
    assert (coming.at, coming.target.name, coming.mark.reached) == (1480.0, "first_reply", "at_risk")


def test_an_answer_in_time_meets_the_reply_and_stops_the_resolution() -> None:
    known = after(asked(1000.0), (1600.0, "agent"))
    assert target(known, "first_reply").state == "met"
    stopped = target(known, "resolution")
    assert (stopped.spent, stopped.since, stopped.due_at) == (600.0, 0.0, 0.0)
    assert levels.coming(GOLD, ALWAYS, known) is None


def test_an_answer_too_late_misses_it() -> None:
    assert target(after(asked(1000.0), (1600.5, "agent")), "first_reply").state == "missed"


def test_the_next_question_begins_another_round_and_the_resolution_goes_on() -> None:
    known = after(asked(1000.0), (1100.0, "agent"), (5000.0, "customer"))
    assert (target(known, "next_reply").due_at, target(known, "next_reply").round) == (6800.0, 1)
    assert target(known, "resolution").due_at == 5000.0 + 7200.0 - 100.0
    again = after(known, (5001.0, "customer"), (5002.0, "agent"), (5003.0, "customer"))
    assert (target(again, "next_reply").round, target(again, "next_reply").state) == (2, "running")


def test_what_we_wait_for_counts_when_it_is_not_told_to_pause() -> None:
    terms = level("closed", resolution=7200.0)
    known = after(asked(1000.0, terms), (1100.0, "agent"), terms=terms)
    assert target(known, "resolution").due_at == 8200.0


def test_sleep_stops_every_clock_only_when_it_is_told_to() -> None:
    known = after(asked(1000.0), (1100.0, "snoozed"), (9100.0, "woken"))
    assert target(known, "first_reply").due_at == 1600.0 + 8000.0
    terms = level("closed", "customer", first_reply=600.0)
    assert (
        target(after(asked(1000.0, terms), (1100.0, "snoozed"), terms=terms), "first_reply").due_at == 1600.0
    )


@pytest.mark.parametrize(
    ("begins", "due"),
    [
        ("2026-03-06 10:00", "2026-03-06 12:00"),
        ("2026-03-06 16:00", "2026-03-09 10:00"),
        ("2026-03-07 12:00", "2026-03-09 11:00"),
        ("2026-12-24 16:30", "2026-12-28 10:30"),
    ],
)
def test_evenings_weekends_and_holidays_do_not_count(begins: str, due: str) -> None:
    terms = level("closed", first_reply=7200.0)
    assert target(asked(at(begins), terms, IN_OFFICE), "first_reply").due_at == at(due)


def test_a_night_on_which_the_clocks_change_counts_as_long_as_it_is() -> None:
    nights = Clock(Hours(BERLIN, (((0, 1440),),) * 7))
    terms = level("closed", first_reply=6 * 3600.0)
    assert target(asked(at("2026-03-29 00:00"), terms, nights), "first_reply").due_at == at(
        "2026-03-29 07:00"
    )
    assert target(asked(at("2026-10-25 00:00"), terms, nights), "first_reply").due_at == at(
        "2026-10-25 05:00"
    )


def test_hours_that_never_come_owe_nothing() -> None:
    never = Clock(Hours(BERLIN, ((),) * 7))
    known = asked(1000.0, GOLD, never)
    assert levels.due(known) == 0.0
    assert levels.coming(GOLD, never, known) is None


def reach(known: ServiceLevel, found: levels.Next) -> ServiceLevel:
    state = {"at_risk": "at_risk", "breached": "breached"}.get(found.mark.reached, found.target.state)
    moved = msgspec.structs.replace(found.target, mark=found.mark.seconds, state=state)
    targets = tuple(moved if one.name == moved.name else one for one in known.targets)
    return msgspec.structs.replace(known, targets=targets)


def test_a_chain_goes_on_step_by_step_until_somebody_answers() -> None:
    terms = Level(
        name="gold",
        promises={"first_reply": promise(600.0, (900.0, Deed(queue="b")), (1200.0, Deed(queue="c")))},
    )
    known, seen = asked(1000.0, terms), list[tuple[float, str, str]]()
    while (found := levels.coming(terms, ALWAYS, known)) is not None and len(seen) < 9:
        seen.append((found.at, found.mark.reached, found.mark.deed.queue))
        known = reach(known, found)
    assert seen == [
        (1480.0, "at_risk", ""),
        (1600.0, "breached", ""),
        (1900.0, "escalated", "b"),
        (2200.0, "escalated", "c"),
    ]
    late = after(known, (2300.0, "agent"), terms=terms)
    assert target(late, "first_reply").state == "missed"


def test_a_state_is_reached_once_also_when_the_file_moves_its_mark() -> None:
    known = asked(1000.0)
    first = levels.coming(GOLD, ALWAYS, known)
    assert first is not None
    known = reach(known, first)
    later = Level(
        name="gold",
        promises={"first_reply": Promise(600.0, (Mark(500.0, "at_risk"), Mark(600.0, "breached")))},
    )
    second = levels.coming(later, ALWAYS, known)
    assert second is not None
    assert second.mark.reached == "breached"


def test_another_queue_keeps_what_has_counted() -> None:
    terms = level("closed", first_reply=7200.0)
    known = asked(at("2026-03-06 16:00"), terms, IN_OFFICE)
    night = at("2026-03-06 22:00")
    moved = levels.changed(terms, IN_OFFICE, terms, ALWAYS, known, "overflow", night)
    assert (target(moved, "first_reply").spent, target(moved, "first_reply").due_at) == (
        3600.0,
        night + 3600.0,
    )
    assert (moved.queue, moved.moved, target(moved, "first_reply").round) == ("overflow", False, 1)


def test_another_level_begins_its_own_round_with_what_has_counted() -> None:
    silver = msgspec.structs.replace(level("closed", "customer", first_reply=3600.0), name="silver")
    moved = levels.changed(GOLD, ALWAYS, silver, ALWAYS, asked(1000.0), "support", 1500.0)
    assert [one.name for one in moved.targets] == ["first_reply"]
    fresh = target(moved, "first_reply")
    assert (moved.name, fresh.round, fresh.state, fresh.due_at) == ("silver", 2, "running", 4600.0)


def test_terms_that_changed_are_noticed_and_those_that_did_not_are_not() -> None:
    known = asked(1000.0)
    assert not levels.outdated(GOLD, ALWAYS, known)
    assert levels.outdated(level("customer", first_reply=30.0), ALWAYS, known)
    assert levels.outdated(GOLD, IN_OFFICE, known)


def test_outcomes_count_each_target_once() -> None:
    known = asked(1000.0)
    late = msgspec.structs.replace(
        known, targets=tuple(msgspec.structs.replace(one, state="breached") for one in known.targets)
    )
    assert levels.outcomes(known, late) == [("first_reply", "missed"), ("resolution", "missed")]
    assert levels.outcomes(late, answered(late, 9999.0)) == []
    assert levels.outcomes(known, resolved(known, 1200.0)) == [("first_reply", "met"), ("resolution", "met")]
    assert levels.outcomes(None, None) == []


def test_turns_are_bounded_and_the_newest_counts() -> None:
    known: Any = asked(1000.0)
    for number in range(100):
        known = turned(known, 1001.0 + number, ("customer", "agent")[number % 2])
    assert len(known.turns) == MOST_TURNS
    assert known.turns[-1] == (1100.0, "agent")


TURNS = st.lists(
    st.tuples(st.floats(1.0, 50_000.0), st.sampled_from(["customer", "agent", "snoozed", "woken"])),
    max_size=12,
)


@settings(max_examples=120)
@given(TURNS, st.integers(0, 7 * 1440), st.booleans(), st.integers(0, 12))
def test_a_router_that_was_away_says_what_one_that_was_there_says(
    steps: list[tuple[float, str]], begins: int, closes: bool, away: int
) -> None:
    """Turns taken in one by one, or some of them all at once; and what counts is what a clock on the wall counts."""
    clock, now = IN_OFFICE if closes else ALWAYS, at("2026-03-02 00:00") + 60.0 * begins
    start = now
    there = asked(now, GOLD, clock)
    gone: ServiceLevel | None = there
    said: list[tuple[float, str]] = []
    for number, (wait, what) in enumerate(steps):
        now += wait
        said.append((now, what))
        there = after(there, (now, what), clock=clock)
        gone = answered(gone, now) if what == "agent" else turned(gone, now, what)
        if number == away and gone is not None:
            gone = msgspec.structs.replace(levels.settled(GOLD, clock, gone), turns=())
    assert gone is not None
    gone = msgspec.structs.replace(levels.settled(GOLD, clock, gone), turns=())
    assert [(one.name, one.round, one.state) for one in gone.targets] == [
        (one.name, one.round, one.state) for one in there.targets
    ]
    spent, until = counted(start, said, now, clock), target(there, "resolution")
    assert spent == pytest.approx(until.spent + (clock.between(until.since, now) if until.since else 0.0))


def counted(start: float, said: list[tuple[float, str]], now: float, clock: Clock) -> float:
    """The obvious way: piece by piece, while it is our turn and nothing sleeps."""
    total, ours, asleep, since = 0.0, True, False, start
    for moment, what in [*said, (now, "")]:
        total += clock.between(since, moment) if ours and not asleep else 0.0
        ours = what == "customer" if what in {"customer", "agent"} else ours
        asleep = what == "snoozed" if what in {"snoozed", "woken"} else asleep
        since = moment
    return total


def test_what_has_ended_stays_as_it_ended() -> None:
    once = ended(Target(name="first_reply", within=9.0, since=1.0, due_at=10.0), 5.0)
    assert ended(once, 99.0) == once


RESOLVED_ONLY = level("customer", resolution=7200.0)


def test_a_target_that_comes_later_counts_as_if_it_had_been_there_from_the_beginning() -> None:
    """From the message for a reply, from the opening for the resolution; what runs or has ended is not touched."""
    case = Case(opened_at=1000.0, asked_at=1000.0, answered_at=0.0)
    known = levels.joined(GOLD, ALWAYS, asked(1000.0, RESOLVED_ONLY), case)
    assert known.targets == asked(1000.0).targets
    assert levels.joined(GOLD, ALWAYS, known, case) is known
    met = after(known, (1100.0, "agent"))
    answered_case = Case(opened_at=1000.0, asked_at=1000.0, answered_at=1100.0)
    assert levels.joined(GOLD, ALWAYS, met, answered_case) is met


def test_who_asks_again_is_promised_a_next_reply_when_that_comes_later() -> None:
    known = after(asked(1000.0, RESOLVED_ONLY), (1100.0, "agent"), (1500.0, "customer"), terms=RESOLVED_ONLY)
    case = Case(opened_at=1000.0, asked_at=1500.0, answered_at=1100.0)
    known = levels.joined(GOLD, ALWAYS, known, case)
    assert [(one.name, one.due_at) for one in known.targets if one.name != "resolution"] == [
        ("next_reply", 3300.0)
    ]
