"""What a connector is: the types that cross the seam between a channel's room and everything else.

A channel's room has three parts: a pure codec (provider payload ⇄ these types), a connector (the thin I/O shell) and a
MANIFEST (data: what it can do and what the host shall do for it). The host owns verification, size limits, deduplication,
acknowledgement, rate limits, retries, lanes, checkpoints and health; a connector never sees the store or the bus.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

CONTRACT_VERSION = 1


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything that crosses the seam."""


# --- inbound -----------------------------------------------------------------------------------------------------


class Address(Part):
    """Who: `scheme` (email, phone, telegram, webchat ...), `value` as written, `scope` global | account | channel.

    `scope` says where the value is unique: everywhere, within the provider's account, or only on this channel.
    """

    scheme: str
    value: str
    scope: Literal["global", "account", "channel"] = "channel"
    display: str = ""
    verified: Literal["claimed", "channel", "signed"] = "channel"
    aliases: tuple[tuple[str, str], ...] = ()
    attributes: dict[str, str] = {}


class File(Part):
    """A file whose bytes are here already (email, upload). Limits are checked by the host before it is stored."""

    name: str
    content_type: str
    content: bytes
    inline: bool = False
    content_id: str = ""


class MediaRef(Part):
    """A file to be fetched later by the host through `Connector.media`; `token` is whatever the connector needs to find it."""

    token: str
    name: str
    content_type: str
    size: int = 0


class StoredFile(Part):
    """A file that is in the blob store already (widget upload): `blob` is its key."""

    blob: str
    name: str
    content_type: str
    size: int


AnyFile = File | MediaRef | StoredFile


class Inbound(Part, tag_field="kind"):
    """Something that happened on the channel.

    `source_key` is unique per channel and equal for every delivery of the same happening (the provider's id with the kind of
    event in front: `msg:123`, `edit:123:1700000000`). `conversation_key` is the channel's chat, visitor or thread. `at` is the
    provider's time in seconds (kept, never used to order); 0 when unknown.
    """

    source_key: str
    conversation_key: str
    sender: Address
    at: float = 0.0


class MessageReceived(Inbound, tag="message"):
    """A customer wrote. `direction="echo"` means our own account wrote elsewhere. `thread` lists foreign message ids that this one
    answers (email: In-Reply-To, References, newest first): the journal looks them up among provider ids of the channel."""

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


class MessageEdited(Inbound, tag="edit"):
    """The customer changed message `provider_id`."""

    provider_id: str
    text: str = ""
    html: str = ""


class MessageDeleted(Inbound, tag="delete"):
    """The customer took message `provider_id` back."""

    provider_id: str


class ReactionChanged(Inbound, tag="reaction"):
    """`emoji` empty means that the reaction was removed."""

    provider_id: str
    emoji: str = ""


class ReceiptObserved(Inbound, tag="receipt"):
    """The provider reports on our message `provider_id` (or, as a watermark, on everything up to it)."""

    provider_id: str
    state: Literal["sent", "delivered", "read", "failed"]
    error: str = ""
    watermark: bool = False


class TypingObserved(Inbound, tag="typing"):
    """Ephemeral: never journalled."""

    on: bool = True


class Signal(Inbound, tag="signal"):
    """Opt-in, opt-out (blocked bot, STOP), joined, call state ...: `name` says which."""

    name: str
    data: dict[str, Any] = {}


class Unmapped(Inbound, tag="unmapped"):
    """Something we do not know yet: the raw input is kept and counted, never dropped silently."""

    reason: str = ""


class Poison(Part, tag="poison"):
    """An item of a batch that could not be read: it goes to dead letters with the batch's raw bytes; its neighbours pass."""

    source_key: str
    error: str


AnyInbound = (
    MessageReceived | MessageEdited | MessageDeleted | ReactionChanged | ReceiptObserved | TypingObserved | Signal | Unmapped | Poison
)

# --- outbound ----------------------------------------------------------------------------------------------------


class OutFile(Part):
    """A stored attachment to be sent; the host opens `read` only while the part is under way."""

    name: str
    content_type: str
    size: int
    read: Callable[[], Awaitable[bytes]]


class Outbound(Part):
    """A message to be sent. `id` is our message id and the idempotency key. `context` has what the channel needs to thread:
    `conversation_key`, the newest customer message's `data` and provider id, all thread ids, subject, our agent's display name."""

    id: str
    to: Address
    conversation_key: str
    text: str
    html: str = ""
    subject: str = ""
    files: tuple[OutFile, ...] = ()
    reply_to: str = ""
    context: dict[str, Any] = {}
    automatic: bool = False


class PlannedPart(Part):
    """One request to the provider. `key` is stable across attempts: `<message id>:<index>`."""

    key: str
    kind: Literal["text", "file"]
    text: str = ""
    html: str = ""
    file: OutFile | None = None


class Plan(Part):
    """What will be sent and what is lost: `degraded` holds a sentence per loss, shown to the agent beforehand."""

    parts: tuple[PlannedPart, ...]
    degraded: tuple[str, ...] = ()


class Accepted(Part, tag="accepted"):
    """The provider has it under these ids. `final` is "delivered" where acceptance already means that (webchat)."""

    provider_ids: tuple[str, ...] = ()
    state: Literal["sent", "delivered"] = "sent"


class Rejected(Part, tag="rejected"):
    """It will never go: `text` is the sentence that the agent sees. `stopped`: the customer has blocked or left us."""

    text: str
    code: str = ""
    stopped: bool = False


class Retry(Part, tag="retry"):
    """Not now. `after` in seconds (None: the host's back-off); `scope` says what else has to wait."""

    text: str
    after: float | None = None
    scope: Literal["conversation", "account"] = "conversation"


class Unknown(Part, tag="unknown"):
    """We cannot know whether it went (time-out after bytes were written). Never retried blindly."""

    text: str


Outcome = Accepted | Rejected | Retry | Unknown

# --- the four errors a connector may raise (anything else is a defect and counted as one) --------------------------


class ConnectorError(Exception):
    """Base: `str(error)` is a sentence for the operator, without secrets."""


class TryLater(ConnectorError):
    """An outage: the host backs off with jitter. `after` in seconds if the provider said so."""

    def __init__(self, sentence: str, after: float | None = None) -> None:
        super().__init__(sentence)
        self.after = after


class NeedsOperator(ConnectorError):
    """Credentials refused, mailbox missing: nothing will change until a person acts."""


class Malformed(ConnectorError):
    """The input is not what the provider documents. `field` names the place. The host answers 400."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class Unsupported(ConnectorError):
    """The channel cannot do what was asked."""


# --- what a connector declares -------------------------------------------------------------------------------------


class Verification(Part):
    """How the host proves that a webhook is genuine, as data.

    scheme `standard-webhooks`: Standard Webhooks 1.0 headers (`webhook-id`, `webhook-timestamp`, `webhook-signature`), `v1`;
    `header-secret`: header `header` equals the secret (Telegram); `hmac-body`: `header` carries `prefix` + digest of the body in
    `encoding`. `secret` names the config field with one secret or a list of them (rotation). `tolerance` in seconds.
    """

    scheme: Literal["none", "standard-webhooks", "header-secret", "hmac-body"]
    secret: str = ""
    header: str = ""
    prefix: str = ""
    digest: Literal["sha1", "sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    tolerance: int = 300


class RateLimit(Part):
    """At most `count` sends per `seconds`, per `scope`."""

    count: int
    seconds: float
    scope: Literal["account", "conversation"] = "account"


class Capabilities(Part):
    """What the channel can do, for the host and for the agent's composer."""

    transports: tuple[Literal["webhook", "poll", "stream", "socket"], ...]
    text_limit: int = 0
    html: bool = False
    files: bool = False
    max_file_bytes: int = 0
    typing_out: bool = False
    typing_in: bool = False
    receipts: bool = False
    subjects: bool = False
    starts_conversations: bool = False
    idempotent_send: bool = False
    asynchronous: bool = False


class Manifest(Part):
    """A connector's face. Importing it starts nothing and touches no network.

    `config` is the msgspec struct of the channel's `config:` block (secrets are fields of type `Secret`); `create` makes the
    connector; `parse` is the codec's pure webhook function, present when "webhook" is among the transports.
    """

    id: str
    name: str
    contract: int
    config: type[Any]
    capabilities: Capabilities
    create: Callable[[Any, Sandbox], Connector]
    verification: Verification = Verification(scheme="none")
    rates: tuple[RateLimit, ...] = ()
    parse: Callable[[WebhookRequest, Any], Sequence[AnyInbound]] | None = None
    max_body: int = 1_048_576
    docs: str = ""


class WebhookRequest(Part):
    """A request as it came, after the host has verified it. Header names are lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes


class Batch(Part):
    """What a poller or stream hands over: happenings and the checkpoint to keep once they are committed.

    `checkpoint_key` names the part of the account it belongs to (a folder); `checkpoint` is at most 4 kB of text. `raw` holds the
    raw input of each item, in order (may be shorter).
    """

    items: tuple[AnyInbound, ...]
    checkpoint_key: str = ""
    checkpoint: str = ""
    raw: tuple[bytes, ...] = ()


class Secret:
    """A value that never shows itself: `str()` and `repr()` give stars, `reveal()` gives the text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; call it only where it is used."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('****')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


class Verdict(Part):
    """What became of one delivered item: durable at journal number `n` (`duplicate` when it was there before), or refused."""

    ok: bool
    n: int = 0
    id: str = ""
    duplicate: bool = False
    error: str = ""


class HistoryItem(Part):
    """One message of a conversation key's history as the customer may see it. `n` is its journal number (the cursor)."""

    n: int
    id: str
    conversation: str
    direction: Literal["in", "out"]
    text: str
    at: float
    author: str = ""
    source_key: str = ""
    delivery: str = "received"
    automatic: bool = False
    files: tuple[HistoryFile, ...] = ()


class HistoryFile(Part):
    """A file of a history item; `id` is asked for with `Sandbox.read_file`."""

    id: str
    name: str
    content_type: str
    size: int


class Response(Part):
    """An answer of the guarded HTTP client: body at most the asked limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Sandbox(Protocol):
    """All that a connector gets from the host."""

    @property
    def channel(self) -> str:
        """The configured channel's name."""

    @property
    def public_url(self) -> str:
        """Where the outside world reaches Parley, without a trailing slash; empty when not configured."""

    async def http(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 30.0,
        max_body: int = 1_048_576,
    ) -> Response:
        """Guarded request: no redirects, no private addresses unless the operator allowed them.

        Raises `TryLater` when nothing was sent (refused, DNS), and `SentUnknown` when the request went out and no answer came.
        """

    async def deliver(self, items: Sequence[AnyInbound], raw: Sequence[bytes] = ()) -> list[Verdict]:
        """Commit what came over a socket of ours; returns once it is durable, one verdict per item."""

    async def upload(self, name: str, content_type: str, content: bytes) -> StoredFile:
        """Keep a file that came over a socket or a form of ours. Raises `Rejected` reasons as `Malformed` (too large, too many)."""

    async def history(self, conversation_key: str, after: int = 0, limit: int = 100) -> list[HistoryItem]:
        """What both sides said under this key (never notes), in order, with numbers above `after`; with a negative `after` the newest
        `limit` ones."""

    async def read_file(self, conversation_key: str, attachment: str) -> File | None:
        """A file of this key's history, for the customer who may see it; None when it is not theirs."""

    async def notify(self, topic: str, payload: bytes) -> None:
        """Tell this channel's connectors in every process (a hint, may be lost)."""

    def hints(self, *topics: str) -> AsyncIterator[tuple[str, bytes]]:
        """Hints given by `notify` on this channel, from now on."""

    async def take(self, key: str, count: int, seconds: float) -> float:
        """One token of a rate bucket shared by all processes; 0.0, or the seconds to wait."""

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """Signing keys of this channel for `purpose` (32 bytes each), equal in every process and after a restart: sign with the
        first one, accept all. Made by the program, never configured."""

    async def checkpoints(self) -> dict[str, str]:
        """The stored checkpoints of this account by key."""

    def log(self, event: str, **facts: object) -> None:
        """One structured line; values of declared secrets are redacted."""


class SentUnknown(ConnectorError):
    """The request left us and no answer came back: the connector turns this into `Unknown` for sends."""


class Connector(Protocol):
    """The I/O shell of one configured channel. Every method may be cancelled at any await."""

    async def probe(self) -> str:
        """Check credentials and permissions read-only; returns a sentence for `parley doctor`. Raises the four errors."""

    async def open(self) -> None:
        """Get ready (connection pools). Raises the four errors."""

    def poll(self) -> AsyncIterator[Batch]:
        """Yield batches from the stored checkpoints on, for transports poll and stream. The host restarts it after errors.

        The host commits each batch with its checkpoint before it asks for the next one.
        """

    def plan(self, message: Outbound) -> Plan:
        """Pure: which parts, and what is degraded."""

    async def send(self, message: Outbound, part: PlannedPart) -> Outcome:
        """Send one part."""

    async def typing(self, to: Address, conversation_key: str, on: bool) -> None:
        """Show the customer that an agent is typing (best effort)."""

    async def media(self, ref: MediaRef) -> File:
        """Fetch a file that `parse` only pointed to."""

    async def close(self) -> None:
        """Let go of everything within five seconds."""
