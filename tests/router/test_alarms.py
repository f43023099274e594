"""Times that rules wait for: from the newest moment of each kind, once, and bounded however much is written."""

from __future__ import annotations

from typing import Any

from router.alarms import SLACK, Alarms, began
from stream.model import Conversation

TIMES = {"waiting": (60.0,), "no_reply": (10.0, 20.0)}


def row(**facts: Any) -> Conversation:
    return Conversation(id="c", channel="", connector="", key="", about="", identity="", **facts)


def test_it_rings_for_the_newest_moment_only() -> None:
    alarms = Alarms(TIMES)
    alarms.begin("c", "no_reply", 100.0)
    alarms.begin("c", "no_reply", 105.0)
    assert alarms.next() == 115.0
    assert [(one.after, one.began) for one in alarms.ring(130.0)] == [(10.0, 105.0), (20.0, 105.0)]
    assert alarms.next() is None


def test_what_has_rung_before_a_restart_does_not_ring_again() -> None:
    alarms = Alarms(TIMES)
    alarms.know(row(waiting_since=100.0, last_customer_at=100.0), since=115.0)
    assert [one.due for one in alarms.ring(1_000.0)] == [120.0, 160.0]


def test_what_is_resolved_does_not_ring() -> None:
    alarms = Alarms(TIMES)
    alarms.begin("c", "waiting", 1.0)
    alarms.forget("c")
    assert alarms.ring(1_000.0) == []


def test_nobody_waits_for_a_kind_without_a_rule() -> None:
    alarms = Alarms(TIMES)
    alarms.begin("c", "silent", 1.0)
    assert len(alarms) == 0


def test_however_much_is_written_the_heap_stays_small() -> None:
    alarms = Alarms(TIMES)
    for moment in range(20_000):
        alarms.begin("c", "no_reply", float(moment))
    assert len(alarms) <= SLACK + 20


def test_since_when_a_time_counts() -> None:
    assert began(row(last_customer_at=2.0, last_agent_at=1.0), "no_reply") == 2.0
    assert began(row(last_customer_at=2.0, last_agent_at=3.0), "no_reply") == 0.0
    assert began(row(last_customer_at=2.0, last_agent_at=3.0), "silent") == 3.0
    assert began(row(waiting_since=4.0), "waiting") == 4.0
    assert began(row(waiting_since=4.0, status="snoozed"), "waiting") == 0.0
