"""Mailboxes of other kinds: Gmail with its labels, sign-in by OAUTHBEARER alone, special-use folders, folders that have not changed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from connectors.contract import NeedsOperator, Secret
from connectors.email.imap import ROUND_BYTES, ROUND_MAILS, ImapMailbox
from connectors.email.ports import Mark
from connectors.email.settings import EmailConfig, ImapSettings
from tests.connectors.email.room import ADDRESS, Box, Taking, collected, connector, imap_settings
from tests.connectors.email.scripted_imap import Script, numbers, scripted
from tests.connectors.email.test_imap import deliver, mail
from tests.servers.dovecot import DovecotServer

GMAIL = "IMAP4rev1 IDLE CONDSTORE X-GM-EXT-1 AUTH=XOAUTH2 SPECIAL-USE"


def settings(port: int, **more: Any) -> ImapSettings:
    given = {"password": Secret("secret"), "import_days": 3_000, **more}
    return ImapSettings(host="127.0.0.1", port=port, tls="none", user=ADDRESS, **given)


class Given:
    """A token source with the tokens of the test."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)

    async def access(self, refused: str = "") -> str:
        if refused:
            self.tokens.pop(0)
        return self.tokens[0]


async def test_gmail_labels_come_with_the_mail() -> None:
    script = Script(
        (mail(1), r'"\\Inbox" "\\Important" Orders "M&APw-nchen"'), (mail(2), ""), capability=GMAIL
    )
    with scripted(script) as port:
        config = EmailConfig(address=ADDRESS, imap=settings(port))
        async with Taking(lambda box: connector(config, box)) as taken:
            first, second = await taken.next(), await taken.next()
    assert first.data["labels"] == ["\\Inbox", "\\Important", "Orders", "München"]
    assert "labels" not in second.data


async def test_a_server_with_oauthbearer_alone_gets_that() -> None:
    script = Script((mail(1), ""), capability="IMAP4rev1 AUTH=OAUTHBEARER", token="good-token")
    with scripted(script) as port:
        reading = ImapMailbox(settings(port, password=None), Given("old-token", "good-token"))
        assert "signed in" in await reading.probe()
        await reading.close()
    assert script.shown == [
        f"n,a={ADDRESS},\1auth=Bearer old-token\1\1",
        "\1",
        f"n,a={ADDRESS},\1auth=Bearer good-token\1\1",
    ]


async def test_a_token_that_is_refused_twice_needs_a_person() -> None:
    script = Script(capability="IMAP4rev1 AUTH=XOAUTH2", token="good-token")
    with scripted(script) as port:
        reading = ImapMailbox(settings(port, password=None), Given("one", "two"))
        with pytest.raises(NeedsOperator, match="refuses the access token"):
            await reading.probe()
        await reading.close()
    assert script.shown == [
        f"user={ADDRESS}\1auth=Bearer one\1\1",
        "",
        f"user={ADDRESS}\1auth=Bearer two\1\1",
        "",
    ]


@pytest.mark.parametrize("capability", ["IMAP4rev1", "IMAP4rev1 CONDSTORE"])
async def test_a_folder_that_has_not_changed_is_not_opened_again(capability: str) -> None:
    script = Script((mail(1), ""), capability=capability)
    with scripted(script) as port:
        reading = ImapMailbox(settings(port))
        mark = Mark(5, 0)
        for folder in ("Work", "Home", "Work", "Home", "Work"):
            async for one in reading.fetch_since(folder, mark):
                assert one.raw == mail(1)
        assert script.count("EXAMINE") == 3  # the open one is always looked at anew
        script.mails.append((mail(2), ""))
        script.modseq += 1
        found = [one.mark.uid async for one in reading.fetch_since("Home", Mark(5, 1))]
        await reading.close()
    assert found == [2]
    assert script.count("EXAMINE") == 4
    assert ("HIGHESTMODSEQ" in "".join(script.told)) == ("CONDSTORE" in capability)


async def test_small_mails_come_some_at_a_time_and_large_ones_alone() -> None:
    small = [(mail(n), "") for n in range(ROUND_MAILS + 5)]
    large = [(mail(n, "x" * ROUND_BYTES), "") for n in (1, 2)]
    script = Script(*small, *large)
    with scripted(script) as port:
        reading = ImapMailbox(settings(port))
        found = [one.raw async for one in reading.fetch_since("INBOX", Mark(5, 0))]
        await reading.close()
    assert found == [raw for raw, _labels in script.mails]
    asked = [numbers(line.split()[2]) for line in script.told if "BODY" in line]
    assert [len(some) for some in asked] == [1, 2, 4, 8, 10, 1, 1]


async def test_special_folders_go_by_their_mark(dovecot: DovecotServer) -> None:
    mailbox = dovecot.mailbox("special")
    reading = ImapMailbox(imap_settings(dovecot, mailbox, import_days=3))
    await reading.append("\\Sent", mail(1))
    found = await collected(reading.fetch_since("\\Sent", None), 2)
    assert found[1].raw == mail(1)
    with pytest.raises(NeedsOperator, match="no folder marked"):
        await collected(reading.fetch_since("\\All", None), 1)
    await reading.close()


async def test_several_folders_are_read_on_one_connection(dovecot: DovecotServer) -> None:
    mailbox, box = dovecot.mailbox("folders"), Box()
    dovecot.admin("mailbox", "create", "-u", mailbox.address, "Orders/2026", "Entwürfe & mehr")
    writing = ImapMailbox(imap_settings(dovecot, mailbox))
    folders = ("INBOX", "Orders/2026", "Entwürfe & mehr")
    config = EmailConfig(
        address=ADDRESS, imap=imap_settings(dovecot, mailbox, folders=folders, poll_seconds=5, import_days=3)
    )
    deliver(dovecot, mailbox, mail(1))
    async with Taking(lambda of: connector(config, of), box) as taken:
        assert (await taken.next()).subject == "Mail 1"
        await writing.append("Orders/2026", mail(2))
        await writing.append("Entwürfe & mehr", mail(3))
        await asyncio.to_thread(deliver, dovecot, mailbox, mail(4))  # wakes it; the others are looked at, too
        assert {(await taken.next()).subject for _ in range(3)} == {"Mail 2", "Mail 3", "Mail 4"}
    await writing.close()
    assert set(box.marks) == set(folders)
    assert not taken.failures


async def test_what_comes_between_looking_and_waiting_is_not_waited_for(dovecot: DovecotServer) -> None:
    mailbox = dovecot.mailbox("between")
    reading = ImapMailbox(imap_settings(dovecot, mailbox, import_days=3))
    (start,) = await collected(reading.fetch_since("INBOX", None), 1)
    await asyncio.to_thread(deliver, dovecot, mailbox, mail(1))
    await asyncio.wait_for(reading.wait("INBOX", 100), 30)
    found = [one.raw async for one in reading.fetch_since("INBOX", start.mark)]
    assert len(found) == 1
    waiting = asyncio.create_task(reading.wait("INBOX", 100))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    await reading.close()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_news_in_one_piece_with_the_word_that_it_idles_end_the_wait() -> None:
    """Mail that comes at the moment of IDLE: both lines are read from the socket at once, where nothing is left to wait for."""
    script = Script()
    script.idling = ("* 1 EXISTS",)
    with scripted(script) as port:
        reading = ImapMailbox(settings(port))
        await asyncio.wait_for(reading.wait("INBOX", 60), 20)
        script.idling = ("* OK Still here",)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reading.wait("INBOX", 60), 0.5)
        await reading.close()
