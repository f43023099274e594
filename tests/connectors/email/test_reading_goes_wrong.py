"""A mailbox that a running host reads, on a server that breaks off, lies or refuses: nothing is lost, nothing twice, and it is said what to do."""

from __future__ import annotations

import ssl
import time
from pathlib import Path
from typing import Any

import pytest
import structlog

from connectors.channel import Channel
from connectors.contract import NeedsOperator, Secret
from connectors.email import MANIFEST
from connectors.email.compose import Letter
from connectors.email.settings import EmailConfig, ImapSettings, SmtpSettings
from connectors.host import Host
from tests.connectors.email.letters import plain
from tests.connectors.email.odd_smtp import OddServer
from tests.connectors.email.room import ADDRESS, connector, imap_settings
from tests.connectors.email.scripted_imap import Script, Session, scripted
from tests.connectors.email.test_imap import deliver, mail
from tests.connectors.ground import Ground, until
from tests.servers.certificates import write_certificates
from tests.servers.dovecot import DovecotServer

MAILS = [(plain(f"mail {number}"), "") for number in range(3)]


def imap(port: int, **more: Any) -> ImapSettings:
    given = {"user": ADDRESS, "password": Secret("secret"), "import_days": 1, "poll_seconds": 5, **more}
    return ImapSettings(host="127.0.0.1", port=port, **{"tls": "none", **given})


def channel(settings: ImapSettings, **more: Any) -> Channel:
    config = EmailConfig(address=ADDRESS, imap=settings, **more)
    return Channel(name="support-email", manifest=MANIFEST, config=config)


async def texts(ground: Ground, count: int) -> list[str]:
    """What came in, once there is so much."""

    async def there() -> list[str]:
        found = await ground.texts()
        return found if len(found) >= count else []

    return sorted(await until(there))


class Breaking(Session):
    """Breaks off in the middle of the first bodies that are fetched, each time in another way."""

    ways = ("bye", "cut", "no")

    def on_fetch(self, command: str) -> str:
        if "BODY" not in command.upper() or (at := self.script.count("UID FETCH") // 2) > len(self.ways):
            return super().on_fetch(command)
        raw = self.script.mails[0][0]
        way = self.ways[at - 1]
        if way == "no":
            return "NO [UNAVAILABLE] the disk is away for a moment"
        self.wfile.write(f"* 1 FETCH (UID 1 BODY[] {{{len(raw)}}}\r\n".encode() + raw[: len(raw) // 2])
        if way == "bye":
            self.say("", "* BYE going down")
        raise ConnectionResetError


async def test_a_line_that_breaks_within_a_mail_loses_and_doubles_none(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.pollers.BACKOFF_CAP", 0.1)
    script = Script(*MAILS)
    with scripted(script, Breaking) as port:
        async with ground.host(channel(imap(port))) as host:
            assert await texts(ground, 3) == ["mail 0", "mail 1", "mail 2"]
            await until(lambda: _is(host, "connected"))
    assert script.count("LOGIN") >= 3


async def _is(host: Host, state: str) -> bool:
    return host.health()[0].state == state


class Lying(Session):
    """Offers what it refuses."""

    def on_idle(self, _command: str) -> str:
        return "BAD unknown command"

    def on_status(self, _command: str) -> str:
        return "BAD HIGHESTMODSEQ is not known"

    def on_fetch(self, command: str) -> str:
        return "BAD X-GM-LABELS" if "X-GM-LABELS" in command else super().on_fetch(command)


async def test_a_server_that_refuses_what_it_offers_is_read_without_it(ground: Ground) -> None:
    script = Script(*MAILS, capability="IMAP4rev1 IDLE CONDSTORE X-GM-EXT-1")
    with scripted(script, Lying) as port:
        async with ground.host(channel(imap(port))) as host:
            assert await texts(ground, 3) == ["mail 0", "mail 1", "mail 2"]
            await until(lambda: _told(script, "IDLE", 1))
            script.mails.append((plain("mail 3"), ""))
            assert (await texts(ground, 4))[-1] == "mail 3"
            assert host.health()[0].state == "connected"
    assert (script.count("LOGIN"), script.count("IDLE")) == (1, 1), "one connection, asked once"


async def _told(script: Script, verb: str, times: int) -> bool:
    return script.count(verb) >= times


class Hasty(Session):
    """Tells of a mail that comes with the IDLE command before it answers that command."""

    def on_idle(self, command: str) -> str:
        if len(self.script.mails) < 2:
            self.script.mails.append(MAILS[1])
            self.say("* OK one moment", "* 2 EXISTS")
            time.sleep(0.1)  # apart from what follows, so that no look into a buffer finds it
        return super().on_idle(command)


async def test_a_mail_that_is_told_before_the_server_idles_is_not_waited_for(ground: Ground) -> None:
    with scripted(Script(MAILS[0]), Hasty) as port:
        async with ground.host(channel(imap(port, poll_seconds=600))):
            assert await texts(ground, 2) == ["mail 0", "mail 1"]


class Refusing(Session):
    """Knows no such name, or takes no copy."""

    def on_login(self, _command: str) -> str:
        return "NO [AUTHENTICATIONFAILED] wrong"


async def test_a_wrong_password_is_shown_once_and_told_once(ground: Ground) -> None:
    script = Script()
    with scripted(script, Refusing) as port, structlog.testing.capture_logs() as lines:
        async with OddServer().running() as odd:
            smtp_block = SmtpSettings(host="127.0.0.1", port=odd.port, tls="none")
            async with ground.host(channel(imap(port), smtp=smtp_block)) as host:
                await until(lambda: _is(host, "needs_operator"))
                assert host.health()[0].retry_at > 0
                host._running["support-email"].worked()
                assert host.health()[0].state == "needs_operator", (
                    "that sending works is no news about reading"
                )
                assert "refuses the name or password of support@example.com" in host.health()[0].reason
    assert script.count("LOGIN") == 1
    assert [line["event"] for line in lines].count("channel_lost") == 1


class Full(Session):
    """Keeps no copy: the mailbox is over its quota."""

    def on_append(self, command: str) -> str:
        self.say("+ go on")
        self.rfile.read(int(command.rpartition("{")[2].rstrip("}")) + 2)
        return "NO [OVERQUOTA] The mailbox is full"


@pytest.mark.parametrize(("kind", "signed_in"), [(Full, 2), (Refusing, 1)])
async def test_a_copy_that_cannot_be_kept_stops_no_mail_and_locks_nobody_out(
    kind: type[Session], signed_in: int
) -> None:
    script = Script()
    with scripted(script, kind) as port:
        async with OddServer().running() as odd:
            smtp_block = SmtpSettings(host="127.0.0.1", port=odd.port, tls="none")
            made = connector(
                EmailConfig(address=ADDRESS, imap=imap(port, sent_folder="Sent"), smtp=smtp_block)
            )
            for _ in range(2):
                await made._keep_copy(LETTER)
            await made.close()
    assert script.count("LOGIN") == signed_in


LETTER = Letter(ADDRESS, ("ann@example.org",), "id@example.com", b"Subject: x\r\n\r\nHello\r\n")


async def test_a_folder_that_is_renamed_is_named_and_the_others_are_read(
    ground: Ground, dovecot: DovecotServer
) -> None:
    mailbox = dovecot.mailbox("folders")
    dovecot.admin("mailbox", "create", "-u", mailbox.address, "Orders")
    settings = imap_settings(dovecot, mailbox, folders=("INBOX", "Orders"), poll_seconds=5, import_days=1)
    async with ground.host(channel(settings)) as host:
        deliver(dovecot, mailbox, mail(1))
        await texts(ground, 1)
        assert await _is(host, "connected")
        dovecot.admin("mailbox", "rename", "-u", mailbox.address, "Orders", "Old")
        deliver(dovecot, mailbox, mail(2))
        await until(lambda: _is(host, "degraded"))
        assert "the folder 'Orders' cannot be opened" in host.health()[0].reason
        deliver(dovecot, mailbox, mail(3))
        await texts(ground, 3)
        assert await _is(host, "degraded"), "a mail elsewhere does not mend it"
        dovecot.admin("mailbox", "rename", "-u", mailbox.address, "Old", "Orders")
        deliver(dovecot, mailbox, mail(4))
        await until(lambda: _is(host, "connected"))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"expired": True}, "certificate has expired"),
        ({"name": "elsewhere.example"}, "certificate is not valid for '127.0.0.1'"),
    ],
    ids=["expired", "another name"],
)
async def test_a_certificate_that_does_not_hold_is_told_by_its_fault(
    tmp_path: Path, wrong: dict[str, Any], words: str
) -> None:
    files = write_certificates(tmp_path, **wrong)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    async with OddServer().running(context) as odd:
        way: dict[str, Any] = {"port": odd.port, "tls": "tls", "ca_file": str(files.ca)}
        for block in ({"imap": imap(**way)}, {"smtp": SmtpSettings(host="127.0.0.1", **way)}):
            with pytest.raises(
                NeedsOperator, match=rf"127\.0\.0\.1: its certificate is not valid: .*{words}"
            ):
                await connector(EmailConfig(address=ADDRESS, **block)).probe()
