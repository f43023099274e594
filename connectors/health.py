"""How a channel fares: its state in words for the agents' page and `parley doctor`, and a circuit breaker. Pure: time is an argument."""

from __future__ import annotations

from typing import Literal

import msgspec

State = Literal["starting", "connected", "degraded", "disconnected", "needs_operator", "stopped"]

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30.0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A channel's health: `reason` is a sentence, `since` when the state began, `retry_at` when it is tried again (0.0: not planned)."""

    channel: str
    connector: str
    state: State
    reason: str = ""
    since: float = 0.0
    retry_at: float = 0.0
    circuit: Literal["closed", "probing", "open"] = "closed"


Side = Literal["", "in", "out"]
_RANK: dict[State, int] = {
    "starting": 0,
    "connected": 1,
    "stopped": 2,
    "degraded": 3,
    "disconnected": 4,
    "needs_operator": 5,
}


class Health:
    """One channel's state. `change` answers whether it changed: whoever changes it logs once when lost and once when back.

    What comes in and what goes out may stand at different servers: the state is that of the side that is worse off.
    """

    def __init__(self, channel: str, connector: str, now: float) -> None:
        self._channel = channel
        self._connector = connector
        self.state: State = "starting"
        self.reason = ""
        self._since = now
        self._retry_at = 0.0
        self._sides: dict[Side, tuple[State, str, float]] = {}

    def change(
        self, state: State, now: float, reason: str = "", retry_at: float = 0.0, side: Side = ""
    ) -> bool:
        """Note the state of a side, or of the whole (then what was known of the sides is over); True when the channel's is another one."""
        if not side:
            self._sides.clear()
        self._sides[side] = (state, reason, retry_at)
        worst, reason, retry_at = max(
            self._sides.values(), key=lambda known: (_RANK[known[0]], known[1] != "")
        )
        changed = worst != self.state
        if changed:
            self._since = now
        self.state, self.reason, self._retry_at = worst, reason, retry_at
        return changed

    def report(self, breaker: Breaker) -> Report:
        """The state as others may see it."""
        return Report(
            channel=self._channel,
            connector=self._connector,
            state=self.state,
            reason=self.reason,
            since=self._since,
            retry_at=self._retry_at,
            circuit=breaker.state,
        )


class Breaker:
    """After `FAILURES_TO_OPEN` failures in a row nothing is tried for `OPEN_SECONDS`; then one probe decides."""

    def __init__(self) -> None:
        self._failures = 0
        self._open_until = 0.0
        self.state: Literal["closed", "probing", "open"] = "closed"

    def wait(self, now: float) -> float:
        """0.0 when something may be tried now, otherwise the seconds until then (while a probe is under way: a second)."""
        if self.state == "closed":
            return 0.0
        if self.state == "probing":
            return 1.0
        return max(self._open_until - now, 0.0)

    def begin(self) -> None:
        """Something is tried: after a pause it is the probe."""
        if self.state == "open":
            self.state = "probing"

    def worked(self) -> None:
        """The provider answered."""
        self._failures = 0
        self.state = "closed"

    def failed(self, now: float) -> None:
        """The provider could not be reached, or is down."""
        self._failures += 1
        if self.state == "probing" or self._failures >= FAILURES_TO_OPEN:
            self.state = "open"
            self._open_until = now + OPEN_SECONDS

    def unprobed(self) -> None:
        """What was to be the probe did not come to anything: let another one be it."""
        if self.state == "probing":
            self.state = "open"
