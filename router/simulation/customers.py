"""Who takes part in a run: customers, and agents with what they are working on."""

from __future__ import annotations

from router.simulation.model import Group, Kind


class Customer:
    """`number` counts arrivals; `place` is the row in the tally (-1: not counted). `agent` is who serves them, once `began`."""

    __slots__ = ("agent", "arrived", "began", "ident", "index", "kind", "left", "place", "work")

    def __init__(self, ident: str, index: int, kind: Kind, arrived: float, work: float) -> None:
        self.ident = ident
        self.index = index
        self.kind = kind
        self.arrived = arrived
        self.work = work
        self.place = -1
        self.began = -1.0
        self.left = False
        self.agent: Worker | None = None


class Worker:
    """An agent. `running` has what remains of each conversation at time `at`; `stamp` moves on with every change of speed."""

    __slots__ = ("at", "group", "group_index", "ident", "index", "running", "stamp")

    def __init__(self, ident: str, index: int, group: Group, group_index: int) -> None:
        self.ident = ident
        self.index = index
        self.group = group
        self.group_index = group_index
        self.running: dict[Customer, float] = {}
        self.at = 0.0
        self.stamp = 0

    def advance(self, now: float) -> None:
        """Work at the present speed, shared equally, until now."""
        speed = self.pace()
        if speed:
            passed = (now - self.at) * speed
            for customer in self.running:
                self.running[customer] -= passed
        self.at = now

    def pace(self) -> float:
        """The speed at which each conversation moves on."""
        count = len(self.running)
        if not count or self.group.speed is None:
            return 1.0 if count else 0.0
        return self.group.speed[count - 1] / count

    def next_done(self) -> tuple[float, Customer] | None:
        """When the first of them will be finished if nothing changes."""
        if not self.running:
            return None
        customer = min(self.running, key=self.running.__getitem__)
        return self.at + max(0.0, self.running[customer]) / self.pace(), customer


def workers(groups: tuple[Group, ...]) -> list[Worker]:
    """All agents, in the order of the file."""
    found: list[Worker] = []
    for number, group in enumerate(groups):
        found += [
            Worker(
                f"{group.name}-{each:05d}" if group.count > 1 else group.name,
                len(found) + each,
                group,
                number,
            )
            for each in range(group.count)
        ]
    return found
