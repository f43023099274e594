"""Everything that can happen, as one tagged union. The journal stores these; the API and the agents' socket speak them.

Events carry ids and facts, never personal content: a field named `content`, `profile`, `address`, `about` or `bundle` is the id of a
content row. An event that moves capacity says by itself whose and how much, so that an agent's row folds without the conversation's.
Schema evolution: fields are only added, with defaults; a tag is never given another meaning. The events of contacts and of service levels
stand in modules of their own and are gathered here.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from stream.automation_events import AutomationRan as AutomationRan
from stream.contact_events import ContactChanged as ContactChanged
from stream.contact_events import ContactCreated as ContactCreated
from stream.contact_events import ContactsMerged as ContactsMerged
from stream.contact_events import ContactsUnmerged as ContactsUnmerged
from stream.contact_events import IdentityAdded as IdentityAdded
from stream.contact_events import IdentityBlocked as IdentityBlocked
from stream.contact_events import IdentityStopped as IdentityStopped
from stream.happening import ConversationEvent as ConversationEvent
from stream.happening import Event as Event
from stream.happening import Scope as Scope
from stream.level_events import LevelAtRisk as LevelAtRisk
from stream.level_events import LevelBreached as LevelBreached
from stream.level_events import LevelEscalated as LevelEscalated
from stream.level_events import LevelSet as LevelSet
from stream.model import AgentKind, Author, Delivery, Role


class ConversationStarted(ConversationEvent, tag="conversation.started", frozen=True, kw_only=True):
    """A new thread. `previous` is the resolved conversation that it continues, if any. `named` may see it from the start."""

    channel: str
    connector: str
    key: str
    about: str
    identity: str
    workspace: str = "main"
    previous: str = ""
    tags: tuple[str, ...] = ()
    spam: bool = False
    language: str = ""
    named: tuple[str, ...] = ()


class ConversationReopened(ConversationEvent, tag="conversation.reopened", frozen=True, kw_only=True):
    """A resolved conversation goes on (a reply within the window, or an agent's wish)."""

    reason: str


class MessageReceived(ConversationEvent, tag="message.received", frozen=True, kw_only=True):
    """The customer wrote (`direction` in), or our own account wrote elsewhere (`direction` out)."""

    message: str
    seq: int
    author: Author
    content: str
    direction: Literal["in", "out"] = "in"
    source_key: str = ""
    provider_ids: tuple[str, ...] = ()
    reply_to: str = ""
    automatic: bool = False


class MessageEdited(ConversationEvent, tag="message.edited", frozen=True, kw_only=True):
    """The message's content is now another content row. `files`: only files came that were fetched later; nobody edited it."""

    message: str
    content: str
    files: bool = False


class MessageDeleted(ConversationEvent, tag="message.deleted", frozen=True, kw_only=True):
    """The customer took the message back, or it was moved to another conversation (a note says so)."""

    message: str


class ReactionChanged(ConversationEvent, tag="message.reaction", frozen=True, kw_only=True):
    """`author` reacted with `emoji`; empty means that the reaction was removed."""

    message: str
    author: str
    emoji: str


class ReplyQueued(ConversationEvent, tag="message.queued", frozen=True, kw_only=True):
    """A message of ours waits in the outbox."""

    message: str
    seq: int
    author: Author
    content: str
    reply_to: str = ""
    automatic: bool = False


class NoteAdded(ConversationEvent, tag="message.note", frozen=True, kw_only=True):
    """A private note; the customer never sees it."""

    message: str
    seq: int
    author: Author
    content: str
    mentions: tuple[str, ...] = ()


class DeliveryChanged(ConversationEvent, tag="message.delivery", frozen=True, kw_only=True):
    """What we know of the way of a message of ours; never backwards. `parts_done` of a half-sent one were accepted (see `Message`)."""

    message: str
    delivery: Delivery
    provider_ids: tuple[str, ...] = ()
    error: str = ""
    parts_done: int = 0


class ConversationRead(ConversationEvent, tag="conversation.read", frozen=True, kw_only=True):
    """An agent has read up to message `seq`."""

    seq: int
    agent: str


# --- where it goes -----------------------------------------------------------------------------------------------


class ConversationQueued(ConversationEvent, tag="conversation.queued", frozen=True, kw_only=True):
    """It waits in `queue` from place `waiting_since`. `released` is the agent who held it until now, with the units they get back."""

    queue: str
    waiting_since: float
    priority: int = 0
    rule: str = ""
    need: tuple[str, ...] = ()
    units: int = 1
    team: str = ""
    reason: str = ""
    connector: str = ""
    released: str = ""
    released_units: int = 0
    explain: str = ""
    by: Author = Author(kind="system")
    tags: tuple[str, ...] = ()
    language: str = ""
    forget_declined: bool = False


class StepOpened(ConversationEvent, tag="step.opened", frozen=True, kw_only=True):
    """The condition of a step of its `rule` was found true: `opened` are all such steps by now, as number and condition."""

    rule: str
    opened: tuple[str, ...]
    reason: str = ""
    explain: str = ""


class OfferMade(ConversationEvent, tag="offer.made", frozen=True, kw_only=True):
    """`agent` is asked until `expires_at`; `units` of theirs are reserved. `explain` is the decision's record.

    Several of one `offer`, one after the other: each of these agents is asked, and who accepts first gets it.
    """

    offer: str
    agent: str
    expires_at: float
    units: int
    connector: str = ""
    reason: str = ""
    explain: str = ""


class OfferEnded(ConversationEvent, tag="offer.ended", frozen=True, kw_only=True):
    """The offer is over for `agent`; the reserved units are free again. With others of the same `offer` it goes on."""

    offer: str
    agent: str
    how: Literal["declined", "expired", "recalled"]
    units: int
    connector: str = ""
    reason: str = ""


class ConversationAssigned(ConversationEvent, tag="conversation.assigned", frozen=True, kw_only=True):
    """`agent` has it. `reserved` units were already taken by the offer. `released` held it before; `recalled` had an offer of it."""

    agent: str
    units: int
    how: Literal["accepted", "taken", "assigned", "pushed"]
    by: Author
    connector: str = ""
    reserved: int = 0
    released: str = ""
    released_units: int = 0
    recalled: str = ""
    recalled_units: int = 0
    over_capacity: bool = False
    reason: str = ""
    explain: str = ""


class ConversationRested(ConversationEvent, tag="conversation.rested", frozen=True, kw_only=True):
    """It takes no more of `agent`'s capacity, because the customer is silent; or (`resting` false) it takes `units` of it again.

    `over_capacity`: together with what they were given meanwhile it is more than they have.
    """

    resting: bool
    agent: str
    units: int
    connector: str = ""
    over_capacity: bool = False
    reason: str = ""


class ConversationResolved(ConversationEvent, tag="conversation.resolved", frozen=True, kw_only=True):
    """Done. `released` had it assigned or offered."""

    by: Author
    connector: str = ""
    released: str = ""
    released_units: int = 0
    reason: str = ""


class ConversationSnoozed(ConversationEvent, tag="conversation.snoozed", frozen=True, kw_only=True):
    """Out of sight until `until`; it stays with its agent but takes none of their capacity."""

    until: float
    by: Author
    connector: str = ""
    released: str = ""
    released_units: int = 0
    recalled: str = ""
    recalled_units: int = 0


class SnoozeEnded(ConversationEvent, tag="conversation.woken", frozen=True, kw_only=True):
    """It is open again, with `agent` if they had room for `units`."""

    reason: str
    agent: str = ""
    units: int = 0
    connector: str = ""


class TagsChanged(ConversationEvent, tag="conversation.tags", frozen=True, kw_only=True):
    """The tags are now exactly these, sorted; `added` and `removed` are what differs."""

    tags: tuple[str, ...]
    by: Author
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class PriorityChanged(ConversationEvent, tag="conversation.priority", frozen=True, kw_only=True):
    """0 is normal; higher goes first."""

    priority: int
    by: Author


class SpamMarked(ConversationEvent, tag="conversation.spam", frozen=True, kw_only=True):
    """Moved to the spam view, or back."""

    spam: bool
    by: Author


# --- agents and the house ----------------------------------------------------------------------------------------


class AgentConfigured(Event, tag="agent.configured", frozen=True, kw_only=True):
    """The facts of an agent in the configuration; `active` is false once they are gone from it."""

    agent: str
    workspace: str = "main"
    name: str = ""
    role: Role = "agent"
    kind: AgentKind = "agent"
    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    skills: dict[str, int] = msgspec.field(default_factory=dict)
    capacity: int = 10
    caps: dict[str, int] = msgspec.field(default_factory=dict)
    active: bool = True


class AgentStatusChanged(Event, tag="agent.status", frozen=True, kw_only=True):
    """The status that the agent, a supervisor or the router (after repeated silence) chose."""

    agent: str
    status: Literal["online", "away", "busy", "offline"]
    reason: str = ""
    by: Author = Author(kind="system")


class ConfigApplied(Event, tag="config.applied", frozen=True, kw_only=True):
    """A configuration is active. `bundle` is a document without secrets."""

    config_version: int
    hash: str
    bundle: str
    by: str = ""


class ContentErased(Event, tag="content.erased", frozen=True, kw_only=True):
    """These content rows were replaced by an erased mark."""

    contents: tuple[str, ...]
    by: str
    reason: str = ""


AnyEvent = (
    ContactCreated
    | ContactChanged
    | IdentityAdded
    | IdentityBlocked
    | IdentityStopped
    | ContactsMerged
    | ContactsUnmerged
    | ConversationStarted
    | ConversationReopened
    | MessageReceived
    | MessageEdited
    | MessageDeleted
    | ReactionChanged
    | ReplyQueued
    | NoteAdded
    | DeliveryChanged
    | ConversationRead
    | ConversationQueued
    | StepOpened
    | OfferMade
    | OfferEnded
    | ConversationAssigned
    | ConversationRested
    | ConversationResolved
    | ConversationSnoozed
    | SnoozeEnded
    | TagsChanged
    | PriorityChanged
    | SpamMarked
    | AutomationRan
    | LevelSet
    | LevelAtRisk
    | LevelBreached
    | LevelEscalated
    | AgentConfigured
    | AgentStatusChanged
    | ConfigApplied
    | ContentErased
)


class Recorded(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event as the journal has it: number `n` in commit order, time `at`, and for conversation events the `scope`."""

    n: int
    at: float
    event: AnyEvent
    scope: Scope | None = None
