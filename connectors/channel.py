"""A configured channel as the host gets it: data from the configuration, with its connector's manifest. No behaviour, no I/O."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.contract import Manifest, Secret, Transport
from stream.model import DEFAULT_WORKSPACE

REOPEN_SECONDS = 7 * 86400.0


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One account on one kind of channel. `config` is an instance of `manifest.config`.

    `reopen_seconds`: a reply to a conversation resolved for less re-opens it.
    """

    name: str
    manifest: Manifest
    config: Any
    workspace: str = DEFAULT_WORKSPACE
    reopen_seconds: float = REOPEN_SECONDS

    @property
    def transports(self) -> tuple[Transport, ...]:
        """How this channel is reached: what the connector can do, as far as the configuration uses it."""
        manifest = self.manifest
        return manifest.capabilities.transports if manifest.active is None else manifest.active(self.config)

    def secrets(self) -> list[Secret]:
        """The candidate secrets of this channel's webhook verification, newest first."""
        found = getattr(self.config, self.manifest.verification.secret, None)
        if isinstance(found, Secret):
            return [found]
        return list(found) if isinstance(found, list | tuple) else []
