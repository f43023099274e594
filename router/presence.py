"""Who is connected, put together from what the inbox processes tell every few seconds. Pure: the (monotonic) time is an argument.

A hint, never a fact: after a start, a change of leader or a loss of the bus nobody counts as gone for a grace time. Who was not told
of is awaited meanwhile: they keep what they have and are offered nothing. Who was connected when the bus was lost is presumed to be.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from router.agents import Seen

TRUST_AFTER = 60.0
"""Seconds until silence about an agent means that they are gone."""
SILENT = 15.0
"""Seconds without a word until a process is forgotten."""

_UNTOLD: Seen = "presumed"
"""How the engine takes somebody before anything is told."""


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """The bus topic `presence`: the agents connected to a process, told every few seconds, and at once to whoever asks (`presence.asked`)."""

    process: str
    agents: tuple[str, ...] = ()
    at: float = 0.0


class Attendance:
    """What all processes have told. Every method answers how agents are seen from now on, as far as that has changed."""

    def __init__(self, now: float) -> None:
        self._trusted_at = now + TRUST_AFTER
        self._heard: dict[str, float] = {}
        self._present: dict[str, frozenset[str]] = {}
        self._seen: dict[str, Seen] = {}
        self._deaf = False

    def __len__(self) -> int:
        """How many agents are known."""
        return len(self._seen)

    @property
    def told(self) -> bool:
        """Whether any process has told who is connected to it."""
        return bool(self._heard)

    def know(self, agents: Iterable[str], now: float) -> dict[str, Seen]:
        """These agents exist."""
        for agent in agents:
            self._seen.setdefault(agent, _UNTOLD)
        return self._changes(now)

    def note(self, present: Present, now: float) -> dict[str, Seen]:
        """A process tells who is connected to it."""
        self._deaf = False
        self._heard[present.process] = now
        self._present[present.process] = frozenset(present.agents)
        return self._changes(now)

    def doubt(self, now: float) -> dict[str, Seen]:
        """Hints may have been lost: nobody counts as gone for a while."""
        self._trusted_at = now + TRUST_AFTER
        return self._changes(now)

    def tick(self, now: float) -> dict[str, Seen]:
        """Time has passed: processes that fell silent are forgotten; when all did, it is rather the bus that is lost."""
        silent = [process for process, heard in self._heard.items() if now - heard > SILENT]
        if silent and len(silent) == len(self._heard) and not self._deaf:
            self._deaf = True
            self._trusted_at = now + TRUST_AFTER
        for process in silent:
            del self._heard[process], self._present[process]
        return self._changes(now)

    def _changes(self, now: float) -> dict[str, Seen]:
        here = {agent for agents in self._present.values() for agent in agents}
        changes: dict[str, Seen] = {}
        for agent, before in self._seen.items():
            after: Seen = "connected" if agent in here else self._absent(before, now)
            if after != before:
                changes[agent] = after
        self._seen.update(changes)
        return changes

    def _absent(self, before: Seen, now: float) -> Seen:
        if now >= self._trusted_at:
            return "gone"
        return "presumed" if self._deaf and before in ("connected", "presumed") else "awaited"
