"""What a leader knew that no row says, found again in the store at the start: who is wrapping up, and how long the last ones waited. Reads only."""

from __future__ import annotations

from collections.abc import Mapping

from router.inputs import GivenOut, WrappingUp
from router.plan import Plan
from router.stepping import FRESH
from stream import events as ev
from stream import reads
from stream.journal import recorded
from stream.model import Agent
from stream.store.ports import Store
from stream.store.program import fetch
from stream.visibility import EVERYTHING

PAGE = 500
MOST_PAGES = 20
"""Pages that are read at most, of either kind."""


async def wrapping_up(
    store: Store, plan: Plan, agents: Mapping[str, Agent], now: float, workspace: str
) -> list[WrappingUp]:
    """Who resolved something a moment ago, and until when they are left alone."""
    longest = max((channel.wrap_up for channel in plan.channels.values()), default=0.0)
    found: list[WrappingUp] = []
    cursor = ""
    chosen = reads.ConversationFilter(visible_to=EVERYTHING, workspace=workspace, statuses=("resolved",))
    for _ in range(MOST_PAGES if longest else 0):
        page, cursor = await reads.list_conversations(store, chosen, cursor, PAGE)
        for row in page:
            until = row.resolved_at + plan.channel(row.channel, row.connector).wrap_up
            agent = agents.get(row.assignee)
            if agent is not None and until > now and agent.idle_since >= row.resolved_at:
                found.append(WrappingUp(agent.id, until))
        if not cursor or page[-1].updated_at < now - longest:
            break
    return found


async def waits(store: Store, plan: Plan, head: int, now: float) -> list[GivenOut]:
    """When one was last given out of each queue, and how long it had waited; as far as a step's condition may ask for it."""
    if not any(step.when is not None for rule in plan.rules.rules for step in rule.steps):
        return []
    last: dict[str, tuple[float, str]] = {}
    after = max(0, head - MOST_PAGES * PAGE)
    while rows := await store.read(fetch("journal_after", after, PAGE)):
        for one in (recorded(*row) for row in rows):
            after, event = one.n, one.event
            given = isinstance(event, ev.OfferMade) or (
                isinstance(event, ev.ConversationAssigned) and event.how == "pushed"
            )
            if given and one.scope is not None and isinstance(event, ev.ConversationEvent):
                last[one.scope.queue] = (one.at, event.conversation)
        if after >= head:
            break
    found = await reads.conversations(store, [ident for _, ident in last.values()])
    known = ((queue, at, found[ident]) for queue, (at, ident) in last.items() if ident in found)
    told = [GivenOut(queue, at, at - row.place) for queue, at, row in known if row.place]
    return [one for one in told if now - one.at <= max(FRESH, one.waited)]
