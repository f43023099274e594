"""One Store over SQLite (embedded) and PostgreSQL (scaled out), chosen by URL; the driver is imported only when it is chosen."""

from __future__ import annotations

from pathlib import Path

from stream.store.ports import Store


def open_store(url: str) -> Store:
    """The store of `url`: `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://user@host/name`. Not opened yet.

    Raises `ValueError` for any other URL.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/"):
        from stream.store.sqlite import SqliteStore

        return SqliteStore(Path(rest[1:]))
    if scheme in ("postgresql", "postgres"):
        from stream.store.postgres import PostgresStore

        return PostgresStore(url)
    raise ValueError(
        f"store: {scheme}://… is not a store that Parley knows; use sqlite:///path or postgresql://…"
    )
