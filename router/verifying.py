"""`parley explain CONVERSATION --verify`: the recorded decisions once more, from their records and the events before them alone. Reads only.

What has a record must follow from it and the configuration that it names. What has none (back at its place, moved by a step, an offer
whose time was over, a rest, the end of a snooze) must follow from the conversation's events and the configuration active then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from router import decisions as say
from router import rederiving
from router.plan import Plan
from stream import events as ev
from stream import reads
from stream.fold import fold_row
from stream.model import Conversation, DocumentContent
from stream.store.ports import Store

SLACK = 1.0
"""Seconds by which a commit's clock may be before the decision's."""
CUT = "..."
Verdict = Literal["agrees", "differs", "unknown"]
Reached = ev.LevelAtRisk | ev.LevelBreached | ev.LevelEscalated
_STATES = {ev.LevelAtRisk: "at_risk", ev.LevelBreached: "breached", ev.LevelEscalated: "escalated"}


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """A decision of the router's at number `n`, whether it follows, and why not or why nobody can say."""

    n: int
    at: float
    type: str
    verdict: Verdict
    why: str = ""


class _Unknown(Exception):
    """Nobody can say, for this reason."""


class Past:
    """The events of a conversation up to the one that is looked at: `row` as they left it, None when they do not reach back to its beginning."""

    def __init__(self) -> None:
        self.row: Conversation | None = None

    def take(self, one: ev.Recorded) -> None:
        """Go on by an event."""
        event = one.event
        if isinstance(event, ev.ConversationEvent) and (
            self.row or isinstance(event, ev.ConversationStarted)
        ):
            key = ("conversation", event.conversation)
            self.row = fold_row(key, self.row, event, one.at)  # type: ignore[assignment]  # the key says which entity


async def verify(
    store: Store, events: Sequence[ev.Recorded], plan_of: Callable[[Any], Plan]
) -> list[Verified]:
    """Every decision of the router's among these events of one conversation, in their order. Raises `StoreError`."""
    contents = await reads.contents(store, [one.event.explain for one in events if _explained(one)])  # type: ignore[union-attr]  # has it
    plans = await Plans.of(store, events, contents, plan_of)
    past, found = Past(), list[Verified]()
    for one in events:
        if _decided(one.event):
            found.append(_verified(one, events, contents, plans, past))
        past.take(one)
    return found


class Plans:
    """The configurations that were ever applied, as plans: by the hash that a record names, or by the event before which one was active."""

    def __init__(self, plans: Mapping[str, Plan], applied: Sequence[tuple[int, str]]) -> None:
        self._plans, self._applied = plans, applied

    @classmethod
    async def of(
        cls,
        store: Store,
        events: Sequence[ev.Recorded],
        contents: Mapping[str, Any],
        plan_of: Callable[[Any], Plan],
    ) -> Plans:
        """Those that these events need."""
        known = await reads.configs(store)
        applied = [(one.n, one.hash) for one in known]
        wanted = {_body(one).get("config", "") for one in contents.values()}
        wanted |= {_active(applied, one.n) for one in events if _decided(one.event)}
        bundles = {one.hash: one.bundle for one in known if one.hash in wanted}
        stored = await reads.contents(store, list(bundles.values()))
        return cls(
            {
                digest: plan_of(_body(stored.get(ident)))
                for digest, ident in bundles.items()
                if ident in stored
            },
            applied,
        )

    def named(self, digest: str) -> Plan:
        """The plan of a hash. Raises `_Unknown`."""
        if digest not in self._plans:
            raise _Unknown("its configuration is no longer stored")
        return self._plans[digest]

    def at(self, n: int) -> Plan:
        """The plan that was active before event `n`."""
        return self.named(_active(self._applied, n))


def _active(applied: Sequence[tuple[int, str]], n: int) -> str:
    return next((digest for at, digest in reversed(applied) if at < n), "")


def _body(content: Any) -> dict[str, Any]:
    body = content.body if isinstance(content, DocumentContent) else None
    return body if isinstance(body, dict) else {}


def _explained(one: ev.Recorded) -> bool:
    return bool(getattr(one.event, "explain", ""))


def _decided(event: ev.AnyEvent) -> bool:
    """Whether the router decided it, and not a person, a customer or a rule of the automation."""
    if isinstance(event, ev.ConversationQueued):
        return event.by.id == "router"
    if isinstance(event, ev.OfferEnded):
        return event.how == "expired"
    if isinstance(event, ev.ConversationAssigned):
        return event.how == "pushed"
    if isinstance(event, ev.ConversationRested):
        return event.resting
    return isinstance(event, (ev.OfferMade, ev.StepOpened, *_STATES))


def _verified(
    one: ev.Recorded, events: Sequence[ev.Recorded], contents: Mapping[str, Any], plans: Plans, past: Past
) -> Verified:
    verdict: Verdict = "agrees"
    try:
        why = (
            _by_record(one, events, contents, plans, past)
            if _explained(one)
            else _by_events(one, plans, past.row)
        )
        verdict = "differs" if why else "agrees"
    except _Unknown as fault:
        verdict, why = "unknown", str(fault)
    except (LookupError, ValueError, TypeError, AttributeError) as fault:
        verdict, why = "differs", f"it cannot be decided again: {type(fault).__name__} {fault}"
    kind = str(type(one.event).__struct_config__.tag)
    return Verified(n=one.n, at=one.at, type=kind, verdict=verdict, why=why)


# --- from a record ---------------------------------------------------------------------------------------------------


def _by_record(
    one: ev.Recorded, events: Sequence[ev.Recorded], contents: Mapping[str, Any], plans: Plans, past: Past
) -> str:
    event: Any = one.event
    record = _body(contents.get(event.explain))
    if not record:
        raise _Unknown("its record was erased")
    if any(isinstance(value, list) and CUT in value for value in record.values()):
        raise _Unknown("its record was cut to 4 kB")
    plan = plans.named(record["config"])
    if isinstance(event, ev.ConversationQueued):
        return _placed(event, rederiving.placed(record, plan))
    if isinstance(event, ev.OfferMade):
        return _asked(event, [e.event for e in events], rederiving.choice(record, plan))
    if isinstance(event, ev.ConversationAssigned):
        again = rederiving.choice(record, plan)
        return again if isinstance(again, str) else _differing(event, again, ("agent", "units"))
    if isinstance(event, ev.StepOpened):
        if past.row is None:
            raise _Unknown("the journal no longer reaches back to its beginning")
        again_open = rederiving.opened(record, plan, set(past.row.opened))
        return (
            ""
            if again_open == set(event.opened)
            else f"{sorted(again_open)} are open, not {list(event.opened)}"
        )
    return _marked(event, rederiving.mark(record, plan, event.told))


def _placed(event: ev.ConversationQueued, again: say.Queue) -> str:
    return _differing(
        event,
        again,
        ("queue", "waiting_since", "priority", "rule", "need", "units", "team", "tags", "language"),
    )


def _asked(event: ev.OfferMade, events: Sequence[ev.AnyEvent], again: say.Offer | say.Push | str) -> str:
    """Whoever had no room any more when it was committed is left out of an offer to several."""
    if not isinstance(again, say.Offer):
        return again if isinstance(again, str) else f"it is given to {again.agent} without asking"
    asked = [one.agent for one in events if isinstance(one, ev.OfferMade) and one.offer == event.offer]
    meant = [again.agent, *(login for login, _ in again.also)]
    if asked != [login for login in meant if login in asked]:
        return f"{', '.join(meant)} are asked, not {', '.join(asked)}"
    return _differing(event, again, ("units", "expires_at"))


def _marked(event: Reached, again: say.ReachMark) -> str:
    if again.state != _STATES[type(event)]:
        return f"it is {again.state}"
    return _differing(event, again, ("target", "mark", "boost"))


def _differing(event: Any, again: Any, names: Sequence[str]) -> str:
    return "; ".join(
        f"{name} is {mine}, not {theirs}"
        for name in names
        if (mine := getattr(again, name)) != (theirs := getattr(event, name))
    )


# --- from the events before it -----------------------------------------------------------------------------------------


def _by_events(one: ev.Recorded, plans: Plans, row: Conversation | None) -> str:
    if row is None:
        raise _Unknown("the journal no longer reaches back to its beginning")
    event, plan = one.event, plans.at(one.n)
    if isinstance(event, ev.ConversationQueued):
        return _returned(event, one.at, plan, row)
    if isinstance(event, ev.OfferEnded):
        return _expired(event, one.at, plan, row)
    silent = one.at + SLACK - max(row.last_agent_at, row.last_customer_at)
    least = plan.channel(row.channel, row.connector).idle_release
    return "" if silent >= least > 0 else f"{silent:.0f} s of silence are less than {least:g}"


def _returned(event: ev.ConversationQueued, at: float, plan: Plan, row: Conversation) -> str:
    place = row.place or row.waiting_since or row.created_at
    if event.waiting_since != place:
        return f"its place was {place}, not {event.waiting_since}"
    if event.reason.startswith("step "):
        return _moved(event, at, plan, row)
    if event.queue != row.queue:
        return f"it was in {row.queue or 'no queue'}, not {event.queue}"
    if event.released:
        raise _Unknown("it kept its place; who was connected is not recorded")
    return ""


def _moved(event: ev.ConversationQueued, at: float, plan: Plan, row: Conversation) -> str:
    number, _, name = event.reason.removeprefix("step ").partition(" of rule ")
    step = plan.rules.by_name[name].steps[int(number)]
    if event.waiting_since + step.after > at + SLACK:
        return f"{event.reason} begins later"
    if event.queue != (step.queue or row.queue) or event.tags != step.tags:
        return f"{event.reason} moves it to {step.queue or row.queue}"
    return ""


def _expired(event: ev.OfferEnded, at: float, plan: Plan, row: Conversation) -> str:
    if row.offer is None or row.offer.id != event.offer:
        return "this offer did not stand"
    if row.offer.expires_at > at + SLACK:
        return "its time was not over"
    late = f"no answer within {plan.within(row.channel, row.connector):g} s"
    return "" if event.reason == late else f"it stands for another while: {late}"
