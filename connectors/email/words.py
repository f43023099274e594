"""Encoded words (RFC 2047) and extended parameter values (RFC 2231), in all their misuse, into one line of clean text.

Linear: one pass finds the words; neighbours in one charset are joined as bytes first, so that a character cut in two survives.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from connectors.email import charsets, transfer

_WORD = re.compile(rb"=\?([^?\s=]{1,60})\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*){0,8})\?=")
_UNKNOWN_CHARSET = re.compile(
    rb"[A-Za-z][A-Za-z0-9_:.-]{1,40}'[A-Za-z-]{0,20}'(?=[^\s']{0,500}%[0-9A-Fa-f]{2})"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]+")
_SPACES = re.compile(r"[ \t\r\n\x0b\x0c]+")

Piece = tuple[str, bytes]
"""(charset, bytes); charset "" for what was not encoded."""


def decode(raw: bytes, *, keep_spaces: bool = False) -> str:
    """A header value as text: encoded words decoded, raw 8-bit bytes guessed, controls and line ends turned into spaces."""
    text = "".join(
        charsets.decode(data, label)[0] if label else _plain(data) for label, data in _merged(_pieces(raw))
    )
    text = _CONTROL.sub(" ", text).replace("\ufeff", "")
    if keep_spaces:
        return text.strip()
    return _SPACES.sub(" ", text).strip()


def _plain(data: bytes) -> str:
    return data.decode("ascii") if data.isascii() and b"\x1b" not in data else charsets.decode(data)[0]


def _pieces(raw: bytes) -> Iterator[Piece]:
    position = 0
    found = _WORD.search(raw)
    while found is not None:
        inner = found.group(3).find(b"=?")
        if inner >= 0:
            # The word never ended: what begins inside it is the next one.
            found = _WORD.search(raw, found.start(3) + inner)
            continue
        between = raw[position : found.start()]
        # White space between two encoded words is not part of the text.
        if between and (position == 0 or between.strip()):
            yield "", between
        yield _word(found)
        position = found.end()
        found = _WORD.search(raw, position)
    if position < len(raw):
        yield "", raw[position:]


def _word(match: re.Match[bytes]) -> Piece:
    label = match.group(1).decode("ascii", "replace").split("*")[0]
    payload = match.group(3)
    if match.group(2) in b"qQ":
        return label, binascii.a2b_qp(payload.replace(b"_", b" ").replace(b"\n", b""), header=False)
    return label, transfer.decode(payload, "base64")


def _merged(pieces: Iterator[Piece]) -> Iterator[Piece]:
    label, parts = "", [b""]
    for name, data in pieces:
        if name.lower() == label and not _complete(label):
            parts.append(data)
            continue
        yield label, b"".join(parts)
        label, parts = name.lower(), [data]
    yield label, b"".join(parts)


def _complete(label: str) -> bool:
    """Charsets with shift states start anew in each word."""
    return label.startswith(("iso-2022", "utf-7", "hz"))


def decode_extended(raw: bytes) -> str:
    """`utf-8'en'na%C3%AFve.txt` as text. A value without the quotes is percent-decoded all the same."""
    charset, quote, rest = raw.partition(b"'")
    language, second, value = rest.partition(b"'")
    label = charset.decode("ascii", "replace")
    if not quote or not second or len(language) > 40 or (label and charsets.python_name(label) is None):
        named = _UNKNOWN_CHARSET.match(raw)
        label, value = "", raw[named.end() :] if named else raw
    if b"=?" in value and b"?=" in value:
        return decode(unquote_to_bytes(value), keep_spaces=True)
    data = unquote_to_bytes(value)
    return _CONTROL.sub(" ", charsets.decode(data, label)[0]).strip()
