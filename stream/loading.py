"""Loading what a group of commands needs, in rounds: what they name, what that points to, until nothing new is asked. Programs, no I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from stream import commands as cmd
from stream.decide.bounds import MAX_EARLIER
from stream.decide.draft import OutboxRow, ParkedReceipt, World
from stream.decide.needs import Needs, follow_up, needs
from stream.model import Agent, Contact, Content, Conversation, Entity, Identity, Message
from stream.recent import Recent
from stream.store.program import Program, Sql

MAX_ROUNDS = 12
KINDS: dict[str, type[Entity]] = {
    "conversation": Conversation,
    "message": Message,
    "contact": Contact,
    "identity": Identity,
    "agent": Agent,
}
DECODE_CONTENT = msgspec.json.Decoder(Content).decode
DECODERS = {kind: msgspec.json.Decoder(type_) for kind, type_ in KINDS.items()}
_SETS = (
    "rows", "sources", "threads", "lookups", "providers", "parked", "outbox", "lanes", "leases", "kin", "earlier", "written", "contents",
)  # fmt: skip


def load(commands: Sequence[cmd.Command], world: World, recent: Recent | None = None) -> Program[None]:
    """Fill `world` with every row that deciding `commands` looks at; what `recent` has is not read."""
    asked = Needs()
    for kind in set(map(type, commands)):
        ask = needs.dispatch(kind)
        for command in commands:
            if type(command) is kind:
                ask(command, asked)
    yield from _fetch(_missing(asked, world, recent), world)
    for _round in range(MAX_ROUNDS):
        more = Needs()
        for command in commands:
            follow_up(command, world, more)
        fresh = _unasked(more, asked)
        if fresh is None:
            break
        yield from _fetch(_missing(fresh, world, recent), world)
    world.loaded = dict(world.rows)


def _missing(wanted: Needs, world: World, recent: Recent | None) -> Needs:
    """What has to be read: `wanted` without what is here. `wanted` itself says what was asked, and stays as it is."""
    if recent is None:
        return wanted
    missing = msgspec.structs.replace(
        wanted, rows=set(wanted.rows), threads=set(wanted.threads), lookups=set(wanted.lookups)
    )
    recent.give(missing, world)
    return missing


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
    if wanted.lookups:
        world.lookups.update((yield Sql("load_lookups", (list(wanted.lookups),))))
    if wanted.leases:
        world.leases.update((yield Sql("load_leases", (list(wanted.leases),))))
    if wanted.written:
        world.message_n.update((yield Sql("load_written", (list(wanted.written),))))
    if wanted.outbox:
        for row in (yield Sql("load_outbox", (list(wanted.outbox),))):
            world.outbox[row[0]] = OutboxRow(**dict(zip(OutboxRow.__struct_fields__, row, strict=True)))
    if wanted.kin or wanted.earlier or wanted.config or wanted.contents or wanted.lanes:
        yield from _fetch_seldom(wanted, world)
    yield from _fetch_rows(wanted, world)


def _fetch_seldom(wanted: Needs, world: World) -> Program[None]:
    """What only merges, watermarks, configurations, profiles and echoes look at."""
    if wanted.lanes:
        for row in (yield Sql("load_lanes", (list(wanted.lanes),))):
            send = OutboxRow(**dict(zip(OutboxRow.__struct_fields__, row, strict=True)))
            world.outbox[send.message], world.lanes[send.conversation] = send, send.message
    if wanted.contents:
        found = yield Sql("contents", (list(wanted.contents),))
        world.contents.update({ident: DECODE_CONTENT(body) for ident, body in found})
    if wanted.kin:
        for ident, contact, body in (yield Sql("load_kin", (list(wanted.kin),))):
            world.rows[("identity", ident)] = DECODERS["identity"].decode(body)
            world.kin.setdefault(contact, set()).add(ident)
    for message in wanted.earlier:
        rows = yield Sql("load_earlier", (message, MAX_EARLIER))
        world.rows.update({("message", ident): DECODERS["message"].decode(body) for ident, body in rows})
        world.earlier[message] = [ident for ident, _body in rows]
    if wanted.config:
        for ident, body in (yield Sql("load_all_agents")):
            world.rows[("agent", ident)] = DECODERS["agent"].decode(body)
            world.agents.add(ident)
        for version, digest, n in (yield Sql("load_config")):
            world.config_version, world.config_hash, world.config_n = version, digest, n


def _fetch_rows(wanted: Needs, world: World) -> Program[None]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for key in wanted.rows:
        if key[1] and key not in world.rows:
            by_kind[key[0]].append(key[1])
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
        for key, state, error, at, watermark in (yield Sql("load_parked", (channel, keys))):
            receipt = ParkedReceipt(
                channel=channel,
                provider_id=key,
                state=state,
                error=error,
                at=at,
                watermark=bool(watermark),
            )
            world.parked.setdefault((channel, key), []).append(receipt)
