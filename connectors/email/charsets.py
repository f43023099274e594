"""Character sets: bytes and a label into text. The label is a claim; nothing is decoded by a codec that is not on the list below.

Labels are often too narrow (gb2312 for GB18030, iso-8859-1 for windows-1252, shift_jis for CP932), sometimes wrong, sometimes
missing. The wider set is used from the start, a wrong one is recognised where the bytes prove it, and nothing raises.
"""

from __future__ import annotations

import re

from connectors.email import guessing

MAX_REPAIRED = 1 << 19
MIN_DOUBTED = 6

_WIDER = {
    "us-ascii": "ascii", "ascii": "ascii", "ansi_x3.4-1968": "ascii", "iso646-us": "ascii", "646": "ascii",
    "utf-8": "utf-8", "utf8": "utf-8", "utf8mb4": "utf-8", "utf-8-sig": "utf-8", "unicode": "utf-8", "cp65001": "utf-8",
    "unicode-1-1-utf-8": "utf-8", "u8": "utf-8", "utf": "utf-8", "utf_8": "utf-8",
    "utf-7": "utf-7", "unicode-1-1-utf-7": "utf-7", "utf7": "utf-7",
    "utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "utf16": "utf-16", "ucs-2": "utf-16",
    "utf-32": "utf-32", "utf-32le": "utf-32-le", "utf-32be": "utf-32-be",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "l1": "cp1252", "iso_8859-1": "cp1252",
    "iso-8859-2": "iso8859-2", "latin2": "iso8859-2", "iso-8859-3": "iso8859-3", "iso-8859-4": "iso8859-4",
    "iso-8859-5": "iso8859-5", "iso-8859-6": "iso8859-6", "iso-8859-6-i": "iso8859-6", "iso-8859-7": "iso8859-7",
    "iso-8859-8": "iso8859-8", "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "iso-8859-9": "cp1254", "latin5": "cp1254",
    "iso-8859-10": "iso8859-10", "iso-8859-11": "cp874", "iso-8859-13": "iso8859-13", "iso-8859-14": "iso8859-14",
    "iso-8859-15": "iso8859-15", "latin9": "iso8859-15", "latin-9": "iso8859-15", "iso-8859-16": "iso8859-16",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030", "cp936": "gb18030",
    "936": "gb18030", "windows-936": "gb18030", "euc-cn": "gb18030", "gb2312_charset": "gb18030", "hz-gb-2312": "hz", "hz": "hz",
    "big5": "cp950", "big-5": "cp950", "x-big5": "cp950", "cn-big5": "cp950", "cp950": "cp950", "big5-hkscs": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "cp932": "cp932",
    "ms_kanji": "cp932", "ms932": "cp932", "csshiftjis": "cp932", "windows-932": "cp932",
    "euc-jp": "euc_jis_2004", "eucjp": "euc_jis_2004", "x-euc-jp": "euc_jis_2004", "x-euc": "euc_jis_2004",
    "iso-2022-jp": "iso2022_jp", "iso-2022-jp-1": "iso2022_jp_1", "iso-2022-jp-2": "iso2022_jp_2", "csiso2022jp": "iso2022_jp",
    "cp50220": "iso2022_jp", "cp50221": "iso2022_jp", "iso-2022-jp-ms": "iso2022_jp", "iso-2022-jp-3": "iso2022_jp_3",
    "iso-2022-jp-2004": "iso2022_jp_2004", "jis": "iso2022_jp",
    "euc-kr": "cp949", "euckr": "cp949", "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "cp949": "cp949",
    "korean": "cp949", "uhc": "cp949", "windows-949": "cp949", "ks_c_5601-1989": "cp949", "iso-2022-kr": "iso2022_kr", "johab": "johab",
    "koi8-r": "koi8-r", "koi8": "koi8-r", "koi8-u": "koi8-u", "koi8-ru": "koi8-u", "koi8-t": "koi8-t",
    "tis-620": "cp874", "tis620": "cp874", "windows-874": "cp874", "x-windows-874": "cp874", "cp874": "cp874",
    "macintosh": "mac_roman", "mac": "mac_roman", "x-mac-roman": "mac_roman", "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ce": "mac_latin2", "x-mac-centraleurroman": "mac_latin2", "x-mac-greek": "mac_greek", "x-mac-turkish": "mac_turkish",
    "cp437": "cp437", "ibm437": "cp437", "cp850": "cp850", "ibm850": "cp850", "cp-850": "cp850", "cp852": "cp852", "ibm852": "cp852",
    "cp855": "cp855", "cp858": "cp858", "cp866": "cp866", "ibm866": "cp866", "cp857": "cp857", "cp862": "cp862", "dos-862": "cp862",
    "ansi": "cp1252", "x-ansi": "cp1252", "viscii": "cp1258", "x-viscii": "cp1258", "arabic": "iso8859-6", "greek": "iso8859-7",
    "hebrew": "iso8859-8", "cyrillic": "iso8859-5", "ptcp154": "ptcp154",
}  # fmt: skip
_WIDER |= {
    f"{prefix}{n}": f"cp{n}"
    for n in range(1250, 1259)
    for prefix in ("windows-", "cp", "cp-", "win-", "x-cp", "windows", "")
}

_SINGLE_BYTE = frozenset(
    one
    for one in _WIDER.values()
    if one.startswith(("cp12", "iso8859", "koi8", "mac_", "cp8", "cp4", "ptcp"))
)
_SINGLE_BYTE_GUESSES = frozenset({"ascii", "cp1252", "iso8859-15"})
_ASCII = bytes(range(128))
_ESCAPES = re.compile(rb"\x1b(?:\$[@B]|\([BJI]|\$\([DQO])")
_ENCODED = re.compile(rb"=\?([A-Za-z0-9_:.-]{2,40})(?:\*[A-Za-z-]{1,20})?\?[BbQq]\?")
_NAMELESS = frozenset(("ascii", "utf-8", "cp1252", "iso8859-15"))
"""What a field may be in although the text is in something else."""
FEW = 40
_HTML_CHARSET = re.compile(rb"charset\s{0,5}=\s{0,5}[\"']?\s{0,5}([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)


def python_name(label: str) -> str | None:
    """The Python codec for a charset label, or None for a label that is unknown (or not a charset at all)."""
    word = label.strip().strip("\"'").lower()
    return _WIDER.get(word) or _WIDER.get(word.replace("_", "-")) or _WIDER.get(word.removeprefix("x-"))


def decode(data: bytes, label: str = "", *, beside: bytes = b"") -> tuple[str, bool]:
    """`data` as text, and whether the label held (True when there was none and none was needed).

    `beside` are raw header fields of the same author: what they are in, unlabelled `data` is likely in, too.
    """
    codec = python_name(label) if label else "ascii"
    if codec in _SINGLE_BYTE_GUESSES or codec is None:
        return _decode_guess(
            data,
            codec if codec != "ascii" else None,
            known=bool(label) and codec not in (None, "ascii"),
            beside=beside,
        )
    if codec == "utf-8" and b"\x1b" in data and data.isascii():
        return _decode_guess(data, None, known=False)
    if codec in _SINGLE_BYTE and not data.isascii():
        # Hardly any text in a single-byte charset happens to be valid UTF-8, but many programs write the wrong label.
        text = _strict(data, "utf-8")
        if text is not None:
            return text, False
    text = _strict(data, codec)
    if text is not None:
        return text.removeprefix("\ufeff"), True
    return _repair(data, codec)


def _decode_guess(data: bytes, codec: str | None, *, known: bool, beside: bytes = b"") -> tuple[str, bool]:
    """For labels that are written by habit: trust the bytes first where they are unambiguous."""
    if data.isascii():
        text = _shifted(data)
        return (data.decode("ascii"), True) if text is None else (text, False)
    text = _strict(data, "utf-8")
    if text is not None:
        return text.removeprefix("\ufeff"), False
    if known and codec:
        doubted = _doubted(data)
        return _lenient(data, doubted or codec), doubted is None
    return guess(data, beside), False


def _repair(data: bytes, codec: str) -> tuple[str, bool]:
    if codec.startswith("iso2022_jp") and len(data) <= MAX_REPAIRED:
        text = _strict(_jis_to_sjis(data), "cp932")
        if text is not None:
            return text, True
    if codec == "cp950":
        text = _strict(data, "big5hkscs")
        if text is not None:
            return text, True
    if codec == "utf-8":
        # A few broken characters (cut in the middle) are no proof against UTF-8; many are.
        lenient = data.decode("utf-8", "replace")
        bad = lenient.count("\ufffd")
        return (lenient, False) if bad <= 1 + sum(b >= 0x80 for b in data) // 8 else (guess(data), False)
    text = _strict(data, "utf-8")
    return (text if text is not None else _lenient(data, codec)), False


def _strict(data: bytes, codec: str) -> str | None:
    try:
        text = data.decode(codec)
        # UTF-7 and UTF-16 can name half a character: no text, and nothing that a database or a page could hold.
        return text if data.isascii() and codec != "utf-7" else text.encode().decode()
    except (UnicodeError, LookupError, ValueError):
        return None


def _lenient(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec, "replace").encode("utf-8", "replace").decode()
    except (UnicodeError, LookupError, ValueError):
        return data.decode("latin-1")


def _jis_to_sjis(data: bytes) -> bytes:
    """ISO-2022-JP with vendor characters (circled digits, NEC and IBM rows) into Shift_JIS bytes, as CP50221 means them."""
    out = bytearray()
    position, double = 0, False
    for escape in [*_ESCAPES.finditer(data), None]:
        end = escape.start() if escape else len(data)
        run = data[position:end]
        out += _rows_to_sjis(run) if double else run
        if escape:
            double = escape.group()[1:2] == b"$"
            position = escape.end()
    return bytes(out)


def _rows_to_sjis(run: bytes) -> bytes:
    out = bytearray()
    for high, low in zip(run[::2], run[1::2], strict=False):
        if high < 0x21 or low < 0x21:
            out += bytes((high, low))
            continue
        first = (high + 1) // 2 + (0x70 if high < 0x5F else 0xB0)
        second = low + (0x1F if low < 0x60 else 0x20) if high % 2 else low + 0x7E
        out += bytes((first & 0xFF, second & 0xFF))
    return bytes(out)


def html_label(data: bytes) -> str:
    """The charset that an HTML document names in its first 2 kB, or empty."""
    found = _HTML_CHARSET.search(data[:2048])
    return found.group(1).decode("ascii") if found else ""


# --- guessing ----------------------------------------------------------------------------------------------------

_SHIFTED = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$", "iso-2022-jp"), (b"\x1b(J", "iso-2022-jp"), (b"~{", "hz"))
SURE = 0.85
_UTF7 = re.compile(rb"\+([A-Za-z0-9/]{3,2000}+)-")
MIN_UTF7 = 2


def _shifted(data: bytes) -> str | None:
    """The text of 7-bit bytes that switch sets by escapes, whatever their label says; None when they do not."""
    for mark, codec in _SHIFTED:
        if mark in data and (codec != "hz" or b"~}" in data):
            text = decode(data, codec)[0] if codec == "iso-2022-jp" else _strict(data, codec)
            if text is not None and sum(char > "\u2fff" for char in text) > 1:
                return text
    return _utf7(data) if b"+" in data and len(data) <= MAX_REPAIRED else None


def _utf7(data: bytes) -> str | None:
    """The text of unlabelled UTF-7: what stands between `+` and `-` is letters every time, and twice at least, or it is none."""
    letters = {coded: _utf7_letters(coded) for coded in _UTF7.findall(data)}
    if not letters or not all(letters.values()) or len("".join(letters.values())) < MIN_UTF7:
        return None
    text = _UTF7.sub(lambda found: letters[found.group(1)].encode(), data).replace(b"+-", b"+")
    return text.decode("utf-8", "replace")


def _utf7_letters(coded: bytes) -> str:
    """What a piece of UTF-7 says; empty when it is none, or says what chance would."""
    text = _strict(b"+" + coded + b"-", "utf-7") or ""
    near = all(char < "\u0600" for char in text) or (len(text) > 2 and all(char < "\ud7b0" for char in text))
    return text if near and all(char > "\x9f" for char in text) and any(map(str.isalpha, text)) else ""


def guess(data: bytes, beside: bytes = b"") -> str:
    """Text of unlabelled bytes that are no UTF-8; `beside` as in `decode`."""
    shifted = _shifted(data)
    if shifted:
        return shifted
    for label in _ENCODED.findall(beside)[:4]:
        codec = python_name(label.decode("ascii"))
        text = _strict(data, codec) if codec and codec not in _NAMELESS else None
        if text is not None:
            return text
    few = beside if len(data.translate(None, _ASCII)) < FEW and not _ENCODED.search(beside) else b""
    return _lenient(data, guessing.best_codec(data + few)[0])


def _doubted(data: bytes) -> str | None:
    """The codec of bytes that call themselves Western and are words of another script; None when they may be what they say."""
    if len(data.translate(None, _ASCII)) < MIN_DOUBTED:
        return None
    if guessing.score(data, "cp1252") > 0.6 and not guessing.turkish(data):
        return None
    codec, sure = guessing.best_codec(data)
    return codec if sure > SURE and codec != "cp1252" else None
