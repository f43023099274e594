"""What comes in on the echo channel: one JSON object per request. Pure."""

from __future__ import annotations

import msgspec

from connectors.contract import Address, MessageReceived, WebhookRequest
from connectors.kit.payload import read


class Said(msgspec.Struct, frozen=True):
    """The request's body: `id` makes a repeat harmless, `who` is one person and one conversation."""

    id: str
    who: str
    text: str


_decoder = msgspec.json.Decoder(Said)


def parse(request: WebhookRequest, _config: object) -> list[MessageReceived]:
    """One message. Raises `Malformed` with the field."""
    said = read(_decoder, request.body)
    who = Address(scheme="echo", value=said.who, display=said.who)
    return [
        MessageReceived(
            source_key=f"msg:{said.id}",
            conversation_key=said.who,
            sender=who,
            text=said.text,
            provider_id=said.id,
        )
    ]
