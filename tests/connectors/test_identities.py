"""One person, one identity: however a channel writes an address, and never across what is not the same."""

from __future__ import annotations

import pytest

from connectors.contract import Address
from connectors.identities import (
    LONGEST_NAME,
    LONGEST_VALUE,
    MAX_ALIASES,
    MAX_ATTRIBUTES,
    clean,
    normalised,
    sender_of,
)
from stream.commands import Alias
from tests.connectors.ground import channel

SHOP = channel("shop", "echo")
OTHER = channel("other", "echo")


@pytest.mark.parametrize(
    ("scheme", "written", "form"),
    [
        ("email", " Ada.Lovelace@Example.ORG ", "ada.lovelace@example.org"),
        ("email", "<ada@example.org.>", "ada@example.org"),
        ("email", "ADA@BÜCHER.example", "ada@bücher.example"),
        ("phone", "+49 (0)30 123-456", "+49030123456"),
        ("phone", "0049 30 123456", "+4930123456"),
        ("phone", "030 / 123456", "030123456"),
        ("phone", "+٤٩ 30", "+30"),
        ("telegram", " 4711 ", "4711"),
        ("webchat", "e\u0301", "\u00e9"),
        ("webchat", "Case", "Case"),
    ],
)
def test_forms(scheme: str, written: str, form: str) -> None:
    assert normalised(scheme, written) == form
    assert normalised(scheme, form) == form


def test_the_same_address_is_the_same_identity_where_its_scope_says_so() -> None:
    def lookup_of(address: Address, where: object = SHOP) -> str:
        return sender_of(where, address).lookup  # type: ignore[arg-type]  # one of the two channels

    mail = Address(scheme="email", value="Ada@example.org", scope="global")
    assert lookup_of(mail) == lookup_of(
        Address(scheme="email", value="ada@EXAMPLE.org", scope="global"), OTHER
    )
    visitor = Address(scheme="webchat", value="v1")
    assert lookup_of(visitor) != lookup_of(visitor, OTHER)
    page = Address(scheme="messenger", value="p1", scope="account", account="acme")
    assert lookup_of(page) == lookup_of(page, OTHER)
    assert lookup_of(page) != lookup_of(
        Address(scheme="messenger", value="p1", scope="account", account="other")
    )
    alone = Address(scheme="messenger", value="p1", scope="account")
    assert lookup_of(alone) != lookup_of(alone, OTHER)
    assert lookup_of(mail) != lookup_of(Address(scheme="phone", value="ada@example.org", scope="global"))


def test_aliases_are_addresses_of_their_own() -> None:
    sender = sender_of(
        SHOP, Address(scheme="whatsapp", value="u1", aliases=(("phone", "+49 30 1"), ("nick", "ada")))
    )
    phone = sender_of(OTHER, Address(scheme="phone", value="+49301", scope="global"))
    nick = sender_of(SHOP, Address(scheme="nick", value="ada"))
    assert sender.scope == "channel:shop"
    assert sender.aliases == (
        Alias(scheme="phone", scope="global", lookup=phone.lookup, value="+49 30 1"),
        Alias(scheme="nick", scope="channel:shop", lookup=nick.lookup, value="ada"),
    )


def test_what_strangers_claim_is_bounded() -> None:
    sender = sender_of(
        SHOP,
        Address(
            scheme="echo",
            value="x" * 5000,
            display="n" * 5000,
            aliases=tuple(("phone", str(number)) for number in range(100)),
            attributes={f"k{number}": "v" * 5000 for number in range(100)},
        ),
    )
    assert len(sender.value) == LONGEST_VALUE
    assert len(sender.display) == LONGEST_NAME
    assert len(sender.aliases) == MAX_ALIASES
    assert len(sender.attributes) == MAX_ATTRIBUTES
    assert all(len(value) == 500 for value in sender.attributes.values())


@pytest.mark.parametrize(("text", "kept"), [("a\0b", "ab"), ("a\ud800b", "a?b"), ("ä😀", "ä😀"), ("", "")])
def test_text_that_a_database_takes(text: str, kept: str) -> None:
    assert clean(text) == kept
