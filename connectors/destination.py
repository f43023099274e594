"""Where a conversation's customer is reached: the address as its channel writes it, and the channel's own key. Read from the stream."""

from __future__ import annotations

import msgspec

from connectors.contract import Address
from stream import reads
from stream.journal import Journal
from stream.model import AddressContent, Conversation, ConversationContent, Identity


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with the address to write to. `about` has the channel's key and the subject."""

    conversation: Conversation
    identity: Identity
    to: Address
    about: ConversationContent


async def destination_of(journal: Journal, conversation: str) -> Destination | None:
    """None when the conversation is unknown, or its address was erased."""
    row = await reads.conversation(journal.store, conversation)
    if row is None:
        return None
    identity = await reads.identity(journal.store, row.identity)
    if identity is None:
        return None
    contents = await journal.contents([row.about, identity.address])
    about, address = contents.get(row.about), contents.get(identity.address)
    if not isinstance(about, ConversationContent) or not isinstance(address, AddressContent):
        return None
    return Destination(conversation=row, identity=identity, to=_address(identity, address), about=about)


def _address(identity: Identity, address: AddressContent) -> Address:
    kind = identity.scope.split(":", 1)[0]
    scope = kind if kind in {"global", "account", "channel"} else "channel"
    verified = identity.verified if identity.verified in {"claimed", "channel", "signed"} else "channel"
    return msgspec.convert(
        {
            "scheme": identity.scheme,
            "value": address.value,
            "scope": scope,
            "display": address.display,
            "verified": verified,
        },
        Address,
    )
