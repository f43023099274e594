"""Models and volumes from their files: read with places, checked, every fault at once at its line and column; and values set by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from config.crosscheck import mark_at
from config.errors import ConfigError, Mark, Problem, nearest
from config.faults import USAGE, Fault
from config.leaves import BROKEN
from config.references import Sources
from config.shape import Shape
from config.yaml_positions import Entry, Mapping, Node, Scalar, Sequence, lift, parse
from router import routing
from router.simulation.checking import check
from router.simulation.drawing import Picture
from router.simulation.entries import ModelEntry
from router.simulation.model import Model
from router.simulation.png import png
from router.simulation.staffing import Volumes
from router.simulation.svg import svg
from router.simulation.volumes import VolumesEntry, check_volumes

Written = TypeVar("Written")
Right = TypeVar("Right")


def read_model(path: Path, overrides: Iterable[str] = ()) -> Model:
    """The model in the file at `path`. Raises `ConfigError` with every fault, `Fault` for a file that cannot be read."""
    return model_of(_text(path), str(path), overrides)


def writer(path: Path) -> Callable[[Picture], bytes]:
    """What makes the file that `path` ends with. Raises `Fault` before any work is done."""
    if path.suffix == ".svg":
        return svg
    if path.suffix != ".png":
        raise Fault(f"{path}: a picture is FILE.svg or FILE.png", USAGE)
    return png


def draw(path: Path, content: bytes) -> None:
    """Write the picture. Raises `Fault`."""
    try:
        path.write_bytes(content)
    except OSError as fault:
        raise Fault(f"{path} cannot be written: {fault.strerror}") from None


def model_of(text: bytes, name: str, overrides: Iterable[str] = ()) -> Model:
    """The model in a text. Raises `ConfigError`."""
    return _checked(text, name, overrides, ModelEntry, check)


def read_volumes(path: Path, overrides: Iterable[str] = ()) -> Volumes:
    """The volumes in the file at `path`. Raises as `read_model`."""
    return _checked(_text(path), str(path), overrides, VolumesEntry, check_volumes)


def volumes_of(recorded: dict[str, Any], overrides: Iterable[str] = ()) -> Volumes:
    """The volumes of plain values. Raises `ConfigError`."""
    return _right(lift(recorded, "what was recorded"), overrides, VolumesEntry, check_volumes)


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise Fault(f"{path} cannot be read: {fault.strerror}", USAGE) from None


def _checked(
    text: bytes,
    name: str,
    overrides: Iterable[str],
    kind: type[Written],
    check_it: Callable[[Written], tuple[Right | None, list[routing.Problem]]],
) -> Right:
    return _right(parse(text, name), overrides, kind, check_it)


def _right(
    node: Node,
    overrides: Iterable[str],
    kind: type[Written],
    check_it: Callable[[Written], tuple[Right | None, list[routing.Problem]]],
) -> Right:
    for override in overrides:
        node = _put(node, override)
    shape = Shape(Sources(environment={}, folder=Path()))
    entry = shape.read(_said(node), kind)
    if entry is BROKEN or shape.problems:
        raise ConfigError(shape.problems)
    found, problems = check_it(entry)
    if found is None:
        raise ConfigError(
            Problem(mark_at(node, one.path, one.offset, key=one.key), one.message, one.suggestion)
            for one in problems
        )
    return found


def _said(node: Node) -> Node:
    """Without what says nothing: a key with null has its default."""
    if isinstance(node, Mapping):
        return Mapping(
            node.mark,
            {
                key: Entry(entry.key, _said(entry.node))
                for key, entry in node.entries.items()
                if not isinstance(entry.node, Scalar) or entry.node.value is not None
            },
        )
    if isinstance(node, Sequence):
        return Sequence(node.mark, tuple(map(_said, node.items)))
    return node


def _put(node: Node, override: str) -> Node:
    """`classes.a.rate=0.9`, `agents.s1.count=3`, `order=fifo`: the value is YAML; a list's items go by their name or number."""
    name = f"--set {override}"
    where, sign, value = override.partition("=")
    if not sign or not where:
        raise ConfigError([Problem(Mark(name), "write it as KEY=VALUE, such as classes.a.rate=0.9")])
    # a document that is nothing but null reads as an empty mapping
    nothing = value.strip() in {"", "null", "~"}
    given = Scalar(Mark(name), None, value) if nothing else parse(value.encode(), name)
    return _replaced(node, where.split("."), given, Mark(name))


def _replaced(node: Node, path: list[str], value: Node, mark: Mark) -> Node:
    if not path:
        return value
    part, rest = path[0], path[1:]
    if isinstance(node, Sequence):
        names = [_name(item) for item in node.items]
        known = {name: at for at, name in enumerate(names) if name} | {
            str(at): at for at in range(len(names))
        }
        if part not in known:
            raise ConfigError([Problem(mark, f'there is no "{part}"', nearest(part, filter(None, names)))])
        at = known[part]
        items = (*node.items[:at], _replaced(node.items[at], rest, value, mark), *node.items[at + 1 :])
        return Sequence(node.mark, items)
    if isinstance(node, Scalar):
        raise ConfigError([Problem(mark, f'"{part}" leads nowhere: there is a single value')])
    before = node.entries.get(part)
    if before is None and rest:
        raise ConfigError([Problem(mark, f'there is no "{part}"', nearest(part, node.entries))])
    inner = value if before is None else _replaced(before.node, rest, value, mark)
    return Mapping(node.mark, {**node.entries, part: Entry(mark, inner)})


def _name(node: Node) -> str:
    """The name that an item of a list gives itself, or an empty text."""
    entry = node.entries.get("name") if isinstance(node, Mapping) else None
    return entry.node.text if entry is not None and isinstance(entry.node, Scalar) else ""
