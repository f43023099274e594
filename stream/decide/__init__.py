"""Deciding: command + the rows it needs -> events, or a refusal. Pure: no I/O, no clock, no randomness.

`decide` runs one command on a draft; the modules hold one noun's decisions each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stream import commands as cmd
from stream.decide import (
    automating,
    bots,
    contacts,
    house,
    inbound,
    levels,
    moving,
    people,
    receipts,
    routing,
    sends,
    work,
)
from stream.decide.draft import Draft

_DECISIONS: dict[type, Callable[[Draft, Any], None]] = {
    cmd.ReceiveMessage: inbound.receive_message,
    cmd.ReceiveEdit: inbound.receive_edit,
    cmd.ReceiveDelete: inbound.receive_delete,
    cmd.ReceiveReaction: inbound.receive_reaction,
    cmd.ReceiveReceipt: receipts.receive_receipt,
    cmd.ReceiveSignal: inbound.receive_signal,
    cmd.ReceivePoison: inbound.receive_poison,
    cmd.KeepCheckpoint: house.checkpoint_only,
    cmd.Reply: people.reply,
    cmd.AddNote: people.add_note,
    cmd.SetTags: people.set_tags,
    cmd.SetPriority: people.set_priority,
    cmd.MarkRead: people.mark_read,
    cmd.RetrySend: people.retry_send,
    cmd.MoveMessage: moving.move_message,
    cmd.StartConversation: people.start_conversation,
    cmd.AcceptOffer: work.accept_offer,
    cmd.DeclineOffer: work.decline_offer,
    cmd.Take: work.take,
    cmd.Assign: work.assign,
    cmd.Transfer: work.transfer,
    cmd.HandOver: bots.hand_over,
    cmd.Resolve: work.resolve,
    cmd.Reopen: work.reopen,
    cmd.Snooze: work.snooze,
    cmd.Wake: work.wake_by_hand,
    cmd.MarkSpam: work.mark_spam,
    cmd.BlockIdentity: contacts.block_identity,
    cmd.ChangeContact: contacts.change_contact,
    cmd.MergeContacts: contacts.merge_contacts,
    cmd.UnmergeContacts: contacts.unmerge_contacts,
    cmd.SetStatus: house.set_status,
    cmd.EraseContent: contacts.erase,
    cmd.Enqueue: routing.enqueue,
    cmd.OpenStep: routing.open_step,
    cmd.MakeOffer: routing.make_offer,
    cmd.Push: routing.push,
    cmd.Rest: routing.rest,
    cmd.EndOffer: routing.expire_offer,
    cmd.HandBack: routing.hand_back,
    cmd.AutoReply: routing.auto_reply,
    cmd.WakeDue: routing.wake_due,
    cmd.Automate: automating.automate,
    cmd.SetLevel: levels.set_level,
    cmd.ReachMark: levels.reach_mark,
    cmd.RecordDelivery: sends.record_delivery,
    cmd.ApplyConfig: house.apply_config,
}


def decide(draft: Draft, command: cmd.Command) -> None:
    """Let `command` change `draft`; raises `Refusal` or `AlreadyDone`."""
    _DECISIONS[type(command)](draft, command)
