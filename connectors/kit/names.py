"""File names that a stranger chose, made harmless for showing and for sending on. Nothing is ever stored under such a name."""

from __future__ import annotations

import unicodedata

LONGEST = 200
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)
_FORBIDDEN = frozenset('<>:"|?*')


def safe_name(name: str, default: str = "file") -> str:
    """The last path component without what is invisible, turns text around, or means something to a file system.

    At most `LONGEST` characters; a long name keeps its extension.
    """
    base = (
        unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
        .replace("\\", "/")
        .rsplit("/", 1)[-1]
    )
    kept = "".join(
        "_" if char in _FORBIDDEN else char for char in base if unicodedata.category(char)[0] != "C"
    )
    kept = " ".join(kept.split()).strip(". ")
    if not kept:
        return default
    if kept.split(".", 1)[0].lower() in _RESERVED:
        kept = f"_{kept}"
    if len(kept) > LONGEST:
        stem, dot, extension = kept.rpartition(".")
        kept = (
            f"{stem[: LONGEST - len(extension) - 1]}.{extension}"
            if dot and 0 < len(extension) <= 16
            else kept[:LONGEST]
        )
    return kept
