"""Which rows a command needs before it can be decided, found in at most three rounds: natural keys, their rows, and the rows' own."""

from __future__ import annotations

from functools import singledispatch
from typing import cast

import msgspec

from stream import commands as cmd
from stream.decide.draft import World
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
    leases: set[str] = set()
    kin: set[str] = set()
    all_agents: bool = False
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
    if isinstance(command, cmd.ReceiveMessage):
        wanted.threads.add((command.channel, key_digest(command.channel, command.conversation_key)))
        wanted.providers.update((command.channel, ident) for ident in command.thread)
        if command.reply_to:
            wanted.providers.add((command.channel, command.reply_to))
    sender = getattr(command, "sender", None)
    if sender is not None:
        wanted.lookups.add(sender.lookup)
        wanted.lookups.update(lookup for _scheme, lookup, _value in sender.aliases)


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
        wanted.outbox.add(message)
    if isinstance(command, cmd.Assign):
        wanted.rows.add(("agent", command.agent))


@needs.register
def _(command: cmd.Decision, wanted: Needs) -> None:
    wanted.leases.add("router")
    wanted.rows.add(("conversation", command.conversation))
    agent = getattr(command, "agent", "")
    if agent:
        wanted.rows.add(("agent", agent))
    if isinstance(command, cmd.AutoReply):
        wanted.rows.add(("message", command.message))
        wanted.sources.add(("auto", f"{command.conversation}:{command.once}"))


@needs.register
def _(command: cmd.StartConversation, wanted: Needs) -> None:
    wanted.rows.update({("message", command.message), ("agent", command.by.id)})
    wanted.threads.add((command.channel, key_digest(command.channel, command.conversation_key)))
    wanted.lookups.add(command.to.lookup)


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
    wanted.all_agents = True


def follow_up(command: cmd.Command, world: World, wanted: Needs) -> None:
    """Add the rows that the loaded rows of `command` point to (asked again after each round)."""
    if isinstance(command, cmd.Receive):
        _follow_receive(command, world, wanted)
    elif isinstance(command, cmd.StartConversation):
        _follow_lookup(command.to.lookup, world, wanted)
        thread = world.threads.get((command.channel, key_digest(command.channel, command.conversation_key)))
        if thread:
            wanted.rows.add(("conversation", thread))
    elif isinstance(command, cmd.RecordDelivery):
        row = cast("Message | None", world.rows.get(("message", command.message)))
        if row is not None:
            wanted.rows.add(("conversation", row.conversation))
            _follow_conversation(row.conversation, world, wanted, agents=False)
            channel = _channel_of(row.conversation, world)
            wanted.parked.update((channel, ident) for ident in command.provider_ids if channel)
    elif isinstance(command, cmd.MergeContacts | cmd.UnmergeContacts):
        _follow_kin(command.contact, world, wanted)
    else:
        conversation = getattr(command, "conversation", "")
        if conversation:
            _follow_conversation(conversation, world, wanted, agents=True)


def _follow_kin(contact: str, world: World, wanted: Needs) -> None:
    """The homes of a contact's identities, and what those were merged into: the record that an un-merge goes by."""
    for ident in world.kin.get(contact, ()):
        row = cast("Identity | None", world.rows.get(("identity", ident)))
        home = row.home if row else ""
        while home:
            wanted.rows.add(("contact", home))
            owner = cast("Contact | None", world.rows.get(("contact", home)))
            home = owner.merged_into if owner else ""


def _channel_of(conversation: str, world: World) -> str:
    row = cast("Conversation | None", world.rows.get(("conversation", conversation)))
    return row.channel if row else ""


def _follow_receive(command: cmd.Receive, world: World, wanted: Needs) -> None:
    if isinstance(command, cmd.ReceiveMessage):
        thread = world.threads.get((command.channel, key_digest(command.channel, command.conversation_key)))
        found = {thread} if thread else set()
        for ident in (*command.thread, command.reply_to):
            hit = world.providers.get((command.channel, ident))
            if hit:
                found.add(hit[1])
        for conversation in found:
            wanted.rows.add(("conversation", conversation))
            row = cast("Conversation | None", world.rows.get(("conversation", conversation)))
            _follow_conversation(
                conversation, world, wanted, agents=row is not None and row.status == "snoozed"
            )
        _follow_lookup(command.sender.lookup, world, wanted)
        for _scheme, lookup, _value in command.sender.aliases:
            _follow_lookup(lookup, world, wanted)
    elif isinstance(command, cmd.ReceiveSignal):
        _follow_lookup(command.sender.lookup, world, wanted)
    elif isinstance(command, cmd.ReceiveEdit) and command.message:
        message = cast("Message | None", world.rows.get(("message", command.message)))
        if message is not None:
            wanted.rows.add(("conversation", message.conversation))
    else:
        hit = world.providers.get((command.channel, getattr(command, "provider_id", "")))
        if hit:
            wanted.rows.update({("message", hit[0]), ("conversation", hit[1])})
            wanted.outbox.add(hit[0])


def _follow_lookup(lookup: str, world: World, wanted: Needs) -> None:
    ident = world.lookups.get(lookup)
    if ident:
        wanted.rows.add(("identity", ident))


def _follow_conversation(ident: str, world: World, wanted: Needs, *, agents: bool) -> None:
    row = cast("Conversation | None", world.rows.get(("conversation", ident)))
    if row is None:
        return
    wanted.rows.add(("identity", row.identity))
    if agents:
        wanted.threads.add((row.channel, row.key))
        if row.assignee:
            wanted.rows.add(("agent", row.assignee))
        if row.offer is not None:
            wanted.rows.add(("agent", row.offer.agent))
