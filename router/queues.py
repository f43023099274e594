"""The line of items that wait under one signature, by a key that never changes while they wait: nothing is ever sorted again."""

from __future__ import annotations

from collections import deque
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.items import Entry

Key = tuple[int, float, str]
"""(minus priority, place, id): a total order."""

Waiting = tuple[Key, int, "Entry"]
SLACK = 64


class Line:
    """`first` is the first that still waits, `key` their place, `live` how many wait; `index` is its signature's.

    Most come in the order in which they go: those stand behind one another, and only who goes before somebody who is there already is
    on a heap. They leave lazily: one whose stamp has moved on is passed over when it would be the first, and swept when they pile up.
    """

    __slots__ = ("_heap", "_rest", "first", "index", "key", "live")

    def __init__(self, index: int = 0) -> None:
        self.index = index
        self.first: Waiting | None = None
        self.key: Key = (0, 0.0, "")
        self._rest: deque[Waiting] = deque()
        self._heap: list[Waiting] = []
        self.live = 0

    def __len__(self) -> int:
        return len(self._rest) + len(self._heap) + (self.first is not None)

    def __iter__(self) -> Iterator[Entry]:
        """Everybody who still waits, in no order."""
        ahead = [self.first] if self.first is not None else []
        return (entry for _, stamp, entry in (*ahead, *self._rest, *self._heap) if entry.stamp == stamp)

    def join(self, entry: Entry) -> None:
        """One more waits, at its place."""
        self.live += 1
        waiting, first, rest = (entry.key, entry.stamp, entry), self.first, self._rest
        if first is None:
            self.first, self.key = waiting, entry.key
        elif waiting < first:
            heappush(self._heap, first)
            self.first, self.key = waiting, entry.key
        elif not rest or rest[-1] < waiting:
            rest.append(waiting)
        else:
            heappush(self._heap, waiting)

    def put(self, entry: Entry) -> None:
        """Let one stand at its place again; it is counted already."""
        self.live -= 1
        self.join(entry)

    def take(self) -> Entry:
        """Let the first step out; it is still counted."""
        assert self.first is not None
        entry = self.first[2]
        self._move_up()
        return entry

    def leave(self) -> None:
        """One less waits (its stamp has moved on, or it was taken)."""
        self.live -= 1
        first = self.first
        if first is not None and first[2].stamp != first[1]:
            self._move_up()
        if len(self._rest) + len(self._heap) > 2 * self.live + SLACK:
            self._rest = deque(waiting for waiting in self._rest if waiting[2].stamp == waiting[1])
            self._heap = [waiting for waiting in self._heap if waiting[2].stamp == waiting[1]]
            heapify(self._heap)

    def _move_up(self) -> None:
        rest, heap = self._rest, self._heap
        while rest or heap:
            following = rest.popleft() if rest and (not heap or rest[0] < heap[0]) else heappop(heap)
            if following[2].stamp == following[1]:
                self.first, self.key = following, following[0]
                return
        self.first = None
