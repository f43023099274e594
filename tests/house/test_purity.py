"""What decides is pure: no await, no clock, no chance, no environment, no file, no network. Time and ids are arguments."""

import ast
from pathlib import Path

import pytest

from tests.house import tree

PURE = frozenset(
    {"model", "events", "fold", "engine", "codec", "rules", "policy", "translate", "conditions", "actions"}
)
BANNED_MODULES = frozenset({
    "time", "random", "secrets", "socket", "asyncio", "os", "subprocess", "threading", "concurrent", "multiprocessing", "tempfile",
    "shutil", "urllib.request", "http.client", "smtplib", "imaplib", "sqlite3", "aiohttp", "aiosmtplib", "asyncpg", "redis",
    "websockets", "imapclient", "obstore", "structlog", "logging", "prometheus_client",
})  # fmt: skip
# Calls that read the clock, chance or a file under an innocent import.
BANNED_CALLS = frozenset({
    "now", "utcnow", "today", "uuid1", "uuid4", "getenv", "make_msgid", "localtime", "urandom",
    "read_text", "read_bytes", "write_text", "write_bytes",
})  # fmt: skip
BANNED_NAMES = frozenset({"open", "input", "print"})
_ASYNC = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)


def is_pure(path: Path) -> bool:
    """Tell by its name, or its folder's within the room, whether a module has promised to decide only."""
    names = path.relative_to(tree.ROOT).with_suffix("").parts[1:]
    return any(name in PURE or name.startswith("decide") for name in names)


def breaches(source: ast.Module, label: str) -> list[str]:
    """Name every place where this source does more than decide."""
    found: list[str] = []
    for node in ast.walk(source):
        for what in _what(node):
            found.append(f"{label}:{getattr(node, 'lineno', 0)} {what}")  # noqa: PERF401  # reads better than nesting
    return found


def _what(node: ast.AST) -> list[str]:
    if isinstance(node, _ASYNC):
        return ["awaits"]
    if isinstance(node, ast.Import):
        return [f"imports {alias.name}" for alias in node.names if _banned(alias.name)]
    if isinstance(node, ast.ImportFrom):
        names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        return [f"imports {name}" for name in names if _banned(name)][:1]
    if isinstance(node, ast.Call):
        return _called(node.func)
    return []


def _called(function: ast.expr) -> list[str]:
    if isinstance(function, ast.Attribute) and function.attr in BANNED_CALLS:
        return [f"calls {ast.unparse(function)}"]
    if isinstance(function, ast.Name) and function.id in BANNED_NAMES | BANNED_CALLS:
        return [f"calls {function.id}"]
    return []


def _banned(module: str) -> bool:
    return any(module == banned or module.startswith(f"{banned}.") for banned in BANNED_MODULES)


@pytest.mark.parametrize(
    "path", [p for p in tree.ours(".py", under=tree.ROOMS) if is_pure(p)], ids=tree.label
)
def test_deciding_code_is_pure(path: Path) -> None:
    found = breaches(tree.parsed(path), tree.label(path))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "async def decide(): ...",
        "import time",
        "from os import environ",
        "import asyncio.queues",
        "from datetime import datetime\nx = datetime.now()",
        "import uuid\nx = uuid.uuid4()",
        "x = open('rules.yaml')",
        "from urllib import request",
    ],
)
def test_the_rule_catches(source: str) -> None:
    assert breaches(ast.parse(source), "sample")


@pytest.mark.parametrize(
    "source", ["from datetime import datetime", "def decide(now): return now", "import urllib.parse"]
)
def test_the_rule_lets_be(source: str) -> None:
    assert not breaches(ast.parse(source), "sample")
