"""What people ask of a conversation, a contact or an agent."""

from __future__ import annotations

from typing import Literal

import msgspec

from stream.commands.base import Command
from stream.commands.channels import From
from stream.model import Author, MessageContent


class OnConversation(Command, frozen=True, kw_only=True):
    """Base of verbs on a conversation. `version` 0 means whatever it is now; otherwise it must equal the row's."""

    conversation: str
    by: Author
    version: int = 0


class Reply(OnConversation, frozen=True, kw_only=True):
    """Send `content` to the customer. `message` is invented by the client and makes a repeat harmless; `reply_to` is one of this conversation."""

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


class HandOver(OnConversation, frozen=True, kw_only=True):
    """The bot `agent` gives it to people, with its `reason` and a `summary` for them (a private note; "" is none).

    `unanswered`: refused once somebody of ours has answered what the customer said last.
    """

    agent: str
    reason: str
    summary: str = ""
    unanswered: bool = False


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
    """Send a failed or unknown message again, or give it up for good (`discard`)."""

    message: str
    discard: bool = False


class MoveMessage(OnConversation, frozen=True, kw_only=True):
    """Put what a customer wrote into another conversation of theirs on this channel (`to`), or into a new one (empty)."""

    message: str
    to: str = ""


class StartConversation(Command, frozen=True, kw_only=True):
    """An agent writes first (email): to `to` on `channel`, assigned to `by` if they have room; otherwise it names them and waits."""

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
    attributes: dict[str, str] = msgspec.field(default_factory=dict)
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
