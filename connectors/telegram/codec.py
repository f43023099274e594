"""Telegram's updates as the contract's happenings. Pure. What we send is made in `requests.py`.

Keys: a message is `msg:<chat>:<message id>`; changes of it carry the update's number, so that two edits within one second are two. A
conversation is a chat (in a forum: a topic of it). In a private chat the customer is the person; in a group it is the group itself, and
each text says who wrote it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.contract import (
    Address,
    AnyInbound,
    MediaRef,
    MessageEdited,
    MessageReceived,
    Poison,
    ReactionChanged,
    Signal,
    Unmapped,
    WebhookRequest,
)
from connectors.kit.payload import read
from connectors.telegram.entities import to_html
from connectors.telegram.updates import (
    Callback,
    Chat,
    FileIn,
    Membership,
    Message,
    Numbered,
    Origin,
    Reacted,
    Update,
    User,
)

_update = msgspec.json.Decoder(Update)
_numbered = msgspec.json.Decoder(Numbered)
_keys = msgspec.json.Decoder(dict[str, msgspec.Raw])
_EXTENSIONS = {
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}


def parse(request: WebhookRequest, _config: object) -> list[AnyInbound]:
    """The one update of a webhook request. Raises `Malformed` when it is not an update at all."""
    return [happening(request.body)]


def happening(body: bytes) -> AnyInbound:
    """What an update says. One that has a number but cannot be read is `Poison`: refusing it would hold up its chat for a day."""
    number = read(_numbered, body).update_id
    try:
        update = _update.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Poison(source_key=f"poison:{number}", error=f"update {number} cannot be read: {error}"[:400])
    if update.message is not None:
        return _message(update.message, number)
    if update.edited_message is not None:
        return _edit(update.edited_message, number)
    if update.callback_query is not None:
        return _callback(update.callback_query, number)
    if update.message_reaction is not None:
        return _reaction(update.message_reaction, number)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member, number)
    return _unmapped(
        number, f"update with {', '.join(sorted(set(_keys.decode(body)) - {'update_id'})) or 'nothing'}"
    )


def _unmapped(number: int, reason: str, chat: Chat | None = None) -> Unmapped:
    return Unmapped(
        source_key=f"unmapped:{number}",
        conversation_key=str(chat.id) if chat else "",
        sender=Address(scheme="telegram", value=str(chat.id) if chat else "unknown", scope="global"),
        reason=reason[:200],
    )


def provider_id(chat: int, message: int) -> str:
    """How a message is known: message ids count per chat."""
    return f"{chat}:{message}"


def conversation_key(chat: int, topic: int = 0) -> str:
    """A chat, or a topic of a forum."""
    return f"{chat}/{topic}" if topic else str(chat)


def place(key: str) -> tuple[int, int]:
    """Chat and topic of a conversation key. Raises `ValueError`."""
    chat, _, topic = key.partition("/")
    return int(chat), int(topic or 0)


def _key_of(message: Message) -> str:
    topic = message.message_thread_id if message.is_topic_message else 0
    return conversation_key(message.chat.id, topic)


# --- messages ----------------------------------------------------------------------------------------------------


def _message(message: Message, number: int) -> AnyInbound:
    text, html = _said(message)
    files = _files(message)
    if not text and not files:
        return _unmapped(number, "a message without anything that is shown", message.chat)
    ident = provider_id(message.chat.id, message.message_id)
    answered = message.reply_to_message
    return MessageReceived(
        source_key=f"msg:{ident}",
        conversation_key=_key_of(message),
        sender=_sender(message.chat, message.sender),
        at=float(message.date),
        text=text,
        html=html,
        files=files,
        reply_to=provider_id(message.chat.id, answered.message_id) if answered else "",
        provider_id=ident,
        language=message.sender.language_code if message.sender else "",
        data=_data(message),
    )


def _edit(message: Message, number: int) -> AnyInbound:
    text, html = _said(message)
    ident = provider_id(message.chat.id, message.message_id)
    return MessageEdited(
        source_key=f"edit:{ident}:{number}",
        conversation_key=_key_of(message),
        sender=_sender(message.chat, message.sender),
        at=float(message.edit_date or message.date),
        provider_id=ident,
        text=text,
        html=html,
    )


def _said(message: Message) -> tuple[str, str]:
    """The text with a line for everything that is not text, and its HTML where there is formatting."""
    text = message.text or message.caption
    html = to_html(text, message.entities or message.caption_entities)
    shown = _shown(message)
    if shown:
        return (f"{text}\n{shown}" if text else shown), ""
    if message.chat.type != "private" and message.sender is not None and text:
        return f"{_name(message.sender)}: {text}", ""
    return text, html


def _shown(message: Message) -> str:
    if message.venue is not None:
        where = message.venue.location
        return (
            f"📍 {message.venue.title}, {message.venue.address} ({where.latitude:.6f}, {where.longitude:.6f})"
        )
    if message.location is not None:
        return f"📍 {message.location.latitude:.6f}, {message.location.longitude:.6f}"
    if message.contact is not None:
        name = f"{message.contact.first_name} {message.contact.last_name}".strip()
        return f"👤 {name}, {message.contact.phone_number}"
    if message.sticker is not None:
        return message.sticker.emoji or "🖼"
    if message.dice is not None:
        return f"{message.dice.emoji} {message.dice.value}"
    if message.poll is not None:
        return "\n".join(
            [f"📊 {message.poll.question}", *(f"○ {option.text}" for option in message.poll.options)]
        )
    return ""


def _data(message: Message) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if message.forward_origin is not None:
        data["forwarded_from"] = _origin(message.forward_origin)
    if message.media_group_id:
        data["album"] = message.media_group_id
    if message.location is not None:
        data["location"] = [message.location.latitude, message.location.longitude]
    return data


def _origin(origin: Origin) -> str:
    if origin.sender_user is not None:
        return _name(origin.sender_user)
    chat = origin.sender_chat or origin.chat
    return chat.title if chat is not None else origin.sender_user_name


def _files(message: Message) -> tuple[MediaRef, ...]:
    """One file: Telegram sends each file of an album as a message of its own. An animation comes as a document too."""
    if message.photo:
        largest = max(reversed(message.photo), key=lambda size: size.file_size)
        return (_ref(largest, "photo", "image/jpeg"),)
    for file, name, kind in (
        (message.animation, "animation", "video/mp4"),
        (message.document, "document", "application/octet-stream"),
        (message.voice, "voice", "audio/ogg"),
        (message.audio, "audio", "audio/mpeg"),
        (message.video, "video", "video/mp4"),
        (message.video_note, "video", "video/mp4"),
    ):
        if file is not None:
            return (_ref(file, name, kind),)
    if message.sticker is not None and not message.sticker.is_animated:
        return (_ref(message.sticker, "sticker", "video/webm" if message.sticker.is_video else "image/webp"),)
    return ()


def _ref(file: FileIn, name: str, kind: str) -> MediaRef:
    kind = file.mime_type or kind
    extension = _EXTENSIONS.get(kind, "")
    default = f"{name}.{extension}" if extension else name
    return MediaRef(
        token=file.file_id, name=file.file_name or default, content_type=kind, size=file.file_size
    )


# --- people ------------------------------------------------------------------------------------------------------


def _sender(chat: Chat, sender: User | None) -> Address:
    """The person in a private chat; the group in a group. Telegram's ids are the same for every bot."""
    if chat.type != "private" or sender is None:
        return Address(scheme="telegram", value=str(chat.id), scope="global", display=chat.title)
    attributes = {"telegram": f"@{sender.username}"} if sender.username else {}
    return Address(
        scheme="telegram", value=str(sender.id), scope="global", display=_name(sender), attributes=attributes
    )


def _name(user: User) -> str:
    return f"{user.first_name} {user.last_name}".strip() or (
        f"@{user.username}" if user.username else str(user.id)
    )


# --- what is no message ------------------------------------------------------------------------------------------


def _callback(callback: Callback, number: int) -> AnyInbound:
    """A pressed button is what the customer says by it."""
    message = callback.message
    if message is None or not callback.data:
        return _unmapped(number, "a pressed button without a message or without data")
    return MessageReceived(
        source_key=f"callback:{callback.id}",
        conversation_key=_key_of(message),
        sender=_sender(message.chat, callback.sender),
        text=callback.data,
        reply_to=provider_id(message.chat.id, message.message_id),
        language=callback.sender.language_code,
        data={"callback": callback.data},
    )


def _reaction(reacted: Reacted, number: int) -> AnyInbound:
    emojis = [reaction.emoji for reaction in reacted.new_reaction if reaction.emoji]
    if reacted.new_reaction and not emojis:
        emojis = ["⭐"]
    return ReactionChanged(
        source_key=f"reaction:{number}",
        conversation_key=conversation_key(reacted.chat.id),
        sender=_sender(reacted.chat, reacted.user),
        at=float(reacted.date),
        provider_id=provider_id(reacted.chat.id, reacted.message_id),
        emoji=emojis[-1] if emojis else "",
    )


def _membership(change: Membership, number: int) -> AnyInbound:
    """A person who blocks the bot makes it `kicked`; who comes back makes it a `member`."""
    gone = change.new_chat_member.status in {"kicked", "left"}
    return Signal(
        source_key=f"membership:{number}",
        conversation_key=conversation_key(change.chat.id),
        sender=_sender(change.chat, change.sender),
        at=float(change.date),
        name="blocked" if gone else "unblocked",
        stopped=gone,
    )
