"""What anyone may ask of the stream. A command is decided inside the append (`stream/decide`), so its conditions hold at commit.

The shell that makes a command gives it a `token` (see `stream.ids`): ids of whatever the command creates derive from it, so that
deciding needs no randomness. Results: `Committed`, `Duplicate` (already done, same answer) or `Refused` (with the state as it is).
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from stream.events import AnyEvent
from stream.model import Author, Conversation, MessageContent, Role, Verification


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all commands. `workspace` is checked against every row that the command touches."""

    token: str
    workspace: str = "main"


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A poller's place, kept in the transaction of its events, under the lease `lease` with `epoch`."""

    channel: str
    key: str
    value: str
    lease: str
    epoch: int


# --- from the channels -------------------------------------------------------------------------------------------


class From(msgspec.Struct, frozen=True, kw_only=True):
    """Who it came from. `lookup` is `stream.ids.lookup(...)` of the normalised address."""

    scheme: str
    scope: str
    lookup: str
    value: str
    display: str = ""
    verified: Verification = "channel"
    attributes: dict[str, str] = {}
    aliases: tuple[tuple[str, str, str], ...] = ()
    """Other addresses of the same person as (scheme, lookup, value)."""


class Receive(Command, frozen=True, kw_only=True):
    """Base of what a channel delivers: (`channel`, `source_key`) is the deduplication key; `raw` is kept with it."""

    channel: str
    connector: str
    source_key: str
    raw: bytes = b""
    checkpoint: Checkpoint | None = None


class ReceiveMessage(Receive, frozen=True, kw_only=True):
    """A message came in. `thread` holds foreign ids, looked up among the channel's provider ids before `conversation_key` is.

    `reopen_window` in seconds: a reply to a conversation resolved for less re-opens it, otherwise a new one is linked to it.
    """

    conversation_key: str
    sender: From
    content: MessageContent
    provider_id: str = ""
    thread: tuple[str, ...] = ()
    reply_to: str = ""
    direction: Literal["customer", "echo"] = "customer"
    automatic: bool = False
    spam: bool = False
    language: str = ""
    reopen_window: float = 7 * 86400.0


class ReceiveEdit(Receive, frozen=True, kw_only=True):
    """The customer changed the message with provider id `provider_id`, or with our id `message`.

    `expected` (a content id): refused with "version" when the message has other content by now. `files` marks that only files were
    added that could not be fetched with the message: nobody edited it.
    """

    provider_id: str = ""
    message: str = ""
    content: MessageContent
    expected: str = ""
    files: bool = False


class ReceiveDelete(Receive, frozen=True, kw_only=True):
    """The customer took a message back."""

    provider_id: str


class ReceiveReaction(Receive, frozen=True, kw_only=True):
    """A reaction on a message of either side."""

    provider_id: str
    author: str
    emoji: str


class ReceiveReceipt(Receive, frozen=True, kw_only=True):
    """A report on a message of ours. One that is not known yet is parked and applied when the send's answer lands."""

    provider_id: str
    state: Literal["sent", "delivered", "read", "failed"]
    error: str = ""
    watermark: bool = False


class ReceiveSignal(Receive, frozen=True, kw_only=True):
    """Opt-out or opt-in of an identity (`stopped`), or a happening that is only kept (`stopped` None)."""

    sender: From
    name: str
    stopped: bool | None = None


class ReceivePoison(Receive, frozen=True, kw_only=True):
    """An item that could not be read: a dead letter."""

    error: str


class KeepCheckpoint(Command, frozen=True, kw_only=True):
    """A poller got on without events."""

    checkpoint: Checkpoint


# --- from people -------------------------------------------------------------------------------------------------


class OnConversation(Command, frozen=True, kw_only=True):
    """Base of verbs on a conversation. `version` 0 means whatever it is now; otherwise it must equal the row's."""

    conversation: str
    by: Author
    version: int = 0


class Reply(OnConversation, frozen=True, kw_only=True):
    """Send `content` to the customer. `message` is invented by the client and makes a repeat harmless.

    `take` assigns an unassigned conversation to the author first (if they have room).
    """

    message: str
    content: MessageContent
    reply_to: str = ""
    automatic: bool = False


class AddNote(OnConversation, frozen=True, kw_only=True):
    """A private note; `mentions` are logins that may see the conversation from now on."""

    message: str
    content: MessageContent
    mentions: tuple[str, ...] = ()


class AcceptOffer(OnConversation, frozen=True, kw_only=True):
    """`by` accepts `offer`; refused once it has ended."""

    offer: str


class DeclineOffer(OnConversation, frozen=True, kw_only=True):
    """`by` declines `offer` and is not asked again for this wait."""

    offer: str
    reason: str = ""


class Take(OnConversation, frozen=True, kw_only=True):
    """`by` takes it from the queue or from a colleague. `override` (supervisors) goes above capacity and is recorded."""

    override: bool = False


class Assign(OnConversation, frozen=True, kw_only=True):
    """Give it to `agent`."""

    agent: str
    override: bool = False
    reason: str = ""


class Transfer(OnConversation, frozen=True, kw_only=True):
    """Put it into `queue` (it keeps its age); `need` replaces the required skills when given. Without `queue` the router's rules decide."""

    queue: str = ""
    need: tuple[str, ...] | None = None
    reason: str = ""


class Resolve(OnConversation, frozen=True, kw_only=True):
    """Done."""

    reason: str = ""


class Reopen(OnConversation, frozen=True, kw_only=True):
    """Open a resolved conversation again (refused while its key has another open one)."""


class Snooze(OnConversation, frozen=True, kw_only=True):
    """Out of sight until `until` (seconds since the epoch)."""

    until: float


class Wake(OnConversation, frozen=True, kw_only=True):
    """End a snooze by hand."""


class SetTags(OnConversation, frozen=True, kw_only=True):
    """Add and remove tags."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class SetPriority(OnConversation, frozen=True, kw_only=True):
    """0 to 9."""

    priority: int


class MarkSpam(OnConversation, frozen=True, kw_only=True):
    """Spam leaves the queues and is resolved; not spam re-opens it."""

    spam: bool


class MarkRead(OnConversation, frozen=True, kw_only=True):
    """`by` has read up to `seq`."""

    seq: int


class RetrySend(OnConversation, frozen=True, kw_only=True):
    """Send a failed or unknown message again, or give it up (`discard`)."""

    message: str
    discard: bool = False


class StartConversation(Command, frozen=True, kw_only=True):
    """An agent writes first (email): to `to` on `channel`, assigned to `by` if they have room."""

    channel: str
    connector: str
    conversation_key: str
    to: From
    by: Author
    subject: str
    message: str
    content: MessageContent
    units: int = 1


class BlockIdentity(Command, frozen=True, kw_only=True):
    """Block or unblock an identity."""

    identity: str
    blocked: bool
    by: Author


class ChangeContact(Command, frozen=True, kw_only=True):
    """Give a contact another name or attributes (whole profile replaced)."""

    contact: str
    name: str
    attributes: dict[str, str] = {}
    by: Author


class MergeContacts(Command, frozen=True, kw_only=True):
    """`contact` takes in `merged`."""

    contact: str
    merged: str
    by: Author


class UnmergeContacts(Command, frozen=True, kw_only=True):
    """Undo: `merged` gets back the identities that it came with."""

    contact: str
    merged: str
    by: Author


class SetStatus(Command, frozen=True, kw_only=True):
    """An agent's status, chosen by themselves, a supervisor or the router."""

    agent: str
    status: Literal["online", "away", "busy", "offline"]
    reason: str = ""
    by: Author
    epoch: int = 0


class EraseContent(Command, frozen=True, kw_only=True):
    """Replace content rows by an erased mark."""

    contents: tuple[str, ...]
    by: Author
    reason: str = ""


# --- from the router (all checked against the lease's epoch) -----------------------------------------------------


class Decision(Command, frozen=True, kw_only=True):
    """Base: refused when `epoch` is not the router lease's."""

    epoch: int
    conversation: str
    explain: Any = None
    reason: str = ""


class Enqueue(Decision, frozen=True, kw_only=True):
    """Put a conversation into a queue, with what the rules found. Keeps its place when it has one, unless `waiting_since` is given."""

    queue: str
    priority: int = 0
    rule: str = ""
    need: tuple[str, ...] = ()
    units: int = 1
    team: str = ""
    waiting_since: float = 0.0
    tags: tuple[str, ...] = ()
    language: str = ""


class MakeOffer(Decision, frozen=True, kw_only=True):
    """Offer it to `agent`: refused when it is assigned, offered or resolved, or the agent is not online or has no room."""

    offer: str
    agent: str
    units: int
    expires_at: float


class Push(Decision, frozen=True, kw_only=True):
    """Assign without asking (direct push mode, auto-accept)."""

    agent: str
    units: int


class EndOffer(Decision, frozen=True, kw_only=True):
    """The time is over, or it is recalled."""

    offer: str
    how: Literal["expired", "recalled"]


class HandBack(Decision, frozen=True, kw_only=True):
    """Take it from `agent` (left, fell silent) and let it wait again at its place."""

    agent: str


class AutoReply(Decision, frozen=True, kw_only=True):
    """Send an automatic text (out of hours ...), at most once per `once` key and conversation."""

    message: str
    text: str
    once: str = ""


class WakeDue(Decision, frozen=True, kw_only=True):
    """A snooze is over."""


# --- from the outbox ---------------------------------------------------------------------------------------------


class RecordDelivery(Command, frozen=True, kw_only=True):
    """The outcome of a claimed send; refused when `fence` is not the claim's (another worker has it now).

    delivery sent/delivered: done. failed/unknown: done, the lane is released with a mark. queued: again at `due_at`, with `parts_done`
    parts already accepted.
    """

    message: str
    fence: int
    delivery: Literal["sent", "delivered", "failed", "unknown", "queued"]
    provider_ids: tuple[str, ...] = ()
    parts_done: int = 0
    due_at: float = 0.0
    error: str = ""
    stopped: bool = False


# --- from the house ----------------------------------------------------------------------------------------------


class AgentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One agent of the configuration."""

    agent: str
    name: str
    role: Role = "agent"
    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    skills: dict[str, int] = {}
    capacity: int = 10
    caps: dict[str, int] = {}


class ApplyConfig(Command, frozen=True, kw_only=True):
    """Make a configuration active. Agents not in `agents` become inactive (drained). Same hash as the active one: `Duplicate`."""

    hash: str
    bundle: Any
    agents: tuple[AgentFacts, ...]
    by: str = ""


# --- results -----------------------------------------------------------------------------------------------------


class Committed(msgspec.Struct, frozen=True, kw_only=True):
    """Done: the last number, the events in order, and the id of the main thing that was made or changed."""

    n: int
    events: tuple[AnyEvent, ...] = ()
    id: str = ""
    conversation: Conversation | None = None


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """It was done before, at number `n`; `id` is what it made then."""

    n: int
    id: str = ""


RefusedCode = Literal[
    "not_found",
    "version",
    "offer_over",
    "capacity",
    "epoch",
    "state",
    "not_online",
    "blocked",
    "stopped",
    "lease",
    "invalid",
]


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Not done. `sentence` says why to a person; `conversation` is the state as it is, where there is one."""

    code: RefusedCode
    sentence: str
    conversation: Conversation | None = None


Result = Committed | Duplicate | Refused
