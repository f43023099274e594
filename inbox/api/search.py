"""Search over messages, subjects, contacts and addresses: only what the caller may see."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from inbox.call import Call, NoBody
from inbox.decode import Body
from inbox.errors import malformed
from inbox.loading import conversation_views, message_views
from inbox.policy import sees, visibility
from inbox.ports import Services
from inbox.views import ContactBrief, ConversationView, MessageBody, MessageView, contact_brief
from stream import reads
from stream.fold import scope_of
from stream.model import Contact, Conversation
from stream.search import Hit, search, words

AROUND = 80


class SearchQuery(Body, frozen=True, kw_only=True):
    """Words; the last ones may be beginnings."""

    q: Annotated[str, Meta(max_length=300)]
    limit: Annotated[int, Meta(ge=1, le=50)] = 30
    cursor: Annotated[str, Meta(max_length=20, pattern="^[0-9]*$")] = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One hit: its conversation (of a contact: the newest that the caller sees), the message or the contact, and where it says so."""

    conversation: ConversationView | None
    message: MessageView | None
    contact: ContactBrief | None
    snippet: str


class FoundPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page, newest first; `next` is the cursor of the following one, "" at the end."""

    items: list[Found]
    next: str


async def find(call: Call[NoBody, SearchQuery]) -> FoundPage:
    """Search."""
    query, person = call.query, call.person
    if query.cursor and int(query.cursor) >= 2**62:
        raise malformed("cursor", "cursor: not one of ours")
    hits = await search(
        call.services.store,
        query.q,
        visibility(person),
        before=int(query.cursor) if query.cursor else 2**62,
        limit=query.limit,
        workspace=person.workspace,
    )
    rows = await reads.conversations(
        call.services.store, [hit.conversation for hit in hits if hit.conversation]
    )
    visible = {ident: row for ident, row in rows.items() if sees(person, scope_of(row))}
    items = await _items(call.services, query.q, hits, visible)
    return FoundPage(items=items, next=str(hits[-1].id) if len(hits) == query.limit else "")


async def _items(services: Services, q: str, hits: list[Hit], rows: dict[str, Conversation]) -> list[Found]:
    views = {view.id: view for view in await conversation_views(services, list(rows.values()))}
    found = await reads.messages_by_id(services.store, [hit.ref for hit in hits if hit.kind == "message"])
    messages = {view.id: view for view in await message_views(services, list(found.values()))}
    contacts = await reads.contacts(services.store, [hit.contact for hit in hits if hit.kind == "contact"])
    briefs = await _briefs(services, list(contacts.values()))
    items = []
    for hit in hits:
        view = views.get(hit.conversation)
        if hit.kind == "contact" and hit.contact in briefs:
            items.append(
                Found(
                    conversation=None,
                    message=None,
                    contact=briefs[hit.contact],
                    snippet=briefs[hit.contact].name,
                )
            )
        elif view is not None:
            message = messages.get(hit.ref)
            text = (
                message.content.text if message and isinstance(message.content, MessageBody) else view.subject
            )
            items.append(Found(conversation=view, message=message, contact=None, snippet=snippet(text, q)))
    return items


async def _briefs(services: Services, rows: list[Contact]) -> dict[str, ContactBrief]:
    contents = await services.journal.contents([row.profile for row in rows if row.profile])
    return {row.id: contact_brief(row, contents) for row in rows}


def snippet(text: str, query: str) -> str:
    """Some 160 characters around the first word of the query, as plain text."""
    flat = " ".join(text.split())
    low, at = flat.casefold(), -1
    for word in words(query):
        at = low.find(word)
        if at >= 0:
            break
    start = max(0, at - AROUND)
    part = flat[start : start + 2 * AROUND]
    return ("…" if start else "") + part + ("…" if start + 2 * AROUND < len(flat) else "")
