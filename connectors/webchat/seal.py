"""Values that we hand to a browser and want back unchanged: bound to a purpose and an expiry by HMAC-SHA256. Pure: no clock, no keys."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

LONGEST = 4_096


def encode(data: bytes) -> str:
    """base64 for URLs, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The inverse of `encode`. Raises ValueError for anything that `encode` would not have written."""
    data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("not base64 for URLs in its one normal form")
    return data


def digest(key: bytes, purpose: str, *parts: str) -> bytes:
    """16 bytes that only the holder of `key` can make; parts are kept apart by their lengths."""
    text = "".join(f"{len(part)}:{part}" for part in (purpose, *parts))
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()[:16]


def seal(keys: Sequence[bytes], purpose: str, value: str, expires: int) -> str:
    """`value` in an envelope that `unseal` opens for the same purpose until `expires` (seconds since the epoch)."""
    return f"{encode(value.encode())}.{expires}.{encode(digest(keys[0], purpose, value, str(expires)))}"


def unseal(keys: Sequence[bytes], purpose: str, envelope: str, now: float) -> str | None:
    """The value, or None: changed, made for another purpose, or too old."""
    parts = envelope.split(".")
    if len(envelope) > LONGEST or len(parts) != 3:
        return None
    try:
        value, expires, mark = decode(parts[0]).decode(), int(parts[1]), decode(parts[2])
    except ValueError:
        return None
    genuine = any(hmac.compare_digest(digest(key, purpose, value, parts[1]), mark) for key in keys)
    return value if genuine and now < expires else None
