"""Deciding about messages of ours on their way: into the outbox, the outcome of an attempt, again or given up."""

from __future__ import annotations

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream.decide import bounds
from stream.decide.draft import DeadLetter, Draft, OutboxRow
from stream.decide.echoes import withdraw
from stream.decide.receipts import apply_parked, come_back
from stream.fold.message import advances
from stream.model import Author, Conversation, Delivery, Message, MessageContent

FENCES = 1 << 20
"""How far apart the fences of a message's lives in the outbox are: more than it is ever claimed in one of them."""
TOLD_AT = 3
"""After so many attempts in vain the agent reads why it waits: once, since most troubles are over before and the others stay the same."""


def queue_send(
    draft: Draft,
    row: Conversation,
    message: str,
    by: Author,
    content: MessageContent,
    reply_to: str = "",
    *,
    automatic: bool = False,
) -> None:
    """The event, its content and its outbox row, together."""
    draft.emit(
        ev.ReplyQueued(
            conversation=row.id,
            message=message,
            seq=draft.conversation(row.id).seq + 1,
            author=by,
            content=draft.content("m", content),
            reply_to=reply_to,
            automatic=automatic,
        )
    )
    # (Due at once by any clock: whoever sends it may have one that is behind ours.)
    draft.extras.outbox[message] = OutboxRow(
        message=message, channel=row.channel, conversation=row.id, first_at=draft.now
    )
    draft.result_id = message


def record_delivery(draft: Draft, command: cmd.RecordDelivery) -> None:
    """The outcome of a claimed send; the outbox row goes, or waits for the next attempt."""
    row = draft.outbox(command.message)
    message = draft.message(command.message)
    if row is None or message is None or row.status != "sending" or row.fence != command.fence:
        draft.refuse("state", "This send is no longer yours to report on.")
    conversation = draft.conversation(message.conversation)
    withdraw(draft, message, row.channel, command.provider_ids)
    for ident in command.provider_ids:
        bounds.key_fits(draft, "provider's id", ident)
        draft.seldom.providers[(row.channel, ident)] = (message.id, message.conversation)
    if command.delivery == "queued":
        _again(draft, row, message, command)
        return
    draft.extras.outbox[row.message] = None
    _report(draft, message, command, _reached(message, command.delivery))
    if command.stopped:
        _stop(draft, conversation)
    went = command.delivery in ("sent", "delivered")
    if not went:
        draft.seldom.dead.append(_letter(draft, row, command))
        come_back(draft, message)
    idents = tuple(dict.fromkeys(message.provider_ids + command.provider_ids))
    apply_parked(draft, message.id, row.channel, idents, went=went)


def _again(draft: Draft, row: OutboxRow, message: Message, command: cmd.RecordDelivery) -> None:
    draft.extras.outbox[row.message] = msgspec.structs.replace(
        row,
        status="queued",
        attempts=row.attempts + 1,
        parts_done=command.parts_done,
        due_at=command.due_at,
        worker="",
        claimed_until=0.0,
        error=command.error[: bounds.MAX_ERROR],
    )
    if command.provider_ids or row.attempts + 1 == TOLD_AT:
        _report(draft, message, command, message.delivery)


def _reached(message: Message, delivery: Delivery) -> Delivery:
    """Our own outcome counts as it is, except that a message that went out is not less than what receipts said."""
    if delivery in ("failed", "unknown") or advances(message, delivery):
        return delivery
    return message.delivery


def _report(draft: Draft, message: Message, command: cmd.RecordDelivery, delivery: Delivery) -> None:
    draft.emit(
        ev.DeliveryChanged(
            conversation=message.conversation,
            message=message.id,
            delivery=delivery,
            provider_ids=command.provider_ids,
            error=command.error[: bounds.MAX_ERROR],
            parts_done=command.parts_done if delivery in ("failed", "unknown") else 0,
        )
    )


def _letter(draft: Draft, row: OutboxRow, command: cmd.RecordDelivery) -> DeadLetter:
    return DeadLetter(
        id=draft.new_id("dead"),
        channel=row.channel,
        ref=row.message,
        direction="out",
        error=command.error[: bounds.MAX_ERROR] or command.delivery,
        at=draft.now,
    )


def _stop(draft: Draft, conversation: Conversation) -> None:
    identity = draft.identity(conversation.identity)
    if identity is not None and not identity.stopped:
        draft.emit(ev.IdentityStopped(identity=identity.id, stopped=True))


def reachable(draft: Draft, row: Conversation) -> None:
    """Refuse to write to a customer who has left."""
    identity = draft.identity(row.identity)
    if identity is not None and identity.stopped:
        draft.refuse(
            "stopped", "The customer has left or blocked this channel; a reply would not reach them.", row.id
        )


def retry_send(draft: Draft, row: Conversation, command: cmd.RetrySend) -> None:
    """Put a failed or unknown message back into the outbox, or give it up.

    Parts that the provider has accepted are not sent again. A message that went out whole and failed later (a bounce) is sent again
    whole: nobody knows which of its parts arrived.
    """
    message = draft.message(command.message)
    if message is None or message.conversation != row.id:
        draft.refuse("not_found", f"There is no message {command.message} in this conversation.", row.id)
    if message.delivery not in ("failed", "unknown") or message.deleted_at:
        state = "given up" if message.deleted_at else message.delivery
        draft.refuse(
            "state", f"This message is {state}; only failed or unknown ones can be sent again.", row.id
        )
    if command.discard:
        if message.delivery == "unknown":
            gone = f"given up by {command.by.id}"
            draft.emit(
                ev.DeliveryChanged(conversation=row.id, message=message.id, delivery="failed", error=gone)
            )
        draft.emit(ev.MessageDeleted(conversation=row.id, message=message.id))
        return
    reachable(draft, row)
    draft.emit(ev.DeliveryChanged(conversation=row.id, message=message.id, delivery="queued"))
    draft.extras.outbox[message.id] = OutboxRow(
        message=message.id,
        channel=row.channel,
        conversation=row.id,
        parts_done=message.parts_done,
        fence=draft.world.head * FENCES,
        first_at=draft.now,
    )
