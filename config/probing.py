"""Asking each channel's provider, read-only, whether the channel would work: for `parley channels health` and `parley doctor`.

The connectors are made as the host makes them, but neither opened nor polled: nothing is taken in, nothing is sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from config.adapters import channels_of
from config.opening import Opened
from connectors.channel import Channel
from connectors.contract import ConnectorError, NeedsOperator
from connectors.delivery import Delivery
from connectors.files import Files
from connectors.kit.http import GuardedClient
from connectors.media import MediaQueue
from connectors.metrics import Meter
from connectors.sandbox import ChannelSandbox, Services
from connectors.typing_signs import TypingSigns
from stream.blobs import open_blobs
from stream.bus import open_bus
from stream.journal import Journal
from stream.store import open_store

Answer = tuple[str, bool, str]
"""(channel, whether it would work, the sentence)."""


async def probe(found: Opened, seconds: float) -> AsyncIterator[Answer]:
    """One answer per enabled channel, in order; each provider has `seconds`."""
    async with _services(found) as services:
        for channel in channels_of(found.loaded.house):
            yield await _probe(services, channel, seconds)


SPENT = (
    "its token server gave a new refresh token, which is not kept here: no harm where the old one stays good, as at Microsoft; "
    "where it does not, sign in again (docs/email.md)"
)


class _Looking(ChannelSandbox):
    """Keeps nothing: what a server of tokens hands out is used and forgotten. `spent` tells that there was something to keep."""

    spent = False

    async def exchange(self, key: str, change: Callable[[str], Awaitable[str]]) -> None:  # noqa: ARG002  # the contract's
        """Begins with what is configured. Raises what `change` raises."""
        try:
            self.spent = bool(await change("")) or self.spent
        except NeedsOperator as fault:
            raise NeedsOperator(
                f"{fault}. Looked at as configured; a server that runs may hold something newer"
            ) from fault


@asynccontextmanager
async def _services(found: Opened) -> AsyncIterator[Services]:
    """What a sandbox stands on, with a store and a bus that nobody opens: a probe only needs the guarded client."""
    parley, place = found.loaded.parley, found.place
    journal = Journal(open_store(place.store), open_bus("memory:"))
    files, typing = Files(open_blobs(place.blobs)), TypingSigns(journal)
    http = GuardedClient(parley.allow_private)
    await http.open()
    try:
        yield Services(
            journal=journal,
            delivery=Delivery(journal, files, MediaQueue(journal, files, time.time), typing),
            files=files,
            http=http,
            master=(bytes(32),),
            public_url=parley.public_url,
        )
    finally:
        await http.close()


async def _probe(services: Services, channel: Channel, seconds: float) -> Answer:
    looking = _Looking(channel, services, Meter(channel.name))
    connector = channel.manifest.create(channel.config, looking)
    try:
        async with asyncio.timeout(seconds):
            said = await connector.probe()
            return channel.name, True, f"{said}; {SPENT}" if looking.spent else said
    except TimeoutError:
        return channel.name, False, f"no answer within {seconds:.0f} s"
    except ConnectorError as fault:
        return channel.name, False, str(fault)
    except Exception as fault:  # noqa: BLE001  # a defect of one connector must not hide the others' answers
        return channel.name, False, f"the connector failed ({type(fault).__name__}: {fault})"
