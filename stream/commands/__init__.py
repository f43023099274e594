"""What anyone may ask of the stream. A command is decided inside the append (`stream/decide`), so its conditions hold at commit.

The shell that makes a command gives it a `token` (see `stream.ids`): ids of whatever the command creates derive from it, so that
deciding needs no randomness. Results: `Committed`, `Duplicate` (already done, same answer) or `Refused` (with the state as it is).
"""

from __future__ import annotations

from stream.commands.automation import Automate, RuleRun
from stream.commands.base import Checkpoint, Command
from stream.commands.channels import (
    PROFILE,
    Alias,
    From,
    KeepCheckpoint,
    Receive,
    ReceiveDelete,
    ReceiveEdit,
    ReceiveMessage,
    ReceivePoison,
    ReceiveReaction,
    ReceiveReceipt,
    ReceiveSignal,
)
from stream.commands.house import AgentFacts, ApplyConfig, RecordDelivery
from stream.commands.people import (
    AcceptOffer,
    AddNote,
    Assign,
    BlockIdentity,
    ChangeContact,
    DeclineOffer,
    EraseContent,
    HandOver,
    MarkRead,
    MarkSpam,
    MergeContacts,
    MoveMessage,
    OnConversation,
    Reopen,
    Reply,
    Resolve,
    RetrySend,
    SetPriority,
    SetStatus,
    SetTags,
    Snooze,
    StartConversation,
    Take,
    Transfer,
    UnmergeContacts,
    Wake,
)
from stream.commands.results import Committed, Duplicate, Refused, RefusedCode, Result
from stream.commands.routing import (
    AutoReply,
    Decision,
    EndOffer,
    Enqueue,
    HandBack,
    MakeOffer,
    OfLevel,
    OpenStep,
    Push,
    ReachMark,
    Rest,
    SetLevel,
    WakeDue,
)

AnyCommand = (
    ReceiveMessage
    | ReceiveEdit
    | ReceiveDelete
    | ReceiveReaction
    | ReceiveReceipt
    | ReceiveSignal
    | ReceivePoison
    | KeepCheckpoint
    | Reply
    | AddNote
    | SetTags
    | SetPriority
    | MarkRead
    | RetrySend
    | MoveMessage
    | StartConversation
    | AcceptOffer
    | DeclineOffer
    | Take
    | Assign
    | Transfer
    | HandOver
    | Resolve
    | Reopen
    | Snooze
    | Wake
    | MarkSpam
    | BlockIdentity
    | ChangeContact
    | MergeContacts
    | UnmergeContacts
    | SetStatus
    | EraseContent
    | Enqueue
    | OpenStep
    | MakeOffer
    | Push
    | Rest
    | EndOffer
    | HandBack
    | AutoReply
    | Automate
    | WakeDue
    | SetLevel
    | ReachMark
    | RecordDelivery
    | ApplyConfig
)
"""Every command that can be submitted; the tag is the class's name."""

__all__ = [
    "PROFILE",
    "AcceptOffer",
    "AddNote",
    "AgentFacts",
    "Alias",
    "AnyCommand",
    "ApplyConfig",
    "Assign",
    "AutoReply",
    "Automate",
    "BlockIdentity",
    "ChangeContact",
    "Checkpoint",
    "Command",
    "Committed",
    "Decision",
    "DeclineOffer",
    "Duplicate",
    "EndOffer",
    "Enqueue",
    "EraseContent",
    "From",
    "HandBack",
    "HandOver",
    "KeepCheckpoint",
    "MakeOffer",
    "MarkRead",
    "MarkSpam",
    "MergeContacts",
    "MoveMessage",
    "OfLevel",
    "OnConversation",
    "OpenStep",
    "Push",
    "ReachMark",
    "Receive",
    "ReceiveDelete",
    "ReceiveEdit",
    "ReceiveMessage",
    "ReceivePoison",
    "ReceiveReaction",
    "ReceiveReceipt",
    "ReceiveSignal",
    "RecordDelivery",
    "Refused",
    "RefusedCode",
    "Reopen",
    "Reply",
    "Resolve",
    "Rest",
    "Result",
    "RetrySend",
    "RuleRun",
    "SetLevel",
    "SetPriority",
    "SetStatus",
    "SetTags",
    "Snooze",
    "StartConversation",
    "Take",
    "Transfer",
    "UnmergeContacts",
    "Wake",
    "WakeDue",
]
