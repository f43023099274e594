"""The append as a program: load what a group of commands needs, decide each, number the events, save everything. No I/O of its own.

One transaction per group. A command's draft is its savepoint: refused commands leave nothing, the others of the group go on. The
head row is taken first, so no other append runs meanwhile on either database, and numbers follow commit order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream.decide import decide
from stream.decide.draft import AlreadyDone, Draft, Refusal, World, merge
from stream.loading import load
from stream.model import Content, Conversation
from stream.recent import Recent
from stream.saving import Accepted, save
from stream.store.program import Program, Sql


class Appended(msgspec.Struct, kw_only=True):
    """What a group became: a result per command in order, all events with their numbers, and contents with the sizes of their texts."""

    results: list[cmd.Result]
    recorded: list[ev.Recorded]
    contents: list[tuple[str, Content, int]]
    head: int


def append(commands: Sequence[cmd.Command], now: float, recent: Recent | None = None) -> Program[Appended]:
    """Decide `commands` in order in one transaction; `now` is the time of all their events. `recent` is the only writer's."""
    rows = yield Sql("head_lock")
    world = World(head=cast("int", rows[0][0]))
    if recent is not None:
        recent.begin(world.head)
    yield from load(commands, world, recent)
    accepted: list[Accepted] = []
    results = [_decide_one(world, command, now, accepted) for command in commands]
    contents = yield from save(accepted, world, now)
    if recent is not None:
        recent.keep(world)
    recorded = [
        ev.Recorded(n=first + index, at=now, event=event, scope=draft.scopes[index])
        for first, draft in accepted
        for index, event in enumerate(draft.events)
    ]
    return Appended(results=results, recorded=recorded, contents=contents, head=world.head)


def _decide_one(world: World, command: cmd.Command, now: float, accepted: list[Accepted]) -> cmd.Result:
    draft = Draft(world, now, command.token, command.workspace)
    try:
        decide(draft, command)
    except Refusal as refusal:
        return _refused(world, command, refusal)
    except AlreadyDone as done:
        return cmd.Duplicate(n=done.n, id=done.ident)
    first = world.head + 1
    world.head += len(draft.events)
    merge(world, draft)
    accepted.append((first, draft))
    return cmd.Committed(
        n=world.head,
        events=tuple(draft.events),
        id=draft.result_id,
        conversation=_conversation_of(draft, command),
    )


def _refused(world: World, command: cmd.Command, refusal: Refusal) -> cmd.Refused:
    named = refusal.conversation or getattr(command, "conversation", "")
    row = cast("Conversation | None", world.rows.get(("conversation", named)))
    if row is not None and row.workspace != command.workspace:
        row = None
    return cmd.Refused(code=refusal.code, sentence=refusal.sentence, conversation=row)


def _conversation_of(draft: Draft, command: cmd.Command) -> str:
    named = getattr(command, "conversation", "")
    if named or not draft.events:
        return cast("str", named)
    return next((e.conversation for e in reversed(draft.events) if isinstance(e, ev.ConversationEvent)), "")
