"""The obvious router, for the bench to compare with: it keeps no index and looks through all that waits, and through everybody.

Knows what the bench's conversations ask for and no more: skills with levels, units, oldest first, longest idle first.
"""

from __future__ import annotations

from collections.abc import Iterable

from router.inputs import Colleague, Item
from router.needs import Need, wants


class Scan:
    """Who waits, who holds what, and since when everybody is idle."""

    def __init__(self, people: Iterable[Colleague], waiting: Iterable[Item], held: Iterable[Item]) -> None:
        self.people = {person.id: person for person in people}
        self.idle = {person.id: person.idle_since for person in self.people.values()}
        self.left = {person.id: person.capacity for person in self.people.values()}
        self.waiting = {item.id: (item, wants(item.need).every) for item in waiting}
        self.holders: dict[str, tuple[str, int]] = {}
        for item in held:
            self.holders[item.id] = (item.assignee, item.units)
            self.left[item.assignee] -= item.units

    def gone(self, ident: str, now: float) -> list[tuple[str, str]]:
        """Resolved: whoever had it takes what waits longest of what they can, while there is room. Pairs of item and agent."""
        agent, units = self.holders.pop(ident)
        self.left[agent] += units
        given = []
        while able := [item for item, need in self.waiting.values() if self._can(agent, item, need)]:
            item = min(able, key=lambda one: (one.waiting_since, one.id))
            del self.waiting[item.id]
            given.append(self._give(item, agent, now))
        return given

    def came(self, item: Item, now: float) -> list[tuple[str, str]]:
        """Arrived: whoever is idle longest of those who can takes it, or it waits."""
        need = wants(item.need).every
        able = [agent for agent in self.people if self._can(agent, item, need)]
        if able:
            return [self._give(item, min(able, key=lambda agent: (self.idle[agent], agent)), now)]
        self.waiting[item.id] = (item, need)
        return []

    def _can(self, agent: str, item: Item, need: tuple[Need, ...]) -> bool:
        skills = self.people[agent].skills
        return item.units <= self.left[agent] and all(skills.get(one.skill, 0) >= one.level for one in need)

    def _give(self, item: Item, agent: str, now: float) -> tuple[str, str]:
        self.left[agent] -= item.units
        self.idle[agent] = max(self.idle[agent], now)
        self.holders[item.id] = (agent, item.units)
        return (item.id, agent)
