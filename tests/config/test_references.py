"""References to secrets: what they may look like, where they lead, what is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.references import MAX_SECRET_FILE, Missing, Sources, expand, secret, stars


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    (tmp_path / "token").write_text("  from-file\n")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "large").write_text("x" * (MAX_SECRET_FILE + 1))
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    return Sources(environment={"TOKEN": "from-env", "A": "1"}, folder=tmp_path)


def test_both_kinds(sources: Sources, tmp_path: Path) -> None:
    assert secret("${TOKEN}", sources) == "from-env"
    assert secret("file:token", sources) == "from-file"
    assert secret(f"file:{tmp_path}/token", sources) == "from-file"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hunter2", "a secret must not stand in the file"),
        ("x${TOKEN}", "a secret must not stand in the file"),
        ("${GONE}", "the environment variable GONE is not set"),
        ("file:gone", "cannot be read: No such file"),
        ("file:empty", "is empty"),
        ("file:large", "is larger than 65536 bytes"),
        ("file:binary", "is not UTF-8 text"),
    ],
)
def test_what_leads_nowhere(sources: Sources, text: str, said: str) -> None:
    with pytest.raises(Missing, match=said) as caught:
        secret(text, sources)
    assert "hunter2" not in str(caught.value)


def test_expand(sources: Sources) -> None:
    assert expand("a${A}b${TOKEN}$c", sources) == "a1bfrom-env$c"
    with pytest.raises(Missing):
        expand("${B}", sources)


def test_stars() -> None:
    assert stars("postgresql://u:p@ss@h/db") == "postgresql://u:****@ss@h/db" or "p" not in stars(
        "postgresql://u:pw@h/db"
    )
    assert stars("postgresql://u:secret@h/db") == "postgresql://u:****@h/db"
    assert stars("redis://h:6379/0") == "redis://h:6379/0"
