"""What a codec makes of a provider's payload: one closed union of happenings, with addresses and files. No behaviour, no I/O."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything that crosses the seam."""


class Address(Part, frozen=True, kw_only=True):
    """Who: `scheme` (email, phone, telegram, webchat ...), `value` as written, `scope` global | account | channel.

    `scope` says where the value is unique: everywhere, within the provider's account (`account`, if the codec knows its name), or only
    on this channel. `aliases` are other addresses of the same person as (scheme, value) that the provider vouches for: they join one
    contact at once. What somebody merely typed belongs into `attributes` (`email`, `phone`), which only suggest a merge to an agent.
    """

    scheme: str
    value: str
    scope: Literal["global", "account", "channel"] = "channel"
    account: str = ""
    display: str = ""
    verified: Literal["claimed", "channel", "signed"] = "channel"
    aliases: tuple[tuple[str, str], ...] = ()
    attributes: dict[str, str] = {}


class File(Part, frozen=True, kw_only=True):
    """A file whose bytes are here already (email, upload). Limits are checked by the host before it is stored."""

    name: str
    content_type: str
    content: bytes
    inline: bool = False
    content_id: str = ""


class MediaRef(Part, frozen=True, kw_only=True):
    """A file to be fetched later by the host through `Connector.media`; `token` is whatever the connector needs to find it."""

    token: str
    name: str
    content_type: str
    size: int = 0


class StoredFile(Part, frozen=True, kw_only=True):
    """A file that is in the blob store already (widget upload): `blob` is its key."""

    blob: str
    name: str
    content_type: str
    size: int


AnyFile = File | MediaRef | StoredFile


class Inbound(Part, frozen=True, kw_only=True, tag_field="kind"):
    """Something that happened on the channel.

    `source_key` is unique per channel and equal for every delivery of the same happening (the provider's id with the kind of
    event in front: `msg:123`, `edit:123:1700000000`). `conversation_key` is the channel's chat, visitor or thread. `at` is the
    provider's time in seconds (kept, never used to order); 0 when unknown.
    """

    source_key: str
    conversation_key: str
    sender: Address
    at: float = 0.0


class MessageReceived(Inbound, frozen=True, kw_only=True, tag="message"):
    """A customer wrote. `direction="echo"` means our own account wrote elsewhere.

    `thread` lists foreign message ids that this one answers (email: In-Reply-To, References, newest first): the journal looks them up
    among provider ids of the channel. `text` is plain; `html` must be safe already (`kit.html.clean`).
    """

    text: str = ""
    html: str = ""
    subject: str = ""
    quoted: str = ""
    files: tuple[AnyFile, ...] = ()
    reply_to: str = ""
    provider_id: str = ""
    thread: tuple[str, ...] = ()
    direction: Literal["customer", "echo"] = "customer"
    language: str = ""
    automatic: bool = False
    spam: bool = False
    data: dict[str, Any] = {}


class MessageEdited(Inbound, frozen=True, kw_only=True, tag="edit"):
    """The customer changed message `provider_id`. Without `files` the message keeps those that it has."""

    provider_id: str
    text: str = ""
    html: str = ""
    files: tuple[AnyFile, ...] = ()


class MessageDeleted(Inbound, frozen=True, kw_only=True, tag="delete"):
    """The customer took message `provider_id` back."""

    provider_id: str


class ReactionChanged(Inbound, frozen=True, kw_only=True, tag="reaction"):
    """`emoji` empty means that the reaction was removed."""

    provider_id: str
    emoji: str = ""


class ReceiptObserved(Inbound, frozen=True, kw_only=True, tag="receipt"):
    """The provider reports on our message `provider_id` (or, as a watermark, on everything up to it)."""

    provider_id: str
    state: Literal["sent", "delivered", "read", "failed"]
    error: str = ""
    watermark: bool = False


class TypingObserved(Inbound, frozen=True, kw_only=True, tag="typing"):
    """Ephemeral: never journalled."""

    on: bool = True


class Signal(Inbound, frozen=True, kw_only=True, tag="signal"):
    """Opt-in, opt-out (blocked bot, STOP), joined, call state ...: `name` says which.

    `profile` is known: the sender's `display` and `attributes`, as they claim them, go into their contact's profile.

    `stopped`: True when we can no longer reach them, False when we can again, None when the happening is only kept.
    """

    name: str
    stopped: bool | None = None
    data: dict[str, Any] = {}


class Unmapped(Inbound, frozen=True, kw_only=True, tag="unmapped"):
    """Something we do not know yet: the raw input is kept and counted, never dropped silently."""

    reason: str = ""


class Poison(Part, frozen=True, kw_only=True, tag="poison"):
    """An item of a batch that could not be read: it goes to dead letters with the batch's raw bytes; its neighbours pass."""

    source_key: str
    error: str


AnyInbound = (
    MessageReceived
    | MessageEdited
    | MessageDeleted
    | ReactionChanged
    | ReceiptObserved
    | TypingObserved
    | Signal
    | Unmapped
    | Poison
)
