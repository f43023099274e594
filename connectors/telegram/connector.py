"""The Telegram channel's I/O: asking the Bot API. What is asked and what answers mean stands in `codec.py` and `requests.py`."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from connectors.contract import (
    Address,
    Batch,
    Capabilities,
    File,
    MediaRef,
    NeedsOperator,
    Outbound,
    Outcome,
    PlannedPart,
    Rejected,
    Response,
    Sandbox,
    Secret,
    SentUnknown,
    Transport,
    TryLater,
    Unknown,
    Unsupported,
)
from connectors.kit.connector import BaseConnector
from connectors.kit.multipart import FilePart, multipart
from connectors.telegram.codec import happening, place
from connectors.telegram.requests import (
    MAX_DOCUMENT_BYTES,
    TEXT_LIMIT,
    Call,
    calls_for,
    is_no_picture,
    migrated_to,
    outcome_of,
    read_answer,
)
from connectors.telegram.updates import ALLOWED, Numbered

T = TypeVar("T")
POLL_SECONDS = 30
POLL_LIMIT = 100
MAX_POLL_BYTES = 16_777_216
MAX_MEDIA_BYTES = 20_971_520
SEND_SECONDS = 40.0
CHECKPOINT = "updates"
_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{10,100}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_PATH = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")


class TelegramConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `config:` block of a Telegram bot.

    token: the bot's token from @BotFather.
    mode: poll (Parley asks; works anywhere) or webhook (Telegram calls; needs a public https address).
    secrets: for webhooks: what Telegram sends along to prove itself, 1 to 256 of A-Z, a-z, 0-9, _ and - (newest first).
    register: whether Parley tells Telegram its webhook address by itself when it starts.
    api: another Bot API server than Telegram's.
    """

    token: Secret
    mode: Literal["poll", "webhook"] = "poll"
    secrets: tuple[Secret, ...] = ()
    register: bool = True
    api: str = "https://api.telegram.org"

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token.reveal()):
            raise ValueError("token: a bot's token looks like 123456:ABC-DEF…")
        if self.mode == "webhook" and not self.secrets:
            raise ValueError("secrets: a webhook needs at least one secret")
        if not all(_SECRET.fullmatch(secret.reveal()) for secret in self.secrets):
            raise ValueError("secrets: 1 to 256 of A-Z, a-z, 0-9, _ and -")
        if urlsplit(self.api).scheme not in {"http", "https"} or not urlsplit(self.api).hostname:
            raise ValueError("api: an http or https URL is needed")


def active(config: TelegramConfig) -> tuple[Transport, ...]:
    """Which of the two transports a configuration uses."""
    return ("webhook",) if config.mode == "webhook" else ("poll",)


class TelegramConnector(BaseConnector):
    """One configured bot."""

    unit = "utf16"
    capabilities = Capabilities(
        transports=("webhook", "poll"),
        text_limit=TEXT_LIMIT,
        files=True,
        max_file_bytes=MAX_DOCUMENT_BYTES,
        typing_out=True,
    )

    def __init__(self, config: TelegramConfig, sandbox: Sandbox) -> None:
        super().__init__(config, sandbox)
        self._config = config
        self._base = config.api.rstrip("/")

    # --- asking

    async def _ask(
        self, method: str, params: dict[str, Any], *, seconds: float = 20.0, max_body: int = 1_048_576
    ) -> Response:
        body = msgspec.json.encode(params)
        return await self.sandbox.http(
            "POST",
            self._url(method),
            headers={"content-type": "application/json"},
            body=body,
            timeout=seconds,
            max_body=max_body,
        )

    def _url(self, method: str) -> str:
        return f"{self._base}/bot{self._config.token.reveal()}/{method}"

    async def _result(self, method: str, params: dict[str, Any], kind: type[T], **more: Any) -> T:
        """The result of a method that may be asked again. Raises `TryLater`, `NeedsOperator`, `Unsupported`."""
        try:
            response = await self._ask(method, params, **more)
        except SentUnknown as error:
            raise TryLater(str(error)) from error
        answer = read_answer(response)
        if answer is None:
            raise TryLater(f"Telegram answered {response.status}.")
        if not answer.ok:
            raise _fault(
                method,
                answer.error_code or response.status,
                answer.description,
                answer.parameters.retry_after,
            )
        try:
            return msgspec.json.decode(answer.result, type=kind)
        except msgspec.MsgspecError as error:
            raise TryLater(f"Telegram's answer to {method} cannot be read.") from error

    # --- life

    async def probe(self) -> str:
        """Who the bot is, and how Telegram reaches us."""
        me = await self._result("getMe", {}, _Me)
        if self._config.mode == "poll":
            return f"@{me.username} answers; updates are polled."
        hook = await self._result("getWebhookInfo", {}, _Hook)
        if hook.url != self._hook_url():
            raise NeedsOperator(
                f"@{me.username}: Telegram's webhook is not set to {self._hook_url() or 'our address'}."
            )
        trouble = f" Its last error: {hook.last_error_message}." if hook.last_error_message else ""
        return f"@{me.username} answers; Telegram calls our webhook.{trouble}"

    def _hook_url(self) -> str:
        public = self.sandbox.public_url
        return f"{public}/hooks/{quote(self.sandbox.channel, safe='')}" if public else ""

    async def open(self) -> None:
        """Tell Telegram how it reaches us: the webhook's address and newest secret, or that there is none."""
        if not self._config.register:
            return
        if self._config.mode == "poll":
            if (await self._result("getWebhookInfo", {}, _Hook)).url:
                await self._result("deleteWebhook", {}, bool)
            return
        wanted = self._hook_url()
        if not wanted:
            raise NeedsOperator("A Telegram webhook needs public_url (https); or use mode: poll.")
        params = {
            "url": wanted,
            "secret_token": self._config.secrets[0].reveal(),
            "allowed_updates": list(ALLOWED),
            "max_connections": 40,
        }
        await self._result("setWebhook", params, bool)

    # --- in

    async def poll(self) -> AsyncIterator[Batch]:
        """Updates from the stored place on. Asking for the next ones tells Telegram that the former are kept."""
        offset = int((await self.sandbox.checkpoints()).get(CHECKPOINT, "0"))
        while True:
            params: dict[str, Any] = {
                "timeout": POLL_SECONDS,
                "limit": POLL_LIMIT,
                "allowed_updates": list(ALLOWED),
            }
            if offset:
                params["offset"] = offset
            updates = await self._result(
                "getUpdates", params, list[msgspec.Raw], seconds=POLL_SECONDS + 15.0, max_body=MAX_POLL_BYTES
            )
            raws = tuple(bytes(update) for update in updates)
            if raws:
                offset = max(msgspec.json.decode(raw, type=Numbered).update_id for raw in raws) + 1
                items = tuple(happening(raw) for raw in raws)
                yield Batch(items=items, checkpoint_key=CHECKPOINT, checkpoint=str(offset), raw=raws)
            else:
                yield Batch(items=())

    async def media(self, ref: MediaRef) -> File:
        """Fetch a file by its id (at most 20 MB: the Bot API gives no larger ones)."""
        found = await self._result("getFile", {"file_id": ref.token}, _Path)
        path = found.file_path
        if not _PATH.fullmatch(path) or ".." in path:
            raise Unsupported("Telegram names no place for this file")
        url = f"{self._base}/file/bot{self._config.token.reveal()}/{path}"
        try:
            answer = await self.sandbox.http("GET", url, timeout=90.0, max_body=MAX_MEDIA_BYTES)
        except SentUnknown as error:
            raise TryLater(str(error)) from error
        if answer.truncated:
            raise Unsupported(f"larger than {MAX_MEDIA_BYTES // 1_048_576} MB")
        if answer.status != 200:
            raise TryLater(f"Telegram's file server answered {answer.status}")
        return File(name=ref.name, content_type=ref.content_type, content=answer.body)

    # --- out

    async def send(self, message: Outbound, part: PlannedPart) -> Outcome:
        """Send one part; a file that Telegram does not take for a picture goes as a document."""
        try:
            calls = calls_for(message, part)
        except ValueError:
            return Rejected(text="This conversation has no Telegram chat.")
        outcome: Outcome = Unknown(text="Nothing was asked.")
        for call in calls:
            outcome = await self._send(call)
            if not is_no_picture(outcome):
                break
        return outcome

    async def _send(self, call: Call) -> Outcome:
        try:
            response = await self._call(call)
            new_chat = migrated_to(response)
            if new_chat is not None:
                response = await self._call(
                    msgspec.structs.replace(call, params={**call.params, "chat_id": new_chat})
                )
        except SentUnknown as error:
            return Unknown(text=str(error))
        return outcome_of(response)

    async def _call(self, call: Call) -> Response:
        if call.file is None:
            return await self._ask(call.method, call.params, seconds=SEND_SECONDS)
        content = await call.file.read()
        fields = {
            name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
            for name, value in call.params.items()
        }
        part = FilePart(call.field, call.file.name, call.file.content_type, content)
        kind, body = multipart(fields, part, f"parley{secrets.token_hex(16)}")
        return await self.sandbox.http(
            "POST", self._url(call.method), headers={"content-type": kind}, body=body, timeout=SEND_SECONDS
        )

    async def typing(self, to: Address, conversation_key: str, on: bool) -> None:  # noqa: ARG002  # the chat is in the key
        """Show that somebody writes; Telegram takes the sign away by itself after five seconds."""
        if on:
            chat, topic = place(conversation_key)
            params = {"chat_id": chat, "action": "typing"} | ({"message_thread_id": topic} if topic else {})
            await self._ask("sendChatAction", params, seconds=10.0)


class _Me(msgspec.Struct, frozen=True):
    username: str = ""


class _Hook(msgspec.Struct, frozen=True):
    url: str = ""
    last_error_message: str = ""


class _Path(msgspec.Struct, frozen=True):
    file_path: str = ""


def _fault(method: str, code: int, told: str, after: float | None) -> TryLater | NeedsOperator | Unsupported:
    if code in {401, 404}:
        return NeedsOperator(f"Telegram does not know this bot: {told}. Check the token.")
    if code == 409 and "webhook is active" in told:
        return NeedsOperator(
            "Telegram has a webhook for this bot, so it cannot be polled: set mode: webhook, or register: true."
        )
    if code in {409, 429} or code >= 500:
        return TryLater(f"Telegram answered {code} to {method}: {told}", after)
    return Unsupported(f"Telegram refused {method}: {told}")
