"""What the inbox is given: the parts below it, the house's settings, and a few callables from the composition root.

The inbox never imports a sibling: webhooks, addresses of a channel, clean HTML and reloading come in here as functions.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from aiohttp import web

from stream.blobs import Blobs
from stream.bus.ports import Bus
from stream.commands import From
from stream.journal import Journal
from stream.model import Agent
from stream.store.ports import Store


class Plain(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the plain data in this module."""


# --- the active configuration, as far as people see it -------------------------------------------------------------


class QueueFacts(Plain, frozen=True, kw_only=True):
    """A queue that conversations wait in."""

    id: str
    name: str = ""
    team: str = ""


class ChannelFacts(Plain, frozen=True, kw_only=True):
    """A configured channel. `capabilities` is its connector's, as JSON; `max_body` is the largest webhook in bytes."""

    id: str
    connector: str
    name: str = ""
    capabilities: dict[str, Any] = {}
    max_body: int = 1_048_576


class CannedFacts(Plain, frozen=True, kw_only=True):
    """A canned reply with its placeholders; for everybody, or for these `teams`."""

    name: str
    title: str = ""
    text: str
    teams: tuple[str, ...] = ()


class StatusFacts(Plain, frozen=True, kw_only=True):
    """A reason that somebody may give for being `status`."""

    name: str
    status: Literal["away", "busy"]


class Duty(Plain, frozen=True, kw_only=True):
    """What the clock says of an agent: why they are off duty ("" on duty), and when that next changes (0: not foreseen)."""

    off: str = ""
    until: float = 0.0


ON_DUTY = Duty()


class Opening(Plain, frozen=True, kw_only=True):
    """What the clock says of a queue: whether it is closed, when that next changes (0: not foreseen), and whether work is `given` out all the same."""

    closed: bool = False
    until: float = 0.0
    given: bool = True


ALWAYS_OPEN = Opening()


class House(Plain, frozen=True, kw_only=True):
    """What is active now. `visibility` "all" lets every agent see every conversation; `tags` is the list that the rules choose from, `automations` their names; `statuses` empty: any reason."""

    version: int = 0
    hash: str = ""
    visibility: Literal["default", "all"] = "default"
    queues: tuple[QueueFacts, ...] = ()
    channels: tuple[ChannelFacts, ...] = ()
    tags: tuple[str, ...] = ()
    statuses: tuple[StatusFacts, ...] = ()
    automations: tuple[str, ...] = ()
    replies: tuple[CannedFacts, ...] = ()

    def channel(self, ident: str) -> ChannelFacts | None:
        """The channel of that name, if it is configured."""
        return next((channel for channel in self.channels if channel.id == ident), None)


# --- settings ------------------------------------------------------------------------------------------------------


class Limits(Plain, frozen=True, kw_only=True):
    """Bounds of what a client may ask: sizes in bytes, times in seconds."""

    body: int = 1_048_576
    upload: int = 25 * 1_048_576
    uploads_per_hour: int = 200
    frame: int = 65_536
    frames: int = 120
    frames_seconds: float = 10.0
    queue_frames: int = 1_000
    queue_bytes: int = 1_048_576
    open: int = 20
    snapshot: int = 500
    resume_events: int = 10_000
    sockets_per_login: int = 20
    hooks_at_once: int = 512


class Settings(Plain, frozen=True, kw_only=True):
    """How this deployment is reached and how long a sign-in lasts (seconds).

    `public_url` has no trailing slash; empty means that the request's own host is trusted. `origins` are other origins of the page.
    `proxies` are addresses whose X-Forwarded-For is believed. `key` signs CSRF tokens. `metrics_token` opens /metrics from elsewhere.
    """

    key: bytes
    public_url: str = ""
    origins: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    secure_cookie: bool = False
    session_idle: float = 12 * 3600.0
    session_absolute: float = 14 * 86400.0
    link_seconds: float = 1800.0
    metrics_token: str = ""
    heartbeat: float = 25.0
    presence_seconds: float = 5.0
    recheck_seconds: float = 0.5
    process: str = ""
    version: str = ""
    limits: Limits = Limits()


# --- from the composition root ---------------------------------------------------------------------------------------


class HookRequest(Plain, frozen=True, kw_only=True):
    """A request at /hooks/{channel} as it came. Header names are lower case."""

    channel: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class HookAnswer(Plain, frozen=True, kw_only=True):
    """What the channel's host answers."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Outreach(Plain, frozen=True, kw_only=True):
    """How to write first to somebody on a channel."""

    to: From
    conversation_key: str


class Reloaded(Plain, frozen=True, kw_only=True):
    """The outcome of a reload: the version and hash that are active now, or every error as `file:line:column: message`."""

    version: int = 0
    hash: str = ""
    errors: tuple[str, ...] = ()


class Check(Plain, frozen=True, kw_only=True):
    """One line of /readyz."""

    ok: bool
    detail: str = ""


class ChannelHealth(Plain, frozen=True, kw_only=True):
    """How a channel is: `state` is ok, degraded, failing or unknown; the sentence says why."""

    state: str = "unknown"
    sentence: str = ""


Hook = Callable[[HookRequest], Awaitable[HookAnswer]]
Reach = Callable[[str, str, str], Outreach]
"""(channel, address as typed, display name) -> how to write to them. Raises `ValueError` with a sentence for the agent."""


async def _no_reload() -> Reloaded:
    return Reloaded(errors=("this process has no configuration files to read",))


async def _no_hooks(_request: HookRequest) -> HookAnswer:
    return HookAnswer(
        status=404, body=b'{"error":{"code":"not_found","message":"This process runs no channels."}}'
    )


def _no_reach(channel: str, _to: str, _name: str) -> Outreach:
    raise ValueError(f"{channel} cannot start conversations.")


async def _no_replay(ident: str) -> str:
    raise LookupError(f"There is no dead letter {ident}.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """All that the inbox stands on. `house` answers what is active now; `now` is the wall clock in seconds.

    `clean_html` makes an agent's HTML safe to send. `replay` tries a dead letter again (`LookupError` when there is none) and answers
    what became of it. `duty` is what the clock says of an agent now, `opening` of a queue. `health` answers for a channel; `readiness` are the lines of /readyz.
    """

    store: Store
    bus: Bus
    journal: Journal
    blobs: Blobs
    settings: Settings
    house: Callable[[], House]
    hooks: Hook = _no_hooks
    reach: Reach = _no_reach
    clean_html: Callable[[str], str]
    reload: Callable[[], Awaitable[Reloaded]] = _no_reload
    replay: Callable[[str], Awaitable[str]] = _no_replay
    duty: Callable[[Agent], Duty] = lambda _agent: ON_DUTY
    opening: Callable[[str], Opening] = lambda _queue: ALWAYS_OPEN
    health: Callable[[str], ChannelHealth] = lambda _channel: ChannelHealth()
    readiness: Mapping[str, Callable[[], Awaitable[Check]]] = field(default_factory=dict)
    extra_routes: tuple[web.AbstractRouteDef, ...] = ()
    now: Callable[[], float] = time.time
