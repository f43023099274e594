"""Random days at the office: people, customers, connections, clocks and configuration, one action at a time."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Literal, get_args

import msgspec

from router import inputs
from router.decisions import SetAway
from router.inputs import Colleague
from tests.router.plans import CONNECTORS, CONTENT, plan
from tests.router.world import World

replace = msgspec.structs.replace
Status = Literal["online", "away", "busy", "offline"]
PLANS = (
    plan(),
    plan(
        canary={
            "name": "next",
            "share": 0.5,
            "guard": {"errors": 10**9},
            "rules": [
                {
                    "name": "urgent",
                    "when": 'text.has("urgent")',
                    "queue": "billing",
                    "steps": [{"need": ["billing"], "for": "20s"}, {"priority": 5}],
                },
                {"name": "rest", "queue": "sales", "priority": 1},
            ],
        },
        offer={"accept_within": "15s", "silent_after": 0, "ask_again_after": "1m"},
        queues={**CONTENT["queues"], "sales": {"hours": "office", "closed": {"offer": True}}},
    ),
    plan(offer={"accept_within": "10s", "silent_after": 1, "ask_again_after": "0s"}),
    plan(hand_back={"after": "30s", "asynchronous": True}),
    plan(
        order={"kind": "head_start", "per_priority": "20s"},
        pick=["sticky", "proficiency", "spare", "round_robin"],
    ),
    plan(
        order={"kind": "ageing", "slope_per_priority": 0.5},
        pick=["opportunity", "least_skilled", "longest_idle"],
        queues={
            **CONTENT["queues"],
            "billing": {"order": "due", "pick": ["fullest", "most_skilled"]},
            "support": {"order": "fifo", "pick": ["round_robin"]},
        },
    ),
    plan(
        hours={
            "office": {"week": {"mon-sun": ["00:00-06:00", "08:00-18:00"]}},
            "early": {"week": {"mon-sun": ["00:00-13:50", "14:20-23:00"]}},
        },
        shifts={
            "early": {"hours": "early", "breaks": {"mon-sun": ["13:47-13:49"]}, "teams": ["red"]},
            "late": {"hours": "office", "agents": ["a01", "a04"]},
        },
        capacity={"units": 8, "ramps": {"a00": {"begins": "1970-01-12", "units": [2, 4], "every": "14h"}}},
        channels={
            "webchat": {"weight": 3, "max": 2, "wrap_up": "20s"},
            "email": {"weight": 1, "max": 6, "give": "push", "yields_to": ["webchat", "telegram"]},
            "telegram": {"weight": 2, "yields_to": ["webchat"], "wrap_up": "5s", "accept_within": "45s"},
        },
        queues={**CONTENT["queues"], "sales": {"hours": "office", "closed": {"queue": "support"}}},
        pick=["sticky", "spare"],
    ),
    plan(
        needs=[
            {"when": 'lang in ["de", "en"]', "need": ["lang.{lang}"]},
            {
                "when": 'channel == "mail" || connector == "email"',
                "need": ["prefer billing >= 2", "not agent:a03"],
            },
        ],
        rules=[
            {
                "name": "money",
                "when": 'text.has("rechnung")',
                "queue": "billing",
                "sticky": {"for": "50s", "if_online": True, "within": "10m"},
                "steps": [
                    {"need": ["billing >= 2 | technical >= 2", "prefer lang.de >= 3"], "for": "30s"},
                    {
                        "need": ["billing | technical"],
                        "for": "20s",
                        "if": "wait.estimate > 45s || agents.available < 2",
                    },
                    {
                        "need": ["team:red | billing"],
                        "for": "1m",
                        "derived": False,
                        "narrow": True,
                        "say": "Soon.",
                    },
                    {"need": [], "queue": "support", "boost": "1m", "tags": ["urgent"]},
                ],
            },
            {
                "name": "technical",
                "when": 'text.has("technical")',
                "queue": "support",
                "sticky": {"for": "2m", "if_online": False},
                "need": ["technical | team:blue", "not lang.de >= 4"],
            },
            {
                "name": "hello",
                "when": 'text.has("hello")',
                "queue": "sales",
                "need": ["agent:a01 | agent:a02"],
            },
            {"name": "rest", "queue": "support", "need": ["prefer agent:a00"]},
        ],
        pick=["sticky", "proficiency", "longest_idle"],
    ),
    plan(
        offer={"accept_within": "40s", "ask": 3, "ask_again_after": "60s"},
        channels={
            "webchat": {"weight": 3, "max": 2, "idle_release": "20s"},
            "email": {"weight": 1, "max": 6, "ask": 2, "idle_release": "5s", "yields_to": ["webchat"]},
            "telegram": {"weight": 2, "ask": 1},
        },
        rules=[
            {
                "name": "technical",
                "when": 'text.has("technical")',
                "queue": "support",
                "steps": [
                    {"need": ["technical"], "for": "10s"},
                    {"for": "20s", "if": "agents.available > 1", "recall": True},
                    {"queue": "billing", "recall": True},
                ],
            },
            {
                "name": "money",
                "when": 'text.has("rechnung")',
                "queue": "billing",
                "steps": [{"need": ["billing"], "for": "15s"}, {"recall": True}],
            },
            {"name": "rest", "queue": "support"},
        ],
        pick=["sticky", "most_skilled", "spare"],
    ),
)


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
    )


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
        world.take(item, rng.choice(list(world.agents)))


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
        until = world.now + rng.uniform(1, 200)
        world.put(replace(item, status="snoozed", offer=None, waiting_since=0.0, snoozed_until=until))


def _wake(world: World, rng: random.Random) -> None:
    item = world.someone(rng)
    if item and item.status == "snoozed":
        world.put(world._wake(item))


def _reopen(world: World, rng: random.Random) -> None:
    item = world.someone(rng)
    if item and item.status == "open":
        world.put(replace(
            item, assignee="", last_agent=item.assignee or item.last_agent, last_agent_at=world.now, offer=None, declined=(),
            waiting_since=0.0, place=0.0,
        ))  # fmt: skip


def _spam(world: World, rng: random.Random) -> None:
    item = world.someone(rng)
    if item and item.status == "open" and not item.assignee:
        world.put(replace(item, spam=not item.spam, offer=None))


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
    new = colleague(rng, int(old.id[1:]))
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


ACTIONS: dict[Callable[[World, random.Random], None], int] = {
    _arrive: 20, _commit: 60, _answer: 18, _write: 8, _take: 4, _transfer: 3, _resolve: 7, _snooze: 3, _wake: 1, _reopen: 1, _priority: 2, _status: 6,
    _facts: 1, _seen: 4, _time: 14, _merge: 1, _config: 1, _spam: 1,
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
    while world.feed:
        world.hear()
    world.tell(inputs.Begin())
