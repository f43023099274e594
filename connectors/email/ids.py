"""Message-IDs and addresses of ours: fixed for a message, recognised when they come back, guessed by nobody, good for a while.

A tag is `<token>.<day>.<mark>`: the token is a keyed hash of our message's id (100 bits), the day (since 1970) when the message was
queued, the mark a keyed hash of both (50 bits). So an id is the same in every attempt, needs no table, and anyone who holds the keys
can tell that it is one of ours and how old it is. Whose it is, the stream knows: a tag leads to one message, and with it into one
conversation, which takes in nobody but the contact that it is with.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_TAG = re.compile(r"([a-z2-7]{20})\.([a-z2-7]{4})\.([a-z2-7]{10})")
PURPOSE = "email ids"
DAY = 86_400.0


class Ids:
    """Makes and recognises. `keys`: the first one makes, all are accepted."""

    def __init__(self, keys: Sequence[bytes], address: str, answers_to: str) -> None:
        self._keys = tuple(keys)
        self._domain = address.rpartition("@")[2].lower()
        self._answers_to = answers_to

    def tag(self, message: str, at: float) -> str:
        """The tag of our message with this id, queued at `at` (seconds since the epoch)."""
        token = _digest(self._keys[0], f"message:{message}", 20)
        day = _letters(int(max(at, 0.0) // DAY))
        return f"{token}.{day}.{_digest(self._keys[0], f'mark:{token}.{day}', 10)}"

    def message_id(self, message: str, at: float) -> str:
        """The Message-ID of our message, without angle brackets."""
        return f"{self.tag(message, at)}@{self._domain}"

    def reply_address(self, message: str, at: float, answers_to: str) -> str:
        """The address that answers to our message go to: `support+<tag>@example.com`. Bounces have one like it."""
        local, _, domain = answers_to.rpartition("@")
        return f"{local}+{self.tag(message, at)}@{domain}"

    def is_ours(self, message_id: str) -> bool:
        """Whether a Message-ID was made by this channel, however old."""
        return self.day(message_id) is not None

    def day(self, message_id: str) -> int | None:
        """The day of a Message-ID that was made by this channel; None for any other."""
        local, _, domain = message_id.strip("<> ").lower().rpartition("@")
        return self._genuine(local) if domain == self._domain else None

    def answered(self, addresses: Iterable[str], base: str = "") -> str:
        """The Message-ID of ours that one of these addresses carries the tag of, or empty. `base`: the address without a tag."""
        local, _, domain = (base or self._answers_to).lower().rpartition("@")
        for address in addresses:
            left, _, right = address.lower().rpartition("@")
            tag = left.removeprefix(f"{local}+")
            if right == domain and tag != left and self._genuine(tag) is not None:
                return f"{tag}@{self._domain}"
        return ""

    def from_tag(self, tag: str) -> str:
        """The Message-ID that belongs to a genuine tag, or empty."""
        tag = tag.strip().lower()
        return f"{tag}@{self._domain}" if self._genuine(tag) is not None else ""

    def leaving(self, address: str) -> str:
        """A token by which the owner of this address, and nobody else, can stop our mail."""
        coded = base64.urlsafe_b64encode(address.lower().encode()).decode().rstrip("=")
        return f"{coded}.{_digest(self._keys[0], f'leave:{coded}', 20)}"

    def leaves(self, token: str) -> str:
        """The address of such a token; empty when it is not one of ours."""
        coded, _, mark = token[:600].rpartition(".")
        marks = [_digest(key, f"leave:{coded}", 20) for key in self._keys]
        if not coded or not any(hmac.compare_digest(one.encode(), mark.encode()) for one in marks):
            return ""
        return base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-8", "replace")

    def _genuine(self, tag: str) -> int | None:
        found = _TAG.fullmatch(tag)
        if found is None:
            return None
        signed = f"mark:{found.group(1)}.{found.group(2)}"
        marks = [_digest(key, signed, 10) for key in self._keys]
        return (
            _number(found.group(2))
            if any(hmac.compare_digest(mark, found.group(3)) for mark in marks)
            else None
        )


def _letters(day: int) -> str:
    """Twenty bits, enough until the year 4840."""
    return "".join(_ALPHABET[(day >> shift) & 31] for shift in (15, 10, 5, 0))


def _number(letters: str) -> int:
    value = 0
    for letter in letters:
        value = value * 32 + _ALPHABET.index(letter)
    return value


def _digest(key: bytes, text: str, length: int) -> str:
    raw = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return base64.b32encode(raw).decode("ascii").lower()[:length]
