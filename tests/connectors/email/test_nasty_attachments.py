"""Attachments as they are met in the wild: names, encodings, pictures within the text, mails within mails. All of our own making."""

from __future__ import annotations

import pytest

from connectors.email.codec import parse
from tests.connectors.email.letters import multipart, part, plain


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
        ('Content-Type: application/pdf name="forgotten.pdf"', "forgotten.pdf"),
        ('Content-Type: application/pdf; name=""twice.pdf""', "twice.pdf"),
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


def test_noise_in_a_type_is_left_out() -> None:
    mail = parse(
        multipart("mixed", part("text/plain>", "see"), part('%22"application%22/pdf; name="bill.pdf"', "x"))
    )
    assert mail.text == "see"
    assert [(one.filename, one.content_type) for one in mail.attachments] == [("bill.pdf", "application/pdf")]


@pytest.mark.parametrize(
    ("body", "content"),
    [("-:&5L;&\\L('=O<FQD(0``\n`", b"hello, world!"), ("never encoded at all", b"never encoded at all")],
)
def test_uuencoded_lines_need_no_frame(body: str, content: bytes) -> None:
    named = part('text/x-note; name="a.txt"', body, "Content-Transfer-Encoding: x-uuencode")
    assert [one.content.strip() for one in parse(multipart("mixed", named)).attachments] == [content]


@pytest.mark.parametrize("first", ["", "Content-Description: a picture\n"])
def test_a_part_s_header_may_stand_below_a_blank_line(first: str) -> None:
    late = f'{first}\nContent-Type: image/png;\n name="a.png"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n'
    raw = f"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\n{late}--b--\n"
    mail = parse(raw.encode())
    assert (mail.text, "header-after-blank" in mail.defects) == ("see", True)
    assert [(one.filename, one.content_type, one.size) for one in mail.attachments] == [
        ("a.png", "image/png", 8)
    ]


def test_an_unknown_charset_is_no_part_of_the_name() -> None:
    typed = part("image/png", "x", "Content-Disposition: attachment; filename*=x-odd''%C3%A4.png")
    plain = part("image/png", "x", "Content-Disposition: attachment; filename*=\"it's Bob's.png\"")
    mail = parse(multipart("mixed", typed, plain))
    assert [one.filename for one in mail.attachments] == ["ä.png", "it's Bob's.png"]
