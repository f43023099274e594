"""Volumes out of a recording: classes, hours of the house's clocks, how long work takes, who gives up, how many at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from router.replay.survey import Survey
from router.replay.volumes import volumes
from stream import events as ev
from stream.model import Author
from tests.router.plans import plan

BERLIN = ZoneInfo("Europe/Berlin")
ANN = Author(kind="agent", id="ann")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=BERLIN).timestamp()


def told(survey: Survey) -> dict[str, dict[str, Any]]:
    found = volumes(survey, plan(timezone="Europe/Berlin"))
    return {one["name"]: one for one in found["classes"]}


def chat(
    survey: Survey, number: int, at: float, need: tuple[str, ...], works: float = 0.0, waits: float = 30.0
) -> None:
    """One that comes, waits, and is worked on; or that gives up."""
    base: dict[str, Any] = {"conversation": f"cnv_{number}", "version": 1}
    place: dict[str, Any] = {**base, "queue": "support", "waiting_since": at, "connector": "webchat"}
    done: dict[str, Any] = {**base, "by": ANN, "connector": "webchat"}
    taken = ev.ConversationAssigned(**base, agent="ann", units=3, how="accepted", by=ANN)
    back = ev.ConversationQueued(**place, need=("lang.en",), released="ann")
    begun, over = at + waits, at + waits + works
    happened: list[tuple[float, ev.AnyEvent]] = [
        (at, ev.ConversationStarted(**base, channel="widget", connector="webchat", key="k", about="", identity="")),
        (at, ev.ConversationQueued(**place, need=need)),
        (over, ev.ConversationResolved(**done, released="ann" if works else "")),
    ]  # fmt: skip
    if works:
        happened[2:2] = [(begun, taken), (begun, back), (begun, taken)]
    survey.tell([ev.Recorded(n=number, at=when, event=event) for when, event in happened])


@pytest.fixture
def survey() -> Survey:
    """Two Mondays from nine to eleven: ten an hour for German, of whom the last gives up, and in the second hour ten for anybody."""
    found = Survey(MONDAY)
    for week in range(2):
        for minute in range(10):
            at = MONDAY + week * 7 * 86400 + minute * 300
            number = 100 * week + minute
            chat(
                found,
                number,
                at,
                ("lang.de>=3", "billing | technical", "prefer lang.en"),
                0.0 if minute == 9 else 240.0,
            )
            chat(found, number + 1000, at + 3600, (), 120.0)
    found.end = MONDAY + 7 * 86400 + 7200
    found.close()
    return found


def test_classes_are_queue_connector_and_the_skills_asked_for_at_first(survey: Survey) -> None:
    assert told(survey).keys() == {"support-webchat-lang.de", "support-webchat"}


def test_hours_are_means_of_the_weeks_on_the_clocks_of_the_house(survey: Survey) -> None:
    found = told(survey)
    assert found["support-webchat-lang.de"]["hours"] == {"mon 09:00": 10.0}
    assert found["support-webchat"]["hours"] == {"mon 10:00": 10.0}


def test_work_patience_and_how_many_at_once(survey: Survey) -> None:
    german, anybody = told(survey)["support-webchat-lang.de"], told(survey)["support-webchat"]
    assert anybody["service"] == pytest.approx(2.0)
    assert anybody["patience"] == 0.0
    assert german["patience"] == pytest.approx(2 / 10.0), (
        "two left, and all of them waited ten minutes in all"
    )
    assert german["at_once"] == 2, "eight units hold two chats of three"


def test_a_part_of_an_hour_counts_as_that_part() -> None:
    found = Survey(MONDAY + 900.0)
    for number in range(15):
        chat(found, number, MONDAY + 900.0 + number * 60.0, (), 60.0)
    found.end = MONDAY + 3600.0 * 0.75
    found.close()
    assert told(found)["support-webchat"]["hours"] == {"mon 09:00": 30.0}


def test_what_was_there_before_is_not_counted() -> None:
    found = Survey(MONDAY)
    base: dict[str, Any] = {"conversation": "cnv_old", "version": 9}
    found.tell(
        [
            ev.Recorded(
                n=1,
                at=MONDAY + 5,
                event=ev.ConversationResolved(**base, by=ANN, connector="webchat", released="ann"),
            )
        ]
    )
    found.close()
    assert told(found) == {}
