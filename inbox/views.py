"""What clients see: rows with their content put in. Structs and pure functions; loading is `loading`'s matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from inbox.ports import ON_DUTY, Duty
from stream.model import (
    AddressContent,
    Agent,
    Attachment,
    Author,
    Contact,
    Content,
    Conversation,
    ConversationContent,
    Delivery,
    Direction,
    Erased,
    Identity,
    Message,
    MessageContent,
    PersonContent,
    Reaction,
    Verification,
)

PREVIEW = 200


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Base: every field is always there."""


# --- content -------------------------------------------------------------------------------------------------------


class AttachmentView(View, frozen=True, kw_only=True):
    """A file of a message. `url` answers its bytes to who may see the message; `inline` images belong into the HTML."""

    id: str
    name: str
    content_type: str
    size: int
    url: str
    inline: bool = False
    content_id: str = ""


class MessageBody(View, frozen=True, kw_only=True, tag="message"):
    """What a message says: `MessageContent` with its files' addresses in place of their keys."""

    text: str = ""
    html: str = ""
    subject: str = ""
    quoted: str = ""
    attachments: tuple[AttachmentView, ...] = ()
    data: dict[str, Any] = {}


class ErasedBody(View, frozen=True, kw_only=True, tag="erased"):
    """What stands in the place of erased content."""

    at: float = 0.0
    reason: str = ""


Said = MessageBody | ErasedBody


def attachment_id(message: str, attachment: str) -> str:
    """The id under which a message's file is asked for: it names the message, whose conversation decides who may have it."""
    return f"{message}~{attachment}"


def attachment_url(ident: str) -> str:
    """Where the bytes are."""
    return f"/api/v1/attachments/{ident}"


def attachment_view(message: str, attachment: Attachment) -> AttachmentView:
    """A message's file."""
    ident = attachment_id(message, attachment.id)
    return AttachmentView(
        id=ident,
        name=attachment.name,
        content_type=attachment.content_type,
        size=attachment.size,
        url=attachment_url(ident),
        inline=attachment.inline,
        content_id=attachment.content_id,
    )


def said(message: str, content: Content | None) -> Said:
    """A message's content for clients; content that is gone counts as erased."""
    if isinstance(content, MessageContent):
        return MessageBody(
            text=content.text,
            html=content.html,
            subject=content.subject,
            quoted=content.quoted,
            attachments=tuple(attachment_view(message, attachment) for attachment in content.attachments),
            data=content.data,
        )
    if isinstance(content, Erased):
        return ErasedBody(at=content.at, reason=content.reason)
    return ErasedBody()


def preview_of(content: Content | None) -> str:
    """One line of at most 200 characters."""
    if not isinstance(content, MessageContent):
        return ""
    text = " ".join(content.text[: PREVIEW * 4].split())[:PREVIEW]
    return text or ", ".join(attachment.name for attachment in content.attachments)[:PREVIEW]


# --- conversations and messages ------------------------------------------------------------------------------------


class ContactBrief(View, frozen=True, kw_only=True):
    """Who it is with."""

    id: str = ""
    name: str = ""
    avatar: str = ""


class ConversationView(Conversation, frozen=True, kw_only=True, omit_defaults=False):
    """A conversation with who it is with, its subject, the customer's address and the last message's first line."""

    contact: ContactBrief
    subject: str = ""
    address: str = ""
    preview_text: str = ""


class Around(msgspec.Struct, frozen=True):
    """What conversations point to: rows and contents by id."""

    identities: Mapping[str, Identity]
    contacts: Mapping[str, Contact]
    contents: Mapping[str, Content]


def conversation_view(row: Conversation, around: Around) -> ConversationView:
    """A conversation for clients."""
    identity = around.identities.get(row.identity)
    contact = around.contacts.get(identity.contact) if identity else None
    about = around.contents.get(row.about)
    address = around.contents.get(identity.address) if identity else None
    facts = {name: getattr(row, name) for name in Conversation.__struct_fields__}
    return ConversationView(
        **facts,
        contact=contact_brief(contact, around.contents, address),
        subject=about.subject if isinstance(about, ConversationContent) else "",
        address=address.value if isinstance(address, AddressContent) else "",
        preview_text=preview_of(around.contents.get(row.preview)),
    )


def contact_brief(
    contact: Contact | None, contents: Mapping[str, Content], address: Content | None = None
) -> ContactBrief:
    """A contact's name and picture; without a name, what their channel shows for them."""
    profile = contents.get(contact.profile) if contact else None
    name = profile.name if isinstance(profile, PersonContent) else ""
    avatar = profile.avatar if isinstance(profile, PersonContent) else ""
    if not name and isinstance(address, AddressContent):
        name = address.display or address.value
    return ContactBrief(id=contact.id if contact else "", name=name, avatar=avatar)


class MessageView(View, frozen=True, kw_only=True):
    """A message with what it says in place."""

    id: str
    conversation: str
    seq: int
    direction: Direction
    author: Author
    content: Said
    at: float
    delivery: Delivery = "received"
    provider_ids: tuple[str, ...] = ()
    source_key: str = ""
    reply_to: str = ""
    error: str = ""
    edited_at: float = 0.0
    deleted_at: float = 0.0
    reactions: tuple[Reaction, ...] = ()
    mentions: tuple[str, ...] = ()
    automatic: bool = False
    parts_done: int = 0


def message_view(row: Message, contents: Mapping[str, Content]) -> MessageView:
    """A message for clients."""
    facts = {name: getattr(row, name) for name in Message.__struct_fields__ if name != "content"}
    return MessageView(**facts, content=said(row.id, contents.get(row.content)))


# --- agents and contacts -------------------------------------------------------------------------------------------


class AgentView(Agent, frozen=True, kw_only=True, omit_defaults=False):
    """An agent, whether a page of theirs is connected, why they are off duty by the clock ("" on duty), and when that next changes (0: not foreseen)."""

    connected: bool = False
    off_duty: str = ""
    duty_until: float = 0.0


def agent_view(row: Agent, duty: Duty = ON_DUTY, *, connected: bool) -> AgentView:
    """An agent for clients."""
    fields = {name: getattr(row, name) for name in Agent.__struct_fields__}
    return AgentView(**fields, connected=connected, off_duty=duty.off, duty_until=duty.until)


class IdentityView(View, frozen=True, kw_only=True):
    """An address of a contact. `display` is what its channel shows."""

    id: str
    scheme: str
    address: str
    display: str
    verified: Verification
    blocked: bool
    stopped: bool
    home: str


class ContactName(View, frozen=True, kw_only=True):
    """A contact by name."""

    id: str
    name: str


class Suggestion(View, frozen=True, kw_only=True):
    """A contact who may be the same person, and why."""

    id: str
    name: str
    why: str


class ContactView(View, frozen=True, kw_only=True):
    """A person with their addresses."""

    id: str
    name: str
    avatar: str
    attributes: dict[str, str]
    merged_into: str
    identities: tuple[IdentityView, ...]
    merged: tuple[ContactName, ...]
    suggestions: tuple[Suggestion, ...]
    created_at: float
    version: int


def identity_view(row: Identity, contents: Mapping[str, Content]) -> IdentityView:
    """An identity for clients."""
    address = contents.get(row.address)
    return IdentityView(
        id=row.id,
        scheme=row.scheme,
        address=address.value if isinstance(address, AddressContent) else "",
        display=address.display if isinstance(address, AddressContent) else "",
        verified=row.verified,
        blocked=row.blocked,
        stopped=row.stopped,
        home=row.home,
    )


def contact_view(
    row: Contact,
    identities: Iterable[Identity],
    merged: Iterable[Contact],
    suggestions: Iterable[Suggestion],
    contents: Mapping[str, Content],
) -> ContactView:
    """A contact for clients."""
    profile = contents.get(row.profile)
    person = profile if isinstance(profile, PersonContent) else PersonContent()
    return ContactView(
        id=row.id,
        name=person.name,
        avatar=person.avatar,
        attributes=person.attributes,
        merged_into=row.merged_into,
        identities=tuple(identity_view(identity, contents) for identity in identities),
        merged=tuple(ContactName(id=other.id, name=contact_brief(other, contents).name) for other in merged),
        suggestions=tuple(suggestions),
        created_at=row.created_at,
        version=row.version,
    )
