"""What goes out on the echo channel: nothing leaves the machine, every message is accepted at once."""

from __future__ import annotations

from connectors.contract import Accepted, Capabilities, Outbound, Outcome, PlannedPart
from connectors.kit.connector import BaseConnector


class EchoConnector(BaseConnector):
    """One configured echo channel."""

    capabilities = Capabilities(transports=("webhook",), text_limit=1_000, idempotent_send=True)

    async def send(self, message: Outbound, part: PlannedPart) -> Outcome:
        """Say what would have been sent, without its text."""
        self.sandbox.log("echo_sent", part=part.key, characters=len(part.text), automatic=message.automatic)
        return Accepted(provider_ids=(part.key,), state="delivered")
