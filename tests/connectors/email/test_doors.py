"""Mail that is brought to us: by LMTP, by SMTP, by a provider's webhook, in a host on a journal; and the way out with one click."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import json
import logging
import smtplib
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from connectors.channel import Channel
from connectors.contract import NeedsOperator, Secret
from connectors.email import MANIFEST, listener
from connectors.email.connector import EmailConnector
from connectors.email.listener import Listener
from connectors.email.settings import EmailConfig, ListenSettings, SmtpSettings, WebhookSettings
from connectors.host import Host
from stream import reads
from stream.model import Message
from tests.connectors.email.letters import letter
from tests.connectors.email.room import Box, connector
from tests.connectors.ground import Ground, until
from tests.servers.certificates import write_certificates
from tests.servers.dovecot import DovecotServer
from tests.servers.postfix import PostfixServer, postfix_server
from tests.servers.process import free_port

HOOK = WebhookSettings(provider="postmark", user="parley", password=Secret("word"))
RIGHT = {"Authorization": "Basic " + base64.b64encode(b"parley:word").decode()}


def channel(**more: Any) -> Channel:
    config = EmailConfig(address="support@example.com", bounce_address="bounces@example.com", **more)
    return Channel(name="support-email", manifest=MANIFEST, config=config)


async def arrived(ground: Ground, count: int) -> list[Message]:
    async def there() -> list[Message] | None:
        found = await ground.messages()
        return found if len(found) >= count else None

    return await until(there, 10)


async def listening(host: Host) -> Listener:
    async def there() -> Listener | None:
        running = host._running["support-email"]  # what it listens on is not told to anybody else
        made = running.connector
        assert isinstance(made, EmailConnector)
        found = made._listener  # the same
        return found if found is not None and found.port else None

    return await until(there)


async def spoken(port: int, *lines: bytes) -> list[str]:
    """What a server answers, from its greeting to its goodbye."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"".join(line + b"\r\n" for line in lines))
    answers = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    await writer.wait_closed()
    return answers.decode().splitlines()


async def in_thread(work: Callable[[], Any]) -> Any:
    return await asyncio.to_thread(work)


@pytest.fixture
async def client(ground: Ground) -> AsyncIterator[Callable[[Host], Any]]:
    made: list[TestClient[Any, Any]] = []

    async def make(host: Host) -> TestClient[Any, Any]:
        app = web.Application()
        found = host.routes()["support-email"]
        app.add_routes([web.RouteDef(one.method, f"/w{one.path}", one.handler, {}) for one in found])
        one = TestClient(TestServer(app))
        await one.start_server()
        made.append(one)
        return one

    yield make
    for one in made:
        await one.close()


async def test_a_mail_server_hands_mail_in_by_lmtp(ground: Ground, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with ground.host(channel(listen=ListenSettings(port=free_port()))) as host:
        port = (await listening(host)).port

        names = ("support", "bounces+x", "nobody")
        lines = [
            b"LHLO x",
            b"MAIL FROM:<ann@example.org>",
            *(b"RCPT TO:<%s@example.com>" % n.encode() for n in names),
        ]
        answers = await spoken(port, *lines, b"DATA", letter(body="By LMTP") + b"\r\n.", b"QUIT")
        # An answer for each recipient (RFC 2033 4.2).
        assert [line[:9] for line in answers if line[:3] in {"250", "550"} and line[3] == " "][2:] == [
            "250 2.1.5", "250 2.1.5", "550 5.1.1", "250 2.0.0", "250 2.0.0"
        ]  # fmt: skip
        (message,) = await arrived(ground, 1)
        content = await ground.content(message.id)
    assert content.text == "By LMTP"
    assert content.data["delivered_to"] == ["support@example.com", "bounces+x@example.com"]
    assert "ann@example.org" not in caplog.text, "no addresses in the log"


async def test_a_real_postfix_hands_mail_on(
    ground: Ground, dovecot: DovecotServer, postfix: PostfixServer
) -> None:
    """A second Postfix, whose mail goes to us instead of to Dovecot."""
    config = EmailConfig(address=f"support@{postfix.domain}", listen=ListenSettings(port=free_port()))
    async with ground.host(Channel(name="support-email", manifest=MANIFEST, config=config)) as host:
        port = (await listening(host)).port
        with contextlib.ExitStack() as stack:
            ours = dataclasses.replace(dovecot, lmtp_port=port)
            server = await asyncio.to_thread(stack.enter_context, postfix_server(ours))

            def hand_in() -> None:
                with smtplib.SMTP(server.host, server.port) as client:
                    client.sendmail("ann@example.org", [config.address], letter(body="By Postfix"))

            await in_thread(hand_in)
            (message,) = await arrived(ground, 1)
        content = await ground.content(message.id)
    assert (content.text, content.data["delivered_to"]) == ("By Postfix", [config.address])


async def test_the_same_mail_again_is_confirmed_and_changes_nothing(ground: Ground) -> None:
    async with ground.host(channel(listen=ListenSettings(port=free_port(), protocol="smtp"))) as host:
        port = (await listening(host)).port

        def hand_in() -> None:
            with smtplib.SMTP("127.0.0.1", port) as smtp:
                for _ in range(2):
                    smtp.sendmail("ann@example.org", ["support@example.com"], letter(body="Twice"))

        await in_thread(hand_in)
        assert len(await arrived(ground, 1)) == 1


async def test_a_mail_that_cannot_be_kept_is_to_be_handed_in_again(ground: Ground) -> None:
    async with ground.host(channel(listen=ListenSettings(port=free_port(), protocol="smtp"))) as host:
        port = (await listening(host)).port
        await ground.journal.close()

        def hand_in() -> int:
            with smtplib.SMTP("127.0.0.1", port) as smtp:
                try:
                    smtp.sendmail("ann@example.org", ["support@example.com"], letter(body="Not now"))
                except smtplib.SMTPDataError as error:
                    return int(error.smtp_code)
            return 250

        assert await in_thread(hand_in) == 451


async def test_a_door_with_a_certificate_offers_starttls(ground: Ground, tmp_path: Any) -> None:
    made = write_certificates(tmp_path)
    settings = ListenSettings(
        port=free_port(), protocol="smtp", certificate=str(made.certificate), key=str(made.key)
    )
    async with ground.host(channel(listen=settings)) as host:
        port = (await listening(host)).port

        def hand_in() -> None:
            with smtplib.SMTP("127.0.0.1", port) as smtp:
                smtp.starttls(context=ssl.create_default_context(cafile=str(made.ca)))
                smtp.sendmail("ann@example.org", ["support@example.com"], letter(body="Encrypted"))

        await in_thread(hand_in)
        assert len(await arrived(ground, 1)) == 1


async def test_too_large_mails_and_too_many_lines_are_refused(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "MAX_CONNECTIONS", 1)
    settings = ListenSettings(port=free_port(), protocol="smtp", max_mail_bytes=65_536)
    async with ground.host(channel(listen=settings)) as host:
        port = (await listening(host)).port

        def hand_in() -> tuple[int, int]:
            with smtplib.SMTP("127.0.0.1", port) as smtp:
                with pytest.raises(smtplib.SMTPConnectError) as second:
                    smtplib.SMTP("127.0.0.1", port)
                with pytest.raises((smtplib.SMTPSenderRefused, smtplib.SMTPDataError)) as large:
                    smtp.sendmail("a@example.org", ["support@example.com"], letter(body="x" * 100_000))
            return second.value.smtp_code, large.value.smtp_code

        assert await in_thread(hand_in) == (421, 552)


async def test_a_port_that_is_taken_needs_a_person() -> None:
    first = connector(EmailConfig(address="s@example.com", listen=ListenSettings(port=free_port())))
    await first.open()
    second = connector(first._config, Box())  # the same settings
    with pytest.raises(NeedsOperator, match="cannot listen on"):
        await second.open()
    await first.close()


async def test_a_provider_posts_mail(ground: Ground, client: Callable[[Host], Any]) -> None:
    async with ground.host(channel(webhook=HOOK)) as host:
        http = await client(host)
        body = json.dumps(
            {"RawEmail": letter(body="Posted").decode(), "OriginalRecipient": "support@example.com"}
        )
        assert (await http.post("/w/inbound", data=body)).status == 401
        for _ in range(2):
            assert (await http.post("/w/inbound", data=body, headers=RIGHT)).status == 200
        assert (await http.post("/w/inbound", data="{}", headers=RIGHT)).status == 406
        (message,) = await arrived(ground, 1)
        assert (await ground.content(message.id)).text == "Posted"
        await ground.journal.close()
        late = json.dumps({"RawEmail": letter(body="Late").decode()})
        assert (await http.post("/w/inbound", data=late, headers=RIGHT)).status == 503


async def test_one_click_and_nobody_writes_any_more(ground: Ground, client: Callable[[Host], Any]) -> None:
    smtp = SmtpSettings(host="127.0.0.1", port=9, tls="none")
    async with ground.host(
        channel(webhook=HOOK, smtp=smtp, unsubscribe=True), public_url="https://parley.example"
    ) as host:
        http = await client(host)
        await http.post("/w/inbound", data=json.dumps({"RawEmail": letter().decode()}), headers=RIGHT)
        (message,) = await arrived(ground, 1)
        made = host._running["support-email"].connector  # what it writes into mails
        assert isinstance(made, EmailConnector)
        url = made._doors.unsubscribe_url("Ann@example.org")  # the same
        prefix = "https://parley.example/widget/support-email"
        assert url.startswith(prefix)
        path = "/w" + url.removeprefix(prefix)
        page = await http.get(path)
        assert (page.status, "<button>" in await page.text()) == (200, True)
        row = await reads.conversation(ground.journal.store, message.conversation)
        assert row is not None
        before = await reads.identity(ground.journal.store, row.identity)
        answer = await http.post(path, data={"List-Unsubscribe": "One-Click"})
        after = await reads.identity(ground.journal.store, row.identity)
        assert before is not None
        assert after is not None
        assert (before.stopped, answer.status, after.stopped) == (False, 200, True)
        assert (await http.post(path[:-1] + "x")).status == 404
