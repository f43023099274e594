"""What a connector is asked to send, what it plans to do, and what may come of it. No behaviour, no I/O."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec

from connectors.inbound import Address, Part


class OutFile(Part, frozen=True, kw_only=True):
    """A stored attachment to be sent; the host opens `read` only while the part is under way.

    With a `content_id` it is a picture that the HTML shows (`<img src="cid:...">`).
    """

    name: str
    content_type: str
    size: int
    read: Callable[[], Awaitable[bytes]]
    content_id: str = ""


class Outbound(Part, frozen=True, kw_only=True):
    """A message to be sent. `id` is our message id and the idempotency key.

    `context` has what the channel needs to thread: `conversation` (our id), `subject`, `agent` (the display name of who wrote, "" for the system), `last` (the newest customer message as
    `{"id", "provider_ids", "subject", "text", "at", "data"}`, {} when there is none), `thread` (provider ids of the conversation's
    messages, oldest first, at most 50), `reply_to` (provider ids of the message that is answered), `at` (when it was queued), `data` (what
    came with the message for its channel, see the channel's README).
    """

    id: str
    to: Address
    conversation_key: str
    text: str
    html: str = ""
    subject: str = ""
    files: tuple[OutFile, ...] = ()
    reply_to: str = ""
    context: dict[str, Any] = msgspec.field(default_factory=dict)
    automatic: bool = False


class PlannedPart(Part, frozen=True, kw_only=True):
    """One request to the provider. `key` is stable across attempts: `<message id>:<index>`.

    `provider_ids` are those that we give it ourselves: under them it is known even if no answer ever says that it went.
    """

    key: str
    kind: Literal["text", "file"]
    text: str = ""
    html: str = ""
    file: OutFile | None = None
    provider_ids: tuple[str, ...] = ()


class Plan(Part, frozen=True, kw_only=True):
    """What will be sent and what is lost: `degraded` holds a sentence per loss, shown to the agent beforehand."""

    parts: tuple[PlannedPart, ...]
    degraded: tuple[str, ...] = ()


class Accepted(Part, frozen=True, kw_only=True, tag="accepted"):
    """The provider has it under these ids. `state` is "delivered" where acceptance already means that (webchat).

    `text` is a sentence for the agent about what did not go all the same (somebody in copy), empty as a rule.
    """

    provider_ids: tuple[str, ...] = ()
    state: Literal["sent", "delivered"] = "sent"
    text: str = ""


class Rejected(Part, frozen=True, kw_only=True, tag="rejected"):
    """It will never go: `text` is the sentence that the agent sees. `stopped`: the customer has blocked or left us."""

    text: str
    code: str = ""
    stopped: bool = False


class Retry(Part, frozen=True, kw_only=True, tag="retry"):
    """Not now. `after` in seconds (None: the host's back-off); `scope` says what else has to wait."""

    text: str
    after: float | None = None
    scope: Literal["conversation", "account"] = "conversation"


class Unknown(Part, frozen=True, kw_only=True, tag="unknown"):
    """We cannot know whether it went (time-out after bytes were written). Never retried blindly."""

    text: str


Outcome = Accepted | Rejected | Retry | Unknown
