"""Statuses and configurations: agents that are gone are drained, a repeated bundle is a repeat."""

from __future__ import annotations

import pytest

from stream import commands as cmd
from tests.making import ANN, BEN, agent, team
from tests.stream.desk import EPOCH, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_status_is_told_once_and_coming_online_starts_the_idle_clock(desk: Desk) -> None:
    def status(word: str, **more: object) -> list[str]:
        return desk.events(desk.on(cmd.SetStatus, agent="ann", status=word, by=ANN, **more))

    assert status("online") == []
    desk.now += 5
    assert status("busy", reason="lunch") == ["AgentStatusChanged"]
    before = desk.shelf.agent("ann").idle_since
    assert status("online", epoch=EPOCH) == ["AgentStatusChanged"]
    assert desk.shelf.agent("ann").idle_since == before
    status("away")
    status("online")
    assert desk.shelf.agent("ann").idle_since == desk.now
    assert desk.refused(desk.on(cmd.SetStatus, agent="zoe", status="away", by=ANN)).code == "not_found"
    assert (
        desk.refused(desk.on(cmd.SetStatus, agent="ann", status="away", by=ANN, workspace="x")).code
        == "not_found"
    )


def test_a_bundle_that_is_active_is_a_repeat_with_its_own_number(desk: Desk) -> None:
    bundle = team(agent("ann"), agent("ben"), digest="h2")
    first = desk.done(bundle)
    assert first.id == "2"
    desk.arrive("v1")
    assert desk.submit(team(agent("zoe"), digest="h2")) == cmd.Duplicate(n=first.n, id="2")
    one, two = desk.group(team(agent("ann"), digest="h3"), team(agent("ann"), digest="h3"))
    assert isinstance(one, cmd.Committed)
    assert two == cmd.Duplicate(n=one.n, id="3")
    assert [row[:2] for row in desk.shelf.config] == [(1, "h1"), (2, "h2"), (3, "h3")]
    assert desk.done(team(agent("ann"), agent("ben"), digest="h2")).id == "4"


def test_only_what_changed_is_told(desk: Desk) -> None:
    assert desk.events(team(agent("ann"), agent("ben"), digest="h2")) == ["ConfigApplied"]
    changed = team(agent("ann", skills={"german": 3}), agent("ben"), digest="h3")
    assert desk.events(changed) == ["AgentConfigured", "ConfigApplied"]


def test_an_agent_who_is_gone_keeps_what_they_have_and_comes_back_with_it(desk: Desk) -> None:
    conversation = desk.assigned("v1", BEN)
    desk.done(team(agent("ann"), digest="h2"))
    ben = desk.shelf.agent("ben")
    assert (ben.active, ben.load, desk.row(conversation).assignee) == (False, 1, "ben")
    desk.done(team(agent("ann"), agent("ben", capacity=5), digest="h3"))
    ben = desk.shelf.agent("ben")
    assert (ben.active, ben.load, ben.capacity, ben.status) == (True, 1, 5, "online")


def test_a_configuration_touches_the_agents_of_its_workspace_only(desk: Desk) -> None:
    other = cmd.ApplyConfig(token="o1", workspace="other", hash="o1", bundle={}, agents=(agent("zoe"),))
    assert desk.events(other) == ["AgentConfigured", "ConfigApplied"]
    assert desk.shelf.agent("zoe").workspace == "other"
    assert desk.shelf.agent("ann").active
    taken = cmd.ApplyConfig(token="o2", workspace="other", hash="o2", bundle={}, agents=(agent("ann"),))
    assert desk.refused(taken).sentence == "The login ann belongs to another workspace."
