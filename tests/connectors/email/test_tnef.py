"""winmail.dat: bodies, files with long names, pictures, mails within it, rich text; and that broken ones stay attachments."""

from __future__ import annotations

import base64
import random
import struct

import pytest

from connectors.email import rtf
from connectors.email.codec import parse
from tests.connectors.email.letters import multipart, part

SIGNATURE = struct.pack("<IH", 0x223E9F78, 1)


def attribute(level: int, kind: int, name: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) % 65_536)


def properties(*found: tuple[int, int, bytes]) -> bytes:
    """MAPI properties as (type, id, value)."""
    out = [struct.pack("<I", len(found))]
    for kind, name, value in found:
        out.append(struct.pack("<HH", kind, name))
        if kind in {0x1E, 0x1F, 0x102, 0x0D}:
            out.append(struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4))
        else:
            out.append(value)
    return b"".join(out)


def named(kind: int, value: bytes) -> bytes:
    """A property with a name instead of a number, to be skipped."""
    text = "Keywords".encode("utf-16-le")
    head = (
        struct.pack("<HH", kind, 0x8001)
        + b"G" * 16
        + struct.pack("<II", 1, len(text))
        + text
        + b"\0" * (-len(text) % 4)
    )
    return head + struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)


def wrapping(*attributes: bytes) -> bytes:
    return SIGNATURE + b"".join(attributes)


def body(*found: tuple[int, int, bytes]) -> bytes:
    return attribute(1, 6, 0x9003, properties(*found))


def file(name: str, data: bytes, *more: tuple[int, int, bytes]) -> bytes:
    rendering = attribute(2, 6, 0x9002, b"\0" * 14)
    title = attribute(2, 1, 0x8010, b"SHORT~1.PDF\0")
    content = attribute(2, 6, 0x800F, data)
    return (
        rendering
        + title
        + content
        + attribute(2, 6, 0x9005, properties((0x1F, 0x3707, f"{name}\0".encode("utf-16-le")), *more))
    )


def mailed(data: bytes, text: str = "", name: str = "winmail.dat") -> bytes:
    encoded = f'Content-Type: application/ms-tnef; name="{name}"\nContent-Transfer-Encoding: base64\n\n{base64.encodebytes(data).decode()}'
    return multipart("mixed", *([part("text/plain", text)] if text else []), encoded)


def test_files_come_out_with_their_long_names() -> None:
    mail = parse(
        mailed(
            wrapping(
                file("Jahresbericht für März.pdf", b"pdf"),
                file("b.txt", b"text", (0x1E, 0x370E, b"Text/Plain\0")),
            ),
            "see",
        )
    )
    assert [(one.filename, one.content_type, one.content) for one in mail.attachments] == [
        ("Jahresbericht für März.pdf", "application/pdf", b"pdf"),
        ("b.txt", "text/plain", b"text"),
    ]
    assert mail.text == "see"
    assert mail.defects == ()


def test_a_hidden_plain_body_comes_out() -> None:
    codepage = attribute(1, 6, 0x9007, struct.pack("<II", 1252, 0))
    assert (
        parse(mailed(wrapping(codepage, attribute(1, 2, 0x800C, "Grüße\0".encode("cp1252"))))).text == "Grüße"
    )


def test_a_hidden_html_body_comes_out() -> None:
    found = parse(
        mailed(wrapping(body((0x1E, 0x1000, b"plain\0"), (0x102, 0x1013, b"<p>Hello <b>you</b></p>"))))
    )
    assert found.text == "plain"
    assert "<b>you</b>" in found.html


def test_properties_with_names_and_many_values_are_passed_over() -> None:
    data = (
        struct.pack("<I", 4)
        + named(0x1E, b"x\0")
        + struct.pack("<HHI", 0x1003, 0x3000, 2)
        + b"\1\0\0\0\2\0\0\0"
    )
    data += struct.pack("<HHI", 0x40, 0x3007, 0) + b"\0\0\0\0" + properties((0x1E, 0x1000, b"plain\0"))[4:]
    assert parse(mailed(wrapping(attribute(1, 6, 0x9003, data)))).text == "plain"


def test_a_picture_knows_its_content_id() -> None:
    raw = wrapping(
        body((0x102, 0x1013, b'<img src="cid:pic@x">')),
        file("pic.png", b"png", (0x1E, 0x3712, b"pic@x\0"), (0x1E, 0x370E, b"image/png\0")),
    )
    assert [(one.content_id, one.inline) for one in parse(mailed(raw)).attachments] == [("pic@x", True)]


def test_a_mail_within_gives_its_text_and_files() -> None:
    inner = wrapping(body((0x1E, 0x1000, b"inner words\0")), file("deep.pdf", b"deep"))
    outer = attribute(2, 6, 0x9002, b"\0" * 14) + attribute(
        2,
        6,
        0x9005,
        properties((0x1F, 0x3001, "Old mail\0".encode("utf-16-le")), (0x0D, 0x3701, b"G" * 16 + inner)),
    )
    found = {one.filename: one.content for one in parse(mailed(wrapping(outer), "see")).attachments}
    assert found == {"deep.pdf": b"deep", "Old mail.txt": b"inner words"}


RTF = (
    rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 Gr\'fc\'dfe \u8364?5\par second {\b bold} \{x\}\par}"
)
FROM_HTML = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\par \htmlrtf0 Hello {\*\htmltag84 <b>}\htmlrtf {\b \htmlrtf0 you"
    rb"\htmlrtf }\htmlrtf0 {\*\htmltag92 </b>}\htmlrtf }\htmlrtf0 {\*\htmltag72 </p>}}"
)


def compressed(data: bytes) -> bytes:
    """LZFu without any compression: every token is a literal."""
    out = bytearray()
    for at in range(0, len(data), 8):
        out += b"\0" + data[at : at + 8]
    return struct.pack("<IIII", len(out) + 12, len(data), 0x75465A4C, 0) + bytes(out)


def test_rich_text_becomes_text_or_the_html_it_was() -> None:
    assert rtf.convert(RTF).text == "Grüße €5\nsecond bold {x}"
    found = rtf.convert(FROM_HTML)
    assert found.html.replace("\n", "") == "<p>Hello <b>you</b></p>"


def test_rich_text_is_the_body_when_nothing_else_is() -> None:
    assert parse(mailed(wrapping(body((0x102, 0x1009, compressed(RTF)))))).text.startswith("Grüße €5")
    assert "<b>you</b>" in parse(mailed(wrapping(body((0x102, 0x1009, compressed(FROM_HTML)))))).html


def test_the_example_of_the_specification_is_decompressed() -> None:
    example = (
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert rtf.decompress(bytes.fromhex(example)) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def test_what_is_copied_may_overlap_what_is_written() -> None:
    token = (207 << 4 | 8).to_bytes(2, "big")  # ten bytes from where the next one goes, minus one literal
    data = b"\x02X" + token
    raw = struct.pack("<IIII", len(data) + 12, 11, 0x75465A4C, 0) + data
    assert rtf.decompress(raw) == b"X" * 11


@pytest.mark.parametrize(
    "data", [b"", b"x" * 100, SIGNATURE[:4], SIGNATURE + b"\1\3\x90\6\0\xff\xff\xff\xff", SIGNATURE + b"\1"]
)
def test_broken_ones_stay_as_they_are(data: bytes) -> None:
    mail = parse(mailed(data or b"y", "see"))
    assert mail.text == "see"
    assert "could-not-parse" not in mail.defects


def test_no_broken_one_breaks_the_reader() -> None:
    chance = random.Random(7)
    whole = wrapping(
        body((0x102, 0x1009, compressed(RTF)), (0x1E, 0x1000, b"plain\0")), file("a.pdf", b"pdf")
    )
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(6, len(data))] = chance.randrange(256)
        assert "could-not-parse" not in parse(mailed(bytes(data[: chance.randrange(7, len(data))]))).defects
    for _ in range(400):
        assert (
            len(rtf.decompress(struct.pack("<IIII", 60, 10_000, 0x75465A4C, 0) + chance.randbytes(60)))
            <= 10_000
        )
        rtf.convert(chance.randbytes(200) + rb"{\rtf1\'zz\u99999999 {\*\x" + chance.randbytes(50))


def test_only_what_is_said_is_taken_from_rich_text() -> None:
    styled = (
        rb"{\rtf1\ansi\fromhtml1 {\*\htmltag34 <style>a:link \{color:blue\}</style>}{\mmathPr\mmathFont34\mbrkBin0}"
        rb"{\*\htmltag64 <p>}Hello{\*\htmltag72 </p>}}"
    )
    assert parse(mailed(wrapping(body((0x102, 0x1009, stored(styled)))))).text == "Hello"
    plain = rb"{\rtf1\ansi Hello\par\'00}"
    assert parse(mailed(wrapping(body((0x102, 0x1009, stored(plain)))))).text == "Hello"


def test_a_file_without_a_type_has_that_of_its_name() -> None:
    mail = parse(mailed(wrapping(*(file(name, b"x") for name in ("a.JPEG", "b.htm", "c.dat", "d"))), "see"))
    assert [one.content_type for one in mail.attachments] == [
        "image/jpeg",
        "text/html",
        "application/octet-stream",
        "application/octet-stream",
    ]


def test_an_enclosed_mail_that_says_nothing_is_kept_as_it_is() -> None:
    inner = wrapping(body((0x1F, 0x0037, "Members\0".encode("utf-16-le"))))
    mail = parse(mailed(wrapping(file("list", b"", (0x0D, 0x3701, b"G" * 16 + inner))), "see"))
    assert [(one.filename, one.content) for one in mail.attachments] == [("list.tnef", inner)]


def stored(text: bytes) -> bytes:
    """Rich text as it is kept without compression."""
    return struct.pack("<IIII", len(text) + 12, len(text), 0x414C454D, 0) + text
