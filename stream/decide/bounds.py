"""How long what a command brings may be. Too long is refused with a sentence, never cut silently; only remarks of machines are cut.

Keys are bounded for the indexes (PostgreSQL's hold 2,704 bytes), texts for the screens and the memory of everybody who reads them.
Channels bring less than this: `connectors/intake.py` has its own, lower limits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stream import commands as cmd
from stream.decide.draft import Draft
from stream.model import MessageContent

MAX_KEY = 512
MAX_TEXT = 200_000
MAX_HTML = 2_000_000
MAX_SUBJECT = 2_000
MAX_NAME = 400
MAX_VALUE = 1_000
MAX_REASON = 1_000
MAX_ERROR = 1_000
MAX_LOGIN = 64
MAX_FILES = 200
MAX_LISTED = 100
MAX_TAGS = 50
MAX_TAG = 64
MAX_REACTIONS = 50
MAX_THREAD = 200
MAX_UNITS = 1_000
MAX_ERASED = 1_000
MAX_EARLIER = 100
"""So many messages before another one of its conversation are looked at."""


def fits(draft: Draft, what: str, text: str, limit: int, conversation: str = "") -> None:
    """Refuse a text that is too long."""
    if len(text) > limit:
        draft.refuse(
            "invalid", f"The {what} has {len(text):,} characters; at most {limit:,} fit.", conversation
        )


def few(draft: Draft, what: str, items: Sequence[object], limit: int, conversation: str = "") -> None:
    """Refuse a list that is too long."""
    if len(items) > limit:
        draft.refuse("invalid", f"There are {len(items):,} {what}; at most {limit:,} fit.", conversation)


def key_fits(draft: Draft, what: str, text: str) -> None:
    """Refuse a key that the databases' indexes cannot hold: too long, with a NUL, or with half of a surrogate pair."""
    if len(text) > MAX_KEY:
        draft.refuse("invalid", f"The {what} has {len(text):,} characters; at most {MAX_KEY} fit.")
    if "\0" in text or not (text.isascii() or _whole(text)):
        draft.refuse("invalid", f"The {what} holds characters that no database keeps.")


def _whole(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def content_fits(draft: Draft, content: MessageContent, conversation: str = "") -> None:
    """Refuse a message that is too long in any part."""
    whole = len(content.text) + len(content.html) + len(content.subject) + len(content.quoted)
    if whole <= MAX_SUBJECT and not content.attachments:
        return  # short as a whole is short in every part
    fits(draft, "text", content.text, MAX_TEXT, conversation)
    fits(draft, "HTML", content.html, MAX_HTML, conversation)
    fits(draft, "subject", content.subject, MAX_SUBJECT, conversation)
    fits(draft, "quoted text", content.quoted, MAX_TEXT, conversation)
    few(draft, "attachments", content.attachments, MAX_FILES, conversation)


def profile_fits(draft: Draft, name: str, attributes: Mapping[str, str]) -> None:
    """Refuse a contact's name or attributes that are too long."""
    fits(draft, "name", name, MAX_NAME)
    few(draft, "attributes", list(attributes), MAX_LISTED)
    for label, value in attributes.items():
        fits(draft, "attribute's name", label, MAX_NAME)
        fits(draft, f"attribute {label}", value, MAX_VALUE)


def sender_fits(draft: Draft, sender: cmd.From) -> None:
    """Refuse an address that is too long or has too many others beside it."""
    if len(sender.value) + len(sender.display) <= MAX_NAME and not sender.aliases and not sender.attributes:
        return  # the usual one
    fits(draft, "address", sender.value, MAX_VALUE)
    few(draft, "other addresses", sender.aliases, MAX_LISTED)
    profile_fits(draft, sender.display, sender.attributes)


def received_fits(draft: Draft, command: cmd.ReceiveMessage) -> None:
    """Refuse a message from a channel that breaks a bound in any part."""
    key_fits(draft, "conversation's key", command.conversation_key)
    key_fits(draft, "provider's id", command.provider_id)
    few(draft, "ids of the thread", command.thread, MAX_THREAD)
    sender_fits(draft, command.sender)
    content_fits(draft, command.content)
