"""Signatures: what is genuine passes with any candidate secret, everything else fails and says nothing."""

import base64
import hashlib
import hmac
from typing import Any

import pytest

from connectors.contract import Secret, Verification
from connectors.kit.signatures import MAX_SIGNATURES, Check, check_of, sign, signing_key

OLD = "whsec_" + base64.b64encode(b"o" * 24).decode()
NEW = "whsec_" + base64.b64encode(b"n" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"x" * 24).decode()
STANDARD = Verification(scheme="standard-webhooks", secret="secrets")
NOW = 1_700_000_000.0


def checker(*secrets: str, verification: Verification = STANDARD) -> Check:
    return check_of(verification, [Secret(text) for text in secrets])


def signed(*secrets: str, body: bytes = b"{}", ident: str = "evt_1", at: int = int(NOW)) -> dict[str, str]:
    return sign([signing_key(text) for text in secrets], ident, at, body)


def test_the_signature_is_that_of_the_specification() -> None:
    headers = signed(OLD, body=b'{"a":1}', ident="msg_1", at=1674087231)
    mac = hmac.new(b"o" * 24, b'msg_1.1674087231.{"a":1}', hashlib.sha256).digest()
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1674087231",
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


@pytest.mark.parametrize(
    ("signing", "accepting"), [([OLD], [NEW, OLD]), ([NEW, OLD], [OLD]), ([NEW, OLD], [NEW]), ([OLD], [OLD])]
)
def test_secrets_rotate_without_a_gap(signing: list[str], accepting: list[str]) -> None:
    assert checker(*accepting)(signed(*signing), b"{}", NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1a," + "A" * 88},
        {"webhook-signature": "v2," + "A" * 44},
        {"webhook-signature": "v1,äöü"},
        {"webhook-id": ""},
        {"webhook-id": "evt_2"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "١٧٠٠٠٠٠٠٠٠"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "-5"},
    ],
)
def test_a_changed_header_fails(change: dict[str, str]) -> None:
    assert not checker(OLD)({**signed(OLD), **change}, b"{}", NOW)


def test_a_missing_header_or_a_changed_body_fails() -> None:
    headers = signed(OLD)
    for name in headers:
        assert not checker(OLD)({key: value for key, value in headers.items() if key != name}, b"{}", NOW)
    assert not checker(OLD)(headers, b"{ }", NOW)
    assert not checker(OTHER)(headers, b"{}", NOW)


@pytest.mark.parametrize(("skew", "good"), [(300, True), (-300, True), (301, False), (-301, False)])
def test_a_stale_request_fails(skew: int, good: bool) -> None:
    assert checker(OLD)(signed(OLD), b"{}", NOW + skew) is good


def test_signatures_beyond_the_limit_are_not_looked_at() -> None:
    genuine = signed(OLD)["webhook-signature"]
    padding = " ".join(["v1," + "A" * 44] * (MAX_SIGNATURES - 1))
    headers = signed(OLD)
    assert checker(OLD)({**headers, "webhook-signature": f"{padding} {genuine}"}, b"{}", NOW)
    assert not checker(OLD)({**headers, "webhook-signature": f"{padding} v1,x {genuine}"}, b"{}", NOW)


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        ("plain", "starts with whsec_"),
        ("whsec_", "starts with whsec_"),
        ("whsec_***", "base64"),
        ("whsec_" + base64.b64encode(b"short").decode(), "24 to 64 bytes"),
        ("whsec_" + base64.b64encode(b"l" * 65).decode(), "24 to 64 bytes"),
    ],
)
def test_a_bad_secret_is_named_without_showing_it(secret: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        signing_key(secret)
    assert secret not in str(caught.value) or secret == "whsec_"


def test_an_id_with_a_full_stop_is_not_signed() -> None:
    with pytest.raises(ValueError, match="full stop"):
        sign([b"k" * 24], "a.b", 1, b"")


@pytest.mark.parametrize("secrets", [[], [Secret("")]])
@pytest.mark.parametrize("scheme", ["standard-webhooks", "header-secret", "hmac-body"])
def test_without_a_secret_nothing_is_verified(secrets: list[Secret], scheme: Any) -> None:
    with pytest.raises(ValueError, match="empty"):
        check_of(Verification(scheme=scheme, secret="token"), secrets)


def test_a_shared_header() -> None:
    check = checker(
        "one", "two", verification=Verification(scheme="header-secret", secret="s", header="X-Token")
    )
    assert check({"x-token": "two"}, b"", NOW)
    assert not check({"x-token": "three"}, b"", NOW)
    assert not check({"x-token": ""}, b"", NOW)
    assert not check({}, b"", NOW)


@pytest.mark.parametrize("digest", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_an_hmac_over_the_body(digest: Any, encoding: Any) -> None:
    declared = Verification(
        scheme="hmac-body",
        secret="s",
        header="X-Hub-Signature",
        prefix="sig=",
        digest=digest,
        encoding=encoding,
    )
    check = checker("old", "key", verification=declared)
    mac = hmac.new(b"key", b"body", digest).digest()
    text = mac.hex() if encoding == "hex" else base64.b64encode(mac).decode()
    assert check({"x-hub-signature": f"sig={text}"}, b"body", NOW)
    assert not check({"x-hub-signature": text}, b"body", NOW)
    assert not check({"x-hub-signature": f"sig={text}"}, b"bodY", NOW)
    assert not check({}, b"body", NOW)
