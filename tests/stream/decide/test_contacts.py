"""Contacts: merging loses nothing, un-merging restores by the record, chains are undone from the outside in."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from stream import commands as cmd
from stream.decide.contacts import MERGE_DEPTH
from stream.model import Erased, PersonContent
from tests.making import ANN, sender
from tests.stream.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def contact(desk: Desk, who: str) -> str:
    return desk.shelf.identity(desk.row(desk.arrive(who)).identity).contact


def merge(desk: Desk, into: str, merged: str) -> cmd.MergeContacts:
    command: cmd.MergeContacts = desk.on(cmd.MergeContacts, contact=into, merged=merged, by=ANN)
    return command


def unmerge(desk: Desk, into: str, merged: str) -> cmd.UnmergeContacts:
    command: cmd.UnmergeContacts = desk.on(cmd.UnmergeContacts, contact=into, merged=merged, by=ANN)
    return command


def owners(desk: Desk) -> dict[str, set[str]]:
    """Contact -> the homes of the identities that it has."""
    found: dict[str, set[str]] = {}
    for row in desk.shelf.rows("identity").values():
        found.setdefault(row.contact, set()).add(row.home)
    return found


def test_a_merge_moves_the_identities_and_an_unmerge_brings_them_back(desk: Desk) -> None:
    a, b = contact(desk, "a"), contact(desk, "b")
    desk.done(merge(desk, a, b))
    assert owners(desk) == {a: {a, b}}
    assert desk.shelf.contact(b).merged_into == a
    desk.done(unmerge(desk, a, b))
    assert owners(desk) == {a: {a}, b: {b}}
    assert desk.shelf.contact(b).merged_into == ""


def test_what_was_written_since_follows_its_identity(desk: Desk) -> None:
    a, b = contact(desk, "a"), contact(desk, "b")
    desk.done(merge(desk, a, b))
    conversation = desk.arrive("b")
    desk.done(unmerge(desk, a, b))
    assert desk.shelf.identity(desk.row(conversation).identity).contact == b


def test_an_address_that_came_while_merged_stays_with_the_one_who_had_it_then(desk: Desk) -> None:
    a, b = contact(desk, "a"), contact(desk, "b")
    desk.done(merge(desk, a, b))
    one = sender("b2")
    alias = cmd.Alias(scheme=one.scheme, scope=one.scope, lookup=one.lookup, value=one.value)
    desk.arrive("b", sender=sender("b", aliases=(alias,)))
    desk.done(unmerge(desk, a, b))
    assert contact(desk, "b2") == a


def test_a_chain_is_undone_from_the_outside_in(desk: Desk) -> None:
    a, b, c = (contact(desk, who) for who in "abc")
    desk.done(merge(desk, b, c))
    desk.done(merge(desk, a, b))
    assert owners(desk) == {a: {a, b, c}}
    refused = desk.refused(unmerge(desk, b, c))
    assert (refused.code, refused.sentence) == (
        "state",
        f"The contact was itself merged into {a}; undo that first.",
    )
    desk.done(unmerge(desk, a, b))
    assert owners(desk) == {a: {a}, b: {b, c}}
    desk.done(unmerge(desk, b, c))
    assert owners(desk) == {a: {a}, b: {b}, c: {c}}


def test_merging_and_unmerging_in_one_group(desk: Desk) -> None:
    a, b, c = (contact(desk, who) for who in "abc")
    results = desk.group(merge(desk, b, c), merge(desk, a, b), unmerge(desk, a, b), unmerge(desk, b, c))
    assert all(isinstance(result, cmd.Committed) for result in results)
    assert owners(desk) == {a: {a}, b: {b}, c: {c}}


def test_the_deepest_chain_that_is_allowed_can_be_undone(desk: Desk) -> None:
    chain = [contact(desk, f"v{number}") for number in range(MERGE_DEPTH + 1)]
    for lower, upper in pairwise(chain[:-1]):
        desk.done(merge(desk, upper, lower))
    refused = desk.refused(merge(desk, chain[-1], chain[-2]))
    assert (refused.code, "8 merges stand one above the other" in refused.sentence) == ("state", True)
    desk.done(merge(desk, chain[-2], chain[-1]))
    desk.done(unmerge(desk, chain[-2], chain[-1]))
    for lower, upper in reversed(list(pairwise(chain[:-1]))):
        desk.done(unmerge(desk, upper, lower))
    assert owners(desk) == {one: {one} for one in chain}


def test_what_cannot_be_merged(desk: Desk) -> None:
    a, b, c = (contact(desk, who) for who in "abc")
    assert desk.refused(merge(desk, a, a)).code == "invalid"
    assert desk.refused(merge(desk, a, "ctc_nowhere")).code == "not_found"
    assert desk.refused(unmerge(desk, a, b)).code == "state"
    desk.done(merge(desk, a, b))
    assert desk.refused(merge(desk, c, b)).code == "state"
    assert desk.refused(merge(desk, b, c)).code == "state"
    other = contact_of_other_workspace(desk)
    assert desk.refused(merge(desk, a, other)).code == "not_found"


def contact_of_other_workspace(desk: Desk) -> str:
    row = desk.row(desk.arrive("x", workspace="other", sender=sender("x")))
    return desk.shelf.identity(row.identity).contact


def test_blocking_is_of_one_workspace_and_says_nothing_twice(desk: Desk) -> None:
    identity = desk.row(desk.arrive("a")).identity

    def block(**more: Any) -> cmd.BlockIdentity:
        command: cmd.BlockIdentity = desk.on(
            cmd.BlockIdentity, identity=identity, blocked=True, by=ANN, **more
        )
        return command

    assert desk.refused(block(workspace="other")).code == "not_found"
    assert desk.events(block()) == ["IdentityBlocked"]
    assert desk.events(block()) == []


def test_a_new_name_is_new_content_and_bounded(desk: Desk) -> None:
    a = contact(desk, "a")
    first = desk.shelf.contact(a).profile
    desk.done(desk.on(cmd.ChangeContact, contact=a, name="Ada", attributes={"vip": "yes"}, by=ANN))
    profile = desk.shelf.said(desk.shelf.contact(a).profile)
    assert profile == PersonContent(name="Ada", attributes={"vip": "yes"})
    assert desk.shelf.past == {(a, first)}
    for name, attributes in (
        ("x" * 401, {}),
        ("x", {"k": "v" * 1001}),
        ("x", {f"k{n}": "" for n in range(101)}),
    ):
        change = desk.on(cmd.ChangeContact, contact=a, name=name, attributes=attributes, by=ANN)
        assert desk.refused(change).code == "invalid"


def test_erasing_replaces_the_content_and_keeps_the_history(desk: Desk) -> None:
    done = desk.done(desk.message("a", text="secret"))
    content = desk.shelf.message(done.id).content
    desk.done(desk.on(cmd.EraseContent, contents=(content, "ct_nowhere"), by=ANN, reason="asked"))
    assert desk.shelf.said(content) == Erased(at=desk.now, reason="asked")
    assert "ct_nowhere" not in desk.shelf.content
    assert desk.refused(desk.on(cmd.EraseContent, contents=("x",) * 1001, by=ANN)).code == "invalid"


def claims(desk: Desk, who: str, display: str = "", *, key: str = "", **attributes: str) -> cmd.ReceiveSignal:
    """`who` says about themselves how they are called and where else they are reached."""
    given = msgspec.structs.replace(sender(who), display=display, attributes=attributes)
    signal: cmd.ReceiveSignal = desk.on(
        cmd.ReceiveSignal, channel="website", connector="webchat", source_key=key or f"about:{desk.token()}",
        sender=given, name=cmd.PROFILE,
    )  # fmt: skip
    return signal


def profile(desk: Desk, ident: str) -> PersonContent:
    said = desk.shelf.said(desk.shelf.contact(ident).profile)
    assert isinstance(said, PersonContent)
    return said


def test_what_somebody_says_about_themselves_goes_into_their_profile(desk: Desk) -> None:
    a = contact(desk, "a")
    desk.done(
        desk.on(cmd.ChangeContact, contact=a, name="Ada", attributes={"tier": "gold", "email": "x"}, by=ANN)
    )
    assert desk.events(claims(desk, "a", email="ada@example.net")) == ["ContactChanged"]
    assert profile(desk, a) == PersonContent(
        name="Ada", attributes={"tier": "gold", "email": "ada@example.net"}
    )
    assert desk.events(claims(desk, "a", email="ada@example.net")) == []
    assert desk.events(claims(desk, "a", email="")) == []


def test_a_name_takes_the_place_of_the_channels_name_only(desk: Desk) -> None:
    a = contact(desk, "a")
    desk.done(claims(desk, "a", "Ada"))
    assert profile(desk, a).name == "Ada"
    desk.done(claims(desk, "a", "Eve"))
    assert profile(desk, a).name == "Ada"


def test_a_claim_joins_nobody_and_in_another_contact_fills_only_what_is_empty(desk: Desk) -> None:
    a, b = contact(desk, "a"), contact(desk, "b")
    desk.done(claims(desk, "a", email="ada@example.net"))
    desk.done(claims(desk, "b", email="ada@example.net"))
    assert owners(desk) == {a: {a}, b: {b}}
    desk.done(merge(desk, a, b))
    desk.done(claims(desk, "b", "Bob", email="bob@example.net", phone="+491"))
    assert profile(desk, a) == PersonContent(
        name="a", attributes={"email": "ada@example.net", "phone": "+491"}
    )


def test_claims_of_strangers_and_of_the_blocked_are_only_kept(desk: Desk) -> None:
    assert desk.events(claims(desk, "nobody", email="a@example.net", key="about:1")) == []
    assert ("website", "about:1") in desk.shelf.inbound
    assert desk.shelf.rows("contact") == {}
    row = desk.shelf.identity(desk.row(desk.arrive("a")).identity)
    desk.done(desk.on(cmd.BlockIdentity, identity=row.id, blocked=True, by=ANN))
    assert desk.events(claims(desk, "a", email="a@example.net")) == []


def test_claims_count_in_the_group_that_makes_the_contact(desk: Desk) -> None:
    first = desk.message("a")
    results = desk.group(first, claims(desk, "a", email="a@example.net"), claims(desk, "a", phone="+491"))
    assert all(isinstance(result, cmd.Committed) for result in results)
    (ident,) = desk.shelf.rows("contact")
    assert profile(desk, ident).attributes == {"email": "a@example.net", "phone": "+491"}


def test_a_profile_that_is_not_at_hand_is_not_overwritten(desk: Desk) -> None:
    a, b = contact(desk, "a"), contact(desk, "b")
    desk.done(desk.on(cmd.ChangeContact, contact=a, name="Ada", attributes={"tier": "gold"}, by=ANN))
    merging, claiming = merge(desk, a, b), claims(desk, "b", email="b@example.net")
    assert all(isinstance(result, cmd.Committed) for result in desk.group(merging, claiming))
    assert profile(desk, a) == PersonContent(name="Ada", attributes={"tier": "gold"})


def test_after_an_erasure_a_profile_begins_anew(desk: Desk) -> None:
    a = contact(desk, "a")
    row = desk.shelf.contact(a)
    desk.done(desk.on(cmd.EraseContent, contents=(row.profile,), reason="asked", by=ANN))
    desk.done(claims(desk, "a", email="a@example.net"))
    assert profile(desk, a) == PersonContent(attributes={"email": "a@example.net"})


def test_claims_that_do_not_fit_are_refused(desk: Desk) -> None:
    contact(desk, "a")
    assert desk.refused(claims(desk, "a", email="e" * 1_001)).code == "invalid"
    desk.done(claims(desk, "a", **{f"k{number}": "v" for number in range(100)}))
    assert desk.refused(claims(desk, "a", one_more="v")).code == "invalid"
