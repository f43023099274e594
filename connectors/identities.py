"""Addresses in one form, so that the same person is the same identity however a channel writes them. Pure."""

from __future__ import annotations

import unicodedata

from connectors.channel import Channel
from connectors.contract import Address
from stream.commands import Alias, From
from stream.ids import lookup

LONGEST_VALUE = 320
LONGEST_NAME = 200
MAX_ALIASES = 8
MAX_ATTRIBUTES = 32
LONGEST_ATTRIBUTE = 500
_GLOBAL = frozenset({"email", "phone"})


def normalised(scheme: str, value: str) -> str:
    """The form of an address that identities are found by.

    email: without surrounding blanks and brackets, in lower case (no provider in use tells local parts apart by case), NFC, no trailing
    dot. phone: `+` and digits; `00` in front is `+`. Everything else: NFC without surrounding blanks.
    """
    text = unicodedata.normalize("NFC", value).strip()
    if scheme == "email":
        return text.strip("<>").strip().rstrip(".").lower()
    if scheme == "phone":
        return _phone(text)
    return text


def _phone(text: str) -> str:
    digits = "".join(char for char in text if char.isascii() and char.isdigit())
    if text.startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return digits


def scope_of(channel: Channel, address: Address) -> str:
    """Where the address is unique, as part of its identity: `global`, one account of a provider, or one channel of ours."""
    if address.scope == "global":
        return "global"
    if address.scope == "account":
        return f"account:{channel.manifest.id}:{address.account or channel.name}"
    return f"channel:{channel.name}"


def sender_of(channel: Channel, address: Address) -> From:
    """Who it came from, as the stream wants it. Long names and values are cut: they are claims, not keys."""
    scope = scope_of(channel, address)
    value = clean(address.value)[:LONGEST_VALUE]
    return From(
        scheme=address.scheme,
        scope=scope,
        lookup=lookup(channel.workspace, address.scheme, scope, normalised(address.scheme, value)),
        value=value,
        display=clean(address.display)[:LONGEST_NAME],
        verified=address.verified,
        attributes=_attributes(address.attributes) if address.attributes else {},
        aliases=_aliases(channel, address, scope) if address.aliases else (),
    )


def _aliases(channel: Channel, address: Address, scope: str) -> tuple[Alias, ...]:
    """Mail addresses and phone numbers are unique everywhere, other names where the sender's is."""
    found = []
    for scheme, raw in address.aliases[:MAX_ALIASES]:
        value = clean(raw)[:LONGEST_VALUE]
        where = "global" if scheme in _GLOBAL else scope
        digest = lookup(channel.workspace, scheme, where, normalised(scheme, value))
        found.append(Alias(scheme=scheme, scope=where, lookup=digest, value=value))
    return tuple(found)


def _attributes(given: dict[str, str]) -> dict[str, str]:
    first = list(given.items())[:MAX_ATTRIBUTES]
    return {clean(key)[:LONGEST_NAME]: clean(value)[:LONGEST_ATTRIBUTE] for key, value in first}


def clean(text: str) -> str:
    """Text that every database takes: without NUL, and without halves of surrogate pairs."""
    if not text or (text.isascii() and "\0" not in text):
        return text
    text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
