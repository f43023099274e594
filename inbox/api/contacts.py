"""Contacts and their identities: finding, reading, changing, merging, blocking, and the timeline over all channels."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from inbox.api.conversations import Cursor, Name
from inbox.call import Call, NoBody, NoQuery, Ok
from inbox.decode import Body
from inbox.errors import ApiError, malformed, not_found
from inbox.loading import conversation_views, kin_of, message_views, whole_contact
from inbox.policy import Kin, may, visibility
from inbox.verbs import Ident, Reason, refusal
from inbox.views import ContactBrief, ContactView, ConversationView, MessageView, contact_brief
from stream import commands as cmd
from stream import reads
from stream.erasing import NotErased, erase_contact
from stream.ids import new_token
from stream.model import Author, Contact
from stream.search import search

LAST_MESSAGES = 3
_ERASING = asyncio.Lock()
"""One at a time in a process: each reads the whole journal."""


class FindQuery(Body, frozen=True, kw_only=True):
    """Words of a name or an address."""

    q: Annotated[str, Meta(max_length=200)] = ""
    limit: Annotated[int, Meta(ge=1, le=50)] = 20


class Contacts(msgspec.Struct, frozen=True, kw_only=True):
    """Found contacts."""

    items: list[ContactBrief]


class TimelineQuery(Body, frozen=True, kw_only=True):
    """From where on."""

    cursor: Cursor = ""
    limit: Annotated[int, Meta(ge=1, le=50)] = 20


class TimelineItem(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with its last three messages, oldest first."""

    conversation: ConversationView
    messages: list[MessageView]


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """A contact's conversations over all channels, newest first."""

    items: list[TimelineItem]
    next: str


class ContactBody(Body, frozen=True, kw_only=True):
    """The whole profile."""

    name: Name
    attributes: Annotated[
        dict[Annotated[str, Meta(min_length=1, max_length=64)], Annotated[str, Meta(max_length=1000)]],
        Meta(max_length=50),
    ] = msgspec.field(default_factory=dict)


class OtherBody(Body, frozen=True, kw_only=True):
    """The other contact."""

    contact: Ident


class BlockBody(Body, frozen=True, kw_only=True):
    """Blocked or not."""

    blocked: bool


class EraseBody(Body, frozen=True, kw_only=True):
    """`confirm` is the contact's id once more: what is erased does not come back. `reason` stands where it was."""

    confirm: Ident
    reason: Reason = ""


class ErasedView(msgspec.Struct, frozen=True, kw_only=True):
    """How much is gone: contents (what was said, names, addresses), raw inputs and dead letters."""

    contents: int
    raw: int
    letters: int


async def find(call: Call[NoBody, FindQuery]) -> Contacts:
    """Find contacts that the caller may see."""
    hits = await search(
        call.services.store,
        call.query.q,
        visibility(call.person),
        limit=call.query.limit * 4,
        workspace=call.person.workspace,
    )
    idents = list(dict.fromkeys(hit.contact for hit in hits if hit.kind == "contact"))[: call.query.limit]
    rows = await reads.contacts(call.services.store, idents)
    contents = await call.services.journal.contents([row.profile for row in rows.values() if row.profile])
    kept = [rows[ident] for ident in idents if ident in rows and not rows[ident].merged_into]
    return Contacts(items=[contact_brief(row, contents) for row in kept])


async def _contact(call: Call[Any, Any], ident: str, verb: str, what: str = "This contact") -> Contact:
    """The contact, if the caller sees one of its conversations. Raises `ApiError` 404 that names `what` was asked for."""
    row = await reads.contact(call.services.store, ident)
    if row is None or row.workspace != call.person.workspace:
        raise not_found(what)
    owner = row.merged_into or row.id
    if not may(call.person, verb, Kin(await kin_of(call.services, owner))):
        raise not_found(what)
    return row


async def read(call: Call[NoBody, NoQuery]) -> ContactView:
    """One contact."""
    row = await _contact(call, call.arg(), "contact.read")
    return await whole_contact(call.services, row, visibility(call.person))


async def change(call: Call[ContactBody, NoQuery]) -> ContactView:
    """Give a contact another name or attributes."""
    row = await _contact(call, call.arg(), "contact.change")
    name, attributes = call.body.name, call.body.attributes
    await _submit(call, cmd.ChangeContact(**_base(call), contact=row.id, name=name, attributes=attributes))
    return await _again(call, row.id)


async def merge(call: Call[OtherBody, NoQuery]) -> ContactView:
    """Take another contact in: the same person."""
    row = await _contact(call, call.arg(), "contact.merge")
    other = await _contact(call, call.body.contact, "contact.merge")
    await _submit(call, cmd.MergeContacts(**_base(call), contact=row.id, merged=other.id))
    return await _again(call, row.id)


async def unmerge(call: Call[OtherBody, NoQuery]) -> ContactView:
    """Undo a merge."""
    row = await _contact(call, call.arg(), "contact.merge")
    await _submit(call, cmd.UnmergeContacts(**_base(call), contact=row.id, merged=call.body.contact))
    return await _again(call, row.id)


async def timeline(call: Call[NoBody, TimelineQuery]) -> Timeline:
    """A contact's conversations over all channels."""
    row = await _contact(call, call.arg(), "contact.read")
    store, limit = call.services.store, call.query.limit
    identities = await reads.identities_of(store, row.merged_into or row.id)
    found = await reads.conversations_of(
        store, [identity.id for identity in identities], call.query.cursor or "~", limit
    )
    views = await conversation_views(call.services, found)
    items = []
    for view in views:
        last = await reads.messages(store, view.id, limit=LAST_MESSAGES)
        items.append(TimelineItem(conversation=view, messages=await message_views(call.services, last)))
    return Timeline(items=items, next=found[-1].id if len(found) == limit else "")


async def block(call: Call[BlockBody, NoQuery]) -> Ok:
    """Block an address, or unblock it."""
    row = await reads.identity(call.services.store, call.arg())
    if row is None:
        raise not_found("This address")
    await _contact(call, row.contact, "contact.change", "This address")
    await _submit(call, cmd.BlockIdentity(**_base(call), identity=row.id, blocked=call.body.blocked))
    return Ok()


async def erase(call: Call[EraseBody, NoQuery]) -> ErasedView:
    """Erase a person with everything that was said, their addresses, raw input and dead letters; their files go with the next sweep."""
    row = await _contact(call, call.arg(), "contact.erase")
    if call.body.confirm != row.id:
        raise malformed("confirm", "confirm: write the contact's id once more")
    if _ERASING.locked():
        raise ApiError(409, "Somebody is being erased now; try again in a minute.", code="busy")
    async with _ERASING:
        try:
            by = Author(kind="agent", id=call.person.login)
            done = await erase_contact(call.services.journal, row.id, by, call.body.reason)
        except NotErased as fault:
            raise ApiError(422, f"Not erased: {fault}.", code="not_erased") from fault
    return ErasedView(contents=done.contents, raw=done.raw, letters=done.letters)


def _base(call: Call[Any, Any]) -> dict[str, Any]:
    return {
        "token": new_token(),
        "workspace": call.person.workspace,
        "by": Author(kind="agent", id=call.person.login),
    }


async def _submit(call: Call[Any, Any], command: cmd.Command) -> None:
    result = await call.services.journal.submit(command)
    if isinstance(result, cmd.Refused):
        raise await refusal(call.services, call.person, result)


async def _again(call: Call[Any, Any], ident: str) -> ContactView:
    row = await reads.contact(call.services.store, ident)
    if row is None:
        raise not_found("This contact")
    return await whole_contact(call.services, row, visibility(call.person))
