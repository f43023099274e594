"""From the tree of a mail to what a reader sees: its texts, its HTML, its attachments. Nothing is interpreted here.

Texts of a mixed mail follow each other in their order; of alternatives the plain one and the richest are taken. Every other
leaf is an attachment, whatever its disposition says; nothing is left out without a word in the defects.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

import msgspec

from connectors.email import charsets, enclosed, flowed, transfer, words
from connectors.email.mail import Attachment
from connectors.email.structure import SIGNED_TYPES, Entity
from connectors.kit.names import safe_name

MAX_ATTACHMENTS = 200
MAX_TEXT_BYTES = 2 << 20

_REPORT_TYPES = frozenset((
    "message/delivery-status", "message/global-delivery-status", "text/rfc822-headers", "message/disposition-notification",
    "message/feedback-report", "message/global-headers", "message/rfc822-headers",
))  # fmt: skip
_BODY_TYPES = frozenset(
    (
        "text/plain",
        "text/html",
        "text/enriched",
        "text/richtext",
        "text/x-amp-html",
        "text/markdown",
        "text/x-markdown",
        "text/watch-html",
    )
)
_BINHEX_TYPES = frozenset(("application/mac-binhex40", "application/mac-binhex", "application/binhex"))
_EXTENSIONS = {
    "image/jpeg": "jpg", "image/jpg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/bmp": "bmp",
    "image/tiff": "tif", "image/svg+xml": "svg", "image/heic": "heic", "application/pdf": "pdf", "application/zip": "zip",
    "application/msword": "doc", "application/vnd.ms-excel": "xls", "application/rtf": "rtf", "text/rtf": "rtf", "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx", "text/calendar": "ics", "application/ics": "ics",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx", "text/plain": "txt", "text/html": "html",
    "text/x-vcard": "vcf", "text/vcard": "vcf", "application/pgp-signature": "asc", "application/pgp-keys": "asc",
    "application/pkcs7-signature": "p7s", "application/x-pkcs7-signature": "p7s", "application/pkcs7-mime": "p7m", "text/xml": "xml",
    "application/x-pkcs7-mime": "p7m", "message/rfc822": "eml", "audio/mpeg": "mp3", "audio/wav": "wav", "video/mp4": "mp4",
    "application/xml": "xml", "application/json": "json", "application/ms-tnef": "dat", "text/enriched": "txt", "audio/ogg": "ogg",
}  # fmt: skip
_LIKE_A_NAME = re.compile(r"[^\s/\\?&=]{1,100}\.[A-Za-z0-9]{2,5}")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2}){2,}")


class Segment(msgspec.Struct):
    """One stretch of the body: its plain form, its HTML form, or both when the mail holds both."""

    plain: str | None = None
    html: str | None = None


class Contents(msgspec.Struct):
    """All that was found in the tree."""

    segments: list[Segment]
    attachments: list[Attachment]
    nested: list[Entity]
    """Attached mails, for what reports say about them."""
    security: str = ""


class _Collector:
    def __init__(self, defects: set[str]) -> None:
        self.defects = defects
        self.attachments: list[Attachment] = []
        self.nested: list[Entity] = []
        self.security = ""


def read_contents(root: Entity, defects: set[str]) -> Contents:
    """Walks the tree once. `defects` gets words for wrong labels and for what was left out."""
    collector = _Collector(defects)
    segments = _collect(root, collector)
    bodies = [segment for segment in segments if _says(segment)]
    if len(collector.attachments) > MAX_ATTACHMENTS:
        defects.add("too-many-attachments")
        del collector.attachments[MAX_ATTACHMENTS:]
    return Contents(bodies, collector.attachments, collector.nested, collector.security)


def _says(segment: Segment) -> bool:
    return bool((segment.plain and segment.plain.strip()) or (segment.html and segment.html.strip()))


def _collect(entity: Entity, into: _Collector) -> list[Segment]:
    kind = entity.type
    if kind.startswith("multipart/") and entity.children:
        return _collect_multipart(entity, into)
    if _is_body(entity):
        return [_body(entity, into)]
    if kind in ("message/rfc822", "message/global", "message/news") and entity.children:
        into.nested.append(entity.children[0])
    if kind in _REPORT_TYPES and not _named(entity):
        return []
    if kind == "application/applefile" and entity.parent and entity.parent.type == "multipart/appledouble":
        return []
    if kind == "application/pgp-encrypted" and entity.parent and entity.parent.type == "multipart/encrypted":
        return []
    signed: list[Segment] = []
    if kind in SIGNED_TYPES:
        opaque = bool(entity.children) or "signed" in entity.content.params.get("smime-type", "")
        into.security = into.security or ("signed" if opaque else "encrypted")
        signed = [segment for child in entity.children for segment in _collect(child, into)]
    _attach(entity, into)
    return signed


def _collect_multipart(entity: Entity, into: _Collector) -> list[Segment]:
    if entity.type == "multipart/encrypted":
        into.security = "encrypted"
    elif entity.type == "multipart/signed":
        into.security = into.security or "signed"
    found = [_collect(child, into) for child in entity.children]
    if entity.type != "multipart/alternative":
        return [segment for segments in found for segment in segments]
    return _alternative(found)


def _alternative(found: list[list[Segment]]) -> list[Segment]:
    """The same thing several times: the first plain version and the last HTML one."""
    plain = next((text for segments in found if (text := _joined(segments, "plain"))), None)
    rich = next((text for segments in reversed(found) if (text := _joined(segments, "html"))), None)
    if rich is None and plain is None:
        return []
    return [Segment(plain, rich)]


def _joined(segments: list[Segment], side: str) -> str | None:
    texts = [text for segment in segments if (text := getattr(segment, side)) and text.strip()]
    return "\n".join(texts) if texts else None


# --- bodies ------------------------------------------------------------------------------------------------------


def _named(entity: Entity) -> str:
    said = entity.disposition.params
    typed = entity.content.params
    names = (said.get("filename"), typed.get("name"), said.get("name"), typed.get("filename"))
    name = next((one for one in names if one), "")
    if name.isascii() and _PERCENT.search(name):
        # Some programs percent-encode without saying so; plain names hardly hold valid UTF-8 in percents.
        decoded = _utf8(unquote_to_bytes(name))
        return decoded if decoded and not decoded.isascii() else name
    return name


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""


def _is_body(entity: Entity) -> bool:
    """A text without a file name that is not called an attachment; a named one only when the mail holds nothing else to read."""
    if entity.type not in _BODY_TYPES:
        return False
    if entity.disposition.value == "attachment":
        return False
    if not _named(entity):
        return True
    if entity.parent is None:
        return True
    return entity.parent.type == "multipart/alternative" or (
        entity.disposition.value != "inline"
        and entity is _first_leaf(entity)
        and not _unnamed_text_elsewhere(entity)
    )


def _first_leaf(entity: Entity) -> Entity | None:
    root = _root(entity)
    return next((one for one in root.walk() if not one.children), None)


def _unnamed_text_elsewhere(entity: Entity) -> bool:
    return any(
        one.type in _BODY_TYPES and not one.children and not _named(one) for one in _root(entity).walk()
    )


def _root(entity: Entity) -> Entity:
    while entity.parent is not None and not entity.parent.type.startswith("message/"):
        entity = entity.parent
    return entity


def _body(entity: Entity, into: _Collector) -> Segment:
    encoding = entity.encoding
    if encoding == "base64" and transfer.is_prose(entity.body):
        into.defects.add("unknown-encoding")
        encoding = ""
    data, rest = transfer.decode_with_rest(entity.body, encoding)
    if entity.type == "text/plain":
        data = _without_files(data, into)
    if len(data) > MAX_TEXT_BYTES:
        into.defects.add("text-cut")
        data = data[:MAX_TEXT_BYTES]
    label = entity.content.params.get("charset", "")
    if entity.type in ("text/html", "text/x-amp-html") and charsets.python_name(label) is None:
        label = charsets.html_label(data) or label
    fields = _root(entity).fields
    text, honest = charsets.decode(data, label, beside=fields.raw("subject") + b" " + fields.raw("from"))
    if not honest:
        into.defects.add("charset-wrong" if label else "charset-missing")
    text = clean_text(text)
    if rest:
        into.defects.add("text-after-base64")
        text = f"{text}\n{clean_text(charsets.decode(rest)[0])}"
    if entity.type in ("text/html", "text/watch-html"):
        return Segment(None, text)
    if entity.type == "text/x-amp-html":
        return Segment()
    return Segment(_plain(entity, text), None)


def _plain(entity: Entity, text: str) -> str:
    if entity.type in ("text/enriched", "text/richtext"):
        return _from_enriched(text)
    params = entity.content.params
    if flowed.is_flowed(params):
        text = flowed.unflow(text, delete_space=params.get("delsp", "").strip().lower() == "yes")
    return text


def clean_text(text: str) -> str:
    """Line ends as newlines, no NUL and no other control characters but tabs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    return text.translate(_CONTROLS)


_CONTROLS = dict.fromkeys((*range(9), 11, *range(14, 32), 127, 65279)) | {
    0x85: "\n",
    0x2028: "\n",
    0x2029: "\n",
}


def _from_enriched(text: str) -> str:
    """text/enriched (RFC 1896): commands in angle brackets, `<<` for one bracket."""
    text = re.sub(r"(?is)<param>.{0,500}?</param>", "", text.replace("<<", "\ue010"))
    return re.sub(r"</?[A-Za-z][A-Za-z0-9-]{0,59}>", "", text).replace("\ue010", "<")


def _without_files(data: bytes, into: _Collector) -> bytes:
    rest, files = enclosed.take_files(data)
    into.attachments.extend(map(_enclosed, files))
    return rest


def _enclosed(file: enclosed.File, *, inline: bool = False) -> Attachment:
    name, encoding, source, size = file
    return Attachment(
        filename=name,
        content_type=type_of(name),
        size=size,
        inline=inline,
        encoding=encoding,
        source=source,
    )


def type_of(name: str) -> str:
    """The content type that the end of a file's name stands for."""
    extension = name.rpartition(".")[2].lower()
    extension = {"jpeg": "jpg", "htm": "html", "tiff": "tif", "dat": ""}.get(extension, extension)
    return next((kind for kind, one in _EXTENSIONS.items() if one == extension), "application/octet-stream")


# --- attachments -------------------------------------------------------------------------------------------------


def _attach(entity: Entity, into: _Collector) -> None:
    if len(into.attachments) > MAX_ATTACHMENTS:
        return
    source, encoding = entity.body, entity.encoding
    packed = enclosed.unpacked(transfer.decode(source, encoding)) if entity.type in _BINHEX_TYPES else None
    if packed:
        into.attachments.append(_enclosed(packed, inline=entity.disposition.value == "inline"))
        return
    if entity.type.startswith("message/") and entity.children and encoding in ("base64", "quoted-printable"):
        source, encoding = entity.children[0].raw, ""
    content_id = words.decode(entity.fields.raw("content-id")).strip().strip("<>").strip()
    if not content_id and entity.parent is not None and entity.parent.type == "multipart/related":
        content_id = words.decode(entity.fields.raw("content-location")).strip()[:500]
    size = len(transfer.decode(source, encoding))
    if not size and not _named(entity) and not entity.disposition.value:
        return  # an empty nameless part is a slip of the sender's program
    into.attachments.append(
        Attachment(
            filename=file_name(entity),
            content_type=entity.type[:200],
            size=size,
            content_id=content_id[:500],
            inline=entity.disposition.value == "inline"
            or (bool(content_id) and entity.disposition.value != "attachment"),
            encoding=encoding,
            source=source,
        )
    )


def file_name(entity: Entity) -> str:
    """A name for an attachment that is safe to show: what the sender says, or one from its type."""
    name = _named(entity)
    if "/" in name and not re.search(r"(?:^|/)\.{1,2}/|^/", name):
        name = name.replace("/", "_")
    if name.strip():
        return safe_name(name, _default_name(entity))
    for other in ("content-location", "content-description"):
        text = words.decode(entity.fields.raw(other)).rpartition("/")[2]
        if _LIKE_A_NAME.fullmatch(text):
            return safe_name(text, _default_name(entity))
    return _default_name(entity)


def _default_name(entity: Entity) -> str:
    kind = entity.type
    if kind.startswith("message/") and entity.children:
        subject = entity.children[0].fields.text("subject")
        return (
            safe_name(f"{subject[:100].replace('/', '_')}.eml", "message.eml") if subject else "message.eml"
        )
    extension = _EXTENSIONS.get(kind, {"message": "eml", "text": "txt"}.get(kind.partition("/")[0], "bin"))
    stem = {
        "text/calendar": "invite",
        "application/pgp-signature": "signature",
        "application/pkcs7-signature": "smime",
    }.get(kind)
    if kind in ("application/pkcs7-mime", "application/x-pkcs7-mime", "application/x-pkcs7-signature"):
        stem = "smime"
    return f"{stem or ('image' if kind.startswith('image/') else 'attachment')}.{extension}"
