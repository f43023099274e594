"""First contact by bots, in the engine: only where a rule says so, only what nobody had, and people when it is not to be had."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from router import decisions as say
from router.engine import Engine
from router.inputs import (
    AgentChanged,
    Begin,
    Colleague,
    Config,
    Item,
    ItemArrived,
    ItemChanged,
    Presence,
    Refused,
)
from router.linting import lint
from router.routing import Routing
from router.rules import Facts
from tests.router.plans import CONTENT, plan

NOW = 1_000_000.0
RULES = [
    {"name": "again", "when": 'text.has("again")', "queue": "support", "bot": "faq", "bot_again": True},
    {"name": "rest", "queue": "support", "bot": "faq", "team": "red"},
]
FAQ = Colleague(id="faq", name="FAQ", bot=True, capacity=4, status="online")
ANN = Colleague(id="ann", queues=("support",), teams=("red",), capacity=4, status="online")


def engine(*agents: Colleague) -> Engine:
    opened = Engine(plan(rules=RULES))
    opened.handle(Config(opened.board.plan), NOW)
    for agent in agents:
        opened.handle(AgentChanged(agent), NOW)
        if not agent.bot:
            opened.handle(Presence(agent.id, "connected"), NOW)
    opened.handle(Begin(), NOW)
    return opened


def arrive(opened: Engine, ident: str = "c1", text: str = "hello", **more: Any) -> list[say.Decision]:
    item = Item(id=ident, channel="widget", connector="webchat", created_at=NOW, version=1, **more)
    return opened.handle(ItemArrived(item, Facts(at=NOW, text=text)), NOW)


def whom(decisions: list[say.Decision]) -> str:
    """The agent who is given or asked."""
    return next((one.agent for one in decisions if isinstance(one, say.Push | say.Offer)), "")


def test_a_bot_needs_nobody_connected_and_is_not_asked_but_given() -> None:
    queued, pushed = arrive(engine(FAQ, ANN))
    assert isinstance(queued, say.Queue)
    assert isinstance(pushed, say.Push)
    assert (pushed.agent, queued.team) == ("faq", "red")
    assert pushed.explain is not None
    assert "first contact" in pushed.explain["winner"]["why"]


@pytest.mark.parametrize(
    "faq", [{"status": "away"}, {"status": "offline"}, {"active": False}, {"capacity": 2}]
)
def test_a_bot_that_is_not_to_be_had_is_passed_over(faq: dict[str, Any]) -> None:
    assert whom(arrive(engine(msgspec.structs.replace(FAQ, **faq), ANN))) == "ann"


def test_it_takes_as_many_as_fit_and_no_more() -> None:
    opened = engine(FAQ)
    assert whom(arrive(opened, "c1")) == "faq"
    assert whom(arrive(opened, "c2")) == ""


def test_what_somebody_had_goes_to_people_unless_the_rule_says_otherwise() -> None:
    assert whom(arrive(engine(FAQ, ANN), last_agent="ben")) == "ann"
    assert whom(arrive(engine(FAQ), text="again", last_agent="ben")) == "faq"
    assert whom(arrive(engine(FAQ), text="again", last_agent="faq")) == ""


def test_a_refused_push_lets_people_have_it() -> None:
    opened = engine(FAQ, ANN)
    arrive(opened)
    waiting = Item(
        id="c1", channel="widget", connector="webchat", queue="support", team="red", rule="rest", units=3, waiting_since=NOW, place=NOW, version=2,
    )  # fmt: skip
    assert whom(opened.handle(Refused("c1", waiting), NOW)) == "ann"


def test_what_a_bot_hands_over_goes_to_people_and_not_back() -> None:
    opened = engine(FAQ, ANN)
    arrive(opened)
    common: dict[str, Any] = {
        "id": "c1",
        "channel": "widget",
        "connector": "webchat",
        "queue": "support",
        "team": "red",
        "rule": "rest",
        "units": 3,
    }
    opened.handle(ItemChanged(Item(**common, assignee="faq", place=NOW, version=3), NOW), NOW)
    back = Item(**common, waiting_since=NOW, place=NOW, last_agent="faq", version=4)
    assert whom(opened.handle(ItemChanged(back, NOW), NOW)) == "ann"


def test_a_bot_that_no_rule_names_is_told() -> None:
    def said(*team: Colleague) -> list[str]:
        content = msgspec.convert({**CONTENT, "rules": RULES}, Routing)
        return [one.message for one in lint(plan(rules=RULES), content, team) if "bot" in one.message]

    other = msgspec.structs.replace(FAQ, id="other")
    assert said(FAQ, ANN) == []
    assert said(FAQ, other) == ['no rule gives the bot "other" anything: add `bot: other` to one']
