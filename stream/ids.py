"""Names of things: sortable tokens, ids derived from them, and digests of addresses. The only randomness in `stream/`."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from functools import lru_cache

POOL = 128
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LETTERS = bytes(ord(ALPHABET[byte & 31]) for byte in range(256))


_random: Iterator[str] = iter(())
"""Random letters, asked of the system for many tokens at once: the call costs more than the rest of a token."""


def _letters() -> str:
    global _random  # noqa: PLW0603  # the pool is the process's
    found = next(_random, None)
    if found is None:
        text = os.urandom(16 * POOL).translate(_LETTERS).decode("ascii")
        _random = iter([text[start : start + 16] for start in range(0, len(text), 16)])
        found = next(_random)
    return found


def _forget() -> None:
    """A forked child must not hand out its parent's letters."""
    global _random  # noqa: PLW0603  # the pool is the process's
    _random = iter(())


os.register_at_fork(after_in_child=_forget)


def new_token() -> str:
    """26 characters of Crockford's base 32: 48 bits of milliseconds, then 80 random bits; sorts by time of making (ULID, in lower case)."""
    return _stamp(int(time.time() * 1000)) + _letters()


@lru_cache(maxsize=4)
def _stamp(milliseconds: int) -> str:
    return "".join(ALPHABET[milliseconds >> shift & 31] for shift in range(45, -5, -5))


def derived(prefix: str, token: str, suffix: str = "") -> str:
    """The id of what a command creates: `cnv_<token>`, or `ct_<token>.<suffix>` for one of several."""
    return f"{prefix}_{token}.{suffix}" if suffix else f"{prefix}_{token}"


def lookup(workspace: str, scheme: str, scope: str, value: str) -> str:
    """The digest that an identity is found by: 128 bits of BLAKE2b over the parts, each ended by NUL."""
    text = f"{workspace}\x00{scheme}\x00{scope}\x00{value}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@lru_cache(maxsize=65_536)
def key_digest(channel: str, conversation_key: str) -> str:
    """The digest that a conversation is found by within `channel`: the key itself may be personal (a chat id, a thread)."""
    text = f"{channel}\0{conversation_key}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
