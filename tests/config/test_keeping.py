"""What a running server keeps and forgets: the journal trimmed as the file says, a person erased from what is left."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.opening import DEMO
from router.durations import seconds
from tests.config.served import parley, served
from tests.contracts.dumping import SETTLES_LATER

SECRET = "whsec_c2VjcmV0IG9mIHRoZSBzYW1wbGUgYW5kIG9mIG5vYm9keQ=="
KNOWN = {"PARLEY_DEMO_WEBHOOK_SECRET": SECRET, "PARLEY_DEMO_PARTNER": "127.0.0.1:9"}
EVENT = {
    "type": "message",
    "conversation": "c1",
    "from": {"id": "u1", "name": "Uwe"},
    "text": "Meine Rechnung",
}
LONG = 40 * 86_400.0


class Database:
    """The server's file, looked at from outside."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self._path, timeout=30)) as connection, connection:
            return connection.execute(text).fetchall()

    def one(self, text: str) -> Any:
        return self.rows(text)[0][0]

    def read_by_all(self) -> int:
        """How far they all have read who keep their place."""
        kept = self.rows("SELECT value FROM checkpoint WHERE channel IN ('search', '@automation', '@calls')")
        places = [json.loads(value) for (value,) in kept]
        found = [
            one if isinstance(one, int) else one["cursor"]
            for one in places
            if isinstance(one, int) or one.get("on")
        ]
        return min(found, default=0)

    def holding(self, word: str) -> list[str]:
        tables = [row[0] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [
            name
            for name in tables
            if name != SETTLES_LATER and word in str(self.rows(f"SELECT * FROM {name}"))  # its own names
        ]


def wait_until(so: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < until
        time.sleep(0.05)


def _say_what_was_trimmed(etc: Path, place: list[str | Path]) -> None:
    trimmed = (
        r"was trimmed \(retention\.journal\): it goes back to \d{4}-\d\d-\d\d \d\d:\d\d UTC only, not to "
    )
    long = parley("replay", etc / "routing.yaml", "--since", "60d", *place, code=None, env=KNOWN)
    staff = parley("staff", "--since", "60d", "--set", "judge=0", *place, code=None, env=KNOWN)
    assert re.search(trimmed, long)
    assert re.search(trimmed, staff)
    young = parley("staff", "--since", "1s", "--set", "judge=0", *place, code=None, env=KNOWN)
    assert "trimmed" not in young


def test_the_journal_is_trimmed_as_the_file_says_and_a_person_is_erased_after_it(tmp_path: Path) -> None:
    etc, data = tmp_path / "etc", tmp_path / "data"
    shutil.copytree(DEMO, etc, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    place: list[str | Path] = ["--config", etc, "--data", data]
    base = Database(data / "parley.db")
    with served(*place, "--port", "0", **KNOWN) as server:
        assert server.hook("partner-api", SECRET, {**EVENT, "id": "m1"})[0] == 200
        said = base.one("SELECT MAX(n) FROM message")
        wait_until(lambda: base.read_by_all() >= said)
        assert server.stop() == 0
    for table in ("journal", "inbound"):
        base.rows(f"UPDATE {table} SET at = at - {LONG}")  # of these two
    with (etc / "parley.yaml").open("a") as file:
        file.write("retention: {journal: 30d, raw_input: 30d}\n")
    with served(*place, "--port", "0", **KNOWN) as server:
        wait_until(lambda: base.one("SELECT MIN(n) FROM journal") > said)
        assert base.rows("SELECT raw FROM inbound WHERE source_key LIKE '%m1%'") == [(None,)]
        assert server.hook("partner-api", SECRET, {**EVENT, "id": "m1"})[0] == 200, "known all the same"
        assert server.hook("partner-api", SECRET, {**EVENT, "id": "m2"})[0] == 200
        assert base.rows("SELECT seq FROM message ORDER BY seq") == [(1,), (2,)]
        conversation, contact = base.rows(
            "SELECT c.id, i.contact FROM conversation c JOIN identity i ON i.id = c.identity"
        )[0]
        assert conversation in parley("explain", conversation, *place, env=KNOWN)
        _say_what_was_trimmed(etc, place)
        told = parley("doctor", *place, code=None, env=KNOWN)
        assert "nobody holds its trimming up" in told
        assert {"content", "inbound"} <= set(base.holding("Uwe"))
        assert re.match(
            r"[1-9]\d* contents, 1 raw inputs",
            parley("contact", "erase", contact, "--yes", *place, env=KNOWN),
        )
        wait_until(lambda: base.holding("Uwe") == base.holding("Meine Rechnung") == [])
        assert server.ask("/readyz")[0] == 200
    base.rows("UPDATE checkpoint SET value = '0' WHERE channel = 'search'")
    base.rows(f"UPDATE journal SET at = at - {LONG}")  # a number
    told = parley("doctor", *place, code=None, env=KNOWN)
    assert re.search(
        r"the search index \(role inbox\) stands at event 0, the next is from \d{4}-\d\d-\d\d[.;]", told
    )


def test_the_page_about_keeping_has_every_key_with_its_default() -> None:
    """As the schema has them; durations are compared by their length."""
    page = (DEMO.parents[1] / "docs/keeping.md").read_text("utf-8")
    schema = json.loads((DEMO.parent / "schemas/parley.schema.json").read_text("utf-8"))
    told = dict(re.findall(r"^\| `([a-z_.]+)` \| `([^`]+)` \|", page, re.MULTILINE))
    keys = {
        f"{section.lower()}.{name}": str(one["default"])
        for section in ("Retention", "Sessions")
        for name, one in schema["$defs"][section]["properties"].items()
    }
    assert set(told) == set(keys)
    for name, default in keys.items():
        same = told[name] == default if default.isdigit() else seconds(told[name]) == seconds(default)
        assert same, f"{name}: {told[name]} in the page, {default} in the schema"
