"""Deciding about sends' outcomes, contacts, statuses, configuration and erasure."""

from __future__ import annotations

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream.decide.draft import AlreadyDone, DeadLetter, Draft, OutboxRow
from stream.decide.inbound import apply_receipt, keep_checkpoint
from stream.decide.routing import check_epoch
from stream.model import Agent, Author, DocumentContent, Erased, Identity, Message, PersonContent

replace = msgspec.structs.replace


def record_delivery(draft: Draft, command: cmd.RecordDelivery) -> None:
    """The outcome of a claimed send; the outbox row goes, or waits for the next attempt."""
    row = draft.outbox(command.message)
    message = draft.message(command.message)
    if row is None or message is None or row.fence != command.fence:
        draft.refuse("state", "This send is no longer yours to report on.")
    _remember_ids(draft, row, message, command)
    if command.delivery == "queued":
        draft.extras.outbox[row.message] = replace(
            row,
            status="queued",
            attempts=row.attempts + 1,
            parts_done=command.parts_done,
            due_at=command.due_at,
            worker="",
            claimed_until=0.0,
            error=command.error,
        )
        return
    draft.extras.outbox[row.message] = None
    draft.emit(
        ev.DeliveryChanged(
            conversation=message.conversation,
            message=message.id,
            delivery=command.delivery,
            provider_ids=command.provider_ids,
            error=command.error,
        )
    )
    if command.stopped:
        _stop(draft, message)
    if command.delivery in ("failed", "unknown"):
        draft.extras.dead.append(
            DeadLetter(
                id=draft.new_id("dead"),
                channel=row.channel,
                ref=message.id,
                direction="out",
                error=command.error or command.delivery,
                at=draft.now,
            )
        )
    _apply_parked(draft, row, command)


def _remember_ids(draft: Draft, row: OutboxRow, message: Message, command: cmd.RecordDelivery) -> None:
    for ident in command.provider_ids:
        draft.extras.providers[(row.channel, ident)] = (message.id, message.conversation)


def _stop(draft: Draft, message: Message) -> None:
    conversation = draft.conversation(message.conversation)
    identity = draft.identity(conversation.identity)
    if identity is not None and not identity.stopped:
        draft.emit(ev.IdentityStopped(identity=identity.id, stopped=True))


def _apply_parked(draft: Draft, row: OutboxRow, command: cmd.RecordDelivery) -> None:
    for ident in command.provider_ids:
        for receipt in draft.world.parked.get((row.channel, ident), []):
            message = draft.message(command.message)
            if message is not None:
                apply_receipt(draft, message, receipt.state, receipt.error)
            draft.extras.unpark.add((row.channel, ident))


def checkpoint_only(draft: Draft, command: cmd.KeepCheckpoint) -> None:
    """A poller got on without events."""
    keep_checkpoint(draft, command.checkpoint)


def set_status(draft: Draft, command: cmd.SetStatus) -> None:
    """An agent's status; no event when it is that already."""
    if command.epoch:
        check_epoch(draft, command.epoch)
    agent = draft.agent(command.agent)
    if agent.status != command.status or agent.reason != command.reason:
        draft.emit(
            ev.AgentStatusChanged(agent=agent.id, status=command.status, reason=command.reason, by=command.by)
        )


def block_identity(draft: Draft, command: cmd.BlockIdentity) -> None:
    """Block or unblock."""
    row = draft.identity(command.identity)
    if row is None or row.workspace != draft.workspace:
        draft.refuse("not_found", f"There is no identity {command.identity}.")
    if row.blocked != command.blocked:
        draft.emit(ev.IdentityBlocked(identity=row.id, blocked=command.blocked))


def change_contact(draft: Draft, command: cmd.ChangeContact) -> None:
    """A new profile content; the old one stays as history until it is erased."""
    row = draft.contact(command.contact)
    profile = draft.content("p", PersonContent(name=command.name, attributes=command.attributes))
    draft.emit(ev.ContactChanged(contact=row.id, profile=profile))


def merge_contacts(draft: Draft, command: cmd.MergeContacts) -> None:
    """`merged`'s identities, and with them its conversations, now belong to `contact`."""
    winner, loser = draft.contact(command.contact), draft.contact(command.merged)
    if winner.id == loser.id:
        draft.refuse("invalid", "A contact cannot be merged with itself.")
    if winner.merged_into or loser.merged_into:
        draft.refuse("state", "One of these contacts was merged into another one already.")
    moved = tuple(sorted(_kin(draft, loser.id)))
    draft.emit(ev.ContactsMerged(contact=winner.id, merged=loser.id, identities=moved))


def unmerge_contacts(draft: Draft, command: cmd.UnmergeContacts) -> None:
    """Back to what it was: `merged` gets the identities that it (and what it had taken in) came with."""
    winner, loser = draft.contact(command.contact), draft.contact(command.merged)
    if loser.merged_into != winner.id:
        draft.refuse("state", "These contacts are not merged.")
    back = tuple(sorted(ident for ident in _kin(draft, winner.id) if _came_with(draft, ident, loser.id)))
    draft.emit(ev.ContactsUnmerged(contact=winner.id, merged=loser.id, identities=back))


def _kin(draft: Draft, contact: str) -> set[str]:
    known = draft.world.kin.get(contact, set())
    return {ident for ident in known if (row := draft.identity(ident)) is not None and row.contact == contact}


def _came_with(draft: Draft, ident: str, loser: str) -> bool:
    row: Identity | None = draft.identity(ident)
    home = row.home if row else ""
    for _step in range(32):
        if home == loser or not home:
            return home == loser
        home = draft.contact(home).merged_into
    return False


def apply_config(draft: Draft, command: cmd.ApplyConfig) -> None:
    """Every agent's facts, then the configuration itself; agents that are gone are drained, never deleted."""
    if draft.world.config_hash == command.hash:
        raise AlreadyDone(draft.world.head, str(draft.world.config_version))
    facts = {agent.agent: agent for agent in command.agents}
    for ident in sorted(draft.world.agents - set(facts)):
        row = draft.maybe_agent(ident)
        if row is not None and row.active:
            draft.emit(_as_event(row, active=False))
    for agent in command.agents:
        event = _configured(agent)
        row = draft.maybe_agent(agent.agent)
        if row is None or _as_event(row, active=row.active) != event:
            draft.emit(event)
    version = draft.world.config_version + 1
    bundle = draft.content("c", DocumentContent(body=command.bundle))
    draft.emit(ev.ConfigApplied(config_version=version, hash=command.hash, bundle=bundle, by=command.by))
    draft.extras.config = (command.hash, bundle)
    draft.result_id = str(version)


def _configured(agent: cmd.AgentFacts) -> ev.AgentConfigured:
    return ev.AgentConfigured(**msgspec.structs.asdict(agent), active=True)


def _as_event(row: Agent, *, active: bool) -> ev.AgentConfigured:
    return ev.AgentConfigured(
        agent=row.id,
        name=row.name,
        role=row.role,
        teams=row.teams,
        queues=row.queues,
        skills=row.skills,
        capacity=row.capacity,
        caps=row.caps,
        active=active,
    )


def erase(draft: Draft, command: cmd.EraseContent) -> None:
    """Replace content rows by an erased mark; the journal keeps only that it happened."""
    mark = Erased(at=draft.now, reason=command.reason)
    draft.extras.erased.update(dict.fromkeys(command.contents, mark))
    draft.emit(ev.ContentErased(contents=command.contents, by=_name(command.by), reason=command.reason))


def _name(author: Author) -> str:
    return author.id or author.kind
