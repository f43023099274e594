"""The I/O shell of an email channel: reads its mailbox in batches, hands mails in. What a mail means is decided in `inbound` and `compose`."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import msgspec

from connectors.contract import (
    Accepted,
    Address,
    AnyInbound,
    Batch,
    ConnectorError,
    File,
    Malformed,
    MediaRef,
    NeedsOperator,
    Outbound,
    Outcome,
    Plan,
    PlannedPart,
    Rejected,
    Sandbox,
    Unsupported,
)
from connectors.email import bodies, compose, ids, smtp
from connectors.email.dkim import private_key
from connectors.email.doors import Doors
from connectors.email.imap import FolderClosed, ImapMailbox
from connectors.email.listener import Listener
from connectors.email.ports import Mailbox, Mark, TokenSource
from connectors.email.reading import Reader
from connectors.email.settings import EmailConfig, ImapSettings
from connectors.email.tokens import Tokens
from connectors.kit.names import safe_name

if TYPE_CHECKING:
    from aiohttp.web import RouteDef

BATCH_ITEMS = 20
BATCH_BYTES = 4 << 20
DAY = 86_400.0
COPY_SECONDS = 900.0
"""So long a mail waits for somebody in copy whom the server does not take just now (greylisting); then it goes without them."""
FILE_ROOM = 1.4  # what base64 and headers add to a file


class EmailConnector:
    """One mailbox and one way out."""

    def __init__(
        self,
        config: EmailConfig,
        sandbox: Sandbox,
        *,
        mailboxes: Callable[[ImapSettings, TokenSource | None], Mailbox] = ImapMailbox,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._config = config
        self._sandbox = sandbox
        self._mailboxes = mailboxes
        self._clock = clock
        self._ids = ids.Ids(sandbox.keys(ids.PURPOSE), config.address, config.answers_to)
        self._open: set[Mailbox] = set()
        self._no_copies_until = 0.0
        self._tokens = Tokens(config.oauth, sandbox, clock=clock) if config.oauth else None
        self._reader = Reader(config, self._ids, sandbox, clock)
        self._doors = Doors(config, self._ids, self._reader, sandbox, clock)
        self._listener = Listener(config.listen, config, self._reader) if config.listen else None
        self._pool = smtp.Pool(config.smtp, self._tokens) if config.smtp else None

    async def probe(self) -> str:
        """See `Connector`."""
        said = []
        if self._config.dkim is not None:
            _check_key(self._config.dkim.key.reveal())
            said.append(f"DKIM: signs for {self._config.dkim.domain}")
        if self._config.imap is not None:
            mailbox = ImapMailbox(self._config.imap, self._tokens)
            try:
                said.append(await mailbox.probe())
            finally:
                await mailbox.close()
        if self._config.smtp is not None:
            tagged = compose.tagged_addresses(self._config, self._ids, self._clock())
            said.append(await smtp.probe(self._config.smtp, self._tokens, self._config.address, tagged))
        if self._listener is not None:
            said.append(await self._listener.probe())
        said += self._doors.probe()
        return "; ".join(said)

    async def open(self) -> None:
        """See `Connector`: listens if asked to; connections of ours are made when they are needed."""
        if self._config.dkim is not None:
            _check_key(self._config.dkim.key.reveal())
        if self._listener is not None and not self._listener.port:
            await self._listener.open()

    def routes(self) -> list[RouteDef]:
        """See `Served`."""
        return self._doors.routes()

    # --- in ------------------------------------------------------------------------------------------------------

    async def poll(self) -> AsyncIterator[Batch]:
        """See `Connector`. One connection; it lasts until something fails."""
        settings = self._config.imap
        if settings is None:
            return
        mailbox = self._mailboxes(settings, self._tokens)
        folders = (*settings.folders, *([settings.read_sent] if settings.read_sent else []))
        self._open.add(mailbox)
        try:
            marks = {folder: Mark.read(text) for folder, text in (await self._sandbox.checkpoints()).items()}
            trouble = ""
            while True:
                before, closed = trouble, []
                for folder in folders:
                    try:
                        async for batch in self._news(mailbox, folder, marks):
                            yield msgspec.structs.replace(batch, trouble=trouble)
                    except FolderClosed as error:
                        if folder == settings.folders[0]:
                            raise
                        closed.append(str(error))
                trouble = " ".join(closed)
                if trouble != before:
                    yield Batch(items=(), trouble=trouble)
                await mailbox.wait(settings.folders[0], float(settings.poll_seconds))
        finally:
            self._open.discard(mailbox)
            await mailbox.close()

    async def _news(
        self, mailbox: Mailbox, folder: str, marks: dict[str, Mark | None]
    ) -> AsyncIterator[Batch]:
        """What is new in a folder, in batches that are bounded in number and bytes."""
        items: list[AnyInbound] = []
        raws: list[bytes] = []
        size = skipped = 0
        async with contextlib.aclosing(mailbox.fetch_since(folder, marks.get(folder))) as mails:  # type: ignore[type-var]  # generators
            async for fetched in mails:
                marks[folder] = fetched.mark
                if not fetched.raw:
                    yield Batch(items=(), checkpoint_key=folder, checkpoint=str(fetched.mark))
                    continue
                item = await self._reader.read(fetched, folder)
                if item is None:
                    skipped += 1
                else:
                    items.append(item)
                    raws.append(fetched.raw)
                    size += len(fetched.raw)
                if len(items) >= BATCH_ITEMS or size >= BATCH_BYTES:
                    yield Batch(
                        items=tuple(items),
                        raw=tuple(raws),
                        checkpoint_key=folder,
                        checkpoint=str(fetched.mark),
                    )
                    items, raws, size, skipped = [], [], 0, 0
        if items or skipped:
            yield Batch(
                items=tuple(items), raw=tuple(raws), checkpoint_key=folder, checkpoint=str(marks[folder])
            )

    # --- out -----------------------------------------------------------------------------------------------------

    def plan(self, message: Outbound) -> Plan:
        """See `Connector`: a mail is one part with all its files."""
        at = compose.queued_at(message, self._clock())
        known = (self._ids.message_id(message.id, at),)
        part = PlannedPart(
            key=f"{message.id}:0", kind="text", text=message.text, html=message.html, provider_ids=known
        )
        size = sum(file.size for file in message.files)
        limit = self._config.smtp.max_mail_bytes if self._config.smtp else 0
        if self._config.smtp is None:
            return Plan(parts=(part,), degraded=("This channel only reads mail: it has no smtp settings.",))
        if size * FILE_ROOM > limit:
            return Plan(
                parts=(part,),
                degraded=(
                    f"The files together are too large for one mail of at most {limit // 1_048_576} MB.",
                ),
            )
        return Plan(parts=(part,))

    async def send(self, message: Outbound, part: PlannedPart) -> Outcome:  # noqa: ARG002  # the contract's: there is one part
        """See `Connector`."""
        settings = self._config.smtp
        if settings is None or self._pool is None:
            return Rejected(text="This channel only reads mail: it has no smtp settings.")
        if message.automatic and (refused := await self._unwanted(message)):
            return Rejected(text=refused)
        if message.to.value.endswith("@sender.invalid"):
            return Rejected(text="The customer's mail named no sender, so there is no address to answer to.")
        if sum(file.size for file in message.files) * FILE_ROOM > settings.max_mail_bytes:
            return Rejected(
                text=f"The files are too large for one mail of at most {settings.max_mail_bytes // 1_048_576} MB.",
                code="552",
            )
        files = [
            bodies.LoadedFile(safe_name(file.name), file.content_type, await file.read(), file.content_id)
            for file in message.files
        ]
        try:
            letter = await asyncio.to_thread(self._letter, message, files)
        except Malformed as error:
            return Rejected(text=str(error))
        now = self._clock()
        patient = now - compose.queued_at(message, now) < COPY_SECONDS
        outcome = await self._pool.hand_in(letter, patient=patient)
        if isinstance(outcome, Accepted):
            await self._keep_copy(letter)
        return outcome

    def _letter(self, message: Outbound, files: list[bodies.LoadedFile]) -> compose.Letter:
        leaving = self._doors.unsubscribe_url(message.to.value)
        return compose.compose(message, self._config, self._ids, files, self._clock(), unsubscribe=leaving)

    async def _unwanted(self, message: Outbound) -> str:
        """Why an automatic mail must not go out: it would answer a machine, or this address gets too many; empty when it may."""
        if reason := compose.answers_machine(message):
            return reason
        if await self._sandbox.take(f"automatic mail {message.id}", 1, DAY):
            return ""  # a further attempt of one that was counted
        address = hashlib.sha256(message.to.value.lower().encode()).hexdigest()[:32]
        if await self._sandbox.take(f"automatic to {address}", self._config.automatic_per_day, DAY):
            return f"Not sent: this address has had {self._config.automatic_per_day} automatic mails in 24 hours."
        return ""

    async def _keep_copy(self, letter: compose.Letter) -> None:
        """A copy in the sent folder, if wanted. The mail is out already: a failure here is only noted."""
        settings = self._config.imap
        if settings is None or not settings.sent_folder:
            return
        if self._clock() < self._no_copies_until:
            return
        mailbox = self._mailboxes(settings, self._tokens)
        try:
            await asyncio.wait_for(mailbox.append(settings.sent_folder, letter.raw), 30)
        except (ConnectorError, TimeoutError) as error:
            if isinstance(error, NeedsOperator):
                # A refused password must not be shown again with every mail that goes out.
                self._no_copies_until = self._clock() + smtp.REFUSED_SECONDS
            said = str(error) or "no answer in 30 s"
            self._sandbox.log("copy_not_kept", folder=settings.sent_folder, error=said)
        finally:
            await mailbox.close()

    async def typing(self, to: Address, conversation_key: str, on: bool) -> None:  # the contract's signature
        """See `Connector`: mail has no typing signs."""

    async def media(self, ref: MediaRef) -> File:  # noqa: ARG002  # the contract's
        """See `Connector`: files come within their mail."""
        raise Unsupported("Files of a mail come with it; there is nothing to fetch later.")

    async def close(self) -> None:
        """See `Connector`."""
        if self._listener is not None:
            await self._listener.close()
        if self._pool is not None:
            await self._pool.close()
        await asyncio.gather(*(mailbox.close() for mailbox in list(self._open)), return_exceptions=True)


def _check_key(pem: str) -> None:
    try:
        private_key(pem)
    except ValueError as error:
        raise NeedsOperator(str(error)) from error
