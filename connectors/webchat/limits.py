"""Counting against abuse within one process: token buckets and the network an address belongs to. Pure: the time is an argument.

Limits that hold across processes are the sandbox's (`take`); these here are cheap enough for every frame.
"""

from __future__ import annotations

import hashlib
import ipaddress


class Bucket:
    """At most `burst` at once, refilled with `rate` tokens per second."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, burst: float, rate: float) -> None:
        self._burst = burst
        self._rate = rate
        self._left = burst
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Take one token at `now` (seconds of any steady clock); False when none is left."""
        self._left = min(self._burst, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def network(remote: str | None) -> str:
    """A short digest of who is on the line: the IPv4 address, or the /64 that one customer has of IPv6."""
    text = remote or "unknown"
    try:
        ip = ipaddress.ip_address(text.partition("%")[0])
        if isinstance(ip, ipaddress.IPv6Address):
            mapped = ip.ipv4_mapped
            text = str(mapped or ipaddress.ip_network((ip, 64), strict=False))
    except ValueError:
        pass
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()
