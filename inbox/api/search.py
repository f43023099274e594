"""Search over messages, subjects, contacts and addresses: only what the caller may see."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from inbox.call import Call, NoBody
from inbox.decode import Body
from inbox.errors import malformed
from inbox.loading import conversation_views, message_views
from inbox.policy import Person, sees, visibility
from inbox.ports import Services
from inbox.views import ContactBrief, ConversationView, MessageBody, MessageView
from stream import reads
from stream.fold import scope_of
from stream.indexing import words
from stream.model import Conversation
from stream.search import Hit, search
from stream.store.program import Program, Sql

AROUND = 80
KIN = 500
_conversation = msgspec.json.Decoder(Conversation)


class SearchQuery(Body, frozen=True, kw_only=True):
    """Words; the last ones may be beginnings."""

    q: Annotated[str, Meta(max_length=300)]
    limit: Annotated[int, Meta(ge=1, le=50)] = 30
    cursor: Annotated[str, Meta(max_length=20, pattern=r"^[0-9]*$(?!\n)")] = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One hit: its conversation (of a contact: the newest that the caller sees), the message or the contact, and where it says so."""

    conversation: ConversationView
    message: MessageView | None
    contact: ContactBrief | None
    snippet: str


class FoundPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page, newest first; `next` is the cursor of the following one, "" at the end."""

    items: list[Found]
    next: str


async def find(call: Call[NoBody, SearchQuery]) -> FoundPage:
    """Search."""
    query, person, services = call.query, call.person, call.services
    if query.cursor and int(query.cursor) >= 2**62:
        raise malformed("cursor", "cursor: not one of ours")
    hits = await search(
        services.store,
        query.q,
        visibility(person),
        before=int(query.cursor) if query.cursor else 2**62,
        limit=query.limit,
        workspace=person.workspace,
    )
    newest = await services.store.read(
        read_newest([hit.contact for hit in hits if hit.kind == "contact"], person)
    )
    rows = await reads.conversations(services.store, [hit.conversation for hit in hits if hit.conversation])
    places = [
        newest.get(hit.contact) if hit.kind == "contact" else rows.get(hit.conversation) for hit in hits
    ]
    seen = [(hit, row) for hit, row in zip(hits, places, strict=True) if row and sees(person, scope_of(row))]
    items = await _items(services, query.q, seen)
    return FoundPage(items=items, next=str(hits[-1].id) if len(hits) == query.limit else "")


def read_newest(contacts: list[str], person: Person) -> Program[dict[str, Conversation]]:
    """The newest conversation of each contact that `person` sees, by contact."""
    kin = (yield Sql("load_kin", (contacts,))) if contacts else []
    owner = {row[0]: row[1] for row in kin}
    found = (yield Sql("conversations_of", (list(owner), "~", KIN))) if owner else []
    newest: dict[str, Conversation] = {}
    for (body,) in found:
        row = _conversation.decode(body)
        if sees(person, scope_of(row)):
            newest.setdefault(owner[row.identity], row)
    return newest


async def _items(services: Services, q: str, seen: list[tuple[Hit, Conversation]]) -> list[Found]:
    """One item per conversation: its newest hit."""
    views = {view.id: view for view in await conversation_views(services, [row for _hit, row in seen])}
    found = await reads.messages_by_id(
        services.store, [hit.ref for hit, _row in seen if hit.kind == "message"]
    )
    messages = {view.id: view for view in await message_views(services, list(found.values()))}
    items: dict[str, Found] = {}
    for hit, row in seen:
        view, message = views[row.id], messages.get(hit.ref)
        text = message.content.text if message and isinstance(message.content, MessageBody) else view.subject
        person = view.contact if hit.kind == "contact" else None
        items.setdefault(
            row.id,
            Found(
                conversation=view,
                message=message,
                contact=person,
                snippet=f"{person.name} {view.address}".strip() if person else snippet(text, q),
            ),
        )
    return list(items.values())


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
