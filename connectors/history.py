"""What a connector may read of its own channel: the messages of a key, and what a customer writes about. No behaviour, no I/O."""

from __future__ import annotations

from typing import Literal

from connectors.inbound import Part


class HistoryItem(Part, frozen=True, kw_only=True):
    """One message of a conversation key's history as the customer may see it. `n` is its journal number (the cursor)."""

    n: int
    id: str
    conversation: str
    direction: Literal["in", "out"]
    text: str
    at: float
    author: str = ""
    source_key: str = ""
    delivery: str = "received"
    automatic: bool = False
    files: tuple[HistoryFile, ...] = ()


class Correspondence(Part, frozen=True, kw_only=True):
    """A conversation that somebody has on this channel. `provider_id` is one of its messages', to be named in `MessageReceived.thread`."""

    subject: str
    provider_id: str
    updated_at: float = 0.0


class HistoryFile(Part, frozen=True, kw_only=True):
    """A file of a history item; `id` is asked for with `Sandbox.read_file`."""

    id: str
    name: str
    content_type: str
    size: int
