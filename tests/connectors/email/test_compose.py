"""Mails of ours: headers that thread, who gets a copy, history and signature, files; the same bytes in every attempt, nothing injected."""

from __future__ import annotations

import email
import email.policy
from typing import Any

import pytest

from connectors.contract import Address, Malformed, Outbound, Secret
from connectors.email.bodies import LoadedFile
from connectors.email.codec import parse
from connectors.email.compose import Letter, compose, recipients
from connectors.email.ids import Ids
from connectors.email.mail import ParsedMail
from connectors.email.settings import EmailConfig, SmtpSettings

SMTP = SmtpSettings(host="mail.example.com", user="u", password=Secret("secret"))
IDS = Ids((b"k" * 32,), "support@example.com", "support@example.com")
NOW = 1_709_543_700.0
LAST = {
    "id": "msg_0",
    "provider_ids": ["q1@example.org"],
    "subject": "Broken lamp",
    "text": "My lamp is broken.\n\nWhat now?",
    "at": NOW - 3600,
    "data": {
        "message_id": "q1@example.org",
        "references": ["a@example.org", "b@example.org"],
        "from": ["ann@example.org", "Ann Lee"],
        "to": [["support@example.com", "Support"], ["bob@example.org", "Bob Stone"]],
        "cc": [["carl@example.org", ""], ["Info@example.com", ""], ["support+old@example.com", ""]],
    },
}


def config(**more: Any) -> EmailConfig:
    return EmailConfig(
        address="support@example.com",
        name="Example Support",
        smtp=SMTP,
        aliases=("info@example.com",),
        **more,
    )


def outbound(text: str = "Try another bulb.", last: dict[str, Any] | None = LAST, **more: Any) -> Outbound:
    context = {
        "conversation": "cnv_1",
        "subject": "Broken lamp",
        "agent": "Grace",
        "last": last or {},
        "thread": ("q1@example.org",),
        "at": NOW,
    }
    fields: dict[str, Any] = {
        "id": "msg_1",
        "to": Address(scheme="email", value="ann@example.org", display="Ann Lee"),
        "conversation_key": "q1@example.org",
        "text": text,
        "context": context | more.pop("context", {}),
        **more,
    }
    return Outbound(**fields)


def made(
    message: Outbound | None = None, files: tuple[LoadedFile, ...] = (), **settings: Any
) -> tuple[Letter, ParsedMail]:
    letter = compose(message or outbound(), config(**settings), IDS, files, NOW)
    return letter, parse(letter.raw)


def test_an_answer_threads() -> None:
    letter, mail = made()
    assert mail.message_id == letter.message_id == IDS.message_id("msg_1", NOW)
    assert mail.in_reply_to == "q1@example.org"
    assert mail.references == ("a@example.org", "b@example.org", "q1@example.org")
    assert mail.subject == "Re: Broken lamp"
    assert (mail.from_address, mail.from_name) == ("support@example.com", "Example Support")
    assert not mail.defects


def test_it_is_the_same_in_every_attempt() -> None:
    assert made()[0] == made()[0]


def test_it_is_dated_when_it_was_queued() -> None:
    date = made()[1].date
    assert date is not None
    assert date.timestamp() == NOW


def test_everybody_stays_in_but_ourselves() -> None:
    letter, mail = made()
    assert letter.recipients == ("ann@example.org", "bob@example.org", "carl@example.org")
    assert [one.address for one in mail.cc] == ["bob@example.org", "carl@example.org"]
    assert made(copy_all=False)[0].recipients == ("ann@example.org",)


def test_it_goes_where_the_customer_wants_answers() -> None:
    data = LAST["data"] | {"reply_to": [["ann@private.example", ""]]}  # type: ignore[operator]  # it is a dict
    assert recipients(outbound(last=LAST | {"data": data}), config())[0].address == "ann@private.example"
    of_another = data | {"from": ["zoe@example.org", ""]}
    assert recipients(outbound(last=LAST | {"data": of_another}), config())[0].address == "ann@example.org"


@pytest.mark.parametrize(
    "said", ["Re: Broken lamp", "AW: Broken lamp", "RE: Broken lamp", "Re[2]: Broken lamp", "回复：坏灯"]
)
def test_a_subject_that_is_an_answer_stays(said: str) -> None:
    assert made(outbound(last=LAST | {"subject": said}))[1].subject == said


def test_a_first_mail_has_its_own_subject_and_no_thread() -> None:
    mail = made(outbound(last=None, subject="Your order", context={"thread": ()}))[1]
    assert (mail.subject, mail.in_reply_to, mail.references) == ("Your order", "", ())
    assert "wrote:" not in mail.text


def test_many_references_keep_the_first_and_the_newest() -> None:
    data = LAST["data"] | {"references": [f"r{n}@example.org" for n in range(100)]}  # type: ignore[operator]  # it is a dict
    references = made(outbound(last=LAST | {"data": data}))[1].references
    assert len(references) == 20
    assert (references[0], references[-2:]) == ("r0@example.org", ("r99@example.org", "q1@example.org"))


def test_long_ids_are_written_as_they_are() -> None:
    long = f"{'x' * 300}@{'y' * 100}.example.org"
    letter, mail = made(outbound(last=LAST | {"data": LAST["data"] | {"message_id": long}}))  # type: ignore[operator]  # it is a dict
    assert mail.in_reply_to == long
    assert f"<{long}>".encode() in letter.raw


def test_automatic_mail_says_so_and_an_answer_of_a_person_does_not() -> None:
    assert made(outbound(automatic=True))[1].headers["auto-submitted"] == "auto-replied"
    assert made(outbound(automatic=True, last=None))[1].headers["auto-submitted"] == "auto-generated"
    assert made(outbound(automatic=True))[1].auto_reply == "reply"
    assert "auto-submitted" not in made()[1].headers


def test_the_tagged_address_for_answers() -> None:
    assert [one.address for one in made(reply_tags=True)[1].reply_to] == [
        IDS.reply_address("msg_1", NOW, "support@example.com")
    ]
    assert [one.address for one in made(reply_address="help@example.com")[1].reply_to] == ["help@example.com"]
    assert made()[1].reply_to == ()


def test_the_agent_may_be_named() -> None:
    assert made(agent_names=True)[1].from_name == "Grace (Example Support)"
    assert made(outbound(automatic=True), agent_names=True)[1].from_name == "Example Support"


def test_history_and_signature_are_below_and_are_recognised_as_such() -> None:
    mail = made(signature="Example Support\nMon-Fri 9-17")[1]
    assert mail.reply == "Try another bulb."
    assert "> My lamp is broken." in mail.text
    assert "On Mon, 04 Mar 2024 08:15 UTC, Ann Lee <ann@example.org> wrote:" in mail.text
    assert "Mon-Fri 9-17" in mail.text
    assert "<blockquote>" in mail.html
    assert "> My lamp" not in made(quote_history=False)[1].text
    assert "> My lamp" not in made(outbound(automatic=True))[1].text


def test_text_becomes_html_and_html_is_cleaned() -> None:
    assert "1 &lt; 2" in made(outbound("1 < 2\n\nhttps://example.org/a?b=1&c=2."))[1].html
    assert (
        'href="https://example.org/a?b=1&amp;c=2"'
        in made(outbound("see https://example.org/a?b=1&c=2."))[1].html
    )
    mail = made(outbound(html="<p>Hello <b>you</b><script>alert(1)</script></p>"))[1]
    assert "<b>you</b>" in mail.html
    assert b"alert" not in made(outbound(html="<script>alert(1)</script>x"))[0].raw


def test_files_and_pictures() -> None:
    files = (
        LoadedFile("Grüße/../a.pdf", "application/pdf", b"pdf"),
        LoadedFile("logo.png", "image/png", b"png", "logo"),
        LoadedFile("odd", "not a type\r\nX: y", b"odd"),
    )
    mail = made(outbound(html='<p>Look: <img src="cid:logo"></p>'), files)[1]
    assert [(one.filename, one.content_type, one.content, one.inline) for one in mail.attachments] == [
        ("logo.png", "image/png", b"png", True),
        ("a.pdf", "application/pdf", b"pdf", False),
        ("odd", "application/octet-stream", b"odd", False),
    ]


NASTY = [
    "a\r\nBcc: eve@example.org",
    "a\nb",
    "a\x00b",
    "a\u2028b",
    "a\x85b",
    "x" * 5_000,
    "ü" * 2_000,
    '"quoted\\" name"',
    "名前",
    "=?utf-8?Q?a?=",
    "a\u202eb",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_gets_into_the_header_that_does_not_belong_there(nasty: str) -> None:
    data = LAST["data"] | {
        "from": ["ann@example.org", nasty],
        "cc": [["carl@example.org", nasty]],
        "references": [nasty],
        "message_id": nasty,
    }  # type: ignore[operator]  # it is a dict
    last = LAST | {"subject": nasty, "data": data, "text": nasty}
    message = outbound(nasty, last=last, to=Address(scheme="email", value="ann@example.org", display=nasty))
    message.context["agent"] = nasty
    letter = compose(
        message, config(signature=nasty, agent_names=True), IDS, (LoadedFile(nasty, nasty, b"x", nasty),), NOW
    )
    read = email.message_from_bytes(letter.raw, policy=email.policy.compat32)
    assert "Bcc" not in read
    assert set(read.keys()) <= {
        "From",
        "To",
        "Cc",
        "Subject",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Date",
        "MIME-Version",
        "X-Parley-Loop",
        "Content-Type",
    }
    head = letter.raw.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))
    assert all(line.isascii() and b"\r" not in line for line in letter.raw.split(b"\r\n"))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@",
        "@example.org",
        "a b@example.org",
        "ann@example.org>\r\nRCPT TO:<eve@example.org",
        "ann@exa mple",
        "zoë@example.org",
        "<ann@example.org>",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Malformed, match="no address"):
        compose(outbound(last=None, to=Address(scheme="email", value=address)), config(), IDS, (), NOW)


def test_foreign_domains_are_written_in_ascii() -> None:
    letter = compose(
        outbound(last=None, to=Address(scheme="email", value="ann@bücher.example")), config(), IDS, (), NOW
    )
    assert letter.recipients == ("ann@xn--bcher-kva.example",)
