"""The generic channel's way out: one signed POST per message, as Standard Webhooks 1.0 wants it."""

from __future__ import annotations

import time
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from connectors.contract import (
    Accepted,
    Capabilities,
    File,
    MediaRef,
    Outbound,
    Outcome,
    Plan,
    PlannedPart,
    Rejected,
    Response,
    Retry,
    Sandbox,
    Secret,
    SentUnknown,
    TryLater,
    Unknown,
    Unsupported,
)
from connectors.kit.backoff import retry_after
from connectors.kit.connector import BaseConnector
from connectors.kit.plan import plan_message
from connectors.kit.signatures import sign, signing_key
from connectors.webhook.codec import FileOut, encode

TIMEOUT_SECONDS = 20.0
MAX_FILE_BYTES = 5_242_880
MAX_MEDIA_BYTES = 26_214_400


class WebhookConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `config:` block of a generic channel.

    secrets: one or more `whsec_…` secrets that requests to us are signed with (several while one replaces another; newest first).
    url: where our messages are posted to; without it the channel only takes in. `${NAME}` may stand in it.
    send_secrets: the secrets that our requests are signed with; without them `secrets` are used.
    """

    secrets: tuple[Secret, ...]
    url: Annotated[str, msgspec.Meta(extra={"expand": True})] = ""
    send_secrets: tuple[Secret, ...] = ()

    def __post_init__(self) -> None:
        if not self.secrets:
            raise ValueError("secrets: at least one whsec_ secret is needed")
        for secret in (*self.secrets, *self.send_secrets):
            signing_key(secret.reveal())
        if self.url and (
            urlsplit(self.url).scheme not in {"http", "https"} or not urlsplit(self.url).hostname
        ):
            raise ValueError("url: an http or https URL is needed")


class WebhookConnector(BaseConnector):
    """One configured generic channel."""

    capabilities = Capabilities(
        transports=("webhook",),
        html=True,
        files=True,
        max_file_bytes=MAX_FILE_BYTES,
        typing_in=True,
        receipts=True,
        idempotent_send=True,
    )

    def __init__(self, config: WebhookConfig, sandbox: Sandbox) -> None:
        super().__init__(config, sandbox)
        self._url = config.url
        self._keys = [signing_key(secret.reveal()) for secret in config.send_secrets or config.secrets]

    async def probe(self) -> str:
        """Nothing is asked: a Standard Webhooks receiver only takes events. Says where messages go."""
        host = urlsplit(self._url).hostname
        return (
            f"Takes signed events in; sends to {host}."
            if host
            else "Takes signed events in; no url: sends nothing."
        )

    def plan(self, message: Outbound) -> Plan:
        """Everything in one request; files beyond what a request carries are left out."""
        planned = plan_message(message, self.capabilities)
        room, lost, files = MAX_FILE_BYTES, list(planned.degraded), []
        for part in planned.parts:
            if part.file is not None and part.file.size <= room:
                room -= part.file.size
                files.append(part.file)
            elif part.file is not None:
                lost.append(
                    f"{part.file.name} is left out: together the files may have {MAX_FILE_BYTES // 1_048_576} MB."
                )
        if not (message.text or message.html or files):
            return Plan(parts=(), degraded=tuple(lost))
        only = PlannedPart(key=f"{message.id}:0", kind="text", text=message.text, html=message.html)
        return Plan(parts=(only,), degraded=tuple(lost))

    async def send(self, message: Outbound, part: PlannedPart) -> Outcome:  # noqa: ARG002  # there is one part
        """Post it. The webhook id is the message's id: a receiver that keeps to the standard takes it once."""
        return await self.call(message.id, encode(message, await self._files(message)))

    async def call(self, message: str, body: bytes) -> Outcome:
        """Post a signed body to the channel's url under the id of what it tells."""
        if not self._url:
            return Rejected(text="This channel has no url to send to.", code="no_url")
        ident = message.replace(".", "_")
        headers = {"content-type": "application/json", **sign(self._keys, ident, int(time.time()), body)}
        try:
            answer = await self.sandbox.http(
                "POST", self._url, headers=headers, body=body, timeout=TIMEOUT_SECONDS
            )
        except SentUnknown as error:
            return Unknown(text=str(error))
        return outcome_of(answer, message, time.time())

    async def _files(self, message: Outbound) -> list[FileOut]:
        room, files = MAX_FILE_BYTES, []
        for file in message.files:
            if file.size <= room:
                room -= file.size
                content = await file.read()
                files.append(
                    FileOut(name=file.name, type=file.content_type, size=len(content), content=content)
                )
        return files

    async def media(self, ref: MediaRef) -> File:
        """Fetch a file that an event only points to."""
        answer = await self.sandbox.http("GET", ref.token, timeout=60.0, max_body=MAX_MEDIA_BYTES)
        if answer.truncated:
            raise Unsupported(f"larger than {MAX_MEDIA_BYTES // 1_048_576} MB")
        if answer.status in {408, 425, 429} or answer.status >= 500:
            raise TryLater(
                f"the file's server answered {answer.status}", retry_after(answer.headers, time.time())
            )
        if answer.status != 200:
            raise Unsupported(f"the file's server answered {answer.status}")
        kind = answer.headers.get("content-type", ref.content_type)
        return File(name=ref.name, content_type=kind, content=answer.body)


def outcome_of(answer: Response, ident: str, now: float) -> Outcome:
    """What a receiver's status means (Standard Webhooks 1.0, "Delivery success and failure")."""
    status = answer.status
    if 200 <= status < 300:
        return Accepted(provider_ids=(ident,))
    if status == 410:
        return Rejected(text="The receiver takes no more messages from us (410 Gone).", code="410")
    text = f"The receiver answered {status}."
    after = retry_after(answer.headers, now)
    if status in {429, 502, 503, 504}:
        return Retry(text=text, after=after, scope="account")
    return Retry(text=text, after=after)
