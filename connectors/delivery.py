"""Taking in what a channel delivers: files first, then one command per item to the journal, a verdict for each once it is durable.

Nobody is told "kept" before the commit. An item that cannot be kept becomes a dead letter; its neighbours pass. What is decided about
an item stands in `intake.py`; who delivers (webhook, poller, socket of ours) does not matter here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from connectors.channel import Channel
from connectors.contract import (
    AnyFile,
    AnyInbound,
    MediaRef,
    MessageEdited,
    MessageReceived,
    Poison,
    TypingObserved,
    Verdict,
)
from connectors.files import Files
from connectors.intake import NOTHING, Kept, command_for, key, poison
from connectors.media import MediaQueue
from connectors.metrics import Meter
from connectors.typing_signs import TypingSigns
from stream import commands as cmd
from stream import reads
from stream.ids import new_token
from stream.journal import Journal
from stream.model import MessageContent
from stream.store.ports import StoreError, Unavailable
from stream.store.program import fetch

MAX_EDIT_TRIES = 5


class Delivery:
    """One per process, for all channels."""

    def __init__(self, journal: Journal, files: Files, media: MediaQueue, typing: TypingSigns) -> None:
        self._journal = journal
        self._files = files
        self._media = media
        self._typing = typing

    async def take_in(
        self,
        channel: Channel,
        items: Sequence[AnyInbound],
        raws: Sequence[bytes],
        meter: Meter,
        *,
        letters: bool = True,
    ) -> list[Verdict]:
        """Keep `items`; a verdict for each, in order. `letters`: what is refused becomes a dead letter (and counts as taken in).

        Raises `Unavailable` when the database does not take it: whoever delivered tries again, and what was kept meanwhile is known.
        """
        if len(items) == 1:
            return [await self._one(channel, items[0], raws[0] if raws else b"", meter, letters=letters)]
        work = [
            self._one(channel, item, raws[index] if index < len(raws) else b"", meter, letters=letters)
            for index, item in enumerate(items)
        ]
        verdicts = await asyncio.gather(*work, return_exceptions=True)
        for verdict in verdicts:
            if isinstance(verdict, BaseException):
                raise verdict
        return [verdict for verdict in verdicts if isinstance(verdict, Verdict)]

    async def _one(
        self, channel: Channel, item: AnyInbound, raw: bytes, meter: Meter, *, letters: bool
    ) -> Verdict:
        if isinstance(item, TypingObserved):
            await self._typing.customer(channel, item)
            return Verdict(ok=True)
        token = new_token()
        try:
            result = await self._submit(channel, item, raw, token)
        except Unavailable:
            raise
        except StoreError as error:
            result = cmd.Refused(code="invalid", sentence=str(error))
        if isinstance(result, cmd.Refused):
            return await self._refused(channel, item, raw, result, meter, letters=letters)
        duplicate = isinstance(result, cmd.Duplicate)
        meter.taken(item, duplicate=duplicate)
        return Verdict(ok=True, n=result.n, id=result.id, duplicate=duplicate)

    async def _submit(self, channel: Channel, item: AnyInbound, raw: bytes, token: str) -> cmd.Result:
        kept = NOTHING
        if isinstance(item, MessageReceived) and item.files:
            kept = await self._keep_files(channel, item.source_key, item.files, token)
        elif isinstance(item, MessageEdited):
            return await self._edit(channel, item, raw, token)
        command = command_for(channel, item, raw, token, kept)
        assert command is not None  # only typing has no command
        result = await self._journal.submit(command)
        if not isinstance(result, cmd.Committed) and kept.fresh:
            await self._files.forget(kept.fresh)
        elif kept.pending:
            self._media.wake()
        return result

    async def _keep_files(
        self, channel: Channel, source_key: str, files: Sequence[AnyFile], token: str
    ) -> Kept:
        """Store what is here; write down what has to be fetched, before the message that points to it is kept."""
        kept = await self._files.keep(files, token)
        refs = [file for file in files[: self._files.limits.files] if isinstance(file, MediaRef)]
        if refs:
            await self._media.put(channel.name, key(source_key), refs)
        return kept

    async def _edit(self, channel: Channel, item: MessageEdited, raw: bytes, token: str) -> cmd.Result:
        """An edit keeps the message's files unless it brings its own; tried again when the content changed under it."""
        kept = await self._keep_files(channel, item.source_key, item.files, token) if item.files else NOTHING
        result: cmd.Result = cmd.Refused(
            code="version", sentence="The message changes faster than its edit can be kept."
        )
        for _try in range(MAX_EDIT_TRIES):
            present, old = await self._content_of(channel, item.provider_id)
            carried = kept if item.files or old is None else _carry(old)
            command = command_for(channel, item, raw, token, carried)
            assert isinstance(command, cmd.ReceiveEdit)  # that is what an edit becomes
            result = await self._journal.submit(msgspec.structs.replace(command, expected=present))
            if not (isinstance(result, cmd.Refused) and result.code == "version"):
                break
        if kept.pending:
            self._media.wake()
        return result

    async def _content_of(self, channel: Channel, provider_id: str) -> tuple[str, MessageContent | None]:
        """The content row of the message with this provider id: its id and, unless it was erased, what it says."""
        store = self._journal.store
        rows = await store.read(fetch("provider_message", channel.name, key(provider_id)))
        message = await reads.message(store, rows[0][0]) if rows else None
        if message is None:
            return "", None
        content = (await self._journal.contents([message.content])).get(message.content)
        return message.content, content if isinstance(content, MessageContent) else None

    async def _refused(
        self,
        channel: Channel,
        item: AnyInbound,
        raw: bytes,
        refused: cmd.Refused,
        meter: Meter,
        *,
        letters: bool,
    ) -> Verdict:
        meter.refused()
        if not letters:
            return Verdict(ok=False, error=refused.sentence)
        letter = poison(channel, item.source_key, refused.sentence, raw, new_token())
        result = await self._journal.submit(letter)
        if isinstance(result, cmd.Refused):
            return Verdict(ok=False, error=result.sentence)
        return Verdict(ok=True, n=result.n, id=result.id, error=refused.sentence)

    async def letter(
        self, channel: Channel, source_key: str, error: str, raw: bytes, meter: Meter
    ) -> Verdict:
        """Keep an input that could not be read at all as a dead letter."""
        return await self._one(channel, Poison(source_key=source_key, error=error), raw, meter, letters=False)


def _carry(old: MessageContent) -> Kept:
    kept = Kept()
    kept.attachments = list(old.attachments)
    kept.pending = list(old.data.get("pending", ()))
    kept.missing = list(old.data.get("missing", ()))
    return kept
