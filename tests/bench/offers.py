"""Offers through the whole server (embedded, SQLite): how long after an agent says "resolved" the next offer is on their socket.

New conversations arrive over webhooks at a steady rate while more wait already; every agent has room for one, accepts at once, works for
a while and resolves. `offer` is from the sending of `resolve` to the frame of the next offer: two commits, the decision between them and
both ways over the socket. `resolved` is to the agent's own frame of the resolution, one commit of it;
`own_lag` is how late timers of the measuring process are, which tells how crowded the machine was. Prints one JSON line.
`python -m tests.bench.offers [--rate 200] [--agents 40] [--seconds 15]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp

from tests.bench.load import Poster, signed_request
from tests.floor.house import ROUTING, SECRET, House, crew
from tests.floor.people import Frame, Offer, Person, online

BACKLOG = 300
"""Conversations that wait when it begins, so that nobody runs out of work."""
WARM = 2.0
"""Seconds that are not counted."""
LINES = 8


class Clerk(Person):
    """Accepts at once, works for `hold` seconds, resolves, and notes when the next offer is there."""

    hold = 0.2

    def __init__(self, url: str, login: str, token: str) -> None:
        super().__init__(url, login, token)
        self.offers: list[tuple[float, float]] = []
        self.resolutions: list[tuple[float, float]] = []
        self._asked_at, self._holds, self._chance = 0.0, "", random.Random(login)

    def _consider(self, conversation: str, offer: Offer | None) -> None:
        if offer is None or offer.agent != self.login:
            return
        now = time.perf_counter()
        if self._asked_at:
            self.offers.append((now, now - self._asked_at))
            self._asked_at = 0.0
        super()._consider(conversation, offer)
        self._holds = conversation
        asyncio.get_running_loop().call_later(
            self.hold * self._chance.uniform(0.5, 1.5), self._resolve, conversation
        )

    def _resolve(self, conversation: str) -> None:
        self._asked_at = time.perf_counter()
        self._say({"t": "do", "id": f"r{conversation}", "verb": "resolve", "conversation": conversation})

    def _event(self, frame: Frame) -> None:
        event = frame.event
        if event is not None and event.type == "conversation.resolved" and event.conversation == self._holds:
            now = time.perf_counter()
            self.resolutions.append((now, now - self._asked_at))
        super()._event(frame)


async def arrivals(port: int, rate: float, seconds: float, first: int) -> int:
    """New conversations at this rate, on a few connections; how many were acknowledged."""
    loop = asyncio.get_running_loop()
    lines = [(await loop.create_connection(Poster, "127.0.0.1", port))[1] for _ in range(LINES)]
    queue: asyncio.Queue[int | None] = asyncio.Queue(maxsize=10_000)
    done = 0

    async def post(line: Poster) -> None:
        nonlocal done
        while (number := await queue.get()) is not None:
            status = await line.post(signed_request("/hooks/shop", SECRET, f"m{number}", f"c{number}"))
            done += status // 100 == 2

    workers = [asyncio.create_task(post(line)) for line in lines]
    started, number = time.perf_counter(), 0
    while (passed := time.perf_counter() - started) < seconds:
        while number < passed * rate:
            queue.put_nowait(first + number)
            number += 1
        await asyncio.sleep(0.002)
    for _ in workers:
        queue.put_nowait(None)
    await asyncio.gather(*workers)
    return done


async def lag(found: list[float]) -> None:
    """How late a timer of this very process is: what the machine adds to every figure, at each end of each way."""
    while True:
        due = time.perf_counter() + 0.005
        await asyncio.sleep(0.005)
        found.append(max(0.0, time.perf_counter() - due))


async def measure(folder: Path, rate: float, agents: int, seconds: float) -> dict[str, Any]:
    """One run."""
    plan = crew(folder, agents)
    routing = ROUTING.replace("units: 10000", "units: 1")
    plan.routing = (
        f"{routing}queues:\n  queue0: {{name: Queue}}\nrules:\n  - {{name: everything, queue: queue0}}\n"
    )
    house = House(plan)
    await house.prepare()
    await house.start()
    Clerk.hold = agents / rate
    clerks = [Clerk(house.url, login, house.tokens[login]) for login in plan.agents]
    try:
        async with aiohttp.ClientSession() as session:
            await arrivals(house.port, 400.0, BACKLOG / 400.0, 0)
            await online(house.url, list(clerks), session)
            begun = time.perf_counter()
            lags: list[float] = []
            watching = asyncio.create_task(lag(lags))
            came = await arrivals(house.port, rate, seconds, 1_000_000)
            lasted = time.perf_counter() - begun
            watching.cancel()
        for clerk in clerks:
            await clerk.stop()
    finally:
        house.stop()
    after, until = begun + WARM, begun + lasted
    offers = [took for clerk in clerks for at, took in clerk.offers if after < at < until]
    resolved = [took for clerk in clerks for at, took in clerk.resolutions if after < at < until]
    return {
        "bench": "offers",
        "arrivals_per_s": round(came / lasted, 1),
        "offers_per_s": round(len(offers) / (lasted - WARM), 1),
        "agents": agents,
        "offer_ms": quantiles(offers),
        "resolved_ms": quantiles(resolved),
        "own_lag_ms": quantiles(lags),
        "target_ms": {"p99": 20},
    }


def quantiles(found: list[float]) -> dict[str, float | int]:
    """Median, p95, p99 and the worst, in milliseconds; `n` is how many."""
    if len(found) < 100:
        raise SystemExit(f"only {len(found)} were measured: too few to tell")
    cuts = statistics.quantiles(found, n=100)
    named = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": max(found)}
    return {"n": len(found)} | {name: round(value * 1000, 2) for name, value in named.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="tests.bench.offers")
    parser.add_argument("--rate", type=float, default=200.0, help="conversations that arrive in a second")
    parser.add_argument("--agents", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=15.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-offers-") as folder:
        print(
            json.dumps(asyncio.run(measure(Path(folder), asked.rate, asked.agents, asked.seconds))),
            flush=True,
        )


if __name__ == "__main__":
    main()
