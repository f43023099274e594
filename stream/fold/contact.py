"""What each event does to the rows of contacts and identities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from stream import events as ev
from stream.model import Contact, Identity

replace = msgspec.structs.replace


def _created(row: None, event: ev.ContactCreated, at: float, ident: str) -> Contact:
    return Contact(
        id=event.contact, workspace=event.workspace, profile=event.profile, created_at=at, version=1
    )


def _changed(row: Contact, event: ev.ContactChanged, at: float, ident: str) -> Contact:
    return replace(row, profile=event.profile, version=row.version + 1)


def _merged(row: Contact, event: ev.ContactsMerged, at: float, ident: str) -> Contact:
    into = event.contact if ident == event.merged else row.merged_into
    return replace(row, merged_into=into, version=row.version + 1)


def _unmerged(row: Contact, event: ev.ContactsUnmerged, at: float, ident: str) -> Contact:
    into = "" if ident == event.merged else row.merged_into
    return replace(row, merged_into=into, version=row.version + 1)


CONTACT_FOLDS: dict[type, Callable[[Any, Any, float, str], Contact]] = {
    ev.ContactCreated: _created,
    ev.ContactChanged: _changed,
    ev.ContactsMerged: _merged,
    ev.ContactsUnmerged: _unmerged,
}


def touched_contacts(event: ev.AnyEvent) -> list[str]:
    """The contacts whose rows `event` changes."""
    if isinstance(event, ev.ContactsMerged | ev.ContactsUnmerged):
        return [event.contact, event.merged]
    return [event.contact] if isinstance(event, ev.ContactCreated | ev.ContactChanged) else []


def _added(row: None, event: ev.IdentityAdded, ident: str) -> Identity:
    return Identity(
        id=event.identity,
        contact=event.contact,
        home=event.contact,
        scheme=event.scheme,
        scope=event.scope,
        lookup=event.lookup,
        address=event.address,
        verified=event.verified,
        workspace=event.workspace,
        version=1,
    )


def _moved(row: Identity, event: ev.ContactsMerged, ident: str) -> Identity:
    return replace(row, contact=event.contact, version=row.version + 1)


def _returned(row: Identity, event: ev.ContactsUnmerged, ident: str) -> Identity:
    return replace(row, contact=event.merged, version=row.version + 1)


def _blocked(row: Identity, event: ev.IdentityBlocked, ident: str) -> Identity:
    return replace(row, blocked=event.blocked, version=row.version + 1)


def _stopped(row: Identity, event: ev.IdentityStopped, ident: str) -> Identity:
    return replace(row, stopped=event.stopped, version=row.version + 1)


IDENTITY_FOLDS: dict[type, Callable[[Any, Any, str], Identity]] = {
    ev.IdentityAdded: _added,
    ev.ContactsMerged: _moved,
    ev.ContactsUnmerged: _returned,
    ev.IdentityBlocked: _blocked,
    ev.IdentityStopped: _stopped,
}


def touched_identities(event: ev.AnyEvent) -> list[str]:
    """The identities whose rows `event` changes."""
    if isinstance(event, ev.ContactsMerged | ev.ContactsUnmerged):
        return list(event.identities)
    return (
        [event.identity]
        if isinstance(event, ev.IdentityAdded | ev.IdentityBlocked | ev.IdentityStopped)
        else []
    )
