"""The stream's tables as dictionaries: the same programs run here without a database. It knows statements by name, not SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from stream import events as ev
from stream.journal import recorded
from stream.loading import DECODERS
from stream.model import Agent, Contact, Content, Conversation, Entity, Identity, Message
from stream.saving import json_text
from stream.store.program import Many, Program, Rows, Step, drive

T = TypeVar("T")
Place = tuple[str, str]
_content = msgspec.json.Decoder(Content)


class Shelf:
    """Rows by key. What PostgreSQL and SQLite refuse by a unique index is refused here by an assertion."""

    def __init__(self) -> None:
        self.n = 0
        self.epoch = "e1"
        self.journal: list[ev.Recorded] = []
        self.bodies: dict[str, dict[str, str]] = {kind: {} for kind in DECODERS}
        self.numbers: dict[str, int] = {}
        self.content: dict[str, str] = {}
        self.blobs: set[Place] = set()
        self.inbound: dict[Place, tuple[int, str, bytes]] = {}
        self.about: dict[Place, str] = {}
        self.past: set[Place] = set()
        self.threads: dict[Place, str] = {}
        self.providers: dict[Place, tuple[str, str]] = {}
        self.parked: dict[tuple[str, str, str], tuple[Any, ...]] = {}
        self.outbox: dict[str, tuple[Any, ...]] = {}
        self.dead: list[tuple[Any, ...]] = []
        self.checkpoints: dict[Place, str] = {}
        self.leases: dict[str, int] = {}
        self.named: set[Place] = set()
        self.invited: set[Place] = set()
        self.config: list[tuple[int, str, str, int]] = []
        self.log: list[str] = []

    def run(self, program: Program[T]) -> T:
        """Drive a program to its end."""
        return drive(program, self._step)

    def _step(self, step: Step) -> Rows:
        self.log.append(step.name)
        run: Callable[..., Rows | None] = getattr(self, step.name)
        if isinstance(step, Many):
            for row in step.rows:
                run(*row)
            return []
        return run(*step.params) or []

    # reading back

    def rows(self, kind: str) -> dict[str, Any]:
        """Every row of a kind, decoded."""
        return {ident: DECODERS[kind].decode(body) for ident, body in self.bodies[kind].items()}

    def conversation(self, ident: str) -> Conversation:
        """One row."""
        row: Conversation = self.rows("conversation")[ident]
        return row

    def message(self, ident: str) -> Message:
        """One row."""
        row: Message = self.rows("message")[ident]
        return row

    def agent(self, ident: str) -> Agent:
        """One row."""
        row: Agent = self.rows("agent")[ident]
        return row

    def identity(self, ident: str) -> Identity:
        """One row."""
        row: Identity = self.rows("identity")[ident]
        return row

    def contact(self, ident: str) -> Contact:
        """One row."""
        row: Contact = self.rows("contact")[ident]
        return row

    def said(self, ident: str) -> Content:
        """One content row."""
        content: Content = _content.decode(self.content[ident])
        return content

    # statements that read

    def head_lock(self) -> Rows:
        return [(self.n,)]

    def head(self) -> Rows:
        return [(self.n, self.epoch)]

    def journal_after(self, after: int, limit: int) -> Rows:
        page = [recorded for recorded in self.journal if recorded.n > after][:limit]
        return [(r.n, r.at, json_text(r.event), json_text(r.scope) if r.scope else None) for r in page]

    def contents(self, idents: list[str]) -> Rows:
        return [(ident, self.content[ident]) for ident in idents if ident in self.content]

    def load_sources(self, channel: str, keys: list[str]) -> Rows:
        found = [(key, self.inbound.get((channel, key))) for key in keys]
        return [(key, row[0], row[1]) for key, row in found if row]

    def load_threads(self, channel: str, keys: list[str]) -> Rows:
        return [(key, self.threads[channel, key]) for key in keys if (channel, key) in self.threads]

    def load_providers(self, channel: str, keys: list[str]) -> Rows:
        return [(key, *self.providers[channel, key]) for key in keys if (channel, key) in self.providers]

    def load_parked(self, channel: str, keys: list[str]) -> Rows:
        return [(p, state, *row) for (c, p, state), row in self.parked.items() if c == channel and p in keys]

    def load_lookups(self, digests: list[str]) -> Rows:
        return [(row.lookup, row.id) for row in self.rows("identity").values() if row.lookup in digests]

    def load_written(self, idents: list[str]) -> Rows:
        return [(ident, self.numbers[ident]) for ident in idents if ident in self.numbers]

    def load_earlier(self, ident: str, limit: int) -> Rows:
        messages = self.rows("message")
        one = messages.get(ident)
        before = [
            m for m in messages.values() if one and m.conversation == one.conversation and m.seq < one.seq
        ]
        newest = sorted(before, key=lambda m: m.seq, reverse=True)[:limit]
        return [(m.id, self.bodies["message"][m.id]) for m in newest]

    def _load(self, kind: str, idents: list[str]) -> Rows:
        return [(ident, self.bodies[kind][ident]) for ident in idents if ident in self.bodies[kind]]

    def load_conversation(self, idents: list[str]) -> Rows:
        return self._load("conversation", idents)

    def load_message(self, idents: list[str]) -> Rows:
        return self._load("message", idents)

    def load_contact(self, idents: list[str]) -> Rows:
        return self._load("contact", idents)

    def load_identity(self, idents: list[str]) -> Rows:
        return self._load("identity", idents)

    def load_agent(self, idents: list[str]) -> Rows:
        return self._load("agent", idents)

    def load_all_agents(self) -> Rows:
        return list(self.bodies["agent"].items())

    def load_kin(self, contacts: list[str]) -> Rows:
        kin = [row for row in self.rows("identity").values() if row.contact in contacts]
        return [(row.id, row.contact, self.bodies["identity"][row.id]) for row in kin]

    def load_outbox(self, messages: list[str]) -> Rows:
        return [self.outbox[message] for message in messages if message in self.outbox]

    def load_lanes(self, conversations: list[str]) -> Rows:
        return [row for row in self.outbox.values() if row[2] in conversations and row[4] == "sending"]

    def load_leases(self, names: list[str]) -> Rows:
        return [(name, self.leases[name]) for name in names if name in self.leases]

    def load_config(self) -> Rows:
        return [(version, digest, n) for version, digest, _bundle, n in self.config[-1:]]

    # statements that write

    def head_move(self, n: int) -> None:
        self.n = n

    def save_journal(
        self, n: int, at: float, _conversation: str | None, body: str, scope: str | None
    ) -> None:
        assert n == (self.journal[-1].n if self.journal else 0) + 1
        self.journal.append(recorded(n, at, body, scope))

    def save_content(self, ident: str, body: str) -> None:
        assert ident not in self.content
        self.content[ident] = body

    def erase_content(self, ident: str, body: str) -> None:
        if ident in self.content:
            self.content[ident] = body

    def save_blob(self, blob: str, content: str) -> None:
        self.blobs.add((blob, content))

    def drop_blobs(self, content: str) -> None:
        self.blobs = {place for place in self.blobs if place[1] != content}

    def save_inbound(self, channel: str, key: str, n: int, ref: str, _at: float, raw: bytes) -> None:
        assert (channel, key) not in self.inbound
        self.inbound[channel, key] = (n, ref, raw)

    def save_inbound_of(self, ref: str, channel: str, key: str, _at: float) -> None:
        assert (channel, key) not in self.about
        self.about[channel, key] = ref

    def save_past(self, owner: str, content: str) -> None:
        self.past.add((owner, content))

    def save_conversation(self, ident: str, *columns: Any) -> None:
        row: Conversation = DECODERS["conversation"].decode(columns[-1])  # type: ignore[assignment]  # of that kind
        taken = [
            other.id
            for other in self.rows("conversation").values()
            if other.id != ident
            and (other.channel, other.key) == (row.channel, row.key)
            and other.status != "resolved"
        ]
        assert row.status == "resolved" or not taken, f"{ident} takes the key of {taken}"
        self.bodies["conversation"][ident] = columns[-1]

    def touch_conversation(self, ident: str, _at: float, body: str) -> None:
        before, after = self.conversation(ident), DECODERS["conversation"].decode(body)
        assert isinstance(after, Conversation)
        for name in ("status", "queue", "team", "assignee", "spam"):
            assert getattr(before, name) == getattr(after, name), name
        assert (before.offer and before.offer.agent) == (after.offer and after.offer.agent)
        self.bodies["conversation"][ident] = body

    def save_named(self, conversation: str, agent: str) -> None:
        self.named.add((conversation, agent))

    def save_asked(self, conversation: str, agent: str) -> None:
        self.invited.add((conversation, agent))

    def drop_asked(self, conversation: str, agent: str) -> None:
        self.invited.remove((conversation, agent))

    def save_thread(self, channel: str, key: str, conversation: str) -> None:
        self.threads[channel, key] = conversation

    def save_message(self, ident: str, _conversation: str, _seq: int, n: int, body: str) -> None:
        assert ident not in self.bodies["message"]
        self.numbers[ident] = n
        self.bodies["message"][ident] = body

    def change_message(self, ident: str, body: str) -> None:
        assert ident in self.bodies["message"]
        self.bodies["message"][ident] = body

    def see_provider(self, channel: str, ident: str, message: str, conversation: str) -> None:
        self.providers.setdefault((channel, ident), (message, conversation))

    def save_provider(self, channel: str, ident: str, message: str, conversation: str) -> None:
        self.providers[channel, ident] = (message, conversation)

    def save_contact(self, ident: str, _workspace: str, _merged: str, body: str) -> None:
        self.bodies["contact"][ident] = body

    def save_identity(self, ident: str, _contact: str, _lookup: str, body: str) -> None:
        self.bodies["identity"][ident] = body

    def save_agent(self, ident: str, _workspace: str, _load: int, body: str) -> None:
        self.bodies["agent"][ident] = body

    def save_outbox(self, message: str, *columns: Any) -> None:
        self.outbox[message] = (message, *columns)

    def drop_outbox(self, message: str) -> None:
        del self.outbox[message]

    def save_dead(self, *columns: Any) -> None:
        self.dead.append(columns)

    def save_parked(self, channel: str, ident: str, state: str, *rest: Any) -> None:
        self.parked.setdefault((channel, ident, state), rest)

    def drop_parked(self, channel: str, ident: str) -> None:
        for place in [place for place in self.parked if place[:2] == (channel, ident)]:
            del self.parked[place]

    def save_checkpoint(self, channel: str, key: str, value: str) -> None:
        self.checkpoints[channel, key] = value

    def save_config(self, version: int, digest: str, bundle: str, n: int) -> None:
        self.config.append((version, digest, bundle, n))


def entities(shelf: Shelf) -> dict[tuple[str, str], Entity]:
    """Every row by (kind, id), as the fold names them."""
    return {(kind, ident): row for kind in DECODERS for ident, row in shelf.rows(kind).items()}
