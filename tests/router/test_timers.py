"""Timers: in order, lanes and heap together, and no larger than what still counts."""

from __future__ import annotations

import random

from router.timers import SLACK, Timers


def test_everything_due_comes_in_order() -> None:
    rng, timers = random.Random(3), Timers()
    wanted = []
    for number in range(500):
        due = float(number) if number % 2 else rng.uniform(0, 500)
        wanted.append((due, str(number)))
        if number % 2:
            timers.after(5.0, due, "lane", str(number), 1)
        else:
            timers.at(due, "heap", str(number), 1)
    got = []
    for now in range(0, 600, 50):
        got += [ident for _, ident, _ in timers.due(now)]
        following = timers.next()
        assert following is None or following > now
    assert got == [ident for _, ident in sorted(wanted)]
    assert timers.next() is None
    assert len(timers) == 0


def test_one_that_is_earlier_than_its_lane_is_not_late() -> None:
    timers = Timers()
    timers.after(5.0, 100.0, "a", "late", 1)
    timers.after(5.0, 50.0, "a", "early", 1)
    assert timers.next() == 50.0
    assert [ident for _, ident, _ in timers.due(60.0)] == ["early"]


def test_stale_ones_are_swept() -> None:
    timers = Timers()
    for number in range(20 * SLACK):
        timers.at(1e9 + number, "x", "one", number)
        timers.after(1.0, 1e9 + number, "x", "one", number)
        if timers.crowded():
            timers.sweep(lambda _kind, _ident, stamp: stamp == -1)
    assert len(timers) <= 2 * SLACK
