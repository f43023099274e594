"""The house: queues, channels, the active configuration and its reload, and dead letters."""

from __future__ import annotations

import base64
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from inbox.call import Call, NoBody, NoQuery
from inbox.decode import Body
from inbox.errors import ApiError, not_found
from inbox.live.frames import QueueView, queue_view
from stream import reads
from stream.automation import state as automation_state
from stream.dead import list_dead, show_dead

RAW_SHOWN = 65_536


class Queues(msgspec.Struct, frozen=True, kw_only=True):
    """All queues; how many wait is told of all of them, what waits only of those that one serves."""

    items: list[QueueView]


class ChannelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A channel, what it can do, and how it is."""

    id: str
    connector: str
    name: str
    capabilities: dict[str, Any]
    state: str
    sentence: str


class Channels(msgspec.Struct, frozen=True, kw_only=True):
    """All channels."""

    items: list[ChannelInfo]


class ConfigView(msgspec.Struct, frozen=True, kw_only=True):
    """What is active."""

    version: int
    hash: str
    visibility: str


class ReloadView(msgspec.Struct, frozen=True, kw_only=True):
    """What is active after a reload."""

    version: int
    hash: str


class LetterView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not be taken in or sent. `raw` is base64 of at most its first 64 KiB, in a list empty."""

    id: str
    channel: str
    ref: str
    direction: str
    error: str
    at: float
    raw: str = ""


class Letters(msgspec.Struct, frozen=True, kw_only=True):
    """A page, newest first."""

    items: list[LetterView]
    next: str


class LettersQuery(Body, frozen=True, kw_only=True):
    """From where on."""

    cursor: Annotated[str, Meta(max_length=128)] = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 100


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it."""

    outcome: str


class RuleView(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the automation and how often it has matched since it was first configured."""

    name: str
    hits: int
    active: bool


class Automations(msgspec.Struct, frozen=True, kw_only=True):
    """All rules that are configured, in their order, then those that were and have matched. `cuts`: chains that the guard ended."""

    items: list[RuleView]
    cuts: int


async def read_automations(call: Call[NoBody, NoQuery]) -> Automations:
    """The rules of the automation and how often each matched, a second old at most."""
    kept = await automation_state(call.services.store)
    names = call.services.house().automations
    gone = sorted(kept.hits.keys() - set(names))
    items = [
        RuleView(name=name, hits=kept.hits.get(name, 0), active=name in names) for name in (*names, *gone)
    ]
    return Automations(items=items, cuts=kept.cuts)


async def read_queues(call: Call[NoBody, NoQuery]) -> Queues:
    """Queues and how many wait."""
    waiting = await reads.waiting_by_queue(call.services.store, call.person.workspace)
    return Queues(
        items=[
            queue_view(queue, waiting.get(queue.id, 0), call.services.opening(queue.id))
            for queue in call.services.house().queues
        ]
    )


async def read_channels(call: Call[NoBody, NoQuery]) -> Channels:
    """Channels, what they can do and how they are."""
    items = []
    for channel in call.services.house().channels:
        health = call.services.health(channel.id)
        items.append(
            ChannelInfo(
                id=channel.id,
                connector=channel.connector,
                name=channel.name or channel.id,
                capabilities=channel.capabilities,
                state=health.state,
                sentence=health.sentence,
            )
        )
    return Channels(items=items)


async def read_config(call: Call[NoBody, NoQuery]) -> ConfigView:
    """The active configuration's version."""
    house = call.services.house()
    return ConfigView(version=house.version, hash=house.hash, visibility=house.visibility)


async def reload(call: Call[NoBody, NoQuery]) -> ReloadView:
    """Read the configuration files again and make them active."""
    result = await call.services.reload()
    if result.errors:
        raise ApiError(422, "\n".join(result.errors), code="config")
    return ReloadView(version=result.version, hash=result.hash)


async def read_letters(call: Call[NoBody, LettersQuery]) -> Letters:
    """Dead letters."""
    found = await list_dead(call.services.store, before=call.query.cursor or "~", limit=call.query.limit)
    items = [
        LetterView(
            id=one.id, channel=one.channel, ref=one.ref, direction=one.direction, error=one.error, at=one.at
        )
        for one in found
    ]
    return Letters(items=items, next=found[-1].id if len(found) == call.query.limit else "")


async def read_letter(call: Call[NoBody, NoQuery]) -> LetterView:
    """One dead letter with what came in."""
    one = await show_dead(call.services.store, call.arg())
    if one is None:
        raise not_found("This dead letter")
    return LetterView(
        id=one.id,
        channel=one.channel,
        ref=one.ref,
        direction=one.direction,
        error=one.error,
        at=one.at,
        raw=base64.b64encode(bytes(one.raw or b"")[:RAW_SHOWN]).decode(),
    )


async def replay_letter(call: Call[NoBody, NoQuery]) -> Replayed:
    """Try a dead letter again."""
    try:
        return Replayed(outcome=await call.services.replay(call.arg()))
    except LookupError as error:
        raise not_found("This dead letter") from error
