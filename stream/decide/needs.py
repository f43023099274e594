"""Which rows a command needs before it can be decided, found in a few rounds: natural keys, their rows, what those point to."""

from __future__ import annotations

from functools import singledispatch
from typing import cast

import msgspec

from stream import commands as cmd
from stream.decide.draft import AUTO, World
from stream.decide.finding import stranger_key
from stream.fold import Key
from stream.ids import key_digest
from stream.model import Contact, Conversation, Identity, Message


class Needs(msgspec.Struct, kw_only=True):
    """Keys to load, by kind."""

    rows: set[Key] = set()
    sources: set[tuple[str, str]] = set()
    threads: set[tuple[str, str]] = set()
    lookups: set[str] = set()
    providers: set[tuple[str, str]] = set()
    parked: set[tuple[str, str]] = set()
    outbox: set[str] = set()
    lanes: set[str] = set()
    leases: set[str] = set()
    kin: set[str] = set()
    earlier: set[str] = set()
    written: set[str] = set()
    contents: set[str] = set()
    config: bool = False


@singledispatch
def needs(command: cmd.Command, wanted: Needs) -> None:
    """Add what `command` names by itself to `wanted`."""


@needs.register
def _(command: cmd.Receive, wanted: Needs) -> None:
    wanted.sources.add((command.channel, command.source_key))
    if command.checkpoint is not None:
        wanted.leases.add(command.checkpoint.lease)
    provider = getattr(command, "provider_id", "")
    if provider:
        wanted.providers.add((command.channel, provider))
    if isinstance(command, cmd.ReceiveEdit) and command.message:
        wanted.rows.add(("message", command.message))
    if isinstance(command, cmd.ReceiveSignal):
        _sender(command.sender, wanted)


@needs.register
def _(command: cmd.ReceiveMessage, wanted: Needs) -> None:
    channel = command.channel
    wanted.sources.add((channel, command.source_key))
    wanted.threads.add((channel, key_digest(channel, command.conversation_key)))
    _sender(command.sender, wanted)
    if command.checkpoint is not None:
        wanted.leases.add(command.checkpoint.lease)
    if command.direction == "echo" and command.provider_id:
        wanted.providers.add((channel, command.provider_id))
    if command.reply_to:
        wanted.providers.add((channel, command.reply_to))
    for ident in command.thread:
        wanted.providers.add((channel, ident))


def _sender(sender: cmd.From, wanted: Needs) -> None:
    wanted.lookups.add(sender.lookup)
    for alias in sender.aliases:
        wanted.lookups.add(alias.lookup)


@needs.register
def _(command: cmd.KeepCheckpoint, wanted: Needs) -> None:
    wanted.leases.add(command.checkpoint.lease)


@needs.register
def _(command: cmd.OnConversation, wanted: Needs) -> None:
    wanted.rows.add(("conversation", command.conversation))
    if command.by.kind in ("agent", "bot"):
        wanted.rows.add(("agent", command.by.id))
    message = getattr(command, "message", "")
    if message:
        wanted.rows.add(("message", message))
    if isinstance(command, cmd.Reply) and command.reply_to:
        wanted.rows.add(("message", command.reply_to))
    if isinstance(command, cmd.Assign | cmd.HandOver):
        wanted.rows.add(("agent", command.agent))
    if isinstance(command, cmd.MoveMessage) and command.to:
        wanted.rows.add(("conversation", command.to))


@needs.register
def _(command: cmd.Decision, wanted: Needs) -> None:
    wanted.leases.add("router")
    wanted.rows.add(("conversation", command.conversation))
    agent = getattr(command, "agent", "")
    if agent:
        wanted.rows.add(("agent", agent))
    if isinstance(command, cmd.MakeOffer):
        wanted.rows.update(("agent", login) for login, _beyond in command.also)
    if isinstance(command, cmd.AutoReply):
        wanted.rows.add(("message", command.message))
        wanted.sources.add((AUTO, f"{command.conversation}:{command.once}"))
    if isinstance(command, cmd.Automate):
        wanted.sources.add((AUTO, f"{command.conversation}:{command.key}"))


@needs.register
def _(command: cmd.StartConversation, wanted: Needs) -> None:
    wanted.rows.update({("message", command.message), ("agent", command.by.id)})
    wanted.threads.add((command.channel, key_digest(command.channel, command.conversation_key)))
    _sender(command.to, wanted)


@needs.register
def _(command: cmd.BlockIdentity, wanted: Needs) -> None:
    wanted.rows.add(("identity", command.identity))


@needs.register
def _(command: cmd.ChangeContact, wanted: Needs) -> None:
    wanted.rows.add(("contact", command.contact))


@needs.register(cmd.MergeContacts)
@needs.register(cmd.UnmergeContacts)
def _(command: cmd.MergeContacts | cmd.UnmergeContacts, wanted: Needs) -> None:
    wanted.rows.update({("contact", command.contact), ("contact", command.merged)})
    wanted.kin.update({command.contact, command.merged})


@needs.register
def _(command: cmd.SetStatus, wanted: Needs) -> None:
    wanted.rows.add(("agent", command.agent))
    if command.epoch:
        wanted.leases.add("router")


@needs.register
def _(command: cmd.RecordDelivery, wanted: Needs) -> None:
    wanted.rows.add(("message", command.message))
    wanted.outbox.add(command.message)


@needs.register
def _(command: cmd.ApplyConfig, wanted: Needs) -> None:
    wanted.config = True


def follow_up(command: cmd.Command, world: World, wanted: Needs) -> None:
    """Add the rows that the loaded rows of `command` point to (asked again after each round)."""
    if isinstance(command, cmd.ReceiveMessage):
        _follow_message(command, world, wanted)
    elif isinstance(command, cmd.Receive):
        _follow_other(command, world, wanted)
    elif isinstance(command, cmd.StartConversation):
        _follow_sender(command.to, world, wanted)
        _follow_thread(command.channel, key_digest(command.channel, command.conversation_key), world, wanted)
        _follow_written(command.message, world, wanted)
    elif isinstance(command, cmd.RecordDelivery):
        _follow_delivery(command, world, wanted)
    elif isinstance(command, cmd.MergeContacts | cmd.UnmergeContacts):
        _follow_kin(command.contact, world, wanted)
        _follow_kin(command.merged, world, wanted)
    elif isinstance(command, cmd.OnConversation | cmd.Decision):
        row = _follow_conversation(command.conversation, world, wanted, agents=True)
        if isinstance(command, cmd.MoveMessage) and row is not None:
            _follow_conversation(command.to, world, wanted, agents=False)
            wanted.earlier.add(row.last_message)
            wanted.rows.add(("message", row.last_message))
        if isinstance(command, cmd.Reply | cmd.AddNote | cmd.AutoReply):
            _follow_written(command.message, world, wanted)


def _follow_written(message: str, world: World, wanted: Needs) -> None:
    """A message that is there already: the number of its event answers the repeat."""
    row = cast("Message | None", world.rows.get(("message", message)))
    if row is not None:
        wanted.written.add(message)
        wanted.rows.add(("conversation", row.conversation))


def _follow_delivery(command: cmd.RecordDelivery, world: World, wanted: Needs) -> None:
    message = cast("Message | None", world.rows.get(("message", command.message)))
    if message is None:
        return
    wanted.rows.add(("conversation", message.conversation))
    row = _follow_conversation(message.conversation, world, wanted, agents=False)
    if row is None:
        return
    _follow_failure(row, world, wanted)
    places = [(row.channel, ident) for ident in (*message.provider_ids, *command.provider_ids)]
    wanted.parked.update(places)
    for ident in command.provider_ids:
        wanted.providers.add((row.channel, ident))
        hit = world.providers.get((row.channel, ident))
        if hit:
            wanted.rows.add(("message", hit[0]))
    if any(receipt.watermark for place in places for receipt in world.parked.get(place, ())):
        wanted.earlier.add(command.message)


def _follow_failure(row: Conversation, world: World, wanted: Needs) -> None:
    """What a conversation comes back to when a message of it did not arrive."""
    if row.status == "resolved":
        _follow_thread(row.channel, row.key, world, wanted)
    elif row.status == "snoozed" and row.assignee:
        wanted.rows.add(("agent", row.assignee))


def _follow_kin(contact: str, world: World, wanted: Needs) -> None:
    """The homes of a contact's identities, and what those were merged into: the record that an un-merge goes by."""
    for ident in world.kin.get(contact, ()):
        row = cast("Identity | None", world.rows.get(("identity", ident)))
        home = row.home if row else ""
        while home:
            wanted.rows.add(("contact", home))
            owner = cast("Contact | None", world.rows.get(("contact", home)))
            home = owner.merged_into if owner else ""


def _follow_message(command: cmd.ReceiveMessage, world: World, wanted: Needs) -> None:
    """The key's conversation, those that it answers, and the one that a stranger under this key has."""
    channel = command.channel
    key = key_digest(channel, command.conversation_key)
    if (
        not command.thread
        and command.direction == "customer"
        and _is_known(command.sender, channel, key, world)
    ):
        return
    _follow_sender(command.sender, world, wanted)
    row = _follow_thread(channel, key, world, wanted)
    for ident in command.thread:
        hit = world.providers.get((channel, ident))
        if hit:
            wanted.rows.add(("conversation", hit[1]))
            answered = _follow_conversation(hit[1], world, wanted, agents=False)
            if answered is not None and answered.channel == channel:
                row = _follow_thread(channel, answered.key, world, wanted)
    if row is not None and command.direction == "echo":
        _follow_echo(row, world, wanted)
    writer = world.lookups.get(command.sender.lookup)
    if row is not None and writer and row.identity != writer:
        _follow_thread(channel, stranger_key(channel, command.conversation_key, writer), world, wanted)


def _is_known(sender: cmd.From, channel: str, key: str, world: World) -> bool:
    """The usual case, told early: a known customer goes on in their open conversation, and both rows are here."""
    row = cast("Conversation | None", world.rows.get(("conversation", world.threads.get((channel, key), ""))))
    return (
        row is not None
        and row.status == "open"
        and not row.resting
        and row.identity == world.lookups.get(sender.lookup)
        and ("identity", row.identity) in world.rows
        and not sender.aliases
    )


def _follow_echo(row: Conversation, world: World, wanted: Needs) -> None:
    """What it may be an echo of: the send under way, or the message that nobody knows the fate of; and what those say."""
    wanted.lanes.add(row.id)
    for ident in (world.lanes.get(row.id, ""), row.send_mark):
        wanted.rows.add(("message", ident))
        message = cast("Message | None", world.rows.get(("message", ident)))
        if message is not None:
            wanted.contents.add(message.content)


def _follow_thread(channel: str, key: str, world: World, wanted: Needs) -> Conversation | None:
    wanted.threads.add((channel, key))
    ident = world.threads.get((channel, key))
    if not ident:
        return None
    wanted.rows.add(("conversation", ident))
    row = _follow_conversation(ident, world, wanted, agents=False)
    if row is not None and (row.status == "snoozed" or row.resting) and row.assignee:
        wanted.rows.add(("agent", row.assignee))
    return row


def _follow_other(command: cmd.Receive, world: World, wanted: Needs) -> None:
    if isinstance(command, cmd.ReceiveSignal):
        _follow_sender(command.sender, world, wanted)
        if command.name == cmd.PROFILE:
            _follow_profile(command.sender, world, wanted)
        return
    hit = world.providers.get((command.channel, getattr(command, "provider_id", "")))
    message = getattr(command, "message", "") or (hit[0] if hit else "")
    if not message:
        return
    wanted.rows.add(("message", message))
    row = cast("Message | None", world.rows.get(("message", message)))
    if row is not None:
        wanted.rows.add(("conversation", row.conversation))
        about = cast("Conversation | None", world.rows.get(("conversation", row.conversation)))
        if about is not None and isinstance(command, cmd.ReceiveReceipt):
            _follow_failure(about, world, wanted)
    if isinstance(command, cmd.ReceiveReceipt):
        wanted.outbox.add(message)
        if command.watermark:
            wanted.earlier.add(message)


def _follow_sender(sender: cmd.From, world: World, wanted: Needs) -> None:
    ident = world.lookups.get(sender.lookup)
    if ident:
        wanted.rows.add(("identity", ident))
    for alias in sender.aliases:
        other = world.lookups.get(alias.lookup)
        if other:
            wanted.rows.add(("identity", other))


def _follow_profile(sender: cmd.From, world: World, wanted: Needs) -> None:
    """What is known about the sender: the contact's profile, and the name that the channel gave with the address."""
    row = cast("Identity | None", world.rows.get(("identity", world.lookups.get(sender.lookup, ""))))
    if row is None:
        return
    wanted.contents.add(row.address)
    wanted.rows.add(("contact", row.contact))
    contact = cast("Contact | None", world.rows.get(("contact", row.contact)))
    if contact is not None and contact.profile:
        wanted.contents.add(contact.profile)


def _follow_conversation(ident: str, world: World, wanted: Needs, *, agents: bool) -> Conversation | None:
    row = cast("Conversation | None", world.rows.get(("conversation", ident)))
    if row is None:
        return None
    wanted.rows.add(("identity", row.identity))
    if agents:
        if row.status == "resolved":
            _follow_thread(row.channel, row.key, world, wanted)
        if row.assignee:
            wanted.rows.add(("agent", row.assignee))
        if row.offer is not None:
            wanted.rows.update(("agent", login) for login in row.offer.asked)
    return row
