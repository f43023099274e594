"""The nastiest mails, case by case: headers, charsets, bodies, attachments and floods as they are met in the wild. All of our own making."""

from __future__ import annotations

import base64
import time

import pytest

from connectors.email.codec import parse
from tests.connectors.email.letters import HEAD, container, headed, html, letter, multipart, part, plain

# --- 1 to 13: From and other headers ------------------------------------------------------------------------------


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


# --- 14 to 22: bodies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "data", "text"),
    [
        ("", "Grüße".encode(), "Grüße"),
        ("", "Grüße".encode("latin-1"), "Grüße"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("iso-8859-1", "„Grüße“ €".encode("cp1252"), "„Grüße“ €"),
        ("utf-8", "Grüße".encode("latin-1"), "Grüße"),
        ("iso-8859-1", "Grüße".encode(), "Grüße"),
        ("no-such-charset", "Grüße".encode(), "Grüße"),
        ("hex", b"abc", "abc"),
        ("iso-2022-jp", "こんにちは".encode("iso2022_jp"), "こんにちは"),
        ("shift_jis", "鯵①".encode("cp932"), "鯵①"),
        ("big5", "謝謝".encode("cp950"), "謝謝"),
        ("gb2312", "谢谢镕".encode("gb18030"), "谢谢镕"),
        ("euc-kr", "감사합니다 똠".encode("cp949"), "감사합니다 똠"),
        ("windows-1258", "Cảm".encode(), "Cảm"),
        ("utf-7", b"Gr+APwA3w-e", "Grüße"),
        ("utf-16", "Grüße".encode("utf-16"), "Grüße"),
        ("koi8-r", "Спасибо".encode("koi8-r"), "Спасибо"),
        ("", "Спасибо за ответ, это очень важно".encode("cp1251"), "Спасибо за ответ, это очень важно"),
        (
            "",
            "ありがとうございます。よろしくお願いします".encode("cp932"),
            "ありがとうございます。よろしくお願いします",
        ),
        ("", "谢谢您的回复，我们的订单还没有到".encode("gb18030"), "谢谢您的回复，我们的订单还没有到"),
    ],
)
def test_bodies_are_decoded(label: str, data: bytes, text: str) -> None:
    kind = f"Content-Type: text/plain{f'; charset={label}' if label else ''}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert parse(b"Subject: x\r\n" + kind.encode() + base64.encodebytes(data)).text == text


def test_an_empty_plain_version_gives_way_to_html() -> None:
    raw = multipart("alternative", part("text/plain", " \n"), part("text/html", "<p>Hello <b>you</b></p>"))
    assert parse(raw).text == "Hello you"


def test_a_plain_version_that_only_points_at_the_html_gives_way() -> None:
    stub = "This is an HTML email. Your mail program cannot display HTML."
    raw = multipart(
        "alternative",
        part("text/plain", stub),
        part("text/html", f"<p>{'A long and detailed text. ' * 10}</p>"),
    )
    assert parse(raw).text.startswith("A long and detailed text.")


def test_two_different_versions_keep_their_places() -> None:
    mail = parse(
        multipart("alternative", part("text/plain", "plain words"), part("text/html", "<p>rich words</p>"))
    )
    assert mail.text == "plain words"
    assert "rich words" in mail.html


def test_text_picture_text_is_one_text_in_order() -> None:
    raw = multipart(
        "mixed",
        part("text/plain", "first"),
        part("image/png; name=a.png", "png", encode=True),
        part("text/plain", "second"),
        part("application/pdf; name=a.pdf", "pdf", encode=True),
        part("text/plain", "third"),
    )
    mail = parse(raw)
    assert mail.text.split() == ["first", "second", "third"]
    assert [one.filename for one in mail.attachments] == ["a.png", "a.pdf"]


def test_an_alternative_that_holds_html_and_a_file() -> None:
    inner = container(
        "mixed", part("text/html", "<p>rich</p>"), part("application/pdf; name=a.pdf", "pdf", encode=True)
    )
    mail = parse(multipart("alternative", part("text/plain", "plain"), inner))
    assert mail.text == "plain"
    assert "rich" in mail.html
    assert [one.filename for one in mail.attachments] == ["a.pdf"]


def test_an_attached_page_is_no_body() -> None:
    page = part(
        "text/html; name=page.html", "<p>page</p>", "Content-Disposition: attachment; filename=page.html"
    )
    mail = parse(multipart("mixed", part("text/plain", "plain"), page))
    assert (mail.text, mail.html) == ("plain", "")
    assert [one.filename for one in mail.attachments] == ["page.html"]


def test_a_list_footer_after_base64_is_text() -> None:
    body = base64.encodebytes("Grüße aus dem Büro".encode()).decode() + "\n____________\nlist mailing list\n"
    mail = parse(letter("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n", body))
    assert mail.text.startswith("Grüße aus dem Büro\n")
    assert "list mailing list" in mail.text
    assert mail.reply == "Grüße aus dem Büro"


def test_bad_escapes_stay() -> None:
    mail = parse(letter("Content-Transfer-Encoding: quoted-printable\n", "100 =ZZ of=\n it =3D fine=A"))
    assert mail.text == "100 =ZZ of it = fine=A"


def test_a_huge_page_is_cut_and_stays_quick() -> None:
    begun = time.monotonic()
    mail = parse(
        html("<div>" * 20_000 + "deep" + "</div>" * 20_000 + f'<p style="{"a" * 1_000_000}">end</p>')
    )
    assert "deep" in mail.text
    assert "html-cut" in mail.defects
    assert time.monotonic() - begun < 5


def test_a_calendar_invitation_is_shown_and_kept() -> None:
    invite = part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR\nEND:VCALENDAR")
    mail = parse(
        multipart("alternative", part("text/plain", "Meet me"), part("text/html", "<p>Meet me</p>"), invite)
    )
    assert mail.text == "Meet me"
    assert [(one.filename, one.content_type) for one in mail.attachments] == [("invite.ics", "text/calendar")]


def test_encrypted_mail_is_one_attachment_without_text() -> None:
    raw = multipart(
        'encrypted; protocol="application/pgp-encrypted"',
        part("application/pgp-encrypted", "Version: 1"),
        part("application/octet-stream; name=encrypted.asc", "-----BEGIN PGP MESSAGE-----"),
    )
    mail = parse(raw)
    assert (mail.text, mail.security) == ("", "encrypted")
    assert [one.filename for one in mail.attachments] == ["encrypted.asc"]


def test_signed_mail_shows_its_text_and_keeps_its_signature() -> None:
    raw = multipart(
        "signed",
        part("text/plain", "signed words"),
        part("application/pgp-signature; name=signature.asc", "sig"),
    )
    mail = parse(raw)
    assert (mail.text, mail.security) == ("signed words", "signed")
    assert [one.filename for one in mail.attachments] == ["signature.asc"]


@pytest.mark.parametrize("disposition", ["", "Content-Disposition: attachment; filename=photo.jpg\n"])
def test_a_mail_that_is_only_a_picture(disposition: str) -> None:
    mail = parse(
        letter(
            f"Content-Type: image/jpeg; name=photo.jpg\n{disposition}Content-Transfer-Encoding: base64\n",
            "aGVsbG8=",
        )
    )
    assert mail.text == ""
    assert [(one.filename, one.size, one.content) for one in mail.attachments] == [("photo.jpg", 5, b"hello")]


# --- 23 to 26: attachments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (
            'Content-Type: application/pdf\nContent-Disposition: attachment; filename*0="long ";\n filename*1=name.pdf',
            "long name.pdf",
        ),
        (
            "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8'de'Gr%C3%BC%C3%9Fe.pdf",
            "Grüße.pdf",
        ),
        (
            "Content-Type: application/pdf\nContent-Disposition: attachment; filename*0*=utf-8''Gr%C3;\n filename*1*=%BC%C3%9Fe.pdf",
            "Grüße.pdf",
        ),
        ('Content-Type: application/pdf; name="=?utf-8?Q?Gr=C3=BC=C3=9Fe.pdf?="', "Grüße.pdf"),
        ('Content-Type: application/pdf; name="Grüße.pdf"', "Grüße.pdf"),
        ("Content-Type: application/pdf; name=plain name.pdf", "plain name.pdf"),
        ('Content-Type: application/pdf; name="a;b.pdf"', "a;b.pdf"),
        ('Content-Type: application/pdf; name="open.pdf', "open.pdf"),
        (
            'Content-Type: application/pdf; name="type.pdf"\nContent-Disposition: attachment; filename="disposition.pdf"',
            "disposition.pdf",
        ),
        (
            'Content-Type: application/pdf\nContent-Disposition: attachment; filename="../../etc/passwd"',
            "passwd",
        ),
        (
            'Content-Type: application/pdf\nContent-Disposition: attachment; filename="C:\\\\temp\\\\a.pdf"',
            "a.pdf",
        ),
        ('Content-Type: application/pdf\nContent-Disposition: attachment; filename="Q1/Q2.pdf"', "Q1_Q2.pdf"),
        (
            'Content-Type: application/pdf\nContent-Disposition: attachment; filename="a\u202efdp.exe"',
            "afdp.exe",
        ),
        ("Content-Type: application/pdf", "attachment.pdf"),
        ("Content-Type: image/png", "image.png"),
        ("Content-Type: application/pdf\nContent-Disposition: attachment; filename=", "attachment.pdf"),
    ],
)
def test_file_names(fields: str, name: str) -> None:
    mail = parse(multipart("mixed", part("text/plain", "see file"), f"{fields}\n\ndata"))
    assert [one.filename for one in mail.attachments] == [name]


def test_a_forwarded_mail_is_named_by_its_subject() -> None:
    inner = part("message/rfc822", "Subject: Re: a/b: c\nFrom: bob@example.org\n\ninner text")
    mail = parse(multipart("mixed", part("text/plain", "see mail"), inner))
    assert [(one.filename, one.content_type) for one in mail.attachments] == [
        ("Re_ a_b_ c.eml", "message/rfc822")
    ]
    assert mail.text == "see mail"


def test_a_forwarded_mail_in_base64_is_decoded() -> None:
    inner = part("message/rfc822; name=old.eml", "Subject: old\n\ninner text", encode=True)
    attachment = parse(multipart("mixed", part("text/plain", "see mail"), inner)).attachments[0]
    assert b"inner text" in attachment.content
    assert attachment.filename == "old.eml"


def test_uuencode_as_encoding_and_within_text() -> None:
    block = "begin 644 a.txt\n%:&5L;&\\\n`\nend\n"
    encoded = f"Content-Type: text/x-log; name=a.log\nContent-Transfer-Encoding: x-uuencode\n\n{block}"
    assert parse(multipart("mixed", part("text/plain", "see"), encoded)).attachments[0].content == b"hello"
    mail = parse(plain(f"see file\n\n{block}\nbye\n"))
    assert [(one.filename, one.content) for one in mail.attachments] == [("a.txt", b"hello")]
    assert "begin" not in mail.text


def test_pictures_that_the_page_shows_are_inline() -> None:
    raw = multipart(
        "related",
        part("text/html", '<p>see <img src="cid:pic%40a"> <img src="cid:other"></p>'),
        part("image/png; name=a.png", "png", "Content-ID: <pic@a>", encode=True),
        part(
            "image/png; name=b.png",
            "png",
            "Content-ID: <other>",
            "Content-Disposition: attachment; filename=b.png",
            encode=True,
        ),
        part("image/png; name=c.png", "png", "Content-Disposition: attachment; filename=c.png", encode=True),
        part(
            "application/pdf; name=d.pdf",
            "pdf",
            "Content-Disposition: inline; filename=d.pdf",
            "Content-ID: <unused>",
            encode=True,
        ),
    )
    assert [(one.filename, one.inline) for one in parse(raw).attachments] == [
        ("a.png", True),
        ("b.png", True),
        ("c.png", False),
        ("d.pdf", False),
    ]


def test_more_attachments_than_the_limit_say_so() -> None:
    parts = [part(f"application/pdf; name={n}.pdf", "x") for n in range(300)]
    mail = parse(multipart("mixed", part("text/plain", "see"), *parts))
    assert len(mail.attachments) == 200
    assert mail.attachments[0].filename == "0.pdf"
    assert "too-many-attachments" in mail.defects


# --- 35 and 36: floods --------------------------------------------------------------------------------------------


def test_a_thousand_nested_parts_stop_at_a_depth() -> None:
    inner = part("text/plain", "core")
    for level in range(1_200):
        inner = container("mixed", inner, boundary=f"b{level}")
    mail = parse(letter(inner))
    assert "too-deep" in mail.defects


def test_a_thousand_nested_mails_stop_at_a_depth() -> None:
    assert "too-deep" in parse(letter("Content-Type: message/rfc822\n\n" * 1_200)).defects


def test_five_thousand_parts_stop_at_a_number_and_stay_quick() -> None:
    begun = time.monotonic()
    mail = parse(multipart("mixed", *(part("text/plain", f"part {n}") for n in range(5_000))))
    assert "too-many-parts" in mail.defects
    assert "part 0" in mail.text
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("size", [1, 5, 25])
def test_large_mails_take_linear_time(size: int) -> None:
    raw = multipart(
        "mixed",
        part("text/plain", "see file"),
        part("application/pdf; name=a.pdf", "x" * (size << 20), encode=True),
    )
    begun = time.monotonic()
    mail = parse(raw)
    assert mail.attachments[0].size == size << 20
    assert time.monotonic() - begun < 0.5 + size * 0.15


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n\r\n", b"\0" * 100, b" ", b"\xff" * 1000, b":", b"\n:\n", b"--\n--", b"=?" * 1000]
)
def test_next_to_nothing_is_a_mail_too(raw: bytes) -> None:
    mail = parse(raw)
    assert "could-not-parse" not in mail.defects


def test_an_old_mac_breaks_lines_with_carriage_returns() -> None:
    mail = parse(b"Subject: x\rFrom: ann@example.org\r\rfirst\rsecond")
    assert (mail.subject, mail.text) == ("x", "first\nsecond")


def test_doubled_carriage_returns_are_one_line_end() -> None:
    mail = parse(b"Subject: x\r\r\nFrom: ann@example.org\r\r\n\r\r\nfirst\r\r\n")
    assert (mail.subject, mail.from_address) == ("x", "ann@example.org")


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [("multipart/mixed", "abc"), ("multipart/mixed; boundary=wrong", "abc"), ("", "=_abc_123")],
)
def test_a_lost_boundary_is_found(content_type: str, boundary: str) -> None:
    body = f"--{boundary}\nContent-Type: text/plain\n\nhello\n--{boundary}\nContent-Type: application/pdf; name=a.pdf\n\nx\n--{boundary}--\n"
    mail = parse(letter(f"Content-Type: {content_type}\n" if content_type else "", body))
    assert mail.text == "hello"
    assert [one.filename for one in mail.attachments] == ["a.pdf"]


def test_a_missing_closing_boundary_loses_nothing() -> None:
    raw = multipart("mixed", part("text/plain", "hello"), part("application/pdf; name=a.pdf", "x"))
    mail = parse(raw.replace(b"--b1--", b""))
    assert mail.text == "hello"
    assert len(mail.attachments) == 1


def test_a_multipart_without_parts_is_its_text() -> None:
    mail = parse(letter("Content-Type: multipart/mixed; boundary=zzz\n", "just text"))
    assert mail.text == "just text"
    assert "multipart-without-parts" in mail.defects
