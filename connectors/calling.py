"""Webhooks that tell others what happened: which events are told to whom, and in which order they are tried. Pure: time and chance come in.

A call is told over a channel of the connector webhook, signed like its messages. Calls about one conversation go to one channel in
order, one at a time; the others do not wait for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from stream import events as ev

MOST_WAITING = 1_000
"""Calls that wait; what comes beyond is a dead letter at once."""
AT_ONCE = 16
TRIES = 12
"""With waits of up to a minute: some five minutes, then it is a dead letter."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """Event `n` is to be told over `channel`: `attempts` were made, the next at `due_at`. `id` is the same for every attempt.

    `bot`: who is told, if it is a bot about a conversation of its own.
    """

    id: str
    channel: str
    n: int
    conversation: str
    bot: str = ""
    attempts: int = 0
    due_at: float = 0.0
    first_at: float = 0.0


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """A customer waits for an answer of `bot` until `until`; then people get the conversation."""

    conversation: str
    bot: str
    until: float


class Calls(msgspec.Struct, frozen=True, kw_only=True):
    """Everything up to event `cursor` was looked at while somebody was told anything (`on`)."""

    cursor: int = 0
    on: bool = False
    waiting: tuple[Call, ...] = ()
    awaited: tuple[Awaited, ...] = ()


class Bot(msgspec.Struct, frozen=True, kw_only=True):
    """A bot of the team: told over `channel` ("": it asks by itself), with so many seconds to answer a customer."""

    channel: str = ""
    answer_within: float = 30.0


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told: `automation` whatever channels its rules name, and `bots` by login about their conversations."""

    automation: bool = False
    bots: dict[str, Bot] = {}

    def __bool__(self) -> bool:
        return self.automation or bool(self.bots)


NOBODY = Told()


def called(recorded: ev.Recorded, told: Told) -> Iterator[Call]:
    """The calls that an event makes."""
    event = recorded.event
    if told.automation and isinstance(event, ev.AutomationRan):
        for channel in event.calls:
            yield _call(recorded, channel, event.conversation)
    for login in about(recorded, told):
        if told.bots[login].channel:
            yield _call(recorded, told.bots[login].channel, event.conversation, login)  # type: ignore[union-attr]  # such events have one


_LEAVES = ev.ConversationAssigned | ev.ConversationQueued | ev.ConversationResolved | ev.ConversationSnoozed


def about(recorded: ev.Recorded, told: Told) -> list[str]:
    """The bots whom an event concerns: theirs now, said by their customer, or theirs no longer."""
    event, found = recorded.event, []
    if not told.bots:
        return []
    if isinstance(event, ev.ConversationAssigned):
        found.append(event.agent)
    elif isinstance(event, ev.MessageReceived) and event.direction == "in" and recorded.scope is not None:
        found.append(recorded.scope.assignee)
    if isinstance(event, _LEAVES):
        found.append(event.released)
    return [login for login in found if login in told.bots]


def waits(recorded: ev.Recorded, told: Told, before: Awaited | None) -> Awaited | None:
    """Whom the customer of this conversation waits for after an event; `before` it was so."""
    event = recorded.event
    if isinstance(event, ev.ReplyQueued) and before is not None and event.author.id == before.bot:
        return None
    if isinstance(event, _LEAVES) and not (
        isinstance(event, ev.ConversationAssigned) and event.agent in told.bots
    ):
        return None
    begins = isinstance(event, ev.ConversationAssigned | ev.MessageReceived) and about(recorded, told)
    if not begins or (before is not None and before.bot == begins[0]):
        return before
    bot = begins[0]
    until = recorded.at + told.bots[bot].answer_within
    return Awaited(conversation=event.conversation, bot=bot, until=until)  # type: ignore[union-attr]  # such events have one


def _call(recorded: ev.Recorded, channel: str, conversation: str, bot: str = "") -> Call:
    digest = hashlib.blake2b(f"{recorded.n}\0{channel}\0{conversation}".encode(), digest_size=12).hexdigest()
    return Call(
        id=f"call_{digest}",
        channel=channel,
        n=recorded.n,
        conversation=conversation,
        bot=bot,
        due_at=recorded.at,
        first_at=recorded.at,
    )


def due(waiting: Sequence[Call], busy: Mapping[str, Call], now: float) -> list[Call]:
    """What to try now: the oldest of each conversation and channel, unless it is under way (`busy`, by id)."""
    found: list[Call] = []
    lanes = {(one.channel, one.conversation) for one in busy.values()}
    for one in waiting:
        lane = (one.channel, one.conversation)
        if lane in lanes or len(busy) + len(found) >= AT_ONCE:
            continue
        lanes.add(lane)
        if one.due_at <= now:
            found.append(one)
    return found


def body(recorded: ev.Recorded, call: Call) -> bytes:
    """What is posted: `type`, `timestamp`, and as `data` the event with where the conversation stood. Ids and facts, no text."""
    event = msgspec.to_builtins(recorded.event)
    kind = event.pop("type")
    data: dict[str, Any] = {"n": recorded.n, **event}
    if recorded.scope is not None:
        scope = recorded.scope
        data |= {"queue": scope.queue, "team": scope.team, "agent": scope.assignee}
    return encoded(kind, recorded.at, call, data)


def encoded(kind: str, at: float, call: Call, data: dict[str, Any]) -> bytes:
    """The envelope that Standard Webhooks recommends."""
    stamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return msgspec.json.encode({"type": kind, "timestamp": stamp, "data": {"call": call.id, **data}})


def bot_body(recorded: ev.Recorded, call: Call, facts: dict[str, Any]) -> bytes:
    """What a bot is told: `bot.assigned`, `bot.message` or `bot.over`, the conversation, and `facts` (what was said, for one that it has)."""
    event = recorded.event
    if isinstance(event, ev.MessageReceived):
        kind = "bot.message"
    else:
        kind = (
            "bot.assigned"
            if isinstance(event, ev.ConversationAssigned) and event.agent == call.bot
            else "bot.over"
        )
    data: dict[str, Any] = {"n": recorded.n, "bot": call.bot, "conversation": call.conversation}
    reason = getattr(event, "reason", "")
    told = facts if kind != "bot.over" else {}
    return encoded(kind, recorded.at, call, data | ({"reason": reason} if reason else {}) | told)
