"""Who is connected and who looks at what, over all processes, put together from hints. Pure: time is an argument.

A process tells what it has every few seconds; one that falls silent is forgotten. Nothing here is a fact: losing it costs a sign on a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

SILENT_SECONDS = 15.0


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """The bus topic `presence`: the agents connected to a process."""

    process: str
    agents: tuple[str, ...]
    at: float = 0.0


class Looking(msgspec.Struct, frozen=True, kw_only=True):
    """The bus topic `viewing`: who has a conversation open at a process."""

    process: str
    conversation: str
    agents: tuple[str, ...]


class TypingHint(msgspec.Struct, frozen=True, kw_only=True):
    """The bus topic `typing`: `who` has kind (agent, contact), id and name."""

    conversation: str
    who: dict[str, str]
    on: bool


class Company:
    """What all processes have told."""

    def __init__(self) -> None:
        self._heard: dict[str, float] = {}
        self._present: dict[str, frozenset[str]] = {}
        self._looking: dict[str, dict[str, tuple[str, ...]]] = {}

    def connected(self) -> set[str]:
        """The logins that are connected anywhere."""
        return {login for logins in self._present.values() for login in logins}

    def note_present(self, process: str, agents: Iterable[str], now: float) -> dict[str, bool]:
        """Take a process's word; answers who came (true) and who went (false)."""
        before = self.connected()
        self._heard[process] = now
        self._present[process] = frozenset(agents)
        return _changes(before, self.connected())

    def note_looking(self, process: str, conversation: str, agents: Sequence[str]) -> list[str]:
        """Take a process's word; answers everybody who looks at the conversation now, sorted."""
        here = self._looking.setdefault(conversation, {})
        if agents:
            here[process] = tuple(agents)
        else:
            here.pop(process, None)
        if not here:
            del self._looking[conversation]
        return self.looking(conversation)

    def looking(self, conversation: str) -> list[str]:
        """Everybody who looks at it, sorted."""
        return sorted({login for agents in self._looking.get(conversation, {}).values() for login in agents})

    def forget_silent(self, now: float) -> tuple[dict[str, bool], list[str]]:
        """Forget processes not heard of for 15 seconds: who went with them, and the conversations that they looked at."""
        silent = {process for process, at in self._heard.items() if now - at > SILENT_SECONDS}
        if not silent:
            return {}, []
        before = self.connected()
        for process in silent:
            del self._heard[process]
            del self._present[process]
        touched = [ident for ident, here in self._looking.items() if silent & here.keys()]
        for ident in touched:
            for process in silent & self._looking[ident].keys():
                del self._looking[ident][process]
            if not self._looking[ident]:
                del self._looking[ident]
        return _changes(before, self.connected()), touched


def _changes(before: set[str], after: set[str]) -> dict[str, bool]:
    return {login: login in after for login in sorted(before ^ after)}
