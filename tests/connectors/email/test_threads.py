"""What a mail is threaded by, with the reason; what holds it back; what colleagues forward; what was sent from elsewhere."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from connectors.contract import Correspondence, MessageReceived, ReceiptObserved, Secret, Unmapped
from connectors.email import inbound
from connectors.email.codec import parse
from connectors.email.ids import Ids
from connectors.email.settings import EmailConfig, ImapSettings
from connectors.email.threads import DISOWNED, EXPIRED, bare_subject, by_subject
from connectors.sandbox import ChannelSandbox
from tests.connectors.email.letters import HEAD, headed, letter
from tests.connectors.email.room import Box, connector
from tests.connectors.email.test_connector import Shelf, batches

NOW = 1_709_543_700.0
DAY = 86_400.0
CONFIG = EmailConfig(
    address="support@example.com",
    imap=ImapSettings(host="mail.example.com", user="u", password=Secret("secret"), read_sent="Sent"),
    bounce_address="bounces@example.com",
    colleagues=("@example.com", "boss@example.net"),
    trusted_server="mx.example.com",
)
IDS = Ids((b"k" * 32,), "support@example.com", "support@example.com")
FAILED = "Authentication-Results: mx.example.com; dmarc=fail header.from=example.org\n"
FORWARD = (
    "Please look at this.\n\n---------- Forwarded message ---------\nFrom: Ann Lee <ann@example.org>\n"
    "Date: Mon, 4 Mar 2024 at 10:15\nSubject: Broken lamp\nTo: Bob <bob@example.com>\n\nMy lamp is broken.\n"
)


def happened(raw: bytes, place: inbound.Place = inbound.INBOX, now: float = NOW, **more: Any) -> Any:
    config = msgspec.structs.replace(CONFIG, **more)
    return inbound.happening(parse(raw), raw, config, IDS, place=place, now=now)


def test_the_reason_is_kept_beside_each_id() -> None:
    tagged = IDS.reply_address("msg_2", NOW, "support@example.com")
    raw = letter(f"Cc: {tagged}\nIn-Reply-To: <a@example.org>\nReferences: <b@example.org> <a@example.org>\n")
    assert happened(raw).data["thread"] == [
        [IDS.message_id("msg_2", NOW), "address"],
        ["a@example.org", "in-reply-to"],
        ["b@example.org", "references"],
    ]


def test_what_a_domain_disowns_is_held_with_a_warning_whatever_it_shows() -> None:
    ours = IDS.message_id("msg_1", NOW)
    tagged = IDS.reply_address("msg_1", NOW, "support@example.com")
    for head in (f"In-Reply-To: <{ours}>\n", f"Cc: {tagged}\n", "References: <theirs@example.org>\n"):
        found = happened(letter(FAILED + head))
        assert (found.thread, found.spam, found.data["warning"]) == ((), True, DISOWNED)
        assert found.data["held"]
    harmless = happened(letter(FAILED))
    assert (harmless.thread, harmless.spam, "warning" in harmless.data) == ((), False, False)


def test_a_mail_of_ours_that_is_too_old_leads_nowhere_and_says_so() -> None:
    tagged = IDS.reply_address("msg_1", NOW, "support@example.com")
    raw = letter(f"Cc: {tagged}\n")
    for days, thread in ((400, (IDS.message_id("msg_1", NOW),)), (402, ())):
        assert happened(raw, now=NOW + days * DAY).thread == thread
    late = happened(raw, now=NOW + 402 * DAY)
    assert (late.data["warning"], late.data["held"], late.spam) == (
        EXPIRED,
        [IDS.message_id("msg_1", NOW)],
        False,
    )
    # Another id that it names still counts: somebody else's mail has no end.
    both = letter(f"Cc: {tagged}\nReferences: <theirs@example.org>\n")
    assert happened(both, now=NOW + 402 * DAY).thread == ("theirs@example.org",)


# --- by subject ---------------------------------------------------------------------------------------------------


def known(*subjects: str) -> list[Correspondence]:
    return [Correspondence(subject=one, provider_id=f"id{n}") for n, one in enumerate(subjects)]


@pytest.mark.parametrize(
    ("subject", "subjects", "found"),
    [
        ("Re: Broken lamp", ("Other", "Broken  LAMP"), "id1"),
        ("AW: Re: Broken lamp", ("Re: Broken lamp",), "id0"),
        ("Re: Broken lamp", ("Broken lamp", "broken lamp"), ""),
        ("Re: Broken lamp", ("Broken lamps",), ""),
        ("Auto: Broken lamp", ("Re: Broken lamp",), "id0"),
        ("Auto: when is my car ready?", ("Auto: when is my car ready?",), ""),
        ("Re: Broken lamp", (), ""),
    ],
)
def test_a_subject_counts_when_exactly_one_fits(subject: str, subjects: tuple[str, ...], found: str) -> None:
    assert by_subject(subject, known(*subjects)) == found


@pytest.mark.parametrize(
    ("raw", "asked"),
    [
        (headed("From: a@example.org\nSubject: Re: Broken lamp\n"), True),
        (headed("From: a@example.org\nSubject: Broken lamp\n"), False),
        (headed("From: a@example.org\nSubject: Re: Hi\n"), False),
        (headed("From: a@example.org\nSubject: Auto: Broken lamp\n"), True),
        (headed("From: a@example.org\nSubject: Re: Broken lamp\nIn-Reply-To: <x@example.org>\n"), False),
        (headed("From: a@example.org\nSubject: Re: Broken lamp\nAuto-Submitted: auto-replied\n"), False),
        (headed(f"{FAILED}From: a@example.org\nSubject: Re: Broken lamp\n"), False),
    ],
)
def test_the_subject_is_the_last_thing_to_go_by(raw: bytes, asked: bool) -> None:
    assert bool(happened(raw).data.get("by_subject")) == asked
    assert not happened(raw, thread_by_subject=False).data.get("by_subject")


def test_subjects_lose_their_prefixes() -> None:
    assert bare_subject("Re: AW: SV: Broken   Lamp ") == "broken lamp"
    assert bare_subject("Re: " * 50 + "x").endswith("x")


@pytest.mark.parametrize(("prefix", "automatic"), [("Re", False), ("Auto", True)])
async def test_the_stream_is_asked_for_the_sender_s_own_conversations_only(
    prefix: str, automatic: bool
) -> None:
    raw = headed(
        f"From: Ann <ann@example.org>\nSubject: {prefix}: Broken lamp\nMessage-ID: <1@example.org>\n"
    )

    class Asked(Box):
        senders: list[str] = []  # noqa: RUF012  # one test

        async def correspondence(self, sender: Any) -> list[Correspondence]:
            self.senders.append(sender.value)
            return known("Broken lamp")

    assert hasattr(ChannelSandbox, "correspondence")
    box = Asked()
    made = connector(CONFIG, box, mailboxes=lambda _settings, _tokens: Shelf(raw))
    _, found = await batches(made, 2)
    assert box.senders == ["ann@example.org"]
    assert (found.items[0].thread, found.items[0].data["thread"]) == (("id0",), [["id0", "subject"]])
    assert "by_subject" not in found.items[0].data
    assert (found.items[0].automatic, "auto_reply" in found.items[0].data) == (automatic, automatic)


# --- colleagues, sent mail, bounces ---------------------------------------------------------------------------------


def test_what_a_colleague_forwards_is_the_customer_s() -> None:
    found = happened(headed("From: Bob <bob@example.com>\nSubject: Fwd: Broken lamp\n", FORWARD))
    assert (found.sender.value, found.sender.display, found.sender.verified) == (
        "ann@example.org",
        "Ann Lee",
        "claimed",
    )
    assert (found.subject, found.data["forwarded_by"]) == ("Broken lamp", ["bob@example.com", "Bob"])
    assert found.data["from"] == ["ann@example.org", "Ann Lee"]
    assert "My lamp is broken." in found.text
    assert "Please look at this." in found.text


@pytest.mark.parametrize(
    "head",
    [
        "From: Eve <eve@example.org>\n",
        f"{FAILED.replace('example.org', 'example.com')}From: Bob <bob@example.com>\n",
    ],
)
def test_what_anybody_else_forwards_stays_theirs(head: str) -> None:
    found = happened(headed(f"{head}Subject: Fwd: Broken lamp\n", FORWARD))
    assert found.sender.value.startswith(("eve@", "bob@"))
    assert "forwarded_by" not in found.data


SENT = inbound.Place("Sent", sent=True)
ELSEWHERE = "From: support@example.com\nTo: Ann <ann@example.org>\nCc: carl@example.org\nSubject: Re: Lamp\nMessage-ID: <p1@example.com>\n"


def test_what_one_of_us_sent_from_another_program_is_ours() -> None:
    found = happened(headed(f"{ELSEWHERE}In-Reply-To: <q1@example.org>\n", "It is on its way."), SENT)
    assert isinstance(found, MessageReceived)
    assert (found.direction, found.sender.value, found.text) == (
        "echo",
        "ann@example.org",
        "It is on its way.",
    )
    assert (found.thread, found.provider_id, found.automatic) == (
        ("q1@example.org",),
        "p1@example.com",
        False,
    )


@pytest.mark.parametrize(
    "raw",
    [
        headed(ELSEWHERE.replace("p1@example.com", IDS.message_id("msg_1", NOW))),
        headed(f"{ELSEWHERE}X-Parley-Loop: {IDS.tag('msg_1', NOW)}\n"),
        headed(
            ELSEWHERE.replace(
                "To: Ann <ann@example.org>\nCc: carl@example.org\n", "To: support@example.com\n"
            )
        ),
        letter(),
    ],
)
def test_in_sent_mail_our_own_copies_and_strangers_are_nothing_new(raw: bytes) -> None:
    assert happened(raw, SENT) is None


def test_a_mail_of_ours_with_another_id_is_known_by_its_tag() -> None:
    raw = headed(
        f"From: support@example.com\nMessage-ID: <new@relay.example>\nX-Parley-Loop: {IDS.tag('m', NOW)}\n"
    )
    assert isinstance(happened(raw), Unmapped)
    forged = raw.replace(IDS.tag("m", NOW).encode(), IDS.tag("m", NOW).encode()[:-1] + b"7")
    assert not isinstance(happened(forged), Unmapped) or IDS.tag("m", NOW).endswith("7")


def test_a_bounce_is_known_by_the_address_that_it_was_sent_to() -> None:
    address = IDS.reply_address("msg_1", NOW, "bounces@example.com")
    raw = headed(
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org\nTo: {address}\nSubject: Undelivered Mail Returned to Sender\n"
        "Auto-Submitted: auto-replied\n",
        "I could not deliver your message.\n\n<ann@example.org>: 550 5.1.1 no such user\n",
    )
    found = happened(raw)
    assert isinstance(found, ReceiptObserved)
    assert (found.provider_id, found.state) == (IDS.message_id("msg_1", NOW), "failed")
    stranger = happened(raw.replace(b"bounces+", b"bounces+a"))
    assert isinstance(stranger, MessageReceived)
    assert stranger.automatic


def test_the_usual_letter_has_none_of_this() -> None:
    assert HEAD.startswith("From: Ann Lee")
    assert set(happened(letter()).data) == {"message_id", "from", "to"}
