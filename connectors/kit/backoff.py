"""How long to wait before the next try: full jitter, capped; what the other side asked for goes first. Pure: chance and time come in."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST_ASKED = 86_400.0
"""A `Retry-After` beyond a day is read as a day."""


def full_jitter(attempt: int, chance: float, *, base: float = 1.0, cap: float = 60.0) -> float:
    """Seconds before try number `attempt` + 1 (0 is the first): `chance` (0..1) of min(cap, base * 2^attempt)."""
    return chance * float(min(cap, base * 2 ** min(attempt, 32)))


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that `Retry-After` asks for (RFC 9110 10.2.3: a number, or an HTTP date); None when it says nothing readable."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_ASKED)
    try:
        moment = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(moment - now, 0.0), LONGEST_ASKED)
