"""The time that routing runs by: it never goes back, and a jump of the computer's clock does not expire every offer at once.

It is the wall's time at the start plus what the monotonic clock has counted since. A small difference is worked off slowly; a
large one counts once it has lasted for a minute (a laptop that slept, a clock that was set): forward at once, back by going
at half the speed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

SLEW = 0.1
"""Seconds of correction per second, for small differences."""
LARGE = 5.0
LASTING = 60.0


class Clock:
    """`now()` in seconds since the Unix epoch."""

    def __init__(
        self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall, self._steady = wall, steady
        self._last = steady()
        self._now = wall()
        self._off_since: float | None = None

    def now(self) -> float:
        """The time; never less than before."""
        steady = self._steady()
        passed, self._last = steady - self._last, steady
        self._now += passed
        off = self._wall() - self._now
        if abs(off) <= LARGE:
            self._off_since = None
            self._now += max(-SLEW * passed, min(SLEW * passed, off))
        elif self._off_since is None:
            self._off_since = steady
        elif steady - self._off_since >= LASTING:
            self._now += off if off > 0 else -passed / 2
        return self._now
