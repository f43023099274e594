"""Several classes and agents who can serve some of them, without any engine: a line per class, and a look at the heads of all lines.

For what the exact figures of orders and skill graphs ask: one place per agent, no patience, no steps, under `strict` a priority of its own for
each class. Twenty times as fast as a run.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush, heapreplace

from router.simulation.chance import Stream
from router.simulation.model import Kind, Model

BLOCK = 10_000
"""Customers told at once."""
Head = Callable[[float, float], float]
"""(arrived, now) of the first in a line: the least goes first."""


def waits(model: Model) -> Iterator[tuple[array[int], array[float]]]:
    """Class and wait of every counted customer in the order in which they begin, block by block."""
    streams = [Stream(model, kind) for kind in model.kinds]
    heads = [_head(model, kind) for kind in model.kinds]
    can, speeds = _agents(model)
    reach = [[agent for agent, able in enumerate(can) if index in able] for index in range(len(streams))]
    coming = [(stream.gap(), index) for index, stream in enumerate(streams)]
    heapify(coming)
    lines: list[deque[tuple[float, float, bool]]] = [deque() for _ in streams]
    idle = dict.fromkeys(range(len(can)))
    done: list[tuple[float, int]] = []
    came, kinds, found = 0, array("H"), array("d")
    while came < model.arrivals:
        if done and done[0][0] < coming[0][0]:
            now, agent = heappop(done)
            filled = [index for index in can[agent] if lines[index]]
            if not filled:
                idle[agent] = None
                continue
            index = min(filled, key=lambda at: heads[at](lines[at][0][0], now)) if filled[1:] else filled[0]
            arrived, work, counts = lines[index].popleft()
        else:
            now, index = coming[0]
            heapreplace(coming, (now + streams[index].gap(), index))
            came += 1
            arrived, work, counts = now, streams[index].work(), came > model.warmup
            agent = next((one for one in idle if one in reach[index]), -1)
            if agent < 0:
                lines[index].append((arrived, work, counts))
                continue
            del idle[agent]
        heappush(done, (now + work / speeds[agent], agent))
        if counts:
            kinds.append(index)
            found.append(now - arrived)
            if len(found) == BLOCK:
                yield kinds, found
                kinds, found = array("H"), array("d")
    yield kinds, found


def _agents(model: Model) -> tuple[list[list[int]], list[float]]:
    """Per agent the classes that they can serve, and their speed."""
    can, speeds = [], []
    for group in model.groups:
        able = [
            index for index, kind in enumerate(model.kinds) if all(need in group.skills for need in kind.need)
        ]
        can += [able] * group.count
        speeds += [group.speed[0] if group.speed else 1.0] * group.count
    return can, speeds


def _head(model: Model, kind: Kind) -> Head:
    if model.order == "ageing":
        return lambda arrived, now: (arrived - now) * kind.slope
    if model.order == "strict" and len({each.priority for each in model.kinds}) > 1:
        return lambda _arrived, _now: -kind.priority
    return lambda arrived, _now: arrived
