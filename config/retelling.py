"""Telling another program once more what it did not take: a dead call goes out again over its channel, at once and under its old id.

The connector is made as the host makes it, but neither opened nor polled. Everything else about dead letters is in `replaying`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import msgspec

from config.adapters import channels_of
from config.load import House
from connectors.channel import Channel
from connectors.contract import Accepted, Telling
from connectors.delivery import Delivery
from connectors.files import Files
from connectors.kit.http import GuardedClient
from connectors.media import MediaQueue
from connectors.metrics import Meter
from connectors.outcomes import outcome_of
from connectors.sandbox import ChannelSandbox, Services
from connectors.typing_signs import TypingSigns
from stream.blobs import Blobs
from stream.decide.draft import DeadLetter
from stream.journal import Journal

CALL = "call_"
"""What the reference of a dead call begins with."""


class Untold(Exception):
    """It was not taken; the sentence says why."""


class Retold:
    """Tells dead calls again. `private` names the hosts that may be reached although their addresses are private."""

    def __init__(
        self,
        journal: Journal,
        blobs: Blobs,
        house: Callable[[], House],
        master: tuple[bytes, ...],
        private: tuple[str, ...],
    ) -> None:
        self._house, self._private = house, private
        files, typing = Files(blobs), TypingSigns(journal)
        delivery = Delivery(journal, files, MediaQueue(journal, files, time.time), typing)
        self._services = partial(Services, journal=journal, delivery=delivery, files=files, master=master)

    async def tell(self, letter: DeadLetter) -> None:
        """Post it. Raises `Untold`."""
        refused = _refused(letter)
        channel = next((one for one in channels_of(self._house()) if one.name == letter.channel), None)
        if refused or channel is None:
            raise Untold(refused or f"there is no channel {letter.channel} any more")
        http = GuardedClient(self._private)
        await http.open()
        try:
            await self._post(channel, letter, http)
        finally:
            await http.close()

    async def _post(self, channel: Channel, letter: DeadLetter, http: GuardedClient) -> None:
        sandbox = ChannelSandbox(channel, self._services(http=http), Meter(channel.name))
        connector: Any = channel.manifest.create(channel.config, sandbox)
        if not hasattr(connector, "call"):
            raise Untold(f"the channel {channel.name} tells nobody anything")
        try:
            outcome = await cast("Telling", connector).call(letter.ref, letter.raw)
        except Exception as error:  # noqa: BLE001  # every failure of a connector is an outcome
            outcome = outcome_of(error)
        if not isinstance(outcome, Accepted):
            raise Untold(getattr(outcome, "text", "") or "it was not taken")


def _refused(letter: DeadLetter) -> str:
    """Why it is not told again: its event is gone, or it told a bot of a conversation that people have had since."""
    try:
        kind = msgspec.json.decode(letter.raw, type=dict[str, Any]).get("type", "")
    except msgspec.MsgspecError:
        return "what was to be told is not in the journal any more"
    return "it told a bot of a conversation that people have since" if str(kind).startswith("bot.") else ""
