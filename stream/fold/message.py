"""What each event does to a message's row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from stream import events as ev
from stream.model import DELIVERY_RANK, Message, Reaction

replace = msgspec.structs.replace
Fold = Callable[[Any, Any, float], Message]


def _received(row: None, event: ev.MessageReceived, at: float) -> Message:
    return Message(
        id=event.message,
        conversation=event.conversation,
        seq=event.seq,
        direction=event.direction,
        author=event.author,
        content=event.content,
        at=at,
        delivery="received" if event.direction == "in" else "sent",
        provider_ids=event.provider_ids,
        source_key=event.source_key,
        reply_to=event.reply_to,
        automatic=event.automatic,
    )


def _queued(row: None, event: ev.ReplyQueued, at: float) -> Message:
    return Message(
        id=event.message,
        conversation=event.conversation,
        seq=event.seq,
        direction="out",
        author=event.author,
        content=event.content,
        at=at,
        delivery="queued",
        reply_to=event.reply_to,
        automatic=event.automatic,
    )


def _note(row: None, event: ev.NoteAdded, at: float) -> Message:
    return Message(
        id=event.message,
        conversation=event.conversation,
        seq=event.seq,
        direction="note",
        author=event.author,
        content=event.content,
        at=at,
        mentions=event.mentions,
    )


def _edited(row: Message, event: ev.MessageEdited, at: float) -> Message:
    return replace(row, content=event.content, edited_at=row.edited_at if event.files else at)


def _deleted(row: Message, event: ev.MessageDeleted, at: float) -> Message:
    return replace(row, deleted_at=at)


def _reaction(row: Message, event: ev.ReactionChanged, at: float) -> Message:
    others = tuple(reaction for reaction in row.reactions if reaction.author != event.author)
    if event.emoji:
        others = (*others, Reaction(author=event.author, emoji=event.emoji))
    return replace(row, reactions=others)


def advances(row: Message, delivery: str) -> bool:
    """Whether `delivery` is news about `row`: receipts only go up, failed stays failed; an agent's retry puts it back to queued."""
    if delivery == "queued":
        return row.delivery in ("failed", "unknown", "sending")
    return row.delivery != "failed" and DELIVERY_RANK[delivery] > DELIVERY_RANK.get(row.delivery, -1)


def _delivery(row: Message, event: ev.DeliveryChanged, at: float) -> Message:
    ids = row.provider_ids + tuple(pid for pid in event.provider_ids if pid not in row.provider_ids)
    return replace(
        row, delivery=event.delivery, provider_ids=ids, error=event.error, parts_done=event.parts_done
    )


MESSAGE_FOLDS: dict[type, Fold] = {
    ev.MessageReceived: _received,
    ev.ReplyQueued: _queued,
    ev.NoteAdded: _note,
    ev.MessageEdited: _edited,
    ev.MessageDeleted: _deleted,
    ev.ReactionChanged: _reaction,
    ev.DeliveryChanged: _delivery,
}
