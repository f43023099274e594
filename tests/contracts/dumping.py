"""What a database holds, whole: every table's rows as text, past every program that knows what to look for."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence

import asyncpg

SETTLES_LATER = "search_index_data"
"""SQLite's search index keeps single words, without their text, until it merges its parts."""


async def by_hand(url: str, *statements: str) -> list[list[tuple[object, ...]]]:
    """Run statements that no program knows, one by one; the rows of each."""
    if url.startswith("sqlite"):
        with (
            contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)) as connection,
            connection,
        ):
            return [connection.execute(statement).fetchall() for statement in statements]
    connected = await asyncpg.connect(url)
    try:
        return [[tuple(row.values()) for row in await connected.fetch(one)] for one in statements]
    finally:
        await connected.close()


async def everything(url: str) -> dict[str, str]:
    """Every table that holds anything, and what."""
    if url.startswith("sqlite"):
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
    else:
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    tables = [str(row[0]) for row in (await by_hand(url, names))[0]]
    rows = await by_hand(url, *(f"SELECT * FROM {table}" for table in tables))  # its own names
    return {table: str(some) for table, some in zip(tables, rows, strict=True) if table != SETTLES_LATER}


async def holding(url: str, *words: str) -> list[str]:
    """The tables that say one of `words`, in any case."""
    found = await everything(url)
    return sorted(name for name, rows in found.items() if _any(words, rows.lower()))


def _any(words: Sequence[str], said: str) -> bool:
    return any(word.lower() in said for word in words)
