"""The generic channel's JSON, both ways. Pure.

In: one event, or a list of at most `MAX_EVENTS` (README.md documents the fields). In a list each event stands for itself: one that cannot
be read becomes `Poison`, its neighbours pass. Out: `message.created` in the shape that Standard Webhooks recommends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from connectors.contract import (
    Address,
    AnyFile,
    AnyInbound,
    File,
    Malformed,
    MediaRef,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Outbound,
    Poison,
    ReactionChanged,
    ReceiptObserved,
    TypingObserved,
    Unmapped,
    WebhookRequest,
)
from connectors.kit.html import clean, html_to_text
from connectors.kit.payload import read

MAX_EVENTS = 100

Ident = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Name = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=100_000)]


class Person(msgspec.Struct, frozen=True):
    """Who wrote: `id` is theirs in the sending system. `email` and `phone` only suggest who it might be."""

    id: Ident
    name: Name = ""
    email: Annotated[str, msgspec.Meta(max_length=320)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=40)] = ""


class FileIn(msgspec.Struct, frozen=True):
    """A file: `content` in base64, or a `url` that is fetched once the message is kept."""

    name: Name = "file"
    type: Annotated[str, msgspec.Meta(max_length=120)] = "application/octet-stream"
    content: bytes | None = None
    url: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    size: Annotated[int, msgspec.Meta(ge=0)] = 0


class Said(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """`type: message` (the default), and `edit`."""

    sender: Person
    conversation: Ident
    id: Annotated[str, msgspec.Meta(max_length=200)] = ""
    text: Text = ""
    html: Annotated[str, msgspec.Meta(max_length=1_000_000)] = ""
    subject: Annotated[str, msgspec.Meta(max_length=1_000)] = ""
    files: Annotated[list[FileIn], msgspec.Meta(max_length=20)] = []
    at: float | str = 0.0
    reply_to: Annotated[str, msgspec.Meta(max_length=200)] = ""
    language: Annotated[str, msgspec.Meta(max_length=35)] = ""
    automatic: bool = False
    data: dict[str, Any] = {}


class About(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """Something about a message or a conversation: `receipt`, `typing`, `delete`, `reaction`."""

    sender: Person | None = None
    conversation: Annotated[str, msgspec.Meta(max_length=200)] = ""
    message: Annotated[str, msgspec.Meta(max_length=200)] = ""
    state: Literal["sent", "delivered", "read", "failed"] | None = None
    error: Annotated[str, msgspec.Meta(max_length=500)] = ""
    watermark: bool = False
    on: bool = True
    emoji: Annotated[str, msgspec.Meta(max_length=32)] = ""
    at: float | str = 0.0


class Kind(msgspec.Struct, frozen=True):
    """What an event says it is."""

    type: str = "message"


_kind = msgspec.json.Decoder(Kind)
_said = msgspec.json.Decoder(Said)
_about = msgspec.json.Decoder(About)
_events = msgspec.json.Decoder(list[msgspec.Raw])


def parse(request: WebhookRequest, _config: object) -> list[AnyInbound]:
    """The events of a request. Raises `Malformed` for a body that is none, or for the one event that it has."""
    body = request.body
    if body[:64].lstrip()[:1] != b"[":
        return [_event(body, request.headers.get("webhook-id", ""))]
    events = read(_events, body)
    if len(events) > MAX_EVENTS:
        raise Malformed(f"A list has at most {MAX_EVENTS} events, this one has {len(events)}.", "")
    return [_event_or_poison(bytes(event)) for event in events]


def _event_or_poison(event: bytes) -> AnyInbound:
    try:
        return _event(event, "")
    except Malformed as error:
        key = f"poison:{hashlib.sha256(event).hexdigest()}"
        return Poison(source_key=key, error=f"{error.field}: {error}" if error.field else str(error))


def _event(event: bytes, webhook_id: str) -> AnyInbound:
    kind = read(_kind, event).type
    if kind == "message":
        return _message(read(_said, event), webhook_id)
    if kind == "edit":
        return _edit(read(_said, event), event)
    reader = _ABOUT.get(kind)
    if reader is not None:
        return reader(read(_about, event), event)
    nobody = Address(scheme="webhook", value="unknown")
    key = f"unmapped:{hashlib.sha256(event).hexdigest()}"
    return Unmapped(source_key=key, conversation_key="", sender=nobody, reason=f"event type {kind[:64]!r}")


def _message(said: Said, webhook_id: str) -> MessageReceived:
    ident = said.id or webhook_id
    if not ident:
        raise Malformed("An event of a list needs an `id`.", "id")
    if not (said.text or said.html or said.files):
        raise Malformed("A message has `text`, `html` or `files`.", "text")
    html = clean(said.html) if said.html else ""
    return MessageReceived(
        source_key=f"msg:{ident}",
        conversation_key=said.conversation,
        sender=_address(said.sender),
        at=_seconds(said.at),
        text=said.text or (html_to_text(html) if html else ""),
        html=html,
        subject=said.subject,
        files=tuple(_file(file, index) for index, file in enumerate(said.files)) if said.files else (),
        reply_to=said.reply_to,
        provider_id=ident,
        language=said.language,
        automatic=said.automatic,
        data=said.data,
    )


def _edit(said: Said, event: bytes) -> MessageEdited:
    if not said.id:
        raise Malformed("An edit names the message by its `id`.", "id")
    html = clean(said.html) if said.html else ""
    return MessageEdited(
        source_key=f"edit:{said.id}:{hashlib.sha256(event).hexdigest()[:32]}",
        conversation_key=said.conversation,
        sender=_address(said.sender),
        at=_seconds(said.at),
        provider_id=said.id,
        text=said.text or (html_to_text(html) if html else ""),
        html=html,
        files=tuple(_file(file, index) for index, file in enumerate(said.files)),
    )


def _receipt(about: About, _event: bytes) -> ReceiptObserved:
    message = _named(about)
    if about.state is None:
        raise Malformed("A receipt has a `state`: sent, delivered, read or failed.", "state")
    return ReceiptObserved(
        source_key=f"receipt:{message}:{about.state}{':all' if about.watermark else ''}",
        conversation_key=about.conversation,
        sender=_somebody(about),
        at=_seconds(about.at),
        provider_id=message,
        state=about.state,
        error=about.error,
        watermark=about.watermark,
    )


def _typing(about: About, _event: bytes) -> TypingObserved:
    if not about.conversation:
        raise Malformed("A typing sign names its `conversation`.", "conversation")
    return TypingObserved(
        source_key="typing", conversation_key=about.conversation, sender=_somebody(about), on=about.on
    )


def _delete(about: About, _event: bytes) -> MessageDeleted:
    return MessageDeleted(
        source_key=f"delete:{_named(about)}",
        conversation_key=about.conversation,
        sender=_somebody(about),
        at=_seconds(about.at),
        provider_id=about.message,
    )


def _reaction(about: About, event: bytes) -> ReactionChanged:
    return ReactionChanged(
        source_key=f"reaction:{_named(about)}:{hashlib.sha256(event).hexdigest()[:32]}",
        conversation_key=about.conversation,
        sender=_somebody(about),
        at=_seconds(about.at),
        provider_id=about.message,
        emoji=about.emoji,
    )


_ABOUT: dict[str, Callable[[About, bytes], AnyInbound]] = {
    "receipt": _receipt,
    "typing": _typing,
    "delete": _delete,
    "reaction": _reaction,
}


def _named(about: About) -> str:
    if not about.message:
        raise Malformed("It names the message by `message`.", "message")
    return about.message


def _somebody(about: About) -> Address:
    return (
        _address(about.sender)
        if about.sender
        else Address(scheme="webhook", value=about.conversation or "unknown")
    )


def _address(person: Person) -> Address:
    attributes = {}
    if person.email:
        attributes["email"] = person.email
    if person.phone:
        attributes["phone"] = person.phone
    return Address(scheme="webhook", value=person.id, display=person.name, attributes=attributes)


def _file(file: FileIn, index: int) -> AnyFile:
    if file.content is not None:
        return File(name=file.name, content_type=file.type, content=file.content)
    if not file.url:
        raise Malformed("A file has `content` (base64) or a `url`.", f"files[{index}].url")
    return MediaRef(token=file.url, name=file.name, content_type=file.type, size=file.size)


def _seconds(at: float | str) -> float:
    """Seconds since the epoch, from seconds, milliseconds, or an RFC 3339 time."""
    if isinstance(at, str):
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            raise Malformed("A time is a number of seconds or an RFC 3339 time.", "at") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not 0 <= at < 1e14:
        raise Malformed("A time is a number of seconds or an RFC 3339 time.", "at")
    return at / 1000 if at > 1e11 else at


# --- out ---------------------------------------------------------------------------------------------------------


class FileOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file of ours: `content` in base64."""

    name: str
    type: str
    size: int
    content: bytes


def encode(message: Outbound, files: list[FileOut]) -> bytes:
    """The body of `message.created`: the same for every attempt."""
    at = float(message.context.get("at", 0.0))
    data: dict[str, Any] = {
        "id": message.id,
        "conversation": message.conversation_key,
        "to": {"id": message.to.value, "name": message.to.display},
        "text": message.text,
    }
    optional = {
        "html": message.html,
        "subject": message.subject,
        "files": files,
        "reply_to": message.reply_to,
        "agent": message.context.get("agent", ""),
        "automatic": message.automatic,
    }
    data.update((name, value) for name, value in optional.items() if value)
    stamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return msgspec.json.encode({"type": "message.created", "timestamp": stamp, "data": data})
