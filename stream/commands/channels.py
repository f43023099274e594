"""What channels ask: take this in."""

from __future__ import annotations

from typing import Literal

import msgspec

from stream.commands.base import Checkpoint, Command
from stream.model import MessageContent, Verification


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """Another address of a sender. It is unique in its own `scope`: a phone number everywhere, also where its channel's names are not."""

    scheme: str
    scope: str
    lookup: str
    value: str


class From(msgspec.Struct, frozen=True, kw_only=True):
    """Who it came from. `lookup` is `stream.ids.lookup(...)` of the normalised address."""

    scheme: str
    scope: str
    lookup: str
    value: str
    display: str = ""
    verified: Verification = "channel"
    attributes: dict[str, str] = {}
    aliases: tuple[Alias, ...] = ()
    """Other addresses of the same person: the provider vouches for them. Those of a claimed sender do not count."""


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
    """A report on a message of ours; as a `watermark` on those before it too (at most 100).

    One that is not known yet, or still being sent, is parked and applied when the send's answer lands.
    """

    provider_id: str
    state: Literal["sent", "delivered", "read", "failed"]
    error: str = ""
    watermark: bool = False


PROFILE = "profile"
"""The name of the signal by which people say who they are."""


class ReceiveSignal(Receive, frozen=True, kw_only=True):
    """Opt-out or opt-in of an identity (`stopped`), or a happening that is only kept (`stopped` None).

    Named `PROFILE`, it brings what the sender says about themselves: their name and attributes, unproved.
    """

    sender: From
    name: str
    stopped: bool | None = None


class ReceivePoison(Receive, frozen=True, kw_only=True):
    """An item that could not be read: a dead letter."""

    error: str


class KeepCheckpoint(Command, frozen=True, kw_only=True):
    """A poller got on without events."""

    checkpoint: Checkpoint
