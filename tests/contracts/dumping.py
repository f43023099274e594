"""What a database holds, whole: every table's rows as text, past every program that knows what to look for."""

from __future__ import annotations

import contextlib
import sqlite3

import asyncpg


async def by_hand(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run a statement that no program knows."""
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            return connection.execute(statement).fetchall()
    connected = await asyncpg.connect(url)
    try:
        return [tuple(row.values()) for row in await connected.fetch(statement)]
    finally:
        await connected.close()


async def everything(url: str) -> dict[str, str]:
    """Every table that holds anything, and what."""
    if url.startswith("sqlite"):
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
    else:
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    tables = [str(row[0]) for row in await by_hand(url, names)]
    return {table: str(await by_hand(url, f"SELECT * FROM {table}")) for table in tables}  # its own names


async def holding(url: str, word: str) -> list[str]:
    """The tables that say `word`, in any case."""
    found = await everything(url)
    return sorted(table for table, rows in found.items() if word.lower() in rows.lower())
