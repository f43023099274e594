"""The master key under which stored secrets are encrypted: where it comes from, and how it names itself.

Order: `key:` of parley.yaml, PARLEY_KEY, and for an embedded Parley the file `master.key` beside its data, made on the first start.
A text may hold several keys with commas between: the first one encrypts, the others still open what they sealed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from pathlib import Path

import msgspec

FILE = "master.key"
VARIABLE = "PARLEY_KEY"
BYTES = 32
MAX_KEYS = 16


class KeyFault(Exception):
    """There is no usable key; the sentence says what to do and never shows a key."""


class MasterKey(msgspec.Struct, frozen=True):
    """32 bytes and their public name. Its text form is never shown."""

    id: str
    value: bytes

    def __repr__(self) -> str:
        return f"MasterKey({self.id})"


def new_key() -> str:
    """A fresh key as text."""
    return base64.urlsafe_b64encode(secrets.token_bytes(BYTES)).decode()


def read_keys(text: str, origin: str) -> tuple[MasterKey, ...]:
    """The keys in `text`, the current one first. Raises `KeyFault`, which names `origin` and not the text."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words or len(words) > MAX_KEYS:
        raise KeyFault(f"{origin} must hold 1 to {MAX_KEYS} keys; `parley key` prints a new one")
    return tuple(_read(word, origin) for word in words)


def _read(word: str, origin: str) -> MasterKey:
    try:
        value = base64.b64decode(word.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != BYTES:
        raise KeyFault(f"{origin} does not hold a key: 32 bytes in base64; `parley key` prints a new one")
    return MasterKey(hashlib.sha256(b"parley key id\0" + value).hexdigest()[:12], value)


def find_keys(
    configured: str | None, environment: dict[str, str], beside: Path | None
) -> tuple[MasterKey, ...]:
    """The keys to use. `beside` is the data folder of an embedded Parley, None when several processes share a database.

    Raises `KeyFault` when there is none and none may be made.
    """
    if configured:
        return read_keys(configured, "`key` of parley.yaml")
    if text := environment.get(VARIABLE, ""):
        return read_keys(text, VARIABLE)
    if beside is None:
        raise KeyFault(
            f"{VARIABLE} is not set. Processes that share a database need the same master key: "
            f"run `parley key` once and give its output to each of them as {VARIABLE}"
        )
    path = beside / FILE
    if not path.exists():
        _make(path)
    return read_keys(_own(path), str(path))


def _make(path: Path) -> None:
    """Write a new key that only this user can read; a file that appeared meanwhile is left alone."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    except OSError as fault:
        raise KeyFault(f"{path} cannot be made: {fault.strerror}") from None
    with os.fdopen(descriptor, "w") as stream:
        stream.write(new_key() + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _own(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFault(f"{path} can be read by others: run `chmod 600 {path}`")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise KeyFault(f"{path} cannot be read: {fault}") from None
