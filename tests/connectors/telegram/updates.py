"""Updates in the shape that the Bot API documents, in our own wording."""

from __future__ import annotations

import json
from typing import Any

ADA: dict[str, Any] = {
    "id": 501,
    "is_bot": False,
    "first_name": "Ada",
    "last_name": "L.",
    "username": "ada_l",
    "language_code": "en",
}
BOB: dict[str, Any] = {"id": 502, "is_bot": False, "first_name": "Bob"}
PRIVATE: dict[str, Any] = {"id": 501, "type": "private", "first_name": "Ada"}
GROUP: dict[str, Any] = {"id": -100777, "type": "supergroup", "title": "Book club"}


def message(
    ident: int = 10, chat: dict[str, Any] = PRIVATE, sender: dict[str, Any] = ADA, **fields: Any
) -> dict[str, Any]:
    """A message."""
    return {"message_id": ident, "from": sender, "chat": chat, "date": 1700000000, **fields}


def update(number: int = 1, **fields: Any) -> bytes:
    """An update as Telegram posts it."""
    return json.dumps({"update_id": number, **fields}).encode()


def member(status: str, chat: dict[str, Any] = PRIVATE) -> dict[str, Any]:
    """A change of what the bot is in a chat."""
    bot = {"id": 4711, "is_bot": True, "first_name": "Fake"}
    return {
        "chat": chat,
        "from": ADA,
        "date": 1700000003,
        "old_chat_member": {"user": bot, "status": "member"},
        "new_chat_member": {"user": bot, "status": status, "until_date": 0},
    }
