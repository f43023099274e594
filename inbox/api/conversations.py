"""Conversations: lists, one, its messages, why it went where it went, and starting one. What people do to them is `work`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from inbox.call import Call, NoBody, NoQuery
from inbox.copies import ONE_LINE, Copies, data_of
from inbox.decode import Body
from inbox.errors import ApiError, malformed, not_found
from inbox.loading import conversation_views, kin_of, message_views, one_view, owner_of
from inbox.policy import Kin, may, sees, visibility
from inbox.verbs import Files, Html, MessageId, Text, content_of, refusal
from inbox.views import ConversationView, MessageView
from stream import commands as cmd
from stream import reads
from stream.events import AutomationRan, ConversationAssigned, Recorded
from stream.fold import scope_of
from stream.ids import new_token
from stream.model import Author, Content, Conversation, DocumentContent

Limit = Annotated[int, Meta(ge=1, le=200)]
Cursor = Annotated[str, Meta(max_length=200)]
Line = Annotated[str, Meta(max_length=500, pattern=ONE_LINE)]
Name = Annotated[str, Meta(max_length=200, pattern=ONE_LINE)]
EXPLAINED = 200
TOLD_BY_ITSELF: dict[type, tuple[str, ...]] = {
    AutomationRan: ("trigger", "rules", "did", "chain", "cut"),
    ConversationAssigned: ("how", "by", "over_capacity"),
}
"""What events without a record of their own say about themselves."""


class ListQuery(Body, frozen=True, kw_only=True):
    """Which list, and from where on."""

    view: Literal["mine", "unassigned", "all", "snoozed", "resolved", "spam", "mentions"] = "mine"
    queue: Annotated[str, Meta(max_length=128)] = ""
    cursor: Cursor = ""
    limit: Limit = 50


class Conversations(msgspec.Struct, frozen=True, kw_only=True):
    """A page, newest activity first; `next` is the cursor of the following one, "" at the end."""

    items: list[ConversationView]
    next: str


class MessagesQuery(Body, frozen=True, kw_only=True):
    """Messages before a place, or the newest."""

    before: Annotated[int, Meta(ge=0, le=2**53)] = 2**53
    limit: Limit = 50


class Messages(msgspec.Struct, frozen=True, kw_only=True):
    """A page, oldest first; `more` when there are older ones."""

    items: list[MessageView]
    more: bool


class StartBody(Body, frozen=True, kw_only=True):
    """Write first: to an address on a channel that can. `proactive`: nobody asked for it, so it names a way to leave (email: `unsubscribe`)."""

    channel: Annotated[str, Meta(min_length=1, max_length=128)]
    to: Annotated[str, Meta(min_length=1, max_length=320, pattern=ONE_LINE)]
    name: Name = ""
    subject: Line
    text: Text = ""
    html: Html = ""
    attachments: Files = ()
    cc: Copies = ()
    bcc: Copies = ()
    proactive: bool = False
    message: MessageId


class DecisionView(msgspec.Struct, frozen=True, kw_only=True):
    """One decision: its event's kind and number, and the record that explains it (None once it is erased).

    `agent`: whom it asks or gives it to, if anybody. `offer`: which offer it makes; several with one are one question to several agents.
    """

    n: int
    at: float
    kind: str
    agent: str
    offer: str
    reason: str
    explain: Any


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """The newest 200 decisions about a conversation, oldest first."""

    decisions: list[DecisionView]


async def read_list(call: Call[NoBody, ListQuery]) -> Conversations:
    """A list of conversations that the caller may see."""
    query, person, store = call.query, call.person, call.services.store
    try:
        if query.view == "mentions":
            rows, following = await reads.list_named(
                store, person.login, query.cursor, query.limit, person.workspace
            )
        else:
            rows, following = await reads.list_conversations(store, _filter(call), query.cursor, query.limit)
    except ValueError as error:
        raise malformed("cursor", "cursor: not one of ours") from error
    visible = [row for row in rows if sees(person, scope_of(row))]
    return Conversations(items=await conversation_views(call.services, visible), next=following)


def _filter(call: Call[NoBody, ListQuery]) -> reads.ConversationFilter:
    view, person = call.query.view, call.person
    statuses = {
        "mine": ("open",),
        "unassigned": ("open",),
        "all": ("open", "snoozed"),
        "snoozed": ("snoozed",),
    }
    return reads.ConversationFilter(
        visible_to=visibility(person),
        workspace=person.workspace,
        statuses=statuses.get(view, ("resolved",) if view == "resolved" else ("open", "snoozed", "resolved")),
        assignee=person.login if view == "mine" else "",
        waiting=view == "unassigned",
        queues=(call.query.queue,) if call.query.queue else None,
        spam=view == "spam",
    )


async def visible(call: Call[Any, Any], ident: str, what: str = "This conversation") -> Conversation:
    """The conversation, if the caller sees it, also as part of a contact's timeline. Raises `ApiError` 404 that names `what` was asked for."""
    row = await reads.conversation(call.services.store, ident)
    if row is None:
        raise not_found(what)
    if not may(call.person, "conversation.read", row):
        kin = Kin(await kin_of(call.services, await owner_of(call.services, row.identity)))
        if row.workspace != call.person.workspace or not may(call.person, "conversation.read", kin):
            raise not_found(what)
    return row


async def read(call: Call[NoBody, NoQuery]) -> ConversationView:
    """One conversation."""
    return await one_view(call.services, await visible(call, call.arg()))


async def read_messages(call: Call[NoBody, MessagesQuery]) -> Messages:
    """A conversation's messages and notes."""
    row = await visible(call, call.arg())
    found = await reads.messages(call.services.store, row.id, call.query.before, call.query.limit)
    return Messages(items=await message_views(call.services, found), more=bool(found) and found[0].seq > 1)


async def explain(call: Call[NoBody, NoQuery]) -> Explained:
    """Why it went where it went."""
    row = await visible(call, call.arg())
    events = await reads.events_of(call.services.store, row.id, limit=10_000)
    decided = [one for one in events if hasattr(one.event, "explain") or isinstance(one.event, AutomationRan)]
    decided = decided[-EXPLAINED:]
    contents = await call.services.journal.contents(
        [ident for r in decided if (ident := getattr(r.event, "explain", ""))]
    )
    return Explained(decisions=[_decision(recorded, contents) for recorded in decided])


def _decision(recorded: Recorded, contents: Mapping[str, Content]) -> DecisionView:
    event = recorded.event
    document = contents.get(getattr(event, "explain", ""))
    record = document.body if isinstance(document, DocumentContent) else None
    if record is None and (names := TOLD_BY_ITSELF.get(type(event))):
        record = {name: value for name in names if (value := getattr(event, name))}
    return DecisionView(
        n=recorded.n,
        at=recorded.at,
        kind=str(type(event).__struct_config__.tag),
        agent=getattr(event, "agent", ""),
        offer=getattr(event, "offer", ""),
        reason=getattr(event, "reason", ""),
        explain=record,
    )


async def start(call: Call[StartBody, NoQuery]) -> ConversationView:
    """Start a conversation by writing first."""
    services, body, person = call.services, call.body, call.person
    channel = services.house().channel(body.channel)
    if channel is None or not channel.capabilities.get("starts_conversations"):
        raise malformed("channel", f"channel: {body.channel} cannot start conversations")
    try:
        outreach = services.reach(body.channel, body.to, body.name)
    except ValueError as error:
        raise malformed("to", f"to: {error}") from error
    data = data_of(channel, body.cc or None, body.bcc) | ({"proactive": True} if body.proactive else {})
    content = await content_of(services, person, body.text, body.html, body.attachments, body.subject, data)
    result = await services.journal.submit(
        cmd.StartConversation(
            token=new_token(),
            workspace=person.workspace,
            channel=channel.id,
            connector=channel.connector,
            conversation_key=outreach.conversation_key,
            to=outreach.to,
            by=Author(kind="agent", id=person.login),
            subject=body.subject,
            message=body.message,
            content=content,
        )
    )
    if isinstance(result, cmd.Refused):
        raise await refusal(services, person, result)
    return await _started(call, body.message)


async def _started(call: Call[StartBody, NoQuery], ident: str) -> ConversationView:
    """The conversation of the message: also when this was a repeat."""
    message = await reads.message(call.services.store, ident)
    row = await reads.conversation(call.services.store, message.conversation) if message else None
    if row is None or not may(call.person, "conversation.read", row):
        raise ApiError(409, "This message id has been used elsewhere.")
    return await one_view(call.services, row)
