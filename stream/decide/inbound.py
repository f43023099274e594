"""Deciding about what channels deliver: messages, edits, receipts, signals, and what could not be read."""

from __future__ import annotations

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream.decide.capacity import has_room
from stream.decide.draft import DeadLetter, Draft, ParkedReceipt
from stream.fold.message import advances
from stream.ids import key_digest
from stream.model import (
    AddressContent,
    Author,
    Conversation,
    ConversationContent,
    Delivery,
    Identity,
    Message,
    PersonContent,
)


def keep_source(draft: Draft, command: cmd.Receive, ref: str) -> None:
    """Write the deduplication row with the raw input, and the checkpoint that belongs to it."""
    draft.extras.sources[(command.channel, command.source_key)] = (ref, command.raw)
    if command.checkpoint is not None:
        keep_checkpoint(draft, command.checkpoint)


def keep_checkpoint(draft: Draft, checkpoint: cmd.Checkpoint) -> None:
    """Keep a poller's place, if its lease still holds."""
    if draft.world.leases.get(checkpoint.lease) != checkpoint.epoch:
        draft.refuse(
            "lease",
            f"Another process polls {checkpoint.channel} now: the lease {checkpoint.lease} has moved on.",
        )
    draft.extras.checkpoints.append(checkpoint)


def receive_message(draft: Draft, command: cmd.ReceiveMessage) -> None:
    """A message finds its identity and its conversation (or makes them), and is kept under its deduplication key."""
    draft.once(command.channel, command.source_key)
    identity = find_identity(draft, command.sender)
    if identity.blocked:
        keep_source(draft, command, f"blocked:{identity.id}")
        return
    if identity.stopped and command.direction == "customer":
        draft.emit(ev.IdentityStopped(identity=identity.id, stopped=False))
    conversation = _conversation_for(draft, command, identity)
    _wake(draft, conversation)
    message = draft.new_id("msg")
    content = draft.content("m", command.content)
    outside = command.direction == "echo"
    draft.emit(
        ev.MessageReceived(
            conversation=conversation.id,
            message=message,
            seq=conversation.seq + 1,
            author=Author(kind="system", id=command.channel)
            if outside
            else Author(kind="contact", id=identity.id),
            content=content,
            direction="out" if outside else "in",
            source_key=command.source_key,
            provider_ids=(command.provider_id,) if command.provider_id else (),
            reply_to=_message_of(draft, command.channel, command.reply_to),
            automatic=command.automatic,
        )
    )
    if command.provider_id:
        draft.extras.providers[(command.channel, command.provider_id)] = (message, conversation.id)
    keep_source(draft, command, message)
    draft.result_id = message


def find_identity(draft: Draft, sender: cmd.From) -> Identity:
    """The identity of a sender; unknown ones are added, to the contact of a known alias or to a new one."""
    known = [
        draft.known_lookup(lookup) for lookup in (sender.lookup, *(alias[1] for alias in sender.aliases))
    ]
    rows = [row for row in (draft.identity(ident) for ident in known if ident) if row is not None]
    if not rows:
        contact = draft.new_id("ctc")
        profile = draft.content("p", PersonContent(name=sender.display, attributes=sender.attributes))
        draft.emit(ev.ContactCreated(contact=contact, profile=profile, workspace=draft.workspace))
    else:
        contact = rows[0].contact
    _add_identity(draft, contact, sender, sender.scheme, sender.lookup, sender.value, "")
    for index, (scheme, lookup, value) in enumerate(sender.aliases):
        _add_identity(draft, contact, sender, scheme, lookup, value, str(index))
    found = draft.identity(draft.known_lookup(sender.lookup))
    if found is None:
        draft.refuse("invalid", "The sender has no identity.")
    return found


def _add_identity(
    draft: Draft, contact: str, sender: cmd.From, scheme: str, lookup: str, value: str, suffix: str
) -> None:
    if draft.known_lookup(lookup):
        return
    ident = draft.new_id("idn", suffix)
    address = draft.content(f"a{suffix}", AddressContent(value=value, display=sender.display))
    draft.extras.lookups[lookup] = ident
    draft.emit(
        ev.IdentityAdded(
            identity=ident,
            contact=contact,
            scheme=scheme,
            scope=sender.scope,
            lookup=lookup,
            address=address,
            verified=sender.verified,
            workspace=draft.workspace,
        )
    )


def _conversation_for(draft: Draft, command: cmd.ReceiveMessage, identity: Identity) -> Conversation:
    answered = _answered(draft, command, identity)
    key = answered.key if answered else key_digest(command.channel, command.conversation_key)
    newest = draft.maybe_conversation(draft.thread(command.channel, key)) or answered
    if newest is not None and not _same_person(draft, newest, identity):
        newest, key = None, key_digest(command.channel, f"{command.conversation_key}\0{identity.id}")
        newest = draft.maybe_conversation(draft.thread(command.channel, key))
    if newest is not None and newest.status != "resolved":
        return newest
    if newest is not None and draft.now - newest.resolved_at <= command.reopen_window and not newest.spam:
        draft.emit(ev.ConversationReopened(conversation=newest.id, reason="the customer wrote again"))
        return draft.conversation(newest.id)
    return _start(draft, command, identity, key, newest.id if newest else "")


def _answered(draft: Draft, command: cmd.ReceiveMessage, identity: Identity) -> Conversation | None:
    """The conversation whose message this one answers, if the writer belongs to it: nobody gets into a stranger's thread."""
    for ident in command.thread:
        hit = draft.extras.providers.get((command.channel, ident)) or draft.world.providers.get(
            (command.channel, ident)
        )
        row = draft.maybe_conversation(hit[1]) if hit else None
        if row is not None and _same_person(draft, row, identity):
            return row
    return None


def _same_person(draft: Draft, row: Conversation, identity: Identity) -> bool:
    if row.identity == identity.id:
        return True
    owner = draft.identity(row.identity)
    return owner is not None and owner.contact == identity.contact


def _start(
    draft: Draft, command: cmd.ReceiveMessage, identity: Identity, key: str, previous: str
) -> Conversation:
    conversation = draft.new_id("cnv")
    about = ConversationContent(key=command.conversation_key, subject=command.content.subject)
    draft.emit(
        ev.ConversationStarted(
            conversation=conversation,
            channel=command.channel,
            connector=command.connector,
            key=key,
            about=draft.content("k", about),
            identity=identity.id,
            workspace=draft.workspace,
            previous=previous,
            spam=command.spam,
            language=command.language,
        )
    )
    draft.extras.threads[(command.channel, key)] = conversation
    return draft.conversation(conversation)


def _wake(draft: Draft, conversation: Conversation) -> None:
    if conversation.status != "snoozed":
        return
    agent = draft.maybe_agent(conversation.assignee)
    back = agent is not None and agent.active and has_room(agent, conversation.units, conversation.connector)
    draft.emit(
        ev.SnoozeEnded(
            conversation=conversation.id,
            reason="the customer wrote",
            agent=conversation.assignee if back else "",
            units=conversation.units if back else 0,
            connector=conversation.connector,
        )
    )


def _message_of(draft: Draft, channel: str, provider_id: str) -> str:
    hit = draft.world.providers.get((channel, provider_id)) if provider_id else None
    return hit[0] if hit else ""


def _known_message(draft: Draft, channel: str, provider_id: str) -> Message | None:
    hit = draft.extras.providers.get((channel, provider_id)) or draft.world.providers.get(
        (channel, provider_id)
    )
    return draft.message(hit[0]) if hit else None


def receive_edit(draft: Draft, command: cmd.ReceiveEdit) -> None:
    """A changed message, or files that came after it; one that we never saw is only kept."""
    draft.once(command.channel, command.source_key)
    by_id = draft.message(command.message) if command.message else None
    row = by_id or _known_message(draft, command.channel, command.provider_id)
    if row is not None and command.expected and row.content != command.expected:
        draft.refuse("version", "The message has other content by now; read it again.", row.conversation)
    if row is not None:
        content = draft.content("m", command.content)
        draft.emit(
            ev.MessageEdited(
                conversation=row.conversation, message=row.id, content=content, files=command.files
            )
        )
        draft.result_id = row.id
    keep_source(draft, command, row.id if row else "")


def receive_delete(draft: Draft, command: cmd.ReceiveDelete) -> None:
    """A message taken back: marked, its content stays for those who may see it until it is erased."""
    draft.once(command.channel, command.source_key)
    row = _known_message(draft, command.channel, command.provider_id)
    if row is not None and not row.deleted_at:
        draft.emit(ev.MessageDeleted(conversation=row.conversation, message=row.id))
        draft.result_id = row.id
    keep_source(draft, command, row.id if row else "")


def receive_reaction(draft: Draft, command: cmd.ReceiveReaction) -> None:
    """A reaction on a message that we know."""
    draft.once(command.channel, command.source_key)
    row = _known_message(draft, command.channel, command.provider_id)
    if row is not None:
        draft.emit(
            ev.ReactionChanged(
                conversation=row.conversation, message=row.id, author=command.author, emoji=command.emoji
            )
        )
    keep_source(draft, command, row.id if row else "")


def receive_receipt(draft: Draft, command: cmd.ReceiveReceipt) -> None:
    """A report on a message of ours; parked while its provider id is not known yet."""
    draft.once(command.channel, command.source_key)
    row = _known_message(draft, command.channel, command.provider_id)
    if row is None:
        draft.extras.park.append(
            ParkedReceipt(
                channel=command.channel,
                provider_id=command.provider_id,
                state=command.state,
                error=command.error,
                at=draft.now,
            )
        )
    elif row.direction == "out":
        apply_receipt(draft, row, command.state, command.error)
    keep_source(draft, command, row.id if row else "")


def apply_receipt(draft: Draft, row: Message, state: str, error: str) -> None:
    """Let the message's delivery go up to `state`; never back."""
    if not advances(row, state) or (state == "failed" and row.delivery in ("delivered", "read")):
        return
    delivery = msgspec.convert(state, Delivery)
    draft.emit(
        ev.DeliveryChanged(conversation=row.conversation, message=row.id, delivery=delivery, error=error)
    )


def receive_signal(draft: Draft, command: cmd.ReceiveSignal) -> None:
    """Opt-out, opt-in, or something that is only kept."""
    draft.once(command.channel, command.source_key)
    if command.stopped is not None:
        identity = find_identity(draft, command.sender)
        if identity.stopped != command.stopped:
            draft.emit(ev.IdentityStopped(identity=identity.id, stopped=command.stopped))
        draft.result_id = identity.id
    keep_source(draft, command, draft.result_id)


def receive_poison(draft: Draft, command: cmd.ReceivePoison) -> None:
    """An item that could not be read becomes a dead letter; its neighbours are not touched."""
    draft.once(command.channel, command.source_key)
    letter = DeadLetter(
        id=draft.new_id("dead"),
        channel=command.channel,
        ref=command.source_key,
        direction="in",
        error=command.error,
        at=draft.now,
        raw=command.raw,
    )
    draft.extras.dead.append(letter)
    keep_source(draft, command, letter.id)
    draft.result_id = letter.id
