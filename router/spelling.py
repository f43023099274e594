"""What conditions compare with texts that nothing is ever written like: languages by their names, addresses in capitals, numbers letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from router import grammar

_LANGUAGE = re.compile(r"([a-z]{2,3})?")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_ORDERED = frozenset({"<", "<=", ">", ">="})


def misspelt(node: grammar.Node) -> Iterator[tuple[int, str]]:
    """Where in a condition, and what is wrong there."""
    if isinstance(node, grammar.Not):
        yield from misspelt(node.inner)
    elif isinstance(node, grammar.Chain):
        for part in node.parts:
            yield from misspelt(part)
    elif isinstance(node, grammar.Compare):
        for name, value in ((node.left, node.right), (node.right, node.left)):
            if isinstance(name, grammar.Name):
                for item in value.items if isinstance(value, grammar.Listing) else (value,):
                    if isinstance(item, grammar.Literal) and (said := _wrong(name.name, node.op, item.value)):
                        yield item.start, said


def _wrong(name: str, op: str, value: object) -> str:
    if not isinstance(value, str):
        return ""
    if name == "lang" and not _LANGUAGE.fullmatch(value):
        return f'no language is written "{value}": two or three small letters, such as de'
    if name in {"address", "domain"} and value != value.casefold():
        return f'"{value}" is never met: the {name} is in small letters, whatever the customer wrote'
    if name == "domain" and "@" in value:
        return f'"{value}" is never met: the domain is what stands after the @'
    if name.startswith("contact.") and op in _ORDERED and _NUMBER.fullmatch(value):
        return (
            f'texts are compared letter by letter: "9" comes after "{value}", whatever they mean as numbers'
        )
    return ""
