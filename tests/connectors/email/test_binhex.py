"""BinHex: a file in, the same file out; beyond its limits or damaged it stays what it is."""

from __future__ import annotations

import binascii
import re

import pytest

from connectors.email import binhex, enclosed, transfer

BANNER = b"(This file must be converted with BinHex 4.0)\r\n\r\n"
DATA = bytes(range(256)) + b"\x90\x90" + b"a" * 300


def plain(name: bytes, data: bytes, rest: bytes = b"", *, size: int = 0) -> bytes:
    """A file as BinHex counts it: name, type, lengths, both forks, checksums that nobody looks at."""
    head = bytes([len(name)]) + name + b"\0TEXTttxt\0\0" + (size or len(data)).to_bytes(4)
    return head + len(rest).to_bytes(4) + b"\0\0" + data + b"\0\0" + rest + b"\0\0"


def packed(name: bytes, data: bytes, rest: bytes = b"") -> bytes:
    """`plain` with its runs shortened."""

    def short(found: re.Match[bytes]) -> bytes:
        byte, count = found.group(2), len(found.group())
        return byte + b"\x90" + bytes([count]) if byte else b"\x90\0"

    return re.sub(rb"(?s)(\x90)|(.)\2{3,254}", short, plain(name, data, rest))


def written(inner: bytes) -> bytes:
    letters = binascii.b2a_base64(inner, newline=False).rstrip(b"=")
    text = b":" + letters.translate(bytes.maketrans(binhex._BASE64, binhex._LETTERS)) + b":"
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return BANNER + b"\r\n".join(lines) + b"\r\n"


def test_a_file_comes_out_as_it_went_in() -> None:
    source = written(packed(b"meter.bin", DATA, b"resources"))
    assert binhex.read(source) == binhex.File(b"meter.bin", DATA)
    assert transfer.decode(source, "binhex") == DATA


def test_it_is_taken_out_of_a_text() -> None:
    source = written(packed(b"caf\x8e.txt", DATA))
    rest, [file] = enclosed.take_files(b"Above\n" + source + b"Below\n")
    assert rest == b"Above\nBelow\n"
    assert (file.name, file.size) == ("café.txt", len(DATA))
    assert transfer.decode(file.source, file.encoding) == DATA


@pytest.mark.parametrize(
    "source",
    [
        b"nothing",
        BANNER + b":no ~ letters of BinHex:",
        written(packed(b"meter.bin", DATA)[:200]),
        written(packed(b"meter.bin", DATA))[:-3],
        written(b"\0" * 40),
    ],
)
def test_what_is_damaged_stays(source: bytes) -> None:
    assert binhex.read(source) is None
    assert binhex.decode(source) == b""
    assert enclosed.take_files(source) == (source, [])


def test_a_file_that_grows_beyond_reason_stays() -> None:
    assert binhex.read(written(packed(b"a", b"\0" * 4_000))) is not None
    assert binhex.read(written(packed(b"a", b"\0" * 40_000))) is None


def test_too_many_runs_stay() -> None:
    def escapes(count: int) -> bytes:
        return written(plain(b"a", b"\x90\0" * count, size=count))

    assert binhex.decode(escapes(binhex.MAX_RUNS)) == b"\x90" * binhex.MAX_RUNS
    assert binhex.read(escapes(binhex.MAX_RUNS + 1)) is None


def test_a_long_one_stays() -> None:
    size = binhex.MAX_SOURCE * 3 // 4
    assert binhex.read(written(plain(b"a", b"ab" * (size // 2 - 50_000)))) is not None
    assert binhex.read(written(plain(b"a", b"ab" * (size // 2)))) is None
