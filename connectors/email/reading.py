"""From the bytes of a mail, however it came, to what happened on the channel: read behind the wall, then understood by `inbound`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from connectors.contract import AnyInbound, MessageReceived, Poison, Sandbox
from connectors.email import inbound, threads, wall
from connectors.email.auto_phrases import PREFIX
from connectors.email.ids import Ids
from connectors.email.ports import Fetched, Mark
from connectors.email.settings import EmailConfig

NOWHERE = Mark(0, 0)


class Reader:
    """Reads the mails of one channel."""

    def __init__(self, config: EmailConfig, ids: Ids, sandbox: Sandbox, clock: Callable[[], float]) -> None:
        self._config = config
        self._ids = ids
        self._sandbox = sandbox
        self._clock = clock

    async def read(self, fetched: Fetched, folder: str = "") -> AnyInbound | None:
        """What a mail means; None for nothing new. Raises `TryLater` when the stream cannot be asked."""
        return await self._by_subject(await asyncio.to_thread(self._read, fetched, folder))

    async def take(self, raw: bytes, sender: str, recipients: tuple[str, ...]) -> bool:
        """Keep a mail that was handed to us, with its envelope noted on top (RFC 5321 4.4); whether it is kept. Raises `TryLater`."""
        lines = [f"Return-Path: <{_plain(sender)}>", *(f"Delivered-To: {_plain(one)}" for one in recipients)]
        raw = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace") + raw
        item = await self.read(Fetched(NOWHERE, raw, len(raw)))
        if item is None:
            return True
        verdicts = await self._sandbox.deliver([item], [raw])
        return all(verdict.ok for verdict in verdicts)

    async def _by_subject(self, item: AnyInbound | None) -> AnyInbound | None:
        """An answer without any headers to thread by joins the sender's only conversation with its subject."""
        if not isinstance(item, MessageReceived) or not item.data.get("by_subject"):
            return item
        data = {name: value for name, value in item.data.items() if name != "by_subject"}
        found = threads.by_subject(item.subject, await self._sandbox.correspondence(item.sender))
        if not found:
            return msgspec.structs.replace(item, data=data)
        data["thread"] = [[found, "subject"]]
        if PREFIX.match(item.subject):  # "Auto: " before the subject of a mail of theirs: a program answers
            data["auto_reply"] = "reply"
        automatic = item.automatic or "auto_reply" in data
        return msgspec.structs.replace(item, thread=(found,), data=data, automatic=automatic)

    def _read(self, fetched: Fetched, folder: str) -> AnyInbound | None:
        """One mail; one that cannot even be read as a defective one becomes a dead letter, and its neighbours pass."""
        try:
            mail = wall.shared().read(fetched.raw)
            sent = self._config.imap is not None and bool(folder) and folder == self._config.imap.read_sent
            place = inbound.Place(folder, fetched.labels, sent)
            note = _note(fetched, mail.defects)
            now = self._clock()
            return inbound.happening(mail, fetched.raw, self._config, self._ids, note, place=place, now=now)
        except Exception as error:  # noqa: BLE001  # whatever it is, it must not stop the mailbox
            self._sandbox.log("mail_unreadable", error=type(error).__name__, uid=fetched.mark.uid)
            return Poison(
                source_key=f"msg::{inbound.digest(fetched.raw)}",
                error=f"This mail cannot be read ({type(error).__name__}).",
            )


def _plain(address: str) -> str:
    return "".join(char for char in address if char.isprintable() and char not in "<> ")[:320]


def _note(fetched: Fetched, defects: tuple[str, ...]) -> str:
    if fetched.cut:
        return f"[This mail has {fetched.size / 1_048_576:.1f} MB, more than this channel takes in. Only its beginning is here; the whole mail is in the mailbox.]"
    if "could-not-parse" in defects:
        return "[This mail could not be parsed. What can be read of it is below, the original is attached.]"
    return ""
