"""Health and the circuit breaker, with time as an argument."""

from __future__ import annotations

from connectors.health import FAILURES_TO_OPEN, OPEN_SECONDS, Breaker, Health


def test_the_circuit_opens_after_enough_failures_in_a_row() -> None:
    breaker = Breaker()
    for _time in range(FAILURES_TO_OPEN - 1):
        breaker.failed(0.0)
    assert breaker.wait(0.0) == 0.0
    breaker.worked()
    for _time in range(FAILURES_TO_OPEN):
        breaker.failed(10.0)
    assert breaker.state == "open"
    assert breaker.wait(10.0) == OPEN_SECONDS


def test_one_probe_decides() -> None:
    breaker = Breaker()
    for _time in range(FAILURES_TO_OPEN):
        breaker.failed(0.0)
    assert breaker.wait(OPEN_SECONDS) == 0.0
    breaker.begin()
    assert breaker.wait(OPEN_SECONDS) == 1.0
    breaker.failed(OPEN_SECONDS)
    assert breaker.wait(OPEN_SECONDS) == OPEN_SECONDS
    breaker.begin()
    breaker.worked()
    assert (breaker.state, breaker.wait(OPEN_SECONDS)) == ("closed", 0.0)


def test_a_probe_that_came_to_nothing_is_made_again() -> None:
    breaker = Breaker()
    for _time in range(FAILURES_TO_OPEN):
        breaker.failed(0.0)
    breaker.begin()
    breaker.unprobed()
    assert (breaker.state, breaker.wait(OPEN_SECONDS)) == ("open", 0.0)
    breaker.worked()
    breaker.unprobed()
    assert breaker.state == "closed"


def test_a_change_of_state_is_told_once() -> None:
    health = Health("shop", "webhook", 1.0)
    assert health.change("connected", 2.0)
    assert health.change("disconnected", 3.0, "no route", 9.0)
    assert not health.change("disconnected", 4.0, "still no route", 10.0)
    report = health.report(Breaker())
    assert (report.state, report.reason, report.since, report.retry_at) == (
        "disconnected",
        "still no route",
        3.0,
        10.0,
    )
    assert (report.channel, report.connector, report.circuit) == ("shop", "webhook", "closed")
    assert health.change("connected", 11.0)
