"""BinHex 4.0 (RFC 1741), the old Macintosh way to write a file into a mail: its name and the bytes of its data fork.

The resource fork and the checksums are left alone. Bounded: what is longer, or grows beyond reason, is not read.
"""

from __future__ import annotations

import binascii
import re
import string
from typing import NamedTuple

MAX_SOURCE = 2 << 20
MAX_RUNS = 200_000
MAX_GROWTH = 4
BANNER = rb"^\(This file must be converted with BinHex[^\r\n]{0,40}\)\s{1,10}:"

_LETTERS = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_BASE64 = (string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/").encode()
_TO_BASE64 = bytes.maketrans(_LETTERS, _BASE64)
_BLANKS = b" \t\r\n"
_BODY = re.compile(BANNER + rb"([^:]{1,%d}):" % MAX_SOURCE, re.MULTILINE)
_RUN = 0x90
_FIXED = 18
"""Bytes between the name and the data: version, type, creator, flags, two lengths, checksum."""


class File(NamedTuple):
    """What a BinHex text holds."""

    name: bytes
    data: bytes


def read(source: bytes) -> File | None:
    """The first file in `source`; None when there is none, or it is damaged, or beyond the limits."""
    found = _BODY.search(source)
    if found is None:
        return None
    body = found.group(1).translate(None, _BLANKS)
    if body.translate(None, _LETTERS):
        return None
    coded = body.translate(_TO_BASE64)
    coded = coded[: len(coded) - (len(coded) % 4 == 1)]
    plain = _expanded(binascii.a2b_base64(coded + b"=" * (-len(coded) % 4)))
    return _file(plain) if plain else None


def decode(source: bytes) -> bytes:
    """The data fork of the first file; empty when it cannot be read."""
    found = read(source)
    return found.data if found else b""


def _expanded(packed: bytes) -> bytes:
    """Runs (`0x90` and a count) written out; empty when there are too many, or what they make is too long."""
    if packed.count(_RUN) > MAX_RUNS:
        return b""
    limit = len(packed) * MAX_GROWTH + 4_096
    out = bytearray()
    position = 0
    while (at := packed.find(_RUN, position)) >= 0 and at + 1 < len(packed):
        out += packed[position:at]
        count = packed[at + 1]
        if count == 0:
            out.append(_RUN)
        elif out:
            out += out[-1:] * (count - 1)
        position = at + 2
        if len(out) > limit:
            return b""
    return bytes(out + packed[position:])


def _file(plain: bytes) -> File | None:
    start = 1 + plain[0] + 1 + _FIXED + 2
    length = int.from_bytes(plain[start - 10 : start - 6])
    if not 1 <= plain[0] <= 63 or len(plain) < start + length:
        return None
    return File(plain[1 : 1 + plain[0]], plain[start : start + length])
