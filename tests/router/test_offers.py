"""The life of an offer: no answer, silence in a row, a refusal, and who may be asked again."""

from __future__ import annotations

import msgspec

from router import decisions as say
from router import inputs
from tests.router.house import NOON, House
from tests.router.plans import plan

replace = msgspec.structs.replace


def test_no_answer_goes_to_the_next_and_silence_in_a_row_sets_away() -> None:
    house = House()
    house.agent("a", idle_since=0.0)
    house.agent("b", idle_since=NOON)
    chat = house.arrive()
    assert house.offered(chat) == "a"
    house.after(20.0)
    assert house.offered(chat) == "b"
    assert house.item(chat).declined == ("a",)
    house.accept(chat)
    second = house.arrive()
    assert house.offered(second) == "a"
    told = house.after(20.0)
    assert house.world.agents["a"].status == "away"
    assert [one.reason for one in told if isinstance(one, say.SetAway)] == [
        "2 offers in a row without an answer"
    ]
    assert house.offered(second) == "b"


def test_an_answer_ends_the_row_of_silence() -> None:
    house = House()
    house.agent("a")
    first = house.arrive()
    house.after(20.0)
    second = house.arrive()
    house.decline(second)
    third = house.arrive()
    house.after(20.0)
    assert house.world.agents["a"].status == "online"
    assert not any(house.offered(chat) for chat in (first, second, third))


def test_silence_of_somebody_never_seen_does_not_count() -> None:
    house = House()
    house.agent("a", seen="presumed")
    for _ in range(3):
        house.arrive()
        house.after(20.0)
    assert house.world.agents["a"].status == "online"


def test_a_decliner_is_asked_again_only_when_nobody_else_is_there() -> None:
    house = House()
    house.agent("a")
    house.agent("b", capacity=3)
    busy = house.arrive()
    house.world.take(house.item(busy), "b")
    house.settle()
    chat = house.arrive()
    assert house.offered(chat) == "a"
    house.decline(chat)
    house.after(300.0)
    assert not house.offered(chat), "b is full, but b is there and fits"
    house.world.set_agent(replace(house.world.agents["b"], status="away"))
    house.settle()
    asked = [one.agent for one in house.after(91.0) if isinstance(one, say.Offer) and one.id == chat]
    assert asked == ["a"]


def test_setting_away_that_is_refused_leaves_the_agent_as_they_are() -> None:
    house = House(plan(offer={"accept_within": "20s", "silent_after": 1}))
    house.agent("a")
    house.arrive()
    engine = house.engine
    house.world.now += 20.0
    house.world.tell(inputs.Tick())
    while house.world.under_way:
        house.world.commit(refuse=isinstance(house.world.under_way[0], say.SetAway))
        while house.world.feed:
            house.world.hear()
    assert engine.board.agents["a"].available


def test_an_offer_of_a_channel_may_stand_longer() -> None:
    channels = {"webchat": {"weight": 3}, "telegram": {"weight": 2, "accept_within": "1m"}}
    house = House(plan(channels=channels))
    house.agent("a")
    chat, slow = house.arrive(), house.arrive(connector="telegram")
    told = house.after(59.0)
    assert [(one.id, one.reason) for one in told if isinstance(one, say.EndOffer)] == [
        (chat, "no answer within 20 s")
    ]
    told = house.after(1.1)
    assert [(one.id, one.reason) for one in told if isinstance(one, say.EndOffer)] == [
        (slow, "no answer within 60 s")
    ]


def test_only_what_begins_after_a_new_file_was_read_takes_an_offer_to_somebody_better() -> None:
    """What had begun by then counts as known when the offer was made, as it does for the next leader."""
    house = House(plan(rules=[{"name": "all", "queue": "support"}]))
    house.agent("plain", capacity=3)
    chat = house.arrive()
    house.agent("better", capacity=3, skills={"technical": 3})
    steps = [
        {"for": "5s"},
        {"need": ["prefer technical"], "for": "5s", "recall": True},
        {"for": "5s"},
        {"recall": True},
    ]
    house.after(6.0)
    house.tell(
        inputs.Config(
            plan(rules=[{"name": "all", "queue": "support", "steps": steps}], pick=["most_skilled"])
        )
    )
    house.after(5.0)
    assert house.offered(chat) == "plain"
    house.after(5.0)
    assert house.offered(chat) == "better"
