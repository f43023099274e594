"""The tree of a mail: entities with their header fields and the place of their bodies in the raw bytes. Nothing is decoded.

Cut from the outside in, by the bytes of the boundary lines, so that a missing inner boundary ends with its parent. Depth, number
of parts and header size are bounded here, before anything else looks at the mail. The standard library's parser raises
RecursionError on nested parts (cpython #105802 and others) and copies every line; this one does neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.email import smime, transfer
from connectors.email.headers import Fields, Parameters, leading_blank, read_fields, read_parameters

MAX_DEPTH = 32
MAX_PARTS = 500
MAX_STRAYS = 100_000
SIGNED_TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")

_BOUNDARY_LINE = re.compile(rb"^--([^\r\n]{1,200}?)(?:--)?[ \t]*\r*$", re.MULTILINE)
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+*-]{1,120}")
_LATE_HEADER = re.compile(
    rb"[\r\n]{0,4}(content-(?:type|disposition|transfer-encoding):[ \t]*[a-z0-9][^\r\n]{1,500}\r*\n(?:(?:content-[a-z-]{1,40}:|[ \t]{1,20}[^\s])[^\r\n]{0,500}\r*\n){0,9}\r*\n)",
    re.IGNORECASE,
)
"""Programs that write a blank line before (or within) a part's header."""
_LOST_MULTIPART = re.compile(rb"\s{0,100}--([^\s]{5,200})[ \t]*\r*\n[Cc]ontent-[A-Za-z-]{1,40}:")


class Entity:
    """A mail or a part of one: `raw[start:end]` is its body as it travelled."""

    __slots__ = (
        "children",
        "content",
        "depth",
        "disposition",
        "encoding",
        "end",
        "fields",
        "parent",
        "raw",
        "start",
    )

    def __init__(
        self, raw: bytes, start: int, end: int, fields: Fields, depth: int, parent: Entity | None
    ) -> None:
        self.raw, self.start, self.end = raw, start, end
        self.fields = fields
        self.depth = depth
        self.parent = parent
        self.children: list[Entity] = []
        self.content = _content(fields, parent)
        self.disposition: Parameters = read_parameters(fields.raw("content-disposition"))
        self.encoding = ""

    @property
    def type(self) -> str:
        """`text/plain`, lower case."""
        return self.content.value

    @property
    def body(self) -> bytes:
        """The body as it travelled."""
        return self.raw[self.start : self.end]

    def walk(self) -> Iterator[Entity]:
        """This entity and everything in it, in the order of the mail."""
        stack = [self]
        while stack:
            entity = stack.pop()
            yield entity
            stack.extend(reversed(entity.children))


def _content(fields: Fields, parent: Entity | None) -> Parameters:
    default = "message/rfc822" if parent is not None and parent.type == "multipart/digest" else "text/plain"
    raw = fields.raw("content-type")
    if not raw.strip():
        return Parameters(default, {})
    found = read_parameters(raw)
    kind, slash, sub = found.value.partition("/")
    if kind in ("text", "html", "plain", "multipart") and not (slash and sub):
        fixed = {"html": "text/html", "multipart": "multipart/mixed"}.get(kind, "text/plain")
        return Parameters(fixed, found.params)
    named = _TYPE.search(found.value.replace("%22", ""))
    if not named:
        return Parameters("application/octet-stream" if found.params else default, found.params)
    return found if named.group() == found.value else Parameters(named.group(), found.params)


class _Budget:
    __slots__ = ("defects", "parts")

    def __init__(self, defects: set[str]) -> None:
        self.parts = MAX_PARTS
        self.defects = defects


def read_structure(raw: bytes, defects: set[str]) -> Entity:
    """The whole mail as a tree. Whatever is odd on the way is added to `defects`; nothing raises."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    return _read(raw, leading_blank(raw), len(raw), None, _Budget(defects))


def _read(raw: bytes, start: int, end: int, parent: Entity | None, budget: _Budget) -> Entity:
    fields, body = read_fields(raw, start, end, budget.defects if parent is None else set())
    late = _LATE_HEADER.match(raw, body, end) if _is_part(parent) and not fields.has("content-type") else None
    if late:
        budget.defects.add("header-after-blank")
        more, body = read_fields(raw, late.start(1), end, set())
        fields = Fields([*fields.items, *more.items])
    entity = Entity(raw, body, end, fields, parent.depth + 1 if parent else 0, parent)
    budget.parts -= 1
    encoding = transfer.known(fields.text("content-transfer-encoding"))
    if encoding is None:
        budget.defects.add("unknown-encoding")
    entity.encoding = encoding or ""
    if entity.type.startswith("multipart/"):
        _read_multipart(entity, budget)
    elif entity.type in ("message/rfc822", "message/global", "message/news"):
        _read_message(entity, budget)
    elif entity.type in SIGNED_TYPES and entity.depth < MAX_DEPTH and budget.parts > 0:
        inner = smime.signed_content(transfer.decode(entity.body, entity.encoding))
        if inner:
            entity.children = [_read(inner, leading_blank(inner), len(inner), entity, budget)]
    elif parent is None and not fields.has("content-type"):
        lost = _LOST_MULTIPART.match(raw[body : body + 4096])
        if lost:
            budget.defects.add("multipart-without-type")
            entity.content = Parameters("multipart/mixed", {"boundary": lost.group(1).decode("latin-1")})
            _read_multipart(entity, budget)
    return entity


def _is_part(parent: Entity | None) -> bool:
    """Of a digest each part is a mail, whose header stands below a blank line."""
    return parent is not None and parent.type.startswith("multipart/") and parent.type != "multipart/digest"


def _read_message(entity: Entity, budget: _Budget) -> None:
    if entity.depth >= MAX_DEPTH:
        budget.defects.add("too-deep")
        return
    if budget.parts <= 0:
        budget.defects.add("too-many-parts")
        return
    if entity.encoding in ("base64", "quoted-printable"):
        # Forbidden by RFC 2046, and common: the message has to be decoded before it can be read.
        inner = transfer.decode(entity.body, entity.encoding)
        entity.children = [_read(inner, leading_blank(inner), len(inner), entity, budget)]
        return
    lead = leading_blank(entity.raw[entity.start : min(entity.end, entity.start + 4096)])
    entity.children = [_read(entity.raw, entity.start + lead, entity.end, entity, budget)]


def _read_multipart(entity: Entity, budget: _Budget) -> None:
    if entity.depth >= MAX_DEPTH:
        budget.defects.add("too-deep")
        return
    spans = _spans(entity, entity.content.params.get("boundary", ""))
    if not spans:
        spans = _recover(entity, budget)
    for start, end in spans:
        if budget.parts <= 0:
            budget.defects.add("too-many-parts")
            break
        entity.children.append(_read(entity.raw, start, end, entity, budget))
    if not entity.children:
        budget.defects.add("multipart-without-parts")
        entity.content = Parameters("text/plain", {})


def _recover(entity: Entity, budget: _Budget) -> list[tuple[int, int]]:
    """The boundary is missing or wrong: take the first line that looks like one and comes twice; or decode an encoded multipart."""
    if entity.encoding in ("base64", "quoted-printable") and entity.content.params.get("boundary"):
        budget.defects.add("encoded-multipart")
        inner = transfer.decode(entity.body, entity.encoding)
        entity.raw, entity.start, entity.end, entity.encoding = inner, 0, len(inner), ""
        return _spans(entity, entity.content.params["boundary"])
    head = entity.raw[entity.start : min(entity.end, entity.start + 65_536)]
    for tries, found in enumerate(_BOUNDARY_LINE.finditer(head)):
        boundary = found.group(1).decode("latin-1").strip()
        if tries > 20 or not boundary or set(boundary) <= {"-"}:
            break
        after = head[found.end() : found.end() + 400].lstrip(b"\r\n").lower()
        if after.startswith(b"content-"):
            budget.defects.add("boundary-missing")
            return _spans(entity, boundary)
    return []


def _spans(entity: Entity, boundary: str) -> list[tuple[int, int]]:
    """Where the parts are, between the boundary lines."""
    raw, end = entity.raw, entity.end
    needle = b"--" + boundary.strip().encode(
        "utf-8" if not boundary.isascii() else "ascii", "surrogateescape"
    )
    # The pattern begins with the boundary itself, so that the search runs at the speed of `find`.
    line = re.compile(re.escape(needle) + rb"(--(?: [^\n]{0,200})?)?[ \t\r\f\v]*(?:\n|\Z)")
    spans: list[tuple[int, int]] = []
    open_at: int | None = None
    strays = MAX_STRAYS
    for found in line.finditer(raw, entity.start, end) if boundary else ():
        at = found.start()
        if at > entity.start and raw[at - 1 : at] not in (b"\n", b"\r"):
            strays -= 1
            if strays:
                continue
            break
        if open_at is not None:
            spans.append((open_at, _before(raw, open_at, at)))
        open_at = None if found.group(1) else found.end()
        if len(spans) > MAX_PARTS:
            break
    if open_at is not None:
        spans.append((open_at, end))
    return spans


def _before(raw: bytes, start: int, at: int) -> int:
    """The line break before a boundary line belongs to the boundary."""
    if at > start and raw[at - 1 : at] == b"\n":
        at -= 1
    while at > start and raw[at - 1 : at] == b"\r":
        at -= 1
    return max(at, start)
