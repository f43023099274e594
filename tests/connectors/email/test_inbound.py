"""What a mail means for the channel: who wrote, what it answers, whether a person wrote it, and when it is about a mail of ours."""

from __future__ import annotations

import msgspec
import pytest

from connectors.contract import File, MessageReceived, ReceiptObserved, Secret, Unmapped
from connectors.email import inbound
from connectors.email.codec import parse
from connectors.email.ids import Ids
from connectors.email.settings import EmailConfig, ImapSettings
from tests.connectors.email.letters import HEAD, headed, letter, multipart, part, plain

IMAP = ImapSettings(host="mail.example.com", user="support@example.com", password=Secret("secret"))
CONFIG = EmailConfig(
    address="support@example.com",
    imap=IMAP,
    reply_tags=True,
    trusted_server="mx.example.com",
    aliases=("info@example.com",),
)
NOW = 1_709_543_700.0
IDS = Ids((b"k" * 32,), "support@example.com", "support@example.com")


def happened(raw: bytes) -> object:
    return inbound.happening(parse(raw), raw, CONFIG, IDS, now=NOW)


def message(raw: bytes) -> MessageReceived:
    found = happened(raw)
    assert isinstance(found, MessageReceived), found
    return found


def test_a_mail_is_a_message() -> None:
    found = message(plain("Hello\n\n-- \nAnn\n"))
    assert (found.text, found.subject, found.quoted) == ("Hello", "Question", "--\nAnn")
    assert (found.provider_id, found.conversation_key) == ("q1@example.org", "q1@example.org")
    assert (found.sender.scheme, found.sender.value, found.sender.scope) == (
        "email",
        "ann@example.org",
        "global",
    )
    assert (found.sender.display, found.sender.verified, found.automatic) == ("Ann Lee", "claimed", False)
    assert found.at == 1_709_543_700.0


def test_one_mail_has_one_key_wherever_it_lies() -> None:
    raw = plain("Hello")
    moved = b"X-Moved-By: server\r\nReceived: from a by b\r\n" + raw
    assert (
        message(raw).source_key
        == message(moved).source_key
        == message(raw.replace(b"\r\n", b"\n")).source_key
    )
    assert message(raw).source_key != message(plain("Other")).source_key


def test_a_mail_without_an_id_has_a_key_of_its_content() -> None:
    first, second = (
        message(headed("From: a@example.org\n", "one")),
        message(headed("From: a@example.org\n", "two")),
    )
    assert first.source_key != second.source_key
    assert first.conversation_key == first.source_key
    assert first.provider_id == ""


def test_what_it_answers_comes_best_first() -> None:
    ours, tagged = IDS.message_id("msg_1", NOW), IDS.reply_address("msg_2", NOW, "support@example.com")
    raw = letter(
        f"Cc: {tagged}\nIn-Reply-To: <{ours}>\nReferences: <a@example.org> <b@example.org> <{ours}>\n"
    )
    assert message(raw).thread == (IDS.message_id("msg_2", NOW), ours, "b@example.org", "a@example.org")


def test_a_tag_is_found_where_the_mail_was_carried_to() -> None:
    tagged = IDS.reply_address("msg_1", NOW, "support@example.com")
    for name in ("Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To"):
        assert message(letter(f"{name}: {tagged}\n")).thread == (IDS.message_id("msg_1", NOW),)


def test_a_mail_that_its_domain_disowns_answers_nothing() -> None:
    ours = IDS.message_id("msg_1", NOW)
    verdict = (
        "Authentication-Results: mx.example.com; spf=fail; dmarc=fail (p=reject) header.from=example.org\n"
    )
    raw = letter(
        f"{verdict}In-Reply-To: <{ours}>\nCc: {IDS.reply_address('msg_1', NOW, 'support@example.com')}\n"
    )
    assert message(raw).thread == ()
    assert message(raw).data["dmarc"] == "fail"
    stranger = letter(f"{verdict.replace('mx.example.com', 'mx.elsewhere.example')}In-Reply-To: <{ours}>\n")
    assert message(stranger).thread == (ours,)


def test_the_servers_own_verdict_vouches_for_the_sender() -> None:
    assert (
        message(letter("Authentication-Results: mx.example.com; dmarc=pass\n")).sender.verified == "channel"
    )
    assert (
        message(letter("Authentication-Results: elsewhere.example; dmarc=pass\n")).sender.verified
        == "claimed"
    )


def test_behind_a_contact_form_is_a_person() -> None:
    found = message(
        headed(
            "From: Shop <no-reply@shop.example>\nReply-To: Ann Lee <ann@example.net>\nAuto-Submitted: auto-generated\n"
        )
    )
    assert (found.sender.value, found.sender.display, found.automatic) == (
        "ann@example.net",
        "Ann Lee",
        False,
    )


def test_a_form_that_writes_as_ourselves_is_for_the_person_in_reply_to() -> None:
    found = message(headed("From: Web <support@example.com>\nReply-To: Ann <ann@example.net>\n"))
    assert (found.sender.value, found.automatic) == ("ann@example.net", False)


def test_unknown_senders_are_not_one_person() -> None:
    first, second = message(headed("Subject: a\n", "one")), message(headed("Subject: b\n", "two"))
    assert first.sender.value != second.sender.value
    assert first.sender.value.endswith("@sender.invalid")


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-replied\n",
        "List-Id: <list.example.org>\n",
        "Precedence: bulk\n",
        "X-Auto-Response-Suppress: All\n",
    ],
)
def test_what_no_person_wrote_is_automatic(head: str) -> None:
    assert message(letter(head)).automatic


@pytest.mark.parametrize("own", ["info@example.com", "Support+orders@example.com", "info+x@example.com"])
def test_our_own_addresses_are_automatic_with_a_tag_too(own: str) -> None:
    assert message(headed(f"From: {own}\nSubject: x\n")).automatic


def test_our_own_mail_that_comes_back_is_no_message() -> None:
    found = happened(headed(f"From: support@example.com\nMessage-ID: <{IDS.message_id('msg_1', NOW)}>\n"))
    assert isinstance(found, Unmapped)


def report(action: str, status: str, original: str) -> bytes:
    body = f"Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; ann@example.org\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; 550 {status} no such user\n"
    return multipart(
        "report; report-type=delivery-status",
        part("text/plain", "Your mail could not be delivered."),
        part("message/delivery-status", body),
        part("text/rfc822-headers", f"Message-ID: <{original}>\n"),
    )


def test_a_bounce_of_ours_is_a_receipt() -> None:
    ours = IDS.message_id("msg_1", NOW)
    found = happened(report("failed", "5.1.1", ours))
    assert isinstance(found, ReceiptObserved)
    assert (found.provider_id, found.state) == (ours, "failed")
    assert found.error == "Came back for good from ann@example.org (5.1.1): 550 5.1.1 no such user"


def test_a_delay_of_ours_is_a_remark_and_no_failure() -> None:
    found = happened(report("delayed", "4.4.1", IDS.message_id("msg_1", NOW)))
    assert isinstance(found, ReceiptObserved)
    assert found.state == "sent"
    assert found.error.startswith("Not delivered to ann@example.org yet (4.4.1); it is still tried: ")


@pytest.mark.parametrize(
    ("heads", "state"),
    [
        ("To: pat@example.org\nCc: bob@example.org,\n Ann <ann@example.org>\n", "sent"),
        ("To: Ann <ann@example.org>\nCc: bob@example.org\n", "failed"),
        ("To: pat@example.org\n", "failed"),
    ],
)
def test_somebody_in_copy_who_is_not_reached_is_a_remark(heads: str, state: str) -> None:
    returned = f"{IDS.message_id('msg_1', NOW)}>\n{heads}X-End: <x"
    found = happened(report("failed", "5.1.1", returned))
    assert isinstance(found, ReceiptObserved)
    assert (found.state, "who was in copy; the others got it" in found.error) == (state, state == "sent")


def test_a_bounce_of_a_bounce_is_about_nothing_of_ours() -> None:
    found = message(report("failed", "5.1.1", "double@mail.example.org"))
    assert (found.automatic, found.thread) == (True, ())


def test_a_bounce_of_somebody_else_is_an_automatic_message() -> None:
    found = message(report("failed", "5.1.1", "foreign@example.org"))
    assert found.automatic
    assert found.data["bounce"]["recipient"] == "ann@example.org"


def test_files_come_with_their_bytes() -> None:
    found = message(
        multipart("mixed", part("text/plain", "see"), part("application/pdf; name=a.pdf", "pdf", encode=True))
    )
    assert found.files == (File(name="a.pdf", content_type="application/pdf", content=b"pdf"),)


def test_data_has_what_an_answer_needs() -> None:
    found = message(
        letter("Cc: Bob <bob@example.org>\nReply-To: ann@private.example\nReferences: <a@example.org>\n")
    )
    assert found.data["cc"] == [["bob@example.org", "Bob"]]
    assert found.data["reply_to"] == [["ann@private.example", ""]]
    assert found.data["references"] == ["a@example.org"]
    assert found.data["message_id"] == "q1@example.org"
    assert HEAD.startswith("From: Ann Lee")


def test_data_has_who_an_answer_also_goes_to() -> None:
    found = message(
        letter(
            "Cc: Bob <bob@example.org>, support@example.com, support+t4g@example.com, ann@private.example\n"
            "Reply-To: ann@private.example\n"
        )
    )
    assert found.data["others"] == [["bob@example.org", "Bob"]]
    raw = letter("Cc: Bob <bob@example.org>\n")
    config = msgspec.structs.replace(CONFIG, copy_all=False)
    alone = inbound.happening(parse(raw), raw, config, IDS, now=NOW)
    assert isinstance(alone, MessageReceived)
    assert "others" not in alone.data


def test_long_lists_in_data_are_bounded() -> None:
    many = ", ".join(f"p{n}@example.org" for n in range(300))
    references = " ".join(f"<r{n}@example.org>" for n in range(150))
    found = message(letter(f"Cc: {many}\nReferences: {references}\n"))
    assert len(found.data["cc"]) == inbound.MAX_COPIED
    assert len(found.data["references"]) == inbound.MAX_REFERENCES
    assert (found.data["references"][0], found.data["references"][-1]) == (
        "r0@example.org",
        "r149@example.org",
    )
    assert len(found.thread) == inbound.MAX_REFERENCES


def test_a_mail_of_which_parts_are_left_out_says_so_and_comes_whole() -> None:
    raw = multipart("mixed", *(part("text/plain", f"part {number}") for number in range(600)))
    found = message(raw)
    assert found.data["warning"] == inbound.PARTIAL
    assert found.files[-1] == File(name="original.eml", content_type="message/rfc822", content=raw)
    assert "warning" not in message(plain("Hello.")).data
