"""What a connector is: what a channel's room declares, what it is given, and what it does. The whole contract is imported from here.

A channel's room has three parts: a pure codec (provider payload ⇄ the types of `inbound.py` and `outbound.py`), a connector (the thin
I/O shell) and a MANIFEST (data: what it can do and what the host shall do for it). The host owns verification, size limits,
deduplication, acknowledgement, rate limits, retries, lanes, checkpoints and health; a connector never sees the store or the bus.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from connectors.errors import ConnectorError, Malformed, NeedsOperator, SentUnknown, TryLater, Unsupported
from connectors.history import Correspondence, HistoryFile, HistoryItem
from connectors.inbound import (
    Address,
    AnyFile,
    AnyInbound,
    File,
    Inbound,
    MediaRef,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Part,
    Poison,
    ReactionChanged,
    ReceiptObserved,
    Signal,
    StoredFile,
    TypingObserved,
    Unmapped,
)
from connectors.outbound import (
    Accepted,
    Outbound,
    Outcome,
    OutFile,
    Plan,
    PlannedPart,
    Rejected,
    Retry,
    Unknown,
)

if TYPE_CHECKING:
    from aiohttp.web import RouteDef

__all__ = [
    "CONTRACT_VERSION",
    "Accepted",
    "Address",
    "AnyFile",
    "AnyInbound",
    "Batch",
    "Capabilities",
    "Connector",
    "ConnectorError",
    "Correspondence",
    "File",
    "HistoryFile",
    "HistoryItem",
    "Inbound",
    "Malformed",
    "Manifest",
    "MediaRef",
    "MessageDeleted",
    "MessageEdited",
    "MessageReceived",
    "NeedsOperator",
    "NoConfig",
    "OutFile",
    "Outbound",
    "Outcome",
    "Part",
    "Plan",
    "PlannedPart",
    "Poison",
    "RateLimit",
    "ReactionChanged",
    "ReceiptObserved",
    "Rejected",
    "Response",
    "Retry",
    "Sandbox",
    "Secret",
    "SentUnknown",
    "Served",
    "Signal",
    "StoredFile",
    "Transport",
    "TryLater",
    "TypingObserved",
    "Unknown",
    "Unmapped",
    "Unsupported",
    "Verdict",
    "Verification",
    "WebhookRequest",
    "decode_secret",
]

CONTRACT_VERSION = 1

# --- what a connector declares -------------------------------------------------------------------------------------


class Verification(Part, frozen=True, kw_only=True):
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


class RateLimit(Part, frozen=True, kw_only=True):
    """At most `count` sends per `seconds`, per `scope`."""

    count: int
    seconds: float
    scope: Literal["account", "conversation"] = "account"


Transport = Literal["webhook", "poll", "stream", "socket"]


class Capabilities(Part, frozen=True, kw_only=True):
    """What the channel can do, for the host and for the agent's composer.

    `copies`: a message may go to others as well, openly or not (`cc` and `bcc` in its data). `receipts`: it reports what customers have
    read; `read_out`: it shows customers what agents have read (see `Attentive`).
    """

    transports: tuple[Transport, ...]
    text_limit: int = 0
    html: bool = False
    files: bool = False
    max_file_bytes: int = 0
    typing_out: bool = False
    typing_in: bool = False
    receipts: bool = False
    read_out: bool = False
    subjects: bool = False
    copies: bool = False
    starts_conversations: bool = False
    idempotent_send: bool = False
    asynchronous: bool = False


class NoConfig(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `config:` block of a connector that needs none."""


class Manifest(Part, frozen=True, kw_only=True):
    """A connector's face. Importing it starts nothing and touches no network.

    `config` is the msgspec struct of the channel's `config:` block (secrets are fields of type `Secret`, or `tuple[Secret, ...]` where
    rotation needs several); `create` makes the connector; `parse` is the codec's pure webhook function, present when "webhook" is among
    the transports. `hold` is how long (seconds) a send that is to be tried again keeps its conversation waiting, `tries` how often it
    is tried; then it fails visibly. `part_seconds`: `send` has so long for one part (at most an hour), then its outcome is unknown.
    `start` reads what an agent typed to write first, given a fresh token: (address, conversation key);
    it raises `Malformed`. `read` reads one raw item of a poller or a stream again (a dead letter), given the config and the channel's
    `Sandbox.keys`; not needed where `parse` does. `active` says which of the transports a config uses (default: all).
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
    methods: tuple[str, ...] = ("POST",)
    max_body: int = 1_048_576
    hold: float = 600.0
    tries: int = 20
    part_seconds: float = 60.0
    start: Callable[[str, str], tuple[Address, str]] | None = None
    read: Callable[[bytes, Any, Callable[[str], tuple[bytes, ...]]], Sequence[AnyInbound]] | None = None
    active: Callable[[Any], tuple[Transport, ...]] | None = None
    docs: str = ""


class WebhookRequest(Part, frozen=True, kw_only=True):
    """A request as it came, after the host has verified it. Header names are lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes


class Batch(Part, frozen=True, kw_only=True):
    """What a poller or stream hands over: happenings and the checkpoint to keep once they are committed.

    `checkpoint_key` names the part of the account it belongs to (a folder); `checkpoint` is at most 4 kB of text. `raw` holds the
    raw input of each item, in order (may be shorter). `trouble` is a sentence for the operator while a part of the account cannot be read
    and the rest can.
    """

    items: tuple[AnyInbound, ...]
    checkpoint_key: str = ""
    checkpoint: str = ""
    raw: tuple[bytes, ...] = ()
    trouble: str = ""


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


def decode_secret(kind: type, value: object) -> object:
    """The `dec_hook` with which msgspec reads a config struct that has `Secret` fields."""
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise TypeError(f"Expected `str`, got `{type(value).__name__}`")


class Verdict(Part, frozen=True, kw_only=True):
    """What became of one delivered item: durable at journal number `n` (`duplicate` when it was there before), or refused."""

    ok: bool
    n: int = 0
    id: str = ""
    duplicate: bool = False
    error: str = ""


class Response(Part, frozen=True, kw_only=True):
    """An answer of the guarded HTTP client. Header names are lower case. `truncated`: the body went on beyond the asked limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool = False


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
        timeout: float = 30.0,  # noqa: ASYNC109  # passed on to the HTTP client, which knows what was sent by then
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
        """What both sides said under this key (never notes), in order, with numbers above `after`.

        With a negative `after` the newest `limit` ones.
        """

    async def correspondence(self, sender: Address) -> list[Correspondence]:
        """What this sender wrote about on this channel lately, newest first, at most 50; neither spam nor resolved. Raises `TryLater`."""

    async def read_file(self, conversation_key: str, attachment: str) -> File | None:
        """A file of this key's history, for the customer who may see it; None when it is not theirs."""

    async def notify(self, topic: str, payload: bytes) -> None:
        """Tell this channel's connectors in every process (a hint, may be lost)."""

    def hints(self, *topics: str) -> AsyncIterator[tuple[str, bytes]]:
        """Hints given by `notify` on this channel, from now on."""

    async def take(self, key: str, count: int, seconds: float) -> float:
        """One token of a rate bucket shared by all processes; 0.0, or the seconds to wait."""

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """Signing keys of this channel for `purpose` (32 bytes each), equal in every process and after a restart.

        Sign with the first one, accept all. Made by the program, never configured.
        """

    async def checkpoints(self) -> dict[str, str]:
        """The stored checkpoints of this account by key."""

    async def exchange(self, key: str, change: Callable[[str], Awaitable[str]]) -> None:
        """Keep what `change` makes of the value under `key` ("" keeps it as it was), one process at a time, within a minute.

        For what is spent when it is used, such as a refresh token. The value is a checkpoint: at most 4 kB of text. Raises `TryLater`
        when there is no turn in time or nothing can be kept.
        """

    def log(self, event: str, **facts: object) -> None:
        """One structured line; values of declared secrets are redacted."""


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


class Served(Connector, Protocol):
    """A connector with transport `socket`: customers come to addresses of ours."""

    def routes(self) -> Sequence[RouteDef]:
        """Every address, relative to `/widget/<channel>`; mounted by the HTTP server once the connector is open."""


class Attentive(Connector, Protocol):
    """A connector with capability `read_out`: its customers see what was read."""

    async def read(self, to: Address, conversation_key: str, n: int) -> None:
        """Show the customer that an agent has read everything up to the history's number `n` (best effort)."""


class Telling(Connector, Protocol):
    """A connector over which other programs are told what happened: rules of the automation name its channels."""

    async def call(self, message: str, body: bytes) -> Outcome:
        """Post `body` under the id `message`, the same for every attempt."""
