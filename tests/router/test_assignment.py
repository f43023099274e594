"""How near the choices come to the best that there is when many meet many at once, and how evenly they load people. Optima by plain algorithms."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Sequence

import pytest

from router import inputs
from router.decisions import Push
from router.engine import Engine
from router.inputs import Colleague, Item
from router.plan import Channel, Plan, Queue
from router.simulation.play import play
from tests.router.simulation.models import group, kind, model

NOON = 1_772_625_600.0
Abilities = frozenset[str]


def assigned(
    pick: tuple[str, ...], agents: Sequence[dict[str, int]], needs: Sequence[tuple[str, ...]]
) -> list[tuple[int, int]]:
    """Everybody comes at once, each can have one: who got what, as numbers (agent, item)."""
    plan = Plan(queues={"q": Queue(name="q")}, channels={"chat": Channel(give="push")}, pick=pick)
    engine = Engine(plan)
    for number, skills in enumerate(agents):
        facts = Colleague(
            id=f"{number:05d}",
            queues=("q",),
            skills=skills,
            capacity=1,
            status="online",
            idle_since=NOON - number,
        )
        engine.handle(inputs.AgentChanged(facts), NOON)
    for number, need in enumerate(needs):
        item = Item(
            id=f"{number:05d}",
            connector="chat",
            queue="q",
            need=need,
            waiting_since=NOON + number,
            place=NOON + number,
            version=1,
        )
        engine.handle(inputs.ItemChanged(item), NOON)
    decided = engine.handle(inputs.Begin(), NOON + len(needs))
    return [(int(one.agent), int(one.id)) for one in decided if isinstance(one, Push)]


def most(agents: Sequence[Abilities], needs: Sequence[str]) -> int:
    """The size of a maximum matching: the greatest flow from kinds of agents to skills, along shortest augmenting paths."""
    left: dict[tuple[object, object], int] = {}
    for kind_of, count in Counter(agents).items():
        left["source", kind_of] = count
        left.update({(kind_of, skill): len(agents) for skill in kind_of})
    left.update({(skill, "sink"): count for skill, count in Counter(needs).items()})
    ways: dict[object, list[object]] = {}
    for one, other in list(left):
        left.setdefault((other, one), 0)
        ways.setdefault(one, []).append(other)
        ways.setdefault(other, []).append(one)
    total = 0
    while path := _path(left, ways):
        room = min(left[edge] for edge in path)
        for one, other in path:
            left[one, other] -= room
            left[other, one] += room
        total += room
    return total


def _path(
    left: dict[tuple[object, object], int], ways: dict[object, list[object]]
) -> list[tuple[object, object]]:
    before: dict[object, object] = {"source": None}
    line: deque[object] = deque(["source"])
    while line and "sink" not in before:
        here = line.popleft()
        for there in ways[here]:
            if there not in before and left[here, there]:
                before[there] = here
                line.append(there)
    path: list[tuple[object, object]] = []
    here = "sink" if "sink" in before else None
    while here is not None and before[here] is not None:
        path.append((before[here], here))
        here = before[here]
    return path


def crowd(size: int, seed: int) -> tuple[list[Abilities], list[str]]:
    """As many agents as items, a tenth as many kinds of agents of two to four skills, one skill asked for."""
    rng = random.Random(seed)
    skills = [f"s{number}" for number in range(24)]
    kinds = [frozenset(rng.sample(skills, rng.randint(2, 4))) for _ in range(size // 10)]
    return [rng.choice(kinds) for _ in range(size)], [rng.choice(skills) for _ in range(size)]


def share(size: int, seed: int, pick: tuple[str, ...]) -> float:
    """What is assigned at once, of what could be."""
    agents, needs = crowd(size, seed)
    given = assigned(pick, [dict.fromkeys(one, 1) for one in agents], [(need,) for need in needs])
    assert len({agent for agent, _ in given}) == len({item for _, item in given}) == len(given)
    assert all(needs[item] in agents[agent] for agent, item in given)
    return len(given) / most(agents, needs)


@pytest.mark.parametrize("seed", range(4))
def test_who_is_least_needed_elsewhere_leaves_next_to_nothing_undone(seed: int) -> None:
    """Choosing so, one after the other, what can be assigned at once is: FIFO and one look ahead against a maximum matching."""
    assert share(200, seed, ("opportunity",)) >= 0.995


@pytest.mark.soak
def test_so_it_does_with_a_thousand() -> None:
    shares = [share(1_000, seed, ("opportunity",)) for seed in range(12)]
    print(f"of a maximum matching: {shares}")
    assert min(shares) >= 0.995


def best_levels(worth: Sequence[Sequence[int]]) -> int:
    """The greatest sum when every row has a column of its own (the Hungarian method: shortest augmenting paths with prices)."""
    rows, columns = len(worth), len(worth[0])
    above, below = [0] * (rows + 1), [0] * (columns + 1)
    held, back = [0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        held[0], here = row, 0
        least, done = [10**9] * (columns + 1), [False] * (columns + 1)
        while held[here]:
            done[here], owner, gap, then = True, held[here], 10**9, 0
            for column in range(1, columns + 1):
                if not done[column]:
                    price = -worth[owner - 1][column - 1] - above[owner] - below[column]
                    if price < least[column]:
                        least[column], back[column] = price, here
                    if least[column] < gap:
                        gap, then = least[column], column
            for column in range(columns + 1):
                if done[column]:
                    above[held[column]] += gap
                    below[column] -= gap
                else:
                    least[column] -= gap
            here = then
        while here:
            held[here], here = held[back[here]], back[here]
    return sum(worth[held[column] - 1][column - 1] for column in range(1, columns + 1) if held[column])


@pytest.mark.parametrize("seed", range(3))
def test_the_most_proficient_come_near_to_the_best_that_all_could_have(seed: int) -> None:
    """Four agents to each conversation: one after the other, each its best, against the greatest sum of levels."""
    rng = random.Random(seed)
    skills = [f"s{number}" for number in range(6)]
    agents = [{name: rng.randint(1, 5) for name in rng.sample(skills, 3)} for _ in range(160)]
    needs = [rng.choice(skills) for _ in range(40)]
    given = assigned(("proficiency",), agents, [(need,) for need in needs])
    assert len(given) == len(needs)
    best = best_levels([[agent.get(need, -99) for agent in agents] for need in needs])
    assert 0.98 * best <= sum(agents[agent][needs[item]] for agent, item in given) <= best


def test_specialists_and_generalists_are_loaded_alike() -> None:
    """Three skills, twelve agents with one each and six with all, a load of 93 %: who can do least goes first, nobody works much more."""
    kinds = [kind(name, 1.866, name, service=3.0) for name in "abc"]
    desks = [*(group(name, 4, name) for name in "abc"), group("all", 6, "abc")]
    found = play(model(5_000, kinds, desks, pick=("least_skilled", "longest_idle"), seed=3))[0].agents
    used = [found[name].utilisation for name in ("a", "b", "c", "all")]
    assert min(used) / max(used) >= 0.95, used
    assert min(one.jain for one in found.values()) >= 0.99
