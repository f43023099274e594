"""Deciding to put a customer's message where it belongs: into another conversation of theirs, or into one of its own.

The message is taken in anew there, under the same provider's ids, so what answers it goes there, too; where it was, it is marked as gone,
and a note says who moved it. A conversation that has nothing left but notes is resolved.
"""

from __future__ import annotations

from stream import commands as cmd
from stream import events as ev
from stream.decide.bounds import MAX_EARLIER
from stream.decide.draft import Draft
from stream.decide.finding import same_person
from stream.decide.people import checked
from stream.decide.work import close
from stream.ids import key_digest
from stream.model import Conversation, Message, MessageContent

EMPTIED = "Moved the only message out of this conversation, so it is resolved."


def move_message(draft: Draft, command: cmd.MoveMessage) -> None:
    """See the module. Refused for what is ours, what is gone, and for conversations of other people or channels."""
    row = checked(draft, command)
    message = draft.message(command.message)
    if message is None or message.conversation != row.id or message.direction != "in" or message.deleted_at:
        draft.refuse("invalid", "Only what a customer wrote in this conversation can be moved.", row.id)
    target = _target(draft, row, command.to) if command.to else _new(draft, row, message)
    moved = draft.new_id("msg")
    draft.emit(
        ev.MessageReceived(
            conversation=target.id,
            message=moved,
            seq=target.seq + 1,
            author=message.author,
            content=message.content,
            source_key=message.source_key,
            provider_ids=message.provider_ids,
            automatic=message.automatic,
        )
    )
    for ident in message.provider_ids:
        draft.seldom.providers[(row.channel, ident)] = (moved, target.id)
    draft.emit(ev.MessageDeleted(conversation=row.id, message=message.id))
    if row.status != "resolved" and _is_empty(draft, row):
        _say_so(draft, command, row.id, EMPTIED)
        close(draft, draft.conversation(row.id), command.by, "its only message was moved away")
    else:
        _say_so(draft, command, row.id, "Moved a message out of this conversation.")
    draft.result_id = target.id


def _is_empty(draft: Draft, row: Conversation) -> bool:
    """Whether all that anybody wrote is gone. One with more messages than are looked at is taken to have some."""
    earlier = draft.world.earlier.get(row.last_message)
    if earlier is None or len(earlier) >= MAX_EARLIER:
        return False
    found = (draft.message(ident) for ident in (row.last_message, *earlier))
    return all(one is None or one.direction == "note" or one.deleted_at > 0 for one in found)


def _target(draft: Draft, row: Conversation, to: str) -> Conversation:
    target = draft.maybe_conversation(to)
    identity = draft.identity(row.identity)
    if (
        target is None
        or identity is None
        or target.id == row.id
        or target.workspace != draft.workspace
        or target.channel != row.channel
        or not same_person(draft, target, identity)
    ):
        sentence = "A message can be moved to another conversation of the same customer on the same channel."
        draft.refuse("invalid", sentence, row.id)
    if target.status == "resolved":
        draft.refuse("state", "That conversation is resolved; reopen it first.", row.id)
    return target


def _new(draft: Draft, row: Conversation, message: Message) -> Conversation:
    """A conversation of its own: the channel's key and the subject stay, and nothing else is threaded by its place."""
    ident = draft.new_id("cnv")
    key = key_digest(row.channel, f"moved\0{message.id}")
    draft.emit(
        ev.ConversationStarted(
            conversation=ident,
            channel=row.channel,
            connector=row.connector,
            key=key,
            about=row.about,
            identity=row.identity,
            workspace=draft.workspace,
            language=row.language,
        )
    )
    draft.extras.threads[(row.channel, key)] = ident
    return draft.conversation(ident)


def _say_so(draft: Draft, command: cmd.MoveMessage, conversation: str, text: str) -> None:
    row = draft.conversation(conversation)
    draft.emit(
        ev.NoteAdded(
            conversation=row.id,
            message=draft.new_id("msg", "note"),
            seq=row.seq + 1,
            author=command.by,
            content=draft.content("note", MessageContent(text=text)),
        )
    )
