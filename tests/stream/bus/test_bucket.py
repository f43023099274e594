"""The arithmetic of rate buckets: never more than the count within any window, and the wait is exactly long enough."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stream.bus.bucket import take


@given(
    count=st.integers(1, 20),
    seconds=st.floats(0.1, 60),
    pauses=st.lists(st.floats(0, 10), max_size=60),
)
def test_no_window_gives_more_than_twice_the_count_and_any_first_burst_gives_the_count(
    count: int, seconds: float, pauses: list[float]
) -> None:
    arrival, now = 0.0, 1_000.0
    given_at: list[float] = []
    for pause in pauses:
        now += pause
        arrival, wait = take(arrival, now, count, seconds)
        if not wait:
            given_at.append(now)
    for start in given_at:
        within = sum(start <= at < start + seconds * 0.999 for at in given_at)
        assert within <= 2 * count
    burst = 0.0
    for _ in range(count):
        burst, wait = take(burst, 5.0, count, seconds)
        assert wait == 0.0
    assert take(burst, 5.0, count, seconds)[1] > 0


@given(count=st.integers(1, 20), seconds=st.floats(0.1, 60))
def test_who_waits_as_told_is_let_in(count: int, seconds: float) -> None:
    arrival, now = 0.0, 1_000.0
    for _ in range(count + 5):
        arrival, wait = take(arrival, now, count, seconds)
        if wait:
            now += wait
            arrival, wait = take(arrival, now, count, seconds)
            assert wait == 0.0


def test_nothing_is_taken_while_one_waits() -> None:
    arrival, _ = take(0.0, 1.0, 1, 10.0)
    assert take(arrival, 2.0, 1, 10.0) == (arrival, 9.0)
