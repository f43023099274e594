"""The line of items that wait under one signature: a heap by a key that never changes while they wait, so it is never sorted again."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.items import Entry

Key = tuple[int, float, str]
"""(minus priority, place, id): a total order."""

Waiting = tuple[Key, int, "Entry"]
SLACK = 64


class Line:
    """Entries leave lazily: one whose stamp has moved on is skipped when it comes to the head, and swept when they pile up."""

    __slots__ = ("heap", "live")

    def __init__(self) -> None:
        self.heap: list[Waiting] = []
        self.live = 0

    def join(self, entry: Entry) -> None:
        """At its place."""
        self.live += 1
        heappush(self.heap, (entry.key, entry.stamp, entry))

    def sweep(self) -> None:
        """Some of the line went (their stamps have moved on): clean up when it pays."""
        if len(self.heap) > 2 * self.live + SLACK:
            self.heap = [waiting for waiting in self.heap if waiting[2].stamp == waiting[1]]
            heapify(self.heap)

    def head(self) -> Waiting | None:
        """The first that still waits."""
        heap = self.heap
        while heap:
            first = heap[0]
            if first[2].stamp == first[1]:
                return first
            heappop(heap)
        return None
