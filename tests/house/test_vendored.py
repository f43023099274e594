"""Vendored JavaScript: every file is listed with the hash it has, its licence lies beside it, and every bare import finds one file."""

import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.house import tree

WEB = tree.ROOT / "inbox" / "web"
_BARE = re.compile(
    r"""(?:^|[\s;}])(?:import|export)\b[^'"`;]*?\bfrom\s*["']([^"'./][^"']*)["']|\bimport\s*["']([^"'./][^"']*)["']"""
)
_MAP = re.compile(r'<script[^>]*type="importmap"[^>]*>(.*?)</script>', re.DOTALL)


def _lists() -> list[Path]:
    return [path for path in tree.tracked() if path.name == "vendor.toml"]


def _rows(listing: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads(listing.read_text("utf-8"))["module"]
    return rows


@pytest.mark.parametrize("listing", _lists(), ids=tree.label)
def test_every_vendored_file_is_listed_with_its_hash(listing: Path) -> None:
    there = {
        str(path.relative_to(listing.parent)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in listing.parent.rglob("*")
        if path.suffix in {".js", ".mjs", ".css", ".woff2", ".wasm"}
    }
    listed = {row["file"]: row["sha256"] for row in _rows(listing)}
    assert there == listed


@pytest.mark.parametrize("listing", _lists(), ids=tree.label)
def test_every_vendored_file_has_its_licence_beside_it(listing: Path) -> None:
    for row in _rows(listing):
        assert row["license"] in {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "OFL-1.1"}, row[
            "file"
        ]
        assert (listing.parent / row["license_file"]).read_text("utf-8").strip(), row["file"]


def test_nothing_is_vendored_without_a_list() -> None:
    folders = {parent for path in tree.tracked() for parent in path.parents if parent.name == "vendor"}
    assert folders == {listing.parent for listing in _lists()}


def _imported() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in tree.tracked():
        if path.suffix in {".js", ".mjs"} and WEB in path.parents:
            for one, other in _BARE.findall(path.read_text("utf-8")):
                found.setdefault(one or other, set()).add(tree.label(path))
    return found


def test_every_bare_import_resolves_to_one_vendored_file() -> None:
    """Two copies of Preact would make signals stop repainting without a word, so every name has exactly one file."""
    page, listing = WEB / "index.html", WEB / "vendor" / "vendor.toml"
    if not page.exists():
        pytest.skip("inbox/web/index.html is not built yet")
    match = _MAP.search(page.read_text("utf-8"))
    assert match, "index.html has no import map"
    mapped: dict[str, str] = json.loads(match[1])["imports"]
    files = {row["import"]: row["file"] for row in _rows(listing)}
    for name, users in sorted(_imported().items()):
        assert name in mapped, f"{name} (imported by {', '.join(sorted(users))}) is not in the import map"
        assert Path(mapped[name]).name == files[name], name
    assert len(set(mapped.values())) == len(mapped)


def test_bare_imports_are_found() -> None:
    text = 'import { h } from "preact";\nimport "x/y";\nexport { a } from \'z\';\nimport b from "./b.js";\n'
    assert [one or other for one, other in _BARE.findall(text)] == ["preact", "x/y", "z"]
