"""What `parley doctor` says of a mailbox, where an admin can still mend it: every folder, doors, certificates, tokens that are spent by being used."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from config.catalogue import installed
from config.load import load
from config.opening import Opened
from config.place import place_of
from config.probing import probe
from connectors.contract import NeedsOperator, Secret, TryLater
from connectors.email.connector import EmailConnector
from connectors.email.settings import EmailConfig, ListenSettings, SmtpSettings, WebhookSettings
from tests.connectors.email.odd_smtp import OddServer
from tests.connectors.email.room import ADDRESS, Box, connector, imap_settings, smtp_settings
from tests.servers.dovecot import DovecotServer
from tests.servers.postfix import PostfixServer
from tests.servers.process import free_port
from tests.servers.tokens import CLIENT, CLIENT_SECRET


def made(box: Box | None = None, **more: Any) -> EmailConnector:
    return connector(EmailConfig(address=ADDRESS, **more), box)


async def test_folders_of_sent_mail_are_looked_at_too(dovecot: DovecotServer) -> None:
    mailbox = dovecot.mailbox("probed")
    well = made(imap=imap_settings(dovecot, mailbox, sent_folder="\\Sent", read_sent="\\Sent"))
    assert "INBOX: 0 mails, \\Sent: 0 mails" in await well.probe()
    with pytest.raises(NeedsOperator, match="'Gesendet' cannot be opened"):
        await made(imap=imap_settings(dovecot, mailbox, read_sent="Gesendet")).probe()


async def test_encryption_that_does_not_fit_says_which_setting(
    dovecot: DovecotServer, postfix: PostfixServer
) -> None:
    mailbox = dovecot.mailbox("probed")
    imap = imap_settings(dovecot, mailbox)
    smtp = smtp_settings(postfix, mailbox)
    for settings, words in (
        ({"imap": msgspec.structs.replace(imap, port=dovecot.imap_port)}, "see `tls` and `port`"),
        ({"smtp": msgspec.structs.replace(smtp, tls="tls")}, "see `tls` and `port`"),
    ):
        with pytest.raises(TryLater, match=words):
            await made(**settings).probe()
    for settings, words in (
        ({"smtp": msgspec.structs.replace(smtp, ca_file="")}, "certificate is not valid: .*issuer"),
        ({"smtp": msgspec.structs.replace(smtp, ca_file="/no/ca.pem")}, "ca_file /no/ca.pem cannot be read"),
        ({"imap": msgspec.structs.replace(imap, ca_file="/no/ca.pem")}, "ca_file /no/ca.pem cannot be read"),
    ):
        with pytest.raises(NeedsOperator, match=words):
            await made(**settings).probe()


async def test_a_server_without_plus_addressing_is_told_before_anything_is_lost() -> None:
    odd = OddServer({"RCPT": ["250 Ok", "550 5.1.1 no such user"]})
    async with odd.running():
        smtp = SmtpSettings(host="127.0.0.1", port=odd.port, tls="none")
        said = await made(smtp=smtp, reply_tags=True, bounce_address="bounces@example.com").probe()
    assert re.fullmatch(
        r"SMTP 127\.0\.0\.1: reached; WARNING: mail to bounces\+\S+@example\.com would not arrive: 550 5\.1\.1 no such user",
        said,
    )
    assert odd.count("DATA") == 0


async def test_a_door_says_whether_it_is_ours() -> None:
    door = ListenSettings(port=free_port())
    serving = made(listen=door)
    assert (await serving.probe()).endswith("is not served now")
    await serving.open()
    assert (await made(listen=door).probe()).endswith("takes mail")
    await serving.close()


async def test_another_program_at_the_door_is_told(dovecot: DovecotServer) -> None:
    with pytest.raises(NeedsOperator, match="another program has"):
        await made(listen=ListenSettings(port=dovecot.lmtp_port)).probe()


async def test_where_a_provider_posts_and_why_nobody_can_leave() -> None:
    box = Box()
    hook = WebhookSettings(provider="mailgun", signing_key=Secret("k"))
    said = await made(box, webhook=hook, unsubscribe=True).probe()
    assert "mailgun posts to https://<public_url>/widget/support-email/inbound/mime" in said
    assert "no mail names a way to leave" in said
    box.public_url = "https://desk.example"
    assert await made(box, webhook=hook, unsubscribe=True).probe() == (
        "mailgun posts to https://desk.example/widget/support-email/inbound/mime"
    )


async def test_a_mailbox_by_token_is_looked_at_without_a_store(
    tmp_path: Path, dovecot: DovecotServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = dovecot.mailbox("token")
    (tmp_path / "parley.yaml").write_text("version: 1\nallow_private: ['127.0.0.1']\n")
    (tmp_path / "team.yaml").write_text("version: 1\n")
    (tmp_path / "routing.yaml").write_text(
        "version: 1\nqueues: {all: {}}\nrules: [{name: all, queue: all}]\n"
    )
    (tmp_path / "channels.yaml").write_text(
        f"""
mail:
  connector: email
  config:
    address: {mailbox.address}
    imap: {{host: {dovecot.host}, port: {dovecot.imaps_port}, user: {mailbox.address}, ca_file: {dovecot.ca_file}}}
    oauth: {{token_url: "{dovecot.tokens.token_url}", client_id: {CLIENT}, client_secret: "${{SECRET}}", refresh_token: "${{REFRESH}}"}}
"""
    )
    monkeypatch.setattr(dovecot.tokens, "rotate", False)
    good = await _asked(tmp_path, dovecot.tokens.consent(mailbox.address))
    assert good == ("mail", True, f"IMAP {dovecot.host}: signed in; INBOX: 0 mails")
    monkeypatch.setattr(dovecot.tokens, "rotate", True)
    _, well, said = await _asked(tmp_path, dovecot.tokens.consent(mailbox.address))
    assert well
    assert "gave a new refresh token, which is not kept here" in said
    _, well, said = await _asked(tmp_path, "withdrawn")
    assert not well
    assert "invalid_grant" in said
    assert "may hold something newer" in said
    assert not (tmp_path / "data" / "parley.db").exists(), "nothing is kept"


async def _asked(folder: Path, refresh: str) -> tuple[str, bool, str]:
    environment = {"SECRET": CLIENT_SECRET, "REFRESH": refresh}
    loaded = load(folder, environment, installed())
    place = place_of(loaded.parley, folder)
    found = Opened(path=folder, environment=environment, loaded=loaded, written=loaded.parley, place=place)
    [answer] = [one async for one in probe(found, 20)]
    return answer
