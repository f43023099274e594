"""Finding what a delivery belongs to: the identity of its sender, its conversation, the message that it is about. Making the first two.

Nobody gets into a stranger's thread: a conversation takes in only the identities of the contact that it is with.
"""

from __future__ import annotations

from stream import commands as cmd
from stream import events as ev
from stream.decide.draft import Draft
from stream.ids import key_digest
from stream.model import AddressContent, Conversation, ConversationContent, Identity, Message, PersonContent


def find_identity(draft: Draft, sender: cmd.From) -> Identity:
    """The identity of a sender; an unknown one is added, to the contact of a known alias or to a new one.

    Aliases join one contact because the provider vouches for them; those of a merely claimed sender are left alone.
    """
    found = draft.identity(draft.known_lookup(sender.lookup))
    if found is not None and not sender.aliases:
        return found
    aliases = () if sender.verified == "claimed" else sender.aliases
    contact = _contact_of(draft, sender, found, aliases)
    if found is None:
        own = cmd.Alias(scheme=sender.scheme, scope=sender.scope, lookup=sender.lookup, value=sender.value)
        _add_identity(draft, contact, sender, own, "")
    for index, alias in enumerate(aliases):
        _add_identity(draft, contact, sender, alias, str(index))
    found = draft.identity(draft.known_lookup(sender.lookup))
    if found is None:
        draft.refuse("invalid", "The sender has no identity.")
    return found


def _contact_of(
    draft: Draft, sender: cmd.From, found: Identity | None, aliases: tuple[cmd.Alias, ...]
) -> str:
    if found is not None:
        return found.contact
    for alias in aliases:
        row = draft.identity(draft.known_lookup(alias.lookup))
        if row is not None:
            return row.contact
    contact = draft.new_id("ctc")
    profile = draft.content("p", PersonContent(name=sender.display, attributes=sender.attributes))
    draft.emit(ev.ContactCreated(contact=contact, profile=profile, workspace=draft.workspace))
    return contact


def _add_identity(draft: Draft, contact: str, sender: cmd.From, address: cmd.Alias, suffix: str) -> None:
    """`address` is the sender's own or another one, each with the scope that it is unique in."""
    if draft.known_lookup(address.lookup):
        return
    ident = draft.new_id("idn", suffix)
    draft.extras.lookups[address.lookup] = ident
    draft.emit(
        ev.IdentityAdded(
            identity=ident,
            contact=contact,
            scheme=address.scheme,
            scope=address.scope,
            lookup=address.lookup,
            address=draft.content(f"a{suffix}", AddressContent(value=address.value, display=sender.display)),
            verified=sender.verified,
            workspace=draft.workspace,
        )
    )


def stranger_key(channel: str, conversation_key: str, identity: str) -> str:
    """The key of a conversation with somebody who wrote under a key that is another person's."""
    return key_digest(channel, f"{conversation_key}\0{identity}")


def conversation_for(draft: Draft, command: cmd.ReceiveMessage, identity: Identity) -> Conversation:
    """Where a message goes: the thread that it answers, else the key's conversation; re-opened, or a new one that is linked to it.

    What our own account wrote elsewhere goes into a resolved conversation without opening it.
    """
    answered = _answered(draft, command, identity)
    key = answered.key if answered else key_digest(command.channel, command.conversation_key)
    newest = draft.maybe_conversation(draft.thread(command.channel, key)) or answered
    if newest is not None and not same_person(draft, newest, identity):
        key = stranger_key(command.channel, command.conversation_key, identity.id)
        newest = draft.maybe_conversation(draft.thread(command.channel, key))
    if newest is None or newest.workspace != draft.workspace:
        return _start(draft, command, identity, key, "")
    if newest.status != "resolved" or command.direction == "echo":
        return newest
    if draft.now - newest.resolved_at <= command.reopen_window and not newest.spam:
        draft.emit(ev.ConversationReopened(conversation=newest.id, reason="the customer wrote again"))
        draft.extras.threads[(newest.channel, newest.key)] = newest.id
        return draft.conversation(newest.id)
    return _start(draft, command, identity, key, newest.id)


def newer(draft: Draft, row: Conversation) -> str:
    """The unresolved conversation that has taken the key meanwhile, or ""."""
    newest = draft.thread(row.channel, row.key)
    other = draft.maybe_conversation(newest)
    return newest if other is not None and newest != row.id and other.status != "resolved" else ""


def _answered(draft: Draft, command: cmd.ReceiveMessage, identity: Identity) -> Conversation | None:
    for ident in command.thread:
        hit = draft.provider(command.channel, ident)
        row = draft.maybe_conversation(hit[1]) if hit else None
        if row is not None and row.channel == command.channel and same_person(draft, row, identity):
            return row
    return None


def same_person(draft: Draft, row: Conversation, identity: Identity) -> bool:
    """Whether `identity` belongs to the contact that the conversation is with."""
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


def known_message(draft: Draft, channel: str, provider_id: str, ident: str = "") -> Message | None:
    """The message of this channel and workspace with our id `ident` or the provider's id; None for any other."""
    row = draft.message(ident) if ident else None
    if row is None and provider_id:
        hit = draft.provider(channel, provider_id)
        row = draft.message(hit[0]) if hit else None
    if row is None:
        return None
    conversation = draft.maybe_conversation(row.conversation)
    if conversation is None or conversation.workspace != draft.workspace or conversation.channel != channel:
        return None
    return row
