"""Three short lives that tell every event once at least. `name` is what the customer is called, writes under and says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stream import commands as cmd
from stream.ids import lookup
from stream.model import MessageContent
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
    """Queued, offered, declined, offered, accepted, answered, read, tagged, snoozed, woken, resolved, re-opened."""
    desk = Desk()
    conversation = desk.arrive(name, provider_id="p1", **_of(name))
    by: dict[str, Any] = {"conversation": conversation, "by": ANN}
    desk.done(desk.enqueue(conversation, explain={"rule": "first"}))
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


STORIES: dict[str, Callable[..., Desk]] = {"served": served, "changed": changed, "moved": moved}
