"""What goes by the clock: told whole, and looked at again only when something may have changed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from inbox.live.by_clock import ByClock
from inbox.ports import Duty, House, Opening, QueueFacts
from stream.model import Agent

TEAM = {"ada": Agent(id="ada"), "tom": Agent(id="tom")}


class Facts:
    """The services as far as they are asked, and how often they were."""

    def __init__(self) -> None:
        self.at, self.version, self.asked = 100.0, 1, 0
        self.openings: dict[str, Opening] = {}
        self.duties: dict[str, Duty] = {}

    def services(self) -> Any:
        """As the inbox has them."""
        return SimpleNamespace(house=self.house, now=lambda: self.at, opening=self.opening, duty=self.duty)

    def house(self) -> House:
        """Two queues."""
        return House(version=self.version, queues=(QueueFacts(id="billing"), QueueFacts(id="tech")))

    def opening(self, queue: str) -> Opening:
        """Open unless noted."""
        self.asked += 1
        return self.openings.get(queue, Opening())

    def duty(self, agent: Agent) -> Duty:
        """On duty unless noted."""
        return self.duties.get(agent.id, Duty())


@pytest.fixture
def facts() -> Facts:
    return Facts()


def test_a_house_without_hours_and_shifts_tells_nobody_anything(facts: Facts) -> None:
    clock = ByClock(facts.services())
    assert not clock.look(TEAM)
    assert not clock.changes
    facts.at += 10**6
    assert not clock.look(TEAM)
    assert facts.asked == 2, "nothing can have changed"


def test_it_is_told_whole_when_the_clock_the_files_or_the_team_change_it(facts: Facts) -> None:
    facts.openings = {"billing": Opening(closed=True, until=160.0, given=False), "tech": Opening(until=150.0)}
    clock = ByClock(facts.services())
    assert clock.look(TEAM)
    closed = {"closed": True, "opens_at": 160.0, "given": False}
    assert msgspec.json.decode(clock.frame) == {"t": "hours", "queues": {"billing": closed}, "agents": {}}
    facts.at = 149.0
    assert not clock.look(TEAM)
    facts.at, facts.openings["tech"] = 150.0, Opening(closed=True, until=200.0, given=True)
    assert clock.look(TEAM)
    assert list(msgspec.json.decode(clock.frame)["queues"]) == ["billing", "tech"]
    facts.version, facts.openings = 2, {}
    assert clock.look(TEAM)
    assert not clock.changes
    facts.duties["ada"] = Duty(off="off shift", until=900.0)
    assert not clock.look(TEAM), "the same version, and nothing is due"
    assert clock.look({**TEAM, "new": Agent(id="new")})
    told = msgspec.json.decode(clock.frame)
    assert told["agents"] == {"ada": {"off_duty": "off shift", "duty_until": 900.0}}
