"""Who gets an event: seats indexed by what lets them see, so that nothing is asked of a seat that may not see it. Pure.

The index is `policy.sees` turned around: a test compares the two for every kind of person and scope.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from inbox.live.seat import Seat
from inbox.policy import Person
from stream.events import Scope

NOBODY: frozenset[Seat] = frozenset()
Index = dict[str, set[Seat]]


class Audience:
    """The seats that take part, and who of them sees a scope."""

    def __init__(self) -> None:
        self.all: set[Seat] = set()
        self._workspaces: Counter[str] = Counter()
        self._everything: set[Seat] = set()
        self._unrouted: set[Seat] = set()
        self.by_login: Index = defaultdict(set)
        self._by_queue: Index = defaultdict(set)
        self._by_team: Index = defaultdict(set)
        self._by_person: Index = defaultdict(set)

    def add(self, seat: Seat) -> None:
        """Let a seat take part."""
        if seat not in self.all:
            self._workspaces[seat.person.workspace] += 1
        self.all.add(seat)
        for index, key in self._places(seat.person):
            index[key].add(seat)
        if seat.person.role == "admin" or seat.person.everything:
            self._everything.add(seat)
        if seat.person.role == "supervisor":
            self._unrouted.add(seat)

    def remove(self, seat: Seat) -> None:
        """It no longer takes part; harmless when it did not."""
        if seat in self.all:
            self._workspaces[seat.person.workspace] -= 1
            self._workspaces += Counter()  # without those that nobody is in
        for whole in (self.all, self._everything, self._unrouted):
            whole.discard(seat)
        for index, key in self._places(seat.person):
            index[key].discard(seat)
            if not index[key]:
                del index[key]

    def _places(self, person: Person) -> Iterator[tuple[Index, str]]:
        yield self.by_login, person.login
        for queue in person.queues:
            yield self._by_queue, queue
        if person.role == "supervisor":
            for team in person.teams:
                yield self._by_team, team
            for login in person.people:
                yield self._by_person, login

    def of(self, scope: Scope) -> set[Seat]:
        """The seats that see a conversation with these facts (a new set)."""
        found = set(self._everything)
        for index, key in (
            (self.by_login, scope.assignee),
            (self.by_login, scope.offered),
            (self._by_person, scope.assignee),
            (self._by_team, scope.team),
        ):
            if key and key in index:
                found |= index[key]
        for login in (*scope.named, *scope.also) if scope.also else scope.named:
            found |= self.by_login.get(login, NOBODY)
        if scope.waiting:
            found |= self._by_queue.get(scope.queue, NOBODY) if scope.queue else self._unrouted
        if len(self._workspaces) == 1 and scope.workspace in self._workspaces:
            return found
        return {seat for seat in found if seat.person.workspace == scope.workspace}
