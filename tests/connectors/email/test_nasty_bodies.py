"""Bodies as they are met in the wild: charsets, encodings, alternatives, encrypted and signed mail. All of our own making."""

from __future__ import annotations

import base64
import time

import pytest

from connectors.email.codec import parse
from tests.connectors.email.letters import container, html, letter, multipart, part


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
    begun = time.process_time()
    mail = parse(
        html("<div>" * 20_000 + "deep" + "</div>" * 20_000 + f'<p style="{"a" * 1_000_000}">end</p>')
    )
    assert "deep" in mail.text
    assert "html-cut" in mail.defects
    assert time.process_time() - begun < 5


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
