"""The SQL texts: read from `queries/*.sql` and `migrations/*.sql`, and put into a database's dialect.

Both databases share one text. Two marks are translated: `$1` parameters and `= ANY($1)` (SQLite: `?1`, and a JSON array), and in
migrations `{BYTES}`, `{NUMBER}` (a primary key that is SQLite's rowid itself: one tree less) and `{KEYED}` (a table of small rows that
is its own primary key: the same). A migration for one database only carries its name: `0007_search.sqlite.sql`.
"""

from __future__ import annotations

import os
import re
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

Dialect = Literal["sqlite", "postgres"]

_NAME = re.compile(r"^-- name: (\w+)(?: \((sqlite|postgres)\))?\s*$", re.MULTILINE)
_ANY = re.compile(r"= ANY\(\$(\d+)\)")
_PARAMETER = re.compile(r"\$(\d+)")
_MARKS = {
    "sqlite": {"{BYTES}": "BLOB", "{NUMBER}": "INTEGER", "{KEYED}": "WITHOUT ROWID"},
    "postgres": {"{BYTES}": "BYTEA", "{NUMBER}": "BIGINT", "{KEYED}": ""},
}


class Migration(msgspec.Struct, frozen=True):
    """One numbered step of the schema."""

    number: int
    name: str
    statements: tuple[str, ...]


def _files(folder: str) -> list[tuple[str, str]]:
    root = resources.files("stream.store") / folder
    found = [(item.name, item.read_text("utf-8")) for item in root.iterdir() if item.name.endswith(".sql")]
    return sorted(found)


@cache
def queries(dialect: Dialect) -> dict[str, str]:
    """Every named statement in `dialect`. Raises `ValueError` when two files use one name for the same database."""
    found: dict[str, str] = {}
    for file, text in _files("queries"):
        parts = _NAME.split(text)
        for name, only, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            if only and only != dialect:
                continue
            if name in found:
                raise ValueError(f"stream/store/queries/{file}: the name {name} is used twice")
            found[name] = _translate(_bare(body), dialect)
    return found


def _bare(text: str) -> str:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    return "\n".join(lines).strip().rstrip(";")


def _translate(text: str, dialect: Dialect) -> str:
    if dialect == "postgres":
        return text
    text = _ANY.sub(r"IN (SELECT value FROM json_each(?\1))", text)
    return _PARAMETER.sub(r"?\1", text)


@cache
def migrations(dialect: Dialect) -> tuple[Migration, ...]:
    """The schema's steps in order. Raises `ValueError` when a number is missing or taken twice."""
    steps: list[Migration] = []
    for file, text in _files("migrations"):
        parts = file.removesuffix(".sql").split(".")
        if len(parts) > 1 and parts[1] != dialect:
            continue
        number, _, name = parts[0].partition("_")
        bare = _bare(text)
        for mark, words in _MARKS[dialect].items():
            bare = bare.replace(mark, words)
        statements = tuple(part.strip() for part in bare.split(";\n") if part.strip())
        steps.append(Migration(int(number), name, statements))
    numbers = [step.number for step in steps]
    if numbers != list(range(1, len(steps) + 1)):
        raise ValueError(
            f"stream/store/migrations: the numbers for {dialect} are {numbers}, not 1 to {len(steps)}"
        )
    return tuple(steps)


def filled(statement: str) -> str:
    """A migration's statement with `{EPOCH}` replaced by a new stream epoch (a quoted random text)."""
    return statement.replace("{EPOCH}", f"'{os.urandom(8).hex()}'")
