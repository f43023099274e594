"""Quoted lines that carry no `>`, and armour around a text: brought into the form that `reply` decides on. No decision here.

Old and rare programs: initials before each line (`AL> words`), bars (`| words`), `<quote who="Ann">` elements, PGP in the text.
"""

from __future__ import annotations

import re

from connectors.email import quotes

MAX_ARMOUR = 400

_INITIALS = re.compile(r"^\s{0,8}([A-Za-z]{1,12}>{1,4}|\|)(?:\s|$)")
_QUOTE_OPEN = re.compile(r"^\s{0,3}<quote (?:who|name)=", re.IGNORECASE)
_QUOTE_CLOSE = re.compile(r"^\s{0,3}</quote>\s*$", re.IGNORECASE)
_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_SIGNATURE_END = "-----END PGP SIGNATURE-----"
_ESCAPED = re.compile(r"^- (?=-)")


def unmask(lines: list[str]) -> list[str]:
    """`lines` with a `>` before each that is quoted in another way. Initials and bars count only below "X wrote:"."""
    out = list(lines)
    prefix = ""
    initials: set[str] = set()
    inside = False
    for at, line in enumerate(lines):
        inside = (inside or _opens(lines, at)) and not _QUOTE_CLOSE.match(line)
        if inside or _QUOTE_CLOSE.match(line):
            out[at] = f"> {line}"
            continue
        found = _INITIALS.match(line)
        if found and (found.group(1) == prefix or found.group(1) in initials or _below_mark(out, at)):
            prefix = found.group(1)
            if prefix != "|":
                initials.add(prefix)  # they go on below an answer; a bar may begin a table there
            out[at] = f"> {line}"
        elif line.strip():
            prefix = ""
    return out


def _opens(lines: list[str], at: int) -> bool:
    """An opening element whose end is in reach, so that a lost end does not swallow the mail."""
    if not _QUOTE_OPEN.match(lines[at]):
        return False
    return any(_QUOTE_CLOSE.match(line) for line in lines[at + 1 : at + MAX_ARMOUR])


def _below_mark(lines: list[str], at: int) -> bool:
    above = next((one for one in range(at - 1, max(-1, at - 4), -1) if lines[one].strip()), -1)
    return above >= 0 and quotes.attribution_without_verb(lines, above) > 0


def without_armour(text: str) -> tuple[str, str]:
    """A text without the lines of a PGP signature around it, and those lines. Only whole armour is taken off."""
    if _SIGNED not in text or _SIGNATURE not in text:
        return text, ""
    kept: list[str] = []
    armour: list[str] = []
    state = ""
    for line in text.split("\n"):
        bare = line.strip()
        if bare == _SIGNED:
            state = "head"
        elif bare == _SIGNATURE:
            state = "signature"
        if state in {"head", "signature"}:
            armour.append(line)
            state = "" if bare == _SIGNATURE_END else "body" if state == "head" and not bare else state
        else:
            kept.append(_ESCAPED.sub("", line) if state == "body" else line)
    return "\n".join(kept), "\n".join(armour)


def armoured(text: str) -> str:
    """Whether a text is `signed` or `encrypted` by PGP within itself; empty when it is neither."""
    if text.lstrip().startswith("-----BEGIN PGP MESSAGE-----"):
        return "encrypted"
    return "signed" if _SIGNED in text and _SIGNATURE_END in text else ""
