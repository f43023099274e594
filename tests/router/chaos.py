"""Random days at the office: people, customers, connections, clocks and configuration, one action at a time."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Literal, get_args

import msgspec

from router import inputs
from router.decisions import SetAway
from router.inputs import Colleague
from stream.fold.level import turned
from tests.router.chaos_plans import PLANS
from tests.router.plans import CONNECTORS
from tests.router.world import World

replace = msgspec.structs.replace
Status = Literal["online", "away", "busy", "offline"]


def colleague(rng: random.Random, number: int) -> Colleague:
    """Any agent."""
    skills = {
        name: rng.randint(1, 4)
        for name in ("lang.de", "lang.en", "billing", "technical")
        if rng.random() < 0.5
    }
    return Colleague(
        id=f"a{number:02d}",
        skills=skills,
        queues=tuple(name for name in ("support", "billing", "sales") if rng.random() < 0.7),
        teams=tuple(name for name in ("red", "blue") if rng.random() < 0.4),
        capacity=rng.choice((3, 6, 8, 12)),
        caps={"webchat": rng.randint(0, 3)} if rng.random() < 0.3 else {},
        status=rng.choice(get_args(Status)),
        role=rng.choice(("agent", "agent", "supervisor", "admin")),
    )


def bot(rng: random.Random, ident: str) -> Colleague:
    """A bot: it serves no queue."""
    status = rng.choice(("online", "online", *get_args(Status)))
    return Colleague(id=ident, bot=True, capacity=rng.choice((2, 7, 30)), status=status)


def _arrive(world: World, rng: random.Random) -> None:
    world.arrive(rng.choice(CONNECTORS), f"p{rng.randint(0, 12)}" if rng.random() < 0.6 else "")


def _commit(world: World, rng: random.Random) -> None:
    if world.under_way:
        rare = isinstance(world.under_way[0], SetAway)
        world.commit(refuse=rng.random() < (0.5 if rare else 0.05))


def _answer(world: World, rng: random.Random) -> None:
    offered = [item for item in world.items.values() if item.offer]
    if offered:
        world.answer(rng.choice(offered), accept=rng.random() < 0.6, who=rng.randint(0, 2))


def _write(world: World, rng: random.Random) -> None:
    item = world.someone(rng)
    if item and item.status == "open" and not item.spam:
        world.write(item, customer=rng.random() < 0.4)


def _take(world: World, rng: random.Random) -> None:
    item = world.someone(rng)
    if item and item.status == "open" and not item.spam:
        world.take(item, rng.choice(list(world.agents)), force=rng.random() < 0.1)


def _transfer(world: World, rng: random.Random) -> None:
    item = world.someone(rng)
    if item is None or item.status != "open" or item.spam:
        return
    if item.offer:
        item = world._end(item, "recalled")
    queue = rng.choice(("support", "billing", "sales", ""))
    place = item.place or item.waiting_since or item.created_at
    changed: dict[str, Any] = (
        {"need": rng.choice(((), ("billing>=2",), ("nobody.has.this",)))} if rng.random() < 0.3 else {}
    )
    last = item.assignee or item.last_agent
    if item.level and queue != item.queue:
        changed["level"] = replace(item.level, moved=True)
    world.put(replace(
        item, queue=queue, waiting_since=place, place=place, assignee="", last_agent=last, declined=(), **changed
    ))  # fmt: skip


def _resolve(world: World, rng: random.Random) -> None:
    for _ in range(2):
        item = world.someone(rng)
        if item:
            world.put(replace(item, status="resolved"))


def _snooze(world: World, rng: random.Random) -> None:
    item = world.someone(rng)
    if item and item.status == "open" and not item.spam:
        until, level = world.now + rng.uniform(1, 200), turned(item.level, world.now, "snoozed")
        world.put(
            replace(
                item,
                status="snoozed",
                offer=None,
                waiting_since=0.0,
                snoozed_until=until,
                level=level,
                opened=(),
            )
        )


def _wake(world: World, rng: random.Random) -> None:
    item = world.someone(rng)
    if item and item.status == "snoozed":
        world.put(world._wake(item))


def _reopen(world: World, rng: random.Random) -> None:
    item = world.someone(rng)
    if item and item.status == "open":
        world.put(replace(
            item, assignee="", last_agent=item.assignee or item.last_agent, last_agent_at=world.now, offer=None, declined=(),
            waiting_since=0.0, place=0.0, level=None, opened=(), opened_at=world.now,
        ))  # fmt: skip


def _spam(world: World, rng: random.Random) -> None:
    item = world.someone(rng)
    if item and item.status == "open" and not item.assignee:
        level = item.level if item.spam else None
        opened = item.opened if item.spam else ()
        world.put(replace(item, spam=not item.spam, offer=None, level=level, opened=opened))


def _priority(world: World, rng: random.Random) -> None:
    item = world.someone(rng)
    if item:
        world.put(replace(item, priority=rng.randint(0, 9)))


def _status(world: World, rng: random.Random) -> None:
    agent = world.agents[rng.choice(list(world.agents))]
    status = rng.choice(("online", "online", "online", *get_args(Status)))
    world.set_agent(replace(agent, status=status))


def _facts(world: World, rng: random.Random) -> None:
    old = world.agents[rng.choice(list(world.agents))]
    new = bot(rng, old.id) if old.bot else colleague(rng, int(old.id[1:]))
    world.set_agent(replace(new, status=old.status, idle_since=old.idle_since, active=rng.random() < 0.9))


def _seen(world: World, rng: random.Random) -> None:
    world.feed.append(
        inputs.Presence(
            rng.choice(list(world.agents)),
            rng.choice(("connected", "connected", "presumed", "awaited", "gone")),
        )
    )


def _time(world: World, rng: random.Random) -> None:
    world.pass_time(
        world.now
        + rng.choice((0.1, 1.0, 5.0, 25.0, 70.0, 4000.0 if rng.random() < 0.1 else 3.0))
        + rng.random() / 64
    )


def _merge(world: World, rng: random.Random) -> None:
    item = world.someone(rng)
    if item and item.contact:
        to = f"p{rng.randint(0, 12)}"
        moved = [other for other in world.items.values() if other.contact == item.contact]
        for other in moved:
            world.items[other.id] = replace(other, contact=to)
        world._flush()
        world.tell(inputs.ContactsMerged(to, tuple(other.id for other in moved)))


def _config(world: World, rng: random.Random) -> None:
    if rng.random() < 0.1:
        world._flush()
        world.plan = rng.choice(PLANS)
        world.tell(inputs.Config(world.plan))


def _again(world: World, rng: random.Random) -> None:
    """Another leader takes over, sometimes with clocks and waits that nobody here has seen."""
    logins = [*world.agents, "nobody"]
    wrapping = [(rng.choice(logins), world.now + rng.uniform(-10, 40)) for _ in range(rng.randint(0, 6))]
    waits = [(name, world.now - rng.uniform(0, 100), rng.uniform(0, 400)) for name in ("support", "billing")]
    world.again(waits, wrapping)


ACTIONS: dict[Callable[[World, random.Random], None], int] = {
    _arrive: 20, _commit: 60, _answer: 18, _write: 8, _take: 4, _transfer: 3, _resolve: 7, _snooze: 3, _wake: 1, _reopen: 1, _priority: 2, _status: 6,
    _facts: 1, _seen: 4, _time: 14, _merge: 1, _config: 1, _spam: 1, _again: 1,
}  # fmt: skip


def act(world: World, rng: random.Random, crowd: int = 60) -> None:
    """Something happens; sometimes it is heard at once, sometimes late. About so many conversations are there."""
    action = rng.choices(list(ACTIONS), list(ACTIONS.values()))[0]
    if len(world.items) > crowd and action is _arrive:
        action = _resolve
    action(world, rng)
    for _ in range(rng.choice((0, 1, 1, 2, 5))):
        world.hear()


def begin(world: World, rng: random.Random, agents: int = 10) -> None:
    """A team comes to work."""
    world.tell(inputs.Config(world.plan))
    for number in range(agents):
        world.set_agent(colleague(rng, number))
    for ident in ("b98", "b99"):
        world.set_agent(bot(rng, ident))
    while world.feed:
        world.hear()
    world.tell(inputs.Begin())
