"""The mail inside an opaque S/MIME signature (RFC 8551 3.5.2): CMS SignedData (RFC 5652) is opened far enough to reach what was signed.

Nothing is verified: `signed` says that there is a signature, not that it holds. Encrypted content stays closed. Linear, never raises.
"""

from __future__ import annotations

MAX_DEPTH = 8
MAX_PIECES = 100_000

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_SEQUENCE, _CONTEXT, _OCTETS, _PIECES = 0x30, 0xA0, 0x04, 0x24


class _Broken(Exception):
    """The bytes are no CMS, or end in the middle."""


def signed_content(data: bytes) -> bytes:
    """What was signed, as it was signed; empty when `data` is nothing signed that carries its content."""
    try:
        return _content(data)
    except (_Broken, IndexError):
        return b""


def _content(data: bytes) -> bytes:
    at, _ = _enter(data, 0, _SEQUENCE)
    if data[at : at + len(_SIGNED_DATA)] != _SIGNED_DATA:
        return b""
    at, _ = _enter(data, at + len(_SIGNED_DATA), _CONTEXT)
    at, _ = _enter(data, at, _SEQUENCE)
    at = _skip(data, at)  # version
    at = _skip(data, at)  # digest algorithms
    at, end = _enter(data, at, _SEQUENCE)
    at = _skip(data, at)  # type of the content
    if at >= end or data[at] == 0:
        return b""  # a detached signature
    at, _ = _enter(data, at, _CONTEXT)
    return b"".join(_octets(data, at))


def _header(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, where the content begins, and where it ends; an end of -1 is marked by two zero bytes instead."""
    tag, length = data[at], data[at + 1]
    if tag & 0x1F == 0x1F:
        raise _Broken
    if length == 0x80:
        return tag, at + 2, -1
    if length < 0x80:
        start, size = at + 2, length
    else:
        start = at + 2 + (length & 0x7F)
        size = int.from_bytes(data[at + 2 : start])
    if (length & 0x7F > 8 and length > 0x80) or start + size > len(data):
        raise _Broken
    return tag, start, start + size


def _enter(data: bytes, at: int, tag: int) -> tuple[int, int]:
    found, start, end = _header(data, at)
    if found != tag:
        raise _Broken
    return start, end if end >= 0 else len(data)


def _skip(data: bytes, at: int, depth: int = 0) -> int:
    """Behind the element at `at`."""
    _, start, end = _header(data, at)
    if end >= 0:
        return end
    if depth >= MAX_DEPTH:
        raise _Broken
    for _ in range(MAX_PIECES):
        if data[start : start + 2] == b"\0\0":
            return start + 2
        start = _skip(data, start, depth + 1)
    raise _Broken


def _octets(data: bytes, at: int) -> list[bytes]:
    """An octet string, in one piece or in many."""
    tag, start, end = _header(data, at)
    if tag == _OCTETS and end >= 0:
        return [data[start:end]]
    if tag != _PIECES:
        raise _Broken
    pieces: list[bytes] = []
    while len(pieces) < MAX_PIECES and (start < end if end >= 0 else data[start : start + 2] != b"\0\0"):
        inner, first, last = _header(data, start)
        if inner != _OCTETS or last < 0:
            raise _Broken
        pieces.append(data[first:last])
        start = last
    return pieces
