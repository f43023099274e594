"""Rate limits that a manifest declares, kept over all processes by the bus's buckets."""

from __future__ import annotations

from connectors.channel import Channel
from stream.bus.ports import Bus
from stream.ids import key_digest


class Rates:
    """Asks for leave to send one part."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def wait(self, channel: Channel, conversation_key: str) -> float:
        """0.0: send now. Otherwise the seconds until it is worth asking again.

        Limits per conversation are asked first: a token that is taken and then not used costs this conversation, not the account.
        """
        limits = sorted(enumerate(channel.manifest.rates), key=lambda entry: entry[1].scope == "account")
        for index, limit in limits:
            name = f"rate:{channel.name}:{index}"
            if limit.scope == "conversation":
                name = f"{name}:{key_digest(channel.name, conversation_key)}"
            wait = await self._bus.take(name, limit.count, limit.seconds)
            if wait:
                return wait
        return 0.0
