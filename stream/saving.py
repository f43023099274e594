"""Saving what a group of accepted drafts changed: rows per statement, each statement once. Programs, no I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from stream import events as ev
from stream.decide.draft import AUTO, Draft, OutboxRow, Seldom, World
from stream.model import Contact, Content, Conversation, Entity, Identity, Message, MessageContent, Offer
from stream.raw import owner
from stream.store.program import Many, Program, Sql

Accepted = tuple[int, Draft]
"""A draft with the number of its first event."""
_encode = msgspec.json.Encoder().encode
_MAKING = (ev.MessageReceived, ev.ReplyQueued, ev.NoteAdded)


def json_text(value: object) -> str:
    """JSON as text, for the database."""
    return _encode(value).decode()


class Batch:
    """Rows per statement. Statements run in the reverse order of their names: what is saved and dropped by one group is dropped last."""

    def __init__(self, world: World, now: float) -> None:
        self.world = world
        self.now = now
        self.rows: dict[str, list[tuple[object, ...]]] = defaultdict(list)
        self.entities: dict[tuple[str, str], Entity] = {}
        self.made: dict[str, int] = {}
        self.outbox: dict[str, OutboxRow | None] = {}
        self.contents: list[tuple[str, Content, int]] = []

    def add(self, name: str, *values: object) -> None:
        """One more row for the statement `name`."""
        self.rows[name].append(values)


def save(accepted: Sequence[Accepted], world: World, now: float) -> Program[list[tuple[str, Content, int]]]:
    """Write everything; the content rows with the sizes of their texts."""
    batch = Batch(world, now)
    if not accepted:
        return batch.contents
    for first, draft in accepted:
        _save_events(batch, first, draft)
        batch.entities.update(draft.rows)
        _save_extras(batch, draft, first + len(draft.events) - 1)
    for row in batch.entities.values():
        _save_entity(batch, row)
    for message, send in batch.outbox.items():
        if send is None:
            batch.add("drop_outbox", message)
        else:
            batch.add("save_outbox", *msgspec.structs.astuple(send))
    for name in sorted(batch.rows, reverse=True):
        yield Many(name, batch.rows[name])
    yield Sql("head_move", (world.head,))
    return batch.contents


def _save_events(batch: Batch, first: int, draft: Draft) -> None:
    """Events that make messages are found by the message's number, so the journal's index by conversation need not hold them."""
    rows = batch.rows["save_journal"]
    n = first
    for event, scope in zip(draft.events, draft.scopes, strict=True):
        conversation = None
        if isinstance(event, _MAKING):
            batch.made[event.message] = n
        elif isinstance(event, ev.ConversationEvent):
            conversation = event.conversation
        rows.append((n, batch.now, conversation, json_text(event), json_text(scope) if scope else None))
        n += 1


def _save_entity(batch: Batch, row: Entity) -> None:
    body = json_text(row)
    if isinstance(row, Conversation):
        _save_conversation(batch, row, body)
    elif isinstance(row, Message):
        if row.id in batch.made:
            batch.add("save_message", row.id, row.conversation, row.seq, batch.made[row.id], body)
        else:
            batch.add("change_message", row.id, body)
    elif isinstance(row, Contact):
        batch.add("save_contact", row.id, row.workspace, row.merged_into, body)
    elif isinstance(row, Identity):
        batch.add("save_identity", row.id, row.contact, row.lookup, body)
    else:
        batch.add("save_agent", row.id, row.workspace, row.load, body)


def _save_conversation(batch: Batch, row: Conversation, body: str) -> None:
    place = _place(row)
    before = batch.world.loaded.get(("conversation", row.id))
    _save_asked(batch, row.id, row.offer, before.offer if isinstance(before, Conversation) else None)
    if isinstance(before, Conversation) and _place(before) == place:
        batch.add("touch_conversation", row.id, row.updated_at, body)
        return
    values = (row.id, row.workspace, row.channel, row.key, row.identity, *place, row.updated_at, body)
    if row.status == "resolved":
        # Before those that take its key: at most one of a key is unresolved at any moment.
        batch.rows["save_conversation"].insert(0, values)
    else:
        batch.add("save_conversation", *values)


def _save_asked(batch: Batch, ident: str, offer: Offer | None, before: Offer | None) -> None:
    """Who is asked beside the first of an offer."""
    now, then = offer.also if offer else (), before.also if before else ()
    if now == then:
        return
    for agent in now:
        if agent not in then:
            batch.add("save_asked", ident, agent)
    for agent in then:
        if agent not in now:
            batch.add("drop_asked", ident, agent)


def _place(row: Conversation) -> tuple[object, ...]:
    """The columns that lists choose by. A message changes none of them, and so none of their indexes."""
    offered = row.offer.agent if row.offer else ""
    waiting = int(row.status == "open" and not row.assignee)
    return row.status, row.queue, row.team, row.assignee, offered, waiting, int(row.spam)


def _save_extras(batch: Batch, draft: Draft, n: int) -> None:
    extras = draft.extras
    for ident, content in extras.contents.items():
        text = json_text(content)
        batch.add("save_content", ident, text)
        batch.contents.append((ident, content, len(text)))
        if type(content) is MessageContent:
            for file in content.attachments:
                batch.add("save_blob", file.blob, ident)
    before = n - len(draft.events)
    for (channel, key), (ref, raw) in extras.sources.items():
        batch.add("save_inbound", channel, key, n, ref, batch.now, raw)
        if batch.made.get(ref, 0) <= before and channel != AUTO:
            batch.add("save_inbound_of", owner(ref), channel, key, batch.now)
    for (channel, ident), (message, conversation) in extras.seen.items():
        batch.add("see_provider", channel, ident, message, conversation)
    for (channel, key), conversation in extras.threads.items():
        batch.add("save_thread", channel, key, conversation)
    for message, row in extras.outbox.items():
        batch.outbox[message] = msgspec.structs.replace(row, n=n) if row is not None and not row.n else row
    if draft.rare is not None:
        _save_seldom(batch, draft, draft.rare, n)


def _save_seldom(batch: Batch, draft: Draft, extras: Seldom, n: int) -> None:
    for ident, content in extras.erased.items():
        text = json_text(content)
        batch.add("erase_content", ident, text)
        batch.add("drop_blobs", ident)
        batch.contents.append((ident, content, len(text)))
    for (channel, ident), (message, conversation) in extras.providers.items():
        batch.add("save_provider", channel, ident, message, conversation)
    for letter in extras.dead:
        batch.add("save_dead", *msgspec.structs.astuple(letter))
    for receipt in extras.park:
        facts = msgspec.structs.astuple(receipt)
        batch.add("save_parked", *facts[:-1], int(receipt.watermark))
    for channel, ident in extras.unpark:
        batch.add("drop_parked", channel, ident)
    for point in extras.checkpoints:
        batch.add("save_checkpoint", point.channel, point.key, point.value)
    for replaced in extras.past:
        batch.add("save_past", *replaced)
    for conversation, agent in extras.named:
        batch.add("save_named", conversation, agent)
    if extras.config is not None:
        batch.add("save_config", int(draft.result_id), extras.config[0], extras.config[1], n)
