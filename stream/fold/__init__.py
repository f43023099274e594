"""The fold: state + event -> state. Pure; the only code that says what an event does to a row.

`touches` lists the rows that an event changes; `fold_row` folds it into one of them. An entity's own folds are in the module of its name.
"""

from __future__ import annotations

from typing import cast

from stream import events as ev
from stream.fold.agent import AGENT_FOLDS, touched_agents
from stream.fold.contact import CONTACT_FOLDS, IDENTITY_FOLDS, touched_contacts, touched_identities
from stream.fold.conversation import CONVERSATION_FOLDS
from stream.fold.message import MESSAGE_FOLDS
from stream.model import Agent, Contact, Conversation, Entity, Identity, Message

Key = tuple[str, str]
"""(kind, id): kind is the entity's type name in lower case."""


def touches(event: ev.AnyEvent) -> list[Key]:
    """The rows that `event` changes, each once."""
    keys: list[Key] = []
    kind = type(event)
    if kind in CONVERSATION_FOLDS:
        keys.append(("conversation", cast("ev.ConversationEvent", event).conversation))
    if kind in MESSAGE_FOLDS:
        keys.append(("message", cast("ev.MessageReceived", event).message))
    if kind in AGENT_FOLDS:
        keys.extend(("agent", agent) for agent in touched_agents(event))
    if kind in CONTACT_FOLDS:
        keys.extend(("contact", contact) for contact in touched_contacts(event))
    if kind in IDENTITY_FOLDS:
        keys.extend(("identity", identity) for identity in touched_identities(event))
    return keys


def fold_row(key: Key, row: Entity | None, event: ev.AnyEvent, at: float) -> Entity:
    """`row` (None before its first event) after `event`, which happened at `at`. Raises `LookupError` for a missing row."""
    kind, ident = key
    if kind == "conversation":
        return CONVERSATION_FOLDS[type(event)](cast("Conversation | None", row), event, at)
    if kind == "message":
        return MESSAGE_FOLDS[type(event)](cast("Message | None", row), event, at)
    if kind == "agent":
        return AGENT_FOLDS[type(event)](cast("Agent", row or Agent(id=ident)), event, at)
    if kind == "contact":
        return CONTACT_FOLDS[type(event)](cast("Contact | None", row), event, at, ident)
    return IDENTITY_FOLDS[type(event)](cast("Identity | None", row), event, ident)


KEEPS_SCOPE = frozenset({
    ev.MessageReceived, ev.MessageEdited, ev.MessageDeleted, ev.ReactionChanged, ev.ReplyQueued, ev.DeliveryChanged,
    ev.ConversationRead, ev.ConversationRested, ev.TagsChanged, ev.PriorityChanged, ev.AutomationRan, ev.LevelSet,
    ev.StepOpened,
})  # fmt: skip
"""Events after which the same people may see the conversation as before."""


def scope_of(row: Conversation) -> ev.Scope:
    """Who may see it, as facts."""
    return ev.Scope(
        workspace=row.workspace,
        queue=row.queue,
        team=row.team,
        assignee=row.assignee,
        offered=row.offer.agent if row.offer else "",
        also=row.offer.also if row.offer else (),
        named=row.participants,
        waiting=row.status == "open" and not row.assignee,
    )
