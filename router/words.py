"""Text as rules see it: folded to plain words. No stemming and no meaning, only spelling.

Case, accents and punctuation do not count (`Rückzahlung!` has the word `ruckzahlung`, and so does a rule that says
`rückzahlung`). Writing without spaces (Chinese, Japanese, Thai) is matched as a part of the text.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

TEXT_LIMIT = 8_000
"""Characters of a message that rules look at: the beginning says what it is about."""

_PLAIN = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
_BREAKS = re.compile(r"[\W_]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


class Words(msgspec.Struct, frozen=True):
    """A text folded twice: `flat` has one space around every word, `each` is the set of them."""

    flat: str
    each: frozenset[str]


class Pattern(msgspec.Struct, frozen=True):
    """A literal of a rule: a whole word (`word`), or a piece of the flat text (`piece`: phrase, prefix, unspaced writing)."""

    word: str = ""
    piece: str = ""


def fold(text: str) -> str:
    """`text` in lower case, without accents and punctuation, one space around every word."""
    text = text[:TEXT_LIMIT]
    if text.isascii():  # nothing to fold but case: four times faster
        return f" {' '.join(text.translate(_PLAIN).split())} "
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return f" {_BREAKS.sub(' ', letters).strip()} "


def words(text: str) -> Words:
    """Fold a message."""
    flat = fold(text)
    return Words(flat, frozenset(flat.split()))


def pattern(literal: str) -> Pattern | None:
    """What `literal` of a rule looks for; a star at its end stands for any ending. None when it holds no word at all."""
    flat = fold(literal).strip()
    if not flat:
        return None
    if _UNSPACED.search(flat):
        return Pattern(piece=flat)
    if literal.rstrip().endswith("*"):
        return Pattern(piece=f" {flat}")
    return Pattern(piece=f" {flat} ") if " " in flat else Pattern(word=flat)
