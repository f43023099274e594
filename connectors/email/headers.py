"""Header fields: finding them in bytes that may be broken, and reading their values (text, parameters, ids, dates).

Address lists are in `addresses`, encoded words in `words`. Everything is bounded: header block, fields, length of a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

import msgspec

from connectors.email import words

MAX_HEADER_BYTES = 1 << 20
MAX_FIELDS = 1_000
MAX_VALUE_BYTES = 128 * 1024
MAX_SUBJECT = 1_000
MAX_IDS = 200

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_FOREIGN_FIELD = re.compile(rb"(?=[^:]{0,60}[\x80-\xff])[A-Za-z]{1,20}-[!-9;-~\x80-\xff]{1,60}:[ \t]")
"""A name that is no ASCII: no field that anybody asks for, but no part of the field above it either."""
_KNOWN = re.compile(
    rb"(?i)(?:received|return-path|delivered-to|from|to|cc|bcc|subject|date|sender|reply-to|message-id|in-reply-to|references|"
    rb"mime-version|content-[a-z-]{1,40}|x-[!-9;-~]{1,60}|list-[a-z-]{1,30}|dkim-signature|authentication-results|arc-[a-z-]{1,40}|"
    rb"user-agent|importance|priority|precedence|auto-submitted|thread-[a-z]{1,10}|envelope-to|resent-[a-z-]{1,20})[ \t]*:"
)
_GLUED = re.compile(
    rb"([+-]\d{4}|GMT|\))((?:Received|Message-I[dD]|Subject|From|To|MIME-Version|Content-Type|X-[A-Za-z-]{2,40}):[ \t])"
)
_LEADING = re.compile(rb"(?:\xef\xbb\xbf|[\s\x00])*")


class Fields:
    """The fields of one header block in order, with raw values; names are lower case."""

    __slots__ = ("items",)

    def __init__(self, items: list[tuple[str, bytes]]) -> None:
        self.items = items

    def raw(self, name: str) -> bytes:
        """The first field called `name` (the topmost is the latest), or empty bytes."""
        return next((value for key, value in self.items if key == name), b"")

    def all_raw(self, name: str) -> list[bytes]:
        """Every field called `name`, topmost first."""
        return [value for key, value in self.items if key == name]

    def has(self, name: str) -> bool:
        """Whether there is such a field at all."""
        return any(key == name for key, _ in self.items)

    def text(self, name: str) -> str:
        """The first non-empty field called `name`, decoded, on one line."""
        return next((text for value in self.all_raw(name) if (text := words.decode(value))), "")

    def token(self, name: str) -> str:
        """The first word of a structured field, lower case, without comment and parameters (`auto-replied`)."""
        return self.text(name).split(";")[0].split("(")[0].strip().lower()


def read_fields(raw: bytes, start: int, end: int, defects: set[str]) -> tuple[Fields, int]:
    """The header block at `start` and where the body begins. Without any header the body begins at `start`."""
    window = raw[start : _head_end(raw, start, end)]
    reader = _Reader(window, defects)
    body = reader.run()
    if start + MAX_HEADER_BYTES < end and body >= MAX_HEADER_BYTES:
        defects.add("header-too-large")
    return Fields(reader.items()), start + body


def _head_end(raw: bytes, start: int, end: int) -> int:
    limit = min(end, start + MAX_HEADER_BYTES)
    ends = [at for mark in (b"\n\n", b"\n\r\n", b"\n\r\r\n") if (at := raw.find(mark, start, limit)) >= 0]
    # A few bytes more than the first blank line, as a blank line of spaces or a leading one may follow.
    return min(limit, min(ends) + 4096) if ends else limit


class _Reader:
    """One pass over the lines of a header window."""

    def __init__(self, window: bytes, defects: set[str]) -> None:
        self.window = window
        self.defects = defects
        self.found: list[tuple[str, list[bytes]]] = []
        self.lines = window.split(b"\n")

    def run(self) -> int:
        """Collects fields; returns the offset of the body in the window."""
        offset = 0
        for index, line in enumerate(self.lines):
            after = min(offset + len(line) + 1, len(self.window))
            stripped = line.rstrip(b"\r")
            if not stripped.strip():
                if not self._blank_goes_on(index, stripped):
                    return after
            elif not self._take(index, stripped):
                return offset if self.found else 0
            offset = after
        return len(self.window)

    def _blank_goes_on(self, index: int, stripped: bytes) -> bool:
        """A line of blanks inside the header is a folded nothing, when header lines follow it, or folded ones above header lines."""
        ahead = self.lines[index + 1 : index + 6]
        following = next((line for line in ahead if line[:1] not in (b" ", b"\t")), b"")
        return bool(stripped) and bool(self.found) and bool(_KNOWN.match(following))

    def _take(self, index: int, line: bytes) -> bool:
        if line[:1] in b" \t" and self.found:
            self.found[-1][1].append(line.strip())
            return True
        match = _FIELD.match(line.lstrip() if not self.found else line)
        if match and (self.found or index == 0 or _KNOWN.match(line) or self._header_ahead(index)):
            if len(self.found) < MAX_FIELDS:
                value = (line.lstrip() if not self.found else line)[match.end() :]
                self.found.append((match.group(1).decode("ascii").lower(), [value.strip()]))
            else:
                self.defects.add("too-many-fields")
            return True
        if self.found and _FOREIGN_FIELD.match(line):
            self.defects.add("header-junk")
            self.found.append(("", [line]))
            return True
        if not self._header_ahead(index):
            return self._refuse()
        if self.found:
            # A folded line that lost its indent: header lines follow, so it cannot be the body.
            self.defects.add("header-broken-fold")
            self.found[-1][1].append(line.strip())
        elif not line.startswith((b"From ", b">From ")):
            self.defects.add("header-junk")
        return True

    def _refuse(self) -> bool:
        self.defects.add("header-no-blank-line" if self.found else "no-header")
        return False

    def _header_ahead(self, index: int) -> bool:
        for line in self.lines[index + 1 : index + 12]:
            if not line.strip():
                return False
            if _KNOWN.match(line):
                return True
        return False

    def items(self) -> list[tuple[str, bytes]]:
        """The fields, unfolded; a date with another header glued to it is split."""
        out: list[tuple[str, bytes]] = []
        for name, lines in self.found:
            value = b" ".join(line for line in lines if line)
            if len(value) > MAX_VALUE_BYTES:
                self.defects.add("header-value-cut")
                value = value[:MAX_VALUE_BYTES]
            glued = _GLUED.search(value) if name == "date" else None
            out.append((name, value[: glued.start(2)] if glued else value))
            if glued:
                self.defects.add("header-glued")
                other, _, text = value[glued.start(2) :].partition(b":")
                out.append((other.decode("ascii").lower(), text.strip()))
        return out


def leading_blank(raw: bytes) -> int:
    """How many bytes of blank lines, byte order mark and NULs precede the mail."""
    found = _LEADING.match(raw[: 64 * 1024])
    return found.end() if found else 0


# --- parameters --------------------------------------------------------------------------------------------------

_PARAM = re.compile(
    rb"""[;\s]*([^=;\s"]{1,100})\s{0,20}=\s{0,20}("(?:[^"\\]|\\.){0,20000}"?|[^;]*)""", re.DOTALL
)
_GLUED_PARAM = re.compile(rb"\s*([^\s;=\"]{1,100})\s+(?=[A-Za-z][\w*-]{0,40}\s{0,5}=)")
_ONLY_NAME = re.compile(rb"\s{0,20}(?:file)?name\*?\s{0,5}=", re.IGNORECASE)
_TWICE_QUOTED = re.compile(rb'=\s{0,5}""([^"\r\n;]{1,500})""')
_SECTION = re.compile(r"(.+?)(?:\*(\d{1,4}))?(\*)?")


class Parameters(msgspec.Struct, frozen=True):
    """A structured value: `text/plain; charset=utf-8`. Parameter names are lower case, values decoded."""

    value: str
    params: dict[str, str]


def read_parameters(raw: bytes) -> Parameters:
    """Reads RFC 2045 parameters with RFC 2231 pieces and charsets, RFC 2047 words inside quotes, and raw 8-bit bytes."""
    raw = raw[:32_768]
    head, _, rest = raw.partition(b";")
    glued = _GLUED_PARAM.match(head)
    if glued:
        # `application/pdf name="a.pdf"`: the semicolon was forgotten.
        head, rest = glued.group(1), raw[glued.end(1) :]
    elif _ONLY_NAME.match(head):
        head, rest = b"", raw  # the disposition itself was forgotten
    rest = _TWICE_QUOTED.sub(rb'="\1"', rest)
    value = re.sub(r"\s+", "", words.decode(head)).lower().strip("\"'")
    pieces: dict[str, dict[int, tuple[bytes, bool]]] = {}
    position = 0
    for _ in range(200):
        match = _PARAM.match(rest, position)
        if match is None or match.end() == position:
            following = rest.find(b";", position + 1) if match is None else -1
            if following < 0:
                break
            position = following
            continue
        position = match.end()
        _keep(pieces, match.group(1), match.group(2))
    return Parameters(value, {name: _joined(parts) for name, parts in pieces.items()})


def _keep(pieces: dict[str, dict[int, tuple[bytes, bool]]], name: bytes, value: bytes) -> None:
    section = _SECTION.fullmatch(name.decode("latin-1").lower())
    if section is None:
        return
    # 1000: an extended value (`name*=`) beats a plain one of the same name; a plain one is kept under -1.
    starred = section.group(3) is not None
    number = int(section.group(2)) if section.group(2) is not None else (1000 if starred else -1)
    pieces.setdefault(section.group(1), {}).setdefault(number, (_unquote(value.strip()), starred))


def _unquote(value: bytes) -> bytes:
    if value[:1] == b'"':
        value = value[1:]
        if value[-1:] == b'"':
            value = value[:-1]
        return re.sub(rb"\\([\"\\])", rb"\1", value)
    return value.strip(b"'\"").rstrip(b" ,")


def _joined(parts: dict[int, tuple[bytes, bool]]) -> str:
    if 1000 in parts:
        return words.decode_extended(parts[1000][0])
    numbered = [parts[number] for number in sorted(number for number in parts if 0 <= number < 1000)]
    if not numbered:
        return words.decode(parts[-1][0], keep_spaces=True)
    if numbered[0][1] or (numbered[0][0].count(b"'") >= 2 and any(star for _, star in numbered)):
        return words.decode_extended(b"".join(value for value, _ in numbered))
    return words.decode(b"".join(value for value, _ in numbered), keep_spaces=True)


# --- message ids -------------------------------------------------------------------------------------------------

_BRACKETED = re.compile(r"<([^<>]{1,990})>")
_BARE_ID = re.compile(r"[^\s<>,;\"()]{1,500}@[^\s<>,;\"()]{1,400}")


def message_ids(text: str, limit: int = MAX_IDS) -> tuple[str, ...]:
    """The ids in a Message-ID, In-Reply-To or References value, without brackets, in order, each once.

    Above `limit` the first and the newest ones stay: the first names the thread, the newest are the likeliest to be known.
    """
    found = [re.sub(r"\s+", "", one) for one in _BRACKETED.findall(text)]
    if not found:
        found = _BARE_ID.findall(text)
    unique = list(dict.fromkeys(one for one in found if one))
    return tuple(unique if len(unique) <= limit else [unique[0], *unique[-(limit - 1) :]])


def message_id(text: str) -> str:
    """The one id of a Message-ID field; odd forms (`<[..]@x>`, no brackets, no `@`) are taken as they are."""
    found = message_ids(text, 1)
    if found:
        return found[0]
    first = text.strip().strip("<>").split()
    return first[0][:500] if first else ""


# --- dates -------------------------------------------------------------------------------------------------------

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,9})?\s*(Z|[+-]\d{2}:?\d{2})?"
)


def read_date(values: Iterable[str]) -> datetime | None:
    """The first of `values` that is a date, aware, in its own zone (UTC when it names none). None when none is one."""
    for value in values:
        found = _one_date(value[:200].strip())
        if found is not None and _is_one_everywhere(found):
            return found
    return None


def _is_one_everywhere(date: datetime) -> bool:
    """Whether it is within the calendar in UTC, too: the last evening of the year 9999 in the West is not."""
    try:
        date.astimezone(UTC)
    except OverflowError:
        return False
    return True


def _one_date(value: str) -> datetime | None:
    if not value:
        return None
    try:
        parts = parsedate_tz(value)
        if parts is None or parts[0] < 1971:
            return _iso_date(value)
        zone = UTC if not parts[9] else timezone(timedelta(seconds=_sane(parts[9])))
        year, month, day, hour, minute, second = parts[:6]
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None


def _sane(offset: int) -> int:
    return offset if abs(offset) < 86_400 else 0


def _iso_date(value: str) -> datetime | None:
    found = _ISO.search(value)
    if found is None:
        return None
    zone: timezone = UTC
    if found.group(7) and found.group(7) != "Z":
        sign = -1 if found.group(7)[0] == "-" else 1
        digits = found.group(7)[1:].replace(":", "")
        zone = timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
    year, month, day, hour, minute = (int(found.group(n)) for n in range(1, 6))
    return datetime(year, month, day, hour, minute, int(found.group(6) or 0), tzinfo=zone)
