"""One plan played: conversations come when they came, agents are there when they were there, work takes as long as it took.

The engine that serves decides, in the recording's time; what it decides is carried out at once. Offers are accepted after as long
as it took in the recording: who would have declined is not known.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import deque
from collections.abc import Iterable
from heapq import heappop, heappush
from math import inf, isnan, nan
from typing import Any

import msgspec

from router import decisions as say
from router import inputs
from router.decisions import Decision
from router.engine import Engine
from router.inputs import Colleague, Item, Reserved
from router.items import needs_rules
from router.plan import Plan
from router.replay.survey import NOBODY, Held, Names, Survey
from router.rules import Facts

replace = msgspec.structs.replace
ABSENT, WAITING, LEFT, SERVED = range(4)
REMEMBERED = 200_000
"""Conversations whose last agent is remembered, for when they are opened again."""
_MARGIN = 0.001
_MOVED = ("queue", "team", "need", "rule", "priority", "units", "waiting_since")


class Person:
    """What is summed up of an agent: seconds online and busy (times units), and conversations."""

    def __init__(self, facts: Colleague) -> None:
        self.facts = facts
        self.since = inf
        self.online = 0.0
        self.busy = 0.0
        self.conversations = 0

    def is_now(self, status: str, at: float) -> None:
        """Online from now on, or no longer."""
        if self.since < inf:
            self.online += at - self.since
        self.since = at if status == "online" else inf


class Work:
    """A conversation that is there: `index` is its row, `left` what is still to be done; `began` while somebody does it."""

    __slots__ = ("began", "conversation", "index", "item", "left", "stamp")

    def __init__(self, index: int, conversation: str, item: Item, left: float) -> None:
        self.index, self.conversation, self.item, self.left = index, conversation, item, left
        self.began = nan
        self.stamp = 0


class Playing:
    """Rows by the number of the conversation: `fate`, `wait` (seconds), and `queue`, `agent`, `rule` by `names`."""

    def __init__(self, plan: Plan, team: Iterable[Colleague], survey: Survey) -> None:
        self.survey, self.plan, self.engine, self.names = survey, plan, Engine(plan), Names()
        count = len(survey.came)
        self.fate = bytearray(count)
        self.wait = array("d", [nan]) * count
        self.queue, self.agent, self.rule = (array("H", [NOBODY]) * count for _ in range(3))
        self.people = {one.id: Person(one) for one in team}
        self.now = survey.start
        self._work: dict[str, Work] = {}
        self._last: dict[str, tuple[str, float]] = {}
        self._events: list[tuple[float, int, str, str, int]] = []
        self._made = 0
        self._decided: deque[Decision] = deque()
        self._carrying = False

    # --- what is told ------------------------------------------------------------------------------------------

    def begin(self, online: Iterable[str], held: Iterable[Held]) -> None:
        """Everybody is in place as the recording begins."""
        here = frozenset(online)
        self._tell(inputs.Config(self.plan))
        for ident in sorted(self.people):
            self._status(ident, "online" if ident in here else "offline")
        for one in held:
            self._had(one)
        self._tell(inputs.Begin())

    def _had(self, one: Held) -> None:
        item = Item(
            id=f"r{one.index}", channel=one.connector, connector=one.connector, units=one.units, assignee=one.agent, version=1,
            created_at=self.now, place=self.now,
        )  # fmt: skip
        work = self._work[item.id] = Work(one.index, one.conversation, item, self.survey.worked[one.index])
        self.fate[one.index] = ABSENT
        self._tell(inputs.ItemChanged(item))
        self._start(work)

    def arrive(self, index: int, conversation: str, item: Item, facts: Facts) -> None:
        """A conversation comes, with what the rules may ask."""
        self.advance(facts.at)
        known = self._last.get(conversation)
        item = replace(
            item, id=f"r{index}", version=1, created_at=facts.at,
            last_agent=known[0] if known else "", last_agent_at=known[1] if known else 0.0,
        )  # fmt: skip
        self._work[item.id] = Work(index, conversation, item, self.survey.worked[index])
        self.fate[index] = WAITING
        if self.survey.left[index] < inf:
            self._at(self.now + self.survey.left[index], "leave", item.id, 0)
        self._tell(inputs.ItemArrived(item, facts))

    def set_status(self, agent: str, status: str, at: float) -> None:
        """An agent chose a status in the recording."""
        self.advance(at)
        if agent in self.people:
            self._status(agent, status)

    def close(self) -> None:
        """The recording is over."""
        self.advance(self.survey.end)
        for work in self._work.values():
            if not isnan(work.began):
                self._rest(work)
        for person in self.people.values():
            person.is_now("", self.now)

    # --- time --------------------------------------------------------------------------------------------------

    def advance(self, until: float) -> None:
        """Everything that falls due until then, in its order."""
        while True:
            due = self.engine.next_due()
            mine = self._events[0][0] if self._events else inf
            if due is not None and due <= min(mine, until):
                self.now = max(self.now, due)
                self._tell(inputs.Tick())
            elif mine <= until:
                at, _, kind, ident, stamp = heappop(self._events)
                self.now = max(self.now, at)
                self._due(kind, self._work.get(ident), stamp)
            else:
                break
        self.now = max(self.now, until)

    def _at(self, when: float, kind: str, ident: str, stamp: int) -> None:
        self._made += 1
        heappush(self._events, (when, self._made, kind, ident, stamp))

    def _due(self, kind: str, work: Work | None, stamp: int) -> None:
        if work is None:
            return
        if kind == "leave" and self.fate[work.index] == WAITING:
            self.fate[work.index] = LEFT
            self._end(work)
        elif kind == "accept" and stamp == work.stamp and work.item.offer is not None:
            self._accept(work, work.item.offer.agent, work.item.offer.units)
        elif kind == "done" and stamp == work.stamp:
            agent = work.item.assignee
            self._rest(work)
            self._remember(work.conversation, agent)
            self._end(work)
            if agent in self.people:
                facts = self.people[agent].facts = replace(self.people[agent].facts, idle_since=self.now)
                self._tell(inputs.AgentChanged(facts))

    def _remember(self, conversation: str, agent: str) -> None:
        self._last.pop(conversation, None)
        self._last[conversation] = (agent, self.now)
        if len(self._last) > REMEMBERED:
            del self._last[next(iter(self._last))]

    # --- what is decided ---------------------------------------------------------------------------------------

    def _tell(self, told: inputs.Input) -> None:
        """Tell the engine, and carry out what it decides in its order."""
        self._decided.extend(self.engine.handle(told, self.now))
        if self._carrying:
            return
        self._carrying = True
        while self._decided:
            decision = self._decided.popleft()
            if isinstance(decision, say.SetAway):
                self._tell(inputs.AwayRefused(decision.agent))
            elif (carry := _CARRY.get(type(decision))) and (work := self._work.get(decision.id)):
                carry(self, work, decision)
        self._carrying = False

    def _change(self, work: Work, at: float = 0.0, **facts: Any) -> None:
        work.item = replace(work.item, version=work.item.version + 1, **facts)
        if not needs_rules(work.item, self.plan.queues):
            self._tell(inputs.ItemChanged(work.item, at))

    def queued(self, work: Work, decision: say.Queue) -> None:
        """It waits where the rules say."""
        self.queue[work.index] = self.names.number(decision.queue)
        self.rule[work.index] = self.names.number(decision.rule)
        patch = {name: getattr(decision, name) for name in _MOVED}
        self._change(work, **patch, place=decision.waiting_since, assignee="", offer=None)

    def offered(self, work: Work, decision: say.Offer) -> None:
        """Somebody is asked, and accepts after a while."""
        if work.item.offer is not None:
            return  # somebody is asked already; in a replay whoever is asked first accepts
        made = Reserved(
            id=f"o{work.item.version}",
            agent=decision.agent,
            expires_at=decision.expires_at,
            units=decision.units,
        )
        work.stamp += 1
        takes = min(self.survey.reaction[work.index], decision.expires_at - self.now - _MARGIN)
        self._at(self.now + max(0.0, takes), "accept", work.item.id, work.stamp)
        self._change(work, offer=made)

    def pushed(self, work: Work, decision: say.Push) -> None:
        """Somebody has it at once."""
        self._accept(work, decision.agent, decision.units)

    def ended(self, work: Work, decision: say.EndOffer) -> None:
        """Nobody is asked any more."""
        work.stamp += 1
        self._tell(inputs.OfferEnded(work.item.id, decision.agent, decision.how))
        refused = (*work.item.declined, decision.agent) if decision.how == "expired" else work.item.declined
        self._change(work, offer=None, declined=refused)

    def handed_back(self, work: Work, decision: say.HandBack) -> None:
        """It waits again at its place, with the rest of its work."""
        self._rest(work)
        place = work.item.place or work.item.created_at
        self._change(
            work, assignee="", last_agent=decision.agent, last_agent_at=self.now, waiting_since=place
        )

    def _accept(self, work: Work, agent: str, units: int) -> None:
        if self.fate[work.index] == WAITING:
            self.fate[work.index] = SERVED
            self.wait[work.index] = self.now - self.survey.came[work.index]
            self.agent[work.index] = self.names.number(agent)
            if agent in self.people:
                self.people[agent].conversations += 1
        item = work.item
        place = item.place or item.waiting_since or item.created_at
        facts = {
            "assignee": agent,
            "offer": None,
            "units": units,
            "waiting_since": 0.0,
            "place": place,
            "declined": (),
        }
        self._change(work, self.now, **facts)
        self._start(work)

    def _start(self, work: Work) -> None:
        work.stamp += 1
        work.began = self.now
        self._at(self.now + work.left, "done", work.item.id, work.stamp)

    def _rest(self, work: Work) -> None:
        """Nobody works on it from now on."""
        spent = self.now - work.began
        work.left, work.began = max(0.0, work.left - spent), nan
        work.stamp += 1
        if work.item.assignee in self.people:
            self.people[work.item.assignee].busy += spent * work.item.units

    def _end(self, work: Work) -> None:
        del self._work[work.item.id]
        self._tell(inputs.ItemGone(work.item.id))

    def _status(self, ident: str, status: str) -> None:
        person = self.people[ident]
        came = status == "online" and person.facts.status in {"offline", "away"}
        idle = self.now if came else person.facts.idle_since
        person.facts = replace(person.facts, status=status, idle_since=idle)
        person.is_now(status, self.now)
        self._tell(inputs.AgentChanged(person.facts))

    def digest(self) -> str:
        """A hash over who got what, when and by which rule: equal for equal replays."""
        found = hashlib.sha256("\0".join(self.names.all).encode())
        for row in (self.fate, self.wait, self.queue, self.agent, self.rule):
            found.update(row)
        return found.hexdigest()


_CARRY: dict[type, Any] = {
    say.Queue: Playing.queued,
    say.Offer: Playing.offered,
    say.Push: Playing.pushed,
    say.EndOffer: Playing.ended,
    say.HandBack: Playing.handed_back,
}
