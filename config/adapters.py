"""What the inbox is given, made from the other rooms' parts: the house's facts, webhooks, health, first messages, reloading.

Only translation between the rooms' own types; nothing is decided here.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from config.active import Active
from config.load import House
from config.reload import Reloader
from config.settings import CannedReply, Parley
from connectors.calling import Bot, Told
from connectors.channel import Channel
from connectors.contract import ConnectorError
from connectors.host import Host, start
from inbox import ports
from router import duty
from stream.model import Agent
from stream.retention import Retention

if TYPE_CHECKING:
    from config.replaying import Replayer

RELOAD_SECONDS = 5.0
_STATES = {"connected": "ok", "starting": "unknown", "stopped": "unknown", "degraded": "degraded"}


def settings_of(parley: Parley, key: bytes, version: str, process: str) -> ports.Settings:
    """The inbox's settings."""
    limits, sessions = parley.limits, parley.sessions
    return ports.Settings(
        key=key,
        public_url=parley.public_url,
        origins=parley.origins,
        proxies=parley.proxies,
        secure_cookie=parley.public_url.startswith("https://"),
        session_idle=sessions.idle,
        session_absolute=sessions.lifetime,
        link_seconds=sessions.link,
        metrics_token=parley.metrics_token.reveal() if parley.metrics_token else "",
        process=process,
        version=version,
        limits=ports.Limits(
            body=limits.body,
            upload=limits.upload,
            uploads_per_hour=limits.uploads_per_hour,
            frame=limits.frame,
            frames=limits.frames,
            frames_seconds=limits.frames_within,
            queue_frames=limits.socket_events,
            queue_bytes=limits.socket_bytes,
            open=limits.open_conversations,
            snapshot=limits.snapshot,
            resume_events=limits.resume_events,
            sockets_per_login=limits.sockets_per_agent,
            hooks_at_once=limits.hooks_at_once,
        ),
    )


def retention_of(parley: Parley) -> Retention:
    """What the stream forgets."""
    given = parley.retention
    return Retention(
        parked_seconds=given.parked_receipts,
        parked=given.parked_receipts_most,
        raw_seconds=given.raw_input,
        journal_seconds=given.journal,
        dead_seconds=given.dead_letters,
        dead=given.dead_letters_most,
    )


def channels_of(house: House) -> list[Channel]:
    """The channels to connect, as the host wants them."""
    return [
        Channel(
            name=name,
            manifest=house.manifests[channel.connector],
            config=channel.config,
            reopen_seconds=channel.reopen_within,
        )
        for name, channel in house.channels.items()
        if channel.enabled
    ]


def told_of(house: House) -> Told:
    """Who is told by webhook what happens."""
    bots = {
        login: Bot(channel=person.webhook, answer_within=person.answer_within)
        for login, person in house.team.agents.items()
        if person.kind == "bot"
    }
    return Told(automation=any(rule.do.webhooks for rule in house.plan.automations.reactions), bots=bots)


def house_facts(active: Active) -> Callable[[], ports.House]:
    """What is active as people see it; made once per version."""

    @cache
    def facts(version: int) -> ports.House:
        house = active.house
        return ports.House(
            version=version,
            hash=active.hash,
            visibility=house.visibility,
            queues=tuple(_queue(house, name) for name in house.plan.queues),
            channels=tuple(_channel(house, name) for name in house.channels),
            tags=tuple(house.routing.tags),
            statuses=tuple(
                ports.StatusFacts(name=one.name, status=one.status) for one in house.routing.statuses
            ),
            replies=tuple(_canned(name, one) for name, one in sorted(house.team.replies.items())),
            automations=tuple(rule.name for rule in house.routing.automations),
        )

    return lambda: facts(active.version)


def duty_of(active: Active, now: Callable[[], float] = time.time) -> Callable[[Agent], ports.Duty]:
    """Whether the clock has an agent on duty, by the active shifts; worked out again when that changes or another version is active."""
    known: dict[str, tuple[int, tuple[str, ...], ports.Duty]] = {}

    def duty_now(agent: Agent) -> ports.Duty:
        shifts, at = active.house.plan.shifts, now()
        if not shifts:
            return ports.ON_DUTY
        version, teams, kept = known.get(agent.id, (-1, (), ports.ON_DUTY))
        if version == active.version and teams == agent.teams and (not kept.until or at < kept.until):
            return kept
        asked = (shifts, agent.id, agent.teams, at)
        found = ports.Duty(off=duty.off(*asked), until=duty.until(*asked) or 0.0)
        known[agent.id] = (active.version, agent.teams, found)
        return found

    return duty_now


def opening_of(active: Active, now: Callable[[], float] = time.time) -> Callable[[str], ports.Opening]:
    """Whether a queue is open by its hours; worked out again when that changes or another version is active."""
    known: dict[str, tuple[int, ports.Opening]] = {}

    def opening_now(ident: str) -> ports.Opening:
        queue, at = active.house.plan.queues.get(ident), now()
        if queue is None or queue.hours is None:
            return ports.ALWAYS_OPEN
        version, kept = known.get(ident, (-1, ports.ALWAYS_OPEN))
        if version == active.version and (not kept.until or at < kept.until):
            return kept
        closed, until = not queue.hours.is_open(at), queue.hours.next_change(at) or 0.0
        found = ports.Opening(closed=closed, until=until, given=not closed or queue.closed.offer)
        known[ident] = (active.version, found)
        return found

    return opening_now


def _canned(name: str, one: CannedReply) -> ports.CannedFacts:
    return ports.CannedFacts(name=name, title=one.title, text=one.text.rstrip("\n"), teams=one.teams)


def _queue(house: House, name: str) -> ports.QueueFacts:
    teams = [team for team, one in house.team.teams.items() if name in one.queues]
    return ports.QueueFacts(
        id=name, name=house.plan.queues[name].name, team=teams[0] if len(teams) == 1 else ""
    )


def _channel(house: House, name: str) -> ports.ChannelFacts:
    channel = house.channels[name]
    manifest = house.manifests[channel.connector]
    return ports.ChannelFacts(
        id=name,
        connector=channel.connector,
        name=channel.name or name,
        capabilities=msgspec.to_builtins(manifest.capabilities),
        max_body=manifest.max_body,
    )


def hooks_of(host: Host) -> ports.Hook:
    """Webhooks, answered by the host."""

    async def take(request: ports.HookRequest) -> ports.HookAnswer:
        answer = await host.hooks.answer(
            request.channel, request.method, request.path, request.query, request.headers, request.body
        )
        return ports.HookAnswer(status=answer.status, headers=answer.headers, body=answer.body)

    return take


def reach_of(active: Active) -> ports.Reach:
    """How an agent writes first. Pure, so a process without channels can answer too."""

    def reach(channel: str, to: str, name: str) -> ports.Outreach:
        found = next((one for one in channels_of(active.house) if one.name == channel), None)
        if found is None:
            raise ValueError(f"There is no channel {channel}.")
        try:
            started = start(found, to, name)
        except ConnectorError as fault:
            raise ValueError(str(fault)) from None
        return ports.Outreach(to=started.to, conversation_key=started.conversation_key)

    return reach


def health_of(host: Host) -> Callable[[str], ports.ChannelHealth]:
    """How a channel fares."""

    def health(channel: str) -> ports.ChannelHealth:
        report = next((one for one in host.health() if one.channel == channel), None)
        if report is None:
            return ports.ChannelHealth()
        return ports.ChannelHealth(state=_STATES.get(report.state, "failing"), sentence=report.reason)

    return health


def reload_of(reloader: Reloader, active: Active) -> Callable[[], Awaitable[ports.Reloaded]]:
    """A reload asked for over the API: answered once it is active in this process too."""

    async def reload() -> ports.Reloaded:
        outcome = await reloader.reload("api")
        if outcome.errors:
            return ports.Reloaded(errors=outcome.errors)
        await active.wait_for(outcome.version, RELOAD_SECONDS)
        return ports.Reloaded(version=outcome.version, hash=outcome.hash)

    return reload


def replay_of(replayer: Replayer) -> Callable[[str], Awaitable[str]]:
    """A dead letter tried again over the API; what keeps it dead is part of the answer."""
    from config.replaying import StillDead

    async def replay(ident: str) -> str:
        try:
            return await replayer.replay(ident)
        except StillDead as fault:
            return f"still dead: {fault}"

    return replay
