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


class LeaseLost(Exception):
    """Another process polls this account now: nothing of ours may move its checkpoint."""


class Prepared(msgspec.Struct, frozen=True):
    """An item whose files are stored, with its raw bytes and the token that its ids derive from. `whole`: a dead letter's bytes."""

    item: AnyInbound
    raw: bytes
    token: str
    kept: Kept
    whole: bytes = b""
    point: cmd.Checkpoint | None = None


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
        point: cmd.Checkpoint | None = None,
        body: bytes = b"",
    ) -> list[Verdict]:
        """Keep `items` in their order; a verdict for each. `letters`: what is refused becomes a dead letter (and counts as taken in).

        The dead letter of an item without raw bytes of its own holds `body`, which all of them came in.

        `point` is kept in the transaction of the last item, after all the others. Raises `Unavailable` when the database does not take
        it (whoever delivered tries again; what was kept meanwhile is known then), and `LeaseLost`.
        """
        verdicts: list[Verdict] = []
        group: list[Prepared] = []
        for index, item in enumerate(items):
            if isinstance(item, TypingObserved):
                await self._typing.customer(channel, item)
                continue
            last = point is not None and index == len(items) - 1
            if group and (last or isinstance(item, MessageEdited)):
                verdicts += await self._keep(channel, group, meter, letters=letters)
                group = []
            raw = raws[index] if index < len(raws) else b""
            prepared = await self._prepare(channel, item, raw, raw or body)
            group.append(msgspec.structs.replace(prepared, point=point) if last else prepared)
        verdicts += await self._keep(channel, group, meter, letters=letters)
        carried = bool(group) and group[-1].point is not None
        if point is not None and not (carried and not verdicts[-1].duplicate and not verdicts[-1].error):
            await self._keep_point(channel, point)
        return _in_place(items, verdicts)

    async def _prepare(self, channel: Channel, item: AnyInbound, raw: bytes, whole: bytes) -> Prepared:
        token = new_token()
        files = getattr(item, "files", ())
        if not files:
            return Prepared(item, raw, token, NOTHING, whole)
        assert isinstance(item, MessageReceived | MessageEdited)  # nothing else has files
        kept = await self._keep_files(channel, item.source_key, files, token)
        return Prepared(item, raw, token, kept, whole)

    async def _keep(
        self, channel: Channel, group: Sequence[Prepared], meter: Meter, *, letters: bool
    ) -> list[Verdict]:
        """Submit a group at once, in order; each item has its own verdict."""
        if len(group) == 1:
            return [await self._one(channel, group[0], meter, letters=letters)]
        work = [self._one(channel, prepared, meter, letters=letters) for prepared in group]
        verdicts = await asyncio.gather(*work, return_exceptions=True)
        for verdict in verdicts:
            if isinstance(verdict, BaseException):
                raise verdict
        return [verdict for verdict in verdicts if isinstance(verdict, Verdict)]

    async def _one(self, channel: Channel, prepared: Prepared, meter: Meter, *, letters: bool) -> Verdict:
        try:
            result = await self._submit(channel, prepared)
        except Unavailable:
            await self._files.forget(prepared.kept.fresh)
            raise
        except StoreError as error:
            result = cmd.Refused(code="invalid", sentence=str(error))
        if not isinstance(result, cmd.Committed):
            await self._files.forget(prepared.kept.fresh)
        if isinstance(result, cmd.Refused):
            return await self._refused(channel, prepared, result, meter, letters=letters)
        if prepared.kept.pending:
            self._media.ready(channel.name, key(prepared.item.source_key))
        duplicate = isinstance(result, cmd.Duplicate)
        meter.taken(prepared.item, duplicate=duplicate)
        return Verdict(ok=True, n=result.n, id=result.id, duplicate=duplicate)

    async def _submit(self, channel: Channel, prepared: Prepared) -> cmd.Result:
        if isinstance(prepared.item, MessageEdited):
            return await self._edit(channel, prepared.item, prepared)
        return await self._journal.submit(_command(channel, prepared, prepared.kept))

    async def _keep_files(
        self, channel: Channel, source_key: str, files: Sequence[AnyFile], token: str
    ) -> Kept:
        """Store what is here; write down what has to be fetched, before the message that points to it is kept."""
        kept = await self._files.keep(files, token)
        refs = [file for file in files[: self._files.limits.files] if isinstance(file, MediaRef)]
        if refs:
            await self._media.put(channel.name, key(source_key), refs)
        return kept

    async def _edit(self, channel: Channel, item: MessageEdited, prepared: Prepared) -> cmd.Result:
        """An edit keeps the message's files unless it brings its own; tried again when the content changed under it."""
        result: cmd.Result = cmd.Refused(
            code="version", sentence="The message changes faster than its edit can be kept."
        )
        for _try in range(MAX_EDIT_TRIES):
            present, old = await self._content_of(channel, item.provider_id)
            carried = prepared.kept if item.files or old is None else _carry(old)
            command = msgspec.structs.replace(_command(channel, prepared, carried), expected=present)
            result = await self._journal.submit(command)
            if not (isinstance(result, cmd.Refused) and result.code == "version"):
                break
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
        self, channel: Channel, prepared: Prepared, refused: cmd.Refused, meter: Meter, *, letters: bool
    ) -> Verdict:
        if refused.code == "lease":
            raise LeaseLost(refused.sentence)
        meter.refused()
        if not letters:
            return Verdict(ok=False, error=refused.sentence)
        source_key = prepared.item.source_key
        letter = poison(channel, source_key, refused.sentence, prepared.whole, new_token())
        result = await self._journal.submit(letter)
        if isinstance(result, cmd.Refused):
            return Verdict(ok=False, error=result.sentence)
        return Verdict(ok=True, n=result.n, id=result.id, error=refused.sentence)

    async def _keep_point(self, channel: Channel, point: cmd.Checkpoint) -> None:
        command = cmd.KeepCheckpoint(token=new_token(), workspace=channel.workspace, checkpoint=point)
        result = await self._journal.submit(command)
        if isinstance(result, cmd.Refused):
            raise LeaseLost(result.sentence)


def _command(channel: Channel, prepared: Prepared, kept: Kept) -> cmd.Receive:
    command = command_for(channel, prepared.item, prepared.raw, prepared.token, kept)
    assert command is not None  # only typing has no command
    return msgspec.structs.replace(command, checkpoint=prepared.point) if prepared.point else command


def _in_place(items: Sequence[AnyInbound], verdicts: list[Verdict]) -> list[Verdict]:
    """A verdict for typing too, which is never kept."""
    if len(verdicts) == len(items):
        return verdicts
    left = iter(verdicts)
    return [Verdict(ok=True) if isinstance(item, TypingObserved) else next(left) for item in items]


def _carry(old: MessageContent) -> Kept:
    kept = Kept()
    kept.attachments = list(old.attachments)
    kept.pending = list(old.data.get("pending", ()))
    kept.missing = list(old.data.get("missing", ()))
    return kept
