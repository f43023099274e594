"""What we ask of the Bot API, and what its answers mean. Pure.

Facts from the Bot API 10.1 specification and the server's behaviour (README.md): errors come as `{"ok": false, "error_code",
"description", "parameters": {"retry_after", "migrate_to_chat_id"}}`; there is no idempotency key.
"""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.contract import (
    Accepted,
    NeedsOperator,
    Outbound,
    Outcome,
    OutFile,
    PlannedPart,
    Rejected,
    Response,
    Retry,
    Unknown,
)
from connectors.telegram.codec import place, provider_id

TEXT_LIMIT = 4_096
MAX_PHOTO_BYTES = 10_000_000
MAX_DOCUMENT_BYTES = 50_000_000
_PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
_NOT_A_PICTURE = (
    "PHOTO_INVALID_DIMENSIONS",
    "IMAGE_PROCESS_FAILED",
    "PHOTO_SAVE_FILE_INVALID",
    "PHOTO_EXT_INVALID",
)
_GONE = ("blocked by the user", "user is deactivated", "bot was kicked", "bot is not a member")


class Parameters(msgspec.Struct, frozen=True):
    """What an error says besides its description."""

    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class SentChat(msgspec.Struct, frozen=True):
    """The chat of a sent message."""

    id: int


class Sent(msgspec.Struct, frozen=True):
    """A sent message."""

    message_id: int
    chat: SentChat


class Answer(msgspec.Struct, frozen=True):
    """Every answer of the Bot API."""

    ok: bool
    result: msgspec.Raw = msgspec.Raw(b"null")
    error_code: int = 0
    description: str = ""
    parameters: Parameters = Parameters()


_answer = msgspec.json.Decoder(Answer)
_sent = msgspec.json.Decoder(Sent)


def read_answer(response: Response) -> Answer | None:
    """The answer; None when it is none (a proxy's page, a broken body)."""
    try:
        return _answer.decode(response.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


class Call(msgspec.Struct, frozen=True):
    """One request: a method with its parameters, and at most one file under the name of `field`."""

    method: str
    params: dict[str, Any]
    field: str = ""
    file: OutFile | None = None


def calls_for(message: Outbound, part: PlannedPart) -> list[Call]:
    """The request for one part, and the ones to fall back on when Telegram does not take the first for a picture."""
    chat, topic = place(message.conversation_key)
    params: dict[str, Any] = {"chat_id": chat}
    if topic:
        params["message_thread_id"] = topic
    answered = _answered(message, chat)
    if answered and part.key.endswith(":0"):
        params["reply_parameters"] = {"message_id": answered, "allow_sending_without_reply": True}
    file = part.file
    if file is None:
        return [Call("sendMessage", {**params, "text": part.text})]
    document = Call("sendDocument", params, "document", file)
    if file.content_type in _PHOTOS and file.size <= MAX_PHOTO_BYTES:
        return [Call("sendPhoto", params, "photo", file), document]
    return [document]


def _answered(message: Outbound, chat: int) -> int:
    for ident in message.context.get("reply_to", ()):
        where, _, number = str(ident).rpartition(":")
        if where == str(chat) and number.isdigit():
            return int(number)
    return 0


def outcome_of(response: Response) -> Outcome:
    """What the answer to a send means. Raises `NeedsOperator` when Telegram refuses the bot itself."""
    answer = read_answer(response)
    if answer is None:
        if response.status >= 500:
            return Retry(text=f"Telegram answered {response.status}.")
        return Unknown(text="Telegram's answer cannot be read.")
    if answer.ok:
        try:
            sent = _sent.decode(answer.result)
        except msgspec.MsgspecError:
            return Unknown(text="Telegram took the message, but its answer names none.")
        return Accepted(provider_ids=(provider_id(sent.chat.id, sent.message_id),))
    return _refused(answer, answer.error_code or response.status)


def _refused(answer: Answer, code: int) -> Outcome:
    told = answer.description or f"error {code}"
    if code == 429:
        return Retry(
            text=f"Telegram asks to wait: {told}", after=answer.parameters.retry_after or 1.0, scope="account"
        )
    if code in {401, 404}:
        raise NeedsOperator(f"Telegram does not know this bot: {told}. Check the token.")
    if code == 403:
        gone = any(word in told for word in _GONE)
        return Rejected(text=f"Telegram: {told}.", code="403", stopped=gone)
    if code >= 500:
        return Retry(text=f"Telegram answered {code}: {told}")
    return Rejected(text=f"Telegram did not take it: {told}.", code=str(code))


def migrated_to(response: Response) -> int | None:
    """The supergroup that a group has become; its messages go there."""
    answer = read_answer(response)
    return answer.parameters.migrate_to_chat_id if answer is not None and not answer.ok else None


def is_no_picture(outcome: Outcome) -> bool:
    """Whether the file was refused as a picture, so that it can still go as a document."""
    return isinstance(outcome, Rejected) and any(reason in outcome.text for reason in _NOT_A_PICTURE)
