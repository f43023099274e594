"""Access tokens for mailboxes that take no password (Google, Microsoft): fetched when needed, renewed early, one at a time per account.

The grants are RFC 6749's: a refresh token (section 6) or the client's own credentials (section 4.4). A server that hands out a new refresh
token with an access token wants the new one from then on: it is kept as a checkpoint, encrypted under a key of the channel, before anything
is done with the access token, and only one process renews at a time. Nothing here signs anybody in: the first refresh token is got by
`docs/email.md`.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import time
from collections.abc import Callable, Coroutine, Sequence
from urllib.parse import urlencode

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connectors.contract import NeedsOperator, Response, Sandbox, SentUnknown, TryLater, Unsupported
from connectors.email.settings import OAuthSettings

CHECKPOINT = "oauth refresh token"
PURPOSE = "email oauth"
EARLY_SECONDS = 300.0
LIFETIME_SECONDS = 3_600.0
ANSWER_SECONDS = 20.0
LONGEST_ANSWER = 65_536
LONGEST_TOKEN = 16_384
LONGEST_CHECKPOINT = 4_096  # the contract's
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_TEMPORARY = frozenset({"temporarily_unavailable", "server_error", "slow_down"})


class _Answer(msgspec.Struct):
    """RFC 6749 5.1 and 5.2; what else a server says does not matter here."""

    access_token: str = ""
    refresh_token: str = ""
    expires_in: int | float | str = LIFETIME_SECONDS
    error: str = ""
    error_description: str = ""


class Tokens:
    """The tokens of one channel; the same object serves its IMAP and its SMTP."""

    def __init__(
        self, settings: OAuthSettings, sandbox: Sandbox, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._sandbox = sandbox
        self._clock = clock
        self._lock = asyncio.Lock()
        self._access = ""
        self._good_until = 0.0
        self._renewing: set[asyncio.Task[None]] = set()

    async def access(self, refused: str = "") -> str:
        """See `TokenSource`."""
        async with self._lock:
            good = self._access and self._access != refused and self._clock() < self._good_until
            if not good:
                # Who asks may give up waiting; a refresh token that was spent must still be followed by the next one.
                await asyncio.shield(self._begun(self._renew()))
            return self._access

    def _begun(self, renewing: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(renewing)
        self._renewing.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._renewing.discard(task)
        if not task.cancelled():
            task.exception()  # told to who asked; who gave up asks again

    async def _renew(self) -> None:
        if self._settings.refresh_token is None:
            self._take(_read(await self._ask({"grant_type": "client_credentials", **self._client()})))
        else:
            await self._sandbox.exchange(CHECKPOINT, self._by_refresh_token)

    async def _by_refresh_token(self, kept: str) -> str:
        """Spends the newest refresh token, of whichever process; the next one, sealed, or "" while it stays good."""
        assert self._settings.refresh_token is not None
        keys, origin = self._sandbox.keys(PURPOSE), self._origin()
        newest = unseal(keys, origin, kept) or self._settings.refresh_token.reveal()
        form = {"grant_type": "refresh_token", "refresh_token": newest, **self._client()}
        following = self._take(_read(await self._ask(form))).refresh_token
        if not following or following == newest:
            return ""
        sealed = seal(keys, origin, following)
        if len(sealed) > LONGEST_CHECKPOINT:
            self._sandbox.log("refresh_token_not_kept", length=len(sealed))
            return ""
        return sealed

    def _take(self, answer: _Answer) -> _Answer:
        if not answer.access_token or len(answer.access_token) > LONGEST_TOKEN:
            raise self._refusal(answer)
        self._access = answer.access_token
        self._good_until = self._clock() + max(_seconds(answer.expires_in) - EARLY_SECONDS, 30.0)
        return answer

    def _client(self) -> dict[str, str]:
        settings = self._settings
        form = {"client_id": settings.client_id}
        if settings.client_secret is not None:
            form["client_secret"] = settings.client_secret.reveal()
        if settings.scope:
            form["scope"] = settings.scope
        return form

    def _origin(self) -> bytes:
        """What a kept token belongs to: once the operator configures another one, the kept one no longer counts."""
        first = self._settings.refresh_token.reveal() if self._settings.refresh_token else ""
        return f"{self._settings.token_url}\0{self._settings.client_id}\0{first}".encode()

    async def _ask(self, form: dict[str, str]) -> Response:
        try:
            return await self._sandbox.http(
                "POST",
                self._settings.token_url,
                headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
                body=urlencode(form).encode(),
                timeout=ANSWER_SECONDS,
                max_body=LONGEST_ANSWER,
            )
        except SentUnknown as error:
            raise TryLater(f"OAuth: {self._settings.token_url} did not answer.") from error
        except Unsupported as error:
            raise NeedsOperator(f"OAuth: {self._settings.token_url} cannot be asked: {error}") from error

    def _refusal(self, answer: _Answer) -> NeedsOperator | TryLater:
        # `error` is one of a few words of RFC 6749; the description is a sentence of the server, which may hold anything.
        word = answer.error if _WORD.fullmatch(answer.error) else "no access token in its answer"
        sentence = f"OAuth: {self._settings.token_url} gives no token: {word}"
        if answer.error in _TEMPORARY or not answer.error:
            return TryLater(sentence)
        hint = {
            "invalid_grant": "the refresh token was revoked or is too old: sign in again (docs/email.md)",
            "invalid_client": "the client id or its secret is wrong or has expired",
            "unauthorized_client": "this client may not use this grant",
            "invalid_scope": "the scope is not granted to this client",
        }.get(answer.error, "see docs/email.md")
        return NeedsOperator(f"{sentence} ({hint})")


def _read(response: Response) -> _Answer:
    if response.status >= 500 or response.status == 429:
        return _Answer(error="temporarily_unavailable")
    try:
        return msgspec.json.decode(response.body, type=_Answer)
    except msgspec.DecodeError:
        return _Answer()


def _seconds(value: float | str) -> float:
    """`expires_in` as a number of seconds; some servers write it as text."""
    try:
        seconds = float(value)
    except ValueError:
        return LIFETIME_SECONDS
    return seconds if 0 < seconds < 10 * 86_400 else LIFETIME_SECONDS


def seal(keys: Sequence[bytes], origin: bytes, text: str) -> str:
    """`text` encrypted (AES-256-GCM) under the first key, bound to `origin`."""
    nonce = os.urandom(12)
    return base64.b64encode(nonce + AESGCM(keys[0]).encrypt(nonce, text.encode(), origin)).decode()


def unseal(keys: Sequence[bytes], origin: bytes, sealed: str) -> str:
    """What was sealed under any of the keys for this `origin`; empty for anything else."""
    try:
        raw = base64.b64decode(sealed, validate=True)
    except ValueError:
        return ""
    for key in keys if len(raw) > 12 else ():
        try:
            return AESGCM(key).decrypt(raw[:12], raw[12:], origin).decode()
        except InvalidTag:
            continue
    return ""
