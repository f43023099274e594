"""Verbs that move work: whoever gives, takes, snoozes or closes, agents hold exactly what their conversations say (`desk.check`)."""

from __future__ import annotations

import pytest

from stream import commands as cmd
from stream import events as ev
from tests.making import ANN, BEN, agent, team
from tests.stream.desk import EPOCH, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk(capacity=3)


def offered(desk: Desk, who: str = "ann", units: int = 2) -> tuple[str, cmd.MakeOffer]:
    conversation = desk.arrive("v1")
    offer = desk.offer(conversation, who, units)
    desk.done(offer)
    assert desk.held(who) == (units, {"webchat": 1})
    return conversation, offer


def test_an_offer_becomes_an_assignment_without_a_second_unit(desk: Desk) -> None:
    conversation, offer = offered(desk)
    desk.done(desk.on(cmd.AcceptOffer, conversation=conversation, by=ANN, offer=offer.offer))
    row = desk.row(conversation)
    assert (row.assignee, row.units, row.offer, row.waiting_since) == ("ann", 2, None, 0.0)
    assert desk.held("ann") == (2, {"webchat": 1})
    assert desk.shelf.agent("ann").idle_since == desk.now


def test_only_the_asked_agent_answers_an_offer_and_only_once(desk: Desk) -> None:
    conversation, offer = offered(desk)
    facts = {"conversation": conversation, "offer": offer.offer}
    assert desk.refused(desk.on(cmd.AcceptOffer, **facts, by=BEN)).code == "offer_over"
    assert desk.refused(desk.on(cmd.DeclineOffer, **facts, by=BEN)).code == "offer_over"
    desk.done(desk.on(cmd.DeclineOffer, **facts, by=ANN, reason="lunch"))
    assert desk.row(conversation).declined_by == ("ann",)
    assert desk.refused(desk.on(cmd.AcceptOffer, **facts, by=ANN)).code == "offer_over"
    assert desk.held("ann") == (0, {})


def test_taking_what_is_offered_to_oneself_counts_once_and_to_another_frees_them(desk: Desk) -> None:
    mine, _ = offered(desk)
    desk.done(desk.on(cmd.Take, conversation=mine, by=ANN))
    assert desk.held("ann") == (2, {"webchat": 1})
    desk.done(desk.on(cmd.Resolve, conversation=mine, by=ANN))
    theirs = desk.arrive("v2")
    desk.done(desk.offer(theirs, "ann", 2))
    desk.done(desk.on(cmd.Take, conversation=theirs, by=BEN))
    assert (desk.held("ann"), desk.held("ben")) == ((0, {}), (2, {"webchat": 1}))


def test_assigning_to_the_offered_agent_at_their_cap_works() -> None:
    desk = Desk(capacity=2, caps={"webchat": 1})
    conversation, _ = offered(desk)
    desk.done(desk.on(cmd.Assign, conversation=conversation, by=BEN, agent="ann"))
    assert desk.held("ann") == (2, {"webchat": 1})


def test_assigning_a_colleagues_conversation_frees_the_colleague(desk: Desk) -> None:
    conversation = desk.assigned("v1", units=2)
    desk.done(desk.on(cmd.Assign, conversation=conversation, by=ANN, agent="ben", reason="knows it"))
    assert (desk.held("ann"), desk.held("ben")) == ((0, {}), (2, {"webchat": 1}))
    assert desk.refused(desk.on(cmd.Assign, conversation=conversation, by=ANN, agent="ben")).code == "state"


def test_no_room_is_refused_with_the_figures_and_an_override_is_recorded() -> None:
    desk = Desk(capacity=1)
    desk.assigned("v1")
    second = desk.arrive("v2")
    refused = desk.refused(desk.on(cmd.Take, conversation=second, by=ANN))
    assert (refused.code, refused.sentence) == ("capacity", "Ann has 1 of 1 units taken; this needs 1.")
    assert refused.conversation == desk.row(second)
    done = desk.done(desk.on(cmd.Take, conversation=second, by=ANN, override=True))
    (event,) = done.events
    assert isinstance(event, ev.ConversationAssigned)
    assert event.over_capacity
    assert desk.held("ann") == (2, {"webchat": 2})


def test_a_channels_cap_is_refused_in_its_own_words() -> None:
    desk = Desk(caps={"webchat": 1})
    desk.assigned("v1")
    refused = desk.refused(desk.on(cmd.Take, conversation=desk.arrive("v2"), by=ANN))
    assert refused.sentence == "Ann already has 1 of 1 webchat conversations."


def test_nobody_is_given_work_who_is_gone_or_not_there(desk: Desk) -> None:
    conversation = desk.arrive("v1")
    assert (
        desk.refused(desk.on(cmd.Assign, conversation=conversation, by=ANN, agent="zoe")).code == "not_found"
    )
    desk.done(team(agent("ann")))
    assert desk.refused(desk.on(cmd.Assign, conversation=conversation, by=ANN, agent="ben")).code == "state"


def test_a_transfer_keeps_the_place_and_lets_everybody_be_asked_again(desk: Desk) -> None:
    conversation, offer = offered(desk)
    desk.now += 5
    desk.done(desk.on(cmd.DeclineOffer, conversation=conversation, by=ANN, offer=offer.offer))
    desk.done(desk.offer(conversation, "ben"))
    desk.done(desk.on(cmd.Transfer, conversation=conversation, by=BEN, queue="sales", need=("german",)))
    row = desk.row(conversation)
    assert (row.queue, row.need, row.declined_by, row.offer) == ("sales", ("german",), (), None)
    assert row.waiting_since == row.created_at == desk.now - 5
    assert desk.held("ben") == (0, {})


def test_a_transfer_out_of_a_snooze_has_no_end_of_snooze_left(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    desk.done(desk.on(cmd.Snooze, conversation=conversation, by=ANN, until=desk.now + 60))
    desk.done(desk.on(cmd.Transfer, conversation=conversation, by=ANN, queue="sales"))
    row = desk.row(conversation)
    assert (row.status, row.snoozed_until, row.assignee, row.last_agent) == ("open", 0.0, "", "ann")
    assert desk.held("ann") == (0, {})


def test_spam_goes_into_no_queue(desk: Desk) -> None:
    conversation = desk.arrive("v1", spam=True)
    assert (
        desk.refused(desk.on(cmd.Transfer, conversation=conversation, by=ANN, queue="sales")).code == "state"
    )


def test_resolving_frees_whoever_had_it_or_was_asked(desk: Desk) -> None:
    asked, _ = offered(desk)
    had = desk.assigned("v2", BEN)
    for conversation in (asked, had):
        desk.done(desk.on(cmd.Resolve, conversation=conversation, by=ANN))
        assert desk.refused(desk.on(cmd.Resolve, conversation=conversation, by=ANN)).code == "state"
    assert desk.held("ann") == desk.held("ben") == (0, {})
    assert desk.row(had).assignee == "ben"


def test_snoozing_again_and_resolving_a_snoozed_one_frees_nobody_twice(desk: Desk) -> None:
    conversation, other = desk.assigned("v1", units=2), desk.assigned("v2")
    for _ in range(2):
        desk.done(desk.on(cmd.Snooze, conversation=conversation, by=ANN, until=desk.now + 60))
    desk.done(desk.on(cmd.Resolve, conversation=conversation, by=ANN))
    assert desk.held("ann") == (1, {"webchat": 1})
    assert desk.row(other).assignee == "ann"


def test_snoozing_what_is_offered_frees_the_asked_one(desk: Desk) -> None:
    conversation, _ = offered(desk)
    desk.done(desk.on(cmd.Snooze, conversation=conversation, by=ANN, until=desk.now + 60))
    assert desk.held("ann") == (0, {})
    desk.done(desk.on(cmd.Wake, conversation=conversation, by=BEN))
    row = desk.row(conversation)
    assert (row.status, row.assignee, row.offer) == ("open", "", None)


def test_a_snooze_ends_within_a_year_and_in_the_future(desk: Desk) -> None:
    conversation = desk.arrive("v1")
    for until in (desk.now, desk.now + 400 * 86400):
        assert (
            desk.refused(desk.on(cmd.Snooze, conversation=conversation, by=ANN, until=until)).code
            == "invalid"
        )
    desk.done(desk.on(cmd.Resolve, conversation=conversation, by=ANN))
    late = desk.on(cmd.Snooze, conversation=conversation, by=ANN, until=desk.now + 60)
    assert desk.refused(late).code == "state"
    assert desk.refused(desk.on(cmd.Wake, conversation=conversation, by=ANN)).code == "state"


def test_waking_without_room_lets_it_wait_at_its_place() -> None:
    desk = Desk(capacity=2)
    conversation = desk.assigned("v1", units=2)
    desk.done(desk.on(cmd.Snooze, conversation=conversation, by=ANN, until=desk.now + 60))
    desk.assigned("v2")
    desk.done(desk.on(cmd.Wake, conversation=conversation, by=ANN))
    row = desk.row(conversation)
    assert (row.assignee, row.last_agent, row.place) == ("", "ann", row.created_at)
    assert desk.held("ann") == (1, {"webchat": 1})


def test_reopening_by_hand_gives_the_key_back_and_nobody_the_work(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    assert desk.refused(desk.on(cmd.Reopen, conversation=conversation, by=ANN)).code == "state"
    desk.done(desk.on(cmd.Resolve, conversation=conversation, by=ANN))
    desk.done(desk.on(cmd.Reopen, conversation=conversation, by=BEN))
    row = desk.row(conversation)
    assert (row.status, row.assignee, row.last_agent, row.resolved_at) == ("open", "", "ann", 0.0)


@pytest.mark.parametrize("verb", ["take", "assign", "transfer"])
def test_moving_a_resolved_conversation_opens_it(desk: Desk, verb: str) -> None:
    conversation = desk.assigned("v1")
    desk.done(desk.on(cmd.Resolve, conversation=conversation, by=ANN))
    command = {
        "take": desk.on(cmd.Take, conversation=conversation, by=ANN),
        "assign": desk.on(cmd.Assign, conversation=conversation, by=ANN, agent="ben"),
        "transfer": desk.on(cmd.Transfer, conversation=conversation, by=ANN, queue="sales"),
    }[verb]
    assert desk.events(command)[0] == "ConversationReopened"


def test_nothing_opens_a_conversation_while_its_key_has_a_newer_one(desk: Desk) -> None:
    old = desk.assigned("v1")
    desk.done(desk.on(cmd.Resolve, conversation=old, by=ANN))
    desk.now += 1
    new = desk.arrive("v1", reopen_window=0.0)
    for kind in (cmd.Reopen, cmd.Take, cmd.Transfer):
        refused = desk.refused(desk.on(kind, conversation=old, by=ANN))
        assert refused.conversation is not None
        assert (refused.code, refused.conversation.id) == ("state", new)


def test_spam_is_resolved_and_back_and_does_not_collide_with_a_newer_one(desk: Desk) -> None:
    conversation, _ = offered(desk)
    spam = desk.on(cmd.MarkSpam, conversation=conversation, by=ANN, spam=True)
    assert desk.events(spam) == ["SpamMarked", "OfferEnded", "ConversationResolved"]
    assert desk.events(desk.on(cmd.MarkSpam, conversation=conversation, by=ANN, spam=True)) == []
    ham = desk.on(cmd.MarkSpam, conversation=conversation, by=ANN, spam=False)
    assert desk.events(ham) == ["SpamMarked", "ConversationReopened"]
    desk.done(desk.on(cmd.MarkSpam, conversation=conversation, by=ANN, spam=True))
    desk.arrive("v1")
    assert desk.events(desk.on(cmd.MarkSpam, conversation=conversation, by=ANN, spam=False)) == ["SpamMarked"]
    assert (desk.row(conversation).status, desk.row(conversation).spam) == ("resolved", False)


def test_a_verb_on_an_older_version_is_refused_with_the_state_as_it_is(desk: Desk) -> None:
    conversation = desk.arrive("v1")
    seen = desk.row(conversation).version
    desk.arrive("v1")
    for kind in (cmd.Take, cmd.Transfer, cmd.Resolve, cmd.SetTags):
        refused = desk.refused(desk.on(kind, conversation=conversation, by=ANN, version=seen))
        assert (refused.code, refused.conversation) == ("version", desk.row(conversation))
    desk.done(desk.on(cmd.Take, conversation=conversation, by=ANN, version=seen + 1))


def test_another_workspaces_conversation_is_not_there(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    for kind in (cmd.Take, cmd.Resolve, cmd.Transfer):
        refused = desk.refused(desk.on(kind, conversation=conversation, by=ANN, workspace="other"))
        assert (refused.code, refused.conversation) == ("not_found", None)


def asked_both(desk: Desk) -> tuple[str, cmd.MakeOffer]:
    conversation = desk.arrive("v1")
    offer = desk.offer(conversation, "ann", 2, also=(("ben", 0),))
    desk.done(offer)
    assert (desk.held("ann"), desk.held("ben")) == ((2, {"webchat": 1}), (2, {"webchat": 1}))
    return conversation, offer


def test_of_several_who_are_asked_the_first_has_it_and_the_others_are_told_who_was_faster(desk: Desk) -> None:
    conversation, offer = asked_both(desk)
    facts = {"conversation": conversation, "offer": offer.offer}
    desk.done(desk.on(cmd.AcceptOffer, **facts, by=BEN))
    late = desk.refused(desk.on(cmd.AcceptOffer, **facts, by=ANN))
    assert (late.code, late.sentence) == ("offer_over", "Ben was faster.")
    row = desk.row(conversation)
    assert (row.assignee, row.offer, row.declined_by) == ("ben", None, ())
    assert (desk.held("ann"), desk.held("ben")) == ((0, {}), (2, {"webchat": 1}))
    told = [one.event for one in desk.shelf.journal if isinstance(one.event, ev.OfferEnded)]
    assert [(one.agent, one.how, one.reason) for one in told] == [("ann", "recalled", "Ben was faster")]


def test_a_decline_of_one_leaves_the_others_asked_and_the_end_of_time_counts_for_who_is_left(
    desk: Desk,
) -> None:
    conversation, offer = asked_both(desk)
    facts = {"conversation": conversation, "offer": offer.offer}
    desk.done(desk.on(cmd.DeclineOffer, **facts, by=ANN))
    left = desk.row(conversation).offer
    assert left is not None
    assert left.asked == ("ben",)
    assert desk.held("ann") == (0, {})
    desk.done(desk.on(cmd.EndOffer, **facts, epoch=EPOCH, how="expired"))
    assert desk.refused(desk.on(cmd.AcceptOffer, **facts, by=BEN)).code == "offer_over"
    assert desk.row(conversation).declined_by == ("ann", "ben")


def test_who_cannot_be_asked_is_left_out_and_nobody_is_a_refusal(desk: Desk) -> None:
    full = desk.arrive("v0")
    desk.done(desk.offer(full, "ann", 3))
    conversation = desk.arrive("v1")
    offer = desk.offer(conversation, "ann", 2, also=(("ben", 0),))
    desk.done(offer)
    left = desk.row(conversation).offer
    assert left is not None
    assert left.asked == ("ben",)
    other = desk.arrive("v2")
    assert desk.refused(desk.offer(other, "ann", 2, also=(("ben", 0),))).code == "capacity"


def test_an_offer_takes_the_place_of_another_in_one_step(desk: Desk) -> None:
    conversation, offer = offered(desk)
    better = desk.offer(conversation, "ben", 2, replaces=offer.offer)
    desk.done(better)
    assert (desk.held("ann"), desk.held("ben")) == ((0, {}), (2, {"webchat": 1}))
    late = desk.offer(conversation, "ann", 2, replaces=offer.offer)
    assert desk.refused(late).code == "offer_over"
    assert desk.row(conversation).declined_by == ()


@pytest.mark.parametrize("kind", [cmd.Take, cmd.Resolve, cmd.Transfer, cmd.Snooze])
def test_every_verb_frees_everybody_who_was_asked(desk: Desk, kind: type[cmd.OnConversation]) -> None:
    conversation, _ = asked_both(desk)
    more = {"until": desk.now + 60} if kind is cmd.Snooze else {}
    desk.done(desk.on(kind, conversation=conversation, by=ANN, **more))
    assert desk.held("ben") == (0, {})
    assert desk.row(conversation).declined_by == ()


def resting(desk: Desk) -> str:
    conversation = desk.assigned("v1", units=2)
    desk.sent(conversation, "p1")
    desk.done(desk.on(cmd.Rest, conversation=conversation, agent="ann", epoch=EPOCH))
    assert desk.held("ann") == (0, {})
    return conversation


def test_a_silent_customer_takes_no_room_until_they_write_and_then_it_may_be_too_much(desk: Desk) -> None:
    resting(desk)
    assert desk.assigned("v2", units=2)
    desk.arrive("v1")
    assert desk.held("ann") == (4, {"webchat": 2})
    told = [one.event for one in desk.shelf.journal if isinstance(one.event, ev.ConversationRested)]
    assert [(one.resting, one.over_capacity) for one in told] == [(True, False), (False, True)]
    assert desk.refused(desk.offer(desk.arrive("v3"), "ann", 1)).code == "capacity"


@pytest.mark.parametrize("kind", [cmd.Take, cmd.Resolve, cmd.Transfer, cmd.Snooze])
def test_what_rests_frees_nothing_that_it_did_not_take(desk: Desk, kind: type[cmd.OnConversation]) -> None:
    conversation = resting(desk)
    more = {"until": desk.now + 60} if kind is cmd.Snooze else {}
    desk.done(desk.on(kind, conversation=conversation, by=BEN, **more))
    assert desk.held("ann") == (0, {})
    assert not desk.row(conversation).resting


def test_only_what_was_answered_and_is_theirs_rests(desk: Desk) -> None:
    conversation = desk.assigned("v1", units=2)
    rest = {"conversation": conversation, "agent": "ann", "epoch": EPOCH}
    assert desk.refused(desk.on(cmd.Rest, **rest)).code == "state"
    desk.sent(conversation, "p1")
    assert desk.refused(desk.on(cmd.Rest, **rest | {"agent": "ben"})).code == "state"
    assert desk.refused(desk.on(cmd.Rest, **rest | {"epoch": EPOCH - 1})).code == "epoch"
