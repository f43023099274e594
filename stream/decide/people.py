"""Deciding about people's verbs on a conversation that move no work: replies, notes, tags, reading, retrying, writing first."""

from __future__ import annotations

from stream import commands as cmd
from stream import events as ev
from stream.decide import bounds, sends
from stream.decide.capacity import has_room
from stream.decide.draft import AlreadyDone, Draft
from stream.decide.finding import find_identity, same_person
from stream.ids import key_digest
from stream.model import Author, Conversation, ConversationContent


def checked(draft: Draft, command: cmd.OnConversation) -> Conversation:
    """The conversation, if the version that the person saw is still the row's."""
    row = draft.conversation(command.conversation)
    if command.version and command.version != row.version:
        draft.refuse("version", "Somebody changed this conversation meanwhile; look again.", row.id)
    bounds.fits(draft, "reason", getattr(command, "reason", ""), bounds.MAX_REASON, row.id)
    return row


def reply(draft: Draft, command: cmd.Reply) -> None:
    """Put a message of ours into the outbox. The client invented its id, so a repeat is harmless."""
    new_message(draft, command.message, command.conversation)
    row = checked(draft, command)
    bounds.content_fits(draft, command.content, row.id)
    sends.reachable(draft, row)
    if row.status == "resolved":
        draft.refuse("state", "This conversation is resolved; reopen it to write.", row.id)
    answered = draft.message(command.reply_to) if command.reply_to else None
    if command.reply_to and (answered is None or answered.conversation != row.id):
        draft.refuse("invalid", "The message to answer is not in this conversation.", row.id)
    sends.queue_send(
        draft,
        row,
        command.message,
        command.by,
        command.content,
        command.reply_to,
        automatic=command.automatic,
    )


def new_message(draft: Draft, message: str, conversation: str = "") -> None:
    """Stop as already done when this message is there, in `conversation`; refuse an id that is none or taken elsewhere."""
    known = draft.message(message)
    if known is not None:
        row = draft.maybe_conversation(known.conversation)
        if (conversation and known.conversation != conversation) or (
            row is not None and row.workspace != draft.workspace
        ):
            draft.refuse("invalid", "This message id is taken by another message.")
        raise AlreadyDone(draft.world.message_n.get(message, draft.world.head), message)
    if not message.startswith("msg_") or len(message) > bounds.MAX_LOGIN or not message.isascii():
        draft.refuse("invalid", "A message id starts with msg_ and has at most 64 plain characters.")


def add_note(draft: Draft, command: cmd.AddNote) -> None:
    """A private note."""
    new_message(draft, command.message, command.conversation)
    row = checked(draft, command)
    bounds.content_fits(draft, command.content, row.id)
    bounds.few(draft, "mentions", command.mentions, bounds.MAX_LISTED, row.id)
    for login in command.mentions:
        bounds.fits(draft, "mentioned login", login, bounds.MAX_LOGIN, row.id)
    named = [login for login in dict.fromkeys(command.mentions) if login not in row.participants]
    bounds.few(draft, "people named here", (*row.participants, *named), 2 * bounds.MAX_LISTED, row.id)
    draft.emit(
        ev.NoteAdded(
            conversation=row.id,
            message=command.message,
            seq=row.seq + 1,
            author=command.by,
            content=draft.content("m", command.content),
            mentions=tuple(dict.fromkeys(command.mentions)),
        )
    )
    draft.seldom.named.extend((row.id, login) for login in named)
    draft.result_id = command.message


def set_tags(draft: Draft, command: cmd.SetTags) -> None:
    """Add and remove tags; no event when nothing changes."""
    row = checked(draft, command)
    tags = tuple(sorted((set(row.tags) | set(command.add)) - set(command.remove)))
    if len(tags) > bounds.MAX_TAGS or any(len(tag) > bounds.MAX_TAG or not tag.strip() for tag in tags):
        draft.refuse("invalid", "A conversation has at most 50 tags of at most 64 characters.", row.id)
    tagged(draft, row, tags, command.by)


def tagged(draft: Draft, row: Conversation, tags: tuple[str, ...], by: Author) -> None:
    """Let it have exactly these tags; no event when it has."""
    if tags == row.tags:
        return
    added, removed = (tuple(sorted(one)) for one in (set(tags) - set(row.tags), set(row.tags) - set(tags)))
    draft.emit(ev.TagsChanged(conversation=row.id, tags=tags, by=by, added=added, removed=removed))


def set_priority(draft: Draft, command: cmd.SetPriority) -> None:
    """0 to 9."""
    row = checked(draft, command)
    if not 0 <= command.priority <= 9:
        draft.refuse("invalid", "Priority is a number from 0 to 9.", row.id)
    if command.priority != row.priority:
        draft.emit(ev.PriorityChanged(conversation=row.id, priority=command.priority, by=command.by))


def mark_read(draft: Draft, command: cmd.MarkRead) -> None:
    """Only forward, and no further than there are messages."""
    row = checked(draft, command)
    seq = min(command.seq, row.seq)
    if seq > row.read_seq and row.unread:
        draft.emit(ev.ConversationRead(conversation=row.id, seq=seq, agent=command.by.id))


def retry_send(draft: Draft, command: cmd.RetrySend) -> None:
    """Put a failed or unknown message back into the outbox, or give it up."""
    sends.retry_send(draft, checked(draft, command), command)


def start_conversation(draft: Draft, command: cmd.StartConversation) -> None:
    """An agent writes first. The conversation is theirs if they have room; otherwise it names them and waits for the router."""
    new_message(draft, command.message)
    bounds.content_fits(draft, command.content)
    bounds.sender_fits(draft, command.to)
    bounds.fits(draft, "subject", command.subject, bounds.MAX_SUBJECT)
    if not 1 <= command.units <= bounds.MAX_UNITS:
        draft.refuse("invalid", f"A conversation takes 1 to {bounds.MAX_UNITS} units.")
    agent = draft.agent(command.by.id)
    if not agent.active:
        draft.refuse("state", f"{agent.name or agent.id} is no longer in the team.")
    room = has_room(agent, command.units, command.connector)
    row = _start(draft, command, () if room else (agent.id,))
    sends.reachable(draft, row)
    if room:
        draft.emit(
            ev.ConversationAssigned(
                conversation=row.id,
                agent=agent.id,
                units=command.units,
                how="taken",
                by=command.by,
                connector=command.connector,
                reason="started by the agent",
            )
        )
    sends.queue_send(draft, row, command.message, command.by, command.content)


def _start(draft: Draft, command: cmd.StartConversation, named: tuple[str, ...]) -> Conversation:
    identity = find_identity(draft, command.to)
    key = key_digest(command.channel, command.conversation_key)
    newest = draft.maybe_conversation(draft.thread(command.channel, key))
    if newest is not None and newest.status != "resolved":
        draft.refuse("state", "There is an open conversation with this key already.", newest.id)
    about = ConversationContent(key=command.conversation_key, subject=command.subject)
    conversation = draft.new_id("cnv")
    draft.emit(
        ev.ConversationStarted(
            conversation=conversation,
            channel=command.channel,
            connector=command.connector,
            key=key,
            about=draft.content("k", about),
            identity=identity.id,
            workspace=draft.workspace,
            previous=newest.id if newest is not None and same_person(draft, newest, identity) else "",
            named=named,
        )
    )
    draft.extras.threads[(command.channel, key)] = conversation
    draft.seldom.named.extend((conversation, login) for login in named)
    return draft.conversation(conversation)
