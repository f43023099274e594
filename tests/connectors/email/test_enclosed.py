"""Files written into a text: taken out whole, left where they are not whole, and never looked for twice."""

from __future__ import annotations

import binascii
import time

import pytest

from connectors.email import enclosed, transfer

DATA = bytes(range(256))


def yenc(data: bytes) -> bytes:
    shifted = ((byte + 42) % 256 for byte in data)
    coded = (bytes([61, (one + 64) % 256]) if one in (0, 10, 13, 61) else bytes([one]) for one in shifted)
    return b"=ybegin line=128 size=%d name=meter 1.bin\r\n%s\r\n=yend size=%d\r\n" % (
        len(data),
        b"".join(coded),
        len(data),
    )


def uu(data: bytes, name: bytes = b"meter.bin") -> bytes:
    lines = b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    return b"begin 644 " + name + b"\n" + lines + b"`\nend\n"


@pytest.mark.parametrize("block", [yenc(DATA), uu(DATA)])
def test_a_file_is_taken_out_and_decodes(block: bytes) -> None:
    rest, [file] = enclosed.take_files(b"Above\n" + block + b"Below\n")
    assert rest == b"Above\nBelow\n"
    assert file.size == len(DATA)
    assert transfer.decode(file.source, file.encoding) == DATA


def test_names_are_made_harmless() -> None:
    assert enclosed.take_files(uu(b"x", b"../../etc/passwd"))[1][0].name == "passwd"
    assert enclosed.take_files(yenc(b"x"))[1][0].name == "meter 1.bin"


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 the journey\nwe drove south and saw the sea.\nend\n",
        yenc(DATA)[:-30],
        uu(DATA)[:-5],
        b"=ybegin without a name\nx\n=yend\n",
    ],
)
def test_what_is_no_whole_file_stays_text(text: bytes) -> None:
    assert enclosed.take_files(text) == (text, [])


def test_a_lost_beginning_does_not_hide_a_file() -> None:
    rest, [file] = enclosed.take_files(b"begin 644 lost\n" + uu(DATA))
    assert (rest, file.name) == (b"begin 644 lost\n", "meter.bin")


def test_no_more_files_than_the_limit() -> None:
    rest, files = enclosed.take_files(uu(b"x") * (enclosed.MAX_FILES + 5))
    assert (len(files), rest.count(b"begin")) == (enclosed.MAX_FILES, 5)


@pytest.mark.parametrize(
    "line",
    [
        b"begin 644 a\n",
        b"=ybegin line=1 name=a\n",
        b"begin 644 a\nno file.\nend\n",
        b"(This file must be converted with BinHex 4.0)\n:",
    ],
)
def test_beginnings_without_files_cost_little(line: bytes) -> None:
    begun = time.process_time()
    enclosed.take_files(line * 100_000 + b"end\n=yend\n")
    assert time.process_time() - begun < 2
