"""What the outbox and the configuration ask."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from stream.commands.base import Command
from stream.model import AgentKind, Role


class RecordDelivery(Command, frozen=True, kw_only=True):
    """The outcome of a claimed send; refused when `fence` is not the claim's (another worker has it now).

    delivery sent/delivered: done. failed/unknown: done, the lane is released with a mark. queued: again at `due_at`, with `parts_done`
    parts already accepted.
    """

    message: str
    fence: int
    delivery: Literal["sent", "delivered", "failed", "unknown", "queued"]
    provider_ids: tuple[str, ...] = ()
    parts_done: int = 0
    due_at: float = 0.0
    error: str = ""
    stopped: bool = False


class AgentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One agent of the configuration."""

    agent: str
    name: str
    role: Role = "agent"
    kind: AgentKind = "agent"
    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    skills: dict[str, int] = {}
    capacity: int = 10
    caps: dict[str, int] = {}


class ApplyConfig(Command, frozen=True, kw_only=True):
    """Make a configuration active. Agents not in `agents` become inactive (drained). Same hash as the active one: `Duplicate`."""

    hash: str
    bundle: Any
    agents: tuple[AgentFacts, ...]
    by: str = ""
