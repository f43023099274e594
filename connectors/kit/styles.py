"""Which CSS a stranger's `style` attribute may keep: known properties with harmless values. Pure.

Nothing that loads, positions, animates or refers to something: no `url()`, `var()`, `expression()`, no `@`, backslash or comment.
"""

from __future__ import annotations

import re

LONGEST = 4_096
MAX_DECLARATIONS = 64

_LENGTH = r"(?:0|\d{1,4}(?:\.\d{1,4})?(?:px|pt|em|rem|ex|ch|%|in|cm|mm|pc)?)"
_COLOUR = r"(?:#[0-9a-f]{3,8}|[a-z]{3,24}|(?:rgb|rgba|hsl|hsla)\([0-9.,%/ ]{1,40}\))"
_BORDER = r"(?:none|hidden|dotted|dashed|solid|double|groove|ridge|inset|outset|thin|medium|thick|collapse|separate)"
_FAMILY = r"""(?:[a-z][a-z0-9 _-]{0,40}|"[a-z0-9 _.-]{1,40}"|'[a-z0-9 _.-]{1,40}')"""


def _words(words: str) -> re.Pattern[str]:
    return re.compile("|".join(words.split()), re.IGNORECASE)


def _list(item: str, most: int, between: str = r"\s+") -> re.Pattern[str]:
    return re.compile(f"{item}(?:{between}{item}){{0,{most - 1}}}", re.IGNORECASE)


_BOX = _list(f"(?:{_LENGTH}|auto)", 4)
_PROPERTIES: dict[str, re.Pattern[str]] = {
    "color": re.compile(_COLOUR, re.IGNORECASE),
    "background-color": re.compile(_COLOUR, re.IGNORECASE),
    "font-family": _list(_FAMILY, 8, r"\s*,\s*"),
    "font-size": re.compile(rf"{_LENGTH}|(?:xx?-)?(?:small|large)|medium|smaller|larger", re.IGNORECASE),
    "font-style": _words("normal italic oblique"),
    "font-weight": _words("normal bold bolder lighter [1-9]00"),
    "text-align": _words("left right center justify start end"),
    "text-decoration": _list("(?:none|underline|overline|line-through|solid|dotted)", 3),
    "text-indent": re.compile(_LENGTH),
    "text-transform": _words("none uppercase lowercase capitalize"),
    "line-height": re.compile(rf"normal|{_LENGTH}", re.IGNORECASE),
    "vertical-align": re.compile(rf"baseline|sub|super|top|middle|bottom|{_LENGTH}", re.IGNORECASE),
    "white-space": _words("normal nowrap pre pre-wrap pre-line"),
    "direction": _words("ltr rtl"),
    "list-style-type": _words("none disc circle square decimal lower-alpha upper-alpha lower-roman upper-roman"),
    "width": re.compile(rf"auto|{_LENGTH}", re.IGNORECASE),
    "max-width": re.compile(rf"none|{_LENGTH}", re.IGNORECASE),
    "min-width": re.compile(_LENGTH),
    "height": re.compile(rf"auto|{_LENGTH}", re.IGNORECASE),
    "border-collapse": _words("collapse separate"),
    "border-spacing": _list(_LENGTH, 2),
    "border-radius": _list(_LENGTH, 4),
    "border-color": _list(_COLOUR, 4),
    "border-style": _list(_BORDER, 4),
    "border-width": _list(_LENGTH, 4),
    **dict.fromkeys(("margin", "padding"), _BOX),
    **{f"{box}-{side}": _BOX for box in ("margin", "padding") for side in ("top", "right", "bottom", "left")},
    **{
        name: _list(f"(?:{_LENGTH}|{_BORDER}|{_COLOUR})", 3)
        for name in ("border", "border-top", "border-right", "border-bottom", "border-left")
    },
}  # fmt: skip


def safe_style(style: str) -> str:
    """What of a `style` attribute is harmless, in one form (`name:value;…`); "" when nothing is."""
    kept: dict[str, str] = {}
    for declaration in style[:LONGEST].split(";")[:MAX_DECLARATIONS]:
        name, colon, value = declaration.partition(":")
        name = name.strip().lower()
        value = " ".join(re.sub(r"!\s{0,5}important\s{0,5}$", "", value.strip(), flags=re.IGNORECASE).split())
        allowed = _PROPERTIES.get(name)
        if colon and allowed is not None and len(value) <= 200 and allowed.fullmatch(value):
            kept.pop(name, None)
            kept[name] = value
    return ";".join(f"{name}:{value}" for name, value in kept.items())


def is_colour(value: str) -> bool:
    """Whether an attribute's value is a plain colour."""
    return len(value) <= 50 and re.fullmatch(_COLOUR, value.strip(), re.IGNORECASE) is not None
