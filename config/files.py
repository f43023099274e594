"""Which files make up the configuration, and their trees: one file with `include`, or a folder with the four usual names.

`team.yaml` and `routing.yaml` may include more of their kind. Nothing is checked here but that files can be read, that sections and
files stand once, and that a key is not set in two files.
"""

from __future__ import annotations

from os.path import abspath
from pathlib import Path
from typing import Literal

import msgspec

from config.errors import ConfigError, Mark, Problem
from config.yaml_positions import MAX_BYTES, Entry, Left, Mapping, Node, Scalar, Sequence, parse, texts

SectionName = Literal["channels", "team", "routing"]
SECTIONS: tuple[SectionName, ...] = ("channels", "team", "routing")
MAIN = "parley.yaml"
MAX_FILES = 64
CANARY = ("rules", "needs", "tests")
"""What the file of a canary holds."""
_MERGED = {"channels": 1, "team": 2, "routing": 2}
"""How many levels of a section's mappings may come from several files; lists at those levels (the rules) follow one another."""


class Files(msgspec.Struct, frozen=True):
    """The trees: `main` without the sections, and each section (empty where nothing says anything). `folder` is what paths start from.

    `left`: keys that cannot stand where they stand, which are in none of the trees. `lost`: sections of which a file cannot be read.
    """

    folder: Path
    main: Mapping
    channels: Node
    team: Node
    routing: Node
    names: tuple[str, ...]
    left: Left = Left([], set())
    lost: frozenset[str] = frozenset()


def read_files(path: Path) -> Files:
    """Everything below `path` (a file or a folder). Raises `ConfigError` when there is nothing to look at."""
    if path.is_dir():
        main = path / MAIN
        if not main.is_file():
            raise ConfigError(
                [Problem(Mark(str(main)), "there is no such file; a configuration folder has one")]
            )
        beside = [(name, path / f"{name}.yaml") for name in SECTIONS if (path / f"{name}.yaml").is_file()]
        return _Gather(main).all(beside)
    return _Gather(path).all([])


def standing(path: Path) -> tuple[Path, Path | None]:
    """The configuration, and the file that stands for its routing: `path` may be a routing file in a configuration's folder."""
    folder = path.parent
    if not path.is_file() or not (folder / MAIN).is_file():
        return path, None
    try:
        with path.open("rb") as stream:
            content = parse(stream.read(MAX_BYTES + 1), str(path), Left([], set()))
    except (ConfigError, OSError):
        return path, None
    return (folder, path) if _is_routing(content) else (path, None)


def _is_routing(content: Node) -> bool:
    return isinstance(content, Mapping) and not {"queues", "rules"}.isdisjoint(content.entries)


def read_section(path: Path) -> Node:
    """One file of a section by itself. Raises `ConfigError`."""
    gather = _Gather(path)
    node = gather.section("routing", path, Mark(str(path)))
    if node is not None:
        node = gather.with_canary(node)
    if node is None or gather.left.problems:
        raise ConfigError(gather.left.problems)
    return node


class _Gather:
    def __init__(self, main: Path) -> None:
        self.main = main
        self.folder = main.parent
        self.left = Left([], set())
        self.names: list[str] = []
        self.lost: set[str] = set()

    def all(self, beside: list[tuple[SectionName, Path]]) -> Files:
        root = self.read(self.main, Mark(str(self.main)))
        if root is None:
            raise ConfigError(self.left.problems)
        if not isinstance(root, Mapping):
            raise ConfigError([Problem(root.mark, "expected a mapping (key: value) in the whole file")])
        if _is_routing(root):
            said = (
                f"this is a routing file: give the folder that has {MAIN}, channels.yaml and team.yaml, too"
            )
            raise ConfigError([Problem(root.mark, said)])
        included = self._included(root)
        wanted = {_place(path) for _, path, _ in included}
        included += [(name, path, Mark(str(path))) for name, path in beside if _place(path) not in wanted]
        found: dict[str, Node] = {}
        for name in SECTIONS:
            if name in root.entries:
                found[name] = self._with_included(name, root.entries[name].node, (self.main,))
        for name, path, mark in included:
            node = self.section(name, path, mark)
            if node is None:
                self.lost.add(name)
            else:
                found[name] = self._merge(found[name], node, _MERGED[name]) if name in found else node
        if "routing" in found:
            found["routing"] = self.with_canary(found["routing"])
        rest = {key: entry for key, entry in root.entries.items() if key not in SECTIONS}
        empty = Mapping(Mark(str(self.main)), {})
        channels, team, routing = (found.get(name, empty) for name in SECTIONS)
        return Files(
            self.folder, Mapping(root.mark, rest), channels, team, routing,
            tuple(self.names), self.left, frozenset(self.lost),
        )  # fmt: skip

    def _included(self, root: Mapping) -> list[tuple[SectionName, Path, Mark]]:
        """What `include` names; its shape is judged with the other keys, so here only what fits is taken."""
        entry = root.entries.get("include")
        if entry is None or not isinstance(entry.node, Mapping):
            return []
        found: list[tuple[SectionName, Path, Mark]] = []
        for name in SECTIONS:
            node = entry.node.entries[name].node if name in entry.node.entries else None
            found += [(name, self.folder / one, mark) for one, mark in _named(node)]
        return found

    def section(
        self, name: SectionName, path: Path, mark: Mark, within: tuple[Path, ...] = ()
    ) -> Node | None:
        """The tree of a section's file with what it includes; `mark` is where it is named, `within` are the files around it."""
        content = self.read(path, mark, within)
        return None if content is None else self._with_included(name, content, (*within, path))

    def _with_included(self, name: SectionName, content: Node, within: tuple[Path, ...]) -> Node:
        """What the files say that it includes, and then what it says itself."""
        if name == "channels" or not isinstance(content, Mapping) or "include" not in content.entries:
            return content
        include = content.entries["include"].node
        own = Mapping(content.mark, {key: one for key, one in content.entries.items() if key != "include"})
        places = _named(include)
        if len(places) != (len(include.items) if isinstance(include, Sequence) else 1):
            self.left.problems.append(Problem(include.mark, "expected a file, or a list of files"))
        parts = [self.section(name, within[-1].parent / one, mark, within) for one, mark in places]
        if None in parts:
            self.lost.add(name)
        found, *rest = [*(part for part in parts if part is not None), own]
        for part in rest:
            found = self._merge(found, part, _MERGED[name])
        return found

    def read(self, path: Path, mark: Mark, within: tuple[Path, ...] = ()) -> Node | None:
        """The tree of a file; `mark` is where it is named."""
        name, place = str(path), _place(path)
        if place in map(_place, within):
            said = "this file includes itself: " + " -> ".join(one.name for one in (*within, path))
        elif place in self.names:
            said = f"{name} is included already"
        elif len(self.names) > MAX_FILES:
            said = f"more than {MAX_FILES} files are included"
        else:
            self.names.append(place)
            try:
                with path.open("rb") as stream:
                    return parse(stream.read(MAX_BYTES + 1), name, self.left)
            except OSError as fault:
                said = f"{name} cannot be read: {fault.strerror}"
            except ValueError as fault:  # a path that no system takes
                said = f"{name!r} cannot be read: {fault}"
            except ConfigError as fault:
                self.left.problems.extend(fault.problems)
                return None
        self.left.problems.append(Problem(mark, said))
        return None

    def with_canary(self, routing: Node) -> Node:
        """The routing with the rules of the file that its canary names."""
        entry = routing.entries.get("canary") if isinstance(routing, Mapping) else None
        named = entry.node.entries.get("file") if entry and isinstance(entry.node, Mapping) else None
        if named is None or not isinstance(named.node, Scalar) or not isinstance(named.node.value, str):
            return routing
        assert isinstance(routing, Mapping)
        assert entry is not None
        assert isinstance(entry.node, Mapping)
        if both := [key for key in CANARY if key in entry.node.entries]:
            said = f'write either the file or "{both[0]}" here'
            self.left.problems.append(Problem(entry.node.entries[both[0]].key, said))
            self.lost.add("routing")
            return routing
        content = self.read(self.folder / named.node.value, named.node.mark)
        if content is not None and not isinstance(content, Mapping):
            said = "expected a mapping (key: value) in the whole file"
            self.left.problems.append(Problem(content.mark, said))
        if not isinstance(content, Mapping):
            self.lost.add("routing")
            return routing
        for key, one in content.entries.items():
            if key not in CANARY:
                said = f'the file of a canary holds {", ".join(CANARY)}; "{key}" belongs to routing.yaml'
                self.left.problems.append(Problem(one.key, said))
        known = {key: one for key, one in content.entries.items() if key in CANARY}
        whole = Mapping(entry.node.mark, {**entry.node.entries, **known})
        return Mapping(routing.mark, {**routing.entries, "canary": Entry(entry.key, whole)})

    def _merge(self, first: Node, second: Node, levels: int) -> Node:
        if not isinstance(first, Mapping) or not isinstance(second, Mapping):
            said = "expected a mapping (key: value) in the whole file"
            self.left.problems.append(Problem(second.mark, said))
            return first
        entries = dict(first.entries)
        for key, entry in second.entries.items():
            if key not in entries:
                entries[key] = entry
            elif levels > 1 and isinstance(entry.node, Mapping):
                merged = self._merge(entries[key].node, entry.node, levels - 1)
                entries[key] = Entry(entries[key].key, merged)
            elif (
                levels > 1
                and isinstance(entry.node, Sequence)
                and isinstance(known := entries[key].node, Sequence)
            ):
                entries[key] = Entry(entries[key].key, Sequence(known.mark, known.items + entry.node.items))
            elif not _same(entries[key].node, entry.node):
                said = f'"{key}" is set already at {entries[key].key}'
                self.left.problems.append(Problem(entry.key, said))
                self.left.texts.update(texts(entry.node))
        return Mapping(first.mark, entries)


def _place(path: Path) -> str:
    """A file by its place, whether or not there is one: what is wrong with it is told when it is read."""
    return abspath(path)  # noqa: PTH100  # resolve() asks the disk, and raises what open() would tell


def _named(node: Node | None) -> list[tuple[str, Mark]]:
    """The files that a text or a list of texts names."""
    items = node.items if isinstance(node, Sequence) else [node]
    return [(one.value, one.mark) for one in items if isinstance(one, Scalar) and isinstance(one.value, str)]


def _same(first: Node, second: Node) -> bool:
    return isinstance(first, Scalar) and isinstance(second, Scalar) and first.value == second.value
