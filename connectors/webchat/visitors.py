"""Who writes: anonymous visitors by a token that we made, customers by their site's signature. Pure: randomness and keys are arguments.

No table is kept. A token is 256 random bits and our mark on them; what the rest of Parley sees is a digest of those bits, from which
nobody can make the token. A customer is known by the id that their own site signed; name and e-mail are only claimed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

import msgspec

from connectors.contract import Address
from connectors.webchat import seal

TOKEN_BYTES = 32


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor or their page says about them, unproved."""

    name: str = ""
    email: str = ""


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Someone on a socket. `key` is the conversation key; `user` is the signed id of a customer, empty for anonymous visitors."""

    key: str
    user: str = ""
    claims: Claims = Claims()
    language: str = ""
    page: str = ""


class Refusal(Exception):
    """Not this one: `code` for the widget, the sentence for whoever reads it there."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def new_token(keys: Sequence[bytes], random: bytes) -> str:
    """The token of a new visitor from `TOKEN_BYTES` random bytes."""
    return f"{seal.encode(random)}.{seal.encode(seal.digest(keys[0], 'visitor', seal.encode(random)))}"


def visitor_key(keys: Sequence[bytes], token: str) -> str | None:
    """The conversation key of the token's visitor; None when we did not make this token."""
    identity, _, mark = token.partition(".")
    try:
        random, given = seal.decode(identity), seal.decode(mark)
    except ValueError:
        return None
    if len(random) != TOKEN_BYTES:
        return None
    genuine = any(hmac.compare_digest(seal.digest(key, "visitor", identity), given) for key in keys)
    return _key("v", random) if genuine else None


def is_fresh(keys: Sequence[bytes], token: str) -> bool:
    """Tell whether the current key made this valid token; otherwise it is time to hand out a new one."""
    identity, _, mark = token.partition(".")
    return seal.encode(seal.digest(keys[0], "visitor", identity)) == mark


def renewed(keys: Sequence[bytes], token: str) -> str:
    """The same visitor's token under the current key."""
    return new_token(keys, seal.decode(token.partition(".")[0]))


def user_key(user: str) -> str:
    """The conversation key of a signed customer: the same on all their devices."""
    return _key("u", user.encode("utf-8", "surrogatepass"))


def _key(kind: str, identity: bytes) -> str:
    return f"{kind}_{hashlib.sha256(b'parley webchat ' + kind.encode() + b' ' + identity).hexdigest()[:32]}"


def signature(secret: str, user: str) -> str:
    """What the customer's site computes for `data-signature`: HMAC-SHA256 of the user id, as hex."""
    return hmac.new(secret.encode(), user.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def signed(secrets: Sequence[str], user: str, given: str) -> bool:
    """Tell whether one of the channel's secrets made this signature; compared in constant time."""
    mark = given.strip().lower().encode("utf-8", "surrogatepass")
    return any(hmac.compare_digest(signature(secret, user).encode(), mark) for secret in secrets)


def check_identity(secrets: Sequence[str], user: str, given: str) -> str:
    """The conversation key of a customer whose site vouches for them. Raises Refusal."""
    if not secrets:
        raise Refusal(
            "identity", "This chat does not know logged-in customers: the channel has no identity_secrets."
        )
    if not given:
        raise Refusal("identity", "The page names a user without a signature (data-signature is missing).")
    if not signed(secrets, user, given):
        raise Refusal(
            "identity",
            "The signature of data-user is wrong: it must be the HMAC-SHA256 of the user id, in hex.",
        )
    return user_key(user)


def address(visitor: Visitor) -> Address:
    """The sender of what this visitor writes."""
    attributes = {"email": visitor.claims.email} if visitor.claims.email else {}
    if visitor.user:
        return Address(
            scheme="webchat",
            value=visitor.user,
            scope="account",
            display=visitor.claims.name,
            verified="signed",
            attributes=attributes,
        )
    nameless = f"Visitor {visitor.key[-4:]}"  # so that agents read a name, not a key
    return Address(
        scheme="webchat", value=visitor.key, display=visitor.claims.name or nameless, attributes=attributes
    )
