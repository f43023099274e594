"""Files that old programs write into the text of a mail: uuencoded, yEnc or BinHex.

uuencoded ones stand between `begin 644 name` and `end`, yEnc between `=ybegin` and `=yend`, BinHex between colons below a line that
names it. Finds them in the bytes of a text, as they belong to no charset, and takes them out; the decoding itself is in `transfer`.
"""

from __future__ import annotations

import re
from collections import deque
from typing import NamedTuple

from connectors.email import binhex, charsets, transfer
from connectors.kit.names import safe_name

MAX_FILES = 200
MAX_TRIES = 2_000


class File(NamedTuple):
    """A file as it was found: `source` is encoded as `encoding` names it, `size` is the decoded one."""

    name: str
    encoding: str
    source: bytes
    size: int


class _Form(NamedTuple):
    sign: bytes
    begin: re.Pattern[bytes]
    end: re.Pattern[bytes]
    line: re.Pattern[bytes]


_FORMS = {
    "uuencode": _Form(
        b"begin ",
        re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE),
        re.compile(rb"^end[ \t]*\r?(?:\n|\Z)", re.MULTILINE),
        re.compile(rb"[!-`]?[ -`]{0,90}\r?"),
    ),
    "yenc": _Form(
        b"=ybegin ",
        re.compile(
            rb"^=ybegin [^\r\n]{0,200}\bname=([^\r\n]{1,255})\r?\n(?:=ypart [^\r\n]{1,200}\r?\n)?",
            re.MULTILINE,
        ),
        re.compile(rb"^=yend[^\n]{0,200}(?:\n|\Z)", re.MULTILINE),
        re.compile(rb".*", re.DOTALL),
    ),
    "binhex": _Form(
        b"with BinHex",
        re.compile(binhex.BANNER, re.MULTILINE),
        re.compile(rb":[ \t]*\r?(?:\n|\Z)"),
        re.compile(rb"[!-r \t]{0,200}\r?"),
    ),
}


def take_files(data: bytes) -> tuple[bytes, list[File]]:
    """A text's bytes without the files written into it, and those. What has no end, or other lines between, stays text."""
    files: list[File] = []
    for encoding, form in _FORMS.items():
        if form.sign not in data:
            continue
        data = _take(data, encoding, form, files)
    return data, files


def _take(data: bytes, encoding: str, form: _Form, files: list[File]) -> bytes:
    kept: list[bytes] = []
    position = search = 0
    for _ in range(MAX_TRIES):
        begin = form.begin.search(data, search) if len(files) < MAX_FILES else None
        if begin is None:
            break
        end = form.end.search(data, begin.end())
        if end is None:
            break
        # The last beginning before an end is its own: so every byte is looked at once.
        begin = deque(form.begin.finditer(data, search, end.start()), 1)[0]
        search = end.end()
        found = _file(data, begin, end, encoding, form)
        if found:
            files.append(found)
            kept.append(data[position : begin.start()])
            position = search
    return b"".join((*kept, data[position:])) if kept else data


def _file(
    data: bytes, begin: re.Match[bytes], end: re.Match[bytes], encoding: str, form: _Form
) -> File | None:
    body = data[begin.end() : end.start()]
    source = body if encoding == "yenc" else data[begin.start() : end.end()]
    if encoding == "binhex":
        return unpacked(source)
    size = len(transfer.decode(source, encoding))
    if not size or not all(form.line.fullmatch(line) for line in body.split(b"\n")):
        return None
    name = charsets.decode(begin.group(1).strip(b'" '))[0]
    return File(safe_name(name, "attachment.bin"), encoding, source, size)


def unpacked(source: bytes) -> File | None:
    """The file in a BinHex text, or None."""
    found = binhex.read(source)
    if found is None:
        return None
    name = charsets.decode(found.name, "macintosh")[0]
    return File(safe_name(name, "attachment.bin"), "binhex", source, len(found.data))
