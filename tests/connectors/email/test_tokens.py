"""Sign-in by access token: Dovecot and Postfix ask the token server about every token that they are shown."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from connectors.contract import Accepted, NeedsOperator, Secret, TryLater
from connectors.email import smtp
from connectors.email.compose import Letter
from connectors.email.imap import ImapMailbox
from connectors.email.settings import EmailConfig, OAuthSettings
from connectors.email.tokens import CHECKPOINT, Tokens, seal, unseal
from tests.connectors.email.room import (
    Box,
    Taking,
    connector,
    imap_settings,
    oauth_settings,
    smtp_settings,
)
from tests.connectors.email.test_imap import deliver, mail
from tests.servers.dovecot import DovecotServer, Mailbox
from tests.servers.postfix import PostfixServer
from tests.servers.tokens import TokenServer

NOW = 1_700_000_000.0


@pytest.fixture
def tokens(dovecot: DovecotServer) -> TokenServer:
    server = dovecot.tokens
    server.rotate, server.lifetime, server.length, server.fails, server.asked = False, 3_600, 40, [], []
    return server


def source(tokens: TokenServer, refresh: str = "", box: Box | None = None) -> Tokens:
    return Tokens(oauth_settings(tokens, refresh), box or Box(), clock=lambda: NOW)  # type: ignore[arg-type]  # the part of a sandbox that is needed


def config(dovecot: DovecotServer, mailbox: Mailbox, oauth: OAuthSettings) -> EmailConfig:
    imap = msgspec.structs.replace(imap_settings(dovecot, mailbox, import_days=3), password=None)
    return EmailConfig(address=mailbox.address, imap=imap, oauth=oauth)


async def test_a_mailbox_is_read_by_token(dovecot: DovecotServer, tokens: TokenServer) -> None:
    mailbox = dovecot.mailbox("token")
    deliver(dovecot, mailbox, mail(1))
    settings = config(dovecot, mailbox, oauth_settings(tokens, tokens.consent(mailbox.address)))
    async with Taking(lambda box: connector(settings, box)) as taken:
        assert (await taken.next()).subject == "Mail 1"
    assert "signed in" in await connector(settings).probe()


async def test_a_client_opens_a_shared_mailbox_by_its_own_credentials(
    dovecot: DovecotServer, tokens: TokenServer
) -> None:
    mailbox = dovecot.mailbox("shared")
    deliver(dovecot, mailbox, mail(1))
    tokens.app_for(mailbox.address)
    settings = config(
        dovecot, mailbox, oauth_settings(tokens, scope="https://outlook.office365.com/.default")
    )
    async with Taking(lambda box: connector(settings, box)) as taken:
        assert (await taken.next()).subject == "Mail 1"
    assert {
        "grant_type": "client_credentials",
        "scope": "https://outlook.office365.com/.default",
    }.items() <= (tokens.asked[0].items())


@pytest.mark.parametrize("length", [40, 3_000])
async def test_mail_is_handed_in_by_token_however_long(
    dovecot: DovecotServer, postfix: PostfixServer, tokens: TokenServer, length: int
) -> None:
    mailbox = dovecot.mailbox("sender")
    tokens.length = length
    settings = msgspec.structs.replace(smtp_settings(postfix, mailbox), password=None)
    letter = Letter(
        mailbox.address, (mailbox.address,), "id@parley.example", b"Subject: By token\r\n\r\nHello\r\n"
    )
    given = source(tokens, tokens.consent(mailbox.address))
    assert isinstance(await smtp.hand_in(letter, settings, given), Accepted)


async def test_a_token_that_was_withdrawn_early_is_replaced_once(
    dovecot: DovecotServer, tokens: TokenServer
) -> None:
    mailbox = dovecot.mailbox("withdrawn")
    given = source(tokens, tokens.consent(mailbox.address))
    settings = msgspec.structs.replace(imap_settings(dovecot, mailbox), password=None)
    old = await given.access()
    tokens.withdraw()
    reading = ImapMailbox(settings, given)
    assert "signed in" in await reading.probe()
    await reading.close()
    assert await given.access() != old
    assert len(tokens.asked) == 2


async def test_a_token_for_another_mailbox_needs_a_person(
    dovecot: DovecotServer, tokens: TokenServer
) -> None:
    mine, other = dovecot.mailbox("mine"), dovecot.mailbox("other")
    settings = msgspec.structs.replace(imap_settings(dovecot, mine), password=None)
    reading = ImapMailbox(settings, source(tokens, tokens.consent(other.address)))
    with pytest.raises(NeedsOperator, match="refuses the access token for mine-"):
        await reading.probe()
    await reading.close()


async def test_tokens_are_asked_for_once_and_renewed_early(tokens: TokenServer) -> None:
    now = [NOW]
    given = Tokens(oauth_settings(tokens, tokens.consent("a@parley.example")), Box(), clock=lambda: now[0])  # type: ignore[arg-type]  # the part of a sandbox that is needed
    first = await asyncio.gather(*(given.access() for _ in range(20)))
    assert len(set(first)) == len(tokens.asked) == 1
    now[0] += 3_299
    assert await given.access() == first[0]
    now[0] += 2
    assert await given.access() != first[0]


async def test_a_refresh_token_that_was_replaced_is_kept_sealed(
    dovecot: DovecotServer, tokens: TokenServer
) -> None:
    mailbox, box = dovecot.mailbox("rotated"), Box()
    tokens.rotate = True
    first = tokens.consent(mailbox.address)
    settings = config(dovecot, mailbox, oauth_settings(tokens, first))
    async with Taking(lambda of: connector(settings, of), box) as taken:
        await taken.started()
        async with asyncio.timeout(30):
            while CHECKPOINT not in box.marks:
                await asyncio.sleep(0.02)
    assert first not in box.marks[CHECKPOINT]
    # After a restart the configured token is spent; the kept one opens the mailbox.
    async with Taking(lambda of: connector(settings, of), box) as taken:
        await asyncio.to_thread(deliver, dovecot, mailbox, mail(1))
        assert (await taken.next()).subject == "Mail 1"
    assert [form["refresh_token"] for form in tokens.asked].count(first) == 1


async def test_what_another_process_was_given_is_found(tokens: TokenServer) -> None:
    tokens.rotate = True
    box = Box()
    first = tokens.consent("a@parley.example")
    here, there = source(tokens, first, box), source(tokens, first, box)
    for one in (here, there, here, there):
        assert await one.access(refused=await one.access())
    assert len({form["refresh_token"] for form in tokens.asked}) == len(tokens.asked), "each is spent once"


async def test_processes_that_renew_at_once_take_turns(tokens: TokenServer) -> None:
    tokens.rotate = True
    box = Box()
    first = tokens.consent("a@parley.example")
    several = [source(tokens, first, box) for _ in range(8)]
    assert all(await asyncio.gather(*(one.access() for one in several)))
    assert len({form["refresh_token"] for form in tokens.asked}) == 8


@pytest.mark.parametrize(
    ("fail", "kind", "said"),
    [
        ((400, {"error": "invalid_grant", "error_description": "SECRET"}), NeedsOperator, "sign in again"),
        ((401, {"error": "invalid_client"}), NeedsOperator, "secret is wrong"),
        ((400, {"error": "odd thing <b>"}), NeedsOperator, "no access token"),
        ((503, {}), TryLater, "temporarily_unavailable"),
        ((429, {}), TryLater, "temporarily_unavailable"),
        ((200, {}), TryLater, "no access token"),
    ],
)
async def test_what_the_token_server_refuses_says_who_must_act(
    tokens: TokenServer, fail: tuple[int, dict[str, str]], kind: type[Exception], said: str
) -> None:
    tokens.fails = [fail]
    with pytest.raises(kind, match=said) as caught:
        await source(tokens, "r").access()
    assert "SECRET" not in str(caught.value)


async def test_a_token_server_that_is_not_there_is_tried_later() -> None:
    settings = OAuthSettings(token_url="http://127.0.0.1:9/token", client_id="x", client_secret=Secret("y"))
    with pytest.raises(TryLater):
        await Tokens(settings, Box()).access()  # type: ignore[arg-type]  # the part of a sandbox that is needed


def test_a_sealed_token_opens_with_an_older_key_and_for_its_origin_only() -> None:
    old, new = b"o" * 32, b"n" * 32
    sealed = seal((old,), b"here", "token")
    assert unseal((new, old), b"here", sealed) == "token"
    assert unseal((new,), b"here", sealed) == ""
    assert unseal((old,), b"there", sealed) == ""
    assert unseal((old,), b"here", "no base64!") == ""


async def test_who_gives_up_waiting_does_not_lose_the_next_token(tokens: TokenServer) -> None:
    tokens.rotate = True
    box = Box()
    given = source(tokens, tokens.consent("a@parley.example"), box)
    asking = asyncio.create_task(given.access())
    while not box.turn.locked():  # the exchange has begun
        await asyncio.sleep(0.001)
    asking.cancel()
    async with asyncio.timeout(30):
        while CHECKPOINT not in box.marks:  # kept by nobody that waits
            await asyncio.sleep(0.01)
    assert await given.access()


async def test_tokens_are_never_kept_in_the_clear(tokens: TokenServer) -> None:
    tokens.rotate = True
    box = Box()
    await source(tokens, tokens.consent("a@parley.example"), box).access()
    again = source(tokens, tokens.asked[0]["refresh_token"], Box(box.marks))
    await again.access()
    assert tokens.asked[1]["refresh_token"] not in box.marks[CHECKPOINT]
    assert tokens.asked[1]["refresh_token"] != tokens.asked[0]["refresh_token"]


async def test_a_channel_that_only_sends_keeps_its_token_too(
    dovecot: DovecotServer, postfix: PostfixServer, tokens: TokenServer
) -> None:
    """Nobody polls it, so nothing but the sending itself can keep the next token."""
    mailbox, box = dovecot.mailbox("sends"), Box()
    tokens.rotate, first = True, tokens.consent(mailbox.address)
    settings = EmailConfig(
        address=mailbox.address,
        smtp=msgspec.structs.replace(smtp_settings(postfix, mailbox), password=None),
        oauth=oauth_settings(tokens, first),
    )
    for _restart in range(3):
        assert "signed in" in await connector(settings, box).probe()
    assert [form["refresh_token"] for form in tokens.asked].count(first) == 1
