"""Signing mail for its domain (DKIM: RFC 6376, Ed25519: RFC 8463), relaxed/relaxed, for servers that do not do it. Pure, but for the key.

On `cryptography`: the library for this, dkimpy, computes with the private key in plain Python, where the time that it takes tells
about the key; the tests check every signature against it.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from connectors.email.settings import DkimSettings

SMALLEST_RSA = 1_024
# Everything that says who, to whom, when and how to read it. From is named once more than it is there: nobody can add a second one.
_SIGNED = (
    "from", "from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
    "content-type", "content-transfer-encoding", "auto-submitted", "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
_BLANKS = re.compile(rb"[ \t]+")


def signed(raw: bytes, settings: DkimSettings, at: float) -> bytes:
    """The mail with its signature on top. `raw` has CRLF line ends; `at` (seconds) dates the signature. Raises `ValueError` on a wrong key."""
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = _fields(head)
    present = [name for name in dict.fromkeys(_SIGNED) if name == "from" or name in fields]
    names = [name for name in _SIGNED if name in present]
    key = private_key(settings.key.reveal())
    algorithm = "ed25519-sha256" if isinstance(key, Ed25519PrivateKey) else "rsa-sha256"
    digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
    value = (
        f"v=1; a={algorithm}; c=relaxed/relaxed; d={settings.domain}; s={settings.selector};\r\n\tt={int(at)};"
        f" h={':'.join(names)};\r\n\tbh={digest};\r\n\tb="
    )
    # Once, as it is there; the second "from" finds none and counts as nothing (5.4.2).
    told = [fields.pop(name) for name in names if name in fields]
    signing = b"\r\n".join([*told, _relaxed(b"dkim-signature:" + value.encode())])
    signature = base64.b64encode(_sign(key, signing)).decode()
    folded = "\r\n\t".join(signature[start : start + 72] for start in range(0, len(signature), 72))
    return f"DKIM-Signature: {value}{folded}\r\n".encode() + raw


def _fields(head: bytes) -> dict[str, bytes]:
    """The relaxed form of each field by its name; of several the last one (5.4.2)."""
    found: dict[str, bytes] = {}
    for field in re.split(rb"\r\n(?![ \t])", head):
        name = field.partition(b":")[0].strip().lower().decode("ascii", "replace")
        found[name] = _relaxed(field)
    return found


def _relaxed(field: bytes) -> bytes:
    """3.4.2."""
    name, _, value = field.partition(b":")
    unfolded = _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip()
    return name.strip().lower() + b":" + unfolded


def relaxed_body(body: bytes) -> bytes:
    """3.4.4: blanks in a line count once, those at its end and empty lines at the end of the mail not at all."""
    lines = [_BLANKS.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"\r\n".join(lines) + b"\r\n" if lines else b""


def _sign(key: RSAPrivateKey | Ed25519PrivateKey, data: bytes) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(hashlib.sha256(data).digest())
    return key.sign(data, padding.PKCS1v15(), hashes.SHA256())


@functools.lru_cache(maxsize=64)
def private_key(pem: str) -> RSAPrivateKey | Ed25519PrivateKey:
    """The key of a PEM text (RSA or Ed25519). Raises `ValueError` with what is wrong, never with the key."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError):
        raise ValueError("dkim: key: not a private key in PEM form without a password") from None
    if isinstance(key, Ed25519PrivateKey) or (
        isinstance(key, RSAPrivateKey) and key.key_size >= SMALLEST_RSA
    ):
        return key
    raise ValueError(f"dkim: key: neither Ed25519 nor RSA with at least {SMALLEST_RSA} bits")
