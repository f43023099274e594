"""One text for both databases: parameters, lists, marks; every named statement and migration is well formed."""

from __future__ import annotations

import re
import sqlite3

import pytest

from stream.store import statements
from stream.store.statements import Dialect, filled, migrations, queries

DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgres")


def test_parameters_and_lists_are_put_into_the_dialect() -> None:
    text = "SELECT x FROM t WHERE a = $1 AND b = ANY($12)"
    assert statements._translate(text, "postgres") == text
    assert (
        statements._translate(text, "sqlite")
        == "SELECT x FROM t WHERE a = ?1 AND b IN (SELECT value FROM json_each(?12))"
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_marks_are_filled_for_the_dialect(dialect: Dialect) -> None:
    text = "\n".join(statement for step in migrations(dialect) for statement in step.statements)
    assert not re.search(r"\{(BYTES|NUMBER|KEYED)\}", text)
    assert ("BYTEA" in text) == (dialect == "postgres")
    assert ("WITHOUT ROWID" in text) == (dialect == "sqlite")


def test_every_epoch_is_another() -> None:
    assert filled("VALUES ({EPOCH})") != filled("VALUES ({EPOCH})")
    assert re.fullmatch(r"VALUES \('[0-9a-f]{16}'\)", filled("VALUES ({EPOCH})"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_migrations_are_numbered_without_gap(dialect: Dialect) -> None:
    assert [step.number for step in migrations(dialect)] == list(range(1, len(migrations(dialect)) + 1))


def test_both_dialects_have_the_same_statements_but_for_those_of_one_alone() -> None:
    assert set(queries("sqlite")) - set(queries("postgres")) == {"search_ids", "search_terms"}
    assert set(queries("postgres")) - set(queries("sqlite")) == set()


def _files(text: str) -> list[tuple[str, str]]:
    return [("a.sql", text)]


def test_a_name_used_twice_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        statements, "_files", lambda _folder: _files("-- name: x\nSELECT 1;\n-- name: x\nSELECT 2;\n")
    )
    queries.cache_clear()
    with pytest.raises(ValueError, match=r"queries/a\.sql: the name x is used twice"):
        queries("sqlite")
    queries.cache_clear()


def test_a_missing_migration_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [("0001_a.sql", "SELECT 1;"), ("0003_b.sql", "SELECT 1;"), ("0002_c.postgres.sql", "SELECT 1;")]
    monkeypatch.setattr(statements, "_files", lambda _folder: files)
    migrations.cache_clear()
    with pytest.raises(ValueError, match=r"the numbers for sqlite are \[1, 3\], not 1 to 2"):
        migrations("sqlite")
    migrations.cache_clear()


@pytest.fixture
def database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for step in migrations("sqlite"):
        for statement in step.statements:
            connection.execute(filled(statement))
    return connection


@pytest.mark.parametrize("name", sorted(queries("sqlite")))
def test_every_statement_is_understood_by_sqlite(database: sqlite3.Connection, name: str) -> None:
    text = queries("sqlite")[name]
    count = max((int(number) for number in re.findall(r"\?(\d+)", text)), default=0)
    database.execute(f"EXPLAIN {text}", ["[]"] * count)
    database.close()


@pytest.mark.parametrize(
    "name",
    [
        "unresolved", "list_conversations", "list_resolved", "list_named", "list_own", "conversations_of", "waiting_by_queue",
        "journal_of_conversation", "messages_before", "history_after", "history_newest", "outbox_claimable", "load_earlier",
        "identities_of", "contacts_merged_into", "touch_conversation", "identity_by_lookup", "load_kin",
        "past", "inputs_of", "inputs_under", "inputs_at", "inputs_nobodys", "journal_moment", "journal_redact",
    ],
)  # fmt: skip
def test_what_is_asked_often_walks_no_whole_table(database: sqlite3.Connection, name: str) -> None:
    text = queries("sqlite")[name]
    count = max(int(number) for number in re.findall(r"\?(\d+)", text))
    steps = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {text}", ["[]"] * count)]
    assert not [step for step in steps if step.startswith("SCAN") and "json_each" not in step], steps
    database.close()
