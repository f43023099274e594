"""What each event does to a conversation's row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from stream import events as ev
from stream.fold import level
from stream.model import Conversation, Offer

replace = msgspec.structs.replace
E = TypeVar("E")
Fold = Callable[[Any, Any, float], Conversation]


def _started(row: Conversation | None, event: ev.ConversationStarted, at: float) -> Conversation:
    return Conversation(
        id=event.conversation,
        channel=event.channel,
        connector=event.connector,
        key=event.key,
        about=event.about,
        identity=event.identity,
        workspace=event.workspace,
        previous=event.previous,
        tags=event.tags,
        spam=event.spam,
        language=event.language,
        participants=event.named,
        created_at=at,
        updated_at=at,
        version=1,
    )


def _reopened(row: Conversation, event: ev.ConversationReopened, at: float) -> Conversation:
    return replace(
        row,
        status="open",
        last_agent=row.assignee or row.last_agent,
        assignee="",
        offer=None,
        declined_by=(),
        spam=False,
        waiting_since=0.0,
        place=0.0,
        opened=(),
        opened_at=at,
        resolved_at=0.0,
        level=None,
        updated_at=at,
        version=event.version,
    )


def _received(row: Conversation, event: ev.MessageReceived, at: float) -> Conversation:
    customer = event.direction == "in"
    return replace(
        row,
        seq=event.seq,
        last_message=event.message,
        preview=event.content,
        last_direction=event.direction,
        last_customer_at=at if customer else row.last_customer_at,
        last_agent_at=row.last_agent_at if customer else at,
        unread=row.unread + 1 if customer else row.unread,
        level=row.level
        and (level.turned(row.level, at, "customer") if customer else level.answered(row.level, at)),
        updated_at=at,
        version=event.version,
    )


def _edited(row: Conversation, event: ev.MessageEdited, at: float) -> Conversation:
    preview = event.content if row.last_message == event.message else row.preview
    return replace(row, preview=preview, updated_at=at, version=event.version)


def _deleted(row: Conversation, event: ev.MessageDeleted, at: float) -> Conversation:
    """A message that was given up no longer marks the conversation."""
    mark = "" if row.send_mark == event.message else row.send_mark
    return replace(row, send_mark=mark, version=event.version)


def _only_version(row: Conversation, event: ev.ConversationEvent, at: float) -> Conversation:
    return replace(row, version=event.version)


def _reply(row: Conversation, event: ev.ReplyQueued, at: float) -> Conversation:
    by_person = not event.automatic
    return replace(
        row,
        seq=event.seq,
        last_message=event.message,
        preview=event.content,
        last_direction="out",
        last_agent_at=at if by_person else row.last_agent_at,
        read_seq=event.seq if by_person else row.read_seq,
        unread=0 if by_person else row.unread,
        level=level.answered(row.level, at) if by_person else row.level,
        updated_at=at,
        version=event.version,
    )


def _note(row: Conversation, event: ev.NoteAdded, at: float) -> Conversation:
    named = row.participants + tuple(who for who in event.mentions if who not in row.participants)
    return replace(row, seq=event.seq, participants=named, updated_at=at, version=event.version)


def _delivery(row: Conversation, event: ev.DeliveryChanged, at: float) -> Conversation:
    mark = row.send_mark
    if event.delivery in ("failed", "unknown"):
        mark = event.message
    elif mark == event.message:
        mark = ""
    return replace(row, send_mark=mark, version=event.version)


def _read(row: Conversation, event: ev.ConversationRead, at: float) -> Conversation:
    seq = max(row.read_seq, min(event.seq, row.seq))
    return replace(row, read_seq=seq, unread=min(row.unread, row.seq - seq), version=event.version)


def _queued(row: Conversation, event: ev.ConversationQueued, at: float) -> Conversation:
    return replace(
        row,
        status="open",
        queue=event.queue,
        team=event.team,
        waiting_since=event.waiting_since,
        place=event.waiting_since,
        priority=event.priority,
        rule=event.rule,
        need=event.need,
        opened=row.opened if event.rule == row.rule else (),
        units=event.units,
        tags=tuple(sorted({*row.tags, *event.tags})),
        language=event.language or row.language,
        last_agent=row.assignee or row.last_agent,
        assignee="",
        offer=None,
        snoozed_until=0.0,
        declined_by=() if event.forget_declined else row.declined_by,
        level=level.queued(row.level, event, row.queue),
        updated_at=at,
        version=event.version,
    )


def _step_opened(row: Conversation, event: ev.StepOpened, at: float) -> Conversation:
    return replace(row, opened=event.opened, version=event.version)


def _offered(row: Conversation, event: ev.OfferMade, at: float) -> Conversation:
    offer = row.offer
    if offer is not None and offer.id == event.offer:
        offer = replace(offer, also=(*offer.also, event.agent))
    else:
        offer = Offer(id=event.offer, agent=event.agent, expires_at=event.expires_at, units=event.units)
    return replace(row, offer=offer, units=event.units, version=event.version)


def _offer_ended(row: Conversation, event: ev.OfferEnded, at: float) -> Conversation:
    declined = row.declined_by
    if event.how != "recalled" and event.agent not in declined:
        declined = (*declined, event.agent)
    left = tuple(who for who in row.offer.asked if who != event.agent) if row.offer else ()
    offer = replace(row.offer, agent=left[0], also=left[1:]) if row.offer and left else None
    return replace(row, offer=offer, declined_by=declined, version=event.version)


def _assigned(row: Conversation, event: ev.ConversationAssigned, at: float) -> Conversation:
    return replace(
        row,
        status="open",
        assignee=event.agent,
        offer=None,
        opened=(),
        units=event.units,
        waiting_since=0.0,
        place=row.place or row.waiting_since or row.created_at,
        snoozed_until=0.0,
        declined_by=(),
        updated_at=at,
        version=event.version,
    )


def _rested(row: Conversation, event: ev.ConversationRested, at: float) -> Conversation:
    return replace(row, resting=event.resting, version=event.version)


def _resolved(row: Conversation, event: ev.ConversationResolved, at: float) -> Conversation:
    return replace(
        row,
        status="resolved",
        offer=None,
        opened=(),
        waiting_since=0.0,
        snoozed_until=0.0,
        resolved_at=at,
        level=level.resolved(row.level, at),
        updated_at=at,
        version=event.version,
    )


def _snoozed(row: Conversation, event: ev.ConversationSnoozed, at: float) -> Conversation:
    return replace(
        row,
        status="snoozed",
        offer=None,
        opened=(),
        waiting_since=0.0,
        snoozed_until=event.until,
        level=level.turned(row.level, at, "snoozed"),
        updated_at=at,
        version=event.version,
    )


def _woken(row: Conversation, event: ev.SnoozeEnded, at: float) -> Conversation:
    return replace(
        row,
        status="open",
        last_agent=row.assignee or row.last_agent,
        assignee=event.agent,
        units=event.units or row.units,
        snoozed_until=0.0,
        level=level.turned(row.level, at, "woken"),
        updated_at=at,
        version=event.version,
    )


def _tags(row: Conversation, event: ev.TagsChanged, at: float) -> Conversation:
    return replace(row, tags=event.tags, version=event.version)


def _priority(row: Conversation, event: ev.PriorityChanged, at: float) -> Conversation:
    return replace(row, priority=event.priority, version=event.version)


def _spam(row: Conversation, event: ev.SpamMarked, at: float) -> Conversation:
    """What is spam has no service level."""
    level, opened = (None, ()) if event.spam else (row.level, row.opened)
    return replace(row, spam=event.spam, level=level, opened=opened, version=event.version)


def _automated(row: Conversation, event: ev.AutomationRan, at: float) -> Conversation:
    """How often rules ran lately, for their guard; what they did is in events of its own."""
    return replace(row, automated=event.runs, automated_since=event.since, version=event.version)


CONVERSATION_FOLDS: dict[type, Fold] = {
    ev.ConversationStarted: _started,
    ev.ConversationReopened: _reopened,
    ev.MessageReceived: _received,
    ev.MessageEdited: _edited,
    ev.MessageDeleted: _deleted,
    ev.ReactionChanged: _only_version,
    ev.ReplyQueued: _reply,
    ev.NoteAdded: _note,
    ev.DeliveryChanged: _delivery,
    ev.ConversationRead: _read,
    ev.ConversationQueued: _queued,
    ev.StepOpened: _step_opened,
    ev.OfferMade: _offered,
    ev.OfferEnded: _offer_ended,
    ev.ConversationAssigned: _assigned,
    ev.ConversationRested: _rested,
    ev.ConversationResolved: _resolved,
    ev.ConversationSnoozed: _snoozed,
    ev.SnoozeEnded: _woken,
    ev.TagsChanged: _tags,
    ev.PriorityChanged: _priority,
    ev.SpamMarked: _spam,
    ev.AutomationRan: _automated,
    ev.LevelSet: level.stamped,
    ev.LevelAtRisk: level.reached,
    ev.LevelBreached: level.reached,
    ev.LevelEscalated: level.reached,
}
