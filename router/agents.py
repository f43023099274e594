"""Agents while the engine knows them: what they hold, whether they have room, and who of a profile goes next.

For every size of work and every profile there is a pool: a heap of the agents who have room for it, longest idle first. `free` says
by one bitmask per size which profiles have anybody.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from heapq import heapify, heappop, heappush
from typing import Any, Literal

from router.inputs import Colleague
from router.profiles import Classes, Profile, Signature, bits

Rank = tuple[Any, ...]
"""(0 when seen connected, what the ranking asks for, id): a total order; the least goes next. Most often (0, idle since, id)."""

Seen = Literal["connected", "presumed", "awaited", "gone"]
ABSENT = ("awaited", "gone")
"""Nobody tells of a connection: nothing is offered."""
SLACK = 16


class Agent:
    """`load` and `held` count what is assigned, offered and decided; `offers` has when each open offer was made.

    `limit` is their capacity by now, `off` why they are not on duty, `wrapping` until when they are left alone after a conversation.
    `by_kind` has the units per connector, where some kinds of work yield to others.

    `stamp` moves on with the rank; `gone_stamp` with the connection and status. `fits` are the sizes (bits) they have room for.
    """

    __slots__ = (
        "away", "by_kind", "caps", "counted", "facts", "fits", "given_at", "gone_stamp", "held", "items", "limit", "load", "lost", "off",
        "offers", "profile", "ranks", "seen", "silent", "stamp", "wrapping", "yielding",
    )  # fmt: skip

    def __init__(self, facts: Colleague, profile: Profile) -> None:
        self.facts = facts
        self.profile = profile
        self.caps: dict[str, int] = {}
        self.load = 0
        self.by_kind: dict[str, int] = {}
        self.yielding: Mapping[str, tuple[str, ...]] = {}
        self.limit = facts.capacity
        self.off = ""
        self.wrapping = 0.0
        self.held: dict[str, int] = {}
        self.items: set[str] = set()
        self.offers: dict[str, float] = {}
        self.seen: Seen = "presumed"
        self.silent = 0
        self.away = False
        self.lost = False
        self.counted = (False, False)
        self.fits = 0
        self.stamp = 0
        self.gone_stamp = 0
        self.given_at = 0.0
        self.ranks: list[Rank] = []

    def __lt__(self, other: Agent) -> bool:
        """Two entries of one agent in a heap are equal: their order does not matter."""
        return False

    @property
    def available(self) -> bool:
        """Takes new work at all (whether there is room is another question)."""
        facts = self.facts
        if facts.status != "online" or not facts.active:
            return False
        return facts.bot or not (self.away or self.off or self.wrapping or self.seen in ABSENT)

    @property
    def gone(self) -> bool:
        """Nobody is there: live conversations are given back after the grace time."""
        return (self.seen == "gone" and not self.facts.bot) or self.facts.status == "offline"

    def since(self) -> float:
        """Idle since: their last work, or their newest open offer."""
        return max(self.facts.idle_since, *self.offers.values()) if self.offers else self.facts.idle_since

    def turn(self) -> float:
        """When they were last given anything."""
        given = max(self.given_at, self.facts.given_at) or self.facts.idle_since
        return max(given, *self.offers.values()) if self.offers else given

    def rank(self, words: tuple[str, ...]) -> Rank:
        """Their rank by these words."""
        seen = 0 if self.seen == "connected" else 1
        return (seen, *(_OWN[word](self) for word in words), self.facts.id)

    def room(self, units: int, connector: str) -> bool:
        """Whether so much more fits."""
        cap = self.caps.get(connector)
        load = self.load - self.yields(connector) if self.yielding else self.load
        return load + units <= self.limit and (cap is None or self.held.get(connector, 0) < cap)

    def yields(self, connector: str) -> int:
        """Units of theirs that do not count for work of this connector."""
        return sum(self.by_kind.get(kind, 0) for kind in self.yielding.get(connector, ()))

    def hold(self, item: str, units: int, connector: str, *, counts: bool = True) -> None:
        """Count an item as theirs; one that rests is theirs and takes nothing."""
        self.items.add(item)
        if not counts:
            return
        self.load += units
        if self.yielding:
            self.by_kind[connector] = self.by_kind.get(connector, 0) + units
        self.held[connector] = self.held.get(connector, 0) + 1

    def release(self, item: str, units: int, connector: str, *, counts: bool = True) -> None:
        """It is no longer theirs."""
        self.items.discard(item)
        self.offers.pop(item, None)
        if not counts:
            return
        self.load -= units
        if self.yielding:
            self.by_kind[connector] -= units
        self.held[connector] -= 1


_IDLE = ("longest_idle",)
_OWN: dict[str, Callable[[Agent], float]] = {
    "longest_idle": Agent.since,
    "round_robin": Agent.turn,
    "spare": lambda agent: agent.load - agent.limit,
    "fullest": lambda agent: agent.limit - agent.load,
}


class Pool:
    """The agents of one profile with room for one size; lazily cleaned like a line."""

    __slots__ = ("heap", "live")

    def __init__(self) -> None:
        self.heap: list[tuple[Rank, int, Agent]] = []
        self.live = 0


class Pools:
    """All pools. `refresh` is called after every change of an agent.

    `_changes` counts how often somebody came to have room or had none any more.
    `_steps` are the units that there are, least first; `_fitting` has the sizes (bits) below the first, up to the first, and so on.
    """

    __slots__ = (
        "_changes", "_fitting", "_idle", "_pools", "_ranking", "_rankings", "_steps", "classes", "free",
    )  # fmt: skip

    def __init__(self, classes: Classes) -> None:
        self.classes = classes
        self.free: list[int] = []
        self._pools: list[dict[int, Pool]] = []
        self._changes = 0
        self._steps: list[int] = []
        self._fitting: list[int] = [0]
        self._rankings: list[tuple[str, ...]] = []
        self._ranking: list[int] = []
        self._idle = False

    def grow(self) -> bool:
        """Whether a size was seen for the first time: then every agent has to be refreshed."""
        new = len(self.classes.sizes) - len(self.free)
        self.free.extend([0] * new)
        self._pools.extend({} for _ in range(new))
        self._steps = sorted({size[0] for size in self.classes.sizes})
        self._fitting = [0, *map(self._up_to, self._steps)]
        self._rankings = list(self.classes.rankings)
        self._idle = self._rankings == [_IDLE]
        self._ranking = [self.classes.rankings[size[2]] for size in self.classes.sizes]
        return new > 0

    def _up_to(self, left: int) -> int:
        """The sizes (bits) of at most so many units."""
        return sum(1 << index for index, size in enumerate(self.classes.sizes) if size[0] <= left)

    def refresh(self, agent: Agent) -> int:
        """Put the agent where they belong now; the sizes (bits) that they can take more of than before."""
        return self.place(agent, self.fits(agent))

    def place(self, agent: Agent, new: int) -> int:
        """Like `refresh`, for somebody who has room for the sizes `new` (bits). Who has none is not ranked."""
        old = agent.fits
        if not old and not new:
            return 0
        ranks = self.ranks(agent)
        moved = ranks != agent.ranks
        if moved:
            agent.ranks = ranks
            agent.stamp += 1
        agent.fits = new
        if (moved and new) or new != old:
            self._move(agent, old, new, moved=moved)
        return new & ~old

    def ranks(self, agent: Agent) -> list[Rank]:
        """Their rank by each of the rankings that there are."""
        if self._idle:
            since = agent.since() if agent.offers else agent.facts.idle_since
            return [(0 if agent.seen == "connected" else 1, since, agent.facts.id)]
        return [agent.rank(words) for words in self._rankings]

    def fits(self, agent: Agent) -> int:
        """The sizes (bits) that they have room for."""
        if not agent.counted[1]:
            return 0
        left = agent.limit - agent.load
        if not agent.caps and not agent.yielding:
            return self._fitting[bisect_right(self._steps, left)]
        mask, bit, caps, held = 0, 1, agent.caps, agent.held
        for units, connector, _ in self.classes.sizes:
            fits = units <= left or (agent.yielding and units <= left + agent.yields(connector))
            if fits:
                cap = caps.get(connector)
                if cap is None or held.get(connector, 0) < cap:
                    mask |= bit
            bit <<= 1
        return mask

    def _move(self, agent: Agent, old: int, new: int, *, moved: bool) -> None:
        profile, bit = agent.profile.index, 1
        for index, pools in enumerate(self._pools):
            if (old | new) & bit:
                pool = pools.get(profile) or self._open(index, profile)
                if new & bit and (moved or not old & bit):
                    heappush(pool.heap, (agent.ranks[self._ranking[index]], agent.stamp, agent))
                if (old ^ new) & bit:
                    self._count(pool, index, agent.profile, 1 if new & bit else -1)
                if len(pool.heap) > 2 * pool.live + SLACK:
                    self._sweep(pool, bit)
            bit <<= 1

    def _count(self, pool: Pool, index: int, profile: Profile, change: int) -> None:
        before, pool.live = pool.live, pool.live + change
        self._changes += 1
        if not before or not pool.live:
            self.free[index] ^= 1 << profile.index
            profile.room ^= 1 << index

    @staticmethod
    def _sweep(pool: Pool, bit: int) -> None:
        valid = {
            agent.facts.id: (rank, stamp, agent)
            for rank, stamp, agent in pool.heap
            if stamp == agent.stamp and agent.fits & bit
        }
        pool.heap = list(valid.values())
        heapify(pool.heap)

    def able(self, signature: Signature) -> int:
        """How many could take what waits under a signature now; worked out again only when somebody's room has changed."""
        stamp, count = signature.able
        if stamp != self._changes:
            pools, fitting = (
                self._pools[signature.size_index],
                signature.profiles & self.free[signature.size_index],
            )
            count = sum(pools[profile].live for profile in bits(fitting))
            signature.able = (self._changes, count)
        return count

    def withdraw(self, agent: Agent) -> None:
        """Take the agent out of every pool (before their profile changes)."""
        old, agent.fits = agent.fits, 0
        agent.stamp += 1
        self._move(agent, old, 0, moved=False)

    def _open(self, index: int, profile: int) -> Pool:
        pool = self._pools[index][profile] = Pool()
        return pool

    def top(self, index: int, profile: int, excluded: frozenset[str]) -> Agent | None:
        """Who of a pool goes next, leaving `excluded` out."""
        pool = self._pools[index].get(profile)
        heap = pool.heap if pool is not None else []
        aside: list[tuple[Rank, int, Agent]] = []
        found: Agent | None = None
        bit = 1 << index
        while heap:
            _, stamp, agent = heap[0]
            if stamp != agent.stamp or not agent.fits & bit:
                heappop(heap)
            elif agent.facts.id in excluded:
                aside.append(heappop(heap))
            else:
                found = agent
                break
        for left_out in aside:
            heappush(heap, left_out)
        return found
