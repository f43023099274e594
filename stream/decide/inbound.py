"""Deciding about what channels deliver: messages, edits, deletions, reactions, signals, and what could not be read."""

from __future__ import annotations

from stream import commands as cmd
from stream import events as ev
from stream.decide import bounds
from stream.decide.contacts import claim
from stream.decide.draft import DeadLetter, Draft
from stream.decide.echoes import recognise
from stream.decide.finding import conversation_for, find_identity, known_message
from stream.decide.sources import keep_source
from stream.decide.waking import wake
from stream.decide.work import stir
from stream.model import Author, Conversation, Identity, Message


def receive_message(draft: Draft, command: cmd.ReceiveMessage) -> None:
    """A message finds its identity and its conversation (or makes them), and is kept under its deduplication key.

    Of a blocked identity only the raw input is kept. An echo of what we sent ourselves is that message, not another one (`echoes`).
    """
    draft.once(command.channel, command.source_key)
    bounds.received_fits(draft, command)
    known = draft.provider(command.channel, command.provider_id)
    if command.direction == "echo" and known is not None:
        keep_source(draft, command, known[0])
        return
    identity = find_identity(draft, command.sender)
    if identity.blocked:
        keep_source(draft, command, identity.id)
        return
    if command.direction == "customer":
        row = _customer_writes(draft, command, identity)
    else:
        row = conversation_for(draft, command, identity)
        ours = recognise(draft, row, command)
        if ours:
            keep_source(draft, command, ours)
            return
    message = draft.new_id("msg")
    draft.emit(_received(draft, command, row, identity, message))
    if command.provider_id:
        draft.extras.seen[(command.channel, command.provider_id)] = (message, row.id)
    keep_source(draft, command, message)


def _customer_writes(draft: Draft, command: cmd.ReceiveMessage, identity: Identity) -> Conversation:
    """Who writes has not left us, ends a snooze, and counts again."""
    if identity.stopped and not command.automatic:
        draft.emit(ev.IdentityStopped(identity=identity.id, stopped=False))
    row = conversation_for(draft, command, identity)
    if row.status == "snoozed":
        wake(draft, row, "the customer wrote")
        row = draft.conversation(row.id)
    if row.resting:
        row = stir(draft, row, "the customer wrote")
    return row


def _received(
    draft: Draft, command: cmd.ReceiveMessage, row: Conversation, identity: Identity, message: str
) -> ev.MessageReceived:
    ours = command.direction == "echo"
    return ev.MessageReceived(
        conversation=row.id,
        message=message,
        seq=row.seq + 1,
        author=Author(kind="system", id=command.channel) if ours else Author(kind="contact", id=identity.id),
        content=draft.content("m", command.content),
        direction="out" if ours else "in",
        source_key=command.source_key,
        provider_ids=(command.provider_id,) if command.provider_id else (),
        reply_to=_answered(draft, command, row),
        automatic=command.automatic,
    )


def _answered(draft: Draft, command: cmd.ReceiveMessage, row: Conversation) -> str:
    """The message of the same conversation that this one answers; never one of somebody else's."""
    hit = draft.provider(command.channel, command.reply_to) if command.reply_to else None
    return hit[0] if hit is not None and hit[1] == row.id else ""


def receive_edit(draft: Draft, command: cmd.ReceiveEdit) -> None:
    """A changed message, or files that came after it; one that we never saw, or that was taken back, is only kept."""
    draft.once(command.channel, command.source_key)
    bounds.content_fits(draft, command.content)
    row = known_message(draft, command.channel, command.provider_id, command.message)
    if row is not None and command.expected and row.content != command.expected:
        draft.refuse("version", "The message has other content by now; read it again.", row.conversation)
    if row is not None and not row.deleted_at:
        content = draft.content("m", command.content)
        draft.seldom.past.append((row.conversation, row.content))
        draft.emit(
            ev.MessageEdited(
                conversation=row.conversation, message=row.id, content=content, files=command.files
            )
        )
    keep_source(draft, command, row.id if row else "")


def receive_delete(draft: Draft, command: cmd.ReceiveDelete) -> None:
    """A message taken back: marked, its content stays for those who may see it until it is erased."""
    draft.once(command.channel, command.source_key)
    row = known_message(draft, command.channel, command.provider_id)
    if row is not None and not row.deleted_at:
        draft.emit(ev.MessageDeleted(conversation=row.conversation, message=row.id))
    keep_source(draft, command, row.id if row else "")


def receive_reaction(draft: Draft, command: cmd.ReceiveReaction) -> None:
    """A reaction on a message that we know; the first `MAX_REACTIONS` people of a message count."""
    draft.once(command.channel, command.source_key)
    bounds.fits(draft, "emoji", command.emoji, bounds.MAX_TAG)
    bounds.key_fits(draft, "author", command.author)
    row = known_message(draft, command.channel, command.provider_id)
    if row is not None and _counts(row, command):
        draft.emit(
            ev.ReactionChanged(
                conversation=row.conversation, message=row.id, author=command.author, emoji=command.emoji
            )
        )
    keep_source(draft, command, row.id if row else "")


def _counts(row: Message, command: cmd.ReceiveReaction) -> bool:
    before = {reaction.author: reaction.emoji for reaction in row.reactions}
    if before.get(command.author, "") == command.emoji:
        return False
    return command.author in before or len(before) < bounds.MAX_REACTIONS


def receive_signal(draft: Draft, command: cmd.ReceiveSignal) -> None:
    """Opt-out, opt-in, what people say about themselves, or something that is only kept."""
    draft.once(command.channel, command.source_key)
    ref = ""
    if command.stopped is not None:
        bounds.sender_fits(draft, command.sender)
        identity = find_identity(draft, command.sender)
        if identity.stopped != command.stopped:
            draft.emit(ev.IdentityStopped(identity=identity.id, stopped=command.stopped))
        ref = identity.id
    if command.name == cmd.PROFILE:
        ref = claim(draft, command.sender) or ref
    keep_source(draft, command, ref or draft.known_lookup(command.sender.lookup))


def receive_poison(draft: Draft, command: cmd.ReceivePoison) -> None:
    """An item that could not be read becomes a dead letter; its neighbours are not touched."""
    draft.once(command.channel, command.source_key)
    letter = DeadLetter(
        id=draft.new_id("dead"),
        channel=command.channel,
        ref=command.source_key,
        direction="in",
        error=command.error[: bounds.MAX_ERROR],
        at=draft.now,
        raw=command.raw,
    )
    draft.seldom.dead.append(letter)
    keep_source(draft, command, letter.id)
