"""The narrow seams of a mailbox: mails after a mark, waiting for more, moving, keeping (IMAP is behind it; other APIs can be); access tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

import msgspec


class Mark(msgspec.Struct, frozen=True):
    """A place in a folder: every mail up to `uid` of this `validity` has been taken in. `at`: when the newest of them arrived (seconds)."""

    validity: int
    uid: int
    at: int = 0

    def __str__(self) -> str:
        return f"{self.validity}:{self.uid}:{self.at}" if self.at else f"{self.validity}:{self.uid}"

    @classmethod
    def read(cls, text: str) -> Mark | None:
        """The mark that `str()` wrote; None for anything else."""
        parts = text.split(":")
        if len(parts) not in {2, 3} or not all(part.isascii() and part.isdigit() for part in parts):
            return None
        return cls(*map(int, parts))


class Fetched(msgspec.Struct, frozen=True):
    """A mail and the mark that holds once it is kept. Without `raw` only the mark moved. `size` is the whole mail's; `raw` may be cut.

    `labels` are what the server has sorted it under (Gmail).
    """

    mark: Mark
    raw: bytes = b""
    size: int = 0
    labels: tuple[str, ...] = ()

    @property
    def cut(self) -> bool:
        """Whether only the beginning is here."""
        return len(self.raw) < self.size


class Mailbox(Protocol):
    """One account. Raises `TryLater` when it cannot be reached and `NeedsOperator` when it refuses us; then it is to be closed."""

    def fetch_since(self, folder: str, mark: Mark | None) -> AsyncIterator[Fetched]:
        """Mails that came after `mark`, oldest first. Without a mark: what the settings say about a first connection."""

    async def wait(self, folder: str, timeout: float) -> None:  # noqa: ASYNC109  # the wait itself is what is asked for
        """Returns when something happened in `folder`, or after `timeout` seconds."""

    async def move(self, folder: str, uid: int, target: str) -> None:
        """Put a mail into another folder."""

    async def append(self, folder: str, raw: bytes) -> None:
        """Keep a copy of a mail of ours in `folder`, as read."""

    async def close(self) -> None:
        """Let go of the connection at once, also while another call is under way."""


class TokenSource(Protocol):
    """Where a mailbox gets its access token."""

    async def access(self, refused: str = "") -> str:
        """A token that is good for some minutes; never `refused`. Raises `NeedsOperator` and `TryLater`."""
