"""A line: always in the order of its keys, whoever comes, goes or steps back in, and no longer than who waits in it."""

from __future__ import annotations

import random

from router.inputs import Item
from router.items import Entry
from router.queues import SLACK, Key, Line


def entry(number: int, priority: int = 0, place: float = 0.0) -> Entry:
    made = Entry(Item(id=f"c{number:05d}"))
    made.key, made.stamp = (-priority, place, made.item.id), number
    return made


def test_whoever_is_first_goes_first_whatever_happens() -> None:
    rng, line, stamp = random.Random(5), Line(), 0
    waiting: dict[Key, Entry] = {}
    for number in range(6_000):
        stamp += 2
        step = rng.random()
        if step < 0.5 or not waiting:
            one = entry(number, rng.choice((0, 0, 0, 1)), number - rng.choice((0, 0, 0, 500)))
            one.stamp = stamp
            waiting[one.key] = one
            line.join(one)
        elif step < 0.7:
            one = waiting.pop(rng.choice(sorted(waiting)))
            one.stamp = stamp
            line.leave()
        else:
            one = line.take()
            assert one is waiting[min(waiting)]
            if step < 0.75:
                line.put(one)
            else:
                del waiting[one.key]
                line.leave()
        assert line.live == len(waiting) == len(list(line))
        assert (line.first and line.first[0]) == min(waiting, default=None)
    assert len(line) <= 3 * line.live + 2 * SLACK


def test_a_line_that_everybody_left_is_swept() -> None:
    line, gone = Line(), [entry(number, place=float(-number)) for number in range(20 * SLACK)]
    for one in gone:
        line.join(one)
    for one in gone:
        one.stamp = -1
        line.leave()
    assert (len(line), line.live, line.first) == (0, 0, None)
