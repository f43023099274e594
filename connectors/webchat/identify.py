"""From a first frame to a visitor: checks the signature or the token, makes a token for who has none. The decisions are `visitors`'."""

from __future__ import annotations

import os

from connectors.webchat import codec, visitors
from connectors.webchat.codec import Hello
from connectors.webchat.front import Front
from connectors.webchat.visitors import TOKEN_BYTES, Refusal, Visitor


async def identify(front: Front, hello: Hello, network: str) -> tuple[Visitor, str]:
    """Who this is, and the token to hand out (empty when they have the right one). Raises Refusal."""
    key, user, token = "", "", ""
    if hello.identity is not None:
        user = hello.identity.user
        key = visitors.check_identity(front.secrets, user, hello.identity.signature)
    elif front.config.require_identity:
        raise Refusal("identity", "Please sign in on this site first: this chat is for its customers.")
    else:
        key, token = await _anonymous(front, hello.token, network)
    visitor = Visitor(
        key=key,
        user=user,
        claims=codec.lenient_claims(hello),
        language=codec.clean_language(hello.language),
        page=codec.clean_page(hello.page),
    )
    return visitor, token


async def _anonymous(front: Front, token: str, network: str) -> tuple[str, str]:
    keys = front.keys
    if token:
        known = visitors.visitor_key(keys, token)
        if known is None:
            raise Refusal("token", "This visitor is not known here.")
        return known, "" if visitors.is_fresh(keys, token) else visitors.renewed(keys, token)
    if await front.sandbox.take(f"visitors:{network}", front.config.address_visitors_per_minute, 60.0):
        raise Refusal("slow_down", "Too many new visitors from this network. Please try again in a minute.")
    made = visitors.new_token(keys, os.urandom(TOKEN_BYTES))
    return visitors.visitor_key(keys, made) or "", made
