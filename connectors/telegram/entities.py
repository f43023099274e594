"""Telegram's formatting entities as HTML. Pure.

Bot API 10.1, MessageEntity: offset and length count UTF-16 code units; entities that share characters are nested, never crossed. What is
crossed all the same, or points outside, is passed over.
"""

from __future__ import annotations

import html

import msgspec

from connectors.kit.html import clean

MAX_ENTITIES = 500
_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}
_FORMATTING = frozenset({*_TAGS, "text_link"})


class Entity(msgspec.Struct, frozen=True):
    """A stretch of the text that is formatted."""

    type: str
    offset: int
    length: int
    url: str = ""


def to_html(text: str, entities: list[Entity]) -> str:
    """The text with its formatting as safe HTML; "" when there is none that text alone would lose."""
    chosen = [entity for entity in entities[:MAX_ENTITIES] if entity.type in _FORMATTING]
    if not chosen:
        return ""
    places = _places(text)
    spans = sorted(_spans(chosen, places), key=lambda span: (span[0], -span[1]))
    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    for start, end, entity in _nested(spans):
        before, after = _tags(entity)
        opening.setdefault(start, []).append(before)
        closing.setdefault(end, []).insert(0, after)
    out = []
    for index in range(len(text) + 1):
        out += closing.get(index, [])
        out += opening.get(index, [])
        if index < len(text):
            out.append("<br>" if text[index] == "\n" else html.escape(text[index]))
    return clean("".join(out))


def _places(text: str) -> list[int]:
    """For each UTF-16 code unit, and the end, the index of its character."""
    places: list[int] = []
    for index, char in enumerate(text):
        places += [index] * (2 if char > "\uffff" else 1)
    return [*places, len(text)]


def _spans(entities: list[Entity], places: list[int]) -> list[tuple[int, int, Entity]]:
    found = []
    for entity in entities:
        start, end = entity.offset, entity.offset + entity.length
        if 0 <= start < end < len(places):
            found.append((places[start], places[end], entity))
    return found


def _nested(spans: list[tuple[int, int, Entity]]) -> list[tuple[int, int, Entity]]:
    kept: list[tuple[int, int, Entity]] = []
    open_ends: list[int] = []
    for start, end, entity in spans:
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
        if open_ends and end > open_ends[-1]:
            continue
        open_ends.append(end)
        kept.append((start, end, entity))
    return kept


def _tags(entity: Entity) -> tuple[str, str]:
    if entity.type == "text_link":
        return f'<a href="{html.escape(entity.url)}">', "</a>"
    tag = _TAGS[entity.type]
    return f"<{tag}>", f"</{tag}>"
