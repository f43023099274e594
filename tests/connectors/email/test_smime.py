"""Opaque S/MIME: what was signed is read, whether it is encoded with known or unknown lengths; anything else stays a file."""

from __future__ import annotations

import base64
import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from connectors.email.codec import parse
from connectors.email.smime import MAX_DEPTH, signed_content
from tests.connectors.email.letters import letter

INNER = b"Content-Type: text/plain; charset=utf-8\r\n\r\nThe signed words.\r\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nWords.\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n--b--\r\n"


def signed(content: bytes, *options: pkcs7.PKCS7Options) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ann Lee")])
    day = datetime.datetime(2024, 3, 4, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day)
        .not_valid_after(day + datetime.timedelta(days=9_000))
        .sign(key, hashes.SHA256())
    )
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def mail(der: bytes, parameters: str = "; smime-type=signed-data; name=smime.p7m") -> bytes:
    head = f"Content-Type: application/pkcs7-mime{parameters}\nContent-Transfer-Encoding: base64\n"
    return letter(head, base64.encodebytes(der).decode())


def streamed(content: bytes) -> bytes:
    """The same with lengths that were not known beforehand, in pieces, as programs write that sign while they send."""
    pieces = b"".join(b"\x04" + bytes([len(piece)]) + piece for piece in (content[:20], content[20:]))
    octets = b"\x24\x80" + pieces + b"\0\0"
    data = bytes.fromhex("06092a864886f70d010701")
    inner = b"\x30\x80" + data + b"\xa0\x80" + octets + b"\0\0" + b"\0\0"
    body = b"\x30\x80" + b"\x02\x01\x01" + b"\x31\x80" + b"\x30\x00" + b"\0\0" + inner + b"\x31\x00" + b"\0\0"
    return b"\x30\x80" + bytes.fromhex("06092a864886f70d010702") + b"\xa0\x80" + body + b"\0\0" + b"\0\0"


@pytest.mark.parametrize("der", [signed(INNER), streamed(INNER)], ids=["known lengths", "unknown lengths"])
def test_what_was_signed_is_read(der: bytes) -> None:
    found = parse(mail(der))
    assert (found.reply, found.security) == ("The signed words.", "signed")
    assert [one.filename for one in found.attachments] == ["smime.p7m"]


def test_files_that_were_signed_are_files() -> None:
    found = parse(mail(signed(MIXED), "; name=smime.p7m"))
    assert (found.text, found.security) == ("Words.", "signed")
    assert [one.filename for one in found.attachments] == ["a.pdf", "smime.p7m"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x80" * 5_000,
        b"\x30\x84\xff\xff\xff\xff",
        signed(INNER, pkcs7.PKCS7Options.DetachedSignature),
        streamed(INNER)[:40],
        b"\x30\x80" + bytes.fromhex("06092a864886f70d010703"),
        b"\x30\x80"
        + bytes.fromhex("06092a864886f70d010702")
        + b"\xa0\x80\x30\x80"
        + b"\x31\x80" * (MAX_DEPTH + 3),
    ],
)
def test_nothing_else_is_opened(data: bytes) -> None:
    assert signed_content(data) == b""


def test_an_encrypted_mail_stays_closed() -> None:
    found = parse(
        mail(
            b"\x30\x80" + bytes.fromhex("06092a864886f70d010703"),
            "; smime-type=enveloped-data; name=smime.p7m",
        )
    )
    assert (found.text, found.security, len(found.attachments)) == ("", "encrypted", 1)
