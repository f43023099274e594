"""Everything that falls due by itself: one heap, and lanes for waits of equal length, which are already in order.

An entry that is no longer wanted stays until it is due and is then recognised by its stamp (`alive`); when most are stale the
heap is swept, so that its size follows what is really waiting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush

Timer = tuple[float, int, str, str, int]
"""(due, order of setting, kind, whose, stamp)."""

SLACK = 4_096


class Timers:
    """Due times in seconds since the epoch."""

    __slots__ = ("_count_at", "_heap", "_lanes", "_set", "_swept")

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._lanes: dict[tuple[str, float], deque[Timer]] = {}
        self._set = 0
        self._swept = 0
        self._count_at = SLACK

    def __len__(self) -> int:
        return len(self._heap) + sum(map(len, self._lanes.values()))

    def at(self, due: float, kind: str, ident: str, stamp: int) -> None:
        """Set one."""
        self._set += 1
        heappush(self._heap, (due, self._set, kind, ident, stamp))

    def after(self, length: float, due: float, kind: str, ident: str, stamp: int) -> None:
        """Set one whose wait is `length`: others of that kind and length are due before it, or it goes on the heap."""
        lane = self._lanes.get((kind, length))
        if lane is None:
            lane = self._lanes[(kind, length)] = deque()
        self._set += 1
        timer = (due, self._set, kind, ident, stamp)
        if lane and due < lane[-1][0]:
            heappush(self._heap, timer)
        else:
            lane.append(timer)

    def next(self) -> float | None:
        """When the next one is due."""
        heads = [lane[0][0] for lane in self._lanes.values() if lane]
        if self._heap:
            heads.append(self._heap[0][0])
        return min(heads, default=None)

    def due(self, now: float) -> Iterator[tuple[str, str, int]]:
        """Take everything that is due, in order, as (kind, whose, stamp)."""
        while True:
            lane = min(
                (lane for lane in self._lanes.values() if lane), key=lambda lane: lane[0], default=None
            )
            if self._heap and (lane is None or self._heap[0] < lane[0]):
                timer = self._heap[0]
                if timer[0] > now:
                    return
                heappop(self._heap)
            elif lane is not None and lane[0][0] <= now:
                timer = lane.popleft()
            else:
                return
            yield timer[2], timer[3], timer[4]

    def crowded(self) -> bool:
        """Whether so much has gathered that a sweep pays: counted only when so many were set that there could be too many."""
        if self._set < self._count_at:
            return False
        room = 2 * self._swept + SLACK - len(self)
        self._count_at = self._set + max(room, 0)
        return room <= 0

    def sweep(self, alive: Callable[[str, str, int], bool]) -> None:
        """Throw out what is no longer wanted."""
        self._heap = [timer for timer in self._heap if alive(*timer[2:])]
        heapify(self._heap)
        for key, lane in self._lanes.items():
            self._lanes[key] = deque(timer for timer in lane if alive(*timer[2:]))
        self._swept = len(self)
        self._count_at = self._set + self._swept + SLACK
