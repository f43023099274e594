"""What people do to a conversation: bodies, the commands they become, who may, and what comes of it. Used by the API and the socket.

One table: a verb's name in the URL and in the socket's `do` frame is the same, and so are its fields.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta

from inbox import accounts
from inbox.copies import Copies, data_of
from inbox.decode import Body
from inbox.errors import STATUS_OF_REFUSAL, ApiError, forbidden, malformed, not_found
from inbox.loading import one_view
from inbox.policy import Own, Person, may
from inbox.ports import Services
from stream import commands as cmd
from stream import events as ev
from stream import reads
from stream.ids import new_token
from stream.model import Attachment, Author, Conversation, MessageContent

LATE = 50_000
"""So many events back an answer to an offer is told how it ended; earlier ones find nothing."""
MessageId = Annotated[
    str,
    Meta(
        pattern=r"^msg_[A-Za-z0-9_-]{4,60}$(?!\n)", description="invented by the client; a repeat is harmless"
    ),
]
Ident = Annotated[str, Meta(min_length=1, max_length=128)]
Text = Annotated[str, Meta(max_length=100_000)]
Html = Annotated[str, Meta(max_length=262_144)]
Reason = Annotated[str, Meta(max_length=500)]
Version = Annotated[int, Meta(ge=0, le=2**53)]
Files = Annotated[tuple[Ident, ...], Meta(max_length=20)]
Names = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...], Meta(max_length=50)]


class ReplyBody(Body, frozen=True, kw_only=True):
    """A message to the customer. Without `cc` the channel decides who stays in (everybody who was on the customer's mail)."""

    message: MessageId
    text: Text = ""
    html: Html = ""
    attachments: Files = ()
    reply_to: Annotated[str, Meta(max_length=128)] = ""
    cc: Copies | None = None
    bcc: Copies = ()


class NoteBody(Body, frozen=True, kw_only=True):
    """A private note; `mentions` are logins who may see the conversation from now on."""

    message: MessageId
    text: Text = ""
    mentions: Names = ()
    attachments: Files = ()


class OfferBody(Body, frozen=True, kw_only=True):
    """Which offer is meant."""

    offer: Ident
    reason: Reason = ""


class TakeBody(Body, frozen=True, kw_only=True):
    """`override` (supervisors) goes above capacity."""

    version: Version = 0
    override: bool = False


class AssignBody(Body, frozen=True, kw_only=True):
    """To whom."""

    agent: Ident
    version: Version = 0
    override: bool = False
    reason: Reason = ""


class TransferBody(Body, frozen=True, kw_only=True):
    """Into which queue; without one the rules decide again. `need` replaces the required skills."""

    queue: Annotated[str, Meta(max_length=128)] = ""
    need: Names | None = None
    reason: Reason = ""
    version: Version = 0


class HandOverBody(Body, frozen=True, kw_only=True):
    """Why a bot gives it to people, and what they should know (a private note)."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    summary: Annotated[str, Meta(max_length=20_000)] = ""
    version: Version = 0


class StateBody(Body, frozen=True, kw_only=True):
    """A change of state."""

    version: Version = 0
    reason: Reason = ""


class SnoozeBody(Body, frozen=True, kw_only=True):
    """Until when, in seconds since the epoch."""

    until: float
    version: Version = 0


class TagsBody(Body, frozen=True, kw_only=True):
    """Tags to add and to remove."""

    add: Names = ()
    remove: Names = ()


class PriorityBody(Body, frozen=True, kw_only=True):
    """0 to 9; higher goes first."""

    priority: Annotated[int, Meta(ge=0, le=9)]


class SpamBody(Body, frozen=True, kw_only=True):
    """Spam, or not after all."""

    spam: bool


class ReadBody(Body, frozen=True, kw_only=True):
    """Read up to this message."""

    seq: Annotated[int, Meta(ge=0, le=2**53)]


class RetryBody(Body, frozen=True, kw_only=True):
    """Which message to send again, or (`discard`) to give up."""

    message: Ident
    discard: bool = False


class MoveBody(Body, frozen=True, kw_only=True):
    """Which message to move, and to which conversation (none: a new one)."""

    message: Ident
    to: Annotated[str, Meta(max_length=64)] = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody's wish about a conversation that they see."""

    services: Services
    person: Person
    conversation: str

    def base(self) -> dict[str, Any]:
        """The fields that every command on a conversation has."""
        return {
            "token": new_token(),
            "workspace": self.person.workspace,
            "conversation": self.conversation,
            "by": Author(kind="bot" if self.person.bot else "agent", id=self.person.login),
        }


# --- bodies into commands --------------------------------------------------------------------------------------------


async def content_of(
    services: Services,
    person: Person,
    text: str,
    html: str,
    files: Sequence[str],
    subject: str = "",
    data: dict[str, Any] | None = None,
) -> MessageContent:
    """What an agent wrote as content: clean HTML, and files that they have uploaded. Raises `ApiError` 400."""
    if not text.strip() and not html.strip() and not files:
        raise malformed("text", "text: write something, or attach a file")
    known = await accounts.uploads(services.store, files)
    for ident in files:
        if ident not in known or not may(person, "attachment.read", Own(known[ident].login)):
            raise malformed("attachments", f"attachments: there is no upload {ident} of yours")
    clean = await asyncio.to_thread(services.clean_html, html) if html else ""
    kept = [known[ident] for ident in dict.fromkeys(files)]
    await accounts.mark_uploads(services.store, [upload.id for upload in kept], services.now())
    return MessageContent(
        text=text,
        html=clean,
        subject=subject,
        data=data or {},
        attachments=tuple(
            Attachment(
                id=upload.id,
                blob=upload.blob,
                name=upload.name,
                content_type=upload.content_type,
                size=upload.size,
            )
            for upload in kept
        ),
    )


async def _reply(deed: Deed, body: ReplyBody) -> cmd.Command:
    copies = await _copies(deed, body)
    content = await content_of(
        deed.services, deed.person, body.text, body.html, body.attachments, data=copies
    )
    return cmd.Reply(**deed.base(), message=body.message, content=content, reply_to=body.reply_to)


async def _copies(deed: Deed, body: ReplyBody) -> dict[str, Any]:
    """Who else gets it; the conversation is only read when somebody does."""
    if body.cc is None and not body.bcc:
        return {}
    row = await reads.conversation(deed.services.store, deed.conversation)
    channel = deed.services.house().channel(row.channel) if row else None
    return data_of(channel, body.cc, body.bcc)


async def _note(deed: Deed, body: NoteBody) -> cmd.Command:
    for login in body.mentions:
        agent = await reads.agent(deed.services.store, login)
        if agent is None or not agent.active:
            raise malformed("mentions", f"mentions: there is no agent {login}")
    content = await content_of(deed.services, deed.person, body.text, "", body.attachments)
    return cmd.AddNote(**deed.base(), message=body.message, content=content, mentions=body.mentions)


async def _accept(deed: Deed, body: OfferBody) -> cmd.Command:
    return cmd.AcceptOffer(**deed.base(), offer=body.offer)


async def _decline(deed: Deed, body: OfferBody) -> cmd.Command:
    return cmd.DeclineOffer(**deed.base(), offer=body.offer, reason=body.reason)


async def _take(deed: Deed, body: TakeBody) -> cmd.Command:
    return cmd.Take(**deed.base(), version=body.version, override=body.override)


async def _assign(deed: Deed, body: AssignBody) -> cmd.Command:
    return cmd.Assign(
        **deed.base(), version=body.version, agent=body.agent, override=body.override, reason=body.reason
    )


async def _transfer(deed: Deed, body: TransferBody) -> cmd.Command:
    if body.queue and all(queue.id != body.queue for queue in deed.services.house().queues):
        raise malformed("queue", f"queue: there is no queue {body.queue}")
    return cmd.Transfer(
        **deed.base(), version=body.version, queue=body.queue, need=body.need, reason=body.reason
    )


async def _handover(deed: Deed, body: HandOverBody) -> cmd.Command:
    if not deed.person.bot:
        raise ApiError(422, "Only bots hand over to people; transfer it to a queue.", code="state")
    return cmd.HandOver(
        **deed.base(), version=body.version, agent=deed.person.login, reason=body.reason, summary=body.summary
    )


async def _resolve(deed: Deed, body: StateBody) -> cmd.Command:
    return cmd.Resolve(**deed.base(), version=body.version, reason=body.reason)


async def _reopen(deed: Deed, body: StateBody) -> cmd.Command:
    return cmd.Reopen(**deed.base(), version=body.version)


async def _wake(deed: Deed, body: StateBody) -> cmd.Command:
    return cmd.Wake(**deed.base(), version=body.version)


async def _snooze(deed: Deed, body: SnoozeBody) -> cmd.Command:
    return cmd.Snooze(**deed.base(), version=body.version, until=body.until)


async def _tags(deed: Deed, body: TagsBody) -> cmd.Command:
    return cmd.SetTags(**deed.base(), add=body.add, remove=body.remove)


async def _priority(deed: Deed, body: PriorityBody) -> cmd.Command:
    return cmd.SetPriority(**deed.base(), priority=body.priority)


async def _spam(deed: Deed, body: SpamBody) -> cmd.Command:
    return cmd.MarkSpam(**deed.base(), spam=body.spam)


async def _read(deed: Deed, body: ReadBody) -> cmd.Command:
    return cmd.MarkRead(**deed.base(), seq=body.seq)


async def _retry(deed: Deed, body: RetryBody) -> cmd.Command:
    return cmd.RetrySend(**deed.base(), message=body.message, discard=body.discard)


async def _move(deed: Deed, body: MoveBody) -> cmd.Command:
    return cmd.MoveMessage(**deed.base(), message=body.message, to=body.to)


@dataclass(frozen=True, slots=True)
class WorkVerb:
    """One verb: what it takes, what it becomes, and what policy calls it."""

    body: type[Body]
    build: Callable[[Deed, Any], Awaitable[cmd.Command]]
    rule: str = "conversation.work"


WORK: dict[str, WorkVerb] = {
    "reply": WorkVerb(ReplyBody, _reply),
    "note": WorkVerb(NoteBody, _note),
    "accept": WorkVerb(OfferBody, _accept),
    "decline": WorkVerb(OfferBody, _decline),
    "take": WorkVerb(TakeBody, _take),
    "assign": WorkVerb(AssignBody, _assign, "conversation.assign"),
    "transfer": WorkVerb(TransferBody, _transfer),
    "handover": WorkVerb(HandOverBody, _handover),
    "resolve": WorkVerb(StateBody, _resolve),
    "reopen": WorkVerb(StateBody, _reopen),
    "wake": WorkVerb(StateBody, _wake),
    "snooze": WorkVerb(SnoozeBody, _snooze),
    "tags": WorkVerb(TagsBody, _tags),
    "priority": WorkVerb(PriorityBody, _priority),
    "spam": WorkVerb(SpamBody, _spam),
    "read": WorkVerb(ReadBody, _read),
    "retry": WorkVerb(RetryBody, _retry),
    "move": WorkVerb(MoveBody, _move),
}


# --- doing it --------------------------------------------------------------------------------------------------------


async def work(
    services: Services, person: Person, verb: str, conversation: str, body: Any
) -> cmd.Committed | cmd.Duplicate:
    """Do `verb` to a conversation. Raises `ApiError`: 404 unless they see it, 403 unless they may, 409 or 422 when it is refused."""
    entry = WORK[verb]
    row = await reads.conversation(services.store, conversation)
    if row is None or not may(person, "conversation.read", row):
        raise await _unseen(services, person, conversation, body)
    if not may(person, entry.rule, row) or (
        getattr(body, "override", False) and not may(person, "conversation.override", row)
    ):
        raise forbidden()
    command = await entry.build(Deed(services, person, conversation), body)
    result = await services.journal.submit(command)
    if isinstance(result, cmd.Refused):
        await accounts.mark_uploads(services.store, getattr(body, "attachments", ()), 0.0)
        raise await refusal(services, person, result)
    return result


async def _unseen(services: Services, person: Person, conversation: str, body: Any) -> ApiError:
    """404; who was asked about it, and answers too late to see it still, is told how their offer ended."""
    if isinstance(body, OfferBody):
        since = max(0, services.journal.head - LATE)
        for recorded in reversed(await reads.events_of(services.store, conversation, since)):
            event = recorded.event
            if isinstance(event, ev.OfferEnded) and (event.offer, event.agent) == (body.offer, person.login):
                return ApiError(STATUS_OF_REFUSAL["offer_over"], _over(event), code="offer_over")
    return not_found("This conversation")


def _over(event: ev.OfferEnded) -> str:
    """How an offer ended, for the one who was asked."""
    if event.how == "declined":
        return "You have declined this offer."
    if event.how == "expired":
        return "This offer is over: its time had run out."
    return f"{event.reason}." if event.reason else "This offer is over."


async def refusal(services: Services, person: Person, result: cmd.Refused) -> ApiError:
    """A refused command as an error, with the state as it is where the asker may see it."""
    row: Conversation | None = result.conversation
    visible = row is not None and may(person, "conversation.read", row)
    view = await one_view(services, row) if row is not None and visible else None
    return ApiError(STATUS_OF_REFUSAL[result.code], result.sentence, code=result.code, conversation=view)
