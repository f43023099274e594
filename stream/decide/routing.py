"""Deciding about the router's decisions: each is checked against the lease's epoch, so a paused old leader can change nothing."""

from __future__ import annotations

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream.decide import bounds
from stream.decide.capacity import require_room
from stream.decide.draft import AUTO, Draft
from stream.decide.people import new_message
from stream.decide.sends import queue_send
from stream.decide.work import end_offer, give, requeue, wake
from stream.model import Agent, Author, Conversation, DocumentContent, MessageContent

ROUTER = Author(kind="system", id="router")
EXPLAIN_BYTES = 4096


def _current(draft: Draft, command: cmd.Decision) -> Conversation:
    check_epoch(draft, command.epoch)
    bounds.fits(draft, "reason", command.reason, bounds.MAX_REASON, command.conversation)
    return draft.conversation(command.conversation)


def check_epoch(draft: Draft, epoch: int) -> None:
    """Refuse what another leader decided."""
    if draft.world.leases.get("router") != epoch:
        draft.refuse("epoch", "Another router leads now.")


def _explained(draft: Draft, command: cmd.Decision) -> str:
    if command.explain is None:
        return ""
    if len(msgspec.json.encode(command.explain)) > EXPLAIN_BYTES:
        draft.refuse("invalid", f"An explain record has at most {EXPLAIN_BYTES} bytes.", command.conversation)
    return draft.content("x", DocumentContent(body=command.explain))


def _waiting(draft: Draft, row: Conversation) -> None:
    if row.status != "open" or row.assignee or row.spam:
        draft.refuse("state", "This conversation does not wait.", row.id)


def _ready(draft: Draft, login: str, row: Conversation) -> Agent:
    agent = draft.agent(login)
    if not agent.active:
        draft.refuse("not_online", f"{agent.name or agent.id} is no longer in the team.", row.id)
    if agent.status != "online":
        draft.refuse("not_online", f"{agent.name or agent.id} is {agent.status}.", row.id)
    return agent


def enqueue(draft: Draft, command: cmd.Enqueue) -> None:
    """Put it where the rules say; it keeps its place when it has one."""
    row = _current(draft, command)
    _waiting(draft, row)
    end_offer(draft, row, "recalled", command.reason)
    draft.emit(
        ev.ConversationQueued(
            conversation=row.id,
            queue=command.queue,
            waiting_since=command.waiting_since or row.place or row.waiting_since or draft.now,
            priority=command.priority,
            rule=command.rule,
            need=command.need,
            units=max(1, command.units),
            team=command.team,
            reason=command.reason,
            connector=row.connector,
            explain=_explained(draft, command),
            by=ROUTER,
            tags=command.tags,
            language=command.language,
        )
    )


def make_offer(draft: Draft, command: cmd.MakeOffer) -> None:
    """Reserve the agent's capacity and ask them."""
    row = _current(draft, command)
    _waiting(draft, row)
    if row.offer is not None:
        draft.refuse("state", f"This conversation is offered to {row.offer.agent}.", row.id)
    agent = _ready(draft, command.agent, row)
    units = max(1, command.units)
    require_room(draft, agent, units - min(units, command.beyond), row.connector, row.id)
    draft.emit(
        ev.OfferMade(
            conversation=row.id,
            offer=command.offer,
            agent=agent.id,
            expires_at=command.expires_at,
            units=units,
            connector=row.connector,
            reason=command.reason,
            explain=_explained(draft, command),
        )
    )


def push(draft: Draft, command: cmd.Push) -> None:
    """Assign without asking."""
    row = _current(draft, command)
    _waiting(draft, row)
    agent = _ready(draft, command.agent, row)
    explain = _explained(draft, command)
    give(
        draft,
        row,
        agent.id,
        "pushed",
        ROUTER,
        reason=command.reason,
        explain=explain,
        units=max(1, command.units),
        beyond=command.beyond,
    )


def expire_offer(draft: Draft, command: cmd.EndOffer) -> None:
    """The time is over, unless it was accepted or ended before."""
    row = _current(draft, command)
    if row.offer is None or row.offer.id != command.offer:
        draft.refuse("offer_over", "This offer is over.", row.id)
    end_offer(draft, row, command.how, command.reason)


def hand_back(draft: Draft, command: cmd.HandBack) -> None:
    """From an agent who left: it waits again at its place, with the reason."""
    row = _current(draft, command)
    if not command.agent or row.assignee != command.agent or row.status != "open":
        draft.refuse("state", f"{command.agent} does not have this conversation.", row.id)
    requeue(draft, row, queue=row.queue, reason=command.reason, by=ROUTER)


def auto_reply(draft: Draft, command: cmd.AutoReply) -> None:
    """An automatic text, at most once per key and conversation, and never while the customer has left."""
    check_epoch(draft, command.epoch)
    if command.once:
        draft.once(AUTO, f"{command.conversation}:{command.once}")
    row = draft.conversation(command.conversation)
    identity = draft.identity(row.identity)
    if row.status == "resolved" or row.spam or identity is None or identity.stopped:
        draft.refuse("state", "Nothing automatic is sent to this conversation.", row.id)
    new_message(draft, command.message, row.id)
    bounds.fits(draft, "text", command.text, bounds.MAX_TEXT, row.id)
    queue_send(draft, row, command.message, ROUTER, MessageContent(text=command.text), automatic=True)
    if command.once:
        draft.extras.sources[(AUTO, f"{command.conversation}:{command.once}")] = (command.message, b"")


def wake_due(draft: Draft, command: cmd.WakeDue) -> None:
    """A snooze is over by the clock."""
    row = _current(draft, command)
    if row.status == "snoozed" and row.snoozed_until > draft.now + 1.0:
        draft.refuse("state", "The snooze was made longer.", row.id)
    wake(draft, row, command.reason or "the snooze is over")
