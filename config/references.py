"""`${NAME}` and `file:path` in places that may hold a secret. The reference is configuration; what it points to never is.

Fields of type `Secret` accept a reference only, so that no secret can stand in a reviewed file. Fields marked with `Expanded`
are texts in which `${NAME}` may stand (a database URL with its password).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

Expanded = Annotated[str, Meta(extra={"expand": True}, extra_json_schema={"x-expand": True})]
"""A text in which `${NAME}` stands for an environment variable."""

MAX_SECRET_FILE = 65_536
_WHOLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]{0,127})\}")
_PASSWORD = re.compile(r"(?<=://)([^/@:]*):([^/@]*)@")


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """Where references are looked up: the environment, and the folder that relative `file:` paths start from."""

    environment: Mapping[str, str]
    folder: Path


class Missing(Exception):
    """The reference leads nowhere; the sentence never contains a value."""


def secret(text: str, sources: Sources) -> str:
    """What the reference `text` points to. Raises `Missing`."""
    if found := _WHOLE.fullmatch(text):
        return _variable(found[1], sources)
    if text.startswith("file:"):
        return _file(text.removeprefix("file:"), sources)
    raise Missing(
        "a secret must not stand in the file: write ${NAME} for an environment variable, or file:PATH"
    )


def expand(text: str, sources: Sources) -> str:
    """`text` with every `${NAME}` replaced. Raises `Missing`."""
    return _WHOLE.sub(lambda found: _variable(found[1], sources), text)


def stars(text: str) -> str:
    """`text` with the password of a URL replaced, for showing."""
    return _PASSWORD.sub(r"\1:****@", text)


def _variable(name: str, sources: Sources) -> str:
    value = sources.environment.get(name)
    if value is None:
        raise Missing(f"the environment variable {name} is not set")
    if not value:
        raise Missing(f"the environment variable {name} is empty")
    return value


def _file(name: str, sources: Sources) -> str:
    path = sources.folder / name
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_SECRET_FILE + 1)
    except OSError as fault:
        raise Missing(f"the file {path} cannot be read: {fault.strerror}") from None
    if len(data) > MAX_SECRET_FILE:
        raise Missing(f"the file {path} is larger than {MAX_SECRET_FILE} bytes")
    try:
        text = data.decode().strip()
    except UnicodeDecodeError:
        raise Missing(f"the file {path} is not UTF-8 text") from None
    if not text:
        raise Missing(f"the file {path} is empty")
    return text
