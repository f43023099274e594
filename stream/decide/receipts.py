"""Deciding about reports on messages of ours. A delivery goes up, never back; what comes too early is parked until the send is over.

A failure is final for its attempt: a report that comes after it is kept as raw input and changes nothing, because people may have acted
on the failure already. Only the accepted outcome of a later attempt (`RetrySend`) lifts it. A failure that is reported after the
customer has the message is evidence, not state. What a report says of a message that is where it was (it is delayed, somebody in copy did
not get it) is kept as a remark on it.
"""

from __future__ import annotations

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream.decide import bounds
from stream.decide.draft import Draft, ParkedReceipt
from stream.decide.finding import known_message, newer
from stream.decide.sources import keep_source
from stream.decide.waking import wake
from stream.fold.message import advances
from stream.model import Delivery, Message

NOT_ARRIVED = "a message did not arrive"


def receive_receipt(draft: Draft, command: cmd.ReceiveReceipt) -> None:
    """A report on a message of ours. Parked while its provider id is not known, or while the send is still under way."""
    draft.once(command.channel, command.source_key)
    bounds.key_fits(draft, "provider's id", command.provider_id)
    receipt = ParkedReceipt(
        channel=command.channel,
        provider_id=command.provider_id,
        state=command.state,
        error=command.error[: bounds.MAX_ERROR],
        at=draft.now,
        watermark=command.watermark,
    )
    row = known_message(draft, command.channel, command.provider_id)
    if row is None or draft.outbox(row.id) is not None:
        draft.seldom.park.append(receipt)
    else:
        apply(draft, row, receipt)
    keep_source(draft, command, row.id if row else "")


def apply(draft: Draft, row: Message, receipt: ParkedReceipt) -> None:
    """Let the message's delivery go up to what the receipt says; a watermark counts for the messages before it too."""
    if row.direction == "out":
        _raise(draft, row, receipt.state, receipt.error)
    if not receipt.watermark or receipt.state == "failed":
        return
    for ident in draft.world.earlier.get(row.id, ()):
        before = draft.message(ident)
        # One that failed or may never have gone out is not delivered because a later one was.
        if before is not None and before.direction == "out" and before.delivery in ("sent", "delivered"):
            _raise(draft, before, receipt.state, "")


def _raise(draft: Draft, row: Message, state: str, error: str) -> None:
    if state == "sent" == row.delivery and error and error != row.error:
        draft.emit(
            ev.DeliveryChanged(conversation=row.conversation, message=row.id, delivery="sent", error=error)
        )
        return
    if not advances(row, state) or (row.delivery == "unknown" and row.parts_done):
        return  # of a half-sent message only accepted parts have ids: nothing is said about the one in doubt
    delivery = msgspec.convert(state, Delivery)
    draft.emit(
        ev.DeliveryChanged(conversation=row.conversation, message=row.id, delivery=delivery, error=error)
    )
    if delivery == "failed":
        come_back(draft, row)


def come_back(draft: Draft, row: Message) -> None:
    """What an agent wrote did not arrive: somebody has to see it.

    A conversation that was closed over it is open again, unless the customer has a newer one; one that sleeps until an answer is awake.
    """
    conversation = draft.conversation(row.conversation)
    if row.author.kind != "agent" or conversation.spam or row.deleted_at:
        return
    if conversation.status == "snoozed":
        wake(draft, conversation, NOT_ARRIVED)
    elif conversation.status == "resolved" and not newer(draft, conversation):
        draft.emit(ev.ConversationReopened(conversation=conversation.id, reason=NOT_ARRIVED))
        draft.extras.threads[(conversation.channel, conversation.key)] = conversation.id


def apply_parked(draft: Draft, message: str, channel: str, idents: tuple[str, ...], *, went: bool) -> None:
    """Apply what came before the send's answer. If the message did not go (`went`), it is about parts of it only, and forgotten."""
    for ident in idents:
        for receipt in draft.world.parked.get((channel, ident), ()):
            row = draft.message(message)
            if row is not None and went:
                apply(draft, row, receipt)
            draft.seldom.unpark.add((channel, ident))
