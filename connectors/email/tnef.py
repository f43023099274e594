"""winmail.dat: the TNEF wrapping in which Outlook hides body and files ([MS-OXTNEF]). Read, never executed; bounded; fails open.

A wrapping that can be read is replaced by what is in it; one that cannot stays an attachment, with a defect.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec

from connectors.email import charsets, html, rtf
from connectors.email.mail import Attachment
from connectors.email.parts import Contents, Segment, clean_text, type_of
from connectors.kit.names import safe_name

MAX_BYTES = 64 << 20
MAX_ATTRIBUTES = 5_000
MAX_PROPERTIES = 5_000
MAX_DEPTH = 4

_SIGNATURE = 0x223E9F78
_BODY, _MESSAGE_PROPERTIES, _OEM_CODEPAGE = 0x800C, 0x9003, 0x9007
_TITLE, _DATA, _ATTACHMENT_PROPERTIES, _RENDERING = 0x8010, 0x800F, 0x9005, 0x9002
_P_BODY, _P_HTML, _P_RTF = 0x1000, 0x1013, 0x1009
_P_DATA, _P_NAME, _P_LONG_NAME, _P_DISPLAY, _P_MIME, _P_CONTENT_ID = (
    0x3701,
    0x3704,
    0x3707,
    0x3001,
    0x370E,
    0x3712,
)
_P_INTERNET_CODEPAGE = 0x3FDE
_FIXED = {
    0x02: 4,
    0x03: 4,
    0x04: 4,
    0x05: 8,
    0x06: 8,
    0x07: 8,
    0x0A: 4,
    0x0B: 4,
    0x14: 8,
    0x40: 8,
    0x48: 16,
    0x00: 0,
    0x01: 0,
}
_VARIABLE = frozenset((0x0D, 0x1E, 0x1F, 0x102))


class _Broken(Exception):
    """The bytes are no TNEF, or end in the middle."""


class _File(msgspec.Struct):
    name: str = ""
    kind: str = ""
    content_id: str = ""
    data: bytes = b""


class _Message(msgspec.Struct):
    plain: str = ""
    html: str = ""
    files: list[_File] = []


def unpack(contents: Contents, defects: set[str]) -> Contents:
    """`contents` with every readable wrapping replaced by what it holds."""
    if not any(_is_wrapping(one) for one in contents.attachments):
        return contents
    attachments: list[Attachment] = []
    segments = list(contents.segments)
    for one in contents.attachments:
        message = _read(one.content) if _is_wrapping(one) else None
        if message is None:
            if _is_wrapping(one):
                defects.add("tnef-broken")
            attachments.append(one)
            continue
        attachments += [_attachment(file) for file in message.files]
        if not segments and (message.plain.strip() or message.html.strip()):
            segments.append(Segment(message.plain or None, message.html or None))
    return msgspec.structs.replace(contents, attachments=attachments, segments=segments)


def _is_wrapping(one: Attachment) -> bool:
    return one.content_type in ("application/ms-tnef", "application/vnd.ms-tnef") or one.filename.lower() in (
        "winmail.dat",
        "win.dat",
    )


def _attachment(file: _File) -> Attachment:
    return Attachment(
        filename=safe_name(file.name, "attachment.bin"),
        content_type=file.kind.lower() or type_of(file.name),
        size=len(file.data),
        content_id=file.content_id.strip("<>"),
        inline=bool(file.content_id),
        source=file.data,
    )


def _read(data: bytes) -> _Message | None:
    try:
        return _message(data[:MAX_BYTES], 0)
    except (_Broken, struct.error, ValueError, IndexError):
        return None


# --- attributes --------------------------------------------------------------------------------------------------


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        raise _Broken
    at = 6
    for _ in range(MAX_ATTRIBUTES):
        if at + 9 > len(data):
            return
        _, name, _, length = struct.unpack_from("<BHHI", data, at)
        if at + 9 + length > len(data):
            length = max(0, len(data) - at - 9)
        yield name, data[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _message(data: bytes, depth: int) -> _Message:
    found = _Message(files=[])
    codepage = "cp1252"
    for name, value in _attributes(data):
        if name == _OEM_CODEPAGE and len(value) >= 4:
            codepage = _codepage(struct.unpack_from("<I", value)[0])
        elif name == _BODY:
            found.plain = found.plain or _string(value, codepage)
        elif name == _MESSAGE_PROPERTIES:
            _read_body(found, dict(_properties(value)), codepage)
        elif name == _RENDERING:
            found.files.append(_File())
        elif found.files and name == _TITLE:
            found.files[-1].name = found.files[-1].name or _string(value, codepage)
        elif found.files and name == _DATA:
            found.files[-1].data = value
        elif found.files and name == _ATTACHMENT_PROPERTIES:
            _read_file(found, found.files[-1], dict(_properties(value)), codepage, depth)
    found.files = [file for file in found.files if file.data or file.name]
    return found


def _codepage(number: int) -> str:
    return charsets.python_name("utf-8" if number == 65001 else str(number)) or "cp1252"


def _string(value: bytes, codepage: str) -> str:
    return clean_text(charsets.decode(value.split(b"\0\0\0")[0].rstrip(b"\0"), codepage)[0])


def _wide(value: bytes) -> str:
    return clean_text(value.decode("utf-16-le", "replace").rstrip("\0"))


def _text(value: tuple[int, bytes] | None, codepage: str) -> str:
    if value is None:
        return ""
    return _wide(value[1]) if value[0] == 0x1F else _string(value[1], codepage)


def _read_body(found: _Message, properties: dict[int, tuple[int, bytes]], codepage: str) -> None:
    internet = properties.get(_P_INTERNET_CODEPAGE)
    html_codepage = (
        _codepage(struct.unpack_from("<I", internet[1])[0])
        if internet and len(internet[1]) >= 4
        else codepage
    )
    found.plain = _text(properties.get(_P_BODY), codepage) or found.plain
    if _P_HTML in properties:
        kind, value = properties[_P_HTML]
        label = charsets.html_label(value) or html_codepage
        found.html = _wide(value) if kind == 0x1F else clean_text(charsets.decode(value, label)[0])
    if _P_RTF in properties and not found.html:
        converted = rtf.convert(rtf.decompress(properties[_P_RTF][1]))
        found.html = clean_text(converted.html)
        found.plain = found.plain or clean_text(converted.text)


def _read_file(
    found: _Message, file: _File, properties: dict[int, tuple[int, bytes]], codepage: str, depth: int
) -> None:
    names = (_text(properties.get(one), codepage) for one in (_P_LONG_NAME, _P_DISPLAY, _P_NAME))
    file.name = next((name for name in names if name), file.name)
    file.kind = _text(properties.get(_P_MIME), codepage)
    file.content_id = _text(properties.get(_P_CONTENT_ID), codepage)
    if _P_DATA not in properties:
        return
    kind, data = properties[_P_DATA]
    if kind == 0x0D and len(data) > 22 and struct.unpack_from("<I", data, 16)[0] == _SIGNATURE:
        # A mail that was attached within Outlook: its own files are what the reader needs.
        if depth < MAX_DEPTH:
            inner = _message(data[16:], depth + 1)
            found.files[-1:] = [*inner.files, file]
            said = inner.plain or html.to_text(inner.html).text
            file.data = said.encode() if said.strip() else data[16:]
            file.name = f"{file.name or 'message'}{'.txt' if said.strip() else '.tnef'}"
            file.kind = "text/plain" if said.strip() else ""
        return
    if not file.data:
        file.data = data[16:] if kind == 0x0D else data


# --- MAPI properties ---------------------------------------------------------------------------------------------


def _properties(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    count = min(struct.unpack_from("<I", data)[0], MAX_PROPERTIES)
    at = 4
    for _ in range(count):
        if at + 4 > len(data):
            return
        kind, name = struct.unpack_from("<HH", data, at)
        at += 4
        if name >= 0x8000:
            at = _skip_name(data, at)
        many, kind = bool(kind & 0x1000), kind & 0x0FFF
        values = struct.unpack_from("<I", data, at)[0] if many or kind in _VARIABLE else 1
        at += 4 if many or kind in _VARIABLE else 0
        first = b""
        for index in range(min(values, MAX_PROPERTIES)):
            value, at = _value(data, at, kind)
            first = value if index == 0 else first
        yield name, (kind, first)


def _skip_name(data: bytes, at: int) -> int:
    named: int = struct.unpack_from("<I", data, at + 16)[0]
    if named == 0:
        return at + 24
    length: int = struct.unpack_from("<I", data, at + 20)[0]
    return at + 24 + length + (-length % 4)


def _value(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    if kind in _FIXED:
        return data[at : at + _FIXED[kind]], at + _FIXED[kind]
    if kind not in _VARIABLE:
        raise _Broken
    length = struct.unpack_from("<I", data, at)[0]
    if length > len(data) - at:
        raise _Broken
    return data[at + 4 : at + 4 + length], at + 4 + length + (-length % 4)
