"""What a decision works on: `World`, the rows that a group of commands needs, and `Draft`, one command's changes on top of it.

A draft is the savepoint of its command: it is merged into the world when the command is accepted and thrown away when it is refused.
"""

from __future__ import annotations

from typing import NoReturn, cast

import msgspec

from stream import events as ev
from stream.commands import Checkpoint, RefusedCode
from stream.fold import KEEPS_SCOPE, Key, fold_row, scope_of, touches
from stream.ids import derived
from stream.model import Agent, Contact, Content, Conversation, Entity, Identity, Message

AUTO = "@auto"
"""What automatic replies are deduplicated under, beside the channels: no channel can be called that."""


class Refusal(Exception):
    """Raised inside a decision: nothing of the command is kept."""

    def __init__(self, code: RefusedCode, sentence: str, conversation: str = "") -> None:
        super().__init__(sentence)
        self.code: RefusedCode = code
        self.sentence = sentence
        self.conversation = conversation


class AlreadyDone(Exception):
    """Raised inside a decision: it was done before, at number `n`, and made `ident`."""

    def __init__(self, n: int, ident: str) -> None:
        super().__init__(ident)
        self.n = n
        self.ident = ident


class OutboxRow(msgspec.Struct, frozen=True, kw_only=True):
    """A send that waits or is under way. `fence` grows with every claim; an outcome with an older one is refused."""

    message: str
    channel: str
    conversation: str
    n: int = 0
    status: str = "queued"
    attempts: int = 0
    parts_done: int = 0
    due_at: float = 0.0
    fence: int = 0
    worker: str = ""
    claimed_until: float = 0.0
    first_at: float = 0.0
    error: str = ""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not be taken in or sent out, kept whole for a person to look at."""

    id: str
    channel: str
    ref: str
    direction: str
    error: str
    at: float
    raw: bytes = b""


class ParkedReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A report on a message whose provider id we do not know yet, or whose send is not over."""

    channel: str
    provider_id: str
    state: str
    error: str
    at: float
    watermark: bool = False


class Extras(msgspec.Struct, kw_only=True):
    """What a draft writes beside events and entities. `seen` are providers' ids of others' messages: the first one counts."""

    contents: dict[str, Content] = {}
    sources: dict[tuple[str, str], tuple[str, bytes]] = {}
    threads: dict[tuple[str, str], str] = {}
    lookups: dict[str, str] = {}
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    outbox: dict[str, OutboxRow | None] = {}


class Seldom(msgspec.Struct, kw_only=True):
    """What few drafts write. `providers` are providers' ids of our own messages: they count whatever was there before.

    `past` are contents that were replaced, by their contact or conversation: erasing finds them by it.
    """

    erased: dict[str, Content] = {}
    providers: dict[tuple[str, str], tuple[str, str]] = {}
    dead: list[DeadLetter] = []
    park: list[ParkedReceipt] = []
    unpark: set[tuple[str, str]] = set()
    checkpoints: list[Checkpoint] = []
    named: list[tuple[str, str]] = []
    past: list[tuple[str, str]] = []
    config: tuple[str, str] | None = None


class World:
    """The rows and keys that were loaded for a group, with every accepted command of the group applied; `loaded` stays as it was.

    `lanes` are the sends under way, by conversation.
    """

    def __init__(self, head: int) -> None:
        self.head = head
        self.rows: dict[Key, Entity | None] = {}
        self.loaded: dict[Key, Entity | None] = {}
        self.sources: dict[tuple[str, str], tuple[int, str]] = {}
        self.threads: dict[tuple[str, str], str] = {}
        self.lookups: dict[str, str] = {}
        self.providers: dict[tuple[str, str], tuple[str, str]] = {}
        self.outbox: dict[str, OutboxRow | None] = {}
        self.lanes: dict[str, str] = {}
        self.leases: dict[str, int] = {}
        self.parked: dict[tuple[str, str], list[ParkedReceipt]] = {}
        self.earlier: dict[str, list[str]] = {}
        self.message_n: dict[str, int] = {}
        self.kin: dict[str, set[str]] = {}
        self.contents: dict[str, Content] = {}
        self.agents: set[str] = set()
        self.config_hash = ""
        self.config_version = 0
        self.config_n = 0


class Draft:
    """One command's changes. `emit` folds at once, so later lines of a decision see what earlier ones did."""

    __slots__ = (
        "events", "extras", "now", "rare", "result_id", "rows", "scopes", "token", "workspace", "world",
    )  # fmt: skip

    def __init__(self, world: World, now: float, token: str, workspace: str) -> None:
        self.world = world
        self.now = now
        self.token = token
        self.workspace = workspace
        self.rows: dict[Key, Entity] = {}
        self.events: list[ev.AnyEvent] = []
        self.scopes: list[ev.Scope | None] = []
        self.extras = Extras()
        self.rare: Seldom | None = None
        self.result_id = ""

    @property
    def seldom(self) -> Seldom:
        """What few commands write; made when it is first asked for."""
        if self.rare is None:
            self.rare = Seldom()
        return self.rare

    # reading

    def _row(self, kind: str, ident: str) -> Entity | None:
        key = (kind, ident)
        return self.rows.get(key) or self.world.rows.get(key)

    def conversation(self, ident: str) -> Conversation:
        """The row; refused as not found when it is missing or of another workspace."""
        row = cast("Conversation | None", self._row("conversation", ident))
        if row is None or row.workspace != self.workspace:
            self.refuse("not_found", f"There is no conversation {ident}.")
        return row

    def maybe_conversation(self, ident: str) -> Conversation | None:
        """The row, or None."""
        return cast("Conversation | None", self._row("conversation", ident))

    def agent(self, ident: str) -> Agent:
        """The row; refused as not found when nobody of that login is configured."""
        row = cast("Agent | None", self._row("agent", ident))
        if row is None or row.workspace != self.workspace:
            self.refuse("not_found", f"There is no agent {ident} in the team.")
        return row

    def maybe_agent(self, ident: str) -> Agent | None:
        """The row, or None."""
        return cast("Agent | None", self._row("agent", ident))

    def message(self, ident: str) -> Message | None:
        """The row, or None."""
        return cast("Message | None", self._row("message", ident))

    def identity(self, ident: str) -> Identity | None:
        """The row, or None."""
        return cast("Identity | None", self._row("identity", ident))

    def contact(self, ident: str) -> Contact:
        """The row; refused as not found."""
        row = cast("Contact | None", self._row("contact", ident))
        if row is None or row.workspace != self.workspace:
            self.refuse("not_found", f"There is no contact {ident}.")
        return row

    def known_content(self, ident: str) -> Content | None:
        """A content row, if it is one of the few that decisions look at."""
        return self.extras.contents.get(ident) or self.world.contents.get(ident)

    def thread(self, channel: str, key: str) -> str:
        """The conversation of a key that is not resolved, or the newest, or ""."""
        return self.extras.threads.get((channel, key)) or self.world.threads.get((channel, key), "")

    def known_lookup(self, lookup: str) -> str:
        """The identity of a lookup digest, or ""."""
        return self.extras.lookups.get(lookup) or self.world.lookups.get(lookup, "")

    def provider(self, channel: str, ident: str) -> tuple[str, str] | None:
        """The (message, conversation) of a provider's id."""
        return self.world.providers.get((channel, ident))

    def outbox(self, message: str) -> OutboxRow | None:
        """The outbox row of a message that is not done."""
        if message in self.extras.outbox:
            return self.extras.outbox[message]
        return self.world.outbox.get(message)

    # writing

    def new_id(self, prefix: str, suffix: str = "") -> str:
        """An id that derives from the command's token."""
        return derived(prefix, self.token, suffix)

    def content(self, suffix: str, content: Content) -> str:
        """Keep a content row; its id."""
        ident = derived("ct", self.token, suffix)
        self.extras.contents[ident] = content
        return ident

    def emit(self, event: ev.AnyEvent) -> None:
        """Let `event` happen: number it within its conversation, fold it into every row that it touches."""
        before: Conversation | None = None
        if isinstance(event, ev.ConversationEvent):
            before = self.maybe_conversation(event.conversation)
            # The event is fresh and nobody else has it yet: numbering it in place spares a copy of every event.
            msgspec.structs.force_setattr(event, "version", before.version + 1 if before else 1)
        for key in touches(event):
            self.rows[key] = fold_row(key, self._row(*key), event, self.now)
        self.events.append(event)
        self.scopes.append(self._scope(event, before))

    def _scope(self, event: ev.AnyEvent, before: Conversation | None) -> ev.Scope | None:
        if not isinstance(event, ev.ConversationEvent):
            return None
        after = scope_of(cast("Conversation", self.rows[("conversation", event.conversation)]))
        if before is None or type(event) in KEEPS_SCOPE:
            return after
        was = scope_of(before)
        return after if was == after else msgspec.structs.replace(after, was=was)

    def refuse(self, code: RefusedCode, sentence: str, conversation: str = "") -> NoReturn:
        """Stop: nothing of this command is kept."""
        raise Refusal(code, sentence, conversation)

    def once(self, channel: str, source_key: str) -> None:
        """Stop as already done when (channel, source_key) was taken in before."""
        known = self.world.sources.get((channel, source_key))
        if known is not None:
            raise AlreadyDone(*known)


def merge(world: World, draft: Draft) -> None:
    """Let the rest of the group see what `draft` did."""
    world.rows.update(draft.rows)
    extras = draft.extras
    for key, (ref, _raw) in extras.sources.items():
        world.sources[key] = (world.head, ref)
    for place, hit in extras.seen.items():
        world.providers.setdefault(place, hit)
    world.threads.update(extras.threads)
    world.lookups.update(extras.lookups)
    world.outbox.update(extras.outbox)
    if draft.rare is not None:
        _merge_seldom(world, draft.rare)
    for key, row in draft.rows.items():
        if key[0] == "message":
            world.message_n.setdefault(key[1], world.head)
        elif key[0] == "identity":
            world.kin.setdefault(cast("Identity", row).contact, set()).add(key[1])
        elif key[0] == "agent":
            world.agents.add(key[1])
        elif key[0] == "contact":
            profile = cast("Contact", row).profile
            world.contents.update({profile: extras.contents[profile]} if profile in extras.contents else {})


def _merge_seldom(world: World, seldom: Seldom) -> None:
    world.providers.update(seldom.providers)
    for receipt in seldom.park:
        world.parked.setdefault((receipt.channel, receipt.provider_id), []).append(receipt)
    for place in seldom.unpark:
        world.parked.pop(place, None)
    if seldom.config is not None:
        world.config_hash, world.config_version = seldom.config[0], world.config_version + 1
        world.config_n = world.head
