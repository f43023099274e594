"""The append as a program: load what a group of commands needs, decide each, number the events, save everything. No I/O of its own.

One transaction per group. A command's draft is its savepoint: refused commands leave nothing, the others of the group go on. The
head row is taken first, so no other append runs meanwhile on either database, and numbers follow commit order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import cast

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream.decide import decide
from stream.decide.draft import AlreadyDone, Draft, OutboxRow, ParkedReceipt, Refusal, World, merge
from stream.decide.needs import Needs, follow_up, needs
from stream.model import Agent, Contact, Conversation, Entity, Identity, Message
from stream.store.program import Many, Program, Sql

MAX_ROUNDS = 12
KINDS: dict[str, type[Entity]] = {
    "conversation": Conversation,
    "message": Message,
    "contact": Contact,
    "identity": Identity,
    "agent": Agent,
}
DECODERS = {kind: msgspec.json.Decoder(type_) for kind, type_ in KINDS.items()}
_encode = msgspec.json.Encoder().encode


class Appended(msgspec.Struct, kw_only=True):
    """What a group became: a result per command, in order, and all events with their numbers."""

    results: list[cmd.Result]
    recorded: list[ev.Recorded]
    contents: dict[str, object]
    head: int


def json_text(value: object) -> str:
    """JSON as text, for the database."""
    return _encode(value).decode()


def append(commands: Sequence[cmd.Command], now: float) -> Program[Appended]:
    """Decide `commands` in order in one transaction; `now` is the time of all their events."""
    rows = yield Sql("head_lock")
    world = World(head=cast("int", rows[0][0]))
    yield from _load(commands, world)
    drafts: list[tuple[int, Draft]] = []
    results = [_decide_one(world, command, now, drafts) for command in commands]
    recorded = _number(drafts, now)
    yield from _save(drafts, now, world.head)
    contents: dict[str, object] = {}
    for _first, draft in drafts:
        contents.update(draft.extras.contents)
        contents.update(draft.extras.erased)
    return Appended(results=results, recorded=recorded, contents=contents, head=world.head)


def _decide_one(
    world: World, command: cmd.Command, now: float, drafts: list[tuple[int, Draft]]
) -> cmd.Result:
    draft = Draft(world, now, command.token, command.workspace)
    try:
        decide(draft, command)
    except Refusal as refusal:
        named = refusal.conversation or getattr(command, "conversation", "")
        row = cast("Conversation | None", world.rows.get(("conversation", named)))
        if row is not None and row.workspace != command.workspace:
            row = None
        return cmd.Refused(code=refusal.code, sentence=refusal.sentence, conversation=row)
    except AlreadyDone as done:
        return cmd.Duplicate(n=done.n, id=done.ident)
    first = world.head + 1
    world.head += len(draft.events)
    merge(world, draft)
    drafts.append((first, draft))
    row = draft.maybe_conversation(_conversation_of(draft, command))
    return cmd.Committed(n=world.head, events=tuple(draft.events), id=draft.result_id, conversation=row)


def _conversation_of(draft: Draft, command: cmd.Command) -> str:
    named = getattr(command, "conversation", "")
    if named or not draft.events:
        return cast("str", named)
    return next((e.conversation for e in reversed(draft.events) if isinstance(e, ev.ConversationEvent)), "")


def _number(drafts: list[tuple[int, Draft]], now: float) -> list[ev.Recorded]:
    return [
        ev.Recorded(n=first + index, at=now, event=event, scope=scope)
        for first, draft in drafts
        for index, (event, scope) in enumerate(zip(draft.events, draft.scopes, strict=True))
    ]


# --- loading -----------------------------------------------------------------------------------------------------


def _load(commands: Sequence[cmd.Command], world: World) -> Program[None]:
    asked = Needs()
    for command in commands:
        needs(command, asked)
    yield from _fetch(asked, world)
    for _round in range(MAX_ROUNDS):
        more = Needs()
        for command in commands:
            follow_up(command, world, more)
        fresh = _unasked(more, asked)
        if fresh is None:
            return
        yield from _fetch(fresh, world)


_SETS = ("rows", "sources", "threads", "lookups", "providers", "parked", "outbox", "leases", "kin")


def _unasked(more: Needs, asked: Needs) -> Needs | None:
    fresh = Needs()
    found = False
    for name in _SETS:
        new = getattr(more, name) - getattr(asked, name)
        if new:
            found = True
            setattr(fresh, name, new)
            getattr(asked, name).update(new)
    return fresh if found else None


def _by_channel(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for channel, key in pairs:
        grouped[channel].append(key)
    return grouped


def _fetch(wanted: Needs, world: World) -> Program[None]:
    yield from _fetch_keys(wanted, world)
    if wanted.all_agents:
        for ident, body in (yield Sql("load_all_agents")):
            world.rows[("agent", ident)] = DECODERS["agent"].decode(body)
            world.agents.add(ident)
    if wanted.kin:
        for ident, contact, body in (yield Sql("load_kin", (list(wanted.kin),))):
            world.rows[("identity", ident)] = DECODERS["identity"].decode(body)
            world.kin.setdefault(contact, set()).add(ident)
    if wanted.config:
        for version, digest in (yield Sql("load_config")):
            world.config_version, world.config_hash = version, digest
    if wanted.leases:
        world.leases.update((yield Sql("load_leases", (list(wanted.leases),))))
    if wanted.outbox:
        for row in (yield Sql("load_outbox", (list(wanted.outbox),))):
            world.outbox[row[0]] = OutboxRow(**dict(zip(OutboxRow.__struct_fields__, row, strict=True)))
    yield from _fetch_rows(wanted, world)


def _fetch_rows(wanted: Needs, world: World) -> Program[None]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, ident in wanted.rows:
        if ident and (kind, ident) not in world.rows:
            by_kind[kind].append(ident)
    for kind, idents in by_kind.items():
        decode = DECODERS[kind].decode
        for ident, body in (yield Sql(f"load_{kind}", (idents,))):
            world.rows[(kind, ident)] = decode(body)


def _fetch_keys(wanted: Needs, world: World) -> Program[None]:
    for channel, keys in _by_channel(wanted.sources).items():
        for key, n, ref in (yield Sql("load_sources", (channel, keys))):
            world.sources[(channel, key)] = (n, ref)
    for channel, keys in _by_channel(wanted.threads).items():
        for key, conversation in (yield Sql("load_threads", (channel, keys))):
            world.threads[(channel, key)] = conversation
    for channel, keys in _by_channel(wanted.providers).items():
        for key, message, conversation in (yield Sql("load_providers", (channel, keys))):
            world.providers[(channel, key)] = (message, conversation)
    for channel, keys in _by_channel(wanted.parked).items():
        for key, state, error, at in (yield Sql("load_parked", (channel, keys))):
            receipt = ParkedReceipt(channel=channel, provider_id=key, state=state, error=error, at=at)
            world.parked.setdefault((channel, key), []).append(receipt)
    if wanted.lookups:
        world.lookups.update((yield Sql("load_lookups", (list(wanted.lookups),))))


# --- saving ------------------------------------------------------------------------------------------------------


class _Batch:
    """Rows per statement. Statements run in the reverse order of their names: what is saved and dropped by one group is dropped last."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[object, ...]]] = defaultdict(list)
        self.outbox: dict[str, OutboxRow | None] = {}

    def add(self, name: str, *values: object) -> None:
        self.rows[name].append(values)


def _save(drafts: list[tuple[int, Draft]], now: float, head: int) -> Program[None]:
    if not drafts:
        return
    batch = _Batch()
    entities: dict[tuple[str, str], tuple[Entity, int]] = {}
    for first, draft in drafts:
        for index, (event, scope) in enumerate(zip(draft.events, draft.scopes, strict=True)):
            conversation = event.conversation if isinstance(event, ev.ConversationEvent) else None
            scope_text = json_text(scope) if scope is not None else None
            batch.add("save_journal", first + index, now, conversation, json_text(event), scope_text)
        last = first + len(draft.events) - 1
        for key, row in draft.rows.items():
            entities[key] = (
                row,
                _created_at(draft, key, first) or (entities[key][1] if key in entities else 0),
            )
        _save_extras(batch, draft, max(last, first - 1), now)
    for row, n in entities.values():
        _save_entity(batch, row, n)
    for message, send in batch.outbox.items():
        if send is None:
            batch.add("drop_outbox", message)
        else:
            batch.add("save_outbox", *msgspec.structs.astuple(send))
    for name in sorted(batch.rows, reverse=True):
        yield Many(name, batch.rows[name])
    yield Sql("head_move", (head,))


def _created_at(draft: Draft, key: tuple[str, str], first: int) -> int:
    if key[0] != "message":
        return 0
    kinds = (ev.MessageReceived, ev.ReplyQueued, ev.NoteAdded)
    for index, event in enumerate(draft.events):
        if isinstance(event, kinds) and event.message == key[1]:
            return first + index
    return 0


def _save_entity(batch: _Batch, row: Entity, n: int) -> None:
    body = json_text(row)
    if isinstance(row, Conversation):
        waiting = int(row.status == "open" and not row.assignee and not row.spam)
        batch.add(
            "save_conversation", row.id, row.workspace, row.channel, row.key, row.identity, row.status, row.queue, row.team,
            row.assignee, row.offer.agent if row.offer else "", waiting, int(row.spam), row.updated_at, body,
        )  # fmt: skip
    elif isinstance(row, Message):
        batch.add("save_message", row.id, row.conversation, row.seq, n, body)
    elif isinstance(row, Contact):
        batch.add("save_contact", row.id, row.workspace, row.merged_into, body)
    elif isinstance(row, Identity):
        batch.add("save_identity", row.id, row.contact, row.lookup, body)
    else:
        batch.add("save_agent", row.id, row.workspace, row.load, body)


def _save_extras(batch: _Batch, draft: Draft, n: int, now: float) -> None:
    extras = draft.extras
    for ident, content in extras.contents.items():
        batch.add("save_content", ident, json_text(content))
    for ident, content in extras.erased.items():
        batch.add("erase_content", ident, json_text(content))
    for (channel, key), (ref, raw) in extras.sources.items():
        batch.add("save_inbound", channel, key, n, ref, now, raw)
    for (channel, key), conversation in extras.threads.items():
        batch.add("save_thread", channel, key, conversation)
    for (channel, ident), (message, conversation) in extras.providers.items():
        batch.add("save_provider", channel, ident, message, conversation)
    for message, row in extras.outbox.items():
        batch.outbox[message] = msgspec.structs.replace(row, n=n) if row is not None and not row.n else row
    _save_rest(batch, draft, n)


def _save_rest(batch: _Batch, draft: Draft, n: int) -> None:
    extras = draft.extras
    for letter in extras.dead:
        batch.add("save_dead", *msgspec.structs.astuple(letter))
    for receipt in extras.park:
        batch.add("save_parked", *msgspec.structs.astuple(receipt))
    for channel, ident in extras.unpark:
        batch.add("drop_parked", channel, ident)
    for point in extras.checkpoints:
        batch.add("save_checkpoint", point.channel, point.key, point.value)
    for conversation, agent in extras.named:
        batch.add("save_named", conversation, agent)
    if extras.config is not None:
        batch.add("save_config", int(draft.result_id), extras.config[0], extras.config[1], n)
