"""Four short lives that tell every event once at least. `name` is what the customer is called, writes under and says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stream import commands as cmd
from stream.ids import lookup
from stream.model import MessageContent, ServiceLevel, Target
from tests.making import ANN, BEN, agent, team
from tests.stream.desk import EPOCH, Desk


def _of(name: str) -> dict[str, Any]:
    who = cmd.From(
        scheme="webchat",
        scope="channel",
        lookup=lookup("main", "webchat", "channel", name),
        value=name,
        display=name,
    )
    return {"sender": who, "conversation_key": name, "text": name}


def served(name: str = "v1") -> Desk:
    """Queued, offered, declined, offered, accepted, answered, read, tagged, resting, snoozed, woken, resolved, re-opened."""
    desk = Desk()
    conversation = desk.arrive(name, provider_id="p1", **_of(name))
    by: dict[str, Any] = {"conversation": conversation, "by": ANN}
    desk.done(desk.enqueue(conversation, explain={"rule": "first"}, rule="first"))
    opened = {"rule": "first", "opened": ("1: agents.available == 0",)}
    desk.done(desk.on(cmd.OpenStep, conversation=conversation, epoch=EPOCH, **opened))
    for verb in (cmd.DeclineOffer, cmd.AcceptOffer):
        offer = desk.offer(conversation)
        desk.done(offer)
        desk.done(desk.on(verb, **by, offer=offer.offer))
    desk.done(desk.on(cmd.MarkRead, **by, seq=1))
    desk.done(desk.on(cmd.SetTags, **by, add=("vip",)))
    desk.done(desk.on(cmd.SetPriority, **by, priority=2))
    content = MessageContent(text=name)
    desk.done(desk.on(cmd.AddNote, **by, message="msg_note", content=content, mentions=("ben",)))
    desk.sent(conversation, "p2")
    desk.done(desk.receipt("p2", "read"))
    desk.done(desk.on(cmd.Rest, conversation=conversation, agent="ann", epoch=EPOCH))
    desk.done(desk.on(cmd.Snooze, **by, until=desk.now + 10))
    desk.now += 10
    desk.done(desk.on(cmd.WakeDue, conversation=conversation, epoch=EPOCH))
    desk.done(desk.on(cmd.Resolve, **by))
    desk.arrive(name, **_of(name))
    return desk


def changed(name: str = "v1") -> Desk:
    """Edited, reacted to, taken back, blocked, left, merged and un-merged, renamed, erased."""
    desk = Desk()
    row = desk.row(desk.arrive(name, provider_id="p1", **_of(name)))
    other = desk.row(desk.arrive("v2"))
    facts: dict[str, Any] = {"channel": "website", "connector": "webchat", "provider_id": "p1"}
    desk.done(desk.on(cmd.ReceiveEdit, **facts, source_key="e", content=MessageContent(text=name)))
    desk.done(desk.on(cmd.ReceiveReaction, **facts, source_key="r", author="a", emoji="👍"))
    desk.done(desk.on(cmd.ReceiveDelete, **facts, source_key="d"))
    signal = {
        "channel": "website",
        "connector": "webchat",
        "source_key": "s",
        "name": "left",
        "stopped": True,
    }
    desk.done(desk.on(cmd.ReceiveSignal, **signal, sender=_of(name)["sender"]))
    desk.done(desk.on(cmd.BlockIdentity, identity=row.identity, blocked=True, by=ANN))
    one, two = (desk.shelf.identity(of.identity).contact for of in (row, other))
    desk.done(desk.on(cmd.ChangeContact, contact=one, name=name, by=ANN))
    desk.done(desk.on(cmd.MergeContacts, contact=one, merged=two, by=ANN))
    desk.done(desk.on(cmd.UnmergeContacts, contact=one, merged=two, by=ANN))
    desk.done(desk.on(cmd.EraseContent, contents=(row.preview,), by=ANN))
    return desk


def moved(name: str = "v1") -> Desk:
    """Pushed, handed back, transferred, taken, spam and not spam, started by an agent; a status, a configuration."""
    desk = Desk()
    conversation = desk.arrive(name, **_of(name))
    by: dict[str, Any] = {"conversation": conversation, "by": BEN}
    desk.done(desk.on(cmd.Push, conversation=conversation, agent="ann", units=1, epoch=EPOCH))
    desk.done(desk.on(cmd.HandBack, conversation=conversation, agent="ann", epoch=EPOCH))
    desk.done(desk.on(cmd.Transfer, **by, queue="sales"))
    desk.done(desk.on(cmd.Take, **by))
    desk.done(desk.on(cmd.MarkSpam, **by, spam=True))
    desk.done(desk.on(cmd.MarkSpam, **by, spam=False))
    desk.done(
        desk.on(
            cmd.StartConversation, channel="mail", connector="email", conversation_key=name, to=_of(name)["sender"], by=ANN,
            subject=name, message="msg_first", content=MessageContent(text=name),
        )
    )  # fmt: skip
    desk.done(desk.on(cmd.SetStatus, agent="ben", status="away", by=BEN))
    desk.done(team(agent("ann"), digest="h2"))
    return desk


def promised(name: str = "v1") -> Desk:
    """A service level: its clocks are set, the first reply is at risk, late, and late for longer; it is answered, asked again, set anew; a rule tags it."""
    desk = Desk()
    conversation = desk.arrive(name, **_of(name))
    of: dict[str, Any] = {"conversation": conversation, "epoch": EPOCH}
    targets = (
        Target(name="first_reply", within=60.0, since=desk.now, due_at=desk.now + 60),
        Target(name="resolution", within=900.0, since=desk.now, due_at=desk.now + 900),
    )
    level = ServiceLevel(name="gold", queue="support", targets=targets, owed=True)
    desk.done(
        desk.on(cmd.SetLevel, **of, moves=0, level=level, asked_at=desk.row(conversation).last_customer_at)
    )
    mark: dict[str, Any] = {
        **of,
        "target": "first_reply",
        "round": 1,
        "known": 0,
        "explain": {"level": "gold"},
    }
    desk.done(desk.on(cmd.ReachMark, **mark, moves=1, state="at_risk", mark=48.0, boost=60.0, tell=("ben",)))
    desk.now += 60
    more: dict[str, Any] = {"tags": ("late",), "priority": 5}
    desk.done(desk.on(cmd.ReachMark, **mark, moves=2, state="breached", mark=60.0, **more))
    desk.done(
        desk.on(cmd.ReachMark, **mark, moves=3, state="escalated", mark=90.0, queue="sales", need=("de",))
    )
    desk.sent(conversation, "p2")
    desk.arrive(name, **_of(name))
    rule = cmd.RuleRun(rule="late", tag=("seen",))
    desk.done(desk.on(cmd.Automate, **of, key="a", trigger="level.breached", runs=(rule,)))
    row = desk.row(conversation).level
    assert row is not None
    desk.done(desk.on(cmd.SetLevel, **of, moves=4, level=row, heard=2))
    return desk


STORIES: dict[str, Callable[..., Desk]] = {
    "served": served,
    "changed": changed,
    "moved": moved,
    "promised": promised,
}
