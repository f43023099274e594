"""Canned replies: texts that a house writes once, with placeholders for whom and by whom. Pure; where they are written is `config`'s matter.

A placeholder is `{contact.first_name}`, or with words for when it is not known `{contact.first_name|customer}`; `{{` is a brace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

PLACEHOLDERS = (
    "contact.name",
    "contact.first_name",
    "agent.name",
    "agent.first_name",
    "conversation.id",
    "conversation.subject",
    "conversation.channel",
)
_MARK = re.compile(r"\{\{|\{([^{}\n]{0,200})\}")


def unknown(text: str) -> Iterator[tuple[int, str]]:
    """Where in `text` a brace opens something that is no placeholder, and what stands there."""
    for found in _MARK.finditer(text):
        if found.group(1) is not None:
            name = found.group(1).partition("|")[0].strip()
            if name not in PLACEHOLDERS:
                yield found.start(), name


def fill(text: str, facts: Mapping[str, str]) -> str:
    """`text` with its placeholders filled; what is not known becomes the words after `|`, or nothing."""

    def value(found: re.Match[str]) -> str:
        if found.group(1) is None:
            return "{"
        name, _, otherwise = found.group(1).partition("|")
        return facts.get(name.strip(), "") or otherwise.strip()

    return _MARK.sub(value, text)


def first_name(name: str) -> str:
    """The name to call somebody by: `Ann` of `Ann Lee` and of `Lee, Ann`; empty for an address or a number."""
    if "@" in name or not any(char.isalpha() for char in name):
        return ""
    last, comma, first = name.partition(",")
    return ((first if comma and first.strip() else last).split() or [""])[0]
