"""Bodies and queries into structs: unknown fields, wrong types and wrong values are refused with the field's name. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from inbox.errors import ApiError, malformed

T = TypeVar("T")
_PATH = re.compile(r" - at `\$\.?(.*?)`$")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_MISSING = re.compile(r"missing required field `([^`]*)`")


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything that a client sends."""


_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    """One decoder per struct of the program: their number is fixed."""
    if shape not in _decoders:
        _decoders[shape] = msgspec.json.Decoder(shape)
    return _decoders[shape]


def decode_body(raw: bytes, shape: type[T]) -> T:
    """The JSON text `raw` as a `shape`. An empty body counts as `{}`. Raises `ApiError` 400 with the field."""
    try:
        decoded: T = _decoder(shape).decode(raw or b"{}")
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed("", f"The body is not valid JSON: {error}") from error
    _no_nul(decoded)
    return decoded


def decode_fields(fields: Mapping[str, Any], shape: type[T]) -> T:
    """JSON fields that are decoded already as a `shape`. Raises `ApiError` 400 with the field."""
    try:
        decoded = msgspec.convert(dict(fields), shape)
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from error
    _no_nul(decoded)
    return decoded


def decode_query(query: Mapping[str, str], shape: type[T]) -> T:
    """The query's fields as a `shape`: numbers and flags are read from their text. Raises `ApiError` 400 with the field."""
    try:
        decoded = msgspec.convert(dict(query), shape, strict=False)
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from error
    _no_nul(decoded)
    return decoded


def _refused(text: str) -> ApiError:
    path = _PATH.search(text)
    field = path.group(1) if path else ""
    inner = _UNKNOWN.search(text) or _MISSING.search(text)
    if inner:
        field = f"{field}.{inner.group(1)}" if field else inner.group(1)
    sentence = _PATH.sub("", text)
    return malformed(field, f"{field}: {sentence}" if field else sentence)


def _no_nul(value: Any, field: str = "") -> None:
    """PostgreSQL keeps no NUL in text; lone surrogates are not UTF-8."""
    if isinstance(value, str):
        if "\0" in value:
            raise malformed(field, f"{field}: NUL is not allowed in text")
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            _no_nul(getattr(value, name), name)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _no_nul(item, field)
    elif isinstance(value, dict):
        for key, item in value.items():
            _no_nul(key, field)
            _no_nul(item, field)
