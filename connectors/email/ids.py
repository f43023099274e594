"""Message-IDs and reply addresses of ours: fixed for a message, recognised when they come back, guessed by nobody.

A tag is `<token>.<mark>`: the token is a keyed hash of our message's id (100 bits), the mark a keyed hash of the token (50 bits). So an
id is the same in every attempt, needs no table, and anyone who holds the keys can tell that it is one of ours.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence

_TAG = re.compile(r"([a-z2-7]{20})\.([a-z2-7]{10})")
PURPOSE = "email ids"


class Ids:
    """Makes and recognises. `keys`: the first one makes, all are accepted."""

    def __init__(self, keys: Sequence[bytes], address: str, answers_to: str) -> None:
        self._keys = tuple(keys)
        self._domain = address.rpartition("@")[2].lower()
        self._local, _, self._answer_domain = answers_to.lower().rpartition("@")

    def tag(self, message: str) -> str:
        """The tag of our message with this id."""
        token = _digest(self._keys[0], f"message:{message}", 20)
        return f"{token}.{_digest(self._keys[0], f'mark:{token}', 10)}"

    def message_id(self, message: str) -> str:
        """The Message-ID of our message, without angle brackets."""
        return f"{self.tag(message)}@{self._domain}"

    def reply_address(self, message: str, answers_to: str) -> str:
        """The address that answers to our message go to: `support+<tag>@example.com`."""
        local, _, domain = answers_to.rpartition("@")
        return f"{local}+{self.tag(message)}@{domain}"

    def is_ours(self, message_id: str) -> bool:
        """Whether a Message-ID was made by this channel."""
        local, _, domain = message_id.strip("<> ").lower().rpartition("@")
        return domain == self._domain and self._genuine(local)

    def answered(self, addresses: Iterable[str]) -> str:
        """The Message-ID of ours that one of these addresses carries the tag of, or empty."""
        prefix = f"{self._local}+"
        for address in addresses:
            local, _, domain = address.lower().rpartition("@")
            tag = local.removeprefix(prefix)
            if domain == self._answer_domain and tag != local and self._genuine(tag):
                return f"{tag}@{self._domain}"
        return ""

    def _genuine(self, tag: str) -> bool:
        found = _TAG.fullmatch(tag)
        if found is None:
            return False
        marks = (_digest(key, f"mark:{found.group(1)}", 10) for key in self._keys)
        return any(hmac.compare_digest(mark, found.group(2)) for mark in marks)


def _digest(key: bytes, text: str, length: int) -> str:
    raw = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return base64.b32encode(raw).decode("ascii").lower()[:length]
