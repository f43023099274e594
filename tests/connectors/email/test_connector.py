"""The channel as a whole: batches from any mailbox, real servers on both sides, cut connections, and what it refuses to send."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import socketserver
import time
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import pytest

from connectors.contract import (
    Accepted,
    Address,
    Malformed,
    MediaRef,
    MessageReceived,
    Outbound,
    OutFile,
    Poison,
    Rejected,
    Secret,
    TryLater,
    Unsupported,
)
from connectors.email import MANIFEST, inbound, wall
from connectors.email.codec import unreadable
from connectors.email.connector import BATCH_ITEMS, EmailConnector
from connectors.email.imap import ImapMailbox
from connectors.email.manifest import start
from connectors.email.ports import Fetched, Mark
from connectors.email.settings import EmailConfig, ImapSettings, SmtpSettings
from tests.connectors.email.letters import plain
from tests.connectors.email.room import (
    ADDRESS,
    Box,
    Taking,
    connector,
    imap_settings,
    smtp_settings,
    tcp_server,
)
from tests.servers.dovecot import DovecotServer
from tests.servers.postfix import PostfixServer

IMAP = ImapSettings(host="127.0.0.1", user=ADDRESS, password=Secret("secret"))
SMTP = SmtpSettings(host="127.0.0.1", port=1, tls="none")


class Shelf:
    """A mailbox in memory, behind the connector's own seam."""

    def __init__(self, *raws: bytes, sizes: dict[int, int] | None = None) -> None:
        self.raws = raws
        self.sizes = sizes or {}
        self.kept: list[tuple[str, bytes]] = []
        self.closed = False

    async def fetch_since(self, folder: str, mark: Mark | None) -> AsyncIterator[Fetched]:
        if mark is None:
            yield Fetched(Mark(7, 0))
        for uid, raw in enumerate(self.raws, 1):
            if mark is None or uid > mark.uid:
                yield Fetched(Mark(7, uid, 1_700_000_000), raw, self.sizes.get(uid, len(raw)))

    async def wait(self, folder: str, timeout: float) -> None:  # noqa: ASYNC109  # the seam's
        await asyncio.sleep(timeout)

    async def move(self, folder: str, uid: int, target: str) -> None:
        raise TryLater("not in this test")

    async def append(self, folder: str, raw: bytes) -> None:
        self.kept.append((folder, raw))

    async def close(self) -> None:
        self.closed = True


def of(shelf: Shelf, box: Box | None = None, **more: Any) -> EmailConnector:
    return connector(
        EmailConfig(address=ADDRESS, imap=IMAP, **more), box, mailboxes=lambda _settings, _tokens: shelf
    )


async def batches(made: EmailConnector, count: int) -> list[Any]:
    found = []
    async with contextlib.aclosing(made.poll()) as source:  # type: ignore[type-var]  # a generator
        async for batch in source:
            found.append(batch)
            if len(found) == count:
                break
    return found


async def test_batches_are_bounded_and_carry_their_marks() -> None:
    shelf = Shelf(*(plain(f"mail {n}") for n in range(BATCH_ITEMS + 5)))
    first, second, third = await batches(of(shelf), 3)
    assert (first.items, first.checkpoint, first.checkpoint_key) == ((), "7:0", "INBOX")
    assert (len(second.items), second.checkpoint) == (BATCH_ITEMS, f"7:{BATCH_ITEMS}:1700000000")
    assert (len(third.items), third.checkpoint) == (5, f"7:{BATCH_ITEMS + 5}:1700000000")
    assert third.raw[-1] == shelf.raws[-1]
    assert shelf.closed


async def test_large_mails_make_small_batches() -> None:
    shelf = Shelf(*(plain("x" * 3_000_000) for _ in range(3)))
    _, first, second = await batches(of(shelf), 3)
    assert (len(first.items), len(second.items)) == (2, 1)


async def test_it_goes_on_from_the_stored_mark() -> None:
    shelf = Shelf(plain("one"), plain("two"))
    (only,) = await batches(of(shelf, Box({"INBOX": "7:1"})), 1)
    assert [item.text for item in only.items] == ["two"]


@pytest.mark.parametrize("text", ["", "7", "x:y", "7:1:2:3", "-1:2", "٧:1"])
def test_a_mark_that_is_none_is_none(text: str) -> None:
    assert Mark.read(text) is None


def test_marks_are_written_as_they_are_read() -> None:
    assert [str(Mark.read(text)) for text in ("7:1", "7:1:1700000000")] == ["7:1", "7:1:1700000000"]


async def test_one_mail_that_breaks_the_reader_is_poison_and_its_neighbours_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    happening = inbound.happening

    def breaks(mail: Any, raw: bytes, *rest: Any, **more: Any) -> Any:
        if b"break me" in raw:
            raise RuntimeError("a defect of ours")
        return happening(mail, raw, *rest, **more)

    monkeypatch.setattr(inbound, "happening", breaks)
    box = Box()
    _, found = await batches(of(Shelf(plain("one"), plain("break me"), plain("three")), box), 2)
    first, broken, third = found.items
    assert (first.text, third.text) == ("one", "three")
    assert isinstance(broken, Poison)
    assert "RuntimeError" in broken.error
    assert box.lines[0][0] == "mail_unreadable"


async def test_a_mail_that_could_not_be_parsed_is_a_message_with_the_original(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wall.Wall, "read", lambda _, raw: unreadable(raw, "too-slow"))
    raw = plain("one")
    _, found = await batches(of(Shelf(raw)), 2)
    item = found.items[0]
    assert isinstance(item, MessageReceived)
    assert item.text.startswith("[This mail could not be parsed.")
    assert [(file.name, getattr(file, "content", b"")) for file in item.files] == [("original.eml", raw)]


async def test_a_cut_mail_says_so() -> None:
    _, found = await batches(of(Shelf(plain("the beginning"), sizes={1: 90_000_000})), 2)
    assert found.items[0].text.startswith("[This mail has 85.8 MB")


async def test_without_imap_nothing_is_polled() -> None:
    made = connector(EmailConfig(address=ADDRESS, smtp=SMTP))
    assert [batch async for batch in made.poll()] == []


def message(**more: Any) -> Outbound:
    fields: dict[str, Any] = {
        "id": "msg_1",
        "to": Address(scheme="email", value="ann@example.org"),
        "conversation_key": "k",
        "text": "Hello",
    }
    return Outbound(**(fields | more))


async def sent(made: EmailConnector, what: Outbound) -> Any:
    return await made.send(what, made.plan(what).parts[0])


async def read() -> bytes:
    return b"x"


async def test_what_cannot_be_sent_is_refused_with_a_sentence() -> None:
    reading = of(Shelf())
    assert reading.plan(message()).degraded
    assert await sent(reading, message()) == Rejected(
        text="This channel only reads mail: it has no smtp settings."
    )
    sending = connector(EmailConfig(address=ADDRESS, smtp=SMTP))
    assert "no address" in (await sent(sending, message(to=Address(scheme="email", value="nobody")))).text
    assert (
        "named no sender"
        in (await sent(sending, message(to=Address(scheme="email", value="x@sender.invalid")))).text
    )
    huge = message(files=(OutFile(name="a", content_type="a/b", size=30_000_000, read=read),))
    assert sending.plan(huge).degraded
    assert "too large" in (await sent(sending, huge)).text


async def test_there_is_no_media_to_fetch() -> None:
    with pytest.raises(Unsupported):
        await of(Shelf()).media(MediaRef(token="x", name="a", content_type="a/b"))


def test_an_agent_starts_a_thread_by_an_address() -> None:
    address, key = start("Ann Lee <ann@example.org>", "01abc")
    assert (address.value, address.display, key) == ("ann@example.org", "Ann Lee", "start:01abc")
    for typed in ("", "ann", "a@example.org, b@example.org"):
        with pytest.raises(Malformed):
            start(typed, "01abc")


def test_the_manifest_says_what_email_can_do() -> None:
    can = MANIFEST.capabilities
    assert (can.starts_conversations, can.subjects, can.asynchronous, can.html, can.files) == (True,) * 5
    assert not can.idempotent_send


# --- real servers -------------------------------------------------------------------------------------------------


async def test_a_conversation_by_real_servers(dovecot: DovecotServer, postfix: PostfixServer) -> None:
    support, customer = dovecot.mailbox("support"), dovecot.mailbox("ann")
    config = EmailConfig(
        address=support.address,
        name="Support",
        reply_tags=True,
        imap=imap_settings(dovecot, support, sent_folder="Sent"),
        smtp=smtp_settings(postfix, support),
    )
    asks = f"From: Ann <{customer.address}>\r\nTo: {support.address}\r\nSubject: Lamp\r\nMessage-ID: <ask@example.org>\r\n\r\nIt is broken.\r\n"
    async with Taking(lambda box: connector(config, box)) as taken:
        await taken.started()
        await asyncio.to_thread(_hand_in, postfix, customer.address, support.address, asks)
        asked = await taken.next()
        made = connector(config)
        last = {
            "id": "m",
            "provider_ids": [asked.provider_id],
            "subject": asked.subject,
            "text": asked.text,
            "at": time.time(),
            "data": asked.data,
        }
        outcome = await sent(made, message(to=asked.sender, context={"last": last, "at": time.time()}))
        assert isinstance(outcome, Accepted)
        theirs = ImapMailbox(imap_settings(dovecot, customer, import_days=1))
        (answer,) = await _mails(theirs)
        assert b"In-Reply-To: <ask@example.org>" in answer
        thanks = f"From: Ann <{customer.address}>\r\nTo: {_reply_to(answer)}\r\nSubject: Re: Lamp\r\n\r\nThanks!\r\n"
        await asyncio.to_thread(_hand_in, postfix, customer.address, support.address, thanks)
        thanked = await taken.next()
        assert thanked.thread == outcome.provider_ids
    copies = await _mails(ImapMailbox(imap_settings(dovecot, support, import_days=1)), "Sent")
    assert [outcome.provider_ids[0].encode() in raw for raw in copies] == [True]
    assert "signed in" in await made.probe()
    await made.close()


async def _mails(mailbox: ImapMailbox, folder: str = "INBOX") -> list[bytes]:
    """What is there as soon as something is; a server that hangs up is asked again, as a poller does."""
    try:
        for _ in range(400):
            with contextlib.suppress(TryLater):
                if found := [one.raw async for one in mailbox.fetch_since(folder, None) if one.raw]:
                    return found
            await asyncio.sleep(0.1)
        raise AssertionError("nothing came")
    finally:
        await mailbox.close()


def _reply_to(raw: bytes) -> str:
    return raw.partition(b"Reply-To: ")[2].partition(b"\r\n")[0].decode()


def _hand_in(postfix: PostfixServer, sender: str, to: str, raw: str) -> None:
    with smtplib.SMTP(postfix.host, postfix.port) as client:
        client.sendmail(sender, [to], raw)


# --- a server that cuts the line ----------------------------------------------------------------------------------


class Cutting(socketserver.StreamRequestHandler):
    """An IMAP server with three mails that hangs up in the middle of the second one, a few times."""

    cuts: ClassVar[list[int]] = []
    mails: ClassVar[list[bytes]] = [plain(f"mail {n}" + "x" * 5_000) for n in (1, 2, 3)]

    def handle(self) -> None:
        self.say("* OK ready")
        for line in iter(self.rfile.readline, b""):
            tag, _, command = line.decode().strip().partition(" ")
            verb = command.upper()
            if verb.startswith("CAPABILITY"):
                self.say("* CAPABILITY IMAP4rev1")
            elif verb.startswith("EXAMINE"):
                self.say("* 3 EXISTS", "* OK [UIDVALIDITY 9] x", "* OK [UIDNEXT 4] x")
            elif verb.startswith("UID SEARCH"):
                since = int(verb.rpartition("UID ")[2].split(":")[0]) if "UID SEARCH UID" in verb else 1
                self.say("* SEARCH " + " ".join(str(n) for n in (1, 2, 3) if n >= min(since, 3)))
            elif verb.startswith("UID FETCH") and not self.fetch(verb):
                return
            self.say(f"{tag} OK done")

    def fetch(self, verb: str) -> bool:
        numbers = [int(n) for n in verb.split()[2].split(",") if n.isdigit()] or [1, 2, 3]
        for number in [1, 2, 3] if ":" in verb.split()[2] else numbers:
            raw = self.mails[number - 1]
            if "RFC822.SIZE" in verb:
                self.say(
                    f'* {number} FETCH (UID {number} RFC822.SIZE {len(raw)} INTERNALDATE "04-Mar-2024 10:00:00 +0000")'
                )
                continue
            self.wfile.write(f"* {number} FETCH (UID {number} BODY[] {{{len(raw)}}}\r\n".encode())
            if number == 2 and len(self.cuts) < 3:
                self.cuts.append(number)
                self.wfile.write(raw[:2_000])
                return False
            self.wfile.write(raw + b")\r\n")
        return True

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


async def test_a_line_cut_in_the_middle_of_a_mail_loses_nothing_and_doubles_nothing() -> None:
    Cutting.cuts.clear()
    with tcp_server(Cutting) as port:
        settings = ImapSettings(
            host="127.0.0.1", port=port, tls="none", user="u", password=Secret("secret"), import_days=3_000
        )
        async with Taking(lambda box: connector(EmailConfig(address=ADDRESS, imap=settings), box)) as taken:
            texts = [(await taken.next()).text[:6] for _ in range(3)]
            await asyncio.sleep(0.3)
            assert taken.items.empty()
    assert texts == ["mail 1", "mail 2", "mail 3"]
    assert len(Cutting.cuts) == 3
    assert len(taken.failures) == 3
    assert all(isinstance(failure, TryLater) for failure in taken.failures)
    assert taken.box.marks["INBOX"].startswith("9:3:")


class Silent(socketserver.StreamRequestHandler):
    """An IMAP server that says goodbye as soon as somebody idles."""

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in iter(self.rfile.readline, b""):
            tag, _, command = line.decode().strip().partition(" ")
            if command.upper() == "IDLE":
                self.wfile.write(b"* 1 EXISTS\r\n+ idling\r\n* BYE restarting\r\n")
                return
            answers = {
                "CAPABILITY": "* CAPABILITY IMAP4rev1 IDLE\r\n",
                "EXAMINE": "* 0 EXISTS\r\n* OK [UIDVALIDITY 9] x\r\n* OK [UIDNEXT 1] x\r\n",
            }
            self.wfile.write(f"{answers.get(command.split()[0].upper(), '')}{tag} OK done\r\n".encode())


async def test_a_server_that_hangs_up_while_idling_is_noticed_at_once() -> None:
    with tcp_server(Silent) as port:
        settings = ImapSettings(host="127.0.0.1", port=port, tls="none", user="u", password=Secret("secret"))
        mailbox = ImapMailbox(settings)
        with pytest.raises(TryLater):
            await asyncio.wait_for(mailbox.wait("INBOX", 100), 30)
        await mailbox.close()


class Refusing(socketserver.StreamRequestHandler):
    """An IMAP server that cannot sign anybody in just now."""

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in iter(self.rfile.readline, b""):
            tag, _, command = line.decode().strip().partition(" ")
            if command.upper() == "CAPABILITY":
                self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n")
            refused = command.upper().startswith("LOGIN")
            self.wfile.write(
                f"{tag} {'NO [UNAVAILABLE] try again later' if refused else 'OK done'}\r\n".encode()
            )


async def test_a_sign_in_that_is_not_possible_now_is_tried_again() -> None:
    with tcp_server(Refusing) as port:
        settings = ImapSettings(host="127.0.0.1", port=port, tls="none", user="u", password=Secret("secret"))
        mailbox = ImapMailbox(settings)
        with pytest.raises(TryLater, match="not possible now"):
            await mailbox.wait("INBOX", 1)
        await mailbox.close()
