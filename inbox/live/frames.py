"""The frames of `/ws` as text, both ways. Pure: what a client may say, and how what we say is encoded. See docs/protocol.md.

A numbered frame is two pieces: the head with `n` and `prev`, made for each socket, and the tail, made once for everybody who gets it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from inbox.decode import Body
from inbox.ports import Duty, Opening, QueueFacts, StatusFacts
from inbox.views import AgentView, ConversationView, Said
from stream.events import AnyEvent
from stream.model import Content, PersonContent

Ident = Annotated[str, Meta(min_length=1, max_length=128)]


# --- from the client -------------------------------------------------------------------------------------------------


class ClientFrame(Body, frozen=True, kw_only=True, tag_field="t"):
    """Base of what a client says."""


class Start(ClientFrame, frozen=True, kw_only=True, tag="start"):
    """Begin with a snapshot."""


class Resume(ClientFrame, frozen=True, kw_only=True, tag="resume"):
    """Go on after `n` of `epoch`; `open` are the conversations on screen."""

    epoch: Annotated[str, Meta(max_length=64)]
    n: Annotated[int, Meta(ge=0, le=2**53)]
    open: Annotated[tuple[Ident, ...], Meta(max_length=20)] = ()


class Open(ClientFrame, frozen=True, kw_only=True, tag="open"):
    """Send me the bodies of this one, and tell colleagues that I look at it."""

    conversation: Ident


class Close(ClientFrame, frozen=True, kw_only=True, tag="close"):
    """No longer."""

    conversation: Ident


class TypingSign(ClientFrame, frozen=True, kw_only=True, tag="typing"):
    """I write, or have stopped."""

    conversation: Ident
    on: bool


class Beat(ClientFrame, frozen=True, kw_only=True, tag="beat"):
    """Still here."""

    n: int = 0


class Do(msgspec.Struct, frozen=True, kw_only=True):
    """A verb on a conversation; `fields` are the REST body's."""

    id: str
    verb: str
    conversation: str
    fields: dict[str, Any]


AnyClientFrame = Start | Resume | Open | Close | TypingSign | Beat
_client = msgspec.json.Decoder(AnyClientFrame)
_kind = msgspec.json.Decoder(dict[str, Any])


class BadFrame(ValueError):
    """A client's frame that is not one of the protocol's."""


def read_frame(raw: bytes | str) -> AnyClientFrame | Do:
    """A client's frame. Raises `BadFrame` with a sentence."""
    try:
        if b'"do"' in (raw if isinstance(raw, bytes) else raw.encode("utf-8", "replace")):
            fields = _kind.decode(raw)
            if fields.get("t") == "do":
                return _deed(fields)
        frame: AnyClientFrame = _client.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise BadFrame(str(error)) from error
    return frame


def _deed(fields: dict[str, Any]) -> Do:
    del fields["t"]
    named = [fields.pop(name, None) for name in ("id", "verb", "conversation")]
    if not all(isinstance(value, str) and 0 < len(value) <= 128 for value in named):
        raise BadFrame("a do frame has id, verb and conversation as text of at most 128 characters")
    return Do(id=named[0], verb=named[1], conversation=named[2], fields=fields)


# --- to the client -----------------------------------------------------------------------------------------------------

encode = msgspec.json.encode


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    """A queue and how many conversations wait in it. `opens_at`: when it is `closed`, the next opening (0: not foreseen); `given`: work is given out."""

    id: str
    name: str
    waiting: int
    closed: bool = False
    opens_at: float = 0.0
    given: bool = True


def queue_view(queue: QueueFacts, waiting: int, opening: Opening) -> QueueView:
    """A queue for clients."""
    opens = opening.until if opening.closed else 0.0
    return QueueView(
        id=queue.id,
        name=queue.name or queue.id,
        waiting=waiting,
        closed=opening.closed,
        opens_at=opens,
        given=opening.given,
    )


class ChannelView(msgspec.Struct, frozen=True, kw_only=True):
    """A channel and what it can do."""

    id: str
    connector: str
    name: str
    capabilities: dict[str, Any]


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="snapshot"):
    """The state at `n`. `more`: there are older conversations, to be asked for by the list."""

    epoch: str
    n: int
    me: AgentView
    conversations: list[ConversationView]
    agents: list[AgentView]
    queues: list[QueueView]
    channels: list[ChannelView]
    tags: tuple[str, ...]
    statuses: tuple[StatusFacts, ...]
    presence: dict[str, bool]
    settings: Any
    more: bool


class Done(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="done", omit_defaults=True):
    """What became of a `do`."""

    id: str
    ok: bool
    n: int = 0
    code: str = ""
    message: str = ""
    field: str = ""
    conversation: Any = None


def hello(heartbeat: float, epoch: str) -> bytes:
    """The first frame; `heartbeat` in seconds."""
    return encode({"t": "hello", "heartbeat_ms": round(heartbeat * 1000), "epoch": epoch})


def resumed(n: int) -> bytes:
    """Everything missed has been sent."""
    return encode({"t": "resumed", "n": n})


def start_over(reason: Literal["epoch", "too_old", "rights"]) -> bytes:
    """What the client has is of no use."""
    return encode({"t": "start_over", "reason": reason})


def head(size: int) -> bytes:
    """What a text frame of `size` bytes begins with on the wire (RFC 6455 section 5.2)."""
    if size < 126:
        return bytes((0x81, size))
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big")
    return b"\x81\x7f" + size.to_bytes(8, "big")


def beat(n: int) -> bytes:
    """Nothing that this agent may see happened up to `n`."""
    return b'{"t":"beat","n":%d}' % n


def numbered(n: int, prev: int, tail: bytes) -> bytes:
    """A whole numbered frame."""
    return b'{"t":"event","n":%d,"prev":%d,%b' % (n, prev, tail)


def tail(
    at: float,
    event: AnyEvent,
    *,
    content: dict[str, Said | PersonContent] | None = None,
    conversation: ConversationView | None = None,
    gone: bool = False,
) -> bytes:
    """The part of a numbered frame that is the same for everybody who gets it."""
    parts = [b'"at":', encode(at), b',"event":', encode(event)]
    if content:
        parts += [b',"content":', encode(content)]
    if conversation is not None:
        parts += [b',"conversation":', encode(conversation)]
    if gone:
        parts.append(b',"gone":true')
    parts.append(b"}")
    return b"".join(parts)


def typing_frame(conversation: str, who: dict[str, str], *, on: bool) -> bytes:
    """Somebody writes."""
    return encode({"t": "typing", "conversation": conversation, "who": who, "on": on})


def presence_frame(agent: str, *, connected: bool) -> bytes:
    """An agent's page came or went."""
    return encode({"t": "presence", "agent": agent, "connected": connected})


def hours_frame(queues: dict[str, Opening], agents: dict[str, Duty]) -> bytes:
    """Which queues are closed and who is off duty, all of them."""
    closed = {
        ident: {"closed": True, "opens_at": one.until, "given": one.given} for ident, one in queues.items()
    }
    off = {login: {"off_duty": one.off, "duty_until": one.until} for login, one in agents.items()}
    return encode({"t": "hours", "queues": closed, "agents": off})


def viewing_frame(conversation: str, agents: list[str]) -> bytes:
    """Who looks at it now."""
    return encode({"t": "viewing", "conversation": conversation, "agents": agents})


def person_content(content: Content | None) -> PersonContent | None:
    """A profile, if that is what it is."""
    return content if isinstance(content, PersonContent) else None
