"""The times that rules wait for: a conversation waits, is not answered, or its customer is silent for so long. Pure: the clock comes in.

Every conversation has one moment of each kind from which its times count; a newer one takes the place of the older. What falls due is
looked at again by whoever asked, against the conversation as it is then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush

import msgspec

from router.acting import TIMED
from stream.model import Conversation

SLACK = 1_000
"""Entries that have lost their meaning before the heap is cleaned, beside as many as have one."""


class Alarm(msgspec.Struct, frozen=True, order=True):
    """It rings at `due` for what `began`, so many seconds `after`."""

    due: float
    conversation: str
    kind: str
    after: float
    began: float


class Alarms:
    """`times` are the seconds to wait for, by kind."""

    def __init__(self, times: Mapping[str, Sequence[float]]) -> None:
        self._times = times
        self._began: dict[tuple[str, str], float] = {}
        self._heap: list[Alarm] = []

    def __len__(self) -> int:
        return len(self._heap)

    def begin(self, conversation: str, kind: str, at: float, since: float = 0.0) -> None:
        """From `at` on its time counts; what would have rung at or before `since` has rung."""
        wanted = self._times.get(kind)
        if not wanted or self._began.get((conversation, kind)) == at:
            return
        self._began[(conversation, kind)] = at
        for after in wanted:
            if at + after > since:
                heappush(self._heap, Alarm(at + after, conversation, kind, after, at))
        if len(self._heap) > 2 * len(self._began) * max(1, len(wanted)) * len(TIMED) + SLACK:
            self._heap = [one for one in self._heap if self._lives(one)]
            heapify(self._heap)

    def know(self, row: Conversation, since: float) -> None:
        """Everything that follows from a row."""
        for kind in TIMED:
            at = began(row, kind)
            if at:
                self.begin(row.id, kind, at, since)

    def forget(self, conversation: str) -> None:
        """It is resolved."""
        for kind in TIMED:
            self._began.pop((conversation, kind), None)

    def next(self) -> float | None:
        """When the next one rings."""
        while self._heap and not self._lives(self._heap[0]):
            heappop(self._heap)
        return self._heap[0].due if self._heap else None

    def ring(self, now: float) -> list[Alarm]:
        """All that are due."""
        found: list[Alarm] = []
        while self._heap and self._heap[0].due <= now:
            one = heappop(self._heap)
            if self._lives(one):
                found.append(one)
        return found

    def _lives(self, one: Alarm) -> bool:
        return self._began.get((one.conversation, one.kind)) == one.began


def began(row: Conversation, kind: str) -> float:
    """Since when a time of this kind counts for a conversation as it is; 0.0: it does not."""
    if row.status != "open" or row.spam:
        return 0.0
    if kind == "waiting":
        return row.waiting_since if not row.assignee else 0.0
    if kind == "no_reply":
        return row.last_customer_at if row.last_customer_at > row.last_agent_at else 0.0
    return row.last_agent_at if row.last_agent_at > row.last_customer_at else 0.0
