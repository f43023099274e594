"""The tree as the house rules see it: files, parsed modules, imports, functions. Judges nothing itself."""

import ast
import functools
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("stream", "connectors", "router", "inbox", "config")
SHARED_BY_CHANNELS = frozenset({"kit", "conformance"})
_SKIPPED = frozenset({".venv", ".git", "build", "dist", "node_modules", "data", "vendor", "__pycache__"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


@functools.cache
def tracked() -> tuple[Path, ...]:
    """Every file that is or would be committed; outside a git checkout, every file that is not output."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not _SKIPPED & set(path.relative_to(ROOT).parts)]
    return tuple(sorted({path for path in paths if path.is_file()}))


def ours(*suffixes: str, under: tuple[str, ...] = (*ROOMS, "tests")) -> list[Path]:
    """Files of these kinds below these rooms, without what is vendored."""
    return [
        path
        for path in tracked()
        if path.suffix in suffixes
        and path.relative_to(ROOT).parts[0] in under
        and "vendor" not in path.relative_to(ROOT).parts
    ]


def label(path: Path) -> str:
    """The path as a test's name."""
    return path.relative_to(ROOT).as_posix()


@functools.cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of one Python file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def module_name(path: Path) -> str:
    """`connectors/echo/__init__.py` is `connectors.echo`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module by its full name, where it stands, and whether loading the file runs it."""

    target: str
    line: int
    at_load: bool


def imports(path: Path) -> list[Import]:
    """Everything the file imports, wherever it stands; `from a import b` is a.b where that is a module of ours."""
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    found: list[Import] = []
    for node, at_load in _walk(parsed(path), at_load=True):
        if isinstance(node, ast.Import):
            found += [Import(alias.name, node.lineno, at_load) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            targets = {
                f"{base}.{a.name}" if f"{base}.{a.name}" in our_modules() else base for a in node.names
            }
            found += [Import(target, node.lineno, at_load) for target in sorted(targets)]
    return found


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    base = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def _walk(node: ast.AST, *, at_load: bool) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(node):
        inside = at_load and not isinstance(child, Function | ast.Lambda)
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            inside = False
        yield child, inside
        yield from _walk(child, at_load=inside)


@functools.cache
def our_modules() -> dict[str, Path]:
    """Every Python module below the rooms and tests, by its full name."""
    return {module_name(path): path for path in ours(".py")}


def functions(path: Path) -> Iterator[tuple[Function, int]]:
    """Each function with its number of lines, decorators and docstring not counted."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, Function):
            yield node, (node.end_lineno or node.lineno) - node.lineno + 1 - _docstring_lines(node)


def _docstring_lines(node: Function) -> int:
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is None or len(node.body) == 1:
        return 0
    return (first.end_lineno or first.lineno) - first.lineno + 1


def channels() -> list[Path]:
    """The folders of connectors/ that are a channel each."""
    top = ROOT / "connectors"
    return sorted(
        {path.parent for path in ours(".py", under=("connectors",)) if path.parent.parent == top}
        - {top / name for name in SHARED_BY_CHANNELS}
    )
