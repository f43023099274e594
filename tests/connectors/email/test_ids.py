"""Our Message-IDs and reply addresses: equal in every attempt, recognised when they come back, worthless when invented."""

from __future__ import annotations

import pytest

from connectors.email.ids import Ids

NOW = 1_709_543_700.0
KEY, OTHER = b"k" * 32, b"o" * 32
IDS = Ids((KEY,), "support@example.com", "help@example.com")


def test_an_id_is_the_same_in_every_attempt_and_in_no_other_message() -> None:
    assert IDS.message_id("msg_1", NOW) == Ids((KEY,), "support@example.com", "help@example.com").message_id(
        "msg_1", NOW
    )
    assert IDS.message_id("msg_1", NOW) != IDS.message_id("msg_2", NOW)
    assert IDS.message_id("msg_1", NOW) != Ids(
        (OTHER,), "support@example.com", "help@example.com"
    ).message_id("msg_1", NOW)
    assert "msg_1" not in IDS.message_id("msg_1", NOW)


def test_our_own_ids_are_recognised_in_any_case() -> None:
    made = IDS.message_id("msg_1", NOW)
    assert IDS.is_ours(made)
    assert IDS.is_ours(f"<{made.upper()}>")


def test_ids_of_an_old_key_are_still_ours() -> None:
    old = Ids((OTHER,), "support@example.com", "help@example.com").message_id("msg_1", NOW)
    assert not IDS.is_ours(old)
    assert Ids((KEY, OTHER), "support@example.com", "help@example.com").is_ours(old)


@pytest.mark.parametrize(
    "invented",
    [
        "",
        "@",
        "x@example.com",
        "aaaaaaaaaaaaaaaaaaaa.aaaa.aaaaaaaaaa@example.com",
        "aaaaaaaaaaaaaaaaaaaa@example.com",
    ],
)
def test_invented_ids_are_not_ours(invented: str) -> None:
    assert not IDS.is_ours(invented)


def test_ids_of_another_domain_are_not_ours() -> None:
    assert not IDS.is_ours(f"{IDS.tag('msg_1', NOW)}@example.net")


def test_a_reply_address_leads_to_the_message() -> None:
    address = IDS.reply_address("msg_1", NOW, "help@example.com")
    assert address.startswith("help+")
    assert len(address.partition("@")[0]) <= 64
    assert IDS.answered(["ann@example.org", address.upper()]) == IDS.message_id("msg_1", NOW)


@pytest.mark.parametrize(
    "address",
    [
        "help@example.com",
        "help+@example.com",
        "help+x@example.com",
        "help+aaaaaaaaaaaaaaaaaaaa.aaaa.aaaaaaaaaa@example.com",
        "no address",
        "",
    ],
)
def test_other_addresses_lead_nowhere(address: str) -> None:
    assert IDS.answered([address]) == ""


def test_a_tag_at_another_address_leads_nowhere() -> None:
    assert (
        IDS.answered(
            [f"other+{IDS.tag('msg_1', NOW)}@example.com", f"help+{IDS.tag('msg_1', NOW)}@example.net"]
        )
        == ""
    )


def test_an_id_says_how_old_it_is_and_nobody_can_make_it_younger() -> None:
    made = IDS.message_id("msg_1", NOW)
    assert IDS.day(made) == int(NOW // 86_400)
    token, day, mark = made.partition("@")[0].split(".")
    younger = IDS.message_id("msg_1", NOW + 400 * 86_400).split(".")[1]
    assert younger != day
    assert IDS.day(f"{token}.{younger}.{mark}@example.com") is None
    assert IDS.day("q1@example.org") is None
    assert IDS.from_tag(f"{token}.{day}.{mark}") == made
    assert IDS.from_tag("x") == ""
