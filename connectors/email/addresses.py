"""Address lists as they are really written: groups, comments, bare names, missing brackets, encoded words in the wrong place.

One linear pass cuts a list into tokens; no recursion. What has no `@` at all is no address and is left out, its name kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.email import words
from connectors.email.mail import MailAddress

MAX_ADDRESSES = 1_000
MAX_LOCAL, MAX_DOMAIN = 256, 255
MAX_SEARCHED = 4_000

_TOKEN = re.compile(
    rb'"(?:[^"\\]|\\.){0,500}"|<[^<>]*>|[,;:()<]|=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=|[^",;:()<=]+|.', re.DOTALL
)
_SPEC = re.compile(r"[^\s<>,;:\"()\[\]]{1,256}@(?:[^\s<>,;:\"()\[\]@]{1,255}|\[[0-9A-Fa-f.:IPvx]{2,60}\])")
_QUOTE = re.compile(rb'\\(["\\])|"')
_QUOTED_SPEC = re.compile(r'"[^"]{0,250}"@[^\s<>,;:"()@]{1,255}')


def read_addresses(raw: bytes, limit: int = MAX_ADDRESSES) -> tuple[MailAddress, ...]:
    """Every mailbox in an address header, in order, at most `limit`."""
    found = []
    for item in _items(raw):
        one = _mailbox(item)
        if one is not None:
            found.append(one)
            if len(found) >= limit:
                break
    return tuple(found)


class _Item:
    """One list element while it is being read."""

    __slots__ = ("angles", "at", "comments", "phrase")

    def __init__(self) -> None:
        self.phrase: list[bytes] = []
        self.angles: list[bytes] = []
        self.comments: list[bytes] = []
        self.at = False

    def empty(self) -> bool:
        return not (self.phrase or self.angles or self.comments)

    def add(self, token: bytes) -> None:
        if token[:1] == b"<" and len(token) > 1:
            self.angles.append(token[1:-1])
        elif token.strip(b"\r\n\t ") or self.phrase:
            self.phrase.append(token)
            self.at = self.at or b"@" in token


def _items(raw: bytes) -> Iterator[_Item]:
    item, depth = _Item(), 0
    for match in _TOKEN.finditer(raw):
        token = match.group()
        if depth:
            depth += (token == b"(") - (token == b")")
            if depth:
                item.comments.append(token)
        elif token == b"(":
            depth = 1
        elif token in {b",", b";"}:
            if not item.empty():
                yield item
            item = _Item()
        elif token == b":" and not item.angles and not item.at:
            item = _Item()  # the name of a group: its members follow
        else:
            item.add(token)
    if not item.empty():
        yield item


def _mailbox(item: _Item) -> MailAddress | None:
    phrase = b"".join(item.phrase)
    name = _clean_name(phrase)
    for angle in item.angles:
        address = _address(words.decode(angle))
        if address:
            return MailAddress(address, "" if name == address else name)
    text = words.decode(phrase)
    address = _search(text)
    if not address:
        return None
    comment = words.decode(b"".join(item.comments))
    rest = _clean_name(text.replace(address, " ", 1).encode())
    return MailAddress(address, rest.strip(" <>\"'") or comment)


def _clean_name(phrase: bytes) -> str:
    """A display name without the quotes around it; escaped ones inside stay."""
    bare = _QUOTE.sub(lambda found: found.group(1) or b"", phrase)
    name = words.decode(bare).strip()
    if len(name) > 2 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1]
    return name.strip()[:500]


def _address(text: str) -> str:
    """The address inside angle brackets: blanks in the local part and a trailing dot are mistakes, a route is history."""
    text = text.strip().removeprefix("mailto:").strip()
    if text.startswith("@") and ":" in text:
        text = text.partition(":")[2]
    found = _search(text)
    if found:
        squeezed = re.sub(r"\s+", "", text)
        return (
            found
            if squeezed.count("@") != 1 or len(squeezed) > MAX_LOCAL + MAX_DOMAIN
            else _tidy(squeezed) or found
        )
    return ""


def _search(text: str) -> str:
    text = text[:MAX_SEARCHED]
    quoted = _QUOTED_SPEC.search(text)
    if quoted:
        return _tidy(quoted.group())
    found = _SPEC.search(text)
    return _tidy(found.group()) if found else ""


def _tidy(address: str) -> str:
    address = address.strip(" .'<>\"[") if not address.startswith('"') else address.rstrip(" .'<>")
    local, _, domain = address.rpartition("@")
    domain = domain.strip(".") if not domain.startswith("[") else domain
    return f"{local}@{domain}" if local and domain and len(local) <= MAX_LOCAL else ""
