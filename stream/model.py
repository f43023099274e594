"""The nouns of Parley as frozen structs: what is true now, with no behaviour and no I/O.

Rows of the state tables are these structs, encoded as JSON. They hold ids and facts only; everything personal (names,
addresses, subjects, bodies) is a `Content` row that they point to, so that erasing replaces one row and nothing else.
Times are seconds since the Unix epoch (float, UTC). New fields must have defaults: old rows are read by new programs.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

DEFAULT_WORKSPACE = "main"


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A row of a state table, or a part of one. Plain values all the way down: the garbage collector need not look."""


# --- content: the only place for what a person said or is called -------------------------------------------------


class Attachment(Row, frozen=True, kw_only=True):
    """A file that is kept in the blob store under `blob`; `name` and `content_type` are claims of whoever sent it."""

    id: str
    blob: str
    name: str
    content_type: str
    size: int
    inline: bool = False
    content_id: str = ""


class MessageContent(Row, tag="message", frozen=True, kw_only=True):
    """What a message says. `text` is plain; `html` has been sanitised at intake; `data` is the channel's own (headers, buttons)."""

    text: str = ""
    html: str = ""
    subject: str = ""
    quoted: str = ""
    attachments: tuple[Attachment, ...] = ()
    data: dict[str, Any] = {}


class PersonContent(Row, tag="person", frozen=True, kw_only=True):
    """How a contact is called."""

    name: str = ""
    avatar: str = ""
    attributes: dict[str, str] = {}


class AddressContent(Row, tag="address", frozen=True, kw_only=True):
    """An identity's address as it is written on its channel, and the name the channel shows for it."""

    value: str
    display: str = ""


class ConversationContent(Row, tag="conversation", frozen=True, kw_only=True):
    """The channel's own key of a conversation (chat id, thread id) and its subject."""

    key: str
    subject: str = ""
    data: dict[str, Any] = {}


class DocumentContent(Row, tag="document", frozen=True, kw_only=True):
    """A configuration bundle, a raw input, or any other document that an event points to."""

    body: Any


class Erased(Row, tag="erased", frozen=True, kw_only=True):
    """What stands in the place of content that was erased or redacted."""

    at: float
    reason: str = ""


Content = MessageContent | PersonContent | AddressContent | ConversationContent | DocumentContent | Erased

# --- people ------------------------------------------------------------------------------------------------------

Verification = Literal["claimed", "channel", "signed", "agent"]
"""How sure we are that an identity is who it says: claimed (typed by a visitor, a From line), channel (the provider vouches),
signed (HMAC of the operator's own site), agent (entered by an agent)."""


class Contact(Row, frozen=True, kw_only=True):
    """A person. `profile` points to a `PersonContent`. A merged contact points to the one that took it in."""

    id: str
    workspace: str = DEFAULT_WORKSPACE
    profile: str = ""
    merged_into: str = ""
    created_at: float = 0.0
    version: int = 0


class Identity(Row, frozen=True, kw_only=True):
    """An address of a contact on a channel. `lookup` is the digest of (workspace, scheme, scope, normalised value).

    `home` is the contact that it was first seen with: an un-merge sends it back there.
    """

    id: str
    contact: str
    home: str
    scheme: str
    scope: str
    lookup: str
    address: str
    verified: Verification = "channel"
    blocked: bool = False
    stopped: bool = False
    workspace: str = DEFAULT_WORKSPACE
    version: int = 0


# --- conversations -----------------------------------------------------------------------------------------------

ConversationStatus = Literal["open", "snoozed", "resolved"]


class Offer(Row, frozen=True, kw_only=True):
    """A reservation: `agent`, or one of `also`, has until `expires_at` to accept; `units` of each are taken meanwhile."""

    id: str
    agent: str
    expires_at: float
    units: int
    also: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """Everybody who may accept."""
        return (self.agent, *self.also)


TargetName = Literal["first_reply", "next_reply", "resolution"]
TargetState = Literal["running", "at_risk", "breached", "met", "missed"]


class Target(Row, frozen=True, kw_only=True, omit_defaults=False):
    """A promise of a service level and its clock, all in seconds: `spent` of `within` until `since`, from when it counts on (0: it stands still).

    `due_at` is when it will be late if it goes on so (0: not while it stands still). `mark` is how far of its chain has happened. Each
    customer's turn after an answer begins another `round`. `ended_at` is when it was met or missed.
    """

    name: TargetName
    within: float
    state: TargetState = "running"
    round: int = 1
    spent: float = 0.0
    since: float = 0.0
    due_at: float = 0.0
    mark: float = 0.0
    ended_at: float = 0.0


class ServiceLevel(Row, frozen=True, kw_only=True, omit_defaults=False):
    """The service level of a conversation, as the router set it last (`moves` counts how often), by the hours of `queue`.

    `owed`: the customer waited for us then; `asleep`: it was snoozed then. `turns` is what was said and done since, as (time, what):
    customer, agent, snoozed, woken. `boost` are seconds of head start. `moved`: a person put it into another queue.
    """

    name: str
    queue: str = ""
    targets: tuple[Target, ...] = ()
    owed: bool = False
    asleep: bool = False
    turns: tuple[tuple[float, str], ...] = ()
    boost: float = 0.0
    moved: bool = False
    moves: int = 0


class Conversation(Row, frozen=True, kw_only=True):
    """One thread with one identity on one channel. At most one unresolved per (channel, key).

    `version` counts every event of this conversation; `seq` counts its messages. `queue` is where it waits or waited,
    `waiting_since` is 0 unless it waits; `place` is its place in the queue and survives offers, assignments, hand-backs and reloads.
    `opened_at` is when it was opened again last (0: never). `units` are what it takes of its assignee's capacity (unless it is `resting`: the customer is silent). `about` points to a `ConversationContent`, `preview` to the last
    `MessageContent`. `opened` are the steps of its rule whose conditions were found true while it waits, as number and condition.
    A resolved conversation keeps its `assignee` (who may look at it); `last_agent` is who had it before a re-opening.
    """

    id: str
    channel: str
    connector: str
    key: str
    about: str
    identity: str
    status: ConversationStatus = "open"
    workspace: str = DEFAULT_WORKSPACE
    queue: str = ""
    assignee: str = ""
    team: str = ""
    offer: Offer | None = None
    declined_by: tuple[str, ...] = ()
    units: int = 0
    resting: bool = False
    priority: int = 0
    rule: str = ""
    need: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    spam: bool = False
    waiting_since: float = 0.0
    place: float = 0.0
    last_agent: str = ""
    snoozed_until: float = 0.0
    created_at: float = 0.0
    opened_at: float = 0.0
    updated_at: float = 0.0
    resolved_at: float = 0.0
    level: ServiceLevel | None = None
    previous: str = ""
    seq: int = 0
    read_seq: int = 0
    unread: int = 0
    last_message: str = ""
    preview: str = ""
    last_direction: str = ""
    last_customer_at: float = 0.0
    last_agent_at: float = 0.0
    participants: tuple[str, ...] = ()
    send_mark: str = ""
    automated: int = 0
    automated_since: float = 0.0
    version: int = 0


Direction = Literal["in", "out", "note", "system"]
AuthorKind = Literal["contact", "agent", "bot", "system"]
Delivery = Literal["received", "queued", "sending", "sent", "delivered", "read", "failed", "unknown"]

DELIVERY_RANK: dict[str, int] = {
    "queued": 0,
    "sending": 1,
    "unknown": 2,
    "sent": 3,
    "failed": 4,
    "delivered": 5,
    "read": 6,
}
"""Receipts only go up: a later report counts when its rank is higher. A bounce after `sent` counts; `failed` after `delivered`
is evidence, not state. Nothing but another attempt undoes a failure, whatever its rank (`stream.fold.message.advances`)."""


class Author(Row, frozen=True, kw_only=True):
    """Who wrote: a contact's identity id, an agent's login, a bot's name, or the system."""

    kind: AuthorKind
    id: str = ""


class Reaction(Row, frozen=True, kw_only=True):
    """An emoji that `author` put on a message."""

    author: str
    emoji: str


class Message(Row, frozen=True, kw_only=True):
    """One message, note or system line. `seq` is its place in the conversation; `content` points to a `MessageContent`.

    `parts_done` counts the accepted parts of a failed or unknown one: sending it again goes on after them.
    """

    id: str
    conversation: str
    seq: int
    direction: Direction
    author: Author
    content: str
    at: float
    delivery: Delivery = "received"
    provider_ids: tuple[str, ...] = ()
    source_key: str = ""
    reply_to: str = ""
    error: str = ""
    edited_at: float = 0.0
    deleted_at: float = 0.0
    reactions: tuple[Reaction, ...] = ()
    mentions: tuple[str, ...] = ()
    automatic: bool = False
    parts_done: int = 0


# --- agents ------------------------------------------------------------------------------------------------------

Role = Literal["agent", "supervisor", "admin"]
AgentKind = Literal["agent", "bot"]
"""A bot is a program: nobody need be connected for it to get work, and it gets only what a rule gives it first."""
AgentStatus = Literal["online", "away", "busy", "offline"]
"""online takes new work; busy keeps what they have and takes no offers; away and offline are not offered anything."""


class Agent(Row, frozen=True, kw_only=True):
    """An agent as routing sees them: facts from `team.yaml`, the status they chose, and what they hold.

    `capacity` and `load` are in units; `caps` and `held` count conversations per connector kind. `idle_since` is when they last
    took work or were done with some (longest idle goes first). `active` is false once they are gone from the YAML: they keep what they hold.
    """

    id: str
    name: str = ""
    workspace: str = DEFAULT_WORKSPACE
    role: Role = "agent"
    kind: AgentKind = "agent"
    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    skills: dict[str, int] = {}
    capacity: int = 10
    caps: dict[str, int] = {}
    status: AgentStatus = "offline"
    reason: str = ""
    status_at: float = 0.0
    idle_since: float = 0.0
    load: int = 0
    held: dict[str, int] = {}
    active: bool = True
    version: int = 0


Entity = Contact | Identity | Conversation | Message | Agent
"""What the fold keeps. Every entity is found by (its type's name in lower case, its id)."""
