"""What an email connector gets in tests: a small sandbox that remembers, settings for real servers, an agent who writes, and a server that misbehaves."""

from __future__ import annotations

import asyncio
import contextlib
import socketserver
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any, Self

from connectors.contract import AnyInbound, Batch, Response, Secret
from connectors.email.connector import EmailConnector
from connectors.email.settings import EmailConfig, ImapSettings, OAuthSettings, SmtpSettings
from connectors.host import Host
from connectors.kit.http import GuardedClient
from stream import commands as cmd
from stream.ids import new_token
from stream.model import MessageContent
from tests.connectors.ground import ANN, Ground
from tests.servers.dovecot import DovecotServer, Mailbox
from tests.servers.postfix import PostfixServer
from tests.servers.tokens import CLIENT, CLIENT_SECRET, TokenServer

ADDRESS = "support@example.com"


class Box:
    """The part of a host's sandbox that an email channel uses."""

    channel = "support-email"
    public_url = ""

    def __init__(self, marks: dict[str, str] | None = None) -> None:
        self.marks = dict(marks or {})
        self.lines: list[tuple[str, dict[str, object]]] = []
        self.turn = asyncio.Lock()

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        return ((purpose + " key").encode().ljust(32, b"."),)

    async def checkpoints(self) -> dict[str, str]:
        return dict(self.marks)

    async def exchange(self, key: str, change: Callable[[str], Awaitable[str]]) -> None:
        async with self.turn:
            self.marks[key] = await change(self.marks.get(key, "")) or self.marks.get(key, "")

    def log(self, event: str, **facts: object) -> None:
        self.lines.append((event, facts))

    async def http(self, method: str, url: str, **more: Any) -> Response:
        """The real client of the host; this machine is allowed."""
        client = GuardedClient(("127.0.0.1",))
        await client.open()
        try:
            return await client.request(method, url, **more)
        finally:
            await client.close()


async def ann_works(ground: Ground) -> None:
    """Let the agent Ann be known."""
    agents = (cmd.AgentFacts(agent="ann", name="Ann"),)
    await ground.journal.submit(cmd.ApplyConfig(token=new_token(), hash="1", bundle={}, agents=agents))


async def ann_writes(
    ground: Ground, host: Host, to: str = "pat@example.org", *, text: str = "It is on its way.", **data: Any
) -> str:
    """Ann writes to somebody first; the message."""
    started, message = host.start("support-email", to), f"msg_{new_token()}"
    command = cmd.StartConversation(
        token=new_token(),
        channel="support-email",
        connector="email",
        conversation_key=started.conversation_key,
        to=started.to,
        by=ANN,
        subject="Your order",
        message=message,
        content=MessageContent(text=text, subject="Your order", data=data),
    )
    assert isinstance(await ground.journal.submit(command), cmd.Committed)
    return message


def connector(config: EmailConfig, box: Box | None = None, **more: Any) -> EmailConnector:
    """A connector in a sandbox of its own."""
    return EmailConnector(config, box or Box(), **more)  # type: ignore[arg-type]  # the rest of the sandbox is not for email


def imap_settings(dovecot: DovecotServer, mailbox: Mailbox, **more: Any) -> ImapSettings:
    """How to read a mailbox of the test server."""
    return ImapSettings(
        host=dovecot.host,
        port=dovecot.imaps_port,
        user=mailbox.address,
        password=Secret(mailbox.password),
        ca_file=str(dovecot.ca_file),
        **more,
    )


def smtp_settings(postfix: PostfixServer, mailbox: Mailbox, **more: Any) -> SmtpSettings:
    """How to hand mail in at the test server."""
    return SmtpSettings(
        host=postfix.host,
        port=postfix.port,
        user=mailbox.address,
        password=Secret(mailbox.password),
        ca_file=str(postfix.ca_file),
        **more,
    )


def oauth_settings(tokens: TokenServer, refresh: str = "", **more: Any) -> OAuthSettings:
    """Sign-in by token at the test server: on behalf of somebody, or by the client's own credentials."""
    return OAuthSettings(
        token_url=tokens.token_url,
        client_id=CLIENT,
        client_secret=Secret(CLIENT_SECRET),
        refresh_token=Secret(refresh) if refresh else None,
        **more,
    )


class Taking:
    """Takes in what a connector polls, as the host does: marks are kept with the batch that brings them."""

    def __init__(self, making: Callable[[Box], EmailConnector], box: Box | None = None) -> None:
        self.box = box or Box()
        self.batches: list[Batch] = []
        self.items: asyncio.Queue[AnyInbound] = asyncio.Queue()
        self.failures: list[Exception] = []
        self._making = making
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            made = self._making(self.box)
            try:
                async with contextlib.aclosing(made.poll()) as batches:  # type: ignore[type-var]  # a generator
                    async for batch in batches:
                        self._keep(batch)
            except Exception as error:  # noqa: BLE001  # what the host would see
                self.failures.append(error)
                await asyncio.sleep(0.05)
            finally:
                await made.close()

    def _keep(self, batch: Batch) -> None:
        self.batches.append(batch)
        self.box.marks[batch.checkpoint_key] = batch.checkpoint
        for item in batch.items:
            self.items.put_nowait(item)

    async def next(self, seconds: float = 45.0) -> Any:
        """The next thing that happened."""
        return await asyncio.wait_for(self.items.get(), seconds)

    async def started(self, seconds: float = 45.0) -> None:
        """Returns once the first mark is kept."""
        async with asyncio.timeout(seconds):
            while not self.batches:
                await asyncio.sleep(0.02)


@contextlib.contextmanager
def tcp_server(handler: type[socketserver.StreamRequestHandler]) -> Iterator[int]:
    """A small threaded server on loopback for as long as the block lasts; gives its port."""

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(5)


async def collected(source: AsyncIterator[Any], count: int) -> Sequence[Any]:
    """The first `count` things of a generator, which is closed then."""
    found = []
    async with contextlib.aclosing(source) as items:  # type: ignore[type-var]  # a generator
        async for item in items:
            found.append(item)
            if len(found) >= count:
                break
    return found
