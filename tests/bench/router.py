"""The engine alone: decisions a second with 100,000 waiting, records on, beside a loop of `heapq` that tells how fast this machine is.

A decision is an input that ends in an offer with its record: a conversation is resolved, so somebody has room, and the first in line
that fits them is offered to them. Each comes with the conversation that arrives in its stead and waits; `decisions_s` counts the time
of both inputs, and so do the latencies. `with_accept_s` counts the third input too, the news that the offer was accepted, and
`told_s` all that and the writing out of every record as what is stored (the engine lays down what the record refers to, and it is
written out when somebody reads it). `naive_s` is the obvious engine of the tests with 20,000 waiting, and `times_naive` how often the
engine does what that does once, at the same size.

Times are of this process's CPU, and of the engine alone: what makes up the conversations is not counted. Prints one JSON line per shape.
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
from typing import NamedTuple

import msgspec

from router import inputs
from router.decisions import Offer
from router.engine import Engine
from router.inputs import Colleague, Item
from router.items import Phase
from router.plan import Channel, Plan, Queue
from router.submitting import trimmed
from tests.bench.scanning import Scan

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


class Event(NamedTuple):
    """What happened at a moment: the conversation that was resolved, the one that came, and who was offered what."""

    at: float
    gone: str
    came: Item
    given: list[tuple[str, str]]


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
        self.now, self.made, self.heard, self.version = START, 0, 0, 1
        self.held: list[Item] = []
        self.offers: list[Offer] = []
        self.latencies: list[float] = []
        self.accepting = self.writing = 0.0
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

    def tell(self, *news: inputs.Input) -> float:
        """Tell the engine; note its offers, to be accepted. The seconds that it took."""
        handle, now, decided = self.engine.handle, self.now, []
        self.heard += len(news)
        started = time.process_time()
        for told in news:
            decided += handle(told, now)
        spent = time.process_time() - started
        self.offers += [one for one in decided if isinstance(one, Offer)]
        return spent

    def accept(self) -> float:
        """Everything offered is accepted: the seconds that the engine took to hear of it."""
        accepted: list[inputs.Input] = []
        for offer in self.offers:
            self.version += 1
            item = replace(
                self.engine.board.entries[offer.id].item,
                assignee=offer.agent,
                waiting_since=0.0,
                place=self.now,
                version=self.version,
            )
            self.held.append(item)
            accepted.append(inputs.ItemChanged(item, self.now))
        return self.tell(*accepted)

    def item(self) -> Item:
        """A conversation that waits."""
        self.now += 0.001
        self.version += 1
        chat = self.rng.random() < 1 / 3
        return Item(
            id=f"c{self.version:08d}", connector="chat" if chat else "mail", queue="q", units=3 if chat else 1,
            need=self.rng.choice(self.needs), waiting_since=self.now, place=self.now, version=self.version,
        )  # fmt: skip

    def fill(self, waiting: int) -> None:
        """Let so many wait, and whoever can have something have it."""
        while self.engine.board.waiting < waiting:
            self.tell(inputs.ItemChanged(self.item(), self.now))
            self.accept()
            self.offers.clear()

    def event(self) -> Event:
        """Somebody is done with one, and another one arrives."""
        at = self.rng.randrange(len(self.held))
        self.held[at], self.held[-1] = self.held[-1], self.held[at]
        done, fresh = inputs.ItemGone(self.held.pop().id), inputs.ItemChanged(self.item(), self.now)
        self.latencies.append(self.tell(done, fresh))
        self.made += len(self.offers)
        self.accepting += self.accept()
        self.writing += self.write_out()
        given = [(offer.id, offer.agent) for offer in self.offers]
        self.offers.clear()
        return Event(self.now, done.id, fresh.item, given)

    def write_out(self) -> float:
        """Every record as it is stored."""
        started = time.process_time()
        for offer in self.offers:
            msgspec.json.encode(trimmed(offer.explain))
        return time.process_time() - started


def measure(agents: int, profiles: int, signatures: int, waiting: int, events: int) -> dict[str, float]:
    """One shape, beside what the machine does before and after."""
    before = calibration(100_000)
    office = Office(agents, profiles, signatures)
    office.fill(waiting)
    gc.collect()
    gc.freeze()
    for _ in range(events):
        office.event()
    gc.unfreeze()
    speed = (before + calibration(100_000)) / 2
    spent = sum(office.latencies)
    ordered = sorted(office.latencies)
    return {
        "agents": agents, "profiles": profiles, "signatures": signatures, "waiting": office.engine.board.waiting,
        "heapq_ops_s": round(speed), "heapq_ops_a_decision": round(speed * spent / office.made, 1),
        "decisions_s": round(office.made / spent), "with_accept_s": round(office.made / (spent + office.accepting)),
        "told_s": round(office.made / (spent + office.accepting + office.writing)), "p50_us": round(ordered[len(ordered) // 2] * 1e6, 1),
        "p99_us": round(ordered[int(len(ordered) * 0.99)] * 1e6, 1), "p999_us": round(ordered[int(len(ordered) * 0.999)] * 1e6, 1),
    }  # fmt: skip


def naive(waiting: int, events: int) -> dict[str, float]:
    """The engine and the obvious router side by side, at the first shape: decisions a second of both, which have to be the same ones."""
    office = Office(*SHAPES[0][:3])
    office.fill(waiting)
    board = office.engine.board
    queued = [entry.item for entry in board.entries.values() if entry.phase is Phase.WAITING]
    scan = Scan([agent.facts for agent in board.agents.values()], queued, office.held)
    gc.collect()
    gc.freeze()
    day = [office.event() for _ in range(events)]
    started = time.process_time()
    for event in day:
        given = scan.gone(event.gone, event.at) + scan.came(event.came, event.at)
        assert given == event.given, (given, event.given)
    spent = time.process_time() - started
    gc.unfreeze()
    fast = office.made / sum(office.latencies)
    return {
        "waiting": board.waiting,
        "naive_s": round(office.made / spent),
        "decisions_s": round(fast),
        "times_naive": round(fast * spent / office.made),
    }


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
    """What `events` events told to the engine leave in memory, beside as many that went before: blocks that Python holds, its own counts."""
    office = Office(100, 20, 40)
    office.only_what_somebody_can()
    office.fill(waiting)
    held = []
    for until in (office.heard + events, office.heard + 2 * events):
        while office.heard < until:
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
        "naive": naive(2_000 if quick else 20_000, 100 if quick else 500),
        "flat": flat(events // 2) if not quick else {},
        "growth": growth(1_000 if quick else 50_000),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
