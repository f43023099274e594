"""Splitting a text into messages that fit, at the best place there is. Pure.

A channel counts characters (code points) or UTF-16 code units. A part ends, in this order, at a paragraph, a line, a sentence, a word, or
between two grapheme clusters; only when one cluster alone is too long is it cut inside. Nothing is lost but the blanks at the seams.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

Unit = Literal["characters", "utf16"]

MAX_PARTS = 200
"""More parts than this are not made: the last one would be too long, so the rest is refused by `split`."""

_SENTENCE = re.compile(r"[.!?…。！？](?:[\"'”’)\]]{0,3})(?=\s)|[。！？]")
_JOINERS = frozenset({"\u200d", "\ufe0e", "\ufe0f", "\u20e3"})


class TooLong(ValueError):
    """The text needs more parts than are ever made of one message."""


def utf16_length(text: str) -> int:
    """How many UTF-16 code units the text has: characters outside the basic plane count twice."""
    return len(text) + sum(char > "\uffff" for char in text)


def length(text: str, unit: Unit) -> int:
    """The text's length as the channel counts it."""
    return len(text) if unit == "characters" else utf16_length(text)


def split(text: str, limit: int, unit: Unit = "characters") -> list[str]:
    """The text in parts of at most `limit` units; [] for nothing but blanks. Raises `TooLong` beyond `MAX_PARTS`."""
    if limit < 4:
        raise ValueError("a limit below 4 cannot hold every character")
    parts: list[str] = []
    rest = text.strip()
    while rest:
        if len(parts) == MAX_PARTS:
            raise TooLong(f"a text is split into at most {MAX_PARTS} parts of {limit}")
        end = _fitting(rest, limit, unit)
        if end < len(rest):
            end = _border(rest, end)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return parts


def _fitting(text: str, limit: int, unit: Unit) -> int:
    """How many characters of the text fit."""
    if unit == "characters":
        return min(len(text), limit)
    units = 0
    for index, char in enumerate(text[: limit + 1]):
        units += 2 if char > "\uffff" else 1
        if units > limit:
            return index
    return min(len(text), limit)


def _border(text: str, end: int) -> int:
    """The best place at or before `end` to part the text; in the last two thirds of the part, unless only a cluster's border is left."""
    window, least = text[: end + 1], end // 3
    finders: tuple[Callable[[str, int], int], ...] = (_paragraph, _line, _sentence, _word)
    for finder in finders:
        found = finder(window, end)
        if found > least:
            return found
    return _cluster(text, end)


def _paragraph(window: str, end: int) -> int:
    return window.rfind("\n\n", 0, end + 1)


def _line(window: str, end: int) -> int:
    return window.rfind("\n", 0, end + 1)


def _sentence(window: str, end: int) -> int:
    found = -1
    for match in _SENTENCE.finditer(window):
        if match.end() <= end:
            found = match.end()
    return found


def _word(window: str, end: int) -> int:
    for index in range(end, end // 3, -1):
        if index < len(window) and window[index].isspace():
            return index
    return -1


def _cluster(text: str, end: int) -> int:
    """The nearest border of a grapheme cluster at or before `end`; `end` itself when the cluster is longer than the part."""
    index = end
    while index > 0 and _joined(text, index):
        index -= 1
    return index if index > 0 else end


def _joined(text: str, index: int) -> bool:
    """Whether the characters on both sides of `index` belong together (the common rules of Unicode's annex 29)."""
    if index >= len(text):
        return False
    before, after = text[index - 1], text[index]
    if before == "\r" and after == "\n":
        return True
    if after in _JOINERS or before == "\u200d" or unicodedata.category(after) in {"Mn", "Me", "Mc"}:
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return True
    if _regional(before) and _regional(after):
        start = index
        while start > 0 and _regional(text[start - 1]):
            start -= 1
        return (index - start) % 2 == 1
    return False


def _regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
