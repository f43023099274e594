"""Mail from a mail server: a small SMTP or LMTP door for this channel's addresses. A mail is confirmed once it is kept, never before.

The protocol is aiosmtpd's (Apache-2.0, an option to install; 1.4.5 and later refuse bare line ends, with which mail was smuggled through
servers). It relays nothing, knows no sign-in, and takes mail for its own addresses only.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Any

from connectors.contract import ConnectorError, NeedsOperator
from connectors.email.reading import Reader
from connectors.email.settings import EmailConfig, ListenSettings

MAX_CONNECTIONS = 50
MAX_RECIPIENTS = 50
LINE_SECONDS = 120.0
KEEP_SECONDS = 240.0
PROBE_SECONDS = 5.0
IDENT = "Parley"
LATER = "451 4.3.0 The mail cannot be kept now; try again in a minute."


class Door:
    """What the protocol asks: is this address ours, and take this mail."""

    def __init__(self, config: EmailConfig, reader: Reader, *, lmtp: bool) -> None:
        self._config = config
        self._reader = reader
        self._lmtp = lmtp

    async def handle_RCPT(  # noqa: N802  # the protocol finds it by this name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """The protocol's hook."""
        if not self._config.is_own(address):
            return "550 5.1.1 There is no such address here."
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients."
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802  # the same
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        """The protocol's hook. LMTP wants an answer for each recipient (RFC 2033 4.2)."""
        recipients = tuple(envelope.rcpt_tos)
        answer = await self._kept(envelope.original_content or b"", envelope.mail_from or "", recipients)
        return "\r\n".join([answer] * (len(recipients) if self._lmtp else 1))

    async def _kept(self, raw: bytes, sender: str, recipients: tuple[str, ...]) -> str:
        try:
            async with asyncio.timeout(KEEP_SECONDS):
                kept = await self._reader.take(raw, sender, recipients)
        except (ConnectorError, TimeoutError):
            return LATER
        return "250 2.0.0 Kept" if kept else LATER


class Listener:
    """The door of one channel, while it is open."""

    def __init__(self, settings: ListenSettings, config: EmailConfig, reader: Reader) -> None:
        self._settings = settings
        self._door = Door(config, reader, lmtp=settings.protocol == "lmtp")
        self._server: asyncio.Server | None = None
        self._lines: set[Any] = set()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server else 0

    async def open(self) -> None:
        """Listen. Raises `NeedsOperator` when that cannot be done as configured."""
        settings = self._settings
        try:
            context = _context(settings)
            make = _protocol(settings, self._door, self._lines, context)
            self._server = await asyncio.get_running_loop().create_server(make, settings.host, settings.port)
        except ImportError as error:
            raise NeedsOperator("listen: needs aiosmtpd (pip install 'parley[intake]')") from error
        except OSError as error:
            raise NeedsOperator(
                f"listen: cannot listen on {settings.host}:{settings.port}: {error.strerror or error}"
            ) from error

    async def probe(self) -> str:
        """Whether the port is ours or free; a sentence for the operator. Raises `NeedsOperator` when somebody else has it."""
        where = f"{self._settings.host}:{self._settings.port}"
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                reader, writer = await asyncio.open_connection(self._settings.host, self._settings.port)
                try:
                    greeting = await reader.readline()
                finally:
                    writer.close()
        except OSError:  # nobody listens (a TimeoutError is one as well: whoever listens says nothing)
            return f"listen: {where} is not served now"
        if not greeting.rstrip().endswith(IDENT.encode()):
            raise NeedsOperator(f"listen: another program has {where}")
        return f"listen: {where} takes mail"

    async def close(self) -> None:
        """Take nothing new; end what is open: what was not confirmed is handed in again."""
        if self._server is not None:
            self._server.close()
            for line in list(self._lines):
                line.close()
            await asyncio.sleep(0)
            self._server = None


def _context(settings: ListenSettings) -> ssl.SSLContext | None:
    if not settings.certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.certificate, settings.key)
    return context


def _protocol(settings: ListenSettings, door: Door, lines: set[Any], context: ssl.SSLContext | None) -> Any:
    from aiosmtpd.lmtp import LMTP
    from aiosmtpd.smtp import SMTP

    # It would write down every command, with the addresses in it.
    logging.getLogger("mail.log").setLevel(logging.ERROR)

    base: Any = LMTP if settings.protocol == "lmtp" else SMTP

    class Line(base):  # type: ignore[misc]  # chosen above
        """One connection, counted."""

        def connection_made(self, transport: Any) -> None:
            if isinstance(transport, asyncio.Transport) and len(lines) >= MAX_CONNECTIONS:
                transport.write(b"421 4.3.2 Too many connections; try again in a minute.\r\n")
                transport.close()
                return
            lines.add(transport)
            super().connection_made(transport)

        def connection_lost(self, error: Exception | None) -> None:
            lines.discard(self.transport)
            super().connection_lost(error)

    def make() -> Any:
        return Line(
            door,
            data_size_limit=settings.max_mail_bytes,
            enable_SMTPUTF8=True,
            hostname="parley",
            ident=IDENT,
            tls_context=context,
            timeout=LINE_SECONDS,
            loop=asyncio.get_running_loop(),
        )

    return make
