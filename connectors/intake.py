"""From what a codec understood to what the stream is asked to keep: addresses in one form, sizes bounded, one command per happening.

Pure: files are stored by `files.py`, commands are submitted by `delivery.py`. Nothing is sanitised here (a codec gives safe HTML);
nothing is dropped silently either: what had to be cut is said in the message's `data["cut"]`, and the raw input is kept.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from connectors.channel import Channel
from connectors.contract import (
    AnyInbound,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Poison,
    ReactionChanged,
    ReceiptObserved,
    Signal,
    TypingObserved,
    Unmapped,
)
from connectors.identities import clean, sender_of
from stream import commands as cmd
from stream.model import Attachment, MessageContent

LONGEST_TEXT = 100_000
LONGEST_HTML = 1_048_576
LONGEST_SUBJECT = 1_000
LONGEST_KEY = 500
LONGEST_ERROR = 500
MAX_THREAD = 100
LONGEST_DATA = 65_536


class Kept:
    """What became of an item's files: stored attachments, those still to be fetched, and those that were left out with the reason.

    `fresh` are the blobs that were stored for it: nobody else points to them.
    """

    __slots__ = ("attachments", "fresh", "missing", "pending")

    def __init__(self) -> None:
        self.attachments: list[Attachment] = []
        self.fresh: list[str] = []
        self.pending: list[dict[str, Any]] = []
        self.missing: list[dict[str, Any]] = []


NOTHING = Kept()


def key(text: str) -> str:
    """A key that fits: a longer one keeps its beginning and gets a digest of the whole."""
    text = clean(text)
    if len(text) <= LONGEST_KEY:
        return text
    return f"{text[: LONGEST_KEY - 33]}#{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"


def command_for(
    channel: Channel, item: AnyInbound, raw: bytes, token: str, kept: Kept = NOTHING
) -> cmd.Receive | None:
    """The command that keeps `item`; None for typing, which is never kept."""
    if isinstance(item, MessageReceived):
        return _message(channel, item, raw, token, kept)
    if isinstance(item, TypingObserved):
        return None
    facts: dict[str, Any] = {
        "token": token,
        "workspace": channel.workspace,
        "channel": channel.name,
        "connector": channel.manifest.id,
        "source_key": key(item.source_key),
        "raw": raw,
    }
    if isinstance(item, ReceiptObserved):
        ident, error = key(item.provider_id), clean(item.error)[:LONGEST_ERROR]
        return cmd.ReceiveReceipt(
            **facts, provider_id=ident, state=item.state, error=error, watermark=item.watermark
        )
    if isinstance(item, MessageEdited):
        content = content_of(item.text, item.html, kept=kept)
        return cmd.ReceiveEdit(**facts, provider_id=key(item.provider_id), content=content)
    return _other(channel, item, facts)


def _other(
    channel: Channel,
    item: MessageDeleted | ReactionChanged | Signal | Unmapped | Poison,
    facts: dict[str, Any],
) -> cmd.Receive:
    if isinstance(item, MessageDeleted):
        return cmd.ReceiveDelete(**facts, provider_id=key(item.provider_id))
    if isinstance(item, ReactionChanged):
        author = sender_of(channel, item.sender).lookup
        emoji = clean(item.emoji)[:32]
        return cmd.ReceiveReaction(**facts, provider_id=key(item.provider_id), author=author, emoji=emoji)
    if isinstance(item, Poison):
        return cmd.ReceivePoison(**facts, error=clean(item.error)[:LONGEST_ERROR])
    sender = sender_of(channel, item.sender)
    if isinstance(item, Signal):
        return cmd.ReceiveSignal(**facts, sender=sender, name=clean(item.name)[:64], stopped=item.stopped)
    return cmd.ReceiveSignal(**facts, sender=sender, name=f"unmapped: {clean(item.reason)}"[:64])


def _message(
    channel: Channel, item: MessageReceived, raw: bytes, token: str, kept: Kept
) -> cmd.ReceiveMessage:
    return cmd.ReceiveMessage(
        token=token,
        workspace=channel.workspace,
        channel=channel.name,
        connector=channel.manifest.id,
        source_key=key(item.source_key),
        raw=raw,
        conversation_key=key(item.conversation_key),
        sender=sender_of(channel, item.sender),
        content=content_of(item.text, item.html, item.subject, item.quoted, item.data, kept),
        provider_id=key(item.provider_id),
        thread=tuple(key(ident) for ident in item.thread[:MAX_THREAD]),
        reply_to=key(item.reply_to),
        direction=item.direction,
        automatic=item.automatic,
        spam=item.spam,
        language=clean(item.language)[:35],
        reopen_window=channel.reopen_seconds,
    )


def content_of(
    text: str,
    html: str = "",
    subject: str = "",
    quoted: str = "",
    data: dict[str, Any] | None = None,
    kept: Kept = NOTHING,
) -> MessageContent:
    """The content row of a message. HTML that is too long is left out whole: half of it would no longer be safe."""
    cut = _too_long(text, html, subject, quoted)
    facts = _bounded(data, cut) if data else {}
    if cut:
        facts["cut"] = cut
    if kept.pending:
        facts["pending"] = kept.pending
    if kept.missing:
        facts["missing"] = kept.missing
    return MessageContent(
        text=clean(text[:LONGEST_TEXT]),
        html="" if "html" in cut else clean(html),
        subject=clean(subject[:LONGEST_SUBJECT]),
        quoted=clean(quoted[:LONGEST_TEXT]),
        attachments=tuple(kept.attachments),
        data=facts,
    )


def _too_long(text: str, html: str, subject: str, quoted: str) -> list[str]:
    """The names of those that have to be cut; none when all of them together are short, as nearly always."""
    if len(text) + len(html) + len(subject) + len(quoted) <= LONGEST_SUBJECT:
        return []
    given = (
        ("text", text, LONGEST_TEXT),
        ("html", html, LONGEST_HTML),
        ("subject", subject, LONGEST_SUBJECT),
        ("quoted", quoted, LONGEST_TEXT),
    )
    return [name for name, value, limit in given if len(value) > limit]


def _bounded(data: dict[str, Any], cut: list[str]) -> dict[str, Any]:
    """The channel's own data if it is JSON of a fitting size; otherwise none of it."""
    try:
        size = len(msgspec.json.encode(data))
    except (TypeError, ValueError, RecursionError):
        size = LONGEST_DATA + 1
    if size > LONGEST_DATA:
        cut.append("data")
        return {}
    return dict(data)


def poison(channel: Channel, source_key: str, error: str, raw: bytes, token: str) -> cmd.ReceivePoison:
    """A dead letter for an input that could not be taken in."""
    return cmd.ReceivePoison(
        token=token,
        workspace=channel.workspace,
        channel=channel.name,
        connector=channel.manifest.id,
        source_key=key(source_key),
        raw=raw,
        error=clean(error)[:LONGEST_ERROR],
    )
