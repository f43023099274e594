"""The widget's language: frames of its socket and the types of the contract, both ways. Pure: no clock, no keys, no sockets.

Frames are JSON objects with their kind in `t`. README.md lists them. What a visitor writes is plain text here and stays it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from connectors.contract import (
    HistoryFile,
    HistoryItem,
    Malformed,
    MessageReceived,
    ReceiptObserved,
    Signal,
    StoredFile,
    TypingObserved,
)
from connectors.webchat.visitors import Claims, Visitor, address

FRAME_LIMIT = 64 * 1024
TOPIC = "visitors"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]")
_EMAIL = re.compile(r"[^\s@<>\",;:\\()\[\]]{1,64}@[^\s@<>\",;:\\()\[\]]{1,189}\.[^\s@<>\",;:\\()\[\]]{2,63}")

ClientId = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{8,64}$(?!\\n)")]
MessageId = Annotated[str, Meta(min_length=1, max_length=80)]
Number = Annotated[int, Meta(ge=0, le=2**53)]


# --- what the widget says ------------------------------------------------------------------------------------------


class Frame(msgspec.Struct, frozen=True, kw_only=True, tag_field="t"):
    """Base of what the widget sends. Unknown fields are ignored: an old server understands a newer widget."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The customer that the embedding page names, with its site's signature."""

    user: Annotated[str, Meta(min_length=1, max_length=200)]
    signature: Annotated[str, Meta(max_length=200)] = ""


class Hello(Frame, frozen=True, kw_only=True):
    """Who it is: first on every connection. `name` and `email` are claims."""

    token: Annotated[str, Meta(max_length=200)] = ""
    identity: Identity | None = None
    name: Annotated[str, Meta(max_length=120)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    language: Annotated[str, Meta(max_length=35)] = ""
    page: Annotated[str, Meta(max_length=2_000)] = ""


class Start(Hello, tag="start", frozen=True, kw_only=True):
    """Begin with the newest items."""


class Resume(Hello, tag="resume", frozen=True, kw_only=True):
    """Go on after item `id` with journal number `n`."""

    n: Number
    id: Annotated[str, Meta(max_length=80)] = ""


class Send(Frame, tag="send", frozen=True, kw_only=True):
    """A message under an id of the widget's making; `files` are the references that `upload` gave."""

    client: ClientId
    text: str = ""
    files: Annotated[tuple[Annotated[str, Meta(max_length=4_096)], ...], Meta(max_length=20)] = ()
    page: Annotated[str, Meta(max_length=2_000)] = ""


class Typing(Frame, tag="typing", frozen=True, kw_only=True):
    """The visitor is writing, or has stopped."""

    on: bool


class Seen(Frame, tag="seen", frozen=True, kw_only=True):
    """Everything of ours up to message `id` with number `n` has arrived at the visitor, or was read."""

    n: Number
    id: MessageId
    state: Literal["delivered", "read"]


class About(Frame, tag="about", frozen=True, kw_only=True):
    """The visitor says who they are."""

    name: Annotated[str, Meta(max_length=120)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""


class Older(Frame, tag="older", frozen=True, kw_only=True):
    """Show more of the past than the newest `have` items."""

    have: Annotated[int, Meta(ge=0, le=10_000)]


class Beat(Frame, tag="beat", frozen=True, kw_only=True):
    """Is anybody there? Answered by a beat."""


AnyFrame = Start | Resume | Send | Typing | Seen | About | Older | Beat
_decoder: msgspec.json.Decoder[AnyFrame] = msgspec.json.Decoder(AnyFrame)
_field = re.compile(r" - at `\$\.?(.*)`$")


def decode(text: str) -> AnyFrame:
    """A frame of the widget. Raises Malformed with the field."""
    try:
        return _decoder.decode(text.encode("utf-8", "surrogatepass"))
    except msgspec.ValidationError as error:
        found = _field.search(str(error))
        raise Malformed(_field.sub("", str(error)), found[1] if found else "") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed("the frame is not JSON") from None


# --- cleaning ------------------------------------------------------------------------------------------------------


def clean_text(text: str) -> str:
    """Plain text as it is kept: line ends are LF, no control characters, no blank lines around, canonical composition."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROL.sub("", lines)).strip()


def clean_line(text: str, limit: int) -> str:
    """A name or the like: one line, nothing invisible, at most `limit` characters."""
    return " ".join(_NAME.sub(" ", text).split())[:limit]


def clean_file_name(name: str) -> str:
    """A file's name without folders and without what hides its ending; at most 120 characters, the ending kept."""
    base = clean_line(re.split(r"[/\\]", name)[-1], len(name)).lstrip(". ") or "file"
    if len(base) <= 120:
        return base
    stem, dot, ending = base.rpartition(".")
    return f"{stem[: 119 - len(ending)]}.{ending}" if dot and len(ending) <= 12 else base[:120]


def clean_claims(name: str, email: str) -> Claims:
    """What a visitor says about themselves. Raises Malformed when the e-mail address is none."""
    written = email.strip()
    if written and not _EMAIL.fullmatch(written):
        raise Malformed("This does not look like an e-mail address.", "email")
    return Claims(name=clean_line(name, 80), email=written)


def lenient_claims(hello: Hello) -> Claims:
    """The claims of a hello: what cannot be right is left out, because the page and not the visitor gave it."""
    try:
        return clean_claims(hello.name, hello.email)
    except Malformed:
        return clean_claims(hello.name, "")


def clean_language(text: str) -> str:
    """The site's language as its first subtag (`de` of `de-AT`), or nothing."""
    found = re.fullmatch(r"([A-Za-z]{2,3})([-_][A-Za-z0-9]{1,8})*", text.strip())
    return found[1].lower() if found else ""


def clean_page(url: str) -> str:
    """The page that the visitor is on, without query and fragment (they may hold secrets of the site); only web addresses."""
    bare = _NAME.sub("", url).partition("#")[0].partition("?")[0].strip()
    return bare[:1_000] if re.match(r"https?://", bare) else ""


# --- to the contract -----------------------------------------------------------------------------------------------


def message(
    visitor: Visitor, frame: Send, files: Sequence[StoredFile], limit: int, at: float
) -> MessageReceived:
    """The message that a `send` frame holds. Raises Malformed when it is empty or longer than `limit` characters."""
    text = clean_text(frame.text)
    if len(text) > limit:
        raise Malformed(f"The message is too long: {len(text)} characters, {limit} are allowed.", "text")
    if not text and not files:
        raise Malformed("The message is empty.", "text")
    page = clean_page(frame.page) or visitor.page
    return MessageReceived(
        source_key=source_key(visitor.key, frame.client),
        conversation_key=visitor.key,
        sender=address(visitor),
        at=at,
        text=text,
        files=tuple(files),
        language=visitor.language,
        data={"page": page} if page else {},
    )


def source_key(key: str, client: str) -> str:
    """The deduplication key of a visitor's message."""
    return f"msg:{key}:{client}"


def client_id(key: str, source: str) -> str:
    """The widget's own id of a message in the history; empty when no widget made it."""
    prefix = source_key(key, "")
    return source[len(prefix) :] if source.startswith(prefix) else ""


def receipt(visitor: Visitor, frame: Seen, at: float) -> ReceiptObserved:
    """A watermark: our messages up to this one have arrived or were read."""
    return ReceiptObserved(
        source_key=f"{frame.state}:{visitor.key}:{frame.id}",
        conversation_key=visitor.key,
        sender=address(visitor),
        at=at,
        provider_id=frame.id,
        state=frame.state,
        watermark=True,
    )


def typing(visitor: Visitor, on: bool, at: float) -> TypingObserved:
    """The visitor writes, or stopped."""
    return TypingObserved(
        source_key=f"typing:{visitor.key}:{int(at * 1000)}",
        conversation_key=visitor.key,
        sender=address(visitor),
        at=at,
        on=on,
    )


def profile(visitor: Visitor, at: float) -> Signal:
    """The visitor's claims as they are now; saying the same again is the same happening."""
    said = f"{visitor.claims.name}\0{visitor.claims.email}"
    return Signal(
        source_key=f"about:{visitor.key}:{hashlib.sha256(said.encode()).hexdigest()[:24]}",
        conversation_key=visitor.key,
        sender=msgspec.structs.replace(address(visitor), display=visitor.claims.name),
        at=at,
        name="profile",
        data={"email": visitor.claims.email, "name": visitor.claims.name},
    )


# --- to the widget -------------------------------------------------------------------------------------------------

Link = Callable[[HistoryFile], str]


def item(key: str, one: HistoryItem, link: Link) -> dict[str, Any]:
    """A message as the widget shows it; internal keys stay here, `link` gives a file's address."""
    shown: dict[str, Any] = {
        "n": one.n,
        "id": one.id,
        "dir": one.direction,
        "text": one.text,
        "at": one.at,
        "state": one.delivery,
    }
    if one.direction == "in":
        shown["client"] = client_id(key, one.source_key)
    if one.author and one.direction == "out":
        shown["author"] = one.author
    if one.automatic:
        shown["automatic"] = True
    if one.files:
        shown["files"] = [
            {
                "id": f.id,
                "name": clean_file_name(f.name),
                "type": f.content_type,
                "size": f.size,
                "url": link(f),
            }
            for f in one.files
        ]
    return shown


def encode(frame: dict[str, Any]) -> str:
    """A frame for the widget as text."""
    return msgspec.json.encode(frame).decode()


# --- between processes ---------------------------------------------------------------------------------------------


class Hint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the sockets of the visitor with this `key` are told in every process, under `TOPIC`. Losing one costs time only.

    `new`: look into the history. `typing`: an agent writes or stopped, `name` is theirs. `read`: an agent has read the visitor's
    messages up to number `n`.
    """

    key: str
    kind: Literal["new", "typing", "read"] = "new"
    on: bool = False
    name: str = ""
    n: int = 0


def hint(one: Hint) -> bytes:
    """A hint's bytes."""
    return msgspec.json.encode(one)


def read_hint(payload: bytes) -> Hint | None:
    """The hint; None when it cannot be read, which means that everybody has to look."""
    try:
        return msgspec.json.decode(payload, type=Hint)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
