"""Deciding about the house: pollers' places, agents' statuses, the configuration."""

from __future__ import annotations

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream.decide import bounds
from stream.decide.draft import AlreadyDone, Draft
from stream.decide.routing import check_epoch
from stream.decide.sources import keep_checkpoint
from stream.model import Agent, DocumentContent


def checkpoint_only(draft: Draft, command: cmd.KeepCheckpoint) -> None:
    """A poller got on without events."""
    keep_checkpoint(draft, command.checkpoint)


def set_status(draft: Draft, command: cmd.SetStatus) -> None:
    """An agent's status; no event when it is that already."""
    if command.epoch:
        check_epoch(draft, command.epoch)
    bounds.fits(draft, "reason", command.reason, bounds.MAX_REASON)
    agent = draft.agent(command.agent)
    if agent.status != command.status or agent.reason != command.reason:
        draft.emit(
            ev.AgentStatusChanged(agent=agent.id, status=command.status, reason=command.reason, by=command.by)
        )


def apply_config(draft: Draft, command: cmd.ApplyConfig) -> None:
    """Every agent's facts, then the configuration itself; agents that are gone are drained, never deleted."""
    world = draft.world
    if world.config_hash == command.hash:
        raise AlreadyDone(world.config_n, str(world.config_version))
    named = {agent.agent for agent in command.agents}
    for ident in sorted(world.agents - named):
        row = draft.maybe_agent(ident)
        if row is not None and row.active and row.workspace == draft.workspace:
            draft.emit(_as_event(row, active=False))
    for agent in command.agents:
        _configure(draft, agent)
    version = world.config_version + 1
    bundle = draft.content("c", DocumentContent(body=command.bundle))
    draft.emit(ev.ConfigApplied(config_version=version, hash=command.hash, bundle=bundle, by=command.by))
    draft.seldom.config = (command.hash, bundle)
    draft.result_id = str(version)


def _configure(draft: Draft, agent: cmd.AgentFacts) -> None:
    row = draft.maybe_agent(agent.agent)
    if row is not None and row.workspace != draft.workspace:
        draft.refuse("invalid", f"The login {agent.agent} belongs to another workspace.")
    event = ev.AgentConfigured(**msgspec.structs.asdict(agent), workspace=draft.workspace)
    if row is None or _as_event(row, active=row.active) != event:
        draft.emit(event)
    if agent.kind == "bot" and (row is None or row.kind != "bot" or not row.active):
        draft.emit(ev.AgentStatusChanged(agent=agent.agent, status="online", reason="a bot of the team"))


def _as_event(row: Agent, *, active: bool) -> ev.AgentConfigured:
    return ev.AgentConfigured(
        agent=row.id,
        workspace=row.workspace,
        name=row.name,
        role=row.role,
        kind=row.kind,
        teams=row.teams,
        queues=row.queues,
        skills=row.skills,
        capacity=row.capacity,
        caps=row.caps,
        active=active,
    )
