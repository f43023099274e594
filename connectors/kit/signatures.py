"""Proving and checking who sent a request: Standard Webhooks 1.0, a shared header, an HMAC over the body. Pure: time is an argument.

Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks (spec/standard-webhooks.md). The signed content is
`{id}.{timestamp}.{body}`; a symmetric secret is `whsec_` + base64 of 24 to 64 bytes; the signature header is a list separated by spaces
of `v1,` + base64(HMAC-SHA256), one per secret, so that secrets rotate without a gap. `v1a` (ed25519) entries are passed over.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping, Sequence

from connectors.contract import Secret, Verification

Check = Callable[[Mapping[str, str], bytes, float], bool]
"""(headers in lower case, raw body, now) -> genuine or not. Says nothing more on purpose: a caller can leak no computed value."""

MAX_SIGNATURES = 16
"""More entries than this in one header are not looked at."""


def signing_key(secret: str) -> bytes:
    """The key bytes of a `whsec_` secret. Raises `ValueError` with a sentence for the operator, without the secret."""
    prefix, _, encoded = secret.partition("_")
    if prefix != "whsec" or not encoded:
        raise ValueError("a Standard Webhooks secret starts with whsec_ and goes on in base64")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("what follows whsec_ must be base64") from None
    if not 24 <= len(key) <= 64:
        raise ValueError(f"a Standard Webhooks secret has 24 to 64 bytes, this one has {len(key)}")
    return key


def sign(keys: Sequence[bytes], ident: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers for one attempt, signed with every key (newest first)."""
    if "." in ident:
        raise ValueError("a webhook id must not contain a full stop")
    content = _signed(ident, str(timestamp), body)
    return {
        "webhook-id": ident,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_mac(key, content).decode()}" for key in keys),
    }


def _signed(ident: str, timestamp: str, body: bytes) -> bytes:
    return b"%s.%s.%s" % (ident.encode(), timestamp.encode(), body)


def _mac(key: bytes, content: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, content, "sha256"))


def check_of(verification: Verification, secrets: Sequence[Secret]) -> Check:
    """The check that a channel declared, over its candidate secrets. Raises `ValueError` when a secret cannot be one."""
    if verification.scheme == "none":
        return lambda _headers, _body, _now: True
    if not secrets or not all(secret.reveal() for secret in secrets):
        raise ValueError(f"the webhook's secret ({verification.secret}) is empty: nothing could be verified")
    texts = [secret.reveal() for secret in secrets]
    if verification.scheme == "standard-webhooks":
        return _standard([signing_key(text) for text in texts], verification.tolerance)
    if verification.scheme == "header-secret":
        return _header_secret([text.encode() for text in texts], verification.header.lower())
    return _hmac_body([text.encode() for text in texts], verification)


def _standard(keys: list[bytes], tolerance: int) -> Check:
    def check(headers: Mapping[str, str], body: bytes, now: float) -> bool:
        ident, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if (
            not ident
            or not stamp.isascii()
            or not stamp.isdigit()
            or len(stamp) > 12
            or abs(now - int(stamp)) > tolerance
        ):
            return False
        given = [
            entry[3:].encode("ascii", "replace")
            for entry in headers.get("webhook-signature", "").split(" ", MAX_SIGNATURES)[:MAX_SIGNATURES]
            if entry.startswith("v1,")
        ]
        content = _signed(ident, stamp, body)
        good = False
        for key in keys:
            expected = _mac(key, content)
            for signature in given:
                good |= hmac.compare_digest(expected, signature)
        return good

    return check


def _header_secret(secrets: list[bytes], header: str) -> Check:
    def check(headers: Mapping[str, str], _body: bytes, _now: float) -> bool:
        given = headers.get(header, "").encode("utf-8", "replace")
        good = False
        for secret in secrets:
            good |= hmac.compare_digest(secret, given)
        return good

    return check


def _hmac_body(secrets: list[bytes], declared: Verification) -> Check:
    header, prefix = declared.header.lower(), declared.prefix

    def check(headers: Mapping[str, str], body: bytes, _now: float) -> bool:
        given = headers.get(header, "")
        if not given.startswith(prefix):
            return False
        signature = given[len(prefix) :].encode("ascii", "replace")
        good = False
        for secret in secrets:
            digest = hmac.digest(secret, body, declared.digest)
            expected = digest.hex().encode() if declared.encoding == "hex" else base64.b64encode(digest)
            good |= hmac.compare_digest(
                expected, signature.lower() if declared.encoding == "hex" else signature
            )
        return good

    return check
