"""Imports go one way: config to connectors, router and inbox, these to stream; no cycles; nothing outside tests imports tests.

There is no list of exceptions.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import tree

MAY_IMPORT = {
    "stream": {"stream"},
    "connectors": {"stream", "connectors"},
    "router": {"stream", "router"},
    "inbox": {"stream", "inbox"},
    "config": set(tree.ROOMS),
}
# What a channel's room may know of connectors/: the contract, the kit and itself; never the host, the outbox or a neighbour.
FOR_CHANNELS = ("connectors.contract", "connectors.kit")
# Chosen by an address in the settings, so loaded only when chosen.
DRIVERS = ("asyncpg", "redis", "obstore", "aiosmtplib", "imapclient")


def _sources() -> list[Path]:
    return tree.ours(".py", under=tree.ROOMS)


@pytest.mark.parametrize("path", _sources(), ids=tree.label)
def test_imports_follow_the_arrows(path: Path) -> None:
    allowed = MAY_IMPORT[path.relative_to(tree.ROOT).parts[0]]
    wrong = [
        f"{tree.label(path)}:{found.line} imports {found.target}"
        for found in tree.imports(path)
        if found.target.partition(".")[0] in {*tree.ROOMS, "tests"} - allowed
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", tree.channels(), ids=lambda room: str(room.name))
def test_a_channel_knows_only_the_contract_and_the_kit(room: Path) -> None:
    own = f"connectors.{room.name}"
    wrong = [
        f"{tree.label(path)}:{found.line} imports {found.target}"
        for path in tree.ours(".py", under=("connectors",))
        if room in path.parents
        for found in tree.imports(path)
        if found.target.startswith("connectors") and not _within(found.target, (own, *FOR_CHANNELS))
    ]
    assert not wrong, "\n".join(wrong)


def _within(target: str, packages: tuple[str, ...]) -> bool:
    return any(target == package or target.startswith(f"{package}.") for package in packages)


def test_no_module_is_loaded_by_what_it_loads() -> None:
    graph = {
        name: {
            found.target
            for found in tree.imports(path)
            if found.at_load and found.target in tree.our_modules()
        }
        for name, path in tree.our_modules().items()
    }
    cycles = [" -> ".join(cycle) for cycle in _cycles(graph)]
    assert not cycles, "\n".join(cycles)


def _cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Give one path for each module that can reach itself, found by peeling off what takes no part in a cycle."""
    left = {name: set(targets) - {name} for name, targets in graph.items()}
    while True:
        ends = {name for name, targets in left.items() if not targets & left.keys()}
        if not ends:
            break
        for name in ends:
            del left[name]
    found: list[list[str]] = []
    seen: set[str] = set()
    for start in sorted(left):
        path = [start]
        while start not in seen and (following := min(left[path[-1]] & left.keys())) not in path:
            path.append(following)
        if not seen & set(path):
            found.append([*path[path.index(following) :], following])
        seen.update(path)
    return found


def test_the_search_for_cycles_finds_one() -> None:
    assert _cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c", "b"]]
    assert _cycles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


@pytest.mark.parametrize("module", ["config.main", "stream.store", "stream.journal", "router.service"])
def test_drivers_are_loaded_only_when_chosen(module: str) -> None:
    if module not in tree.our_modules():
        pytest.skip(f"{module} is not built yet")
    program = f"import sys, {module}; print(*sorted(set({DRIVERS}) & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=tree.ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert loaded.stdout.split() == []
