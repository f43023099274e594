"""Signatures that another implementation accepts, for every kind of key, and that break when anything that they cover changes."""

from __future__ import annotations

import base64
import hashlib

import dkim as checker
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dkim.canonicalization import Relaxed
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Secret
from connectors.email.dkim import private_key, relaxed_body, signed
from connectors.email.settings import DkimSettings

RAW = (
    b"From: Support <support@example.com>\r\nTo: ann@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n  and more\r\n"
    b"Date: Mon, 4 Mar 2024 10:15:00 +0100\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain\r\n\r\nHello \t there  \r\n\r\n.dot\r\n\r\n\r\n"
)
RSA = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
EDWARDS = Ed25519PrivateKey.generate()


def pem(key: object) -> str:
    return key.private_bytes(  # type: ignore[attr-defined,no-any-return]  # every private key has it
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def settings(key: object) -> DkimSettings:
    return DkimSettings(domain="example.com", selector="s1", key=Secret(pem(key)))


def in_dns(key: object) -> bytes:
    """The text that stands in the DNS (RFC 6376 3.6.1; RFC 8463 4)."""
    public = key.public_key()  # type: ignore[attr-defined]  # every private key has it
    if isinstance(key, Ed25519PrivateKey):
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(raw)
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)


def accepted(raw: bytes, key: object) -> bool:
    def look_up(name: bytes, **_: object) -> bytes:
        assert name == b"s1._domainkey.example.com."
        return in_dns(key)

    return bool(checker.verify(raw, dnsfunc=look_up))


def test_another_implementation_accepts_it() -> None:
    made = signed(RAW, settings(RSA), 1_709_543_700.0)
    assert made.endswith(RAW)
    assert b"a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1;" in made
    assert accepted(made, RSA)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Hello", b"Hullo"),
        (b"To: ann", b"To: bob"),
        (b"MIME-Version", b"From: evil@example.net\r\nMIME-Version"),
        (b"t=1709543700", b"t=1709543701"),
    ],
)
def test_what_it_covers_cannot_be_changed(old: bytes, new: bytes) -> None:
    made = signed(RAW, settings(RSA), 1_709_543_700.0)
    assert old in made
    assert not accepted(made.replace(old, new, 1), RSA)


def test_what_servers_do_on_the_way_does_no_harm() -> None:
    made = signed(RAW, settings(RSA), 1.0).replace(b"To: ann@example.org", b"TO:   ann@example.org  ")
    assert accepted(b"Received: from a by b\r\n" + made + b"\r\n\r\n", RSA)


@given(st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n", b".", b"b  c"]), max_size=30))
def test_any_body(pieces: list[bytes]) -> None:
    body = b"".join(pieces) + b"\r\n"
    raw = RAW.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body
    assert accepted(signed(raw, settings(RSA), 1.0), RSA)


def test_a_signature_by_ed25519_is_what_the_standard_says() -> None:
    made = signed(RAW, settings(EDWARDS), 1.0)
    assert b"a=ed25519-sha256" in made
    # The checker has no Ed25519 of its own: the bytes to be signed are as for RSA, their digest is what is signed (RFC 8463 3).
    field = made[: -len(RAW)]
    unsigned, _, text = field.rpartition(b"b=")
    names = unsigned.partition(b" h=")[2].partition(b";")[0].decode().split(":")
    heads = dict(Relaxed.canonicalize_headers([tuple(line.split(b":", 1)) for line in _unfolded(RAW)]))
    told = [name.encode() + b":" + heads.pop(name.encode()) for name in names if name.encode() in heads]
    ((_, last),) = Relaxed.canonicalize_headers([(b"DKIM-Signature", unsigned.partition(b":")[2] + b"b=")])
    covered = b"".join(told) + b"dkim-signature:" + last.rstrip(b"\r\n")
    EDWARDS.public_key().verify(base64.b64decode(text), hashlib.sha256(covered).digest())


def _unfolded(raw: bytes) -> list[bytes]:
    return raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").split(b"\r\n")


def test_an_empty_body_is_empty() -> None:
    assert relaxed_body(b"") == relaxed_body(b"\r\n\r\n") == relaxed_body(b"  \r\n") == b""
    assert relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("nothing", "not a private key in PEM form"),
        (
            pem(rsa.generate_private_key(public_exponent=65_537, key_size=1_024)).replace("A", "B"),
            "not a private",
        ),
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither Ed25519 nor RSA"),
    ],
)
def test_a_wrong_key_is_named_without_being_shown(key: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        private_key(key)
    assert key[:40] not in str(caught.value)
