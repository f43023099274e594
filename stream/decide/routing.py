"""Deciding about the router's decisions: each is checked against the lease's epoch, so a paused old leader can change nothing."""

from __future__ import annotations

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream.decide import bounds
from stream.decide.capacity import require_room
from stream.decide.draft import AUTO, Draft, Refusal
from stream.decide.people import new_message
from stream.decide.sends import queue_send
from stream.decide.waking import wake
from stream.decide.work import end_offer, give, requeue
from stream.model import Agent, Author, Conversation, DocumentContent, MessageContent

ROUTER = Author(kind="system", id="router")
EXPLAIN_BYTES = 4096


def current(draft: Draft, command: cmd.Decision) -> Conversation:
    """The row of a decision that the leader made."""
    check_epoch(draft, command.epoch)
    bounds.fits(draft, "reason", command.reason, bounds.MAX_REASON, command.conversation)
    return draft.conversation(command.conversation)


def check_epoch(draft: Draft, epoch: int) -> None:
    """Refuse what another leader decided."""
    if draft.world.leases.get("router") != epoch:
        draft.refuse("epoch", "Another router leads now.")


def explained(draft: Draft, command: cmd.Decision) -> str:
    """The id of the decision's record, or ""."""
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
    row = current(draft, command)
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
            explain=explained(draft, command),
            by=ROUTER,
            tags=command.tags,
            language=command.language,
        )
    )


def open_step(draft: Draft, command: cmd.OpenStep) -> None:
    """Note that conditions were found true, so that another leader need not measure again; also while it is offered."""
    row = current(draft, command)
    _waiting(draft, row)
    if command.rule != row.rule:
        draft.refuse("state", "Another rule has it by now.", row.id)
    bounds.few(draft, "open steps", command.opened, bounds.MAX_LISTED, row.id)
    draft.emit(
        ev.StepOpened(
            conversation=row.id,
            rule=command.rule,
            opened=command.opened,
            reason=command.reason,
            explain=explained(draft, command),
        )
    )


def make_offer(draft: Draft, command: cmd.MakeOffer) -> None:
    """Reserve capacity of everybody who is asked, as far as they can be; in the place of the offer that it replaces, if any."""
    row = current(draft, command)
    _waiting(draft, row)
    if command.replaces and (row.offer is None or row.offer.id != command.replaces):
        draft.refuse("offer_over", "The offer that this one replaces is over.", row.id)
    if command.replaces:
        end_offer(draft, row, "recalled", command.reason)
    elif row.offer is not None:
        draft.refuse("state", f"This conversation is offered to {row.offer.agent}.", row.id)
    units = max(1, command.units)
    explain = explained(draft, command)
    for agent in _asked(draft, command, row, units):
        draft.emit(
            ev.OfferMade(
                conversation=row.id,
                offer=command.offer,
                agent=agent.id,
                expires_at=command.expires_at,
                units=units,
                connector=row.connector,
                reason=command.reason,
                explain=explain,
            )
        )


def _asked(draft: Draft, command: cmd.MakeOffer, row: Conversation, units: int) -> list[Agent]:
    """Those of the asked who are there and have room; refused with the reason of the first when nobody is."""
    bounds.few(draft, "agents asked at once", command.also, bounds.MAX_LISTED, row.id)
    found: list[Agent] = []
    first: Refusal | None = None
    for login, beyond in ((command.agent, command.beyond), *command.also):
        try:
            agent = _ready(draft, login, row)
            require_room(draft, agent, units - min(units, beyond), row.connector, row.id)
        except Refusal as refusal:
            first = first or refusal
        else:
            found.append(agent)
    if first is not None and not found:
        raise first
    return found


def push(draft: Draft, command: cmd.Push) -> None:
    """Assign without asking."""
    row = current(draft, command)
    _waiting(draft, row)
    agent = _ready(draft, command.agent, row)
    explain = explained(draft, command)
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
    row = current(draft, command)
    if row.offer is None or row.offer.id != command.offer:
        draft.refuse("offer_over", "This offer is over.", row.id)
    if command.agent and command.agent not in row.offer.asked:
        draft.refuse("offer_over", f"This offer is over for {command.agent}.", row.id)
    end_offer(draft, row, command.how, command.reason, (command.agent,) if command.agent else ())


def rest(draft: Draft, command: cmd.Rest) -> None:
    """The customer of an answered conversation is silent: it counts no more until they write."""
    row = current(draft, command)
    if row.assignee != command.agent or row.status != "open" or row.resting:
        draft.refuse(
            "state", f"{command.agent} does not have this conversation, or it rests already.", row.id
        )
    if row.last_customer_at > row.last_agent_at:
        draft.refuse("state", "The customer has written meanwhile.", row.id)
    draft.emit(
        ev.ConversationRested(
            conversation=row.id,
            resting=True,
            agent=row.assignee,
            units=row.units,
            connector=row.connector,
            reason=command.reason,
        )
    )


def hand_back(draft: Draft, command: cmd.HandBack) -> None:
    """From an agent who left: it waits again at its place, with the reason."""
    row = current(draft, command)
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
    row = current(draft, command)
    if row.status == "snoozed" and row.snoozed_until > draft.now + 1.0:
        draft.refuse("state", "The snooze was made longer.", row.id)
    wake(draft, row, command.reason or "the snooze is over")
