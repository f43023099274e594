"""What happens to contacts and their identities: who they are, which addresses they have, who turned out to be the same person."""

from __future__ import annotations

from stream.happening import Event
from stream.model import Verification


class ContactCreated(Event, tag="contact.created", frozen=True, kw_only=True):
    """A person was seen for the first time."""

    contact: str
    profile: str = ""
    workspace: str = "main"


class ContactChanged(Event, tag="contact.changed", frozen=True, kw_only=True):
    """The contact's profile content is now `profile`."""

    contact: str
    profile: str


class IdentityAdded(Event, tag="identity.added", frozen=True, kw_only=True):
    """`contact` has an address on a channel."""

    identity: str
    contact: str
    scheme: str
    scope: str
    lookup: str
    address: str
    verified: Verification = "channel"
    workspace: str = "main"


class IdentityBlocked(Event, tag="identity.blocked", frozen=True, kw_only=True):
    """Messages of this identity no longer make or reopen conversations (or do so again)."""

    identity: str
    blocked: bool


class IdentityStopped(Event, tag="identity.stopped", frozen=True, kw_only=True):
    """The customer left us (blocked the bot, opted out), or came back."""

    identity: str
    stopped: bool


class ContactsMerged(Event, tag="contacts.merged", frozen=True, kw_only=True):
    """`contact` took in `merged` with these identities."""

    contact: str
    merged: str
    identities: tuple[str, ...]


class ContactsUnmerged(Event, tag="contacts.unmerged", frozen=True, kw_only=True):
    """`merged` is a contact of its own again and has these identities back."""

    contact: str
    merged: str
    identities: tuple[str, ...]
