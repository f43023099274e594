"""What most connectors do not need, done once: a connector that needs no more than `send` says only that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar

from connectors.contract import (
    Address,
    Batch,
    Capabilities,
    File,
    MediaRef,
    Outbound,
    Outcome,
    Plan,
    PlannedPart,
    Sandbox,
    Unsupported,
)
from connectors.kit.plan import plan_message
from connectors.kit.text import Unit


class BaseConnector:
    """Keeps config and sandbox; every method but `send` has an answer for channels that have nothing to do there."""

    capabilities: ClassVar[Capabilities]
    unit: ClassVar[Unit] = "characters"

    def __init__(self, config: Any, sandbox: Sandbox) -> None:
        self.config = config
        self.sandbox = sandbox

    async def probe(self) -> str:
        """See the contract: there is no account to ask."""
        return "There is nothing to check: the channel has no account."

    async def open(self) -> None:
        """See the contract: nothing to get ready."""

    async def poll(self) -> AsyncIterator[Batch]:
        """See the contract: nothing is fetched."""
        nothing: tuple[Batch, ...] = ()
        for batch in nothing:
            yield batch

    def plan(self, message: Outbound) -> Plan:
        """See the contract: by the capabilities."""
        return plan_message(message, self.capabilities, self.unit)

    async def send(self, message: Outbound, part: PlannedPart) -> Outcome:  # noqa: ARG002  # the contract's
        """See the contract: a channel that sends says how."""
        raise Unsupported("This channel cannot send.")

    async def typing(self, to: Address, conversation_key: str, on: bool) -> None:
        """See the contract: no sign."""

    async def media(self, ref: MediaRef) -> File:  # noqa: ARG002  # the contract's
        """See the contract: no files elsewhere."""
        raise Unsupported("This channel has no files elsewhere.")

    async def close(self) -> None:
        """See the contract: nothing to let go of."""
