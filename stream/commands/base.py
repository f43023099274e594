"""What every command has, and the checkpoint that a poller keeps with its events."""

from __future__ import annotations

import msgspec


class Command(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """Base of all commands. `workspace` is checked against every row that the command touches. Encoded as an array: between processes only."""

    token: str
    workspace: str = "main"


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A poller's place, kept in the transaction of its events, under the lease `lease` with `epoch`."""

    channel: str
    key: str
    value: str
    lease: str
    epoch: int
