"""Rich text as Outlook puts it into winmail.dat: decompressed ([MS-OXRTFCP]), then its text or the HTML it was made from ([MS-OXRTFEX])."""

from __future__ import annotations

import re
import struct

import msgspec

from connectors.email import charsets

MAX_BYTES = 4 << 20
MAX_GROUPS = 200

_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New Roman"
    rb"Courier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    r"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^A-Za-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_SKIPPED = frozenset(
    [
        "fonttbl",
        "colortbl",
        "stylesheet",
        "info",
        "pict",
        "object",
        "generator",
        "themedata",
        "listtable",
        "listoverridetable",
        "rsidtbl",
        "xmlnstbl",
        "latentstyles",
        "datastore",
        "header",
        "footer",
        "mmathPr",
    ]
)
_WORDS = {
    "par": "\n",
    "line": "\n",
    "tab": "\t",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "bullet": "•",
    "endash": "–",
    "emdash": "—",
    "cell": "\t",
    "row": "\n",
}


class Converted(msgspec.Struct):
    """`html` is what the rich text was made from; where it was made from none, `text` is what it says. One of them is empty."""

    text: str = ""
    html: str = ""


def decompress(data: bytes) -> bytes:
    """LZFu, at most `MAX_BYTES`; empty for anything that is not one."""
    if len(data) < 16:
        return b""
    _, size, kind, _ = struct.unpack_from("<IIII", data)
    if kind == _PLAIN:
        return data[16 : 16 + min(size, MAX_BYTES)]
    if kind != _COMPRESSED:
        return b""
    return _expand(data, min(size, MAX_BYTES))


def _expand(data: bytes, size: int) -> bytes:
    window = bytearray(_DICTIONARY.ljust(4096, b"\0"))
    write, at = len(_DICTIONARY), 16
    out = bytearray()
    while at < len(data) and len(out) < size:
        flags = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data):
                break
            if not flags >> bit & 1:
                run = data[at : at + 1]
                at += 1
            else:
                token = int.from_bytes(data[at : at + 2], "big")
                at += 2
                offset, length = token >> 4, (token & 15) + 2
                if offset == write % 4096:
                    return bytes(out[:size])
                run = bytes(_copied(window, offset, length, write))
            for byte in run:
                window[write % 4096] = byte
                write += 1
            out += run
    return bytes(out[:size])


def _copied(window: bytearray, offset: int, length: int, write: int) -> bytearray:
    """`length` bytes from `offset`; they may overlap what is being written."""
    out = bytearray()
    for step in range(length):
        at = (offset + step) % 4096
        behind = (at - write) % 4096
        out.append(out[behind] if behind < len(out) else window[at])
    return out


class _State(msgspec.Struct):
    skipped: bool = False
    hidden: bool = False
    tag: bool = False
    skip_unicode: int = 1


def convert(data: bytes) -> Converted:
    """Text, and HTML where the rich text says that it was made from HTML."""
    source = data.decode("latin-1")
    from_html = "\\fromhtml" in source[:2_000]
    reader = _Reader(from_html=from_html)
    for found in _TOKEN.finditer(source):
        reader.take(found)
    body = reader.finish()
    if from_html:
        return Converted(html=body)
    return Converted(text=body.strip())


class _Reader:
    def __init__(self, *, from_html: bool) -> None:
        self.from_html = from_html
        self.codec = "cp1252"
        self.out: list[str] = []
        self.bytes = bytearray()
        self.stack: list[_State] = []
        self.state = _State()
        self.to_skip = 0
        self.starred = False

    def take(self, found: re.Match[str]) -> None:
        word, number, code, symbol, brace, text = found.groups()
        if brace:
            self._brace(brace)
        elif word:
            self._word(word, number)
        elif code:
            self._byte(int(code, 16))
        elif symbol:
            self._symbol(symbol)
        elif text:
            self._text(text)

    def finish(self) -> str:
        self._flush()
        return "".join(self.out)

    def _brace(self, brace: str) -> None:
        self._flush()
        if brace == "{":
            if len(self.stack) < MAX_GROUPS:
                self.stack.append(msgspec.structs.replace(self.state))
        elif self.stack:
            self.state = self.stack.pop()
        self.starred = False

    def _symbol(self, symbol: str) -> None:
        if symbol == "*":
            self.starred = True
        elif symbol in "{}\\":
            self._text(symbol)
        elif symbol == "~":
            self._text("\u00a0")

    def _word(self, word: str, number: str | None) -> None:
        if word == "htmltag" and self.from_html:
            self.state.tag, self.starred = True, False
        elif word == "htmlrtf":
            self.state.hidden = number != "0"
        elif self.starred or word in _SKIPPED:
            self.state.skipped = True
            self.starred = False
        elif word == "ansicpg" and number:
            self.codec = charsets.python_name(number) or self.codec
        elif word == "uc" and number:
            self.state.skip_unicode = min(int(number), 4)
        elif word == "u" and number:
            self._text(chr(int(number) % 65536) if not 0xD800 <= int(number) % 65536 <= 0xDFFF else "\ufffd")
            self.to_skip = self.state.skip_unicode
        elif word in _WORDS:
            self._text(_WORDS[word])

    def _byte(self, value: int) -> None:
        if self.to_skip:
            self.to_skip -= 1
        elif self._shown():
            self.bytes.append(value)

    def _shown(self) -> bool:
        return not self.state.skipped and not self.state.hidden

    def _text(self, text: str) -> None:
        self._flush()
        if self.to_skip:
            dropped = min(self.to_skip, len(text))
            text, self.to_skip = text[dropped:], self.to_skip - dropped
        if self._shown():
            self.out.append(text)

    def _flush(self) -> None:
        if self.bytes:
            self.out.append(charsets.decode(bytes(self.bytes), self.codec)[0])
            self.bytes.clear()
