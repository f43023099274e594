"""The arithmetic of a rate bucket, pure: GCRA (generic cell rate algorithm), one number of state per bucket."""

from __future__ import annotations


def take(arrival: float, now: float, count: int, seconds: float) -> tuple[float, float]:
    """One token of a bucket of `count` per `seconds`.

    `arrival` is the bucket's theoretical arrival time (0.0 when it is new). Returns (the new one, seconds to wait); when the wait
    is above zero nothing was taken.
    """
    interval = seconds / count
    start = max(arrival, now)
    wait = start - now - (seconds - interval)
    if wait > 1e-9:
        return arrival, wait
    return start + interval, 0.0


def trimmed(buckets: dict[str, float], now: float, limit: int) -> dict[str, float]:
    """At most half of `limit`: without those that are full again, and of the others those that take longest to fill."""
    busy = sorted(((arrival, key) for key, arrival in buckets.items() if arrival > now), reverse=True)
    return {key: arrival for arrival, key in busy[: limit // 2]}
