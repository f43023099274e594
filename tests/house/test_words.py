"""Names say the field's nouns; every module says what lives in it; nothing unfinished and nothing of one machine is committed."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

from tests.house import tree

FORBIDDEN = re.compile(r"(?<![A-Za-z])(manager|helper|util|impl)s?(?![a-z])", re.IGNORECASE)
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TEXT = frozenset({
    "", ".py", ".js", ".mjs", ".css", ".html", ".md", ".toml", ".yaml", ".yml", ".json", ".sql", ".sh", ".cf", ".lock", ".txt", ".svg",
})  # fmt: skip
# Written in pieces, so that this file does not name what it forbids.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
REGISTRIES = re.compile(
    "|".join(
        re.escape(host)
        for host in [
            "pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "npmjs" + ".com", "unpkg" + ".com", "jsdelivr" + ".net",
            "esm" + ".sh", "crates" + ".io", "rubygems" + ".org", "docker" + ".io", "ghcr" + ".io", "quay" + ".io",
            "deb.debian" + ".org", "proxy.golang" + ".org",
        ]
    )
)  # fmt: skip
MACHINE = re.compile(r"(?<![\w./-])/(?:work|root|home/[a-z]\w*|Users/[A-Za-z]\w*)/")


def _words(name: str) -> str:
    """`SocketManager` and `socket_manager` are both `Socket Manager` to the rule."""
    return _HUMPS.sub(" ", name.replace("_", " "))


def _names(path: Path) -> list[tuple[int, str]]:
    named = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    inside = [(node.lineno, node.name) for node in ast.walk(tree.parsed(path)) if isinstance(node, named)]
    return [(1, path.stem), *inside]


@pytest.mark.parametrize("path", tree.ours(".py"), ids=tree.label)
def test_names_are_nouns_of_the_field(path: Path) -> None:
    wrong = [
        f"{tree.label(path)}:{line} {name}" for line, name in _names(path) if FORBIDDEN.search(_words(name))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", tree.ours(".js", ".mjs"), ids=tree.label)
def test_names_of_the_page_too(path: Path) -> None:
    named = re.findall(r"\b(?:class|function)\s+([A-Za-z_$][\w$]*)", path.read_text("utf-8"))
    assert not [name for name in [path.stem, *named] if FORBIDDEN.search(_words(name))]


@pytest.mark.parametrize("path", tree.ours(".py"), ids=tree.label)
def test_a_module_says_what_lives_in_it(path: Path) -> None:
    said = ast.get_docstring(tree.parsed(path)) or ""
    assert len(said.split()) >= 4, (
        f"{tree.label(path)}: a docstring that says what lives here and what does not"
    )


@pytest.mark.parametrize("path", tree.ours(".py"), ids=tree.label)
def test_protocols_stand_at_the_seams(path: Path) -> None:
    found = [
        f"{tree.label(path)}:{node.lineno} {node.name}"
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).split("[")[0] in {"Protocol", "typing.Protocol"} for base in node.bases)
    ]
    assert not found or path.name in {"ports.py", "contract.py"}, "\n".join(found)


@pytest.mark.parametrize("path", tree.ours(".py"), ids=tree.label)
def test_a_silenced_warning_has_its_reason(path: Path) -> None:
    silent = re.compile(r"#\s*(type:\s*ignore(\[[^\]]*\])?|noqa(:\s*[A-Z0-9, ]+)?)\s*$")
    reader = io.StringIO(path.read_text("utf-8")).readline
    wrong = [
        f"{tree.label(path)}:{token.start[0]} {token.string}"
        for token in tokenize.generate_tokens(reader)
        if token.type == tokenize.COMMENT and silent.search(token.string)
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_unfinished_and_nothing_of_one_machine_is_committed() -> None:
    wrong: list[str] = []
    for path in tree.tracked():
        if path.suffix not in _TEXT or "vendor" in path.parts or path.name == "LICENSE":
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            for rule in (UNFINISHED, REGISTRIES, MACHINE):
                if hit := rule.search(line):
                    wrong.append(f"{tree.label(path)}:{number} {hit.group()}")  # noqa: PERF401  # three loops read better flat
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (UNFINISHED, "# TO" + "DO: later"),
        (REGISTRIES, "https://pypi" + ".org/simple"),
        (MACHINE, "cd /ro" + "ot/parley"),
    ],
)
def test_the_rules_catch(rule: re.Pattern[str], text: str) -> None:
    assert rule.search(text)


@pytest.mark.parametrize("name", ["SocketManager", "parse_helper", "StoreImpl", "utils", "HTTPUtil"])
def test_a_forbidden_name_is_seen(name: str) -> None:
    assert FORBIDDEN.search(_words(name))


@pytest.mark.parametrize("name", ["implicit", "utilisation", "managed", "Store"])
def test_a_good_name_is_let_be(name: str) -> None:
    assert not FORBIDDEN.search(_words(name))
