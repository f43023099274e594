"""What the router keeps of the stream: unresolved conversations and agents, folded by the stream's own fold, told on as inputs.

Pure: what is missing is named in `wants` and put in with `put`. Messages of conversations that are placed cost one dictionary look-up,
unless there are service levels: then they are folded too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from typing import cast

import msgspec

from router.inputs import (
    AgentChanged,
    Colleague,
    ContactsMerged,
    Input,
    Item,
    ItemChanged,
    ItemGone,
    OfferEnded,
    Reserved,
)
from router.items import needs_rules
from router.levels import outcomes
from stream import events as ev
from stream.fold import fold_row
from stream.model import Agent, Conversation

Event = ev.AnyEvent
_MOVES: frozenset[type] = frozenset({
    ev.ConversationStarted, ev.ConversationReopened, ev.ConversationQueued, ev.OfferMade, ev.OfferEnded, ev.ConversationAssigned,
    ev.ConversationRested, ev.ConversationResolved, ev.ConversationSnoozed, ev.SnoozeEnded, ev.TagsChanged, ev.PriorityChanged, ev.SpamMarked,
    ev.LevelSet, ev.LevelAtRisk, ev.LevelBreached, ev.LevelEscalated,
    ev.StepOpened,
})  # fmt: skip
_AGENTS: frozenset[type] = frozenset({ev.AgentConfigured, ev.AgentStatusChanged})
_SAID: frozenset[type] = frozenset({ev.MessageReceived, ev.ReplyQueued})
_MERGES: frozenset[type] = frozenset({ev.ContactsMerged, ev.ContactsUnmerged})


class Said(msgspec.Struct, frozen=True):
    """The newest message of a conversation that waits for its rules; `content` "" means that only the store knows it."""

    content: str
    automatic: bool = False


class Mirror:
    """`unplaced` are the conversations that the rules have yet to look at, with their newest message as far as it is known.

    `listening`: what is said counts too, for service levels or for silence. `outcomes` are their targets that were met and missed, counted.
    What is resolved is forgotten with the end of its batch, in which it may be opened again; by one that is `remembering`, never.
    """

    def __init__(self, *, remembering: bool = False) -> None:
        self.rows: dict[str, Conversation] = {}
        self.agents: dict[str, Agent] = {}
        self.contacts: dict[str, str] = {}
        self.unplaced: dict[str, Said | None] = {}
        self.listening = False
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self._of_identity: dict[str, set[str]] = {}
        self._gone: dict[str, tuple[Conversation, str]] = {}
        self._remembering = remembering

    # --- what is missing ---------------------------------------------------------------------------------------

    def wants(self, batch: Sequence[ev.Recorded]) -> list[str]:
        """Conversations that are opened again and that nobody here knows."""
        events = (recorded.event for recorded in batch)
        return [
            one.conversation
            for one in events
            if type(one) is ev.ConversationReopened and one.conversation not in self.rows
        ]

    def put(self, rows: Iterable[Conversation]) -> None:
        """Rows as the store has them."""
        for row in rows:
            known = self.rows.get(row.id)
            if known is None or known.version < row.version:
                self._keep(row)

    def strangers(self, batch: Sequence[ev.Recorded]) -> list[str]:
        """Identities of these conversations whose contact is not known yet."""
        wanted: set[str] = set()
        for recorded in batch:
            event = recorded.event
            if type(event) is ev.IdentityAdded:
                self.contacts.setdefault(event.identity, event.contact)
            elif type(event) is ev.ConversationStarted:
                wanted.add(event.identity)
            elif type(event) is ev.ConversationReopened and event.conversation in self.rows:
                wanted.add(self.rows[event.conversation].identity)
        return sorted(ident for ident in wanted if ident not in self.contacts)

    # --- folding -----------------------------------------------------------------------------------------------

    def tell(self, batch: Sequence[ev.Recorded]) -> list[Input]:
        """The inputs that these events mean, in their order."""
        told: list[Input] = []
        before = 0.0
        for recorded in batch:
            event = recorded.event
            kind = type(event)
            if kind in _SAID:
                message = cast("ev.MessageReceived", event)
                if message.conversation in self.unplaced:
                    self.unplaced[message.conversation] = Said(message.content, message.automatic)
                if self.listening:
                    told += self._moved(message, recorded.at)
            elif kind in _MOVES:
                moved = self._moved(cast("ev.ConversationEvent", event), recorded.at)
                if recorded.at == before:
                    _overtake(told, moved)
                told += moved
                before = recorded.at
            elif kind in _AGENTS:
                told.append(self._agent(cast("ev.AgentConfigured", event), recorded.at))
            elif kind in _MERGES:
                told.append(self._merged(cast("ev.ContactsMerged", event)))
        self._forget_strangers()
        if self._gone and not self._remembering:
            self._gone.clear()
        return told

    def _moved(self, event: ev.ConversationEvent, at: float) -> list[Input]:
        row = self.rows.get(event.conversation)
        if row is None and type(event) is ev.ConversationReopened:
            row = self._back(event.conversation)
        if row is None and type(event) is not ev.ConversationStarted:
            return []
        if row is None or event.version > row.version:
            before = row.level if row is not None else None
            row = cast(
                "Conversation", fold_row(("conversation", event.conversation), row, cast("Event", event), at)
            )
            if row.level is not before:
                self.outcomes.update(outcomes(before, row.level))
            item = self._keep(row)
        else:
            item = self.item(row)
        told: list[Input] = []
        if isinstance(event, ev.OfferEnded):
            told.append(OfferEnded(row.id, event.agent, event.how))
        if isinstance(event, ev.ConversationAssigned) and event.agent in self.agents:
            self.agents[event.agent] = msgspec.structs.replace(self.agents[event.agent], idle_since=at)
        if row.status == "resolved":
            self.drop(row.id)
            return [*told, ItemGone(row.id), *self._freed(event, at)]
        changed_at = at if isinstance(event, ev.ConversationAssigned) else 0.0
        return [*told, ItemChanged(item, changed_at), *self._freed(event, at)]

    def _freed(self, event: ev.ConversationEvent, at: float) -> list[Input]:
        """Whoever is done with it is idle since then."""
        agent = self.agents.get(getattr(event, "released", ""))
        if agent is None:
            return []
        agent = self.agents[agent.id] = msgspec.structs.replace(agent, idle_since=at)
        return [AgentChanged(colleague(agent))]

    def _keep(self, row: Conversation) -> Item:
        """Keep a row; what the engine is told of it."""
        item = self.item(row)
        self.rows[row.id] = row
        self._of_identity.setdefault(row.identity, set()).add(row.id)
        if needs_rules(item, _ANY):
            self.unplaced.setdefault(row.id, None if row.version == 1 else Said(row.preview))
        else:
            self.unplaced.pop(row.id, None)
        return item

    def drop(self, ident: str) -> None:
        """It is resolved."""
        row = self.rows.pop(ident, None)
        self.unplaced.pop(ident, None)
        if row is None:
            return
        self._gone[ident] = (row, self.contacts.get(row.identity, ""))
        of_identity = self._of_identity.get(row.identity, set())
        of_identity.discard(ident)
        if not of_identity:
            self._of_identity.pop(row.identity, None)
            self.contacts.pop(row.identity, None)

    def _back(self, ident: str) -> Conversation | None:
        """Resolved a moment ago, and opened again before anybody could ask the store for it."""
        row, contact = self._gone.pop(ident, (None, ""))
        if row is not None and contact:
            self.contacts.setdefault(row.identity, contact)
        return row

    def _agent(self, event: ev.AgentConfigured | ev.AgentStatusChanged, at: float) -> Input:
        row = cast("Agent", fold_row(("agent", event.agent), self.agents.get(event.agent), event, at))
        self.agents[row.id] = row
        return AgentChanged(colleague(row))

    def _merged(self, event: ev.ContactsMerged | ev.ContactsUnmerged) -> Input:
        contact = event.contact if isinstance(event, ev.ContactsMerged) else event.merged
        moved: list[str] = []
        for identity in event.identities:
            if identity in self._of_identity:
                self.contacts[identity] = contact
                moved += sorted(self._of_identity[identity])
        return ContactsMerged(contact, tuple(moved))

    def _forget_strangers(self) -> None:
        if len(self.contacts) > 2 * len(self._of_identity) + 1_000:
            self.contacts = {
                ident: contact for ident, contact in self.contacts.items() if ident in self._of_identity
            }

    # --- telling -----------------------------------------------------------------------------------------------

    def item(self, row: Conversation) -> Item:
        """A conversation as the engine sees it."""
        return Item(
            id=row.id,
            channel=row.channel,
            connector=row.connector,
            contact=self.contacts.get(row.identity, ""),
            status=row.status,
            spam=row.spam,
            queue=row.queue,
            team=row.team,
            priority=row.priority,
            rule=row.rule,
            need=row.need,
            opened=row.opened,
            units=row.units or 1,
            resting=row.resting,
            waiting_since=row.waiting_since,
            place=row.place,
            created_at=row.created_at,
            opened_at=row.opened_at,
            snoozed_until=row.snoozed_until,
            assignee=row.assignee,
            last_agent=row.last_agent,
            last_agent_at=row.last_agent_at,
            last_customer_at=row.last_customer_at,
            level=row.level,
            offer=_reserved(row),
            declined=row.declined_by,
            version=row.version,
        )

    def everything(self) -> list[Input]:
        """All that is kept, as inputs for an engine that knows nothing: agents first, then items."""
        agents: list[Input] = [AgentChanged(colleague(self.agents[ident])) for ident in sorted(self.agents)]
        return agents + [ItemChanged(self.item(self.rows[ident])) for ident in sorted(self.rows)]


def _overtake(told: list[Input], moved: Sequence[Input]) -> None:
    """Of several changes of one conversation at one moment only the last is told: what is halfway is nobody's business."""
    last = told[-1] if told else None
    after = moved[-1] if moved else None
    if (
        isinstance(last, ItemChanged)
        and isinstance(after, ItemChanged)
        and last.item.id == after.item.id
        and not last.at
    ):
        told.pop()


def _reserved(row: Conversation) -> Reserved | None:
    offer = row.offer
    return (
        Reserved(
            id=offer.id, agent=offer.agent, expires_at=offer.expires_at, units=offer.units, also=offer.also
        )
        if offer
        else None
    )


def colleague(row: Agent) -> Colleague:
    """An agent as the engine sees them."""
    return Colleague(
        id=row.id,
        name=row.name,
        bot=row.kind == "bot",
        role=row.role,
        skills=row.skills,
        queues=row.queues,
        teams=row.teams,
        capacity=row.capacity,
        caps=row.caps,
        status=row.status,
        reason=row.reason,
        active=row.active,
        idle_since=row.idle_since,
    )


class _Any(Container[str]):
    def __contains__(self, _name: object) -> bool:
        return True


_ANY = _Any()
