"""The Telegram channel as the conformance kit sees it. The updates are of our own wording, in the shape that the Bot API documents."""

from __future__ import annotations

import json
from typing import Any

from connectors.conformance.suite import Request, Send, Suite
from connectors.contract import Response
from connectors.telegram import MANIFEST

ADA = {"id": 501, "is_bot": False, "first_name": "Ada", "language_code": "en"}
CHAT = {"id": 501, "type": "private", "first_name": "Ada"}


def _update(number: int, **fields: Any) -> bytes:
    return json.dumps({"update_id": number, **fields}).encode()


def _message(ident: int, **fields: Any) -> dict[str, Any]:
    return {"message_id": ident, "from": ADA, "chat": CHAT, "date": 1700000000, **fields}


def _answer(status: int, body: dict[str, Any]) -> Response:
    return Response(status=status, headers={}, body=json.dumps(body).encode())


def _error(code: int, description: str, **parameters: Any) -> Response:
    return _answer(
        code, {"ok": False, "error_code": code, "description": description, "parameters": parameters}
    )


SUITE = Suite(
    module="connectors.telegram",
    manifest=MANIFEST,
    config={
        "token": "4711:conformance-canary-token",
        "mode": "webhook",
        "secrets": ["conformance-canary-new", "conformance-canary-old"],
    },
    requests=(
        Request(name="text", body=_update(1, message=_message(10, text="Hello there")), kinds=("message",)),
        Request(
            name="photo",
            body=_update(
                2,
                message=_message(
                    11,
                    caption="See",
                    photo=[
                        {"file_id": "f1", "file_unique_id": "u1", "width": 9, "height": 9, "file_size": 900}
                    ],
                ),
            ),
            kinds=("message",),
        ),
        Request(
            name="edit",
            body=_update(3, edited_message=_message(10, text="Hello again", edit_date=1700000001)),
            kinds=("edit",),
        ),
        Request(
            name="button",
            body=_update(
                4,
                callback_query={
                    "id": "c1",
                    "from": ADA,
                    "chat_instance": "x",
                    "data": "yes",
                    "message": _message(12, text="Sure?"),
                },
            ),
            kinds=("message",),
        ),
        Request(
            name="reaction",
            body=_update(
                5,
                message_reaction={
                    "chat": CHAT,
                    "message_id": 12,
                    "user": ADA,
                    "date": 1700000002,
                    "old_reaction": [],
                    "new_reaction": [{"type": "emoji", "emoji": "👍"}],
                },
            ),
            kinds=("reaction",),
        ),
        Request(
            name="blocked",
            body=_update(
                6,
                my_chat_member={
                    "chat": CHAT,
                    "from": ADA,
                    "date": 1700000003,
                    "old_chat_member": {"user": ADA, "status": "member"},
                    "new_chat_member": {"user": ADA, "status": "kicked", "until_date": 0},
                },
            ),
            kinds=("signal",),
        ),
        Request(
            name="sticker",
            body=_update(
                7,
                message=_message(
                    13,
                    sticker={
                        "file_id": "f2",
                        "file_unique_id": "u2",
                        "type": "regular",
                        "width": 1,
                        "height": 1,
                        "is_animated": False,
                        "is_video": False,
                        "emoji": "🎉",
                    },
                ),
            ),
            kinds=("message",),
        ),
        Request(
            name="place",
            body=_update(8, message=_message(14, location={"latitude": 52.5, "longitude": 13.4})),
            kinds=("message",),
        ),
    ),
    unknown=_update(9, teleport={"to": "x"}),
    accepts=(_answer(200, {"ok": True, "result": {"message_id": 77, "date": 1700000004, "chat": CHAT}}),),
    sends=(
        Send(
            name="blocked",
            answers=(_error(403, "Forbidden: bot was blocked by the user"),),
            outcome="rejected",
        ),
        Send(
            name="slow down",
            answers=(_error(429, "Too Many Requests: retry after 3", retry_after=3),),
            outcome="retry",
        ),
        Send(name="no chat", answers=(_error(400, "Bad Request: chat not found"),), outcome="rejected"),
        Send(name="wrong token", answers=(_error(401, "Unauthorized"),), outcome="needs_operator"),
        Send(name="down", answers=(_error(502, "Bad Gateway"),), outcome="retry"),
        Send(
            name="half an answer",
            answers=(Response(status=200, headers={}, body=b'{"ok": true, "resu'),),
            outcome="unknown",
        ),
    ),
    conversation_key="501",
    address=("telegram", "501"),
)
