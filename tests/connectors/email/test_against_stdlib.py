"""The tree of parts beside the standard library's (compat32), on mails that both can read: same parts, same bytes."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage, Message
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.email.codec import parse
from connectors.email.structure import Entity, read_structure
from connectors.email.transfer import decode

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.eml"))


def ours(raw: bytes) -> list[tuple[str, bytes]]:
    leaves = (entity for entity in read_structure(raw, set()).walk() if not entity.children)
    return [(one.type, _lines(decode(one.body, one.encoding))) for one in leaves]


def theirs(raw: bytes) -> list[tuple[str, bytes]]:
    message: Message = email.message_from_bytes(raw)
    found = []
    for part in message.walk():
        if part.is_multipart():
            if part.get_content_type() == "message/delivery-status":
                found.append(("message/delivery-status", b""))
            continue
        if (
            part.get_content_type() == "text/plain"
            and not part.keys()
            and found[-1:] == [("message/delivery-status", b"")]
        ):
            continue
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        found.append((part.get_content_type(), _lines(payload)))
    return found


def _lines(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").rstrip(b"\n")


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: str(path.stem))
def test_the_corpus_has_the_same_parts(path: Path) -> None:
    raw = path.read_bytes()
    if b"delivery-status" in raw or b"disposition-notification" in raw or b"feedback-report" in raw:
        pytest.skip("the standard library cuts reports into messages")
    assert ours(raw) == theirs(raw)


texts = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=200)
names = st.text(st.characters(categories=("L", "N"), include_characters=" .-_()"), min_size=1, max_size=60)


@given(texts, st.one_of(st.none(), texts), st.lists(st.tuples(names, st.binary(max_size=300)), max_size=4))
@settings(max_examples=100)
def test_what_the_standard_library_writes_is_read_back(
    text: str, rich: str | None, files: list[tuple[str, bytes]]
) -> None:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = "Ann <ann@example.org>"
    message["Subject"] = "Grüße"
    message.set_content(text)
    if rich is not None:
        message.add_alternative(f"<p>{rich.replace('<', '&lt;')}</p>", subtype="html")
    for name, content in files:
        message.add_attachment(content, "application", "octet-stream", filename=name)
    mail = parse(message.as_bytes())
    assert mail.subject == "Grüße"
    assert [one.content for one in mail.attachments] == [content for _, content in files]
    if text.strip():
        assert mail.text.split() == text.split()


def test_entities_know_their_parents() -> None:
    root = read_structure(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b--\n", set())
    child: Entity = root.children[0]
    assert (child.parent, child.depth, child.body) == (root, 1, b"hello")
