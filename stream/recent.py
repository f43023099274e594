"""Rows that the last groups looked at or changed, kept by whoever is the only one to write: the next group need not read them again.

Valid as long as the head that is read first in every append is the one that stood after the last: somebody else's append, or a backup
that was restored, empties it. A transaction that fails empties it, too. Only what nothing but an append changes is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from stream.decide.draft import World
from stream.decide.needs import Needs
from stream.fold import Key
from stream.model import Entity

LIMIT = 20_000
"""Rows, and as many keys of either kind; past it the oldest half goes."""
KINDS = frozenset({"conversation", "identity", "contact", "agent"})


class Recent:
    """Conversations, identities, contacts and agents by key; conversations by thread; identities by look-up digest."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self.head = -1
        self.rows: dict[Key, Entity] = {}
        self.threads: dict[tuple[str, str], str] = {}
        self.lookups: dict[str, str] = {}

    def begin(self, head: int) -> None:
        """Begin an append at `head`: what is here counts only if nobody else has appended meanwhile."""
        if head != self.head:
            self.clear()

    def give(self, wanted: Needs, world: World) -> None:
        """Fill `world` with what is here of `wanted`, and take it off the list."""
        world.rows.update(_taken(self.rows, wanted.rows))
        world.threads.update(_taken(self.threads, wanted.threads))
        world.lookups.update(_taken(self.lookups, wanted.lookups))

    def keep(self, world: World) -> None:
        """The append ends with this; `clear` takes it back if its transaction fails."""
        self.head = world.head
        for key, row in world.rows.items():
            if row is not None and key[0] in KINDS:
                self.rows[key] = row
        self.threads.update(world.threads)
        self.lookups.update(world.lookups)
        for table in self._tables():
            if len(table) > self._limit:
                for key in list(islice(table, self._limit // 2)):
                    del table[key]

    def clear(self) -> None:
        """Nothing here counts."""
        self.head = -1
        for table in self._tables():
            table.clear()

    def _tables(self) -> Iterable[dict[Any, Any]]:
        return self.rows, self.threads, self.lookups


def _taken(table: dict[Any, Any], asked: set[Any]) -> dict[Any, Any]:
    found = {key: table[key] for key in asked if key in table}
    asked.difference_update(found)
    return found
