"""Decisions as commands of the stream, each with the lease's epoch. Pure but for the token that it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from router import decisions as say
from router.decisions import Decision
from router.records import Record
from stream import commands as cmd
from stream.ids import derived
from stream.model import Author

ROUTER = Author(kind="system", id="router")
RECORD_BYTES = 4_096
_OPTIONAL = ("losers", "refused", "excluded", "need")
_LAST = (*_OPTIONAL, "when", "facts", "asked", "also_keys")


def command(decision: Decision, epoch: int, token: str, workspace: str) -> cmd.Command:
    """The command that asks for `decision`; whatever it creates is named after `token`."""
    if isinstance(decision, say.SetAway):
        return cmd.SetStatus(
            token=token,
            workspace=workspace,
            agent=decision.agent,
            status="away",
            reason=decision.reason,
            by=ROUTER,
            epoch=epoch,
        )
    base: dict[str, Any] = {
        "token": token,
        "workspace": workspace,
        "epoch": epoch,
        "conversation": decision.id,
        "reason": decision.reason,
    }
    build: Callable[[Any, dict[str, Any], str], cmd.Command] = _BUILD[type(decision)]
    return build(decision, base, token)


def _queue(decision: say.Queue, base: dict[str, Any], _token: str) -> cmd.Command:
    return cmd.Enqueue(
        **base,
        explain=trimmed(decision.explain),
        queue=decision.queue,
        priority=decision.priority,
        rule=decision.rule,
        need=decision.need,
        units=decision.units,
        team=decision.team,
        waiting_since=decision.waiting_since,
        tags=decision.tags,
        language=decision.language,
    )


def _step(decision: say.OpenStep, base: dict[str, Any], _token: str) -> cmd.Command:
    return cmd.OpenStep(**base, explain=trimmed(decision.explain), rule=decision.rule, opened=decision.opened)


def _offer(decision: say.Offer, base: dict[str, Any], token: str) -> cmd.Command:
    return cmd.MakeOffer(
        **base,
        explain=trimmed(decision.explain),
        offer=derived("off", token),
        agent=decision.agent,
        units=decision.units,
        beyond=decision.beyond,
        expires_at=decision.expires_at,
        also=decision.also,
        replaces=decision.replaces,
    )


def _push(decision: say.Push, base: dict[str, Any], _token: str) -> cmd.Command:
    return cmd.Push(
        **base,
        explain=trimmed(decision.explain),
        agent=decision.agent,
        units=decision.units,
        beyond=decision.beyond,
    )


def _end(decision: say.EndOffer, base: dict[str, Any], _token: str) -> cmd.Command:
    only = decision.agent if decision.alone else ""
    return cmd.EndOffer(**base, offer=decision.offer, how=decision.how, agent=only)


def _back(decision: say.HandBack, base: dict[str, Any], _token: str) -> cmd.Command:
    return cmd.HandBack(**base, agent=decision.agent)


def _rest(decision: say.Rest, base: dict[str, Any], _token: str) -> cmd.Command:
    return cmd.Rest(**base, agent=decision.agent)


def _reply(decision: say.AutoReply, base: dict[str, Any], token: str) -> cmd.Command:
    return cmd.AutoReply(**base, message=derived("msg", token), text=decision.text, once=decision.once)


def _wake(_decision: say.Wake, base: dict[str, Any], _token: str) -> cmd.Command:
    return cmd.WakeDue(**base)


def _level(decision: say.SetLevel, base: dict[str, Any], _token: str) -> cmd.Command:
    return cmd.SetLevel(
        **base,
        level=decision.level,
        moves=decision.moves,
        heard=decision.heard,
        asked_at=decision.asked_at,
        answered_at=decision.answered_at,
    )


def _mark(decision: say.ReachMark, base: dict[str, Any], _token: str) -> cmd.Command:
    own = {name: getattr(decision, name) for name in _MARKED}
    return cmd.ReachMark(**base, **own, explain=trimmed(decision.explain))


_MARKED = frozenset(say.ReachMark.__struct_fields__) - {"id", "reason", "explain"}
_BUILD: dict[type, Any] = {
    say.Queue: _queue,
    say.OpenStep: _step,
    say.Offer: _offer,
    say.Push: _push,
    say.EndOffer: _end,
    say.HandBack: _back,
    say.Rest: _rest,
    say.AutoReply: _reply,
    say.Wake: _wake,
    say.SetLevel: _level,
    say.ReachMark: _mark,
}


def trimmed(explained: Record | dict[str, Any] | None) -> dict[str, Any] | None:
    """A record, written out, that fits: lists are cut, the longest-winded first, until it does."""
    record = explained.told() if isinstance(explained, Record) else explained
    if record is None or len(msgspec.json.encode(record)) <= RECORD_BYTES:
        return record
    short = dict(record)
    for name in _OPTIONAL:
        short[name] = [*short.get(name, [])[:1], "..."]
        if len(msgspec.json.encode(short)) <= RECORD_BYTES:
            return short
    return {key: value for key, value in short.items() if key not in _LAST}
