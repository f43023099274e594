"""Deciding about verbs that move work: accept, decline, take, assign, transfer, resolve, reopen, snooze, spam.

Every path that gives a conversation to an agent checks their room here, in the transaction, so nobody is ever over capacity
unless a supervisor said so, which is recorded.
"""

from __future__ import annotations

from typing import Literal

from stream import commands as cmd
from stream import events as ev
from stream.decide import bounds
from stream.decide.capacity import has_room, require_room
from stream.decide.draft import Draft, Refusal
from stream.decide.finding import newer
from stream.decide.people import checked
from stream.decide.waking import wake
from stream.model import Agent, Author, Conversation, Offer


def accept_offer(draft: Draft, command: cmd.AcceptOffer) -> None:
    """The offer becomes an assignment; whoever commits first (accept, another's accept, time-out) wins."""
    row = checked(draft, command)
    offer = _asked(draft, row, command.offer, command.by.id)
    _only(draft, row, command.by.id, f"{_called(draft, command.by.id)} was faster")
    draft.emit(
        ev.ConversationAssigned(
            conversation=row.id,
            agent=command.by.id,
            units=offer.units,
            how="accepted",
            by=command.by,
            connector=row.connector,
            reserved=offer.units,
        )
    )


def _asked(draft: Draft, row: Conversation, offer: str, login: str) -> Offer:
    """The open offer, if it asks this agent; refused with who was faster otherwise."""
    if row.offer is not None and row.offer.id == offer and login in row.offer.asked:
        return row.offer
    faster = _called(draft, row.assignee) if row.assignee and row.assignee != login else ""
    raise Refusal("offer_over", f"{faster} was faster." if faster else "This offer is over.", row.id)


def _called(draft: Draft, login: str) -> str:
    agent = draft.maybe_agent(login)
    return agent.name or login if agent is not None else login


def _only(draft: Draft, row: Conversation, login: str, reason: str) -> Conversation:
    """The others who are asked are asked no more; nothing of it counts against them."""
    others = tuple(who for who in row.offer.asked if who != login) if row.offer else ()
    if others:
        end_offer(draft, row, "recalled", reason, others)
        return draft.conversation(row.id)
    return row


def decline_offer(draft: Draft, command: cmd.DeclineOffer) -> None:
    """The agent is not asked again for this wait; others who are asked still are."""
    row = checked(draft, command)
    _asked(draft, row, command.offer, command.by.id)
    end_offer(draft, row, "declined", command.reason, (command.by.id,))


def give(
    draft: Draft,
    row: Conversation,
    agent: str,
    how: Literal["taken", "assigned", "pushed"],
    by: Author,
    *,
    override: bool = False,
    reason: str = "",
    explain: str = "",
    units: int = 0,
    beyond: int = 0,
) -> None:
    """Assign `row` to `agent`, freeing whoever had it or was offered it.

    `override` goes above capacity and is recorded; so many units `beyond` it are right: other work of the agent yields to it.
    """
    units = units or row.units or 1
    row = _cleared(draft, row, target := _target(draft, row, agent))
    offered = row.offer.agent if row.offer else ""
    reserved = row.offer.units if row.offer and offered == agent else 0
    fits = has_room(target, units - beyond, row.connector, already=reserved, counted=bool(reserved))
    if not fits and not override:
        require_room(draft, target, units, row.connector, row.id)
    held = row.assignee if row.status == "open" else ""
    recalled = "" if offered == agent else offered
    draft.emit(
        ev.ConversationAssigned(
            conversation=row.id,
            agent=agent,
            units=units,
            how=how,
            by=by,
            connector=row.connector,
            reserved=reserved,
            released=held,
            released_units=row.units if held else 0,
            recalled=recalled,
            recalled_units=row.offer.units if row.offer and recalled else 0,
            over_capacity=not fits,
            reason=reason,
            explain=explain,
        )
    )


def _cleared(draft: Draft, row: Conversation, target: Agent) -> Conversation:
    """Before it goes to `target`: it counts, and at most one agent is still asked."""
    row = counted(draft, row)
    if row.offer is None or not row.offer.also:
        return row
    keep = target.id if target.id in row.offer.asked else row.offer.agent
    return _only(draft, row, keep, f"{target.name or target.id} has it")


def _target(draft: Draft, row: Conversation, login: str) -> Agent:
    """Who is to have it: somebody of the team who does not have it already."""
    agent = draft.agent(login)
    if row.assignee == login and row.status == "open":
        draft.refuse("state", f"{agent.name or login} has this conversation already.", row.id)
    if not agent.active:
        draft.refuse("state", f"{agent.name or login} is no longer in the team.", row.id)
    return agent


def _open(draft: Draft, row: Conversation) -> Conversation:
    if row.status != "resolved":
        return row
    _reopen(draft, row, "taken up again")
    return draft.conversation(row.id)


def take(draft: Draft, command: cmd.Take) -> None:
    """From the queue, from an offer, or from a colleague."""
    row = _open(draft, checked(draft, command))
    give(draft, row, command.by.id, "taken", command.by, override=command.override)


def assign(draft: Draft, command: cmd.Assign) -> None:
    """To somebody else."""
    row = _open(draft, checked(draft, command))
    give(draft, row, command.agent, "assigned", command.by, override=command.override, reason=command.reason)


def requeue(
    draft: Draft,
    row: Conversation,
    *,
    queue: str,
    reason: str,
    by: Author,
    need: tuple[str, ...] | None = None,
    forget_declined: bool = False,
    team: str | None = None,
    rule: str | None = None,
) -> None:
    """Let it wait again at its place, freeing whoever had it or was offered it."""
    end_offer(draft, row, "recalled", reason)
    row = counted(draft, row)
    held = row.assignee if row.status == "open" else ""
    draft.emit(
        ev.ConversationQueued(
            conversation=row.id,
            queue=queue,
            waiting_since=row.place or row.waiting_since or row.created_at,
            priority=row.priority,
            rule=row.rule if rule is None else rule,
            need=row.need if need is None else need,
            units=row.units or 1,
            team=team if team is not None else row.team if queue == row.queue else "",
            reason=reason,
            connector=row.connector,
            released=held,
            released_units=row.units if held else 0,
            by=by,
            forget_declined=forget_declined,
        )
    )


def end_offer(
    draft: Draft,
    row: Conversation,
    how: Literal["declined", "expired", "recalled"],
    reason: str,
    agents: tuple[str, ...] = (),
) -> None:
    """End the open offer, if there is one: for everybody who is asked, or for these `agents`."""
    if row.offer is None:
        return
    for agent in agents or row.offer.asked:
        draft.emit(
            ev.OfferEnded(
                conversation=row.id,
                offer=row.offer.id,
                agent=agent,
                how=how,
                units=row.offer.units,
                connector=row.connector,
                reason=reason,
            )
        )


def stir(draft: Draft, row: Conversation, reason: str) -> Conversation:
    """It counts again, whether or not there is room: its agent has it. Above the capacity is by design, and said."""
    agent = draft.agent(row.assignee)
    draft.emit(
        ev.ConversationRested(
            conversation=row.id,
            resting=False,
            agent=agent.id,
            units=row.units,
            connector=row.connector,
            over_capacity=not has_room(agent, row.units, row.connector),
            reason=reason,
        )
    )
    return draft.conversation(row.id)


def counted(draft: Draft, row: Conversation) -> Conversation:
    """Before its agent is freed of a resting conversation it counts again, so that what is freed is what was taken."""
    return stir(draft, row, "") if row.resting else row


def transfer(draft: Draft, command: cmd.Transfer) -> None:
    """Into a queue, by hand; it keeps its age, and everybody may be asked again."""
    row = checked(draft, command)
    bounds.fits(draft, "queue's name", command.queue, bounds.MAX_LOGIN, row.id)
    bounds.few(draft, "required skills", command.need or (), bounds.MAX_LISTED, row.id)
    row = _open(draft, row)
    if row.spam:
        draft.refuse("state", "This conversation is spam; take that back before it goes to a queue.", row.id)
    requeue(
        draft,
        row,
        queue=command.queue,
        reason=command.reason or f"transferred by {command.by.id}",
        by=command.by,
        need=command.need,
        forget_declined=True,
    )


def resolve(draft: Draft, command: cmd.Resolve) -> None:
    """Done; whoever had it is free for the next."""
    row = checked(draft, command)
    if row.status == "resolved":
        draft.refuse("state", "This conversation is resolved already.", row.id)
    close(draft, row, command.by, command.reason)


def close(draft: Draft, row: Conversation, by: Author, reason: str) -> None:
    """End its offer and resolve it."""
    end_offer(draft, row, "recalled", "resolved")
    row = counted(draft, row)
    held = row.assignee if row.status == "open" else ""
    draft.emit(
        ev.ConversationResolved(
            conversation=row.id,
            by=by,
            connector=row.connector,
            released=held,
            released_units=row.units if held else 0,
            reason=reason,
        )
    )


def reopen(draft: Draft, command: cmd.Reopen) -> None:
    """By hand; refused while its key has another open conversation."""
    row = checked(draft, command)
    if row.status != "resolved":
        draft.refuse("state", "This conversation is not resolved.", row.id)
    _reopen(draft, row, f"reopened by {command.by.id}")


def _reopen(draft: Draft, row: Conversation, reason: str) -> None:
    other = newer(draft, row)
    if other:
        draft.refuse("state", "The customer has a newer conversation on this channel; go on there.", other)
    draft.emit(ev.ConversationReopened(conversation=row.id, reason=reason))
    draft.extras.threads[(row.channel, row.key)] = row.id


def snooze(draft: Draft, command: cmd.Snooze) -> None:
    """Out of sight; it stays with its agent but takes none of their capacity meanwhile."""
    row = checked(draft, command)
    if row.status == "resolved":
        draft.refuse("state", "A resolved conversation cannot be snoozed.", row.id)
    if not draft.now < command.until <= draft.now + 366 * 86400:
        draft.refuse("invalid", "Snooze until a time from now on, at most a year ahead.", row.id)
    row = counted(draft, row)
    if row.offer is not None and row.offer.also:
        row = _only(draft, row, row.offer.agent, "snoozed")
    held = row.assignee if row.status == "open" else ""
    draft.emit(
        ev.ConversationSnoozed(
            conversation=row.id,
            until=command.until,
            by=command.by,
            connector=row.connector,
            released=held,
            released_units=row.units if held else 0,
            recalled=row.offer.agent if row.offer else "",
            recalled_units=row.offer.units if row.offer else 0,
        )
    )


def wake_by_hand(draft: Draft, command: cmd.Wake) -> None:
    """An agent ends a snooze."""
    wake(draft, checked(draft, command), f"woken by {command.by.id}")


def mark_spam(draft: Draft, command: cmd.MarkSpam) -> None:
    """Spam leaves the queues and is resolved; not spam goes back to the router, unless the customer has a newer conversation."""
    row = checked(draft, command)
    if command.spam == row.spam:
        return
    draft.emit(ev.SpamMarked(conversation=row.id, spam=command.spam, by=command.by))
    row = draft.conversation(row.id)
    if command.spam and row.status != "resolved":
        close(draft, row, command.by, "spam")
    elif not command.spam and row.status == "resolved" and not newer(draft, row):
        _reopen(draft, row, "not spam")
