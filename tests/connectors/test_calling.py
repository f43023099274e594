"""Webhooks that tell what happened: to whom, in which order, and what they say."""

from __future__ import annotations

import json

from connectors.calling import AT_ONCE, Call, Told, body, called, due
from stream import events as ev

RAN = ev.AutomationRan(
    conversation="c1", trigger="received", rules=("a",), calls=("one", "two"), did=("a: calls one",)
)
RECORDED = ev.Recorded(n=7, at=1_000.0, event=RAN, scope=ev.Scope(queue="billing", assignee="ann"))


def call(ident: str, channel: str = "one", conversation: str = "c1", due_at: float = 0.0) -> Call:
    return Call(id=ident, channel=channel, n=1, conversation=conversation, due_at=due_at)


def test_a_rule_s_channels_are_told_under_an_id_that_never_changes() -> None:
    first, second = called(RECORDED, Told(automation=True))
    assert (first.channel, second.channel, first.n) == ("one", "two", 7)
    assert [one.id for one in called(RECORDED, Told(automation=True))] == [first.id, second.id]
    assert list(called(RECORDED, Told())) == []


def test_the_body_holds_ids_and_facts() -> None:
    (first, _) = called(RECORDED, Told(automation=True))
    told = json.loads(body(RECORDED, first))
    assert told["type"] == "automation.ran"
    assert told["timestamp"] == "1970-01-01T00:16:40.000Z"
    assert told["data"]["call"] == first.id
    assert (told["data"]["queue"], told["data"]["agent"], told["data"]["n"]) == ("billing", "ann", 7)


def test_one_at_a_time_and_in_order_for_each_conversation_and_channel() -> None:
    waiting = [call("a", due_at=9.0), call("b"), call("c", conversation="c2"), call("d", channel="two")]
    assert [one.id for one in due(waiting, {}, 5.0)] == ["c", "d"]
    assert [one.id for one in due(waiting, {"c": waiting[2]}, 10.0)] == ["a", "d"]


def test_only_so_many_at_once() -> None:
    waiting = [call(f"k{index}", conversation=f"c{index}") for index in range(100)]
    assert len(due(waiting, {}, 1.0)) == AT_ONCE
