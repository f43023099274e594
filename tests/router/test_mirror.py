"""The mirror: what the events of a conversation mean to the engine, and what it forgets."""

from __future__ import annotations

from typing import Any

from router import inputs
from router.mirror import Mirror, Said
from stream import events as ev
from stream.model import Author, Conversation

BY = Author(kind="agent", id="ann")


def batch(*events: Any, at: float = 100.0) -> list[ev.Recorded]:
    return [ev.Recorded(n=number, at=at + number, event=event) for number, event in enumerate(events, 1)]


def started(ident: str = "c1", identity: str = "i1", **facts: Any) -> ev.ConversationStarted:
    return ev.ConversationStarted(
        conversation=ident,
        version=1,
        channel="widget",
        connector="webchat",
        key="k",
        about="ct_a",
        identity=identity,
        **facts,
    )


def received(ident: str = "c1", version: int = 2, **facts: Any) -> ev.MessageReceived:
    return ev.MessageReceived(
        conversation=ident,
        version=version,
        message="m",
        seq=1,
        author=Author(kind="contact"),
        content=f"ct_{version}",
        **facts,
    )


def queued(ident: str = "c1", version: int = 3, **facts: Any) -> ev.ConversationQueued:
    return ev.ConversationQueued(
        conversation=ident, version=version, waiting_since=100.0, **({"queue": "support"} | facts)
    )


def tell(mirror: Mirror, *events: Any, at: float = 100.0) -> list[inputs.Input]:
    told = batch(*events, at=at)
    mirror.strangers(told)
    return mirror.tell(told)


def test_a_new_conversation_waits_for_its_first_message() -> None:
    mirror = Mirror()
    tell(
        mirror,
        ev.IdentityAdded(identity="i1", contact="p1", scheme="s", scope="c", lookup="l", address="a"),
        started(),
    )
    assert mirror.unplaced == {"c1": None}
    assert mirror.contacts == {"i1": "p1"}
    tell(mirror, received(automatic=True))
    assert mirror.unplaced == {"c1": Said("ct_2", automatic=True)}
    assert mirror.item(mirror.rows["c1"]).contact == "p1"


def test_once_it_is_placed_messages_are_nothing() -> None:
    mirror = Mirror()
    tell(mirror, started(), received(), queued())
    assert mirror.unplaced == {}
    assert tell(mirror, received(version=4), received(version=5)) == []
    assert mirror.rows["c1"].version == 3


def test_events_that_are_older_than_the_row_change_nothing() -> None:
    mirror = Mirror()
    mirror.put(
        [
            Conversation(
                id="c1",
                channel="w",
                connector="webchat",
                key="",
                about="",
                identity="i1",
                queue="sales",
                place=5.0,
                waiting_since=5.0,
                version=9,
            )
        ]
    )
    (told,) = tell(mirror, queued(version=8))
    assert isinstance(told, inputs.ItemChanged)
    assert told.item.queue == "sales"


def test_an_offer_its_end_an_assignment_and_the_end_of_it_all() -> None:
    mirror = Mirror()
    tell(mirror, ev.AgentConfigured(agent="ann", queues=("support",)), started(), received(), queued())
    told = tell(
        mirror,
        ev.OfferMade(conversation="c1", version=4, offer="o", agent="ann", expires_at=130.0, units=3),
        ev.OfferEnded(conversation="c1", version=5, offer="o", agent="ann", how="declined", units=3),
        ev.ConversationAssigned(conversation="c1", version=6, agent="ann", units=3, how="taken", by=BY),
        at=200.0,
    )
    assert [type(one).__name__ for one in told] == ["ItemChanged", "OfferEnded", "ItemChanged", "ItemChanged"]
    assert isinstance(told[0], inputs.ItemChanged)
    assert told[0].item.offer == inputs.Reserved(id="o", agent="ann", expires_at=130.0, units=3)
    assert isinstance(told[3], inputs.ItemChanged)
    assert (told[3].item.assignee, told[3].at) == ("ann", 203.0)
    assert mirror.agents["ann"].idle_since == 203.0
    done = ev.ConversationResolved(conversation="c1", version=7, by=BY, released="ann", released_units=3)
    told = tell(mirror, done, at=300.0)
    assert told[0] == inputs.ItemGone("c1")
    assert isinstance(told[1], inputs.AgentChanged)
    assert told[1].agent.idle_since == mirror.agents["ann"].idle_since > 300.0
    assert mirror.rows == {}
    assert mirror.contacts == {}


def test_one_that_is_opened_again_is_wanted_and_then_waits_for_its_rules() -> None:
    mirror = Mirror()
    reopened = ev.ConversationReopened(conversation="c1", version=8, reason="the customer wrote again")
    assert mirror.wants(batch(reopened)) == ["c1"]
    row = Conversation(
        id="c1", channel="w", connector="webchat", key="", about="", identity="i1", status="resolved", queue="support", place=5.0,
        assignee="ann", version=7,
    )  # fmt: skip
    mirror.put([row])
    assert mirror.strangers(batch(reopened)) == ["i1"]
    tell(mirror, reopened, received(version=9))
    assert mirror.unplaced == {"c1": Said("ct_9")}
    assert mirror.item(mirror.rows["c1"]).assignee == ""


def test_one_that_is_resolved_and_opened_again_at_once_waits_for_its_rules() -> None:
    mirror = Mirror()
    tell(mirror, ev.IdentityAdded(identity="i1", contact="k1", scheme="s", scope="", address="a", lookup="l"))
    tell(mirror, started(), received(), queued())
    resolved = ev.ConversationResolved(conversation="c1", version=4, by=BY)
    reopened = ev.ConversationReopened(conversation="c1", version=5, reason="the customer wrote again")
    told = batch(resolved, reopened, received(version=6))
    assert mirror.wants(told) == []
    gone, back = mirror.tell(told)
    assert gone == inputs.ItemGone("c1")
    assert isinstance(back, inputs.ItemChanged)
    assert (back.item.status, back.item.contact, back.item.waiting_since) == ("open", "k1", 0.0)
    assert mirror.unplaced == {"c1": Said("ct_6")}


def test_what_was_resolved_is_forgotten_with_its_batch_unless_everything_is_remembered() -> None:
    resolved = ev.ConversationResolved(conversation="c1", version=4, by=BY)
    reopened = ev.ConversationReopened(conversation="c1", version=5, reason="the customer wrote again")
    for mirror, known in ((Mirror(), []), (Mirror(remembering=True), ["c1"])):
        tell(mirror, started(), received(), queued())
        tell(mirror, resolved)
        tell(mirror, reopened)
        assert list(mirror.rows) == known


def test_a_transfer_without_a_queue_waits_for_the_rules_too() -> None:
    mirror = Mirror()
    tell(mirror, started(), received(), queued(), queued(version=4, queue=""))
    assert mirror.unplaced == {"c1": Said("")}


def test_merging_and_unmerging_move_conversations() -> None:
    mirror = Mirror()
    added = [
        ev.IdentityAdded(
            identity=f"i{n}", contact=f"p{n}", scheme="s", scope="c", lookup=f"l{n}", address="a"
        )
        for n in (1, 2)
    ]
    tell(mirror, *added, started("c1", "i1"), started("c2", "i2"))
    told = tell(mirror, ev.ContactsMerged(contact="p1", merged="p2", identities=("i2", "i9")))
    assert told == [inputs.ContactsMerged("p1", ("c2",))]
    assert mirror.item(mirror.rows["c2"]).contact == "p1"
    told = tell(mirror, ev.ContactsUnmerged(contact="p1", merged="p2", identities=("i2",)))
    assert told == [inputs.ContactsMerged("p2", ("c2",))]


def test_agents_follow_their_facts_and_status() -> None:
    mirror = Mirror()
    told = tell(
        mirror,
        ev.AgentConfigured(agent="ann", skills={"x": 2}),
        ev.AgentStatusChanged(agent="ann", status="online"),
    )
    assert isinstance(told[1], inputs.AgentChanged)
    assert (told[1].agent.skills, told[1].agent.status, told[1].agent.idle_since) == (
        {"x": 2},
        "online",
        102.0,
    )


def test_strangers_are_forgotten() -> None:
    mirror = Mirror()
    for number in range(3_000):
        tell(
            mirror,
            ev.IdentityAdded(
                identity=f"i{number}", contact="p", scheme="s", scope="c", lookup=f"l{number}", address="a"
            ),
        )
    assert len(mirror.contacts) <= 1_001


def test_events_of_conversations_that_nobody_knows_are_nothing() -> None:
    mirror = Mirror()
    assert (
        tell(mirror, ev.TagsChanged(conversation="old", version=9, tags=("x",), by=BY), received("old", 10))
        == []
    )
