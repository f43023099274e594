"""Rows and what they point to, read in few steps, as views. The only place that joins rows with content; `views` says how it looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from inbox.ports import Services
from inbox.views import (
    Around,
    ContactView,
    ConversationView,
    MessageView,
    Suggestion,
    contact_brief,
    contact_view,
    conversation_view,
    message_view,
)
from stream import reads
from stream.events import Scope
from stream.fold import scope_of
from stream.model import AddressContent, Contact, Content, Conversation, Identity, Message, PersonContent
from stream.search import search
from stream.store.ports import read_by_keys
from stream.store.program import Program, Sql
from stream.visibility import Visibility

_conversation = msgspec.json.Decoder(Conversation)
_identity = msgspec.json.Decoder(Identity)
_contact = msgspec.json.Decoder(Contact)
KIN = 200
SUGGESTIONS = 5
CLAIMS = {"email", "phone"}
"""Attributes of a profile that are addresses."""


# --- programs: several steps in one consistent read -------------------------------------------------------------------


def read_people(rows: Sequence[Conversation]) -> Program[tuple[dict[str, Identity], dict[str, Contact]]]:
    """Whom these conversations are with: identities and contacts by id."""
    wanted = list(dict.fromkeys(row.identity for row in rows))
    found = (yield Sql("load_identity", (wanted,))) if wanted else []
    identities = {ident: _identity.decode(body) for ident, body in found}
    wanted = list(dict.fromkeys(identity.contact for identity in identities.values()))
    found = (yield Sql("load_contact", (wanted,))) if wanted else []
    return identities, {ident: _contact.decode(body) for ident, body in found}


def read_rows(
    idents: Sequence[str],
) -> Program[tuple[list[Conversation], dict[str, Identity], dict[str, Contact]]]:
    """Conversations with whom they are with."""
    rows = [_conversation.decode(body) for _ident, body in (yield Sql("load_conversation", (list(idents),)))]
    identities, contacts = yield from read_people(rows)
    return rows, identities, contacts


def content_ids(
    rows: Sequence[Conversation], identities: Mapping[str, Identity], contacts: Mapping[str, Contact]
) -> list[str]:
    """The content rows that conversations are shown with."""
    wanted = [row.about for row in rows] + [row.preview for row in rows]
    wanted += [identity.address for identity in identities.values()]
    wanted += [contact.profile for contact in contacts.values()]
    return [ident for ident in dict.fromkeys(wanted) if ident]


# --- conversations and messages --------------------------------------------------------------------------------------


async def around(services: Services, rows: Sequence[Conversation]) -> Around:
    """What these conversations point to."""
    people = read_people(rows)
    identities, contacts = await read_by_keys(services.store, people, len(rows)) if rows else ({}, {})
    contents = await services.journal.contents(content_ids(rows, identities, contacts))
    return Around(identities, contacts, contents)


async def rows_with_views(
    services: Services, idents: Sequence[str]
) -> tuple[dict[str, Conversation], dict[str, ConversationView]]:
    """Conversations by id, as rows and as clients see them; unknown ones are left out."""
    rows, identities, contacts = await read_by_keys(services.store, read_rows(idents), len(idents))
    contents = await services.journal.contents(content_ids(rows, identities, contacts))
    known = Around(identities, contacts, contents)
    return {row.id: row for row in rows}, {row.id: conversation_view(row, known) for row in rows}


async def conversation_views(services: Services, rows: Sequence[Conversation]) -> list[ConversationView]:
    """Conversations as clients see them, in the same order."""
    known = await around(services, rows)
    return [conversation_view(row, known) for row in rows]


async def one_view(services: Services, row: Conversation) -> ConversationView:
    """One conversation as clients see it."""
    return (await conversation_views(services, [row]))[0]


async def message_views(services: Services, rows: Sequence[Message]) -> list[MessageView]:
    """Messages with their content, in the same order."""
    contents = await services.journal.contents([row.content for row in rows])
    return [message_view(row, contents) for row in rows]


# --- contacts ------------------------------------------------------------------------------------------------------


async def owner_of(services: Services, identity: str) -> str:
    """The contact that an identity belongs to, or ""."""
    row = await reads.identity(services.store, identity)
    return row.contact if row else ""


async def kin_of(services: Services, contact: str) -> tuple[Scope, ...]:
    """The scopes of a contact's newest 200 conversations: who sees one of them sees the contact and the timeline."""
    identities = await reads.identities_of(services.store, contact)
    rows = (
        await reads.conversations_of(services.store, [identity.id for identity in identities], limit=KIN)
        if identities
        else []
    )
    return tuple(scope_of(row) for row in rows)


async def whole_contact(services: Services, row: Contact, visible_to: Visibility) -> ContactView:
    """A contact with their addresses, who was merged into them, and which visible contacts may be the same person."""
    identities = await reads.identities_of(services.store, row.id)
    merged = await reads.contacts_merged_into(services.store, row.id)
    wanted = [
        row.profile,
        *(identity.address for identity in identities),
        *(other.profile for other in merged),
    ]
    contents = await services.journal.contents([ident for ident in wanted if ident])
    values = _values(contents.values())
    return contact_view(
        row, identities, merged, await _suggestions(services, row.id, values, visible_to), contents
    )


def _values(contents: Iterable[Content]) -> set[str]:
    """The addresses that somebody has or claims to have, for comparing."""
    found: set[str] = set()
    for content in contents:
        if isinstance(content, AddressContent):
            found.add(content.value.casefold())
        elif isinstance(content, PersonContent):
            found.update(value.casefold() for key, value in content.attributes.items() if key in CLAIMS)
    return {value for value in found if len(value) > 5}


async def _suggestions(
    services: Services, own: str, values: set[str], visible_to: Visibility
) -> list[Suggestion]:
    """Contacts with the same address somewhere else. A claimed address only ever suggests; an agent decides."""
    hits: dict[str, str] = {}
    for value in sorted(values)[:SUGGESTIONS]:
        for hit in await search(services.store, value, visible_to, limit=4 * SUGGESTIONS):
            if hit.kind == "contact" and hit.contact != own:
                hits.setdefault(hit.contact, value)
    found: list[Suggestion] = []
    for row in (await reads.contacts(services.store, list(hits))).values():
        identities = await reads.identities_of(services.store, row.id) if len(found) < SUGGESTIONS else []
        contents = await services.journal.contents(
            [row.profile, *(identity.address for identity in identities)]
        )
        if identities and hits[row.id] in _values(contents.values()):
            name = contact_brief(row, contents, contents.get(identities[0].address)).name
            found.append(Suggestion(id=row.id, name=name, why=f"the same address: {hits[row.id]}"))
    return found
