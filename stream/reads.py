"""Reading the current state: typed functions over the store's named statements. Nothing here writes or decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from stream import events as ev
from stream.journal import recorded
from stream.model import DEFAULT_WORKSPACE, Agent, Contact, Content, Conversation, Identity, Message
from stream.store.ports import Store, read_by_keys
from stream.store.program import fetch
from stream.visibility import Visibility

T = TypeVar("T")
PAGE = 200
KIN = 1_000
"""More addresses than one contact is let have (`stream/decide/contacts.py`)."""
_content = msgspec.json.Decoder(Content)
_DECODERS: dict[type, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(kind) for kind in (Agent, Contact, Conversation, Identity, Message)
}


def _decode(kind: type[T], bodies: Sequence[tuple[Any, ...]], column: int = 0) -> list[T]:
    decode = _DECODERS[kind].decode
    return [decode(row[column]) for row in bodies]


async def _by_id(store: Store, kind: type[T], name: str, idents: Sequence[str]) -> dict[str, T]:
    if not idents:
        return {}
    decode = _DECODERS[kind].decode
    wanted = list(dict.fromkeys(idents))
    rows = await read_by_keys(store, fetch(name, wanted), len(wanted))
    return {ident: decode(body) for ident, body in rows}


async def conversation(store: Store, ident: str) -> Conversation | None:
    """One conversation."""
    return (await conversations(store, [ident])).get(ident)


async def conversations(store: Store, idents: Sequence[str]) -> dict[str, Conversation]:
    """Conversations by id; unknown ones are left out."""
    return await _by_id(store, Conversation, "load_conversation", idents)


async def unresolved(store: Store, after: str = "", limit: int = PAGE) -> list[Conversation]:
    """A page over all that is not resolved, by id."""
    return _decode(Conversation, await store.read(fetch("unresolved", after, limit)))


async def message(store: Store, ident: str) -> Message | None:
    """One message."""
    return (await messages_by_id(store, [ident])).get(ident)


async def messages_by_id(store: Store, idents: Sequence[str]) -> dict[str, Message]:
    """Messages by id."""
    return await _by_id(store, Message, "load_message", idents)


async def messages(
    store: Store, conversation: str, before_seq: int = 2**53, limit: int = PAGE
) -> list[Message]:
    """The newest `limit` messages of a conversation with a seq below `before_seq`, oldest first."""
    rows = await store.read(fetch("messages_before", conversation, before_seq, limit))
    return _decode(Message, rows)[::-1]


async def contact(store: Store, ident: str) -> Contact | None:
    """One contact."""
    return (await contacts(store, [ident])).get(ident)


async def contacts(store: Store, idents: Sequence[str]) -> dict[str, Contact]:
    """Contacts by id."""
    return await _by_id(store, Contact, "load_contact", idents)


async def contacts_merged_into(store: Store, ident: str) -> list[Contact]:
    """The contacts that this one took in."""
    return _decode(Contact, await store.read(fetch("contacts_merged_into", ident, KIN)))


async def identity(store: Store, ident: str) -> Identity | None:
    """One identity."""
    return (await identities(store, [ident])).get(ident)


async def identities(store: Store, idents: Sequence[str]) -> dict[str, Identity]:
    """Identities by id."""
    return await _by_id(store, Identity, "load_identity", idents)


async def identities_of(store: Store, contact: str) -> list[Identity]:
    """A contact's identities."""
    return _decode(Identity, await store.read(fetch("identities_of", contact, KIN)))


async def identity_by_lookup(store: Store, lookup: str) -> Identity | None:
    """The identity of an address digest (`stream.ids.lookup`)."""
    found = _decode(Identity, await store.read(fetch("identity_by_lookup", lookup)))
    return found[0] if found else None


async def conversations_of(
    store: Store, identities: Sequence[str], before: str = "~", limit: int = 50
) -> list[Conversation]:
    """Conversations of these identities, newest first; `before` is the last id of the former page."""
    return _decode(Conversation, await store.read(fetch("conversations_of", list(identities), before, limit)))


async def agents(store: Store, workspace: str = DEFAULT_WORKSPACE) -> list[Agent]:
    """All agents of a workspace, also those no longer active, by login."""
    rows = _decode(Agent, await store.read(fetch("load_all_agents")), 1)
    return sorted((row for row in rows if row.workspace == workspace), key=lambda row: row.id)


async def agent(store: Store, ident: str) -> Agent | None:
    """One agent."""
    return (await _by_id(store, Agent, "load_agent", [ident])).get(ident)


async def contents(store: Store, idents: Sequence[str]) -> dict[str, Content]:
    """Content rows by id (prefer `Journal.contents`, which knows the newest without the database)."""
    wanted = [ident for ident in dict.fromkeys(idents) if ident]
    if not wanted:
        return {}
    rows = await store.read(fetch("contents", wanted))
    return {ident: _content.decode(body) for ident, body in rows}


async def history(store: Store, channel: str, key: str, after: int, limit: int) -> list[tuple[int, Message]]:
    """Messages under a conversation key digest, notes included, with their journal numbers, in order; with a negative `after` the newest."""
    if after < 0:
        rows = (await store.read(fetch("history_newest", channel, key, limit)))[::-1]
    else:
        rows = await store.read(fetch("history_after", channel, key, after, limit))
    return [(row[0], _DECODERS[Message].decode(row[1])) for row in rows]


async def events_of(store: Store, conversation: str, after: int = 0, limit: int = 1000) -> list[ev.Recorded]:
    """A conversation's events, in order."""
    rows = await store.read(fetch("journal_of_conversation", conversation, after, limit))
    return [recorded(*row) for row in rows]


async def first_number(store: Store) -> int:
    """The number of the first event that the journal still has; 0 when it has none."""
    rows = await store.read(fetch("journal_after", 0, 1))
    return int(rows[0][0]) if rows else 0


async def raw_input(store: Store, channel: str, source_key: str) -> bytes | None:
    """The raw bytes that came in under a deduplication key."""
    rows = await store.read(fetch("raw_input", channel, source_key))
    return bytes(rows[0][0]) if rows and rows[0][0] is not None else None


async def thread_of_key(store: Store, channel: str, key: str) -> str:
    """The newest conversation of a key digest, or ""."""
    rows = await store.read(fetch("thread_of_key", channel, key))
    return rows[0][0] if rows else ""


async def checkpoints(store: Store, channel: str) -> dict[str, str]:
    """A poller's places."""
    return dict(await store.read(fetch("checkpoints", channel)))


class ActiveConfig(msgspec.Struct, frozen=True):
    """The configuration that is active: its bundle is without secrets. `n` is its journal number."""

    version: int
    hash: str
    n: int
    bundle: Any


async def active_config(store: Store) -> ActiveConfig | None:
    """None before the first one."""
    rows = await store.read(fetch("active_config"))
    if not rows:
        return None
    version, digest, n, body = rows[0]
    content = _content.decode(body)
    return ActiveConfig(version, digest, n, getattr(content, "body", None))


class AppliedConfig(msgspec.Struct, frozen=True):
    """A configuration that was applied by event `n`; `bundle` is the id of its content."""

    version: int
    hash: str
    n: int
    bundle: str


async def configs(store: Store) -> list[AppliedConfig]:
    """All that were ever applied, in their order."""
    return [AppliedConfig(*row) for row in await store.read(fetch("configs"))]


class ConversationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which conversations a list shows. `queues` None means any queue; `waiting` only what waits for an agent."""

    visible_to: Visibility
    workspace: str = DEFAULT_WORKSPACE
    statuses: tuple[str, ...] = ("open", "snoozed")
    assignee: str = ""
    waiting: bool = False
    queues: tuple[str, ...] | None = None
    spam: bool = False


async def list_conversations(
    store: Store, chosen: ConversationFilter, cursor: str = "", limit: int = 50
) -> tuple[list[Conversation], str]:
    """A page, newest activity first, and the cursor of the next one ("" at the end). Raises `ValueError` for a cursor that is none."""
    at, ident = read_cursor(cursor)
    rows: list[tuple[Any, ...]] = []
    if set(chosen.statuses) - {"resolved"}:
        rows += await store.read(fetch("list_conversations", *_unresolved_params(chosen), at, ident, limit))
    if "resolved" in chosen.statuses and not chosen.waiting:
        rows += await store.read(fetch("list_resolved", *_resolved_params(chosen), at, ident, limit))
    rows.sort(key=lambda row: (row[1], row[2]), reverse=True)
    return _page(rows[:limit], limit)


def _unresolved_params(chosen: ConversationFilter) -> tuple[object, ...]:
    return (
        *chosen.visible_to.params(),
        chosen.workspace,
        list(chosen.statuses),
        int(chosen.spam),
        chosen.assignee,
        int(chosen.waiting),
        int(chosen.queues is not None),
        list(chosen.queues or ()),
    )


def _resolved_params(chosen: ConversationFilter) -> tuple[object, ...]:
    return (
        *chosen.visible_to.params()[:4],
        chosen.workspace,
        int(chosen.spam),
        chosen.assignee,
        int(chosen.queues is not None),
        list(chosen.queues or ()),
    )


async def list_named(
    store: Store, agent: str, cursor: str = "", limit: int = 50, workspace: str = DEFAULT_WORKSPACE
) -> tuple[list[Conversation], str]:
    """Conversations that name `agent` in a note."""
    at, ident = read_cursor(cursor)
    return _page(await store.read(fetch("list_named", agent, workspace, at, ident, limit)), limit)


async def list_own(
    store: Store, agent: str, limit: int = 200, workspace: str = DEFAULT_WORKSPACE
) -> list[Conversation]:
    """What `agent` has or is offered and is not resolved, newest activity first."""
    return _decode(Conversation, await store.read(fetch("list_own", agent, workspace, limit)))


def _page(rows: Sequence[tuple[Any, ...]], limit: int) -> tuple[list[Conversation], str]:
    following = f"{rows[-1][1]!r}|{rows[-1][2]}" if len(rows) == limit else ""
    return _decode(Conversation, rows), following


def read_cursor(cursor: str) -> tuple[float, str]:
    """A page's cursor as (time, id). Raises `ValueError`."""
    if not cursor:
        return 1e15, "~"
    at, _, ident = cursor.partition("|")
    return float(at), ident


async def waiting_by_queue(store: Store, workspace: str = DEFAULT_WORKSPACE) -> dict[str, int]:
    """How many conversations wait, by queue."""
    return {row[0]: row[1] for row in await store.read(fetch("waiting_by_queue", workspace))}
