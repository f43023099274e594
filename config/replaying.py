"""Trying a dead letter again: what came in goes through its channel's codec once more, what should go out is queued once more.

What another program was to be told goes out at once. Each channel reads its own raw input: webhooks by `parse`, pollers and streams
by `read` of the manifest. A letter that went through is dropped; one that did not stays, with the reason told. Deduplication makes a
second try harmless.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial

from config.adapters import channels_of
from config.faults import Fault
from config.load import House
from config.opening import Opened, keys_of, store_of
from config.retelling import CALL, Retold, Untold
from config.secrets import Vault
from connectors.channel import Channel
from connectors.contract import AnyInbound, ConnectorError, Poison, WebhookRequest
from connectors.delivery import Delivery
from connectors.files import Files
from connectors.media import MediaQueue
from connectors.metrics import Meter
from connectors.sandbox import channel_keys
from connectors.typing_signs import TypingSigns
from stream import reads
from stream.blobs import Blobs
from stream.commands import Refused, RetrySend
from stream.dead import drop_dead, forget_source, list_dead, show_dead
from stream.decide.draft import DeadLetter
from stream.ids import new_token
from stream.journal import Journal
from stream.model import Author

PAGE = 200


class StillDead(Exception):
    """It did not go through; the sentence says why."""


class Replayer:
    """Tries letters of one database again. `house` answers the active channels; `master` are the connectors' signing keys.

    `private` names the hosts that another program may be told at although their addresses are private.
    """

    def __init__(
        self,
        journal: Journal,
        blobs: Blobs,
        house: Callable[[], House],
        by: str,
        master: tuple[bytes, ...],
        private: tuple[str, ...] = (),
    ) -> None:
        self._master = master
        self._retold = Retold(journal, blobs, house, master, private)
        self._journal = journal
        self._house = house
        self._by = Author(kind="system", id=by)
        files, typing = Files(blobs), TypingSigns(journal)
        self._delivery = Delivery(journal, files, MediaQueue(journal, files, time.time), typing)

    async def replay(self, ident: str) -> str:
        """What became of it. Raises `LookupError` when there is no such letter, `StillDead`, `StoreError`."""
        letter = await show_dead(self._journal.store, ident)
        if letter is None:
            raise LookupError(f"There is no dead letter {ident}.")
        said = await (self._send(letter) if letter.direction == "out" else self._take_in(letter))
        await drop_dead(self._journal.store, ident)
        return said

    async def _send(self, letter: DeadLetter) -> str:
        if letter.ref.startswith(CALL):
            return await self._tell(letter)
        message = await reads.message(self._journal.store, letter.ref)
        if message is None:
            raise StillDead("its message is not there any more")
        command = RetrySend(
            token=new_token(), conversation=message.conversation, message=message.id, by=self._by
        )
        result = await self._journal.submit(command)
        if isinstance(result, Refused):
            raise StillDead(result.sentence)
        return "queued again"

    async def _tell(self, letter: DeadLetter) -> str:
        try:
            await self._retold.tell(letter)
        except Untold as fault:
            raise StillDead(str(fault)) from None
        return "told"

    async def _take_in(self, letter: DeadLetter) -> str:
        channel = next((one for one in channels_of(self._house()) if one.name == letter.channel), None)
        if channel is None:
            raise StillDead(f"there is no channel {letter.channel} any more")
        items = await asyncio.to_thread(self._read, channel, letter)
        await forget_source(self._journal.store, letter)
        verdicts = await self._delivery.take_in(
            channel, items, [letter.raw], Meter(channel.name), letters=False
        )
        refused = [verdict.error for verdict in verdicts if not verdict.ok]
        if refused:
            raise StillDead(refused[0])
        known = sum(verdict.duplicate for verdict in verdicts)
        return f"{len(verdicts) - known} taken in" + (f", {known} known already" if known else "")

    def _read(self, channel: Channel, letter: DeadLetter) -> Sequence[AnyInbound]:
        face = channel.manifest
        if face.read is None and face.parse is None:
            said = f"nothing of it can be read again: the connector {face.id} has neither `parse` nor `read`"
            raise StillDead(f"{said}; `parley dead show --raw` gives what came")
        try:
            items = self._items(channel, letter)
        except ConnectorError as fault:
            raise StillDead(str(fault)) from None
        except Exception as fault:  # noqa: BLE001  # the codec's defect that made it a letter is still there
            raise StillDead(f"the codec fails on it ({type(fault).__name__})") from None
        wrong = next((item for item in items if isinstance(item, Poison)), None)
        if wrong is not None:
            raise StillDead(wrong.error)
        return items

    def _items(self, channel: Channel, letter: DeadLetter) -> Sequence[AnyInbound]:
        face = channel.manifest
        if face.read is not None:
            keys = partial(channel_keys, channel.name, self._master)
            return face.read(letter.raw, channel.config, keys)
        assert face.parse is not None
        request = WebhookRequest(
            method="POST",
            path=f"/hooks/{channel.name}",
            query={},
            headers={"webhook-id": letter.id},
            body=letter.raw,
        )
        return face.parse(request, channel.config)


async def replay(found: Opened, ident: str, channel: str, say: Callable[[str], None]) -> int:
    """For the command line: one letter, or all of a channel; the exit code. Raises `Fault`."""
    from stream.blobs import open_blobs
    from stream.bus import open_bus

    if bool(ident) == bool(channel):
        raise Fault("name one letter, or a channel with --channel")
    async with store_of(found.place) as store:
        bus = open_bus(found.place.bus)
        await bus.open()
        journal = Journal(store, bus)
        await journal.open()
        vault = Vault(store, keys_of(found))
        await vault.open()
        replayer = Replayer(
            journal,
            open_blobs(found.place.blobs),
            lambda: found.loaded.house,
            "parley dead replay",
            vault.signing("connectors"),
            found.loaded.parley.allow_private,
        )
        try:
            return await _each(replayer, [ident] if ident else await _of(journal, channel), say)
        finally:
            await journal.close()
            await bus.close()


async def _of(journal: Journal, channel: str) -> list[str]:
    """The letters of a channel, oldest first."""
    found: list[str] = []
    before = "~"
    while page := await list_dead(journal.store, before=before, limit=PAGE):
        found += [letter.id for letter in page if letter.channel == channel]
        before = page[-1].id
    return found[::-1]


async def _each(replayer: Replayer, idents: Sequence[str], say: Callable[[str], None]) -> int:
    failed = False
    for ident in idents:
        try:
            said = await replayer.replay(ident)
        except LookupError as fault:
            raise Fault(str(fault)) from None
        except StillDead as fault:
            failed, said = True, f"still dead: {fault}"
        say(f"{ident}: {said}")
    if not idents:
        say("there are none")
    return 1 if failed else 0
