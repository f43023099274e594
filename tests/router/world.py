"""A small world around an engine: items and agents as a store would keep them, people who act at random, decisions that come late.

Every change is fed to whoever listens in the order in which it happened, after a delay; a decision that no longer holds is
refused once everything before it has been heard, as the service does it.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from router import decisions as say
from router import inputs
from router.board import Board
from router.decisions import Decision
from router.inputs import Colleague, Input, Item, Reserved
from router.items import needs_rules
from router.plan import Plan
from router.rules import Facts
from stream.fold.level import answered, turned
from tests.router import world_levels

replace = msgspec.structs.replace
Handle = Callable[[Input, float], list[Decision]]


class World:
    """`truth` is what is committed; `feed` what nobody has heard of yet; `under_way` what was decided and not yet committed."""

    def __init__(self, plan: Plan, listeners: list[Handle], start: float = 1_000_000.0) -> None:
        self.plan, self.listeners, self.now = plan, listeners, start
        self.items: dict[str, Item] = {}
        self.agents: dict[str, Colleague] = {}
        self.feed: deque[Input] = deque()
        self.under_way: deque[Decision] = deque()
        self.made = 0
        self.log: list[tuple[float, Input]] = []
        self.counts: dict[str, int] = {}
        self.differences = 0

    # --- telling ---

    def tell(self, told: Input) -> None:
        """Tell every listener; their decisions must agree."""
        answers = [listener(told, self.now) for listener in self.listeners]
        self.log.append((self.now, told))
        if any(plain(answer) != plain(answers[0]) for answer in answers[1:]):
            self.differences += 1
            raise AssertionError(f"{told}\n" + "\n".join(str(plain(answer)) for answer in answers))
        for decision in answers[0]:
            self.counts[type(decision).__name__] = self.counts.get(type(decision).__name__, 0) + 1
            self.under_way.append(decision)

    def hear(self) -> None:
        """One change reaches the listeners."""
        if self.feed:
            self.tell(self.feed.popleft())

    def drain(self) -> None:
        """Until nothing is under way."""
        for _ in range(100_000):
            if self.feed:
                self.hear()
            elif self.under_way:
                self.commit()
            else:
                return
        raise AssertionError("it never comes to rest")

    # --- committing ---

    def load(self, agent: str) -> int:
        """Units that are taken of an agent."""
        return sum(units_of(item, agent) for item in self.items.values())

    def room(self, agent: str, item: Item, units: int, beyond: int = 0) -> bool:
        """As the store checks it."""
        facts = self.agents[agent]
        caps = {**self.plan.caps(), **facts.caps}
        same = sum(
            units_of(other, agent) > 0 and other.connector == item.connector for other in self.items.values()
        )
        return self.load(agent) + units - beyond <= facts.capacity and same < caps.get(item.connector, 10**9)

    def put(self, item: Item, *, routed: bool = True) -> None:
        """Commit an item and let it be heard; one that the rules must place comes with its facts."""
        item = replace(item, version=item.version + 1)
        if item.status == "resolved":
            self.items.pop(item.id, None)
            self.feed.append(inputs.ItemGone(item.id))
            return
        before = self.items.get(item.id)
        if item.resting and (
            before is None or (item.status, item.assignee) != (before.status, before.assignee)
        ):
            item = replace(item, resting=False)
        self.items[item.id] = item
        given = item.assignee and (before is None or before.assignee != item.assignee)
        if routed and needs_rules(item, self.plan.queues):
            self.feed.append(inputs.ItemArrived(item, self.facts(item)))
        else:
            self.feed.append(inputs.ItemChanged(item, self.now if given else 0.0))

    def facts(self, item: Item) -> Facts:
        """What the rules may ask; the text is derived from the id, so that it is the same for everybody."""
        number = int(item.id[1:])
        text = ("rechnung", "technical", "hello", "urgent")[number % 4]
        language = ("de", "en", "es", "")[number // 4 % 4]
        return Facts(
            at=self.now, channel=item.channel, connector=item.connector, language=language, text=text
        )

    def commit(self, *, refuse: bool = False) -> None:
        """The oldest decision meets the truth."""
        decision = self.under_way.popleft()
        if isinstance(decision, say.SetAway):
            agent = self.agents[decision.agent]
            if refuse or agent.status != "online":
                self._flush()
                self.tell(inputs.AwayRefused(decision.agent))
            else:
                self.set_agent(replace(agent, status="away"))
            return
        item = self.items.get(decision.id)
        after = None if refuse or item is None else self._decide(decision, item)
        if after is None and item is not None and isinstance(decision, say.SetLevel | say.ReachMark):
            self._flush()
            self.tell(inputs.LevelRefused(item))
        elif after is None:
            self._flush()
            self.tell(inputs.Refused(decision.id, self.items.get(decision.id)))
            if item is not None and needs_rules(item, self.plan.queues):
                self.tell(inputs.ItemArrived(item, self.facts(item)))
        elif after is not item:
            self.put(after)

    def _flush(self) -> None:
        while self.feed:
            self.hear()

    def _decide(self, decision: Any, item: Item) -> Item | None:
        waits = item.status == "open" and not item.assignee and not item.spam
        if isinstance(decision, say.Queue) and waits:
            item = self._end(item, "recalled") if item.offer else item
            item = replace(item, opened=item.opened if item.rule == decision.rule else ())
            fields = ("queue", "team", "need", "rule", "priority", "units", "waiting_since")
            patch = {name: getattr(decision, name) for name in fields}
            return replace(item, **patch, place=decision.waiting_since, assignee="", offer=None)
        if isinstance(decision, say.Push) and waits and not item.offer:
            able = self._able(item, decision.units, ((decision.agent, decision.beyond),))
            return self._assign(item, decision.agent, decision.units) if able else None
        if isinstance(decision, say.Offer) and waits:
            return self._offer(decision, item)
        if isinstance(decision, say.EndOffer) and item.offer and item.offer.id == decision.offer:
            gone = decision.alone and decision.agent not in item.offer.asked
            return None if gone else self._end(item, decision.how, decision.agent if decision.alone else "")
        if isinstance(decision, say.Rest) and item.assignee == decision.agent and item.status == "open":
            return (
                None
                if item.resting or item.last_customer_at > item.last_agent_at
                else replace(item, resting=True)
            )
        if isinstance(decision, say.HandBack) and item.assignee == decision.agent and item.status == "open":
            return replace(
                item, assignee="", last_agent=item.assignee, waiting_since=item.place or item.created_at
            )
        if isinstance(decision, say.Wake) and item.status == "snoozed" and item.snoozed_until <= self.now:
            return self._wake(item)
        if isinstance(decision, say.OpenStep):
            return replace(item, opened=decision.opened) if waits and decision.rule == item.rule else None
        return self._decide_level(decision, item)

    def _decide_level(self, decision: Any, item: Item) -> Item | None:
        if isinstance(decision, say.SetLevel):
            return world_levels.set_level(item, decision)
        if isinstance(decision, say.ReachMark):
            return self._reach(decision, item)
        return item if isinstance(decision, say.AutoReply) else None

    def _reach(self, decision: say.ReachMark, item: Item) -> Item | None:
        """A service level's mark, and the queue or team that it leads to."""
        reached = world_levels.reach_mark(item, decision)
        if reached is None or not world_levels.moves(item, decision):
            return reached
        free = self._end(reached, "recalled") if reached.offer else reached
        place = item.place or item.waiting_since or item.created_at
        return replace(
            free, queue=decision.queue or item.queue, team=decision.team, need=decision.need, rule="", opened=(), declined=(), waiting_since=place,
            place=place, assignee="", last_agent=item.assignee or item.last_agent,
        )  # fmt: skip

    def _able(self, item: Item, units: int, asked: tuple[tuple[str, int], ...]) -> list[str]:
        """Those of them who can have it."""
        there = [(self.agents[login], beyond) for login, beyond in asked]
        return [
            agent.id
            for agent, beyond in there
            if agent.status == "online" and agent.active and self.room(agent.id, item, units, beyond)
        ]

    def _offer(self, decision: say.Offer, item: Item) -> Item | None:
        if (item.offer.id if item.offer else "") != decision.replaces:
            return None
        free = replace(item, offer=None)
        self.items[item.id] = free
        able = self._able(free, decision.units, ((decision.agent, decision.beyond), *decision.also))
        self.items[item.id] = item
        if not able:
            return None
        if item.offer:
            item = self._end(item, "recalled")
        self.made += 1
        offer = Reserved(
            id=f"o{self.made}",
            agent=able[0],
            expires_at=decision.expires_at,
            units=decision.units,
            also=tuple(able[1:]),
        )
        return replace(item, offer=offer, units=decision.units)

    def _end(self, item: Item, how: Any, alone: str = "") -> Item:
        assert item.offer
        declined, ended = item.declined, (alone,) if alone else item.offer.asked
        for agent in ended:
            self.feed.append(inputs.OfferEnded(item.id, agent, how))
            declined = declined if how == "recalled" or agent in declined else (*declined, agent)
        left = tuple(agent for agent in item.offer.asked if agent not in ended)
        offer = replace(item.offer, agent=left[0], also=left[1:]) if left else None
        return replace(item, offer=offer, declined=declined)

    def _assign(self, item: Item, agent: str, units: int) -> Item:
        for other in item.offer.asked if item.offer else ():
            if other != agent and len(item.offer.asked if item.offer else ()) > 1:
                self.feed.append(inputs.OfferEnded(item.id, other, "recalled"))
        self.agents[agent] = replace(self.agents[agent], idle_since=self.now)
        place = item.place or item.waiting_since or item.created_at
        return replace(
            item,
            status="open",
            assignee=agent,
            offer=None,
            units=units,
            waiting_since=0.0,
            place=place,
            declined=(),
            opened=(),
        )

    def _wake(self, item: Item) -> Item:
        back = (
            item.assignee and self.agents[item.assignee].active and self.room(item.assignee, item, item.units)
        )
        level = turned(item.level, self.now, "woken")
        return replace(
            item, status="open", assignee=item.assignee if back else "", snoozed_until=0.0, level=level
        )

    def again(self, waits: list[tuple[str, float, float]], wrapping: list[tuple[str, float]]) -> None:
        """Another leader: every listener is replaced by a new one, which is told what is stored."""
        self._flush()
        self.under_way.clear()
        kinds = [type(listener.__self__) for listener in self.listeners]  # type: ignore[attr-defined]  # bound methods
        self.listeners = [kind(self.plan).handle for kind in kinds]
        self.tell(inputs.Config(self.plan))
        for agent in self.agents.values():
            self.tell(inputs.AgentChanged(agent))
        for item in self.items.values():
            self.tell(inputs.ItemChanged(item))
        for login, until in wrapping:
            self.tell(inputs.WrappingUp(login, until))
        for queue, at, waited in waits:
            self.tell(inputs.GivenOut(queue, at, waited))
        self.tell(inputs.Begin())
        for item in list(self.items.values()):
            if needs_rules(item, self.plan.queues):
                self.tell(inputs.ItemArrived(item, self.facts(item)))

    # --- people ---

    def set_agent(self, agent: Colleague) -> None:
        """An agent's facts or status."""
        known = self.agents.get(agent.id)
        came = agent.status == "online" and known is not None and known.status in {"offline", "away"}
        self.agents[agent.id] = replace(agent, idle_since=self.now if came else agent.idle_since)
        self.feed.append(inputs.AgentChanged(self.agents[agent.id]))

    def arrive(self, connector: str, contact: str = "") -> str:
        """A customer writes."""
        ident = f"c{len(self.log)}{len(self.feed):02d}"
        first = Item(id=ident, channel=connector, connector=connector, contact=contact, created_at=self.now)
        self.put(replace(first, last_customer_at=self.now))
        return ident

    def answer(self, item: Item, *, accept: bool, who: int = 0) -> None:
        """One of those who are asked answers the offer."""
        agent = item.offer.asked[who % len(item.offer.asked)] if item.offer else ""
        if item.offer and accept:
            self.put(self._assign(item, agent, item.offer.units))
        elif item.offer:
            self.put(self._end(item, "declined", agent))

    def write(self, item: Item, *, customer: bool) -> None:
        """Somebody writes; what rested counts again when it is the customer."""
        if customer:
            level = turned(item.level, self.now, "customer")
            self.put(replace(item, last_customer_at=self.now, resting=False, level=level))
        elif item.assignee:
            self.put(replace(item, last_agent_at=self.now, level=answered(item.level, self.now)))

    def take(self, item: Item, agent: str, *, force: bool = False) -> None:
        """By hand, as far as there is room (a supervisor may do it without)."""
        mine = units_of(item, agent) > 0
        if self.agents[agent].active and not mine and (force or self.room(agent, item, item.units)):
            self.put(self._assign(item, agent, item.units))

    def pass_time(self, until: float) -> None:
        """The clock goes on; everything that falls due on the way is ticked at its moment."""
        engine = self.listeners[0].__self__  # type: ignore[attr-defined]  # listeners are bound methods
        while (due := engine.next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            self.tell(inputs.Tick())
        self.now = until

    def someone(self, rng: random.Random) -> Item | None:
        """Any item."""
        return rng.choice(list(self.items.values())) if self.items else None


def board_of(world: World) -> Board:
    """The state of the engine that leads now (another one may have taken over)."""
    board = world.listeners[0].__self__.board  # type: ignore[attr-defined]  # listeners are bound methods
    assert isinstance(board, Board)
    return board


def units_of(item: Item, agent: str) -> int:
    """What an item takes of an agent's capacity."""
    if item.status != "open":
        return 0
    if item.assignee == agent:
        return 0 if item.resting else item.units
    return item.offer.units if item.offer and agent in item.offer.asked else 0


def plain(decided: list[Decision]) -> list[Any]:
    """Decisions without their words and records (and without automatic texts), in one order."""
    found = []
    for decision in decided:
        if isinstance(decision, say.AutoReply):
            continue
        fields: dict[str, Any] = {"reason": ""}
        if hasattr(decision, "explain"):
            fields["explain"] = None
        if isinstance(decision, say.Queue):
            fields |= {"tags": (), "language": ""}
        found.append(replace(decision, **fields))
    return sorted(found, key=str)
