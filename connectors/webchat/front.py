"""What the sockets and routes of one channel share: its settings, its sandbox, its clock, its open sockets and its seals."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from connectors.contract import HistoryFile, Malformed, Sandbox, StoredFile
from connectors.webchat import seal
from connectors.webchat.settings import WebchatConfig
from connectors.webchat.sockets import Sockets

HOUR = 3_600
DAY = 24 * HOUR


@dataclass(frozen=True)
class Timing:
    """Seconds: between beats, until the first frame must be there, until a stalled line is given up."""

    heartbeat: float = 25.0
    hello: float = 15.0
    stall: float = 10.0


@dataclass(frozen=True)
class Front:
    """One channel, as its handlers see it. `uploads` bounds how many are in memory at once."""

    config: WebchatConfig
    sandbox: Sandbox
    sockets: Sockets
    uploads: asyncio.Semaphore
    now: Callable[[], float] = time.time
    timing: Timing = field(default_factory=Timing)

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The channel's signing keys, the current one first."""
        return self.sandbox.keys("webchat")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What signs the customers of the embedding site."""
        return tuple(secret.reveal() for secret in self.config.identity_secrets)

    def upload_pass(self, key: str) -> str:
        """What a visitor shows to upload, for a day."""
        return seal.seal(self.keys, "upload", key, int(self.now()) + DAY)

    def holder(self, upload_pass: str) -> str | None:
        """Whose pass it is."""
        return seal.unseal(self.keys, "upload", upload_pass, self.now())

    def file_reference(self, key: str, file: StoredFile) -> str:
        """What the widget sends in place of an uploaded file; only this visitor can use it, for a day."""
        value = msgspec.json.encode([key, file.blob, file.name, file.content_type, file.size]).decode()
        return seal.seal(self.keys, "file", value, int(self.now()) + DAY)

    def referred_file(self, key: str, reference: str) -> StoredFile:
        """The uploaded file that the reference stands for. Raises Malformed."""
        value = seal.unseal(self.keys, "file", reference, self.now())
        if value is not None:
            owner, blob, name, content_type, size = msgspec.json.decode(
                value, type=tuple[str, str, str, str, int]
            )
            if owner == key:
                return StoredFile(blob=blob, name=name, content_type=content_type, size=size)
        raise Malformed("This file must be uploaded again.", "files")

    def link(self, key: str, file: HistoryFile) -> str:
        """A file's address for this visitor, good for a day and equal for an hour, so that browsers can cache."""
        expires = int(self.now()) // HOUR * HOUR + HOUR + DAY
        return f"files/{file.id}?p={seal.seal(self.keys, 'link', msgspec.json.encode([key, file.id]).decode(), expires)}"

    def linked_key(self, file: str, proof: str) -> str | None:
        """The conversation key that a link to `file` was made for."""
        value = seal.unseal(self.keys, "link", proof, self.now())
        if value is None:
            return None
        key, named = msgspec.json.decode(value, type=tuple[str, str])
        return key if named == file else None
