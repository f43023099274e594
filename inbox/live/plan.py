"""A batch of events into deliveries: per event the seats that get it plainly, with its body, with the conversation, or as a farewell.

Pure: what has to be read first (bodies, conversations, a contact's conversations) is listed in the plan; `frames_of` makes bytes of it
once that is here. The live hub and a resuming socket use the same plan, so both say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from inbox.live.frames import person_content, tail
from inbox.live.seat import Seat
from inbox.policy import holds, sees
from inbox.views import ConversationView, Said, said
from stream import events as ev
from stream.fold import scope_of
from stream.model import Content, Conversation, PersonContent

CONTACT_EVENTS = (
    ev.ContactChanged | ev.ContactsMerged | ev.ContactsUnmerged | ev.IdentityBlocked | ev.IdentityStopped
)
HOUSE_EVENTS = ev.AgentConfigured | ev.AgentStatusChanged | ev.ConfigApplied | ev.ContentErased
SAYS = ev.MessageReceived | ev.MessageEdited | ev.ReplyQueued | ev.NoteAdded
NOBODY: frozenset[Seat] = frozenset()


class Delivery(msgspec.Struct):
    """One event and who gets it how."""

    recorded: ev.Recorded
    seats: AbstractSet[Seat] = NOBODY
    full: AbstractSet[Seat] = NOBODY
    appeared: AbstractSet[Seat] = NOBODY
    gone: AbstractSet[Seat] = NOBODY


class Plan(msgspec.Struct):
    """Deliveries in order, and what to read before they can be made."""

    deliveries: list[Delivery] = []
    contents: set[str] = set()
    conversations: set[str] = set()
    contacts: set[str] = set()
    identities: set[str] = set()


class Known(msgspec.Struct):
    """What has been read for a plan. `kin` are the scopes of a contact's (or an identity's) conversations."""

    contents: Mapping[str, Content] = {}
    rows: Mapping[str, Conversation] = {}
    views: Mapping[str, ConversationView] = {}
    kin: Mapping[str, Sequence[ev.Scope]] = {}


Who = Callable[[ev.Scope], set[Seat]]


def make_plan(batch: Sequence[ev.Recorded], who: Who, everybody: AbstractSet[Seat]) -> Plan:
    """Who gets what of `batch`; `who` answers the seats that see a scope. The plan keeps sets of its own: seats come and go meanwhile."""
    plan = Plan()
    for recorded in batch:
        if recorded.scope is not None:
            _conversation(plan, recorded, recorded.scope, who)
        elif isinstance(recorded.event, HOUSE_EVENTS):
            plan.deliveries.append(Delivery(recorded, seats=frozenset(everybody)))
        elif isinstance(recorded.event, CONTACT_EVENTS) and everybody:
            _contact(plan, recorded)
    return plan


def _conversation(plan: Plan, recorded: ev.Recorded, scope: ev.Scope, who: Who) -> None:
    event = recorded.event
    now = who(scope)
    if isinstance(event, ev.ConversationStarted):
        before: set[Seat] = set()
    else:
        before = now if scope.was is None else who(scope.was)
    if not now and not before:
        return
    listed = _listed_anew(event, scope, now & before)
    delivery = Delivery(
        recorded, seats=(now & before) - listed, appeared=(now - before) | listed, gone=before - now
    )
    if isinstance(event, SAYS):
        entitled = {seat for seat in now if holds(seat.person, scope) or seat.open.get(event.conversation)}
        if entitled:
            delivery.full = entitled
            plan.contents.add(event.content)
    if delivery.appeared and isinstance(event, ev.ConversationEvent):
        plan.conversations.add(event.conversation)
    plan.deliveries.append(delivery)


def _listed_anew(event: ev.AnyEvent, scope: ev.Scope, seats: set[Seat]) -> set[Seat]:
    """Those of `seats` whose snapshot may not have held it, and would now: it waits again, or has (again) come to who holds it."""
    was = scope.was
    if isinstance(event, ev.ConversationReopened | ev.SpamMarked):
        return seats if scope.waiting else {seat for seat in seats if holds(seat.person, scope)}
    if was is None or was.waiting:
        return set()
    if scope.waiting:
        return seats
    return {seat for seat in seats if holds(seat.person, scope) and not holds(seat.person, was)}


def _contact(plan: Plan, recorded: ev.Recorded) -> None:
    event = recorded.event
    if isinstance(event, ev.IdentityBlocked | ev.IdentityStopped):
        plan.identities.add(event.identity)
    elif isinstance(event, ev.ContactChanged | ev.ContactsMerged | ev.ContactsUnmerged):
        plan.contacts.add(event.contact)
        if isinstance(event, ev.ContactsUnmerged):
            plan.contacts.add(event.merged)
        if isinstance(event, ev.ContactChanged):
            plan.contents.add(event.profile)
    plan.deliveries.append(Delivery(recorded))


Frame = tuple[Seat, int, bytes, str, bool]
"""For whom, its number, its tail, the conversation that goes out of their sight with it ("" if none), and whether it can wait a moment."""


def frames_of(plan: Plan, known: Known, who: Who) -> Iterator[Frame]:
    """The frames in order. Each variant of a frame is encoded once."""
    for delivery in plan.deliveries:
        if delivery.recorded.scope is None and isinstance(delivery.recorded.event, CONTACT_EVENTS):
            yield from _contact_frames(delivery, known, who)
        else:
            yield from _conversation_frames(delivery, known)


def _conversation_frames(delivery: Delivery, known: Known) -> Iterator[Frame]:
    n, at, event = delivery.recorded.n, delivery.recorded.at, delivery.recorded.event
    body = _body(event, known.contents) if delivery.full else None
    plain = tail(at, event) if delivery.seats - delivery.full else b""
    full = tail(at, event, content=body) if delivery.seats & delivery.full else b""
    asked = _asked(delivery.recorded)
    for seat in delivery.seats:
        if seat in delivery.full:
            yield seat, n, full, "", False
        else:
            yield seat, n, plain, "", seat.login not in asked
    farewell = tail(at, event, gone=True) if delivery.gone or delivery.appeared else b""
    for seat in delivery.gone:
        yield seat, n, farewell, _named(event), True
    if delivery.appeared:
        yield from _appearing(delivery, known, body, farewell)


def _asked(recorded: ev.Recorded) -> tuple[str, ...]:
    """Who is asked after this event, or was asked until now: their page shows or takes away an offer at once."""
    scope, event = recorded.scope, recorded.event
    asked = (scope.offered, *scope.also) if scope is not None else ()
    return (*asked, event.agent) if isinstance(event, ev.OfferEnded) else asked


def _appearing(
    delivery: Delivery, known: Known, body: dict[str, Said | PersonContent] | None, farewell: bytes
) -> Iterator[Frame]:
    """The conversation as it is now, unless it has gone out of sight again meanwhile: then only the farewell."""
    n, at, event = delivery.recorded.n, delivery.recorded.at, delivery.recorded.event
    ident = _named(event)
    row, view = known.rows.get(ident), known.views.get(ident)
    scope = scope_of(row) if row else None
    variants: dict[bool, bytes] = {}
    for seat in delivery.appeared:
        if scope is None or not sees(seat.person, scope):
            yield seat, n, farewell, ident, True
            continue
        full = seat in delivery.full
        if full not in variants:
            variants[full] = tail(at, event, content=body if full else None, conversation=view)
        yield (
            seat,
            n,
            variants[full],
            "",
            not (full or seat.login == scope.offered or seat.login in scope.also),
        )


def _contact_frames(delivery: Delivery, known: Known, who: Who) -> Iterator[Frame]:
    event = delivery.recorded.event
    keys = [getattr(event, name, "") for name in ("contact", "merged", "identity")]
    seats: set[Seat] = set()
    for key in keys:
        for scope in known.kin.get(key, ()):
            seats |= who(scope)
    if seats:
        frame = tail(delivery.recorded.at, event, content=_body(event, known.contents))
        for seat in seats:
            yield seat, delivery.recorded.n, frame, "", True


def _named(event: ev.AnyEvent) -> str:
    return event.conversation if isinstance(event, ev.ConversationEvent) else ""


def _body(event: ev.AnyEvent, contents: Mapping[str, Content]) -> dict[str, Said | PersonContent] | None:
    if isinstance(event, SAYS):
        return {event.content: said(event.message, contents.get(event.content))}
    if isinstance(event, ev.ContactChanged):
        profile = person_content(contents.get(event.profile))
        return {event.profile: profile} if profile else None
    return None
