"""Deciding about contacts and identities: blocking, renaming, merging, un-merging, erasing."""

from __future__ import annotations

import msgspec

from stream import commands as cmd
from stream import events as ev
from stream.decide import bounds
from stream.decide.draft import Draft
from stream.model import AddressContent, Contact, Erased, Identity, PersonContent

MERGE_DEPTH = 8
"""So many merges one above the other; `stream.loading.MAX_ROUNDS` loads them."""
MAX_IDENTITIES = 500


def block_identity(draft: Draft, command: cmd.BlockIdentity) -> None:
    """Block or unblock."""
    row = draft.identity(command.identity)
    if row is None or row.workspace != draft.workspace:
        draft.refuse("not_found", f"There is no identity {command.identity}.")
    if row.blocked != command.blocked:
        draft.emit(ev.IdentityBlocked(identity=row.id, blocked=command.blocked))


def change_contact(draft: Draft, command: cmd.ChangeContact) -> None:
    """A new profile content; the old one stays as history until it is erased."""
    row = draft.contact(command.contact)
    bounds.profile_fits(draft, command.name, command.attributes)
    _describe(draft, row, PersonContent(name=command.name, attributes=command.attributes))


def claim(draft: Draft, sender: cmd.From) -> str:
    """What somebody says about themselves goes into the profile of their contact; the identity, or "" when nothing is known of them.

    It is unproved: it joins nobody, and where the address was merged into another contact it only fills what is empty there. A name
    takes the place of the one that the channel gave, not of one that an agent wrote.
    """
    bounds.sender_fits(draft, sender)
    row = draft.identity(draft.known_lookup(sender.lookup))
    if row is None or row.blocked or row.workspace != draft.workspace:
        return ""
    contact = draft.contact(row.contact)
    known = draft.known_content(contact.profile) if contact.profile else PersonContent()
    before = PersonContent() if isinstance(known, Erased) else known
    if isinstance(
        before, PersonContent
    ):  # it is not when a merge of this very moment has just moved the address
        after = _with_claims(draft, before, sender, row)
        if after != before:
            bounds.profile_fits(draft, after.name, after.attributes)
            _describe(draft, contact, after)
    return row.id


def _describe(draft: Draft, row: Contact, profile: PersonContent) -> None:
    if row.profile:
        draft.seldom.past.append((row.id, row.profile))
    draft.emit(ev.ContactChanged(contact=row.id, profile=draft.content("p", profile)))


def _with_claims(draft: Draft, before: PersonContent, sender: cmd.From, row: Identity) -> PersonContent:
    said = {label: value for label, value in sender.attributes.items() if value}
    at_home = row.contact == row.home
    attributes = {**before.attributes, **said} if at_home else {**said, **before.attributes}
    address = draft.known_content(row.address)
    given = address.display if isinstance(address, AddressContent) else ""
    renamed = bool(sender.display) and at_home and before.name in {"", given}
    return msgspec.structs.replace(
        before, name=sender.display if renamed else before.name, attributes=attributes
    )


def merge_contacts(draft: Draft, command: cmd.MergeContacts) -> None:
    """`merged`'s identities, and with them its conversations, now belong to `contact`."""
    winner, loser = draft.contact(command.contact), draft.contact(command.merged)
    if winner.id == loser.id:
        draft.refuse("invalid", "A contact cannot be merged with itself.")
    if winner.merged_into or loser.merged_into:
        draft.refuse("state", "One of these contacts was merged into another one already.")
    moved = tuple(sorted(_kin(draft, loser.id)))
    bounds.few(draft, "addresses of one contact", [*moved, *_kin(draft, winner.id)], MAX_IDENTITIES)
    if any(len(_way_up(draft, ident)) >= MERGE_DEPTH for ident in moved):
        draft.refuse(
            "state", f"{MERGE_DEPTH} merges stand one above the other already; merge the other way round."
        )
    draft.emit(ev.ContactsMerged(contact=winner.id, merged=loser.id, identities=moved))


def unmerge_contacts(draft: Draft, command: cmd.UnmergeContacts) -> None:
    """Back to what it was: `merged` gets the identities that it (and what it had taken in) came with."""
    winner, loser = draft.contact(command.contact), draft.contact(command.merged)
    if loser.merged_into != winner.id:
        draft.refuse("state", "These contacts are not merged.")
    if winner.merged_into:
        draft.refuse("state", f"The contact was itself merged into {winner.merged_into}; undo that first.")
    back = tuple(sorted(ident for ident in _kin(draft, winner.id) if loser.id in _way_up(draft, ident)))
    draft.emit(ev.ContactsUnmerged(contact=winner.id, merged=loser.id, identities=back))


def _kin(draft: Draft, contact: str) -> set[str]:
    known = draft.world.kin.get(contact, set())
    return {ident for ident in known if (row := draft.identity(ident)) is not None and row.contact == contact}


def _way_up(draft: Draft, ident: str) -> list[str]:
    """The contact that an identity was first seen with, what that was merged into, and so on: the merges' record."""
    row: Identity | None = draft.identity(ident)
    home = row.home if row else ""
    way: list[str] = []
    while home and len(way) <= MERGE_DEPTH:
        way.append(home)
        home = draft.contact(home).merged_into
    return way


def erase(draft: Draft, command: cmd.EraseContent) -> None:
    """Replace content rows by an erased mark; the journal keeps only that it happened."""
    bounds.few(draft, "contents to erase at once", command.contents, bounds.MAX_ERASED)
    bounds.fits(draft, "reason", command.reason, bounds.MAX_REASON)
    mark = Erased(at=draft.now, reason=command.reason)
    draft.seldom.erased.update(dict.fromkeys(command.contents, mark))
    by = command.by.id or command.by.kind
    draft.emit(ev.ContentErased(contents=command.contents, by=by, reason=command.reason))
