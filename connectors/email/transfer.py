"""Content-Transfer-Encoding: bytes as they travel into bytes as they were meant. Tolerant; never raises; linear in its input."""

from __future__ import annotations

import binascii
import re

from connectors.email import binhex

MAX_PIECES = 1_000
PROSE = 4_000

_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/=\s]*")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_FOREIGN = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\r\n]{1,255}\r?$", re.MULTILINE)
_YENC = bytes((byte - 42) % 256 for byte in range(256))
_NAMES = {
    "base64": "base64",
    "base-64": "base64",
    "b": "base64",
    "quoted-printable": "quoted-printable",
    "quoted_printable": "quoted-printable",
    "quotedprintable": "quoted-printable",
    "q": "quoted-printable",
    "x-uuencode": "uuencode",
    "x-uue": "uuencode",
    "uuencode": "uuencode",
    "uue": "uuencode",
    "7bit": "",
    "7-bit": "",
    "8bit": "",
    "8-bit": "",
    "binary": "",
    "none": "",
    "": "",
}


def known(name: str) -> str | None:
    """The canonical name of an encoding ("" for identity), or None for one that nobody knows."""
    word = name.strip().strip("\"'").lower().split(";")[0].split("(")[0].strip()
    return _NAMES.get(word)


def decode(data: bytes, encoding: str) -> bytes:
    """`data` decoded; what cannot be decoded is left out or kept as it is, whichever keeps more."""
    if encoding == "base64":
        return _base64(data)[0]
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    if encoding == "uuencode":
        return uudecode(data)
    if encoding == "yenc":
        return ydecode(data)
    if encoding == "binhex":
        return binhex.decode(data)
    return data


def decode_with_rest(data: bytes, encoding: str) -> tuple[bytes, bytes]:
    """Like `decode`; the second value is plain text that somebody appended after base64 (mailing list footers)."""
    if encoding == "base64":
        return _base64(data)
    return decode(data, encoding), b""


def is_prose(data: bytes) -> bool:
    """Whether a text that is called base64 is none: its first line and most others are words with spaces between them."""
    lines = [line.strip() for line in data[:PROSE].splitlines()[:40] if line.strip()]
    spaced = [b" " in line for line in lines]
    if not lines or not spaced[0] or sum(spaced) * 2 <= len(lines):
        return False
    return any(len(word) % 4 or _NOT_BASE64.search(word) for word in lines[0].split())


def _base64(data: bytes) -> tuple[bytes, bytes]:
    run = _BASE64_RUN.match(data)
    end = run.end() if run else 0
    if end < len(data):
        # The line that holds the first foreign character starts the rest, unless base64 goes on after it.
        start = data.rfind(b"\n", 0, end) + 1
        rest = data[start:]
        if start >= end - start and not _goes_on(rest):
            return _base64_run(data[:start]), rest.strip()
    return _base64_run(data), b""


def _goes_on(rest: bytes) -> bool:
    lines = [line for line in rest.splitlines()[:40] if line.strip()]
    full = sum(1 for line in lines if len(line) >= 60 and not _NOT_BASE64.search(line.strip()))
    return full * 2 > len(lines)


def _base64_run(data: bytes) -> bytes:
    clean = data.translate(None, _FOREIGN)
    body = clean.rstrip(b"=")
    if body.count(b"=") > MAX_PIECES:
        body = body.translate(None, b"=")  # noise, not pieces
    if b"=" in body:
        # Padding in the middle: several encoded pieces were joined; each ends at its own padding.
        return b"".join(_base64_piece(piece) for piece in body.split(b"=") if piece)
    return _base64_piece(body)


def _base64_piece(body: bytes) -> bytes:
    if len(body) % 4 == 1:
        body = body[:-1]
    try:
        return binascii.a2b_base64(body + b"=" * (-len(body) % 4))
    except binascii.Error:
        return b""


def uudecode(data: bytes) -> bytes:
    """The first uuencoded file in `data`; a part may hold its lines without a `begin` above them. Text that holds none stays as it is."""
    begin = _UU_BEGIN.search(data)
    lines = data[begin.end() :].splitlines()[1:] if begin else data.splitlines()
    out = []
    for line in lines:
        if line.strip() in (b"end", b"`", b""):
            if line.strip() == b"end":
                break
            continue
        out.append(_uu_line(line.rstrip(b"\r")))
    return b"".join(out) or (b"" if begin else data)


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders write a wrong length or trailing garbage: take as many characters as the length says.
        length = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:length])
        except binascii.Error:
            return b""


def ydecode(data: bytes) -> bytes:
    """The bytes of a yEnc file, from its lines between `=ybegin` and `=yend`."""
    first, *escaped = data.translate(None, b"\r\n").split(b"=")
    rest = (bytes([(piece[0] - 106) % 256]) + piece[1:].translate(_YENC) for piece in escaped if piece)
    return b"".join((first.translate(_YENC), *rest))
