"""Whose it is and where it belongs: identities, aliases, keys, threads, re-opening; nobody gets into a stranger's thread."""

from __future__ import annotations

from typing import Any

import pytest

from stream import commands as cmd
from stream.ids import key_digest
from tests.making import ANN, sender
from tests.stream.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def owner(desk: Desk, conversation: str) -> str:
    """The contact that a conversation is with."""
    return desk.shelf.identity(desk.row(conversation).identity).contact


def resolve(desk: Desk, conversation: str) -> None:
    desk.done(desk.on(cmd.Resolve, conversation=conversation, by=ANN))


def test_messages_of_a_key_share_one_conversation(desk: Desk) -> None:
    first, second = desk.group(desk.message("v1"), desk.message("v1"))
    assert isinstance(first, cmd.Committed)
    assert isinstance(second, cmd.Committed)
    assert (first.conversation, desk.row(first.conversation).seq) == (second.conversation, 2)


def test_a_reply_within_the_window_reopens_and_a_later_one_is_linked(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    resolve(desk, conversation)
    desk.now += 100
    assert desk.arrive("v1", reopen_window=100.0) == conversation
    row = desk.row(conversation)
    assert (row.status, row.assignee, row.last_agent) == ("open", "", "ann")
    resolve(desk, conversation)
    desk.now += 101
    later = desk.arrive("v1", reopen_window=100.0)
    assert desk.row(later).previous == conversation


def test_what_was_spam_is_not_reopened_by_more_of_it(desk: Desk) -> None:
    spam = desk.arrive("v1")
    desk.done(desk.on(cmd.MarkSpam, conversation=spam, by=ANN, spam=True))
    assert desk.row(desk.arrive("v1")).previous == spam


def test_the_reopened_one_of_two_takes_the_next_message(desk: Desk) -> None:
    """Two resolved conversations of one key: whichever is open holds the key, so the key is never taken twice."""
    first = desk.arrive("v1")
    resolve(desk, first)
    desk.now += 1
    second = desk.arrive("v1", reopen_window=0.0)
    assert second != first
    resolve(desk, second)
    desk.done(desk.on(cmd.Reopen, conversation=first, by=ANN))
    assert desk.arrive("v1") == first
    assert desk.refused(desk.on(cmd.Reopen, conversation=second, by=ANN)).code == "state"


def test_an_answer_finds_its_conversation_by_the_threads_ids(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    desk.sent(conversation, "<1@us>")
    assert desk.arrive("v1", conversation_key="a new thread", thread=("<0@them>", "<1@us>")) == conversation


def test_an_answer_to_an_old_conversation_goes_to_the_keys_open_one(desk: Desk) -> None:
    old = desk.arrive("v1", provider_id="<old>")
    resolve(desk, old)
    desk.now += 10
    new = desk.arrive("v1", reopen_window=1.0)
    assert new != old
    assert desk.arrive("v1", conversation_key="elsewhere", thread=("<old>",)) == new
    resolve(desk, new)
    desk.now += 10
    newest = desk.arrive("v1", conversation_key="elsewhere", thread=("<old>",), reopen_window=1.0)
    assert (desk.row(newest).previous, desk.row(newest).key) == (new, desk.row(old).key)


def test_a_stranger_gets_no_foot_into_a_thread_by_its_ids_or_its_key(desk: Desk) -> None:
    conversation = desk.assigned("v1")
    desk.sent(conversation, "<1@us>")
    by_id = desk.arrive("mallory", thread=("<1@us>",))
    by_key = desk.arrive("mallory", conversation_key="v1")
    assert len({conversation, by_id, by_key}) == 3
    assert owner(desk, by_id) == owner(desk, by_key) != owner(desk, conversation)
    assert desk.arrive("mallory", conversation_key="v1") == by_key
    assert desk.arrive("trudy", conversation_key="v1") not in {conversation, by_id, by_key}
    assert desk.arrive("v1") == conversation


def test_a_stranger_under_a_key_is_reopened_and_linked_like_anybody(desk: Desk) -> None:
    desk.arrive("v1")
    theirs = desk.arrive("mallory", conversation_key="v1")
    resolve(desk, theirs)
    assert desk.arrive("mallory", conversation_key="v1") == theirs
    resolve(desk, theirs)
    desk.now += 1
    assert desk.row(desk.arrive("mallory", conversation_key="v1", reopen_window=0.0)).previous == theirs


def test_a_merged_person_may_go_on_in_their_thread_from_another_address(desk: Desk) -> None:
    one, other = desk.arrive("v1", provider_id="<1>"), desk.arrive("v2")
    merge = desk.on(cmd.MergeContacts, contact=owner(desk, one), merged=owner(desk, other), by=ANN)
    desk.done(merge)
    assert desk.arrive("v2", conversation_key="new", thread=("<1>",)) == one


def alias(who: str, scope: str = "channel") -> cmd.Alias:
    one = sender(who)
    return cmd.Alias(scheme=one.scheme, scope=scope, lookup=one.lookup, value=one.value)


def person(desk: Desk, who: str, **more: Any) -> str:
    return owner(desk, desk.arrive(who, sender=sender(who, **more)))


def test_addresses_that_the_provider_vouches_for_join_one_contact(desk: Desk) -> None:
    contact = person(desk, "v1", aliases=(alias("phone"), alias("phone"), alias("v1")))
    assert len(desk.shelf.rows("identity")) == 2
    assert person(desk, "phone") == contact
    assert person(desk, "v9", aliases=(alias("phone"),)) == contact
    assert len(desk.shelf.rows("contact")) == 1


def test_an_alias_is_unique_where_its_own_kind_is(desk: Desk) -> None:
    person(desk, "v1", aliases=(alias("phone", "global"),))
    scopes = {row.lookup: row.scope for row in desk.shelf.rows("identity").values()}
    assert scopes == {sender("v1").lookup: "channel", sender("phone").lookup: "global"}


def test_a_claimed_sender_takes_nobodys_contact(desk: Desk) -> None:
    victim = person(desk, "victim")
    claimed = person(desk, "visitor", verified="claimed", aliases=(alias("victim"), alias("later")))
    assert claimed != victim
    assert person(desk, "later") != claimed


def test_two_known_addresses_of_one_sender_stay_two_contacts(desk: Desk) -> None:
    one, other = person(desk, "a"), person(desk, "b")
    assert one != other
    assert person(desk, "a", aliases=(alias("b"),)) == one
    assert person(desk, "b") == other


def test_a_signal_finds_its_sender_by_an_alias(desk: Desk) -> None:
    contact = person(desk, "v1")
    signal = desk.on(
        cmd.ReceiveSignal, channel="website", connector="webchat", source_key="s", name="stop", stopped=True,
        sender=sender("phone", aliases=(alias("v1"),)),
    )  # fmt: skip
    done = desk.done(signal)
    assert desk.shelf.identity(done.id).contact == contact


def test_conversations_of_another_workspace_are_not_found(desk: Desk) -> None:
    conversation = desk.arrive("v1", provider_id="<1>")
    other = desk.arrive("v1", workspace="other", thread=("<1>",), sender=sender("x"))
    assert other != conversation
    assert desk.row(other).workspace == "other"
    assert desk.row(conversation).key == key_digest("website", "v1")
