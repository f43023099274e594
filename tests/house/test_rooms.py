"""The rooms of the tree: every channel has the same files and is registered; seams stay narrow; migrations are numbered without gap."""

import ast
import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from tests.house import tree

# The channels and rooms that the tree must have once it is whole. While COMPLETE is False, what is there is judged and
# what is not there yet is skipped.
COMPLETE = False
CHANNELS = ("echo", "webhook", "webchat", "email", "telegram")
ROOMS = (
    "connectors/contract.py", "connectors/host.py", "connectors/outbox.py", "connectors/kit", "connectors/conformance",
    "stream/model.py", "stream/events.py", "stream/fold", "stream/journal.py", "stream/store", "stream/bus",
    "router/engine.py", "router/service.py", "inbox/routes.py", "inbox/api", "inbox/live.py", "inbox/auth.py", "inbox/policy.py",
    "inbox/web/index.html", "inbox/web/app.js", "inbox/web/vendor/vendor.toml", "config/settings.py", "config/wiring.py",
    "config/main.py", "tests/contracts", "tests/journeys", "tests/faults", "tests/bench",
)  # fmt: skip
CHANNEL_FILES = ("__init__.py", "codec.py", "connector.py", "README.md")
METHODS = {"Store": 12, "Bus": 5}  # a seam that grows past these is two seams
MIGRATION = re.compile(r"(?P<number>\d{4})_[a-z0-9_]+(?:\.(?P<dialect>sqlite|postgres))?\.sql")


def _entry_points() -> dict[str, str]:
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    registered: dict[str, str] = project["entry-points"]["parley.connectors"]
    return registered


@pytest.mark.parametrize("name", [*ROOMS, *(f"connectors/{channel}" for channel in CHANNELS)])
def test_the_room_is_there(name: str) -> None:
    path = tree.ROOT / name
    there = path.exists() or path.with_suffix("").is_dir()  # a module that became a package
    if not there and not COMPLETE:
        pytest.skip(f"{name} is not built yet")
    assert there


@pytest.mark.parametrize("room", tree.channels(), ids=lambda room: str(room.name))
def test_a_channel_has_the_same_files_as_the_others(room: Path) -> None:
    missing = [name for name in CHANNEL_FILES if not (room / name).is_file()]
    assert not missing, f"{tree.label(room)} has no {', '.join(missing)}"


@pytest.mark.parametrize("room", tree.channels(), ids=lambda room: str(room.name))
def test_a_channel_declares_its_manifest_and_is_registered(room: Path) -> None:
    assert "MANIFEST" in _bound(tree.parsed(room / "__init__.py"))
    assert _entry_points().get(room.name) == f"connectors.{room.name}:MANIFEST"


def _bound(module: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in module.body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


@pytest.mark.parametrize("channel", sorted(_entry_points()))
def test_what_is_registered_is_there(channel: str) -> None:
    there = (tree.ROOT / "connectors" / channel / "__init__.py").is_file()
    if not there and not COMPLETE:
        pytest.skip(f"connectors/{channel} is not built yet")
    assert there


def _protocols() -> list[tuple[str, ast.ClassDef]]:
    return [
        (tree.label(path), node)
        for path in tree.ours(".py", under=tree.ROOMS)
        if path.name == "ports.py"
        for node in tree.parsed(path).body
        if isinstance(node, ast.ClassDef) and node.name in METHODS
    ]


@pytest.mark.parametrize(("where", "seam"), _protocols(), ids=lambda value: getattr(value, "name", value))
def test_a_seam_is_narrow(where: str, seam: ast.ClassDef) -> None:
    methods = [
        node.name for node in seam.body if isinstance(node, tree.Function) and not node.name.startswith("_")
    ]
    assert len(methods) <= METHODS[seam.name], f"{where} {seam.name}: {', '.join(methods)}"


def _migration_folders() -> list[Path]:
    return sorted(
        {path.parent for path in tree.ours(".sql", under=tree.ROOMS) if path.parent.name == "migrations"}
    )


@pytest.mark.parametrize("folder", _migration_folders(), ids=tree.label)
def test_migrations_are_numbered_without_gap(folder: Path) -> None:
    assert not numbering_faults([path.name for path in sorted(folder.glob("*.sql"))])


def numbering_faults(names: list[str]) -> list[str]:
    """Name what is wrong with a folder of migrations: for each database, the numbers are 1, 2, 3 ... and each stands once."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    faults = []
    for name in names:
        match = MIGRATION.fullmatch(name)
        if match is None:
            faults.append(f"{name} is not NNNN_what[.sqlite|.postgres].sql")
            continue
        for dialect in [match["dialect"]] if match["dialect"] else ["sqlite", "postgres"]:
            numbers[dialect].append(int(match["number"]))
    for dialect, found in sorted(numbers.items()):
        if sorted(found) != list(range(1, len(found) + 1)):
            faults.append(f"{dialect}: {sorted(found)}")
    return faults


def test_faults_of_numbering_are_seen() -> None:
    assert numbering_faults(["0001_stream.sql", "0003_search.sql"])
    assert numbering_faults(["0001_stream.sql", "0002_a.sql", "0002_b.sql"])
    assert numbering_faults(["0001_stream.sql", "0002_search.sqlite.sql"]) == []
    assert numbering_faults(["1_stream.sql"])
    assert not numbering_faults(
        ["0001_stream.sql", "0002_search.sqlite.sql", "0002_search.postgres.sql", "0003_blobs.sql"]
    )
