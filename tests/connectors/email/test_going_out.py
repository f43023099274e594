"""Going out: copies, pictures, layout, bounce addresses, leaving with one click, signatures, connections that are used again, automatic mail."""

from __future__ import annotations

import asyncio
import base64
import re
from typing import Any

import dkim as checker
import pytest
from aiosmtpd.controller import Controller

from connectors.contract import Accepted, Address, NeedsOperator, OutFile, Rejected, Retry, Secret
from connectors.email import compose as composing
from connectors.email import smtp
from connectors.email.bodies import LoadedFile
from connectors.email.compose import Letter, compose
from connectors.email.ids import Ids
from connectors.email.settings import DkimSettings, EmailConfig, SmtpSettings
from tests.connectors.email.room import Box, connector
from tests.connectors.email.test_compose import IDS, LAST, NOW, config, made, outbound
from tests.connectors.email.test_dkim import RSA, in_dns, pem
from tests.servers.process import free_port


def test_the_agent_s_own_copies_count() -> None:
    data = {"cc": [["dora@example.org", "Dora"], "emil@example.org"], "bcc": ["log@example.com"]}
    letter, mail = made(outbound(context={"data": data}))
    assert [one.address for one in mail.cc] == ["dora@example.org", "emil@example.org"]
    assert letter.recipients == ("ann@example.org", "dora@example.org", "emil@example.org", "log@example.com")
    assert b"log@example.com" not in letter.raw
    nobody, mail = made(outbound(context={"data": {"cc": []}}))
    assert (nobody.recipients, mail.cc) == (("ann@example.org",), ())
    usual = made(outbound(context={"data": {"cc": "odd", "bcc": 3}}))[0]
    assert usual.recipients == ("ann@example.org",)


def test_our_own_addresses_are_never_among_the_copies() -> None:
    own = ["Support@example.com", ["support+tag@example.com", ""], "dora@example.org", "DORA@example.org"]
    letter, mail = made(outbound(context={"data": {"cc": own, "bcc": ["support@example.com"]}}))
    assert [one.address for one in mail.cc] == ["dora@example.org"]
    assert letter.recipients == ("ann@example.org", "dora@example.org")


def test_a_layout_is_filled_once_and_history_may_stand_anywhere() -> None:
    last = LAST | {"text": "I wrote {text} and {signature}"}
    raw = made(
        outbound("Hello {history}", last=last),
        layout="<table><tr><td>{text}</td></tr></table>{signature}",
        signature="Bye",
    )[0].raw
    assert b"<td><p>Hello {history}</p></td>" in raw.replace(b"=\r\n", b"")
    assert raw.count(b"I wrote {text}") == 1  # in the plain text only: the layout has no place for history
    with pytest.raises(ValueError, match="no place for"):
        config(layout="<p>nothing</p>")


def test_a_picture_that_the_text_does_not_show_is_attached() -> None:
    files = (LoadedFile("a.png", "image/png", b"a", "one"), LoadedFile("b.png", "image/png", b"b", "two"))
    mail = made(outbound(html='<p><img src="cid:one"></p>'), files)[1]
    assert [(one.filename, one.inline) for one in mail.attachments] == [("a.png", True), ("b.png", False)]


def test_bounces_come_back_to_an_address_that_names_the_mail() -> None:
    letter = made(bounce_address="bounces@example.com")[0]
    assert re.fullmatch(r"bounces\+[a-z2-7.]{36}@example\.com", letter.sender)
    assert IDS.answered([letter.sender], "bounces@example.com") == letter.message_id
    assert made()[0].sender == "support@example.com"


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (outbound(automatic=True, last=None), True),
        (outbound(context={"data": {"proactive": True}}), True),
        (outbound(automatic=True), False),
        (outbound(), False),
    ],
)
def test_only_mail_that_nobody_asked_for_names_the_way_out(message: Any, named: bool) -> None:
    url = "https://parley.example/widget/support-email/unsubscribe/t"
    raw = compose(message, config(), IDS, (), NOW, unsubscribe=url).raw
    assert (f"List-Unsubscribe: <{url}>\r\n".encode() in raw) == named
    assert (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw) == named
    assert b"List-Unsubscribe" not in compose(message, config(), IDS, (), NOW).raw


def test_leaving_needs_the_token() -> None:
    token = IDS.leaving("Ann@Example.org")
    assert IDS.leaves(token) == "ann@example.org"
    other = Ids((b"o" * 32,), "support@example.com", "support@example.com")
    for wrong in (
        token[:-1] + "x",
        token.replace(".", "x", 1),
        "",
        ".",
        "a.b",
        other.leaving("ann@example.org"),
        "ü.ü",
    ):
        assert IDS.leaves(wrong) == ""


def test_a_signed_mail_is_the_same_in_every_attempt_and_accepted() -> None:
    key = DkimSettings(domain="example.com", selector="s1", key=Secret(pem(RSA)))
    first, again = (compose(outbound(), config(dkim=key), IDS, (), NOW + n).raw for n in (0, 500))
    assert first == again
    assert checker.verify(first, dnsfunc=lambda _name, **_: in_dns(RSA))
    assert b"message-id:in-reply-to:references" in first


async def test_a_key_that_is_none_needs_a_person() -> None:
    key = DkimSettings(domain="example.com", selector="s1", key=Secret("nothing"))
    made = connector(
        EmailConfig(address="s@example.com", smtp=SmtpSettings(host="127.0.0.1", tls="none"), dkim=key)
    )
    for ask in (made.open, made.probe):
        with pytest.raises(NeedsOperator, match="not a private key"):
            await ask()


# --- connections --------------------------------------------------------------------------------------------------


class Counting:
    """A server's handler that counts: connections by EHLO, mails by their end; `refuse` answers RCPT once."""

    def __init__(self) -> None:
        self.connections = 0
        self.mails: list[bytes] = []
        self.refuse: list[str] = []

    async def handle_EHLO(  # noqa: N802  # the protocol finds it by this name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802  # the same
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.refuse:
            return self.refuse.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # the protocol's
        self.mails.append(envelope.content)
        return "250 2.0.0 Ok"


@pytest.fixture
def counting() -> Any:
    handler = Counting()
    server = Controller(handler, hostname="127.0.0.1", port=free_port())
    server.start()
    yield handler, SmtpSettings(host="127.0.0.1", port=server.port, tls="none", connections=2)
    server.stop()


def letter(number: int) -> Letter:
    return Letter(
        "s@example.com", ("ann@example.org",), f"{number}@example.com", b"Subject: x\r\n\r\nHello\r\n"
    )


async def test_connections_are_used_again_and_bounded(counting: Any) -> None:
    handler, settings = counting
    pool = smtp.Pool(settings)
    outcomes = await asyncio.gather(*(pool.hand_in(letter(n)) for n in range(12)))
    assert all(isinstance(one, Accepted) for one in outcomes)
    assert (len(handler.mails), handler.connections) == (12, 2)
    handler.refuse = ["550 5.1.1 no such user", "450 4.2.0 try later"]
    assert await pool.hand_in(letter(20)) == Rejected(
        text="ann@example.org: 550 5.1.1 no such user", code="5.1.1"
    )
    assert isinstance(await pool.hand_in(letter(21)), Retry)
    assert isinstance(await pool.hand_in(letter(22)), Accepted)
    assert handler.connections == 2
    await pool.close()


async def test_a_connection_serves_so_many_mails_and_so_long(
    counting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, settings = counting
    monkeypatch.setattr(smtp, "MAILS_PER_CONNECTION", 3)
    now = [0.0]
    pool = smtp.Pool(settings, clock=lambda: now[0])
    for number in range(4):
        await pool.hand_in(letter(number))
    assert handler.connections == 2
    now[0] += smtp.IDLE_SECONDS + 1
    await pool.hand_in(letter(5))
    assert handler.connections == 3
    await pool.close()


async def test_a_connection_that_died_meanwhile_costs_nothing(counting: Any) -> None:
    handler, settings = counting
    pool = smtp.Pool(settings)
    await pool.hand_in(letter(1))
    pool._idle[0].client.transport.abort()  # type: ignore[union-attr]  # as the network does
    await asyncio.sleep(0.05)
    assert isinstance(await pool.hand_in(letter(2)), Accepted)
    assert (len(handler.mails), handler.connections) == (2, 2)
    await pool.close()


# --- automatic mail, and files of the host --------------------------------------------------------------------------


class Bucket(Box):
    """A sandbox with buckets that never fill up again."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: dict[str, int] = {}

    async def take(self, key: str, count: int, seconds: float) -> float:
        self.taken[key] = self.taken.get(key, 0) + 1
        return seconds if self.taken[key] > count else 0.0


async def test_automatic_mail_is_bounded_per_address_and_an_attempt_counts_once(counting: Any) -> None:
    _handler, settings = counting
    made = connector(EmailConfig(address="s@example.com", smtp=settings, automatic_per_day=2), Bucket())

    async def sent(ident: str, address: str = "ann@example.org") -> Any:
        message = outbound(automatic=True, id=ident, to=Address(scheme="email", value=address))
        return await made.send(message, made.plan(message).parts[0])

    assert [type(await sent(one)) for one in ("a", "a", "a", "b")] == [Accepted] * 4
    third = await sent("c", "ANN@example.org")
    assert third == Rejected(text="Not sent: this address has had 2 automatic mails in 24 hours.")
    assert isinstance(await sent("d", "bob@example.org"), Accepted)
    await made.close()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"auto_reply": "vacation"}, "automatic mail"),
        ({"bounce": {"status": "5.1.1"}}, "automatic mail"),
        ({"list": "<news.example.org>"}, "mailing list"),
        ({}, ""),
    ],
)
def test_machines_get_no_automatic_answer(data: dict[str, Any], said: str) -> None:
    message = outbound(automatic=True, last=LAST | {"data": data})
    assert said in composing.answers_machine(message)
    assert bool(composing.answers_machine(message)) == bool(said)
    daemon = Address(scheme="email", value="MAILER-DAEMON@example.org")
    assert composing.answers_machine(outbound(automatic=True, to=daemon))


async def test_a_stored_picture_keeps_its_place_in_the_text(counting: Any) -> None:
    handler, settings = counting

    async def read() -> bytes:
        return b"\x89PNG picture"

    file = OutFile(name="p.png", content_type="image/png", size=12, read=read, content_id="pic@parley")
    message = outbound(html='<p>See <img src="cid:pic@parley"></p>', files=(file,))
    made = connector(EmailConfig(address="s@example.com", smtp=settings))
    assert isinstance(await made.send(message, made.plan(message).parts[0]), Accepted)
    await made.close()
    raw = handler.mails[0]
    assert b"multipart/related" in raw
    assert b"Content-ID: <pic@parley>" in raw
    assert base64.b64encode(b"\x89PNG picture") in raw
