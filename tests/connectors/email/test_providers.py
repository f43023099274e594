"""Forms of the providers in our own words: genuine ones give their raw mail, all others nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Malformed, Secret
from connectors.email.providers import MAX_FIELDS, TOLERANCE, Posted, fields, is_known, posted
from connectors.email.settings import WebhookSettings
from connectors.kit.multipart import FilePart, multipart

NOW = 1_709_543_700.0
RAW = b"From: Ann <ann@example.org>\r\nSubject: \xe9t\xe9\r\n\r\nHello\r\n"
KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
POSTMARK = WebhookSettings(provider="postmark", user="parley", password=Secret("word"))
MAILGUN = WebhookSettings(provider="mailgun", signing_key=Secret("mailgun key"))
SENDGRID = WebhookSettings(provider="sendgrid", signing_key=Secret(PUBLIC))


def form(**values: bytes | str) -> tuple[dict[str, str], bytes]:
    lines = b"".join(
        b'--b0\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (name.replace("_", "-").encode(), value.encode() if isinstance(value, str) else value)
        for name, value in values.items()
    )
    return {"content-type": 'multipart/form-data; boundary="b0"'}, lines + b"--b0--\r\n"


def mailgun(at: float = NOW, key: bytes = b"mailgun key", **more: bytes | str) -> dict[str, bytes | str]:
    stamp = str(int(at))
    signature = hmac.new(key, f"{stamp}token".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": stamp, "token": "token", "signature": signature, "body-mime": RAW, **more}


def sendgrid(body: bytes, at: float = NOW, key: Any = KEY) -> dict[str, str]:
    stamp = str(int(at))
    return {
        "x-twilio-email-event-webhook-timestamp": stamp,
        "x-twilio-email-event-webhook-signature": base64.b64encode(
            key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        ).decode(),
    }


def test_mailgun_posts_the_raw_mail_in_either_kind_of_form() -> None:
    wanted = Posted(RAW, "ann@example.org", ("support@example.com",))
    values = mailgun(sender="ann@example.org", recipient="support@example.com")
    headers, body = form(**values)
    assert posted(headers, body, MAILGUN, NOW) == wanted
    coded = urlencode(values).encode()
    assert posted({"content-type": "application/x-www-form-urlencoded"}, coded, MAILGUN, NOW) == wanted


@pytest.mark.parametrize(
    "values",
    [
        mailgun(key=b"another key"),
        mailgun(signature=""),
        mailgun(token="another token"),
        mailgun(at=NOW - TOLERANCE["mailgun"] - 1),
        mailgun(at=NOW + TOLERANCE["mailgun"] + 1),
        mailgun(timestamp="soon"),
    ],
)
def test_a_mailgun_form_that_is_not_signed_or_too_old_is_nothing(values: dict[str, bytes | str]) -> None:
    assert posted(*form(**values), MAILGUN, NOW) is None


def test_sendgrid_signs_what_it_posts() -> None:
    headers, body = form(
        email=RAW, envelope=json.dumps({"to": ["support@example.com"], "from": "ann@example.org"})
    )
    wanted = Posted(RAW, "ann@example.org", ("support@example.com",))
    assert posted(headers | sendgrid(body), body, SENDGRID, NOW) == wanted
    for wrong in (
        headers,
        headers | sendgrid(body + b" "),
        headers | sendgrid(body, key=ec.generate_private_key(ec.SECP256R1())),
        headers | sendgrid(body, at=NOW - TOLERANCE["sendgrid"] - 1),
        headers | sendgrid(body) | {"x-twilio-email-event-webhook-signature": "no base64!"},
    ):
        assert posted(wrong, body, SENDGRID, NOW) is None


def test_postmark_posts_json_with_name_and_password() -> None:
    body = json.dumps({"RawEmail": "Subject: x\r\n\r\nHello", "OriginalRecipient": "s@example.com"}).encode()
    assert posted({}, body, POSTMARK, NOW) == Posted(b"Subject: x\r\n\r\nHello", "", ("s@example.com",))
    right = "Basic " + base64.b64encode(b"parley:word").decode()
    assert is_known({"authorization": right}, POSTMARK)
    for wrong in (
        "",
        "Basic",
        "Basic !",
        "Bearer " + right,
        right[:-2],
        "Basic " + base64.b64encode(b"parley:").decode(),
    ):
        assert not is_known({"authorization": wrong}, POSTMARK)
    assert is_known({}, MAILGUN)


@pytest.mark.parametrize(
    ("body", "settings", "said"),
    [
        (b"{}", POSTMARK, "Include raw email content"),
        (b"[", POSTMARK, "no JSON"),
        (b"x", MAILGUN, "no form"),
        (form(**mailgun() | {"body-mime": ""})[1], MAILGUN, "must end with /mime"),
        (
            form(text="Hello")[1],
            WebhookSettings(provider="sendgrid", user="u", password=Secret("p")),
            "Send raw",
        ),
        (form(a="b")[1][:-8], MAILGUN, "no end"),
    ],
)
def test_what_holds_no_raw_mail_says_what_to_switch_on(
    body: bytes, settings: WebhookSettings, said: str
) -> None:
    headers = {} if body == b"x" else form()[0]
    with pytest.raises(Malformed, match=said):
        posted(headers, body, settings, NOW)


def test_a_form_has_an_end() -> None:
    headers, body = form(**{f"f{n}": "x" for n in range(MAX_FIELDS + 5)})
    with pytest.raises(Malformed):
        fields(headers["content-type"], body)
    with pytest.raises(Malformed):
        fields(
            "application/x-www-form-urlencoded",
            urlencode({f"f{n}": "x" for n in range(MAX_FIELDS + 5)}).encode(),
        )


def test_forms_of_other_programs_are_read() -> None:
    kind, body = multipart({"a": "1"}, FilePart("email", "m.eml", "message/rfc822", RAW), "zzz")
    assert fields(kind, body) == {"a": b"1", "email": RAW}


@given(st.binary(max_size=300), st.text(max_size=60))
def test_any_bytes_are_a_form_or_none(body: bytes, kind: str) -> None:
    for content_type in (kind, "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"):
        try:
            found = fields(content_type, body)
        except Malformed:
            continue
        assert all(isinstance(value, bytes) for value in found.values())
