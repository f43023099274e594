"""A sandbox that records and does what it is told, for running a connector without a host. No network, no store."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

import msgspec

from connectors.contract import (
    Address,
    AnyInbound,
    ConnectorError,
    Correspondence,
    File,
    HistoryItem,
    Response,
    StoredFile,
    Verdict,
)

ANSWER = Response(status=200, headers={}, body=b"{}")


class Asked(msgspec.Struct, frozen=True):
    """A request that the connector made."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


class RecordingSandbox:
    """See `connectors.contract.Sandbox`. `answers` are given in turn, then `ANSWER`; an error among them is raised."""

    def __init__(self, answers: Sequence[Response | ConnectorError] = ()) -> None:
        self.answers: deque[Response | ConnectorError] = deque(answers)
        self.asked: list[Asked] = []
        self.logged: list[str] = []
        self.exchanged: dict[str, str] = {}
        self.delivered: list[AnyInbound] = []
        self.notified: list[tuple[str, bytes]] = []

    @property
    def channel(self) -> str:
        """See the contract."""
        return "conformance"

    @property
    def public_url(self) -> str:
        """See the contract."""
        return "https://parley.example"

    async def http(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 30.0,  # noqa: ASYNC109, ARG002  # the contract's
        max_body: int = 1_048_576,  # noqa: ARG002  # the contract's
    ) -> Response:
        """Record it and answer as told."""
        self.asked.append(Asked(method, url, dict(headers or {}), body or b""))
        answer = self.answers.popleft() if self.answers else ANSWER
        if isinstance(answer, ConnectorError):
            raise answer
        return answer

    async def deliver(self, items: Sequence[AnyInbound], raw: Sequence[bytes] = ()) -> list[Verdict]:  # noqa: ARG002  # the contract's
        """Record them as kept."""
        self.delivered += items
        return [Verdict(ok=True, n=number) for number, _item in enumerate(items, len(self.delivered))]

    async def upload(self, name: str, content_type: str, content: bytes) -> StoredFile:
        """See the contract; nothing is kept."""
        return StoredFile(blob="aa/0000", name=name, content_type=content_type, size=len(content))

    async def history(self, conversation_key: str, after: int = 0, limit: int = 100) -> list[HistoryItem]:  # noqa: ARG002  # the contract's
        """Nothing was said."""
        return []

    async def correspondence(self, sender: Address) -> list[Correspondence]:  # noqa: ARG002  # the contract's
        """Nobody wrote before."""
        return []

    async def read_file(self, conversation_key: str, attachment: str) -> File | None:  # noqa: ARG002  # the contract's
        """There are no files."""
        return None

    async def notify(self, topic: str, payload: bytes) -> None:
        """Record it."""
        self.notified.append((topic, payload))

    async def hints(self, *topics: str) -> AsyncIterator[tuple[str, bytes]]:  # noqa: ARG002  # the contract's
        """None come."""
        nothing: tuple[tuple[str, bytes], ...] = ()
        for hint in nothing:
            yield hint

    async def take(self, key: str, count: int, seconds: float) -> float:  # noqa: ARG002  # the contract's
        """There is always a token."""
        return 0.0

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """One fixed key per purpose."""
        return (purpose.encode().ljust(32, b"k")[:32],)

    async def checkpoints(self) -> dict[str, str]:
        """What was exchanged; a poller's are the kit's matter."""
        return dict(self.exchanged)

    async def exchange(self, key: str, change: Callable[[str], Awaitable[str]]) -> None:
        """Kept in memory."""
        self.exchanged[key] = await change(self.exchanged.get(key, "")) or self.exchanged.get(key, "")

    def log(self, event: str, **facts: object) -> None:
        """Record the line as it would be written, but without the host's redaction."""
        self.logged.append(f"{event} {facts}")
