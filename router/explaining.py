"""`parley explain CONVERSATION`: what was recorded with its decisions, the full list of agents as they stood then, and as they stand now.

Reads only. The list of then is worked out again from the journal: the same engine, told of everything before the decision. Presence is
a hint and is not recorded, so connections count as presumed there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from router.engine import Engine
from router.explain import candidates
from router.inputs import Config
from router.loading import load
from router.mirror import Mirror
from router.plan import Plan
from router.verifying import verify
from stream import events as ev
from stream import reads
from stream.journal import recorded
from stream.model import DocumentContent
from stream.store.ports import Store
from stream.store.program import fetch

PAGE = 1_000
MOST_EVENTS = 1_000
"""Events of one conversation that are looked at: the newest."""

_EXPLAINED = (
    ev.ConversationQueued,
    ev.StepOpened,
    ev.OfferMade,
    ev.ConversationAssigned,
    ev.LevelAtRisk,
    ev.LevelBreached,
    ev.LevelEscalated,
)


async def explain(
    store: Store,
    conversation: str,
    plan_of: Callable[[Any], Plan],
    *,
    full: bool = False,
    again: bool = False,
) -> dict[str, Any] | None:
    """None when there is no such conversation. `full` adds every agent as they stood at the newest choice (reads the whole journal).

    `again`: whether each decision follows from what is stored of it.
    """
    row = await reads.conversation(store, conversation)
    if row is None:
        return None
    events = await _events(store, conversation)
    told: dict[str, Any] = {
        "conversation": conversation,
        "status": row.status,
        "queue": row.queue,
        "assignee": row.assignee,
        "rule": row.rule,
        "need": list(row.need),
        "decisions": await _decisions(store, events),
    }
    if again:
        told["verified"] = msgspec.to_builtins(await verify(store, events, plan_of))
    active = await reads.active_config(store)
    if row.status != "resolved" and active is not None:
        told["now"] = candidates(
            (await _now(store, row.workspace, plan_of(active.bundle))).board, conversation
        )
    choices = [
        one
        for one in events
        if isinstance(one.event, ev.OfferMade | ev.ConversationAssigned) and one.event.explain
    ]
    if full and choices:
        told["then"] = await _then(store, conversation, choices[-1], plan_of)
    return told


async def _events(store: Store, conversation: str) -> list[ev.Recorded]:
    found: list[ev.Recorded] = []
    while True:
        page = await reads.events_of(store, conversation, found[-1].n if found else 0, PAGE)
        found = (found + page)[-MOST_EVENTS:]
        if len(page) < PAGE:
            return found


async def _decisions(store: Store, events: Sequence[ev.Recorded]) -> list[dict[str, Any]]:
    """Everything that says where the conversation went, with its record where there is one."""
    moves = [
        one
        for one in events
        if isinstance(one.event, (*_EXPLAINED, ev.OfferEnded, ev.ConversationRested, ev.AutomationRan))
    ]
    idents = [one.event.explain for one in moves if isinstance(one.event, _EXPLAINED) and one.event.explain]
    contents = await reads.contents(store, idents)
    return [_decision(one, contents) for one in moves]


def _decision(one: ev.Recorded, contents: dict[str, Any]) -> dict[str, Any]:
    facts = msgspec.to_builtins(one.event)
    content = contents.get(facts.get("explain", ""))
    names = (
        "type",
        "target",
        "due_at",
        "told",
        "queue",
        "agent",
        "how",
        "reason",
        "rule",
        "by",
        "expires_at",
        "trigger",
        "rules",
        "did",
        "cut",
        "resting",
        "over_capacity",
    )
    said = {name: facts[name] for name in names if facts.get(name)}
    record = content.body if isinstance(content, DocumentContent) else None
    return {"n": one.n, "at": one.at, **said, **({"record": record} if record else {})}


async def _now(store: Store, workspace: str, plan: Plan) -> Engine:
    """An engine that was told of everything and decides nothing."""
    mirror = Mirror()
    await load(mirror, store, workspace)
    engine = Engine(plan)
    head = (await store.read(fetch("database_now")))[0][0]
    for told in (Config(plan), *mirror.everything()):
        engine.handle(told, head)
    return engine


async def _then(
    store: Store, conversation: str, choice: ev.Recorded, plan_of: Callable[[Any], Plan]
) -> dict[str, Any] | None:
    """The candidates just before `choice`, from the events before it; None when the journal no longer reaches back to the beginning."""
    mirror, bundle, after = Mirror(remembering=True), "", 0
    while after < choice.n - 1:
        rows = await store.read(fetch("journal_after", after, min(PAGE, choice.n - 1 - after)))
        page = [recorded(*row) for row in rows]
        if not page or (not after and page[0].n != 1):
            return None
        mirror.strangers(page)
        mirror.tell(page)
        bundle = next(
            (one.event.bundle for one in reversed(page) if isinstance(one.event, ev.ConfigApplied)), bundle
        )
        after = page[-1].n
    content = (await reads.contents(store, [bundle])).get(bundle)
    if not isinstance(content, DocumentContent):
        return None
    plan = plan_of(content.body)
    engine = Engine(plan)
    for told in (Config(plan), *mirror.everything()):
        engine.handle(told, choice.at)
    return candidates(engine.board, conversation)
