"""What each event does to the rows of contacts and identities."""

from __future__ import annotations

from typing import Any

from stream import events as ev
from stream.fold import fold_row, touches
from stream.model import Contact, Entity, Identity

AT = 50.0
ADA = Contact(id="a", profile="ct_a", created_at=1.0, version=1)
BOB = Contact(id="b", profile="ct_b", created_at=1.0, version=1)
BOBS = Identity(
    id="i", contact="b", home="b", scheme="email", scope="global", lookup="x", address="ct_i", version=1
)
MERGED = ev.ContactsMerged(contact="a", merged="b", identities=("i",))
UNMERGED = ev.ContactsUnmerged(contact="a", merged="b", identities=("i",))


def test_a_new_contact_and_a_new_name() -> None:
    made = ev.ContactCreated(contact="a", profile="ct_a", workspace="w")
    row = fold_row(("contact", "a"), None, made, AT)
    assert row == Contact(id="a", workspace="w", profile="ct_a", created_at=AT, version=1)
    changed = fold_row(("contact", "a"), row, ev.ContactChanged(contact="a", profile="ct_2"), AT)
    assert changed == Contact(id="a", workspace="w", profile="ct_2", created_at=AT, version=2)


def test_a_new_identity_is_at_home_with_its_contact() -> None:
    facts: dict[str, Any] = {"scheme": "email", "scope": "global", "lookup": "x", "address": "ct_i"}
    row = fold_row(
        ("identity", "i"), None, ev.IdentityAdded(identity="i", contact="b", verified="claimed", **facts), AT
    )
    assert row == Identity(id="i", contact="b", home="b", verified="claimed", version=1, **facts)


def test_a_merge_and_its_undoing_touch_both_contacts_and_the_identities() -> None:
    keys = [("contact", "a"), ("contact", "b"), ("identity", "i")]
    assert touches(MERGED) == touches(UNMERGED) == keys
    before: list[Entity] = [ADA, BOB, BOBS]
    rows = [fold_row(key, row, MERGED, AT) for key, row in zip(keys, before, strict=True)]
    assert [getattr(row, "merged_into", "") for row in rows] == ["", "a", ""]
    assert rows[2] == Identity(**{**fields(BOBS), "contact": "a", "version": 2})
    back = [fold_row(key, row, UNMERGED, AT) for key, row in zip(keys, rows, strict=True)]
    assert [getattr(row, "merged_into", "") for row in back] == ["", "", ""]
    assert isinstance(back[2], Identity)
    assert (back[2].contact, back[2].home) == ("b", "b")


def fields(row: Identity) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


def test_blocking_and_leaving_are_flags_of_the_identity() -> None:
    blocked = fold_row(("identity", "i"), BOBS, ev.IdentityBlocked(identity="i", blocked=True), AT)
    stopped = fold_row(("identity", "i"), blocked, ev.IdentityStopped(identity="i", stopped=True), AT)
    assert isinstance(stopped, Identity)
    assert (stopped.blocked, stopped.stopped, stopped.version) == (True, True, 3)
