"""What each event does to an agent's row: units and conversations per connector above all."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from stream import events as ev
from stream.fold import fold_row
from stream.model import Agent, Author

AT = 50.0
BY = Author(kind="agent", id="ann")
ANN = Agent(id="ann", load=3, held={"webchat": 1, "email": 1}, idle_since=1.0, version=4)
ON: dict[str, Any] = {"conversation": "c", "connector": "webchat"}


def fold(event: Any, row: Agent | None = ANN) -> Agent:
    folded = fold_row(("agent", "ann"), row, event, AT)
    assert isinstance(folded, Agent)
    return folded


@pytest.mark.parametrize(
    ("event", "load", "webchats"),
    [
        (ev.OfferMade(**ON, offer="o", agent="ann", expires_at=1.0, units=2), 5, 2),
        (ev.OfferEnded(**ON, offer="o", agent="ann", how="expired", units=2), 1, 0),
        (ev.ConversationAssigned(**ON, agent="ann", units=2, how="taken", by=BY), 5, 2),
        (ev.ConversationAssigned(**ON, agent="ann", units=2, how="accepted", by=BY, reserved=2), 3, 1),
        (ev.ConversationAssigned(**ON, agent="ann", units=3, how="taken", by=BY, reserved=1), 5, 1),
        (
            ev.ConversationAssigned(
                **ON, agent="ben", units=2, how="taken", by=BY, released="ann", released_units=1
            ),
            2,
            0,
        ),
        (
            ev.ConversationAssigned(
                **ON, agent="ben", units=2, how="taken", by=BY, recalled="ann", recalled_units=1
            ),
            2,
            0,
        ),
        (ev.ConversationQueued(**ON, queue="q", waiting_since=1.0, released="ann", released_units=2), 1, 0),
        (ev.ConversationResolved(**ON, by=BY, released="ann", released_units=2), 1, 0),
        (ev.ConversationSnoozed(**ON, by=BY, until=9.0, released="ann", released_units=2), 1, 0),
        (ev.ConversationSnoozed(**ON, by=BY, until=9.0, recalled="ann", recalled_units=2), 1, 0),
        (ev.SnoozeEnded(**ON, reason="due", agent="ann", units=2), 5, 2),
    ],
)
def test_capacity_moves_by_what_the_event_says(event: Any, load: int, webchats: int) -> None:
    row = fold(event)
    held = {"webchat": webchats, "email": 1} if webchats else {"email": 1}
    assert (row.load, row.held) == (load, held)
    assert row.version > ANN.version


def test_taking_work_ends_being_idle_and_an_offer_does_not() -> None:
    taken = ev.ConversationAssigned(**ON, agent="ann", units=1, how="taken", by=BY)
    assert fold(taken).idle_since == AT
    assert fold(ev.OfferMade(**ON, offer="o", agent="ann", expires_at=1.0, units=1)).idle_since == 1.0


@pytest.mark.parametrize(("before", "idle"), [("offline", AT), ("away", AT), ("busy", 1.0), ("online", 1.0)])
def test_coming_online_starts_the_idle_clock(before: Any, idle: float) -> None:
    row = msgspec.structs.replace(ANN, status=before)
    after = fold(ev.AgentStatusChanged(agent="ann", status="online", reason="back"), row)
    assert (after.status, after.reason, after.status_at, after.idle_since) == ("online", "back", AT, idle)


def test_facts_of_the_configuration_leave_what_the_agent_holds() -> None:
    facts: dict[str, Any] = {
        "name": "Ann", "role": "supervisor", "teams": ("t",), "queues": ("q",), "skills": {"de": 3}, "capacity": 5,
        "caps": {"email": 1}, "active": False,
    }  # fmt: skip
    assert fold(ev.AgentConfigured(agent="ann", **facts)) == msgspec.structs.replace(ANN, **facts, version=5)
    new = fold(ev.AgentConfigured(agent="ann", workspace="other", **facts), None)
    assert (new.id, new.workspace, new.load, new.status) == ("ann", "other", 0, "offline")
