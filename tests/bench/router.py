"""The engine alone: decisions a second with 100,000 waiting, records on, beside a loop of `heapq` that tells how fast this machine is.

One event is one conversation resolved (somebody has room again: one decision) and one that arrives (it waits). Prints one JSON line.
Times are of this process's CPU, so that whatever else runs on the machine does not count.
`python -m tests.bench.router [--quick]`
"""

from __future__ import annotations

import gc
import json
import platform
import random
import sys
import time
from heapq import heappush, heapreplace

import msgspec

from router import inputs
from router.decisions import Offer
from router.engine import Engine
from router.inputs import Colleague, Item
from router.plan import Channel, Plan, Queue

START = 1_800_000_000.0
SHAPES = (
    (1_000, 100, 150, 50_000),
    (10_000, 300, 300, 30_000),
    (10_000, 2_000, 600, 20_000),
    (10_000, 10_000, 600, 8_000),
)
"""Agents, distinct sets of abilities, distinct needs; and the decisions a second that are asked for."""
replace = msgspec.structs.replace


def calibration(rounds: int = 300_000) -> float:
    """Operations a second on a heap of 100,000 tuples."""
    rng = random.Random(1)
    heap: list[tuple[float, int]] = []
    for number in range(100_000):
        heappush(heap, (rng.random(), number))
    started = time.process_time()
    for number in range(rounds):
        heapreplace(heap, (rng.random(), number))
    return rounds / (time.process_time() - started)


class Office:
    """Agents of so many profiles, conversations of so many signatures, and an engine that is told of them."""

    def __init__(self, agents: int, profiles: int, signatures: int, seed: int = 7) -> None:
        self.rng = random.Random(seed)
        skills = [f"s{number}" for number in range(24)]
        kinds = self.kinds = [self._abilities(skills) for _ in range(profiles)]
        self.needs = [self._need(skills) for _ in range(signatures)]
        plan = Plan(
            queues={"q": Queue(name="q")}, channels={"chat": Channel(weight=3), "mail": Channel(weight=1)}
        )
        self.engine = Engine(plan)
        self.now, self.made, self.version = START, 0, 1
        self.held: list[Item] = []
        self.latencies: list[float] = []
        self.tell(inputs.Config(plan))
        for number in range(agents):
            self.tell(inputs.AgentChanged(self._agent(number, kinds[number % profiles])))
        self.tell(inputs.Begin())

    def only_what_somebody_can(self) -> None:
        """Let nothing come that nobody could ever have: it would only gather."""
        wanted = [[part.split(">=") for part in need] for need in self.needs]
        self.needs = [
            tuple(">=".join(part) for part in need)
            for need in wanted
            if any(all(kind.get(name, 0) >= int(level) for name, level in need) for kind in self.kinds)
        ]

    def _abilities(self, skills: list[str]) -> dict[str, int]:
        return {name: self.rng.randint(1, 5) for name in self.rng.sample(skills, self.rng.randint(2, 6))}

    def _need(self, skills: list[str]) -> tuple[str, ...]:
        return tuple(
            f"{name}>={self.rng.randint(1, 3)}" for name in self.rng.sample(skills, self.rng.randint(1, 2))
        )

    @staticmethod
    def _agent(number: int, skills: dict[str, int]) -> Colleague:
        return Colleague(
            id=f"a{number:05d}", queues=("q",), skills=skills, status="online", idle_since=START + number
        )

    def tell(self, told: inputs.Input) -> None:
        """Tell the engine; offers are accepted."""
        for decision in self.engine.handle(told, self.now):
            if isinstance(decision, Offer):
                entry = self.engine.board.entries[decision.id]
                self.version += 1
                item = replace(
                    entry.item,
                    assignee=decision.agent,
                    waiting_since=0.0,
                    place=self.now,
                    version=self.version,
                )
                self.held.append(item)
                self.made += 1

    def item(self) -> Item:
        """A conversation that waits."""
        self.now += 0.001
        self.version += 1
        chat = self.rng.random() < 1 / 3
        return Item(
            id=f"c{self.version:08d}", connector="chat" if chat else "mail", queue="q", units=3 if chat else 1,
            need=self.rng.choice(self.needs), waiting_since=self.now, place=self.now, version=self.version,
        )  # fmt: skip

    def settle(self) -> None:
        """Let the engine hear that what it decided was accepted."""
        while self.held and self.engine.board.entries[self.held[-1].id].phase.value == "reserved":
            self.engine.handle(inputs.ItemChanged(self.held[-1], self.now), self.now)
            self.held.insert(self.rng.randrange(len(self.held)), self.held.pop())

    def event(self) -> None:
        """Somebody is done with one, and another one arrives."""
        done = self.held.pop(self.rng.randrange(len(self.held)))
        started = time.process_time()
        self.tell(inputs.ItemGone(done.id))
        self.tell(inputs.ItemChanged(self.item(), self.now))
        self.latencies.append(time.process_time() - started)
        fresh = [
            item for item in self.held[-8:] if self.engine.board.entries[item.id].phase.value == "reserved"
        ]
        for item in fresh:
            self.engine.handle(inputs.ItemChanged(item, self.now), self.now)


def measure(agents: int, profiles: int, signatures: int, waiting: int, events: int) -> dict[str, float]:
    """One shape, beside what the machine does before and after."""
    before = calibration(100_000)
    office = Office(agents, profiles, signatures)
    while office.engine.board.waiting < waiting:
        office.tell(inputs.ItemChanged(office.item(), office.now))
    for item in list(office.held):
        office.engine.handle(inputs.ItemChanged(item, office.now), office.now)
    gc.collect()
    gc.freeze()
    office.made = 0
    for _ in range(events):
        office.event()
    gc.unfreeze()
    speed = (before + calibration(100_000)) / 2
    spent = sum(office.latencies)
    ordered = sorted(office.latencies)
    return {
        "agents": agents, "profiles": profiles, "signatures": signatures, "waiting": office.engine.board.waiting,
        "heapq_ops_s": round(speed), "heapq_ops_a_decision": round(speed * spent / office.made, 1),
        "decisions_s": round(office.made / spent), "p50_us": round(ordered[len(ordered) // 2] * 1e6, 1),
        "p99_us": round(ordered[int(len(ordered) * 0.99)] * 1e6, 1), "p999_us": round(ordered[int(len(ordered) * 0.999)] * 1e6, 1),
    }  # fmt: skip


def flat(events: int) -> dict[str, float]:
    """How much dearer a decision is, in operations of the heap, with 100,000 waiting than with 1,000, and with ten times the agents."""
    few, many = (measure(1_000, 100, 150, waiting, events) for waiting in (1_000, 100_000))
    large = measure(10_000, 100, 150, 100_000, events)
    name = "heapq_ops_a_decision"
    return {
        "by_waiting_x100": round(many[name] / few[name], 2),
        "by_agents_x10": round(large[name] / many[name], 2),
    }


def growth(events: int, waiting: int = 1_000) -> dict[str, float]:
    """What `events` events leave in memory, beside as many that went before: bytes that Python holds, and the engine's own counts."""
    office = Office(100, 20, 40)
    office.only_what_somebody_can()
    while office.engine.board.waiting < waiting:
        office.tell(inputs.ItemChanged(office.item(), office.now))
    for item in list(office.held):
        office.engine.handle(inputs.ItemChanged(item, office.now), office.now)
    held = []
    for _ in range(2):
        for _ in range(events):
            office.event()
            office.latencies.clear()
        gc.collect()
        held.append(
            (sys.getallocatedblocks(), len(office.engine.board.entries), len(office.engine.board.timers))
        )
    return {
        "events": 2 * events,
        "blocks_before": held[0][0],
        "blocks_after": held[1][0],
        "entries": held[1][1],
        "timers": held[1][2],
    }


def main() -> None:
    """Print the line."""
    quick = "--quick" in sys.argv
    waiting, events = (5_000, 2_000) if quick else (100_000, 10_000)
    shapes = SHAPES[:1] if quick else SHAPES
    line = {
        "bench": "router",
        "python": platform.python_version(),
        "heapq_ops_s": round(calibration()),
        "shapes": [
            {**measure(agents, profiles, needs, waiting, events), "target_decisions_s": target}
            for agents, profiles, needs, target in shapes
        ],
        "flat": flat(events // 2) if not quick else {},
        "growth": growth(1_000 if quick else 50_000),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
