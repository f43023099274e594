"""What a file really is, by its first bytes, and how its name may be used. Pure. Claimed types and names are never trusted."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

HEAD = 16
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|%;\u0085\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]')
_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,64}/[A-Za-z0-9!#$&^_.+-]{1,64}")


def image_type(head: bytes) -> str:
    """The type of an image that may be shown in place: png, jpeg, gif, webp; "" for everything else (also SVG)."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return ""


def safe_name(name: str) -> str:
    """A file name without path, control and direction characters, at most 120 characters; "file" when nothing is left."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    bare = _UNSAFE.sub("", last).strip(" .")
    if len(bare) > 120:
        stem, dot, ending = bare.rpartition(".")
        bare = f"{stem[:100]}.{ending[:16]}" if dot else bare[:120]
    return bare or "file"


def safe_type(claimed: str) -> str:
    """A media type without parameters; octet-stream for what is none."""
    bare = claimed.partition(";")[0].strip().lower()
    return bare if _TYPE.fullmatch(bare) else "application/octet-stream"


def disposition(name: str, *, inline: bool) -> str:
    """The Content-Disposition header (RFC 6266): an ASCII name for old clients, the real one encoded."""
    clean = safe_name(name)
    plain = clean.encode("ascii", "replace").decode().replace("?", "_")
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"
