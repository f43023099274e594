"""Deciding whether what a channel reports back is a message of ours that is on its way, or was written elsewhere (the provider's own app).

An echo often overtakes the answer to its send, so its provider's id is not known yet. At most one send of a conversation is under way:
an echo with the same text, or with a longer piece of it, or with a file where that message has files, is that message. The same text
as a message whose fate is unknown proves that it went out. Everything else is kept as a message of its own: better one too many for a
moment than one lost; should the answer then name the echo's id, the copy is withdrawn.
"""

from __future__ import annotations

from stream import commands as cmd
from stream import events as ev
from stream.decide.draft import Draft
from stream.model import Conversation, Message, MessageContent

SURE = 40
"""So many characters in a row are hardly written twice at the same moment: a piece of a message is recognised from there on."""


def recognise(draft: Draft, row: Conversation, command: cmd.ReceiveMessage) -> str:
    """The message of ours that this echo is, now known under the echo's id too; or ""."""
    sending = draft.message(draft.world.lanes.get(row.id, ""))
    send = draft.outbox(sending.id) if sending else None
    if sending and send and send.status == "sending" and _is_of(command.content, _said(draft, sending)):
        return _same(draft, row, sending, command, went=False)
    doubtful = draft.message(row.send_mark) if row.send_mark else None
    if doubtful and doubtful.delivery == "unknown" and _whole(command.content, _said(draft, doubtful)):
        return _same(draft, row, doubtful, command, went=True)
    return ""


def _same(
    draft: Draft, row: Conversation, message: Message, command: cmd.ReceiveMessage, *, went: bool
) -> str:
    if command.provider_id:
        draft.seldom.providers[(row.channel, command.provider_id)] = (message.id, row.id)
    if went:
        ids = (command.provider_id,) if command.provider_id else ()
        draft.emit(
            ev.DeliveryChanged(conversation=row.id, message=message.id, delivery="sent", provider_ids=ids)
        )
    return message.id


def _said(draft: Draft, message: Message) -> MessageContent:
    content = draft.known_content(message.content)
    return content if isinstance(content, MessageContent) else MessageContent()


def _words(content: MessageContent) -> str:
    return " ".join(content.text.split())


def _whole(echo: MessageContent, ours: MessageContent) -> bool:
    words = _words(echo)
    return bool(words) and words == _words(ours)


def _is_of(echo: MessageContent, ours: MessageContent) -> bool:
    words = _words(echo)
    if not words:
        return bool(echo.attachments and ours.attachments)
    return words == _words(ours) or (len(words) >= SURE and words in _words(ours))


def withdraw(draft: Draft, message: Message, channel: str, idents: tuple[str, ...]) -> None:
    """Take back the messages that echoes of this send became: its answer names their ids."""
    for ident in idents:
        hit = draft.provider(channel, ident)
        copy = draft.message(hit[0]) if hit is not None and hit[0] != message.id else None
        if copy is None or copy.conversation != message.conversation or copy.deleted_at:
            continue
        if copy.direction == "out" and copy.source_key:
            draft.emit(ev.MessageDeleted(conversation=copy.conversation, message=copy.id))
