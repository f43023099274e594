"""Records of decisions: small, true, and without a word of the customer."""

from __future__ import annotations

import msgspec

from router import inputs
from router.decisions import Offer
from router.engine import Engine
from router.explain import candidates
from router.inputs import Colleague, Item
from router.plan import Plan, Queue
from router.submitting import RECORD_BYTES, trimmed

AT = 1_800_000_000.0


def office(
    agents: list[Colleague], need: tuple[str, ...] = ("x>=2",), queue: str = "q"
) -> tuple[Engine, list[Offer]]:
    plan = Plan(hash="h", queues={queue: Queue(name=queue)})
    engine = Engine(plan)
    engine.handle(inputs.Config(plan), AT)
    for agent in agents:
        engine.handle(inputs.AgentChanged(agent), AT)
    engine.handle(inputs.Begin(), AT)
    item = Item(
        id="c1",
        connector="chat",
        queue=queue,
        need=need,
        units=2,
        waiting_since=AT - 7,
        place=AT - 7,
        version=1,
    )
    return engine, [one for one in engine.handle(inputs.ItemChanged(item), AT) if isinstance(one, Offer)]


def person(ident: str, level: int, **facts: object) -> Colleague:
    base: dict[str, object] = {
        "name": ident.title(),
        "queues": ("q",),
        "skills": {"x": level},
        "status": "online",
    }
    return Colleague(id=ident, **(base | facts))  # type: ignore[arg-type]  # the tests know the fields


def test_a_record_holds_rule_counts_winner_losers_and_refusals() -> None:
    _, offers = office([
        person("ann", 3, idle_since=AT - 60),
        person("ben", 2, idle_since=AT - 20),
        person("cid", 1),
        person("dan", 1),
        person("eve", 5, status="busy"),
        person("fay", 5, queues=()),
    ])  # fmt: skip
    record = offers[0].explain
    assert record is not None
    assert record["config"] == "h"
    assert record["need"] == ["x>=2"]
    assert record["waited"] == 7.0
    assert record["agents"] == {"fit": 3, "available": 2, "profiles_with_room": 2}
    assert record["winner"] == {
        "agent": "ann",
        "name": "Ann",
        "why": "longest idle",
        "idle_since": AT - 60,
        "key": [1, AT - 60],
    }
    assert record["losers"] == [
        {"agent": "ben", "name": "Ben", "why": "idle for 40 s less", "key": [1, AT - 20]}
    ]
    assert record["refused"] == [
        {"lacks": ["x>=2"], "profiles": 1, "agents": 2},
        {"lacks": ["queue q"], "profiles": 1, "agents": 1},
    ]


def test_the_second_of_the_same_profile_is_a_loser_too() -> None:
    _, offers = office([person("ann", 2, idle_since=AT - 60), person("ben", 2, idle_since=AT - 60)])
    record = offers[0].explain
    assert record is not None
    assert record["losers"] == [
        {"agent": "ben", "name": "Ben", "why": "idle as long; the id decides", "key": [1, AT - 60]}
    ]


def test_refusals_follow_the_team() -> None:
    engine, offers = office([person("ann", 3), person("cid", 1)])
    assert offers[0].explain is not None
    assert offers[0].explain["refused"][0]["agents"] == 1
    engine.handle(inputs.AgentChanged(person("dan", 1)), AT)
    item = Item(
        id="c2", connector="chat", queue="q", need=("x>=2",), units=2, waiting_since=AT, place=AT, version=1
    )
    (second,) = engine.handle(inputs.ItemChanged(item), AT)
    assert isinstance(second, Offer)
    assert second.explain is not None
    assert second.explain["refused"][0]["agents"] == 2


def test_a_record_always_fits() -> None:
    """Hundreds of profiles with long names, each lacking something else."""
    needs = tuple(f"{'skill' * 12}{number}" for number in range(15))
    agents = [
        Colleague(id=f"{'agent' * 20}{number}", name="N" * 300, queues=("q" * 100,), status="online",
                  skills={name: 1 for index, name in enumerate(needs) if index != number % 15 and (number // 15 + index) % 7})
        for number in range(300)
    ]  # fmt: skip
    agents.append(
        Colleague(
            id="w" * 100, name="W" * 300, queues=("q" * 100,), status="online", skills=dict.fromkeys(needs, 1)
        )
    )
    _, offers = office(agents, needs, "q" * 100)
    record = offers[0].explain
    assert record is not None
    short = trimmed(record)
    assert short is not None
    assert len(msgspec.json.encode(short)) <= RECORD_BYTES
    assert short["winner"] == record["winner"]
    assert sum(group["agents"] for group in record["refused"]) == 300


def test_trimming_is_the_last_resort_and_bounded() -> None:
    assert trimmed(None) is None
    small = {"winner": "a"}
    assert trimmed(small) is small
    huge = {"winner": "a", "when": "x" * 5_000, "losers": ["y" * 3_000], "refused": ["z" * 3_000]}
    short = trimmed(huge)
    assert short == {"winner": "a"}


def test_every_agent_has_a_reason_or_none() -> None:
    engine, _ = office([
        person("ann", 3, idle_since=AT - 60), person("ben", 2, capacity=1), person("cid", 1), person("dan", 4, status="away"),
        person("eve", 4, active=False), person("fay", 4), person("gus", 4, caps={"chat": 0}), person("hal", 4),
    ])  # fmt: skip
    engine.handle(inputs.Presence("fay", "gone"), AT)
    item = engine.board.entries["c1"].item
    engine.handle(inputs.Refused("c1", msgspec.structs.replace(item, declined=("hal",))), AT)
    told = candidates(engine.board, "c1")
    assert told is not None
    assert {one["agent"]: one["why_not"] for one in told["agents"]} == {
        "ann": "",
        "ben": "has 0 of 1 units taken",
        "cid": "lacks x>=2",
        "dan": "away",
        "eve": "no longer in the team",
        "fay": "not connected",
        "gus": "has 0 of 0 chat conversations",
        "hal": "declined it or let it pass",
    }
    assert told["agent"] == "ann"
    assert candidates(engine.board, "none") is None


def test_what_waits_says_its_position_and_its_next_step() -> None:
    engine, _ = office([])
    item = Item(
        id="c0",
        connector="chat",
        queue="q",
        need=("x>=2",),
        units=2,
        waiting_since=AT - 9,
        place=AT - 9,
        version=1,
    )
    engine.handle(inputs.ItemChanged(item), AT)
    told = candidates(engine.board, "c1")
    assert told is not None
    assert (told["phase"], told["ahead"], told["next_step_in"]) == ("waiting", 1, None)
