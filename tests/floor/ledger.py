"""What the journal alone says of who held what: a page of obvious bookkeeping over recorded events, and what must hold of them at every one.

Nothing here asks the router, the fold or the tables: the house's rules are told as `Law`, everything else is in the events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf

from stream import events as ev

UNDER_WAY = 5.0
"""Seconds after a move in which an offer may come that was decided before it (the router takes it back from who does not fit any more)."""
SLACK = 0.05
"""Seconds by which a commit's clock may be before the decision's."""


@dataclass(frozen=True)
class Law:
    """A rule of the house: whom it never goes to, and which level of a skill it needs from which second on (0: none any more)."""

    never: str
    skill: str = ""
    levels: tuple[tuple[float, int], ...] = ((0.0, 0),)

    def fits(self, agent: ev.AgentConfigured, waited: float) -> bool:
        """Whether they may be asked for what has waited so long."""
        least = min(level for begins, level in self.levels if begins <= waited + SLACK or not begins)
        return agent.agent != self.never and agent.skills.get(self.skill, 0) >= least


@dataclass
class Case:
    """A conversation as its events tell it. Opened again it keeps its queue and rule until it is `placed` anew: an offer under way may still come."""

    placed: bool = False
    was: tuple[str, str, float] = ("", "", 0.0)
    moved: float = 0.0
    queue: str = ""
    rule: str = ""
    since: float = 0.0
    units: int = 1
    status: str = "open"
    offer: str = ""
    assignee: str = ""
    held: dict[str, int] = field(default_factory=dict)
    declined: set[str] = field(default_factory=set)


class Ledger:
    """The events so far; `faults` are what must not have happened, `seen` how often each type did."""

    def __init__(self, laws: dict[str, Law]) -> None:
        self.laws = laws
        self.n = 0
        self.cases: dict[str, Case] = defaultdict(Case)
        self.team: dict[str, ev.AgentConfigured] = {}
        self.status: dict[str, str] = {}
        self.said: dict[str, list[str]] = defaultdict(list)
        self.accepted: list[tuple[str, str]] = []
        self.seen: dict[str, int] = defaultdict(int)
        self.above = 0
        self.faults: list[str] = []

    def take(self, events: Iterable[ev.Recorded]) -> None:
        """The next events, in their order."""
        for one in events:
            if one.n != self.n + 1:
                self.faults.append(f"event {one.n} follows {self.n}")
            self.n = one.n
            self.seen[str(type(one.event).__struct_config__.tag)] += 1
            self._event(one.event, one.at)

    def _event(self, event: ev.AnyEvent, at: float) -> None:
        if isinstance(event, ev.AgentConfigured):
            self.team[event.agent] = event
        elif isinstance(event, ev.AgentStatusChanged):
            self.status[event.agent] = event.status
        elif isinstance(event, ev.MessageReceived):
            self.said[event.conversation].append(event.source_key.removeprefix("msg:"))
        elif isinstance(event, ev.OfferMade):
            self._offered(self.cases[event.conversation], event, at)
        elif isinstance(event, ev.OfferEnded):
            self._over(self.cases[event.conversation], event)
        elif isinstance(event, ev.ConversationAssigned):
            self._given(self.cases[event.conversation], event, at)
        elif isinstance(event, ev.ConversationQueued):
            self._queued(self.cases[event.conversation], event, at)
        elif isinstance(event, ev.SnoozeEnded):
            self._woken(self.cases[event.conversation], event)
        elif isinstance(event, ev.ConversationResolved | ev.ConversationReopened | ev.ConversationSnoozed):
            self._rest(self.cases[event.conversation], event)

    # --- what each does

    def _offered(self, case: Case, event: ev.OfferMade, at: float) -> None:
        if case.assignee or case.offer not in {"", event.offer}:
            self._fault(event, "is offered although somebody has it")
        case.offer = event.offer
        self._may_be_asked(case, event, at)
        self._hold(case, event.agent, event.units, event)

    def _may_be_asked(self, case: Case, event: ev.OfferMade | ev.ConversationAssigned, at: float) -> None:
        agent = self.team[event.agent]
        if event.agent in case.declined:
            self._fault(event, "goes to who declined it")
        places = [(case.queue, case.rule, case.since)] + ([case.was] if at - case.moved < UNDER_WAY else [])
        if not any(
            queue in agent.queues and self.laws[rule].fits(agent, at - since) for queue, rule, since in places
        ):
            self._fault(event, f"goes to who does not fit ({case.rule}, waited {at - case.since:.2f} s)")
        if self.status.get(event.agent) != "online":
            self._fault(event, "goes to who is not online")

    def _over(self, case: Case, event: ev.OfferEnded) -> None:
        case.held.pop(event.agent, None)
        case.offer = case.offer if case.held else ""
        if event.how != "recalled":
            case.declined.add(event.agent)

    def _given(self, case: Case, event: ev.ConversationAssigned, at: float) -> None:
        if event.how == "accepted":
            self.accepted.append((event.conversation, event.agent))
            if event.agent not in case.held:
                self._fault(event, "is accepted by who was not asked")
        elif event.how == "pushed":
            self._may_be_asked(case, event, at)
        before = case.held.get(event.agent, 0)
        case.held, case.declined, case.offer = {}, set(), ""
        case.status, case.assignee = "open", event.agent
        self._hold(case, event.agent, event.units, event, before)

    def _hold(self, case: Case, agent: str, units: int, event: ev.AnyEvent, before: int = 0) -> None:
        """Of its units the agent had `before` already: a file may have taken capacity away meanwhile."""
        case.held[agent] = units
        load, capacity = self.load(agent), self.team[agent].capacity
        if load <= capacity or units <= before:
            return
        by = getattr(event, "by", None)
        chosen = getattr(event, "over_capacity", False) and by is not None and self.leads(by.id)
        self.above += chosen
        if not chosen:
            self._fault(event, f"takes {agent} to {load} of {capacity} units")

    def _queued(self, case: Case, event: ev.ConversationQueued, at: float) -> None:
        if case.queue:
            case.was, case.moved = (case.queue, case.rule, case.since), at
        case.held, case.offer, case.assignee, case.status = {}, "", "", "open"
        case.queue, case.rule, case.since, case.units = (
            event.queue,
            event.rule,
            event.waiting_since,
            event.units,
        )
        case.placed = bool(event.queue)
        if event.forget_declined:
            case.declined = set()

    def _woken(self, case: Case, event: ev.SnoozeEnded) -> None:
        case.status, case.assignee = "open", event.agent
        if event.agent:
            self._hold(case, event.agent, event.units, event)

    def _rest(
        self, case: Case, event: ev.ConversationResolved | ev.ConversationReopened | ev.ConversationSnoozed
    ) -> None:
        case.held, case.offer = {}, ""
        case.status = {"conversation.resolved": "resolved", "conversation.snoozed": "snoozed"}.get(
            str(type(event).__struct_config__.tag), "open"
        )
        if isinstance(event, ev.ConversationReopened):
            case.assignee, case.declined, case.placed = "", set(), False

    def _fault(self, event: ev.AnyEvent, what: str) -> None:
        self.faults.append(f"{self.n}: {getattr(event, 'conversation', '')} {what}: {event}")

    # --- what is asked of it

    def leads(self, login: str) -> bool:
        """Whether they may give work above the capacity."""
        return login in self.team and self.team[login].role in {"supervisor", "admin"}

    def load(self, agent: str) -> int:
        """Units that an agent holds."""
        return sum(case.held.get(agent, 0) for case in self.cases.values())

    def waiting(self) -> dict[str, Case]:
        """What is open with nobody who has it or is asked."""
        return {
            ident: case
            for ident, case in self.cases.items()
            if case.status == "open" and not case.assignee and not case.offer
        }

    def in_vain(self, here: Iterable[str]) -> list[str]:
        """What waits although one of those who are `here` fits (by its last step), is online, did not decline it and has room."""
        return [
            f"{ident} ({case.rule}, since {case.since:.2f}) waits beside {agent}: {self.load(agent)} of {facts.capacity}"
            for ident, case in self.waiting().items()
            for agent in here
            if (facts := self.team[agent]).active
            and self.status.get(agent) == "online"
            and agent not in case.declined
            and case.queue in facts.queues
            and case.rule in self.laws
            and self.laws[case.rule].fits(facts, inf)
            and self.load(agent) + case.units <= facts.capacity
        ]

    def unplaced(self) -> list[str]:
        """What no rule has placed yet."""
        return [f"{ident} is not placed: {case}" for ident, case in self.waiting().items() if not case.placed]

    def offered(self) -> list[str]:
        """What somebody is asked about."""
        return [f"{ident} is offered: {case}" for ident, case in self.cases.items() if case.offer]
