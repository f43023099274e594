"""What the journal says of each conversation before it is played again: when it came, how long it took somebody, when it gave up.

Pure: told of events in their order, once, before anything is played. A conversation that is opened again is a new one here.
Memory: 48 bytes for each, and a little more for those that are not resolved.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from math import inf, isnan, nan
from typing import Any, Literal

import msgspec

from router.needs import wants
from stream import events as ev

MOST = 5_000_000
"""Conversations that one replay takes."""
NOBODY = 0
"""The index of the empty name."""
_FEW = 300.0
"""Seconds of work of a kind of conversation that nobody ever worked on in the recording."""


class TooMany(Exception):
    """More conversations than one replay takes."""


class Names:
    """Names by number, so that a row costs two bytes; the first is the empty one."""

    def __init__(self) -> None:
        self.all = [""]
        self._numbers = {"": 0}

    def number(self, name: str) -> int:
        """The number of a name; beyond 65,535 of them all others are one."""
        known = self._numbers.get(name)
        if known is None:
            if len(self.all) > 0xFFFF:
                return NOBODY
            known = self._numbers[name] = len(self.all)
            self.all.append(name)
        return known


class Held(msgspec.Struct, frozen=True):
    """A conversation that somebody had already when the recording begins."""

    index: int
    conversation: str
    agent: str
    units: int
    connector: str


class _Open:
    """A conversation that is not resolved."""

    __slots__ = ("held", "index", "offered")

    def __init__(self, index: int) -> None:
        self.index = index
        self.held = nan
        self.offered = nan


class Survey:
    """Rows by the number of the conversation, all in seconds.

    `came` since the epoch; `worked` with agents in all; `wait` until somebody had it (nan: nobody); `reaction` of whom it was offered
    to; `left` after so long without anybody (inf: it did not). `need` names the skills that it asked for at first. `waiting` are those that waited when the recording begins.
    """

    def __init__(self, start: float) -> None:
        self.start, self.end = start, start
        self.came, self.worked, self.wait, self.reaction, self.left = (array("d") for _ in range(5))
        self.queue, self.agent, self.kind, self.need = (array("H") for _ in range(4))
        self.names = Names()
        self.held: list[Held] = []
        self.waiting: list[tuple[int, str]] = []
        self.status: dict[str, str] = {}
        """What agents who changed their status later can be taken to have begun with."""
        self.events = 0
        self._open: dict[str, _Open] = {}
        self._asked: dict[tuple[str, ...], int] = {(): NOBODY}

    def tell(self, page: list[ev.Recorded]) -> None:
        """The next events. Raises `TooMany`."""
        for recorded in page:
            handler = _HANDLERS.get(type(recorded.event))
            if handler is not None:
                handler(self, recorded.event, recorded.at)
        self.events += len(page)
        if page:
            self.end = max(self.end, page[-1].at)
        if len(self.came) > MOST:
            raise TooMany(f"more than {MOST:,} conversations: replay a shorter time")

    def close(self) -> None:
        """The recording is over: who still works does so to its end, and what nobody had is taken to be as long as its like."""
        for one in self._open.values():
            self._rest(one, self.end)
        total: dict[int, list[float]] = {}
        for index, worked in enumerate(self.worked):
            if worked > 0:
                total.setdefault(self.kind[index], []).append(worked)
        usual = {kind: sum(found) / len(found) for kind, found in total.items()}
        for index, worked in enumerate(self.worked):
            if not worked > 0:
                self.worked[index] = usual.get(self.kind[index], _FEW)
        self._open = {}

    # --- one conversation --------------------------------------------------------------------------------------

    def comes(self, conversation: str, at: float, connector: str = "") -> int:
        """One more; its number. Numbers follow the journal, so that a second reading gives the same ones."""
        index = len(self.came)
        self._open[conversation] = _Open(index)
        for row, value in (
            (self.came, at),
            (self.worked, 0.0),
            (self.wait, nan),
            (self.reaction, 0.0),
            (self.left, inf),
        ):
            row.append(value)
        for names in (self.queue, self.agent, self.need):
            names.append(NOBODY)
        self.kind.append(self.names.number(connector))
        return index

    def _known(self, event: Any) -> _Open:
        """Its row; one that nobody has told of was there when the recording began, with whom it is taken from now."""
        one = self._open.get(event.conversation)
        if one is not None:
            return one
        index = self.comes(event.conversation, self.start, event.connector)
        one = self._open[event.conversation]
        released = getattr(event, "released", "")
        if released:
            one.held = self.start
            self.held.append(Held(index, event.conversation, released, event.released_units, event.connector))
            self.status.setdefault(released, "online")
        else:
            self.waiting.append((index, event.conversation))
        return one

    def _rest(self, one: _Open, at: float) -> None:
        """Nobody works on it from now on."""
        if not isnan(one.held):
            self.worked[one.index] += max(0.0, at - one.held)
            one.held = nan

    def _given(self, one: _Open, agent: str, at: float) -> None:
        self._rest(one, at)
        if isnan(self.wait[one.index]):
            self.wait[one.index] = max(0.0, at - self.came[one.index])
            self.agent[one.index] = self.names.number(agent)
        one.held = at

    def _skills(self, need: tuple[str, ...]) -> int:
        """The number of the skills that must be there, as one name."""
        known = self._asked.get(need)
        if known is None:
            skills = sorted(one.skill for one in wants(need).every if one.kind == "skill")
            known = self._asked[need] = self.names.number("-".join(skills))
        return known

    # --- events ------------------------------------------------------------------------------------------------

    def started(self, event: ev.ConversationStarted, at: float) -> None:
        """A new thread; spam is not routed."""
        if not event.spam:
            self.comes(event.conversation, at, event.connector)

    def reopened(self, event: ev.ConversationReopened, at: float) -> None:
        """It goes on, as a conversation of its own."""
        self.comes(event.conversation, at)

    def queued(self, event: ev.ConversationQueued, at: float) -> None:
        """It waits; whoever had it is done with it for now."""
        one = self._known(event) if event.released else self._open.get(event.conversation)
        if one is None:
            return
        self._rest(one, at)
        if not self.queue[one.index]:
            self.need[one.index] = self._skills(event.need)
        if event.queue:
            self.queue[one.index] = self.names.number(event.queue)
        if event.connector and not self.kind[one.index]:
            self.kind[one.index] = self.names.number(event.connector)

    def offered(self, event: ev.OfferMade, at: float) -> None:
        """Somebody is asked."""
        self._known(event).offered = at
        self.status.setdefault(event.agent, "online")

    def assigned(self, event: ev.ConversationAssigned, at: float) -> None:
        """Somebody has it."""
        one = self._known(event)
        if event.how == "accepted" and not isnan(one.offered) and not self.reaction[one.index]:
            self.reaction[one.index] = at - one.offered
        self._given(one, event.agent, at)

    def snoozed(self, event: ev.ConversationSnoozed, at: float) -> None:
        """Nobody works on it for a while."""
        if event.released or event.conversation in self._open:
            self._rest(self._known(event), at)

    def woken(self, event: ev.SnoozeEnded, at: float) -> None:
        """Work on it goes on."""
        one = self._open.get(event.conversation)
        if one is not None and event.agent:
            self._given(one, event.agent, at)

    def resolved(self, event: ev.ConversationResolved, at: float) -> None:
        """Done, or given up by whoever wrote."""
        if not event.released and event.conversation not in self._open:
            return
        one = self._known(event)
        self._rest(one, at)
        if isnan(self.wait[one.index]) and not event.released:
            self.left[one.index] = max(0.0, at - self.came[one.index])
        del self._open[event.conversation]

    def marked(self, event: ev.SpamMarked, at: float) -> None:
        """Spam is taken out, as if it had left."""
        one = self._open.get(event.conversation)
        if one is None or not event.spam:
            return
        self._rest(one, at)
        if isnan(self.wait[one.index]):
            self.left[one.index] = max(0.0, at - self.came[one.index])
        del self._open[event.conversation]

    def set_status(self, event: ev.AgentStatusChanged, _at: float) -> None:
        """What they had before is taken to be the opposite, unless they were seen at work."""
        before: Literal["online", "offline"] = "offline" if event.status == "online" else "online"
        self.status.setdefault(event.agent, before)


_HANDLERS: dict[type, Callable[[Survey, Any, float], None]] = {
    ev.ConversationStarted: Survey.started,
    ev.ConversationReopened: Survey.reopened,
    ev.ConversationQueued: Survey.queued,
    ev.OfferMade: Survey.offered,
    ev.ConversationAssigned: Survey.assigned,
    ev.ConversationSnoozed: Survey.snoozed,
    ev.SnoozeEnded: Survey.woken,
    ev.ConversationResolved: Survey.resolved,
    ev.SpamMarked: Survey.marked,
    ev.AgentStatusChanged: Survey.set_status,
}
