"""From and other header fields as they are met in the wild: missing, broken, mislabelled, enormous. All of our own making."""

from __future__ import annotations

import base64

import pytest

from connectors.email.codec import parse
from tests.connectors.email.letters import HEAD, headed, letter


@pytest.mark.parametrize(
    ("head", "address"),
    [
        ("From: <>\nReply-To: Ann <ann@example.org>\n", "ann@example.org"),
        ("Reply-To: ann@example.org\n", "ann@example.org"),
        ("From: nobody, Ann <ann@example.org>\n", "ann@example.org"),
        ("From: Ann Lee\nSender: ann@example.org\n", "ann@example.org"),
        ('From: "Millions..."@example.com>\n', '"Millions..."@example.com'),
        ("From: <ann lee@example.org>\n", "annlee@example.org"),
        ("From: Ann ann@example.org\n", "ann@example.org"),
        ("From: ann@example.org.\n", "ann@example.org"),
        ("From: Ann Lee <ann@example.org\n", "ann@example.org"),
        ("From: ann@example.org (Ann Lee)\n", "ann@example.org"),
        ("From: Ann <mailto:ann@example.org>\n", "ann@example.org"),
        ("From: =?utf-8?Q?Ann_=3Cann=40example=2Eorg=3E?=\n", "ann@example.org"),
        ("From: Ann <@relay.example,@b.example:ann@example.org>\n", "ann@example.org"),
        ("From: alice@example.org]<bob@example.net>\n", "bob@example.net"),
    ],
)
def test_the_sender_is_found(head: str, address: str) -> None:
    assert parse(headed(head)).from_address == address


@pytest.mark.parametrize("head", ["Subject: x\n", "From: Ann\n", "From:\n", "From: @\n", "From: <<<>>>\n"])
def test_no_sender_is_a_defect_and_no_error(head: str) -> None:
    mail = parse(headed(head))
    assert mail.from_address == ""
    assert "no-from" in mail.defects
    assert mail.text == "Hello"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('From: "Lee, Ann" <ann@example.org>\n', "Lee, Ann"),
        ("From: =?utf-8?B?TMOpZSwgQW5u?= <ann@example.org>\n", "Lée, Ann"),
        ('From: "=?utf-8?Q?L=C3=A9e?=" <ann@example.org>\n', "Lée"),
        ("From: 'Ann Lee' <ann@example.org>\n", "Ann Lee"),
        ("From: ann@example.org (Ann (the boss) Lee)\n", "Ann (the boss) Lee"),
        ('From: "Ann \\"Annie\\" Lee" <ann@example.org>\n', 'Ann "Annie" Lee'),
        ("From: Zoë <ann@example.org>\n", "Zoë"),
    ],
)
def test_the_name_is_read(head: str, name: str) -> None:
    assert parse(headed(head)).from_name == name


def test_a_list_that_wrote_itself_into_from_gives_way_when_two_headers_agree() -> None:
    head = "From: 'Ann Lee' via Support <support@lists.example>\nReply-To: ann@example.org\nX-Original-From: Ann Lee <ann@example.org>\n"
    assert (parse(headed(head)).from_address, parse(headed(head)).from_name) == ("ann@example.org", "Ann Lee")
    alone = (
        "From: 'Ann Lee' via Support <support@lists.example>\nX-Original-From: Ann Lee <ann@example.org>\n"
    )
    assert parse(headed(alone)).from_address == "support@lists.example"


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?gb2312?B?" + base64.b64encode("镕基 你好".encode("gb18030")) + b"?=", "镕基 你好"),
        (b"=?iso-2022-jp?B?" + base64.b64encode(b"\x1b$B-!\x1b(B") + b"?=", "①"),
        (b"=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?Q?Gr=C3=BC=C3=9Fe?= =?iso-8859-1?Q?_=FCber?=", "Grüße über"),
        (b"=?utf-8?Q?mit leerer Stelle?=", "mit leerer Stelle"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("latin-1"), "Grüße"),
        (b"=?unknown-8bit?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?B?R3LDvMOfZQ?=", "Grüße"),
        (b"=?utf-8?q?a?=b", "ab"),
        (b"a =?utf-8?q?b?= c =?utf-8?q?d?=", "a b c d"),
        (b"=?us-ascii?Q?Gr=FC=DFe?=", "Grüße"),
        (b"=?iso-8859-1?Q?=80_5?=", "€ 5"),
        (b"nul\x00in\x00it", "nul in it"),
        (b"=?utf-8?Q?open =?utf-8?Q?closed?=", "=?utf-8?Q?open closed"),
        (b"=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
    ],
)
def test_subjects_are_decoded(raw: bytes, subject: str) -> None:
    assert parse(b"Subject: " + raw + b"\r\n\r\nHello").subject == subject


def test_huge_headers_are_cut_and_say_so() -> None:
    mail = parse(letter(f"X-Long: {'a' * 200_000}\n", base=f"Subject: {'s' * 1_000_000}\n"))
    assert len(mail.subject) == 1_000
    assert "header-value-cut" in mail.defects


def test_many_references_keep_the_first_and_the_newest() -> None:
    references = "\n ".join(f"<r{n}@example.org>" for n in range(20_000))
    mail = parse(letter(f"References: {references}\n"))
    assert len(mail.references) <= 200
    assert mail.references[0] == "r0@example.org"


def test_many_recipients_are_counted_up_to_a_limit() -> None:
    mail = parse(letter("Cc: " + ",\n ".join(f"c{n}@example.org" for n in range(5_000)) + "\n"))
    assert len(mail.cc) == 1_000
    assert "too-many-addresses" in mail.defects


def test_a_header_glued_to_the_date_is_taken_off() -> None:
    mail = parse(headed("Date: Mon, 4 Mar 2024 10:15:00 +0100Received: from x by y\nFrom: ann@example.org\n"))
    assert mail.date is not None
    assert mail.date.isoformat() == "2024-03-04T10:15:00+01:00"
    assert "header-glued" in mail.defects


@pytest.mark.parametrize(
    "junk",
    ["From ann@example.org Mon Mar  4 10:15:00 2024\n", ">From ann\n", "some junk line\n", "\n\n", "\ufeff"],
)
def test_what_stands_before_the_header_is_passed_over(junk: str) -> None:
    assert parse(letter(base=junk + HEAD)).subject == "Question"


def test_folded_lines_that_lost_their_indent_belong_to_their_field() -> None:
    mail = parse(
        headed("References: <a@example.org>\n<b@example.org>\nIn-Reply-To: <b@example.org>\nSubject: x\n")
    )
    assert mail.references == ("a@example.org", "b@example.org")
    assert (mail.subject, mail.text) == ("x", "Hello")


def test_references_with_commas() -> None:
    assert parse(letter("References: <a@example.org>, <b@example.org>\n")).references == (
        "a@example.org",
        "b@example.org",
    )


def test_a_missing_blank_line_does_not_hide_the_body() -> None:
    assert parse(b"Subject: x\r\nHello there\r\nsecond line\r\n").text == "Hello there\nsecond line"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<[83c4f2]@microsoft.com>", "[83c4f2]@microsoft.com"),
        ("no-brackets@example.org", "no-brackets@example.org"),
        ("<spaced @example.org>", "spaced@example.org"),
        ("<nodomain>", "nodomain"),
        ("", ""),
        ("<>", ""),
    ],
)
def test_odd_message_ids(value: str, expected: str) -> None:
    assert parse(headed(f"Message-ID: {value}\n")).message_id == expected


def test_several_ids_in_in_reply_to() -> None:
    mail = parse(letter("In-Reply-To: <a@example.org> <b@example.org>\n"))
    assert mail.in_reply_to == "b@example.org"
    assert mail.references == ("a@example.org", "b@example.org")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 4 Mar 2024 10:15:00 +0100 (CET)", "2024-03-04T10:15:00+01:00"),
        ("4 Mar 24 10:15 GMT", "2024-03-04T10:15:00+00:00"),
        ("2024-03-04T10:15:00Z", "2024-03-04T10:15:00+00:00"),
        ("2024-03-04 10:15:00 +02:00", "2024-03-04T10:15:00+02:00"),
        ("Mon, 04 Mar 2024 10:15:60 +0000", "2024-03-04T10:15:59+00:00"),
        ("Wed, 4 Mar 9999 10:15:00 +0000", "9999-03-04T10:15:00+00:00"),
    ],
)
def test_dates(value: str, expected: str) -> None:
    date = parse(headed(f"Date: {value}\n")).date
    assert date is not None
    assert date.isoformat() == expected


@pytest.mark.parametrize(
    "value", ["", "yesterday", "32 Foo 2024", "Mon, 4 Mar 2024 99:99:99 +9999", "1 Jan 99999999999 00:00:00"]
)
def test_dates_that_are_none(value: str) -> None:
    assert parse(headed(f"Date: {value}\nSubject: x\n")).date is None


def test_a_missing_date_is_taken_from_the_trace() -> None:
    mail = parse(headed("Received: from a by b; Mon, 4 Mar 2024 10:15:00 +0100\nSubject: x\n"))
    assert mail.date is not None
    assert "no-date" in mail.defects


def test_a_field_with_a_foreign_name_is_no_part_of_the_subject() -> None:
    mail = parse("Subject: hello\nX-Größe: 3\nFrom: ann@example.org\n\nbody".encode())
    assert (mail.subject, mail.from_address, mail.text) == ("hello", "ann@example.org", "body")
    assert "header-junk" in mail.defects
