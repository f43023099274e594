"""Mail that a provider posts: whether the request is genuine, and the raw mail in it. Pure; each provider's documents are named.

Only forms with the whole mail are taken (SendGrid "send raw", Mailgun addresses ending in `mime`, Postmark "include raw email"): parsed
ones have lost what threading, reports and automatic mail are told by.
"""

from __future__ import annotations

import base64
import binascii
import email
import hashlib
import hmac
from collections.abc import Mapping
from email.message import Message
from email.policy import compat32
from urllib.parse import parse_qsl

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.contract import Malformed
from connectors.email.settings import WebhookSettings

MAX_FIELDS = 100
# Mailgun tries for eight hours, SendGrid for three days, with the signature of the first time. A repeat changes nothing: keys tell.
TOLERANCE = {"mailgun": 9 * 3_600.0, "sendgrid": 73 * 3_600.0}
_SIGNATURE, _TIMESTAMP = "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"


class Posted(msgspec.Struct, frozen=True):
    """A mail with its envelope."""

    raw: bytes
    sender: str = ""
    recipients: tuple[str, ...] = ()


def is_known(headers: Mapping[str, str], settings: WebhookSettings) -> bool:
    """Whether name and password (RFC 7617) are right, where they are asked for. Header names are lower case."""
    if settings.password is None:
        return True
    kind, _, coded = headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(coded.strip(), validate=True) if kind.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(given, f"{settings.user}:{settings.password.reveal()}".encode())


def posted(headers: Mapping[str, str], body: bytes, settings: WebhookSettings, now: float) -> Posted | None:
    """The mail of a request; None when its signature is wrong or too old. Raises `Malformed` when it holds no raw mail."""
    if settings.provider == "postmark":
        return _postmark(body)
    if settings.provider == "sendgrid" and not _signed_by_sendgrid(headers, body, settings, now):
        return None
    form = fields(headers.get("content-type", ""), body)
    if settings.provider == "mailgun":
        return _mailgun(form, settings, now)
    return _sendgrid(form)


def _postmark(body: bytes) -> Posted:
    """See https://postmarkapp.com/developer/webhooks/inbound-webhook ."""
    try:
        given = msgspec.json.decode(body, type=dict[str, object])
    except msgspec.DecodeError as error:
        raise Malformed("This is no JSON object.") from error
    raw = given.get("RawEmail")
    if not isinstance(raw, str) or not raw:
        raise Malformed(
            'There is no raw mail: switch on "Include raw email content in JSON payload".', "RawEmail"
        )
    recipient = given.get("OriginalRecipient")
    return Posted(
        raw.encode("utf-8", "surrogateescape"), "", (recipient,) if isinstance(recipient, str) else ()
    )


def _mailgun(form: Mapping[str, bytes], settings: WebhookSettings, now: float) -> Posted | None:
    """https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http (signature: timestamp + token)."""
    stamp, token = form.get("timestamp", b""), form.get("token", b"")
    key = settings.signing_key.reveal().encode() if settings.signing_key else b""
    right = hmac.new(key, stamp + token, hashlib.sha256).hexdigest().encode()
    if (
        not key
        or not hmac.compare_digest(right, form.get("signature", b""))
        or not _is_fresh(stamp, "mailgun", now)
    ):
        return None
    if not form.get("body-mime"):
        raise Malformed(
            "There is no raw mail: the address of the route's forward() must end with /mime.", "body-mime"
        )
    recipients = tuple(one.strip() for one in _text(form, "recipient").split(",") if one.strip())
    return Posted(form["body-mime"], _text(form, "sender"), recipients)


def _sendgrid(form: Mapping[str, bytes]) -> Posted:
    """See https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook ."""
    if not form.get("email"):
        raise Malformed('There is no raw mail: switch on "Send raw".', "email")
    try:
        envelope = msgspec.json.decode(form.get("envelope") or b"{}", type=_Envelope)
    except msgspec.DecodeError:
        envelope = _Envelope()
    return Posted(form["email"], envelope.sender, tuple(envelope.to))


class _Envelope(msgspec.Struct, rename={"sender": "from"}):
    sender: str = ""
    to: list[str] = []


def _signed_by_sendgrid(
    headers: Mapping[str, str], body: bytes, settings: WebhookSettings, now: float
) -> bool:
    """https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/securing-your-parse-webhooks: ECDSA over timestamp + body."""
    if settings.signing_key is None:
        return True
    stamp = headers.get(_TIMESTAMP, "").encode()
    try:
        key = serialization.load_der_public_key(base64.b64decode(settings.signing_key.reveal()))
        signature = base64.b64decode(headers.get(_SIGNATURE, ""), validate=True)
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        key.verify(signature, stamp + body, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return _is_fresh(stamp, "sendgrid", now)


def _is_fresh(stamp: bytes, provider: str, now: float) -> bool:
    return stamp.isdigit() and len(stamp) < 16 and abs(now - int(stamp)) <= TOLERANCE[provider]


def fields(content_type: str, body: bytes) -> dict[str, bytes]:
    """The fields of a form, of either kind (RFC 7578, URL-encoded). Raises `Malformed`."""
    if content_type.lower().startswith("application/x-www-form-urlencoded"):
        try:
            # Latin-1 both ways: a byte stays a byte.
            text = body.decode("latin-1")
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, encoding="latin-1")
        except ValueError as error:
            raise Malformed("This is no form that can be read.") from error
        return {name: value.encode("latin-1") for name, value in pairs}
    if not content_type.lower().startswith("multipart/form-data"):
        raise Malformed("This is no form.")
    return _parts(content_type, body)


def _parts(content_type: str, body: bytes) -> dict[str, bytes]:
    head = Message(policy=compat32)
    head["Content-Type"] = "".join(char for char in content_type if char.isprintable())
    boundary = str(head.get_param("boundary") or "").encode("ascii", "replace")
    if not 0 < len(boundary) <= 200:
        raise Malformed("This form names no boundary.")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, MAX_FIELDS + 1)
    found: dict[str, bytes] = {}
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            return found
        lines, mark, content = piece.partition(b"\r\n\r\n")
        named = email.message_from_bytes(lines.strip() + b"\r\n\r\n", policy=compat32)
        name = named.get_param("name", header="content-disposition")
        if mark and isinstance(name, str):
            found.setdefault(name, content)
    raise Malformed("This form has no end, or too many fields.")


def _text(form: Mapping[str, bytes], name: str) -> str:
    return form.get(name, b"").decode("utf-8", "replace")
