"""All that a connector gets: the contract's `Sandbox` for one channel. It sees its own channel only, and neither store nor bus."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

import msgspec
import structlog

from connectors.channel import Channel
from connectors.contract import (
    Address,
    AnyInbound,
    Correspondence,
    File,
    HistoryFile,
    HistoryItem,
    Response,
    Secret,
    StoredFile,
    TryLater,
    Verdict,
)
from connectors.delivery import Delivery
from connectors.exchange import exchange
from connectors.files import Files
from connectors.identities import sender_of
from connectors.intake import key
from connectors.kit.http import GuardedClient
from connectors.kit.names import safe_name
from connectors.metrics import Meter
from stream import reads
from stream.blobs import BlobMissing, TooLarge
from stream.ids import key_digest
from stream.journal import Journal
from stream.model import Content, Conversation, ConversationContent, Message, MessageContent
from stream.store.ports import StoreError

PAGE = 200
LOOK_BACK = 2_000
CORRESPONDENCE = 50
LAST_MESSAGES = 10
_log = structlog.get_logger("connectors")


def channel_keys(channel: str, master: Sequence[bytes], purpose: str) -> tuple[bytes, ...]:
    """A channel's keys for `purpose`: derived from the installation's by HMAC-SHA256 over the channel and the purpose."""
    name = f"connector\0{channel}\0{purpose}".encode()
    return tuple(hmac.digest(key, name, hashlib.sha256) for key in master)


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What the sandboxes of a process share. `master` are the installation's keys, newest first, at least one."""

    journal: Journal
    delivery: Delivery
    files: Files
    http: GuardedClient
    master: tuple[bytes, ...]
    public_url: str = ""


class ChannelSandbox:
    """See `connectors.contract.Sandbox`."""

    def __init__(self, channel: Channel, services: Services, meter: Meter) -> None:
        self._channel = channel
        self._services = services
        self._journal = services.journal
        self._meter = meter
        self._secrets = _revealed(channel.config)

    @property
    def channel(self) -> str:
        """See the contract."""
        return self._channel.name

    @property
    def public_url(self) -> str:
        """See the contract."""
        return self._services.public_url.rstrip("/")

    async def http(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 30.0,  # noqa: ASYNC109  # the contract's
        max_body: int = 1_048_576,
    ) -> Response:
        """See the contract."""
        client = self._services.http
        return await client.request(
            method, url, headers=headers, body=body, timeout=timeout, max_body=max_body
        )

    async def deliver(self, items: Sequence[AnyInbound], raw: Sequence[bytes] = ()) -> list[Verdict]:
        """See the contract. Raises `TryLater` when the database does not take it."""
        try:
            return await self._services.delivery.take_in(
                self._channel, items, raw, self._meter, letters=False
            )
        except (StoreError, OSError) as error:
            raise TryLater("The message could not be kept now; try again in a few seconds.") from error

    async def upload(self, name: str, content_type: str, content: bytes) -> StoredFile:
        """See the contract. Raises `TryLater` when the blob store does not take it."""
        try:
            return await self._services.files.upload(name, content_type, content)
        except OSError as error:
            raise TryLater("The file could not be kept now; try again in a few seconds.") from error

    async def history(self, conversation_key: str, after: int = 0, limit: int = 100) -> list[HistoryItem]:
        """See the contract. Raises `TryLater`."""
        digest = key_digest(self._channel.name, key(conversation_key))
        found: list[HistoryItem] = []
        try:
            while True:
                page = await reads.history(self._journal.store, self._channel.name, digest, after, limit)
                found += await self._items(page)
                if found or len(page) < limit or after < 0:
                    return found
                after = page[-1][0]
        except StoreError as error:
            raise TryLater("The history cannot be read now; try again in a few seconds.") from error

    async def _items(self, page: list[tuple[int, Message]]) -> list[HistoryItem]:
        shown = [(n, row) for n, row in page if row.direction in {"in", "out"} and not row.deleted_at]
        contents = await self._journal.contents([row.content for _n, row in shown])
        names = await self._agent_names({row.author.id for _n, row in shown if row.author.kind == "agent"})
        items = []
        for n, row in shown:
            content = contents.get(row.content)
            if isinstance(content, MessageContent):
                items.append(_item(n, row, content, names.get(row.author.id, "")))
        return items

    async def _agent_names(self, logins: set[str]) -> dict[str, str]:
        found = {}
        for login in sorted(logins):
            agent = await reads.agent(self._journal.store, login)
            found[login] = agent.name if agent else ""
        return found

    async def correspondence(self, sender: Address) -> list[Correspondence]:
        """See the contract."""
        try:
            identity = await reads.identity_by_lookup(
                self._journal.store, sender_of(self._channel, sender).lookup
            )
            if identity is None:
                return []
            rows = await reads.conversations_of(self._journal.store, [identity.id], limit=CORRESPONDENCE)
            open_rows = [
                row
                for row in rows
                if row.channel == self._channel.name and not row.spam and row.status != "resolved"
            ]
            abouts = await self._journal.contents([row.about for row in open_rows])
            found = [await self._correspondence(row, abouts.get(row.about)) for row in open_rows]
        except StoreError as error:
            raise TryLater("The conversations cannot be read now; try again in a few seconds.") from error
        return [one for one in found if one is not None]

    async def _correspondence(self, row: Conversation, about: Content | None) -> Correspondence | None:
        newest = await reads.messages(self._journal.store, row.id, limit=LAST_MESSAGES)
        ident = next((ident for message in reversed(newest) for ident in message.provider_ids), "")
        if not ident or not isinstance(about, ConversationContent):
            return None
        return Correspondence(subject=about.subject, provider_id=ident, updated_at=row.updated_at)

    async def read_file(self, conversation_key: str, attachment: str) -> File | None:
        """See the contract: looked for among the newest messages of this key only."""
        digest = key_digest(self._channel.name, key(conversation_key))
        try:
            page = await reads.history(self._journal.store, self._channel.name, digest, -1, LOOK_BACK)
            rows = [row for _n, row in page if row.direction in {"in", "out"} and not row.deleted_at]
            for start in range(0, len(rows), PAGE):
                idents = [row.content for row in rows[::-1][start : start + PAGE]]
                for content in (await self._journal.contents(idents)).values():
                    found = await self._file(content, attachment)
                    if found is not None:
                        return found
        except (StoreError, OSError) as error:
            raise TryLater("The file cannot be read now; try again in a few seconds.") from error
        return None

    async def _file(self, content: object, attachment: str) -> File | None:
        if not isinstance(content, MessageContent):
            return None
        for kept in content.attachments:
            if kept.id == attachment:
                try:
                    data = await self._services.files.blobs.read(kept.blob, max(kept.size, 1))
                except (BlobMissing, TooLarge):
                    return None
                return File(name=safe_name(kept.name), content_type=kept.content_type, content=data)
        return None

    async def notify(self, topic: str, payload: bytes) -> None:
        """See the contract."""
        await self._journal.bus.publish(f"{self._prefix}{topic}", payload)

    async def hints(self, *topics: str) -> AsyncIterator[tuple[str, bytes]]:
        """See the contract. Topic `""` says that hints may have been lost."""
        start = len(self._prefix)
        async for topic, payload in self._journal.bus.subscribe(*(self._prefix + topic for topic in topics)):
            yield topic[start:], payload

    @property
    def _prefix(self) -> str:
        return f"channel:{self._channel.name}:"

    async def take(self, key: str, count: int, seconds: float) -> float:
        """See the contract."""
        return await self._journal.bus.take(f"{self._prefix}{key}", count, seconds)

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """See the contract."""
        return channel_keys(self._channel.name, self._services.master, purpose)

    async def checkpoints(self) -> dict[str, str]:
        """See the contract. Raises `TryLater`."""
        try:
            return await reads.checkpoints(self._journal.store, self._channel.name)
        except StoreError as error:
            raise TryLater("The checkpoints cannot be read now.") from error

    async def exchange(self, key: str, change: Callable[[str], Awaitable[str]]) -> None:
        """See the contract."""
        await exchange(self._journal, self._channel.name, key, change)

    def log(self, event: str, **facts: object) -> None:
        """See the contract."""
        shown = {name: self._redacted(value) for name, value in facts.items()}
        _log.info(event, channel=self._channel.name, **shown)

    def _redacted(self, value: object) -> object:
        if isinstance(value, int | float | bool | None):
            return value
        text = str(value)
        for secret in self._secrets:
            text = text.replace(secret, "****")
        return text


def _item(n: int, row: Message, content: MessageContent, agent: str) -> HistoryItem:
    return HistoryItem(
        n=n,
        id=row.id,
        conversation=row.conversation,
        direction="in" if row.direction == "in" else "out",
        text=content.text,
        at=row.at,
        author=agent,
        source_key=row.source_key,
        delivery=row.delivery,
        automatic=row.automatic,
        files=tuple(
            HistoryFile(id=file.id, name=safe_name(file.name), content_type=file.content_type, size=file.size)
            for file in content.attachments
        ),
    )


def _revealed(config: object) -> list[str]:
    """The texts of all secrets in a config struct, longest first."""
    found: list[str] = []
    stack: list[object] = [config]
    while stack:
        value = stack.pop()
        if isinstance(value, Secret):
            found.append(value.reveal())
        elif isinstance(value, msgspec.Struct):
            stack.extend(getattr(value, name) for name in value.__struct_fields__)
        elif isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list | tuple):
            stack.extend(value)
    return sorted((text for text in found if text), key=len, reverse=True)
