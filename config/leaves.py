"""Plain values against type information: does it fit, and the words that say why not. No places, no files."""

from __future__ import annotations

import re
from typing import Any

from msgspec import inspect

from config.errors import nearest
from config.yaml_positions import Mapping, Node, Scalar, Sequence
from connectors.contract import Secret

BROKEN: Any = object()
"""Stands for a value that could not be read; its fault is in the list."""

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,3})?) ?%")
_SCALARS = (
    inspect.NoneType,
    inspect.BoolType,
    inspect.IntType,
    inspect.FloatType,
    inspect.StrType,
    inspect.LiteralType,
    inspect.EnumType,
    inspect.CustomType,
)
_MAPPINGS = (inspect.StructType, inspect.DictType)


def bare(kind: inspect.Type) -> inspect.Type:
    """The type without its annotations."""
    return bare(kind.type) if isinstance(kind, inspect.Metadata) else kind


def takes(kind: inspect.Type, node: Node) -> bool:
    """Whether `node` has the outer form that `kind` wants; within a union this chooses the member."""
    if isinstance(kind, inspect.AnyType):
        return True
    if isinstance(node, Mapping):
        return isinstance(kind, _MAPPINGS)
    if isinstance(node, Sequence):
        return not isinstance(kind, (*_SCALARS, *_MAPPINGS))
    if isinstance(kind, inspect.CustomType):
        return kind.cls is Secret
    return isinstance(kind, _SCALARS) and fit(node.value, kind) is not BROKEN


def fit(value: Any, kind: inspect.Type) -> Any:
    """The plain value as `kind` (a whole number serves as a float), or `BROKEN`."""
    if isinstance(kind, inspect.LiteralType):
        return value if any(value == one and type(value) is type(one) for one in kind.values) else BROKEN
    if isinstance(kind, inspect.EnumType):
        return next((one for one in kind.cls if one.value == value), BROKEN)
    if isinstance(kind, inspect.FloatType):
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else BROKEN
    if isinstance(kind, inspect.NoneType):
        return value if value is None else BROKEN
    wanted = {inspect.BoolType: bool, inspect.IntType: int, inspect.StrType: str}.get(type(kind))
    return value if type(value) is wanted else BROKEN


def limits(value: Any, kind: inspect.Type) -> str:
    """The sentence that says which limit of the type `value` breaks, or an empty text."""
    if isinstance(kind, inspect.IntType | inspect.FloatType):
        return _number(value, kind)
    if isinstance(kind, inspect.StrType):
        if kind.pattern is not None and not _fits(kind.pattern, value):
            return f"does not have the expected form ({kind.pattern})"
        return length(len(value), kind, "characters")
    return ""


def _fits(pattern: str, value: str) -> bool:
    """As JSON Schema reads it: `$` is the very end. For Python a last line break may follow."""
    found = re.search(pattern, value)
    return found is not None and not (pattern.endswith("$") and found.end() < len(value))


def _number(value: float, kind: inspect.IntType | inspect.FloatType) -> str:
    if (kind.ge is not None and value < kind.ge) or (kind.gt is not None and value <= kind.gt):
        return f"must be {f'at least {kind.ge:g}' if kind.ge is not None else f'more than {kind.gt:g}'}, is {value:g}"
    if (kind.le is not None and value > kind.le) or (kind.lt is not None and value >= kind.lt):
        return f"must be {f'at most {kind.le:g}' if kind.le is not None else f'less than {kind.lt:g}'}, is {value:g}"
    return ""


def length(found: int, kind: Any, noun: str) -> str:
    """The sentence about too few or too many, or an empty text."""
    if kind.min_length is not None and found < kind.min_length:
        return f"must have at least {kind.min_length} {noun}, has {found}"
    if kind.max_length is not None and found > kind.max_length:
        return f"must have at most {kind.max_length} {noun}, has {found}"
    return ""


def say(kind: inspect.Type) -> str:
    """The type in words."""
    if isinstance(kind, inspect.LiteralType):
        return f"one of {', '.join(str(one) for one in kind.values)}"
    if isinstance(kind, inspect.EnumType):
        return f"one of {', '.join(str(one.value) for one in kind.cls)}"
    if isinstance(kind, inspect.CustomType):
        return "a secret (${NAME} or file:PATH)" if kind.cls is Secret else f"a {kind.cls.__name__}"
    return _WORDS.get(type(kind), "a list")


_WORDS = {
    inspect.BoolType: "true or false",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.StrType: "a text",
    inspect.NoneType: "nothing",
    inspect.StructType: "a mapping (key: value)",
    inspect.DictType: "a mapping (key: value)",
}


def got(node: Node) -> str:
    """What stands there, in words."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    if node.value is None:
        return "nothing"
    if isinstance(node.value, bool):
        return node.text
    return f"the {'text' if isinstance(node.value, str) else 'number'} {quote(node.text)}"


def quote(text: str) -> str:
    """`text` in quotes on one line, at most 40 characters of it."""
    line = " ".join(text.split())
    return f'"{line[:40]}..."' if len(line) > 40 else f'"{line}"'


def wrong(node: Scalar, kind: inspect.Type) -> tuple[str, str]:
    """The sentence and the suggestion for a leaf of another type."""
    if isinstance(kind, inspect.LiteralType | inspect.EnumType) and isinstance(node.value, str):
        choices = kind.values if isinstance(kind, inspect.LiteralType) else [one.value for one in kind.cls]
        return f"expected {say(kind)}, got {quote(node.text)}", nearest(node.text, map(str, choices))
    if isinstance(kind, inspect.StrType) and type(node.value) in {int, float}:
        said = f"put it into quotes ('{node.text}'), or give a time its unit ({node.text}s)"
        return f"expected a text, got {got(node)}: {said}", ""
    if (
        isinstance(kind, inspect.FloatType)
        and (share := _PERCENT.fullmatch(node.text))
        and node.value == node.text
    ):
        return (
            f"expected a number, got {got(node)}: write a share as a part of 1",
            f"{float(share[1]) / 100:g}",
        )
    if isinstance(kind, inspect.StrType) and node.value is not None:
        return f"expected a text, got {got(node)}: put it into quotes", f"'{quote(node.text)[1:-1]}'"
    if isinstance(kind, inspect.BoolType) and isinstance(node.value, str):
        meant = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
        return f"expected true or false, got {got(node)}", meant.get(node.text.casefold(), "")
    return f"expected {say(kind)}, got {got(node)}", ""
