"""The parts of Telegram's Update that we read, as the Bot API (10.1) writes them. Unknown fields are passed over. Data only."""

from __future__ import annotations

import msgspec

from connectors.telegram.entities import Entity


class User(msgspec.Struct, frozen=True):
    """A person or a bot."""

    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language_code: str = ""


class Chat(msgspec.Struct, frozen=True):
    """Where something was said: private, group, supergroup or channel."""

    id: int
    type: str
    title: str = ""


class FileIn(msgspec.Struct, frozen=True):
    """Document, PhotoSize, Voice, Audio, Video, VideoNote, Animation and Sticker: what they have in common, and a sticker's emoji."""

    file_id: str
    file_unique_id: str = ""
    file_name: str = ""
    mime_type: str = ""
    file_size: int = 0
    emoji: str = ""
    is_animated: bool = False
    is_video: bool = False


class Location(msgspec.Struct, frozen=True):
    """A point on the map."""

    latitude: float
    longitude: float


class Venue(msgspec.Struct, frozen=True):
    """A place with a name."""

    location: Location
    title: str
    address: str


class Contact(msgspec.Struct, frozen=True):
    """Somebody's telephone number."""

    phone_number: str
    first_name: str
    last_name: str = ""
    user_id: int = 0


class Option(msgspec.Struct, frozen=True):
    """An answer of a poll."""

    text: str


class Poll(msgspec.Struct, frozen=True):
    """A question with answers."""

    question: str
    options: list[Option] = []


class Dice(msgspec.Struct, frozen=True):
    """A thrown die."""

    emoji: str
    value: int


class Origin(msgspec.Struct, frozen=True):
    """Where a forwarded message comes from."""

    type: str
    sender_user: User | None = None
    sender_user_name: str = ""
    sender_chat: Chat | None = None
    chat: Chat | None = None


class Answered(msgspec.Struct, frozen=True):
    """The message that another one answers."""

    message_id: int
    chat: Chat | None = None


class Message(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """What was said."""

    message_id: int
    chat: Chat
    date: int = 0
    sender: User | None = None
    sender_chat: Chat | None = None
    message_thread_id: int = 0
    is_topic_message: bool = False
    edit_date: int = 0
    reply_to_message: Answered | None = None
    forward_origin: Origin | None = None
    media_group_id: str = ""
    text: str = ""
    entities: list[Entity] = []
    caption: str = ""
    caption_entities: list[Entity] = []
    photo: list[FileIn] = []
    document: FileIn | None = None
    voice: FileIn | None = None
    audio: FileIn | None = None
    video: FileIn | None = None
    video_note: FileIn | None = None
    animation: FileIn | None = None
    sticker: FileIn | None = None
    location: Location | None = None
    venue: Venue | None = None
    contact: Contact | None = None
    poll: Poll | None = None
    dice: Dice | None = None


class Callback(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """A button under a message was pressed."""

    id: str
    sender: User
    message: Message | None = None
    data: str = ""


class Reaction(msgspec.Struct, frozen=True):
    """An emoji (others have none)."""

    type: str
    emoji: str = ""


class Reacted(msgspec.Struct, frozen=True):
    """Somebody's reactions to a message have changed."""

    chat: Chat
    message_id: int
    date: int = 0
    user: User | None = None
    new_reaction: list[Reaction] = []


class Member(msgspec.Struct, frozen=True):
    """What somebody is in a chat."""

    status: str


class Membership(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """What the bot is in a chat has changed: a person who blocks it makes it `kicked`."""

    chat: Chat
    sender: User
    new_chat_member: Member
    date: int = 0


class Update(msgspec.Struct, frozen=True):
    """One happening; at most one of the fields is there."""

    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: Callback | None = None
    message_reaction: Reacted | None = None
    my_chat_member: Membership | None = None


class Numbered(msgspec.Struct, frozen=True):
    """What every update has, also one that we cannot read."""

    update_id: int


ALLOWED = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member")
"""What we ask Telegram for."""
