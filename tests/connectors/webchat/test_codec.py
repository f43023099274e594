"""The widget's language: what is understood, what is refused and where, what is cleaned, and what leaves for the widget."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import HistoryFile, HistoryItem, Malformed, StoredFile
from connectors.webchat import codec
from connectors.webchat.codec import About, Beat, Hint, Identity, Older, Resume, Seen, Send, Start, Typing
from connectors.webchat.visitors import Claims, Visitor

VISITOR = Visitor(
    key="v_1",
    claims=Claims(name="Kim", email="kim@shop.example"),
    language="de",
    page="https://shop.example/a",
)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('{"t":"start"}', Start()),
        ('{"t":"start","token":"x.y","language":"de","new":1}', Start(token="x.y", language="de")),
        (
            '{"t":"start","identity":{"user":"u","signature":"s"}}',
            Start(identity=Identity(user="u", signature="s")),
        ),
        ('{"t":"resume","n":7,"id":"msg_1"}', Resume(n=7, id="msg_1")),
        ('{"t":"send","client":"abcdefgh","text":"x"}', Send(client="abcdefgh", text="x")),
        ('{"t":"typing","on":true}', Typing(on=True)),
        ('{"t":"seen","n":1,"id":"m","state":"read"}', Seen(n=1, id="m", state="read")),
        ('{"t":"about","email":"a@b.cd"}', About(email="a@b.cd")),
        ('{"t":"older","have":3}', Older(have=3)),
        ('{"t":"beat"}', Beat()),
    ],
)
def test_frames_are_understood(text: str, frame: codec.AnyFrame) -> None:
    assert codec.decode(text) == frame


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", ""),
        ("[]", ""),
        ("nonsense", ""),
        ("[" * 100_000, ""),
        ('{"t":"dance"}', "t"),
        ('{"t":"send","client":"short","text":"x"}', "client"),
        ('{"t":"send","client":"../../../etc","text":"x"}', "client"),
        ('{"t":"send","client":"abcdefgh\\n","text":"x"}', "client"),
        ('{"t":"send","client":"abcdefgh","text":5}', "text"),
        ('{"t":"send","client":"abcdefgh","files":[1]}', "files[0]"),
        ('{"t":"seen","n":-1,"id":"m","state":"read"}', "n"),
        ('{"t":"seen","n":1,"id":"m","state":"failed"}', "state"),
        ('{"t":"start","identity":{"user":""}}', "identity.user"),
        ('{"t":"start","token":"' + "x" * 300 + '"}', "token"),
    ],
)
def test_what_is_not_understood_is_named(text: str, field: str) -> None:
    with pytest.raises(Malformed) as error:
        codec.decode(text)
    assert error.value.field == field


@given(st.text(max_size=300) | st.builds(lambda data: data.decode("latin1"), st.binary(max_size=300)))
def test_no_text_breaks_the_decoder(text: str) -> None:
    with contextlib.suppress(Malformed):
        codec.decode(text)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  a\r\nb\rc \n", "a\nb\nc"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("a\u2028b\ufeffc\td", "abc\td"),
        ("e\u0301", "é"),
        ("<b>&amp;", "<b>&amp;"),
        ("\u202eabc", "\u202eabc"),
    ],
)
def test_text_stays_plain_text(text: str, clean: str) -> None:
    assert codec.clean_text(text) == clean


@given(st.text())
def test_cleaning_is_stable(text: str) -> None:
    once = codec.clean_text(text)
    assert codec.clean_text(once) == once


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\evil\\.htaccess", "htaccess"),
        ("a\x00b\n.txt", "a b .txt"),
        ("photo\u202egnp.exe", "photo gnp.exe"),
        ("\u200b.htaccess", "htaccess"),
        ("", "file"),
        ("...", "file"),
        ("x" * 4_000 + ".pdf", "x" * 116 + ".pdf"),
        ("y" * 4_000, "y" * 120),
    ],
)
def test_file_names_are_only_names(name: str, clean: str) -> None:
    assert codec.clean_file_name(name) == clean


@given(st.text())
def test_no_file_name_escapes(name: str) -> None:
    clean = codec.clean_file_name(name)
    assert 0 < len(clean) <= 120
    assert not set(clean) & set("/\\\x00\n\r")
    assert not clean.startswith(".")


@pytest.mark.parametrize("email", ["kim@shop.example", "k.i+m@mail.shop.example", "ü@bücher.example"])
def test_addresses_are_taken(email: str) -> None:
    assert codec.clean_claims("", f" {email} ").email == email


@pytest.mark.parametrize(
    "email",
    [
        "kim",
        "a@b",
        "a b@c.de",
        "a@b.c",
        "<a@b.de>",
        "a@b.de\nBcc: x@y.de",
        "a,b@c.de",
        "@b.de",
        "a@b.de" * 60,
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(Malformed) as error:
        codec.clean_claims("", email)
    assert error.value.field == "email"
    assert codec.lenient_claims(Start(name="Kim", email=email)) == Claims(name="Kim")


@pytest.mark.parametrize(
    ("tag", "language"),
    [("de", "de"), ("de-AT", "de"), ("PT_br", "pt"), ("", ""), ("x", ""), ("de; drop", "")],
)
def test_languages_are_first_subtags(tag: str, language: str) -> None:
    assert codec.clean_language(tag) == language


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://shop.example/a?token=secret#part", "https://shop.example/a"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("", ""),
        ("https://shop.example/\u202e", "https://shop.example/"),
    ],
)
def test_pages_keep_no_secrets(url: str, page: str) -> None:
    assert codec.clean_page(url) == page


def test_a_message_has_everything_the_stream_needs() -> None:
    file = StoredFile(blob="b", name="n", content_type="text/plain", size=1)
    made = codec.message(VISITOR, Send(client="abcdefgh", text=" Hi "), [file], 100, 5.0)
    assert (made.source_key, made.conversation_key, made.text, made.at) == (
        "msg:v_1:abcdefgh",
        "v_1",
        "Hi",
        5.0,
    )
    assert (made.sender.scheme, made.sender.value, made.sender.scope) == ("webchat", "v_1", "channel")
    assert (made.files, made.language, made.data) == ((file,), "de", {"page": "https://shop.example/a"})
    assert codec.client_id("v_1", made.source_key) == "abcdefgh"
    assert codec.client_id("v_2", made.source_key) == ""


def test_two_deliveries_of_one_frame_are_equal() -> None:
    frame = Send(client="abcdefgh", text="Hi", page="https://shop.example/b")
    assert codec.message(VISITOR, frame, [], 100, 5.0) == codec.message(VISITOR, frame, [], 100, 5.0)
    assert codec.profile(VISITOR, 1.0) == codec.profile(VISITOR, 1.0)
    assert codec.profile(VISITOR, 1.0).source_key != codec.profile(Visitor(key="v_1"), 1.0).source_key


def test_a_file_alone_is_a_message_but_nothing_is_none() -> None:
    file = StoredFile(blob="b", name="n", content_type="text/plain", size=1)
    assert codec.message(VISITOR, Send(client="abcdefgh"), [file], 100, 0.0).text == ""
    with pytest.raises(Malformed):
        codec.message(VISITOR, Send(client="abcdefgh"), [], 100, 0.0)


def test_receipts_and_signs_name_their_message() -> None:
    receipt = codec.receipt(VISITOR, Seen(n=3, id="msg_3", state="delivered"), 1.0)
    assert (receipt.provider_id, receipt.state, receipt.watermark) == ("msg_3", "delivered", True)
    assert receipt.source_key != codec.receipt(VISITOR, Seen(n=3, id="msg_3", state="read"), 1.0).source_key
    assert codec.typing(VISITOR, on=False, at=1.0).on is False


def test_the_widget_is_told_what_it_shows_and_nothing_else() -> None:
    item = HistoryItem(
        n=9, id="msg_9", conversation="cnv_1", direction="out", text="<b>", at=1.0, author="Mara", source_key="secret",
        delivery="queued", automatic=True, files=(HistoryFile(id="f", name="../a\u202e.txt", content_type="text/plain", size=2),),
    )  # fmt: skip
    assert codec.item("v_1", item, lambda file: f"files/{file.id}") == {
        "n": 9, "id": "msg_9", "dir": "out", "text": "<b>", "at": 1.0, "state": "queued", "author": "Mara", "automatic": True,
        "files": [{"id": "f", "name": "a .txt", "type": "text/plain", "size": 2, "url": "files/f"}],
    }  # fmt: skip
    mine = msgspec.structs.replace(
        item, direction="in", source_key="msg:v_1:abcdefgh", files=(), automatic=False
    )
    assert codec.item("v_1", mine, str) == {
        "n": 9, "id": "msg_9", "dir": "in", "text": "<b>", "at": 1.0, "state": "queued", "client": "abcdefgh",
    }  # fmt: skip


@pytest.mark.parametrize(
    "one",
    [Hint(key="k"), Hint(key="k", kind="typing", on=True, name="Mara"), Hint(key="k", kind="read", n=4)],
)
def test_hints_survive_the_bus(one: Hint) -> None:
    assert codec.read_hint(codec.hint(one)) == one


@pytest.mark.parametrize("payload", [b"", b"\xff", b"[]", b'{"kind":"dance"}', b"{"])
def test_a_hint_that_cannot_be_read_is_none(payload: bytes) -> None:
    assert codec.read_hint(payload) is None
