"""Deciding about people's verbs on a conversation that move no work: replies, notes, tags, reading, retrying."""

from __future__ import annotations

from stream import commands as cmd
from stream import events as ev
from stream.decide.draft import AlreadyDone, Draft, OutboxRow
from stream.decide.inbound import find_identity
from stream.ids import key_digest
from stream.model import Author, Conversation, ConversationContent, MessageContent


def checked(draft: Draft, command: cmd.OnConversation) -> Conversation:
    """The conversation, if the version that the person saw is still the row's."""
    row = draft.conversation(command.conversation)
    if command.version and command.version != row.version:
        draft.refuse("version", "Somebody changed this conversation meanwhile; look again.", row.id)
    return row


def reply(draft: Draft, command: cmd.Reply) -> None:
    """Put a message of ours into the outbox. The client invented its id, so a repeat is harmless."""
    _new_message(draft, command.message)
    row = checked(draft, command)
    identity = draft.identity(row.identity)
    if identity is not None and identity.stopped:
        draft.refuse(
            "stopped", "The customer has left or blocked this channel; a reply would not reach them.", row.id
        )
    if row.status == "resolved":
        draft.refuse("state", "This conversation is resolved; reopen it to write.", row.id)
    queue_send(
        draft,
        row,
        command.message,
        command.by,
        command.content,
        command.reply_to,
        automatic=command.automatic,
    )


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
    draft.extras.outbox[message] = OutboxRow(
        message=message, channel=row.channel, conversation=row.id, due_at=draft.now, first_at=draft.now
    )
    draft.result_id = message


def _new_message(draft: Draft, message: str) -> None:
    known = draft.message(message)
    if known is not None:
        raise AlreadyDone(draft.world.head, message)
    if not message.startswith("msg_") or len(message) > 64:
        draft.refuse("invalid", "A message id starts with msg_ and has at most 64 characters.")


def add_note(draft: Draft, command: cmd.AddNote) -> None:
    """A private note."""
    _new_message(draft, command.message)
    row = checked(draft, command)
    draft.emit(
        ev.NoteAdded(
            conversation=row.id,
            message=command.message,
            seq=row.seq + 1,
            author=command.by,
            content=draft.content("m", command.content),
            mentions=command.mentions,
        )
    )
    draft.extras.named.extend((row.id, login) for login in command.mentions if login not in row.participants)
    draft.result_id = command.message


def set_tags(draft: Draft, command: cmd.SetTags) -> None:
    """Add and remove tags; no event when nothing changes."""
    row = checked(draft, command)
    tags = tuple(sorted((set(row.tags) | set(command.add)) - set(command.remove)))
    if len(tags) > 50 or any(len(tag) > 64 or not tag.strip() for tag in tags):
        draft.refuse("invalid", "A conversation has at most 50 tags of at most 64 characters.", row.id)
    if tags != row.tags:
        draft.emit(ev.TagsChanged(conversation=row.id, tags=tags, by=command.by))


def set_priority(draft: Draft, command: cmd.SetPriority) -> None:
    """0 to 9."""
    row = checked(draft, command)
    if not 0 <= command.priority <= 9:
        draft.refuse("invalid", "Priority is a number from 0 to 9.", row.id)
    if command.priority != row.priority:
        draft.emit(ev.PriorityChanged(conversation=row.id, priority=command.priority, by=command.by))


def mark_read(draft: Draft, command: cmd.MarkRead) -> None:
    """Only forward."""
    row = checked(draft, command)
    if command.seq > row.read_seq and row.unread:
        draft.emit(ev.ConversationRead(conversation=row.id, seq=command.seq, agent=command.by.id))


def retry_send(draft: Draft, command: cmd.RetrySend) -> None:
    """Put a failed or unknown message back into the outbox, or give it up."""
    row = checked(draft, command)
    message = draft.message(command.message)
    if message is None or message.conversation != row.id:
        draft.refuse("not_found", f"There is no message {command.message} in this conversation.", row.id)
    if message.delivery not in ("failed", "unknown"):
        draft.refuse(
            "state",
            f"This message is {message.delivery}; only failed or unknown ones can be sent again.",
            row.id,
        )
    if command.discard:
        gone = f"given up by {command.by.id}"
        draft.emit(ev.DeliveryChanged(conversation=row.id, message=message.id, delivery="failed", error=gone))
        draft.emit(ev.MessageDeleted(conversation=row.id, message=message.id))
        return
    draft.emit(ev.DeliveryChanged(conversation=row.id, message=message.id, delivery="queued"))
    draft.extras.outbox[message.id] = OutboxRow(
        message=message.id, channel=row.channel, conversation=row.id, due_at=draft.now, first_at=draft.now
    )


def start_conversation(draft: Draft, command: cmd.StartConversation) -> None:
    """An agent writes first: the conversation belongs to them (if they have room), the message goes to the outbox."""
    _new_message(draft, command.message)
    key = key_digest(command.channel, command.conversation_key)
    newest = draft.maybe_conversation(draft.thread(command.channel, key))
    if newest is not None and newest.status != "resolved":
        draft.refuse("state", "There is an open conversation with this key already.", newest.id)
    identity = find_identity(draft, command.to)
    conversation = draft.new_id("cnv")
    about = ConversationContent(key=command.conversation_key, subject=command.subject)
    draft.emit(
        ev.ConversationStarted(
            conversation=conversation,
            channel=command.channel,
            connector=command.connector,
            key=key,
            about=draft.content("k", about),
            identity=identity.id,
            workspace=draft.workspace,
            previous=newest.id if newest else "",
        )
    )
    draft.extras.threads[(command.channel, key)] = conversation
    agent = draft.agent(command.by.id)
    draft.emit(
        ev.ConversationAssigned(
            conversation=conversation,
            agent=agent.id,
            units=command.units,
            how="taken",
            by=command.by,
            connector=command.connector,
            over_capacity=agent.load + command.units > agent.capacity,
            reason="started by the agent",
        )
    )
    queue_send(draft, draft.conversation(conversation), command.message, command.by, command.content)
