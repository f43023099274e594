"""The typed forms of `parley.yaml`, `channels.yaml` and `team.yaml`. `routing.yaml` is the router's (`router.routing`).

A struct's docstring is the documentation of its keys: the JSON Schemas for editors take it over. What values mean together is
asked in `crosscheck`; reading files is `load`'s.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from config.references import Expanded
from config.units import Duration, Size
from connectors.contract import Secret
from stream.model import Role as AgentRole

ProcessRole = Literal["connectors", "router", "inbox"]
ALL_ROLES: tuple[ProcessRole, ...] = ("connectors", "router", "inbox")

Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
"""A name that stands in URLs and in other files."""
Login = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._@+-]{0,63}$")]
Count = Annotated[int, Meta(ge=1)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything that stands in these files."""


class Sessions(Section, frozen=True, kw_only=True):
    """How long a sign-in lasts: `idle` without a request, `lifetime` at most; `link` is how long a one-time sign-in link works."""

    idle: Duration = 12 * 3600.0
    lifetime: Duration = 14 * 86400.0
    link: Duration = 1800.0


class Limits(Section, frozen=True, kw_only=True):
    """Bounds of what one client may ask.

    `body`: a JSON request. `upload`: one attachment; `uploads_per_hour` per agent. `frame`: one frame on the agents' socket; at most
    `frames` of them per `frames_within`. `socket_events` and `socket_bytes`: what may wait for a slow socket before it is closed with
    a code to resume. `open_conversations` at once per socket. `snapshot`: conversations in the first answer. `resume_events`: how far a
    socket may resume. `sockets_per_agent`. `hooks_at_once`: webhooks under way before more are asked to come again.
    """

    body: Size = 1024**2
    upload: Size = 25 * 1024**2
    uploads_per_hour: Count = 200
    frame: Size = 65_536
    frames: Count = 120
    frames_within: Duration = 10.0
    socket_events: Count = 1_000
    socket_bytes: Size = 1024**2
    open_conversations: Annotated[int, Meta(ge=1, le=100)] = 20
    snapshot: Annotated[int, Meta(ge=1, le=2000)] = 500
    resume_events: Count = 10_000
    sockets_per_agent: Count = 20
    hooks_at_once: Count = 512


class Retention(Section, frozen=True, kw_only=True):
    """What is forgotten by itself, by age and by number, whichever is less.

    `raw_input` is what channels delivered, byte for byte, beside what was made of it; 0s keeps it. `dead_letters` that nobody looked
    at; `parked_receipts` that no message of ours ever matched. `journal` is the record of what happened, event by event: 0s keeps it,
    else at least 1d, and `raw_input` must be set and be no longer. Everything that was said is kept. Files that no message points to
    go after two days, whatever is set here.
    """

    raw_input: Duration = 0.0
    journal: Duration = 0.0
    dead_letters: Duration = 90 * 86400.0
    dead_letters_most: Count = 10_000
    parked_receipts: Duration = 7 * 86400.0
    parked_receipts_most: Count = 100_000


class Log(Section, frozen=True, kw_only=True):
    """What is written to standard error. `format: auto` is readable on a terminal and JSON otherwise."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "text"] = "auto"


class Parley(Section, frozen=True, kw_only=True):
    """`parley.yaml`: how this process runs. Changes of these keys take effect with the next start; only `visibility` is live.

    `data`: the folder of the embedded database, of local attachments and of the key (relative to this file).
    `public_url`: where the outside world reaches Parley, without a trailing slash. `listen`: address:port.
    `store`: `sqlite` (in the data folder), `sqlite:///path` or `postgresql://user:${PASSWORD}@host/name`.
    `bus`: `memory:` or `redis://host:6379/0`. `blobs`: `file` (in the data folder), `file:///path` or
    `s3://bucket/prefix?region=...`. `roles`: what this process does; more than one process needs PostgreSQL and Redis.
    `key`: the master key of stored secrets; without it PARLEY_KEY is used, and an embedded Parley makes one in its data folder.
    `proxies`: addresses whose X-Forwarded-For is believed. `origins`: other origins of the agents' page.
    `allow_private`: hosts (or host:port) in private networks that connectors may reach. `metrics_token`: opens /metrics to other
    machines. `visibility`: `default` shows agents their own and their queues' conversations, `all` shows everything to everybody.
    `drain`: how long a stopping process finishes what is under way.
    """

    version: Literal[1] = 1
    data: Expanded = "data"
    public_url: Annotated[str, Meta(pattern=r"^(https?://[^/\s]+[^\s]*[^/\s])?$")] = ""
    listen: Annotated[str, Meta(pattern=r"^(\[[0-9a-fA-F:]+\]|[^:\s\[\]]+):[0-9]{1,5}$")] = "127.0.0.1:8080"
    store: Expanded = "sqlite"
    bus: Expanded = "memory:"
    blobs: Expanded = "file"
    roles: Annotated[tuple[ProcessRole, ...], Meta(min_length=1)] = ALL_ROLES
    key: Secret | None = None
    proxies: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    allow_private: tuple[Expanded, ...] = ()
    metrics_token: Secret | None = None
    visibility: Literal["default", "all"] = "default"
    sessions: Sessions = Sessions()
    limits: Limits = Limits()
    retention: Retention = Retention()
    log: Log = Log()
    drain: Duration = 30.0
    include: dict[Literal["channels", "team", "routing"], str | tuple[str, ...]] = {}


class Channel(Section, frozen=True, kw_only=True):
    """A configured account of a connector.

    `config` is the connector's own block: `parley channels show CONNECTOR` prints what it takes. A reply to a conversation resolved for
    less than `reopen_within` opens it again, a later one starts a new conversation linked to it. `enabled: false` keeps the channel
    and its conversations without connecting it.
    """

    connector: Name
    name: Annotated[str, Meta(max_length=80)] = ""
    enabled: bool = True
    reopen_within: Duration = 7 * 86400.0
    config: Any = None


Channels = dict[Name, Channel]
"""`channels.yaml`: channel name -> channel."""


class Team(Section, frozen=True, kw_only=True):
    """People who serve the same `queues`. `supervisors` see the team's conversations and may move them."""

    name: Annotated[str, Meta(max_length=80)] = ""
    queues: tuple[Name, ...] = ()
    supervisors: tuple[Login, ...] = ()


class Person(Section, frozen=True, kw_only=True):
    """An agent, by login.

    `queues` beside those of their `teams`; `skills` with levels 1 to 5; `capacity` in units (without it: `capacity.units` of
    routing.yaml); `caps`: at most so many conversations per connector.

    `kind: bot` is a program: it gets what a rule gives it first (`bot`), over the API, at most `capacity` units at once (without it:
    10,000). `webhook` names a channel of the connector webhook over which it is told; what it leaves unanswered for `answer_within`
    goes to people.
    """

    name: Annotated[str, Meta(max_length=80)] = ""
    role: AgentRole = "agent"
    kind: Literal["agent", "bot"] = "agent"
    webhook: str = ""
    answer_within: Duration = 30.0
    teams: tuple[Name, ...] = ()
    queues: tuple[Name, ...] = ()
    skills: dict[str, Annotated[int, Meta(ge=1, le=5)]] = {}
    capacity: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    caps: dict[Name, Annotated[int, Meta(ge=0, le=10_000)]] = {}


class CannedReply(Section, frozen=True, kw_only=True):
    """A text that agents put into a reply by typing `/name`.

    Placeholders: `{contact.name}`, `{contact.first_name}`, `{agent.name}`, `{agent.first_name}`, `{conversation.id}`,
    `{conversation.subject}`, `{conversation.channel}`; `{contact.first_name|customer}` says what stands there when it is not known, `{{`
    is a brace. `teams`: only their members have it; without, everybody.
    """

    text: Annotated[str, Meta(min_length=1, max_length=20_000)]
    title: Annotated[str, Meta(max_length=80)] = ""
    teams: tuple[Name, ...] = ()


class TeamFile(Section, frozen=True, kw_only=True):
    """`team.yaml`: the teams and the agents, and the canned `replies` that they write with (at most 1,000)."""

    version: Literal[1] = 1
    teams: dict[Name, Team] = {}
    agents: dict[Login, Person] = {}
    replies: dict[Name, CannedReply] = {}
